"""Networks from places to pixels: what they are given, what they draw, and what that is worth."""

import io
import math

import numpy as np
import pytest
import torch
from PIL import Image

from galforge.core.errors import InputError
from galforge.training.recipe import Optimizer, Recipe
from galforge.training.state import StateStore
from galforge.upscaling.fitting import fit, measures
from galforge.upscaling.painter import Painter, grid
from galforge.upscaling.pictures import (
    enlarged,
    picture_content,
    read_drawn,
    read_pair,
    signal_to_noise,
    write_picture,
)
from galforge.upscaling.settings import PictureSource, UpscalerSettings, UpscalerTraining
from tests.helpers.entries import run_stage
from workflow_scripts.upscaling import fit_upscaler, plot_upscaled


def settings(**changes):
    stated = {
        "size": 16, "drawn_size": 48, "layers": 3, "width": 24, "activation": "tanh", "channels": 3,
        "threshold": None,
    }  # fmt: skip
    return UpscalerSettings(**{**stated, **changes})


def png(pixels):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG")
    return stream.getvalue()


def ramp(side):
    """A colour that follows the place: red to the right, green downwards."""
    step = np.linspace(0, 255, side)
    red, green = np.meshgrid(step, step)
    return np.stack([red, green, np.full((side, side), 100)], axis=-1).round().astype(np.uint8)


def test_the_ratio_of_signal_to_noise_is_that_of_its_definition():
    truth = np.zeros((4, 4, 1), dtype=np.float32)
    assert signal_to_noise(truth + np.float32(0.1), truth) == pytest.approx(20, abs=1e-5)
    assert signal_to_noise(truth, truth) == math.inf


def test_places_run_row_by_row_over_the_middles_of_pixels():
    assert grid(2).tolist() == [[-0.5, -0.5], [0.5, -0.5], [-0.5, 0.5], [0.5, 0.5]]


def test_the_fitted_picture_is_the_mean_of_the_held_out_pixels():
    pair = read_pair(png(ramp(48)), "ramp", settings())
    assert pair.fitted.shape == (16, 16, 3) and pair.truth.shape == (48, 48, 3)
    blocks = pair.truth.reshape(16, 3, 16, 3, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(pair.fitted, blocks, atol=1e-6)
    larger = read_pair(png(ramp(96)), "ramp", settings())
    assert larger.truth.shape == (48, 48, 3), "as large as it is drawn"


def test_a_binary_mapping_is_of_black_and_white():
    grey = np.zeros((32, 32), dtype=np.uint8)
    grey[:, 20:] = 255
    pair = read_pair(png(grey), "half", settings(channels=1, threshold=0.5))
    assert set(np.unique(pair.fitted)) == {0, 1}
    assert pair.truth[:, 20:].all() and not pair.truth[:, :20].any()


@pytest.mark.parametrize(
    ("content", "changes", "words"),
    [
        (png(ramp(16)), {}, "is 16 px, and what is fitted has 16; allowed: larger pictures"),
        (png(ramp(48)[..., 0]), {}, "grey, not colour"),
        (b"no picture", {}, "not an image"),
    ],
)
def test_a_picture_that_will_not_do_is_refused(content, changes, words):
    with pytest.raises(InputError, match="picture: .*" + words.split(";")[0]):
        read_pair(content, "picture", settings(**changes))


@pytest.mark.parametrize(
    "given",
    [{}, {"path": "a", "scikit_image": "coffee"}, {"survey": "a"}, {"path": "a", "number": 1}],
)
def test_a_picture_has_one_source(given):
    with pytest.raises(ValueError, match="path, or scikit_image, or survey with number"):
        PictureSource(**given)


def test_the_picture_that_scikit_image_ships_is_in_colour():
    pair = read_pair(
        picture_content(PictureSource(scikit_image="astronaut"), None), "astronaut", settings(drawn_size=256)
    )
    assert pair.truth.shape == (256, 256, 3)


def test_a_network_has_the_weights_of_its_layers():
    painter = Painter(settings(layers=7, width=20))
    counted = (2 * 20 + 20) + 6 * (20 * 20 + 20) + (20 * 3 + 3)
    assert sum(p.numel() for p in painter.parameters()) == counted == 2_643


@pytest.mark.parametrize("activation", ["relu", "tanh", "sine"])
def test_a_smooth_picture_is_learnt_and_drawn_larger(tmp_path, activation):
    pair = read_pair(png(ramp(48)), "ramp", settings())
    stated = settings(activation=activation)
    training = UpscalerTraining(
        device="cpu",
        threads=1,
        upscaler="u",
        picture="ramp",
        source=PictureSource(path="ramp"),
        settings=stated,
        recipe=Recipe(64, 80, Optimizer(3e-3 if activation != "sine" else 1e-3)),
        seed=1,
    )
    painter, outcome = fit(training, pair, StateStore(tmp_path, "key"))
    assert outcome.status == "ok"
    found = measures(painter, pair)
    assert found["network"] > found["constant"] + 10
    assert found["network"] > 22
    drawn = painter.drawn(96)
    assert drawn.shape == (96, 96, 3)
    assert torch.isfinite(drawn).all()
    # Red rises to the right, green downwards, in the large picture as in the given one.
    assert float(drawn[:, -8:, 0].mean() - drawn[:, :8, 0].mean()) > 0.5
    assert float(drawn[-8:, :, 1].mean() - drawn[:8, :, 1].mean()) > 0.5


def entry_settings(**changes):
    return {
        "upscaler": "u", "picture": "ramp",
        "settings": {
            "size": 16, "drawn_size": 48, "layers": 1, "width": 4, "activation": "tanh", "channels": 3,
            "threshold": None,
        },
        **changes,
    }  # fmt: skip


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """What is published of a network, and the picture that it is fitted to."""
    folder = tmp_path_factory.mktemp("fitted")
    source = {"path": str(folder / "ramp.png")}
    (folder / "ramp.png").write_bytes(png(ramp(48)))
    recipe = {"batch_size": 64, "epochs": 2, "optimizer": {"learning_rate": 1e-3}}
    files = {
        "weights": folder / "weights.safetensors", "history": folder / "history.csv",
        "record": folder / "record.json", "drawn": folder / "drawn.png",
    }  # fmt: skip
    settings = entry_settings(source=source, recipe=recipe, seed=1, device="cpu", threads=1)
    run_stage(fit_upscaler, settings, **files, state=folder / "state")
    return source, files


def test_a_figure_is_drawn_from_what_was_published(fitted, tmp_path):
    source, files = fitted
    asked = {name: files[name] for name in ("record", "drawn")}
    figure = tmp_path / "upscaled.png"
    run_stage(plot_upscaled, entry_settings(source=source), **asked, figures=(figure,))
    assert figure.is_file() and figure.with_suffix(".pdf").is_file()


def test_a_figure_that_cannot_be_drawn_costs_no_fit(fitted, tmp_path, monkeypatch, capsys):
    source, files = fitted
    before = {name: path.read_bytes() for name, path in files.items()}

    def fails(*arguments):
        raise ValueError("no ink")

    monkeypatch.setattr(plot_upscaled, "upscaled_figure", fails)
    asked = {name: files[name] for name in ("record", "drawn")}
    figure = tmp_path / "upscaled.png"
    run_stage(plot_upscaled, entry_settings(source=source), **asked, figures=(figure,))
    assert "no ink" in capsys.readouterr().err
    assert before == {name: path.read_bytes() for name, path in files.items()}


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_is_read_as_it_was_written(tmp_path, channels):
    pixels = np.random.default_rng(0).random((9, 7, channels)).astype(np.float32)
    write_picture(tmp_path / "drawn.png", pixels)
    read = read_drawn(tmp_path / "drawn.png")
    assert read.shape == pixels.shape and read.dtype == np.float32
    assert np.abs(read - pixels).max() < 0.51 / 255


def test_bicubic_interpolation_keeps_to_the_range_and_the_middle():
    pair = read_pair(png(ramp(48)), "ramp", settings())
    large = enlarged(pair.fitted, 48)
    assert large.shape == (48, 48, 3)
    assert large.min() >= 0 and large.max() <= 1
    assert signal_to_noise(large, pair.truth) > 35
