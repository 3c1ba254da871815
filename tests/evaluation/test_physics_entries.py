"""The entries from latents to galaxies asked for by size and axis ratio, on files."""

import json

import numpy as np
import pandas as pd
import pytest

from galforge.core.files import read_json, write_json
from galforge.core.tables import read_table
from galforge.datasets.latent_file import Latents, write_latents
from galforge.datasets.normalization import normalize
from galforge.datasets.stamp_file import Stamps, read_attributes, read_stamps, write_stamps
from galforge.evaluation import latent_drawing
from galforge.evaluation.drawn_galaxies import measure_shapes
from galforge.evaluation.galaxy_grid import DRAWS, STEPS
from galforge.models.placement import Placement
from tests.helpers.published_model import IN_FLUX, publish_model
from tests.helpers.report_inputs import galaxies
from workflow_scripts.latents import relate_physics
from workflow_scripts.sampling import draw_grid, encode_stamps

COUNT = 80


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a folder with a dataset and an untrained model."""
    monkeypatch.setattr(latent_drawing, "MOST_STEPS", 25)
    flux, widths = galaxies(COUNT, 1)
    random = np.random.default_rng(1)
    catalog = pd.DataFrame(
        {
            "identifier": np.arange(COUNT),
            "width": widths,
            "sersic_axis_ratio": random.uniform(0.3, 1, COUNT),
            "position_angle": random.uniform(0, 3, COUNT),
            "class_folder": np.where(widths > 6, "large", "small"),
        }
    )
    split = np.where(np.arange(COUNT) % 4 == 0, "test", "train")
    write_stamps(
        tmp_path / "dataset.h5", [Stamps(*normalize(flux), catalog=catalog, split=split)], {"dataset": "made"}
    )
    publish_model(tmp_path)
    return tmp_path


def drawn(folder):
    """Run draw_grid and relate_physics; return the grid, its attributes, and the numbers."""
    files = {
        name: folder / file for name, file in (("weights", "weights.safetensors"), ("record", "model.json"))
    }
    files |= {"dataset": folder / "dataset.h5", "latents": folder / "latents.h5"}
    grid = folder / "grid.h5"
    draw_grid.main(draw_grid.Files(**files, stamps=grid), draw_grid.Settings(device="cpu", threads=1, seed=1))
    relate_physics.main(
        relate_physics.Files(
            dataset=files["dataset"],
            latents=files["latents"],
            grid=grid,
            regression=folder / "regression.csv",
            cells=folder / "grid.csv",
            physics=folder / "physics.json",
        ),
        relate_physics.Settings(seed=1),
    )
    return read_stamps(grid), read_attributes(grid), read_json(folder / "physics.json")


def encode(folder):
    """Run encode_stamps."""
    encode_stamps.main(
        encode_stamps.Files(
            weights=folder / "weights.safetensors",
            record=folder / "model.json",
            dataset=folder / "dataset.h5",
            latents=folder / "latents.h5",
        ),
        Placement(device="cpu", threads=1),
    )


def test_a_model_that_encodes_has_a_grid_and_regressions(folder):
    encode(folder)
    grid, attributes, numbers = drawn(folder)
    assert grid.image.shape == (STEPS * STEPS * DRAWS, 1, 64, 64)
    assert (attributes["size"], attributes["shape"], attributes["reason"]) == (
        "width",
        "sersic_axis_ratio",
        "",
    )
    assert json.loads(attributes["flow"])["given"] == ["width", "sersic_axis_ratio", "position_angle"]
    table = read_table(folder / "regression.csv")
    assert set(table["feature"]) == {
        "width", "sersic_axis_ratio", "position_angle_cosine", "position_angle_sine", "class_folder",
    }  # fmt: skip
    assert (table["tested"] == COUNT // 4).all()
    assert numbers["reason"] == ""
    assert [row["feature"] for row in numbers["features"]] == table["feature"].tolist()
    assert len(read_table(folder / "grid.csv")) == STEPS * STEPS
    again, _, repeated = drawn(folder)
    assert (again.image == grid.image).all()
    assert repeated == numbers


@pytest.mark.parametrize("latents", ["none", "few"])
def test_a_training_that_failed_leaves_files_that_say_so(folder, latents):
    reason = "loss became NaN at epoch 2"
    if latents == "none":
        record = read_json(folder / "model.json")
        write_json(folder / "model.json", record | {"status": "failed", "reason": reason})
        encode(folder)
    else:
        reason = f"the latents of only 0 of {COUNT} stamps are finite"
        missing = np.full((COUNT, 4), np.nan, np.float32)
        split = np.where(np.arange(COUNT) % 4 == 0, "test", "train")
        named = {"dataset": "made", "model": "mlp"}
        write_latents(folder / "latents.h5", Latents(missing, missing, np.arange(COUNT), split, named))
    grid, attributes, numbers = drawn(folder)
    assert len(grid) == 0
    assert attributes["reason"] == numbers["reason"] == numbers["grid"]["reason"] == reason
    assert len(read_table(folder / "regression.csv")) == len(read_table(folder / "grid.csv")) == 0


def test_galaxies_in_flux_are_measured_as_they_are(folder):
    publish_model(folder, family="deconvolving_vae", settings=IN_FLUX)
    random = np.random.default_rng(2)
    mean = random.standard_normal((COUNT, 4)).astype(np.float32)
    split = np.where(np.arange(COUNT) % 4 == 0, "test", "train")
    named = {"dataset": "made", "model": "deconvolving"}
    write_latents(folder / "latents.h5", Latents(mean, mean - 3, np.arange(COUNT), split, named))
    grid, attributes, numbers = drawn(folder)
    assert attributes["in_flux"] == 1
    assert grid.image.max() > 1
    size, _ = measure_shapes(grid.image, in_flux=True, major=True)
    found = read_table(folder / "grid.csv")["size"]
    assert found.to_numpy() == pytest.approx(
        np.nanmean(size.reshape(-1, DRAWS), axis=1), nan_ok=True, rel=1e-6
    )
    assert numbers["grid"]["galaxies"] == STEPS * STEPS * DRAWS


def test_a_flow_that_fails_costs_the_grid_alone(folder, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("injected")

    encode(folder)
    monkeypatch.setattr(draw_grid, "draw_grid", fail)
    grid, _, numbers = drawn(folder)
    assert len(grid) == 0
    assert numbers["grid"]["reason"] == "it could not be drawn (ZeroDivisionError: injected)"
    assert numbers["features"]
