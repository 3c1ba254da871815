"""Figures of the judgement: what is drawn where."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import imread
from scipy.ndimage import rotate

from galforge.evaluation.comparable import grey
from galforge.evaluation.light import radial_profiles
from galforge.figures.light import light_figure
from galforge.figures.morphology_planes import morphology_planes
from galforge.figures.neighbours import COLUMNS, neighbour_figure, neighbour_pairs, turned_like
from galforge.figures.score_comparison import PANELS, score_comparison
from galforge.figures.style import model_style, save_figure
from tests.helpers.report_inputs import galaxies, morphology


def drawn(figure, path):
    save_figure(figure, path)
    picture = imread(path)[..., :3]
    assert picture.std() > 0.02, "the figure is blank"
    return picture


def measured(count, seed):
    table = morphology(count, seed)
    random = np.random.default_rng(seed)
    return table.assign(
        ellipticity_asymmetry=random.uniform(0, 0.8, count), m20=random.normal(-1.7, 0.3, count)
    )


def test_planes_hold_every_stamp_that_has_both_parameters(tmp_path):
    real, generated = measured(80, 1), measured(60, 2)
    real.loc[30, "m20"] = np.nan
    figure = morphology_planes(real, generated, "planes")
    assert [axes.get_xlabel() for axes in figure.axes] == [
        "M20",
        "concentration C",
        "half-light semi-major axis [px]",
    ]
    points = [collection.get_offsets() for collection in figure.axes[0].collections]
    assert [len(offsets) for offsets in points] == [
        (real["status"] == "ok").sum() - 1,
        (generated["status"] == "ok").sum(),
    ]
    left, right = figure.axes[0].get_xlim()
    assert left > right, "M20 grows to the left"
    line = figure.axes[0].lines[0]
    x, y = line.get_data()
    np.testing.assert_allclose(y, -0.14 * np.asarray(x) + 0.33)
    drawn(figure, tmp_path / "planes.png")


def test_planes_of_stamps_that_could_not_be_measured_are_empty(tmp_path):
    nothing = measured(5, 1).assign(status="no source")
    save_figure(morphology_planes(nothing, nothing, "nothing"), tmp_path / "planes.png")


def test_light_is_the_median_curve_over_the_band_of_the_survey(tmp_path):
    real, smooth = (grey(galaxies(40, seed, noise)[0]) for seed, noise in ((1, 0.03), (2, 0.0)))
    figure = light_figure(real, smooth, real, "light")
    profile, spectrum = figure.axes
    assert len(profile.collections) == 1
    survey, raw, matched = (line.get_ydata() for line in profile.lines)
    np.testing.assert_allclose(survey, np.median(radial_profiles(real), axis=0))
    np.testing.assert_allclose(matched, survey)
    assert not np.allclose(raw, survey)
    # Without noise there is less power at the smallest scales.
    of_survey, of_raw, _ = (line.get_ydata() for line in spectrum.lines)
    assert of_raw[-1] < 0.1 * of_survey[-1]
    assert spectrum.get_xscale() == spectrum.get_yscale() == "log"
    drawn(figure, tmp_path / "light.png")


@pytest.mark.parametrize("count", [3, 20])
def test_the_pairs_most_like_copies_come_first(tmp_path, count):
    random = np.random.default_rng(4)
    images = random.random((count, 1, 32, 32)).astype(np.float32)
    ratio = random.uniform(0.2, 1, count)
    figure = neighbour_pairs(images, images[::-1], ratio, "pairs")
    words = [text.get_text() for text in figure.axes[1].texts if text.get_text()[0] in "01"]
    assert words == [f"{value:.2f}" for value in np.sort(ratio)[:COLUMNS]]
    drawn(figure, tmp_path / "pairs.png")


def test_a_nearest_stamp_is_turned_as_it_was_matched():
    y, x = np.mgrid[:64, :64] - 31.5
    train = (np.exp(-(x**2) / 150 - y**2 / 20) + 0.6 * np.exp(-((x - 9) ** 2 + (y - 6) ** 2) / 12))[None]
    mirrored = rotate(train[:, :, ::-1], 130, axes=(2, 1), reshape=False, order=3, mode="reflect")
    assert np.corrcoef(train.ravel(), mirrored.ravel())[0, 1] < 0.95
    assert np.corrcoef(turned_like(mirrored, train).ravel(), mirrored.ravel())[0, 1] > 0.99
    assert turned_like(train, train) == pytest.approx(train, abs=1e-6), "what is upright stays"


def test_features_name_the_nearest_training_stamp(tmp_path):
    train = galaxies(6, 1)[0]
    features = pd.DataFrame(
        {
            "row": [0, 1, 2],
            "copy_row": [5.0, np.nan, 0.0],
            "copy_distance": [0.0, np.nan, 2.0],
            "copy_second": [0.0, np.nan, 4.0],
        }
    )
    figure = neighbour_figure(train[:3], features, train, "pairs")
    words = [text.get_text() for text in figure.axes[1].texts if text.get_text()[0] in "01"]
    assert words == ["0.00", "0.50"]


SCORE_COLUMNS = ["model", "variant", "score", "value", "error", "status"]
STATUS = {"broken": "failed", "control_parametric": "not scored"}


def test_scores_are_compared_in_the_order_of_their_distance_beside_the_floor(tmp_path):
    # As list_scores has them: what failed is there without a value.
    values = {
        "vae": 0.4,
        "gan": 0.3,
        "control_memorizer": 0.15,
        "broken": np.nan,
        "control_parametric": np.nan,
    }
    rows = [("survey stamps (floor)", "real", score, 0.14, 0.02, "ok") for score, *_ in PANELS]
    rows += [
        (model, variant, score, value * scale, 0.05, STATUS.get(model, "ok"))
        for score, *_ in PANELS
        for model, value in values.items()
        for variant, scale in (("raw", 1.5), ("noise_matched", 1.0))
    ]
    table = pd.DataFrame(rows, columns=SCORE_COLUMNS)
    styles = {name: model_style(place) for place, name in enumerate(("vae", "gan", "broken"))}
    figure = score_comparison(table, styles, "scores")
    first = figure.axes[0]
    assert [tick.get_text() for tick in first.get_yticklabels()] == [
        "memorizer", "gan", "vae", "broken", "parametric"
    ]  # fmt: skip
    assert [(text.get_text(), text.xy[1]) for text in first.texts] == [("failed", 3), ("not scored", 4)]
    for axes in figure.axes:
        [band] = axes.patches
        assert band.get_x() == pytest.approx(0.12) and band.get_width() == pytest.approx(0.04)
        marks = [
            (line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines if line.get_marker() in "os"
        ]
        assert sorted(marks)[0] == pytest.approx((0.15, 0)) and len(marks) == 6
        # One error bar per model, that of the stamps that are ranked.
        widths = [np.ptp(bar.get_segments()[0][:, 0]) for bar in axes.collections]
        assert widths == pytest.approx([0.1] * 3)
    drawn(figure, tmp_path / "scores.png")


def test_no_label_of_a_score_is_cut_off_beside_long_names(tmp_path):
    name = "goupil_two_stage_vae_of_ours"
    rows = [("survey stamps (floor)", "real", score, 0.2, 0.02, "ok") for score, *_ in PANELS]
    rows += [
        (name, variant, score, 0.4, 0.02, "ok")
        for score, *_ in PANELS
        for variant in ("raw", "noise_matched")
    ]
    figure = score_comparison(pd.DataFrame(rows, columns=SCORE_COLUMNS), {name: model_style(0)}, "scores")
    drawn(figure, tmp_path / "scores.png")
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [axes.xaxis.label.get_window_extent(renderer) for axes in figure.axes]
    assert all(one.x1 < other.x0 for one, other in pairwise(boxes))
    assert boxes[-1].x1 < figure.bbox.width


def test_scores_of_which_none_has_a_value_are_compared_in_words(tmp_path):
    # Ten stamps of which nine could be measured: "Data cannot be log-scaled", and no report at all.
    def row(model, variant, score, status):
        value = 0.7 if score == "classifier_light" else np.nan
        return model, variant, score, value, np.nan, status

    rows = [row("survey stamps (floor)", "real", score, "not scored") for score, *_ in PANELS]
    rows += [
        row("vae", variant, score, "not scored")
        for score, *_ in PANELS
        for variant in ("raw", "noise_matched")
    ]
    table = pd.DataFrame(rows, columns=SCORE_COLUMNS)
    figure = score_comparison(table, {"vae": model_style(0)}, "scores")
    first, second, last = figure.axes
    assert [text.get_text() for text in first.texts] == ["no value", "not scored"]
    assert [text.get_text() for text in second.texts] == ["no value"]
    assert [line.get_xdata()[0] for line in last.lines if line.get_marker() == "o"] == [0.7, 0.7]
    save_figure(figure, tmp_path / "scores.png")


@pytest.mark.parametrize("value", [0.0, -1e-12, 0.3])
def test_a_distance_that_is_zero_needs_no_logarithm(tmp_path, value):
    table = pd.DataFrame(
        [("vae", "noise_matched", score, value, 0.1, "ok") for score, *_ in PANELS], columns=SCORE_COLUMNS
    )
    figure = score_comparison(table, {"vae": model_style(0)}, "scores")
    assert [axes.get_xscale() for axes in figure.axes[:2]] == ["log" if value > 0 else "linear"] * 2
    save_figure(figure, tmp_path / "scores.png")
