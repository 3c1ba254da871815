"""Figure 1 of Danilov (2020): the same galaxy by the formula and by cropping."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from PIL import Image

from galforge.core.errors import InputError
from galforge.core.seeds import derive_seed
from galforge.figures.scale_and_crop import scale_and_crop_figure
from galforge.figures.style import WARNING
from galforge.imaging.rendering import Frame, render_galaxy
from galforge.simulation.drawing import Simulation
from galforge.survey.manifest import write_manifest
from galforge.survey.observation import ObservationReader
from galforge.survey.reading import open_survey
from galforge.survey.simulated import simulate_survey
from tests.helpers.entries import run_stage
from workflow_scripts.dataset import plot_rendering


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    settings = Simulation(seed=3, count=4, magnitude_limit=21.5, companion_fraction=0.0, psf_count=1)
    manifest = simulate_survey(settings, tmp_path_factory.mktemp("survey"), processes=1)
    write_manifest(manifest.path / "survey.json", replace(manifest, directory="."))
    return manifest


def test_the_largest_galaxy_that_is_kept_is_chosen():
    table = pd.DataFrame(
        {
            "identifier": [15, 16, 17],
            "survey_row": [5, 6, 7],
            "original_size": [90, 300, 200],
            "kept": [True, False, True],
        }
    )
    assert plot_rendering.largest_galaxy(table) == (17, 7)


def test_panels_say_what_they_hold_and_a_frame_shows_the_crop(manifest):
    reader = ObservationReader(open_survey(manifest).real_cat)
    fitted, cropped = (render_galaxy(reader, 0, frame, seed=1) for frame in (Frame(64), Frame(64, 0.03)))
    figure = scale_and_crop_figure(fitted, cropped)
    left, right = figure.axes
    assert f"{fitted.pixel_scale:.3g} arcsec" in left.get_title(loc="left")
    assert f"{100 * cropped.flux_fraction:.1f} % of the flux" in right.get_title(loc="left")
    frame = left.patches[0]
    assert frame.get_width() == pytest.approx(64 * 0.03 / fitted.pixel_scale)
    assert frame.get_x() + frame.get_width() / 2 == pytest.approx(31.5)
    # What the frame holds is what the right panel shows: the same light on other pixels.
    low, high = round(32 - frame.get_width() / 2), round(32 + frame.get_width() / 2)
    assert fitted.image[low:high, low:high].sum() == pytest.approx(cropped.image.sum(), rel=0.1)


def draw(manifest, folder):
    table = pd.DataFrame(
        {"identifier": range(4), "survey_row": range(4), "original_size": [90, 80, 200, 70], "kept": True}
    )
    table.to_csv(folder / "selection.csv", index=False)
    files = {"survey": manifest, "selection": folder / "selection.csv", "figures": (folder / "figure.png",)}
    run_stage(plot_rendering, {"size": 64, "seed": 1}, **files)


def test_the_entry_draws_the_galaxy_as_the_dataset_has_it(manifest, tmp_path, monkeypatch):
    seeds = []

    def drawn(reader, row, frame, seed):
        seeds.append(seed)
        return render_galaxy(reader, row, frame, seed)

    monkeypatch.setattr(plot_rendering, "render_galaxy", drawn)
    draw(manifest.path / "survey.json", tmp_path)
    picture = imread(tmp_path / "figure.png")[..., :3]
    assert picture.std() > 0.1
    assert np.ptp(picture[100:300, 500:800]) > 0.3
    assert seeds == [derive_seed(1, "noise padding", 2)] * 2, "render_stamps' own, of identifier 2"


def test_a_survey_that_has_changed_since_it_was_described_is_refused(manifest, tmp_path):
    folder = shutil.copytree(manifest.path, tmp_path / "survey")
    (images,) = {Path(name).name for name in open_survey(manifest).real_cat.gal_file_name}
    content = bytearray((folder / images).read_bytes())
    content[-3000] ^= 1
    (folder / images).write_bytes(content)
    with pytest.raises(InputError, match=r"cannot be drawn .*is not the file that the survey was described"):
        draw(folder / "survey.json", tmp_path)
    assert not (tmp_path / "figure.png").exists()


def test_a_galaxy_that_cannot_be_cropped_costs_the_figure_alone(manifest, tmp_path, monkeypatch):
    """It stopped the run, though every stamp of the dataset had been drawn."""

    def drawn(reader, row, frame, seed):
        stamp = render_galaxy(reader, row, frame, seed)
        return stamp if frame.pixel_scale is None else replace(stamp, status="drawing: too large")

    monkeypatch.setattr(plot_rendering, "render_galaxy", drawn)
    draw(manifest.path / "survey.json", tmp_path)
    with Image.open(tmp_path / "figure.png") as picture:
        assert picture.info[WARNING] == "ValueError: the galaxy cannot be cropped (drawing: too large)"


def test_a_selection_that_keeps_nothing_is_said_in_words(manifest, tmp_path):
    """It was a traceback, in the way of the message that says how to widen the limits."""
    table = pd.DataFrame({"identifier": [1], "survey_row": [0], "original_size": [90], "kept": [False]})
    table.to_csv(tmp_path / "selection.csv", index=False)
    files = {"survey": manifest.path / "survey.json", "selection": tmp_path / "selection.csv"}
    run_stage(plot_rendering, {"size": 64, "seed": 1}, **files, figures=(tmp_path / "figure.png",))
    assert imread(tmp_path / "figure.png").std() > 0
