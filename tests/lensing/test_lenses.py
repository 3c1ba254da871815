"""Galaxies behind lenses: deflections, light, networks of sources, scores, and the stages in turn."""

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.image import imread

from galforge.configuration.mappings import canonical
from galforge.configuration.runs import further_of, lensed_pairs
from galforge.configuration.stages.lensing import lens_settings
from galforge.configuration.stages.training import device_settings
from galforge.configuration.validation import validate_configuration
from galforge.core.command_line import parse_settings
from galforge.core.errors import ConfigurationError
from galforge.core.files import read_json, write_json
from galforge.core.tables import read_table
from galforge.datasets.conditions import Condition
from galforge.datasets.stamp_file import read_attributes, read_catalog
from galforge.datasets.stamp_parts import opened_stamps
from galforge.figures.lenses import lens_score_figure
from galforge.figures.style import INK, REAL, model_style
from galforge.imaging.stamp_psf import through_psf
from galforge.lensing.deflection import COLUMNS, deflection
from galforge.lensing.lens_files import read_lenses, read_reconstructions
from galforge.lensing.lens_settings import Lenses, LensesOfSources, trained_on
from galforge.lensing.lensed_light import draw_lenses, lensed_light
from galforge.lensing.source_light import chosen_rows
from galforge.lensing.source_reader import read_sources, train_reader
from galforge.lensing.source_scores import score_table, scores_of_each
from tests.helpers.configurations import default, overlaid
from tests.helpers.entries import run_stage
from tests.helpers.flux_survey import FLUX_SCALE, SCALE, psfs, write_dataset
from tests.helpers.further_packages import install, run_tests_with
from tests.helpers.published_model import IN_FLUX, publish_model
from workflow_scripts.lensing import draw_lenses as draw_stage
from workflow_scripts.lensing import judge_lenses, plot_lenses, train_source_reader

SIZE = 48


def lens(radius=1.0, ratio=0.7, angle=0.4, shear_1=0.03, shear_2=-0.02, x=0.1, y=-0.05):
    place = {"source_x": x, "source_y": y}
    return pd.DataFrame([dict(zip(COLUMNS, (radius, ratio, angle, shear_1, shear_2), strict=True)) | place])


def points(count=40):
    return np.random.default_rng(1).uniform(-2, 2, (2, 1, count))


def test_a_round_lens_deflects_by_its_radius_towards_its_middle():
    x, y = points()
    a, b = deflection(x, y, lens(radius=1.3, ratio=1, shear_1=0, shear_2=0))
    distance = np.hypot(x, y)
    np.testing.assert_allclose(a, 1.3 * x / distance, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(b, 1.3 * y / distance, rtol=1e-5, atol=1e-6)


def test_the_divergence_of_the_deflection_is_twice_the_convergence_and_it_has_no_curl():
    x, y = points()
    step = 1e-5

    def slopes(table):
        right, left = deflection(x + step, y, table), deflection(x - step, y, table)
        above, below = deflection(x, y + step, table), deflection(x, y - step, table)
        pairs = zip((*right, *above), (*left, *below), strict=True)
        return [(one - two) / (2 * step) for one, two in pairs]

    xx, yx, xy, yy = slopes(table := lens())
    along = np.cos(0.4) * x + np.sin(0.4) * y
    across = np.cos(0.4) * y - np.sin(0.4) * x
    convergence = 1 / (2 * np.sqrt(0.7 * along**2 + across**2 / 0.7))
    np.testing.assert_allclose((xx + yy) / 2, convergence, rtol=1e-5)
    np.testing.assert_allclose(xy, yx, atol=1e-6)
    # The external shear alone.
    xx, yx, _, yy = slopes(table.assign(einstein_radius=0.0))
    assert ((xx - yy) / 2).mean() == pytest.approx(0.03, abs=1e-9)
    assert yx.mean() == pytest.approx(-0.02, abs=1e-9)


def blob(sigma=4.0):
    y, x = np.indices((SIZE, SIZE)) - (SIZE - 1) / 2
    return np.exp(-((x - 3) ** 2 + y**2) / (2 * sigma**2))[None].astype(np.float32)


def test_without_a_lens_a_galaxy_is_itself_smaller_and_where_it_is_put():
    nothing = lens(radius=0.0, shear_1=0, shear_2=0, x=0.24, y=-0.12)
    seen = lensed_light(blob(), nothing, SCALE / 2, SCALE)[0]
    y, x = (np.indices(seen.shape) - (SIZE - 1) / 2) * SCALE
    assert seen.sum() == pytest.approx(blob().sum(), rel=0.01)
    assert (seen * x).sum() / seen.sum() == pytest.approx(0.24 + 3 * SCALE / 2, abs=1e-3)
    assert (seen * y).sum() / seen.sum() == pytest.approx(-0.12, abs=1e-3)


def test_a_point_behind_a_round_lens_is_a_ring_of_its_radius():
    ring = lensed_light(blob(1.0), lens(0.9, 1, 0, 0, 0, -3 * SCALE / 2, 0.0), SCALE / 2, SCALE)[0]
    y, x = (np.indices(ring.shape) - (SIZE - 1) / 2) * SCALE
    radius = np.hypot(x, y)
    assert (ring * radius).sum() / ring.sum() == pytest.approx(0.9, rel=0.01)
    assert ring[np.abs(radius - 0.9) > 0.2].max() < 1e-3 * ring.max()
    # All around: as much light in each quarter.
    quarters = [ring[(x * a > 0) & (y * b > 0)].sum() / ring.sum() for a in (1, -1) for b in (1, -1)]
    assert quarters == pytest.approx([0.25] * 4, rel=0.02)


def test_lenstronomy_lenses_a_galaxy_in_the_same_way():
    lens_model = pytest.importorskip("lenstronomy.LensModel.lens_model")
    light_model = pytest.importorskip("lenstronomy.LightModel.light_model")
    param_util = pytest.importorskip("lenstronomy.Util.param_util")
    from galforge.lensing.sources import lenstronomy_source

    e1, e2 = param_util.phi_q2_ellipticity(0.4, 0.7)
    theirs = lens_model.LensModel(["SIE", "SHEAR"])
    known = [{"theta_E": 1.0, "e1": e1, "e2": e2}, {"gamma1": 0.03, "gamma2": -0.02}]
    x, y = points()
    for ours, their in zip(deflection(x, y, lens()), theirs.alpha(x.ravel(), y.ravel(), known), strict=True):
        np.testing.assert_allclose(ours.ravel(), their, atol=1e-4)
    side, fine = 3 * SIZE, SCALE / 3
    y, x = (np.indices((side, side)) - (side - 1) / 2) * fine
    source = lenstronomy_source(blob()[0], SCALE / 2, x=0.1, y=-0.05)
    shot = theirs.ray_shooting(x.ravel(), y.ravel(), known)
    bright = light_model.LightModel(["INTERPOL"]).surface_brightness(*shot, [source]).reshape(side, side)
    picture = bright.reshape(SIZE, 3, SIZE, 3).mean(axis=(1, 3)) * SCALE**2
    seen = lensed_light(blob(), lens(), SCALE / 2, SCALE)[0]
    assert seen.sum() == pytest.approx(picture.sum(), rel=2e-3)
    assert np.abs(seen - picture).max() < 0.02 * picture.max()


@pytest.mark.slow
def test_lenstronomy_itself_lenses_a_galaxy_in_the_same_way(tmp_path):
    install(tmp_path, "lenstronomy", "numba", "llvmlite", "mpmath", dependencies=False)
    assert "1 passed" in run_tests_with(tmp_path, __file__, "lenstronomy_lenses")


def test_lenses_lie_within_their_bounds_and_come_again_with_their_seed():
    settings = Lenses(einstein_radius=(0.5, 0.8), offset=0.2)
    table = draw_lenses(500, settings, 3)
    assert table["einstein_radius"].between(0.5, 0.8).all() and table["lens_axis_ratio"].between(0.6, 1).all()
    assert np.hypot(table["source_x"], table["source_y"]).between(0, 0.2).all()
    assert np.hypot(table["shear_1"], table["shear_2"]).max() <= 0.05
    pd.testing.assert_frame_equal(table, draw_lenses(500, settings, 3))


def test_a_network_learns_what_is_in_pictures_and_is_the_same_again():
    rng = np.random.default_rng(1)
    latents = torch.from_numpy(rng.normal(2, 3, (240, 2))).float()
    y, x = np.indices((32, 32)) / 16 - 1
    first, second = latents.numpy().T[:, :, None, None, None]
    images = (5 * (first * x + second * y)).astype(np.float32)
    settings = Lenses(epochs=12, batch_size=16)
    reader, history = train_reader(images, latents, settings, 1)
    assert min(row["validation"] for row in history) < 0.3, "1 is the mean of all"
    again, _ = train_reader(images, latents, settings, 1)
    assert torch.equal(read_sources(reader, images), read_sources(again, images))


def test_no_galaxy_is_both_trained_on_and_for_validation_where_each_is_behind_several_lenses(tmp_path):
    write_dataset(tmp_path / "dataset.h5", train=20, test=10)
    rows = chosen_rows(tmp_path / "dataset.h5", "survey", 95, 1)
    kept = trained_on(95)
    assert len(rows) == 95 and len(set(rows)) == 20, "all are behind lenses"
    assert not set(rows[:kept]) & set(rows[kept:])
    few = chosen_rows(tmp_path / "dataset.h5", "survey", 20, 1)
    assert len(set(few)) == 20, "each once"
    held_out = chosen_rows(tmp_path / "dataset.h5", "held_out", 25, 1)
    assert np.bincount(np.unique(held_out, return_counts=True)[1]).tolist() == [0, 0, 5, 5]


def test_scores_are_those_of_their_definitions():
    rng = np.random.default_rng(1)
    sources = np.abs(rng.normal(size=(4, 32, 32))) + 1
    made = sources * 1.1
    each = scores_of_each(made, sources)
    error = np.mean((0.1 * sources) ** 2, axis=(1, 2))
    assert each["psnr"].to_numpy() == pytest.approx(10 * np.log10(sources.max(axis=(1, 2)) ** 2 / error))
    assert each["flux"].to_numpy() == pytest.approx([-2.5 * np.log10(1.1)] * 4)
    assert scores_of_each(sources, sources)["ssim"].to_numpy() == pytest.approx(np.ones(4))
    table = score_table({"right": sources * 1.01, "wrong": np.roll(sources, 5, axis=2)}, sources)
    assert table["ssim"][0] > table["ssim"][1] and table["psnr"][0] > table["psnr"][1]
    assert table["lenses"].tolist() == [4, 4] and table["flux_scatter"][0] == pytest.approx(0, abs=1e-12)


LENSES = {"count": 24, "held_out": 6, "einstein_radius": [0.5, 0.8], "epochs": 1, "batch_size": 8}
PLACE = {"device": "cpu", "threads": 1}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Lenses of each kind, networks, scores and figures, by the stages."""
    folder = tmp_path_factory.mktemp("lenses")
    write_dataset(folder / "dataset.h5", train=20, test=10)
    magnitude = Condition("mag_auto", "number", 22.0, 0.5, 19.0, 23.5, 0)
    publish_model(
        folder, (1, SIZE, SIZE), conditions=(magnitude,), family="deconvolving_vae", settings=IN_FLUX
    )
    run_stages(folder)
    return folder


def run_stages(folder):
    model = {"weights": folder / "weights.safetensors", "record": folder / "model.json"}
    for kind in ("held_out", "survey", "model", "sersic"):
        settings = {"lenses": LENSES, "sources": kind, "seed": 1, **PLACE}
        lenses = folder / f"{kind}.h5"
        run_stage(draw_stage, settings, dataset=folder / "dataset.h5", lenses=lenses, **model)
        (folder / kind).mkdir(exist_ok=True)
        if kind != "held_out":
            reader, record = (folder / kind / name for name in ("weights.safetensors", "network.json"))
            run_stage(
                train_source_reader, settings, lenses=lenses, reader=reader, reader_record=record, **model
            )
    readers = tuple(folder / kind / "weights.safetensors" for kind in ("model", "survey", "sersic"))
    results = {"scores": folder / "scores.csv", "reconstructions": folder / "reconstructions.h5"}
    training = {"held_out": folder / "held_out.h5", "training": folder / "survey.h5"}
    run_stage(judge_lenses, PLACE, readers=readers, **training, **results, **model)
    figures = (folder / "lensed_sources.png", folder / "lens_scores.png")
    run_stage(plot_lenses, {"label": "A flow", "position": 1}, figures=figures, **results)


def test_a_lensed_picture_is_the_source_through_lens_and_psf_with_the_surveys_noise(made):
    images, sources = read_lenses(made / "held_out.h5")
    table = read_catalog(made / "held_out.h5")
    dataset = read_catalog(made / "dataset.h5")
    assert len(images) == 6 and images.shape[1:] == (1, SIZE, SIZE)
    rows = [int(np.flatnonzero(dataset["identifier"] == name)[0]) for name in table["identifier"]]
    assert (dataset["split"].iloc[rows] == "test").all(), "held out"
    with opened_stamps(made / "dataset.h5") as file:
        truth, index = file["truth/image"][:][rows, 0], file["psf/index"][:][rows]
    assert np.array_equal(sources, truth)
    light = lensed_light(sources * 0.25, table, SCALE / 2, SCALE)
    noise = images[:, 0] - through_psf(light, psfs()[index])
    assert noise.std() == pytest.approx(1, rel=0.05), "in units of the noise"
    assert abs(noise.mean()) < 0.05
    assert read_attributes(made / "held_out.h5")["flux_scale"] == FLUX_SCALE


def test_each_kind_has_its_own_sources_of_the_same_training_galaxies(made):
    kinds = {kind: read_lenses(made / f"{kind}.h5")[1] for kind in ("survey", "model", "sersic")}
    catalogs = [read_catalog(made / f"{kind}.h5") for kind in kinds]
    assert all(each["identifier"].tolist() == catalogs[0]["identifier"].tolist() for each in catalogs)
    held_out = read_catalog(made / "held_out.h5")["identifier"]
    assert not set(catalogs[0]["identifier"]) & set(held_out)
    # The survey that is made up has Sersic galaxies; an untrained model has others.
    np.testing.assert_allclose(kinds["sersic"], kinds["survey"], rtol=1e-3, atol=1e-3)
    assert not np.allclose(kinds["model"], kinds["survey"], rtol=0.1, atol=0.1)


def test_every_network_is_judged_on_the_same_lenses_and_what_it_made_is_kept(made):
    table = read_table(made / "scores.csv")
    assert table["reconstruction"].tolist() == ["model", "survey", "sersic", "unlensed", "mean"]
    assert (table["lenses"] == 6).all() and np.isfinite(table["psnr"]).all()
    kept, (_, sources) = read_reconstructions(made / "reconstructions.h5"), read_lenses(made / "held_out.h5")
    again = score_table({name: kept[name] for name in table["reconstruction"]}, sources)
    np.testing.assert_allclose(again["psnr"], table["psnr"], rtol=1e-6)
    assert (kept["mean"] == read_lenses(made / "survey.h5")[1].mean(axis=0)).all()
    for name in ("lensed_sources", "lens_scores"):
        picture = imread(made / f"{name}.png")
        assert picture[..., :3].std() > 0.05, name


def test_the_figure_of_the_scores_has_the_models_name_and_colour(made):
    style = model_style(1)
    panels = lens_score_figure(read_table(made / "scores.csv"), "A flow", style).axes
    names = [label.get_text() for label in panels[0].get_yticklabels()]
    assert names == [
        "trained on the survey's galaxies", "trained on galaxies of A flow", "trained on single-Sersic fits",
        "A flow, given the source", "mean training source",
    ]  # fmt: skip
    colours = [points.lines[0].get_color() for points in panels[0].containers]
    assert colours == [REAL, style.colour, INK, style.colour, REAL]


def test_a_training_that_failed_has_no_lenses_and_the_figures_say_so(made, tmp_path):
    write_dataset(tmp_path / "dataset.h5", train=4, test=2)
    record = read_json(made / "model.json")
    write_json(tmp_path / "model.json", {**record, "status": "failed", "reason": "diverged"})
    run_stages(tmp_path)
    assert not len(read_table(tmp_path / "scores.csv"))
    assert read_json(tmp_path / "model" / "network.json")["reason"] == "diverged"


def test_lenses_are_off_by_default_and_of_models_in_flux_alone():
    validate_configuration(config := overlaid("config/lenses.yaml"))
    assert lensed_pairs(default()) == []
    assert lensed_pairs(config) == [("flux_cosmos", "flow_vae")]
    further = further_of(config, "flux_cosmos", "flow_vae")
    assert further == ["explorer", "asked", "shear", "lensed_sources", "lens_scores"]
    settings = parse_settings_of(config)
    assert settings.lenses == Lenses(**config["lenses"]) and settings.sources == "sersic"
    assert device_settings(config).keys() == {"device", "threads"}
    for wrong, words in (
        ({"einstein_radius": [2, 1]}, r"lenses\.einstein_radius is \[2, 1\].*allowed: least, then largest"),
        ({"largest_shear": 0.5}, r"lenses\.largest_shear is 0\.5"),
        ({"radius": 1}, r"unknown key .lenses\.radius.*einstein_radius"),
    ):
        with pytest.raises(ConfigurationError, match=words):
            validate_configuration({**config, "lenses": wrong})


def parse_settings_of(config):
    return parse_settings(LensesOfSources, canonical(lens_settings(config, "sersic")))
