"""A grid of galaxies by size and axis ratio: what is asked, what a flow draws, and what is measured."""

import galsim
import numpy as np
import pandas as pd
import pytest
import torch

from galforge.datasets.stamp_file import Stamps
from galforge.evaluation import latent_drawing
from galforge.evaluation.drawn_galaxies import measure_shapes
from galforge.evaluation.galaxy_grid import (
    DRAWS,
    STEPS,
    Axes,
    asked_grid,
    asked_values,
    axes_of,
    follow,
    given_columns,
    grid_table,
)
from galforge.evaluation.latent_drawing import Known, draw_grid, fit_flow

COUNT = 400
AXES = Axes("width", "sersic_axis_ratio")


@pytest.fixture(scope="module")
def known():
    """Return galaxies whose first latent is their width and whose second is their axis ratio."""
    random = np.random.default_rng(1)
    catalog = pd.DataFrame(
        {
            "width": random.uniform(3, 9, COUNT),
            "sersic_axis_ratio": random.uniform(0.2, 1, COUNT),
            "position_angle": random.uniform(0, np.pi, COUNT),
            "pixel_scale": random.uniform(0.03, 0.1, COUNT),
        }
    )
    noise = random.standard_normal(COUNT)
    mean = np.stack([catalog["width"], 10 * catalog["sersic_axis_ratio"], noise], axis=1)
    split = np.where(np.arange(COUNT) % 4 == 0, "validation", "train")
    return Known(mean, np.full_like(mean, 0.05), catalog, split)


@pytest.fixture(scope="module")
def drawn(known):
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latent_drawing, "MOST_STEPS", 300)
        return draw_grid(known, AXES, 1)


def test_latents_follow_what_was_asked(drawn):
    latents, asked = drawn.latents, drawn.asked
    assert latents.shape == (STEPS * STEPS * DRAWS, 3)
    assert np.corrcoef(latents[:, 0], asked["width"])[0, 1] > 0.95
    assert np.corrcoef(latents[:, 1], asked["sersic_axis_ratio"])[0, 1] > 0.95
    assert abs(np.corrcoef(latents[:, 0], asked["sersic_axis_ratio"])[0, 1]) < 0.2
    assert drawn.facts["given"] == ["width", "sersic_axis_ratio", "position_angle"]
    # Two latents are known to within 5 % of their scatter once their features are.
    assert drawn.facts["validation_loss_untold"] - drawn.facts["validation_loss"] > 2
    table = grid_table((asked["width"].to_numpy(), asked["sersic_axis_ratio"].to_numpy()), *latents.T[:2])
    found = follow(table)
    assert found["size"]["slope"] == pytest.approx(1, abs=0.15)
    assert found["axis_ratio"]["slope"] == pytest.approx(10, abs=1.5)


def test_the_flow_is_the_same_again_and_draws_nothing_from_torchs_own_stream(known, monkeypatch):
    monkeypatch.setattr(latent_drawing, "MOST_STEPS", 25)
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first = fit_flow(known, AXES, 2)
    assert torch.rand(1) == expected
    torch.manual_seed(6)
    second = fit_flow(known, AXES, 2)
    assert first.facts == second.facts
    assert all(
        torch.equal(*pair) for pair in zip(first.flow.parameters(), second.flow.parameters(), strict=True)
    )


def test_a_training_ends_where_the_validation_split_gains_nothing(known, monkeypatch):
    monkeypatch.setattr(latent_drawing, "_loss", lambda *_: 1.0)
    facts = fit_flow(known, AXES, 1).facts
    assert facts["steps"] == latent_drawing.CHECKED * latent_drawing.PATIENCE


def test_where_nothing_can_be_drawn_is_the_reason(known):
    lacking = axes_of(known.catalog[["position_angle"]])
    assert draw_grid(known, lacking, 1).reason == "the dataset says no size and no axis ratio of its galaxies"
    few = known.part(np.arange(COUNT) < 20)
    assert draw_grid(few, AXES, 1).reason == "there are only 15 training galaxies"


def test_the_size_is_that_on_the_stamp(known):
    catalog = known.catalog.assign(flux_radius=known.catalog["width"] * 3)
    assert axes_of(catalog).size == "width", "each galaxy has a pixel scale of its own"
    assert axes_of(catalog.assign(pixel_scale=0.06)).size == "flux_radius"
    pictures = catalog[["width"]].assign(ellipticity=1 - catalog["sersic_axis_ratio"])
    assert axes_of(pictures) == Axes("width", "ellipticity")
    assert given_columns(axes_of(pictures), pictures) == ["width", "ellipticity"]


def test_what_is_asked_grows_along_rows_and_columns(known):
    pictures = known.catalog[["width"]].assign(ellipticity=1 - known.catalog["sersic_axis_ratio"])
    for axes, catalog in ((AXES, known.catalog), (Axes("width", "ellipticity"), pictures)):
        asked = asked_grid(axes, catalog)
        stamps = Stamps.plain(np.zeros((len(asked), 1, 2, 2), np.float32))
        object.__setattr__(stamps, "catalog", asked)
        size, ratio = (values.reshape(STEPS, STEPS, DRAWS) for values in asked_values(stamps, axes))
        assert size[0, :, 0] == pytest.approx(np.linspace(*np.percentile(catalog["width"], [10, 90]), STEPS))
        ends = np.percentile(known.catalog["sersic_axis_ratio"], [10, 90])
        assert ratio[:, 0, 0] == pytest.approx(np.linspace(*ends, STEPS))
        assert (np.ptp(size, axis=(0, 2)) == 0).all()
        assert (np.ptp(ratio, axis=(1, 2)) == 0).all()


def test_shapes_are_those_of_the_galaxies_that_galsim_drew():
    asked = [(3.0, 0.5), (5.0, 0.8), (4.0, 1.0)]
    images = [
        galsim.Gaussian(sigma=sigma * np.sqrt(ratio)).shear(q=ratio, beta=0 * galsim.degrees)
        .drawImage(nx=64, ny=64, scale=1, method="no_pixel").array
        for sigma, ratio in asked
    ]  # fmt: skip
    stamps = np.stack(images)[:, None]
    size, axis_ratio = measure_shapes(stamps, in_flux=True, major=True)
    assert size == pytest.approx([sigma for sigma, _ in asked], rel=1e-3)
    assert axis_ratio == pytest.approx([ratio for _, ratio in asked], rel=1e-3)
    # In [0, 1] the sky is subtracted, in flux it is 0; sqrt(a b) goes with the radius of a circle.
    circle, _ = measure_shapes(stamps * 20 + 0.2, in_flux=False, major=False)
    assert circle == pytest.approx([sigma * np.sqrt(ratio) for sigma, ratio in asked], rel=1e-2)
    assert np.isnan(measure_shapes(np.full((1, 1, 64, 64), np.nan), True, True)).all()


def test_numbers_of_a_grid_are_numpys():
    random = np.random.default_rng(3)
    asked = asked_grid(AXES, pd.DataFrame({"width": [2.0, 8.0], "sersic_axis_ratio": [0.2, 0.9]}))
    size, ratio = asked["width"].to_numpy(), asked["sersic_axis_ratio"].to_numpy()
    measured = 0.5 * size + 0.3 * random.standard_normal(len(size))
    shape = np.where(np.arange(len(size)) % DRAWS == 0, np.nan, 0.4 + 0 * ratio)
    table = grid_table((size, ratio), measured, shape)
    assert (table["measured"] == DRAWS - 1).all()
    cells = measured.reshape(-1, DRAWS)[:, 1:]  # without the draws that have no shape
    assert table["size"].to_numpy() == pytest.approx(cells.mean(1))
    assert table["size_scatter"].to_numpy() == pytest.approx(cells.std(1, ddof=1))
    found = follow(table)
    at = size.reshape(-1, DRAWS)[:, 0]
    assert found["size"]["correlation"] == pytest.approx(np.corrcoef(at, cells.mean(1))[0, 1])
    assert found["size"]["slope"] == pytest.approx(np.polyfit(at, cells.mean(1), 1)[0])
    rows = [np.corrcoef(at[:STEPS], line)[0, 1] for line in cells.mean(1).reshape(STEPS, STEPS)]
    assert found["size"]["along"] == pytest.approx(np.mean(rows))


def test_what_is_not_asked_is_left_to_the_flow(known, monkeypatch):
    monkeypatch.setattr(latent_drawing, "MOST_STEPS", 300)
    fitted = fit_flow(known, AXES, 1)
    asked = pd.DataFrame({"width": np.full(400, 5.0)})
    noise = torch.randn(400, fitted.flow.size, generator=torch.Generator().manual_seed(1))
    latents = fitted.latents(asked, noise)
    known_spread = known.mean.std(axis=0)
    assert latents[:, 0].mean() == pytest.approx(5, abs=0.3)
    assert latents[:, 0].std() < 0.35 * known_spread[0]
    assert latents[:, 1].mean() == pytest.approx(known.mean[:, 1].mean(), abs=0.5)
    assert latents[:, 1].std() == pytest.approx(known_spread[1], rel=0.25)
