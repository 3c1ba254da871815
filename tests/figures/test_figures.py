"""Figures: what is drawn where, from tables and images whose content is known."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from galforge.datasets.limits import Limits
from galforge.datasets.normalization import normalize
from galforge.figures.interpolation import interpolation_rows
from galforge.figures.labels import in_order, label, short_label
from galforge.figures.learning_curve import learning_curve, loss_terms
from galforge.figures.morphology import morphology_histograms
from galforge.figures.noise import noise_figure
from galforge.figures.originals import Pair, originals_figure
from galforge.figures.preparation import Triple, preparation_figure
from galforge.figures.reconstruction import reconstruction_rows
from galforge.figures.selection import just_outside, outside_figure, selection_figure
from galforge.figures.side_by_side import COLUMNS, Row, sample_rows
from galforge.figures.stamp_grid import stamp_grid, stamp_strip
from galforge.figures.stamp_pictures import GAP, NOT_FINITE, mosaic, stamp_pictures, stretch
from galforge.figures.style import model_style, save_figure, words_figure
from tests.helpers.report_inputs import LIMITS, PARAMETERS, galaxies, morphology


def drawn(figure, path):
    save_figure(figure, path)
    picture = imread(path)[..., :3]
    assert picture.std() > 0.02, "the figure is blank"
    return picture


def test_stretch_is_fixed_monotonic_and_keeps_the_ends():
    values = np.linspace(0, 1, 101)
    bright = stretch(values)
    assert bright[0] == 0
    assert bright[-1] == pytest.approx(1)
    assert (np.diff(bright) > 0).all()
    # ln(x / s + sqrt((x / s)^2 + 1)) with s = 0.2, at x = 0.2: ln(1 + sqrt 2) / ln(5 + sqrt 26).
    assert stretch(np.array([0.2]))[0] == pytest.approx(np.log(1 + np.sqrt(2)) / np.log(5 + np.sqrt(26)))
    assert stretch(np.array([-3.0, 7.0])).tolist() == pytest.approx([0, 1])


def test_pictures_of_grey_colour_and_broken_stamps():
    grey = stamp_pictures(np.full((1, 1, 8, 8), 0.2))
    assert grey.shape == (1, 8, 8, 3)
    assert np.ptp(grey) == 0
    colour = np.zeros((1, 3, 8, 8))
    colour[0, 2] = 0.7
    assert stamp_pictures(colour)[0, 0, 0].tolist() == [0, 0, 0.7]
    broken = np.full((1, 1, 8, 8), 0.5)
    broken[0, 0, 3, 4] = np.nan
    assert tuple(stamp_pictures(broken)[0, 3, 4]) == NOT_FINITE
    assert np.isfinite(stamp_pictures(broken)).all()


def test_mosaic_puts_each_picture_in_its_place():
    pictures = np.stack([np.full((4, 5, 3), value) for value in (0.1, 0.2, 0.3)])
    sheet = mosaic(pictures, 2)
    assert sheet.shape == (2 * 4 + GAP, 2 * 5 + GAP, 3)
    assert (sheet[:4, :5] == 0.1).all()
    assert (sheet[:4, -5:] == 0.2).all()
    assert (sheet[-4:, :5] == 0.3).all()
    assert (sheet[-4:, -5:] == 1).all()


def test_grid_draws_every_stamp_pixel_by_whole_pixels(tmp_path):
    image = np.zeros((3, 1, 64, 64), np.float32)
    image[1, 0, 10, 20] = 1.0
    picture = drawn(stamp_grid(image, "three stamps", columns=2), tmp_path / "grid.png")
    bright = np.argwhere(np.isclose(picture, 1).all(axis=-1)[44 : 44 + 128, 16 + 136 : 16 + 136 + 128])
    # 64 px stamps are drawn twofold: the one bright pixel is exactly a square of 2 x 2.
    assert bright.tolist() == [[20, 40], [20, 41], [21, 40], [21, 41]]


@pytest.mark.parametrize("channels", [1, 3])
def test_strip_is_as_large_as_its_stamps(tmp_path, channels):
    flux, _ = galaxies(7, 1, channels=channels, size=32)
    picture = drawn(stamp_strip(normalize(flux).image), tmp_path / "strip.png")
    assert picture.shape == (32, 6 * 32 + 5 * GAP, 3)
    none = drawn(stamp_strip(np.zeros((0, channels, 32, 32), np.float32)), tmp_path / "none.png")
    assert none.shape == picture.shape


def selection_inputs(count=60):
    flux, widths = galaxies(count, 5)
    random = np.random.default_rng(6)
    table = pd.DataFrame(
        {
            "snr": random.lognormal(3.3, 0.8, count),
            "width": widths,
            "non_uniformity": flux.max((1, 2, 3)) / flux.mean((1, 2, 3)),
        }
    )
    table.loc[[3, 4], "snr"] = [np.nan, -1.0]
    kept = np.ones(count, dtype=bool)
    for name, ends in LIMITS.items():
        kept &= Limits(minimum=ends[0], maximum=ends[1]).admits(table[name])
    return table.assign(kept=kept), normalize(flux[kept]).image


def test_selection_marks_limits_and_draws_the_ends(tmp_path):
    table, images = selection_inputs()
    figure = selection_figure(
        table,
        {name: Limits(minimum=low, maximum=high) for name, (low, high) in LIMITS.items()},
        images.__getitem__,
    )
    drawn(figure, tmp_path / "selection.png")
    assert len(figure.axes) == 9
    histograms = [axes for axes in figure.axes if axes.get_ylabel() == "galaxies"]
    assert [axes.get_xlabel() for axes in histograms] == [label(name) for name in LIMITS]
    for axes, name in zip(histograms, LIMITS, strict=True):
        lines = [line.get_xdata()[0] for line in axes.lines]
        assert lines == [value for value in LIMITS[name] if value is not None]
        low, high = axes.get_xlim()
        assert low < min(lines)
        assert max(lines) < high
        # Every kept galaxy is drawn, and none in a bin beyond a limit.
        kept = axes.containers[1]
        assert sum(bar.get_height() for bar in kept) == table["kept"].sum()
        filled = [bar for bar in kept if bar.get_height()]
        minimum, maximum = LIMITS[name]
        assert min(bar.get_x() for bar in filled) >= (minimum or 0) * (1 - 1e-9)
        assert max(bar.get_x() + bar.get_width() for bar in filled) <= maximum * (1 + 1e-9)
    snr = np.sort(table.loc[table["kept"], "snr"])
    assert figure.axes[0].get_title() == f"lowest kept: {snr[0]:.3g} to {snr[3]:.3g}"
    assert figure.axes[2].get_title() == f"highest kept: {snr[-4]:.3g} to {snr[-1]:.3g}"
    lowest = int(np.argmin(table.loc[table["kept"], "snr"]))
    first = np.asarray(figure.axes[0].images[0].get_array())[:64, :64]
    assert np.allclose(first, stamp_pictures(images[lowest : lowest + 1])[0])
    assert "2 of 60 not shown" in histograms[0].get_title(loc="right")


def test_selection_without_limits_and_with_another_column(tmp_path):
    table, images = selection_inputs()
    figure = selection_figure(
        table.assign(zphot=0.5),
        {"zphot": Limits(minimum=0.5, maximum=0.5), "snr": Limits(minimum=0.0, maximum=None)},
        images.__getitem__,
    )
    drawn(figure, tmp_path / "selection.png")
    assert len(figure.axes) == 12
    assert label("zphot") in [axes.get_xlabel() for axes in figure.axes]


def outside_table():
    snr = [19.0, 3.0, 25.0, 19.5, np.nan, 101.0, 500.0, np.inf, 120.0, 18.0, 17.0, 16.0, 15.0, 14.0]
    return pd.DataFrame({"snr": snr, "width": 5.0, "render_status": ["ok"] * 13 + ["no PSF"]})


def test_just_outside_are_the_nearest_that_a_limit_rejects():
    outside = just_outside(
        outside_table(), {"width": Limits(minimum=5.0), "snr": Limits(minimum=20.0, maximum=100.0)}
    )
    assert list(outside) == ["width", "snr"]
    # 19.5, 19, 18, 17, 16, 15: six, the nearest first; what is not drawn or no number is not there.
    assert list(outside["snr"].below) == [3, 0, 9, 10, 11, 12]
    assert list(outside["snr"].above) == [5, 8, 6]
    assert not len(outside["width"].below)
    assert not len(outside["width"].above)


def test_outside_figure_shows_each_end_that_is_limited(tmp_path):
    table = outside_table()
    limits = {"snr": Limits(minimum=20.0, maximum=100.0), "width": Limits(minimum=5.0)}
    outside = just_outside(table, limits)
    flux, _ = galaxies(len(table), 11)
    images = dict(enumerate(normalize(flux).image))
    figure = outside_figure(table, limits, outside, images)
    drawn(figure, tmp_path / "outside.png")
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "signal-to-noise ratio SNR below 20: 19.5 to 15",
        "signal-to-noise ratio SNR above 100: 101 to 500",
        "width σ along the major axis below 5: no galaxy",
    ]
    second = np.asarray(figure.axes[1].images[0].get_array())[:64, 64 + GAP : 2 * 64 + GAP]
    assert np.allclose(second, stamp_pictures(images[8][None])[0])
    drawn(outside_figure(table, {}, {}, {}), tmp_path / "none.png")


def test_originals_have_one_angular_scale_and_one_stretch(tmp_path):
    random = np.random.default_rng(12)
    original = random.random((32, 32))
    # Drawn with pixels twice as wide in a frame half as wide again: light goes with the area.
    inner = original.reshape(16, 2, 16, 2).sum(axis=(1, 3))
    drawn_stamp = np.pad(inner, 4, mode="reflect")
    figure = originals_figure([Pair(original, 0.03, drawn_stamp, 0.06, "1234")], "one galaxy")
    drawn(figure, tmp_path / "originals.png")
    left, right = figure.axes
    assert left.get_xlim() == right.get_xlim()
    assert left.images[0].get_extent()[1] == pytest.approx(0.48)
    assert right.images[0].get_extent()[1] == pytest.approx(0.72)
    frame = left.patches[0]
    assert (frame.get_width(), frame.get_x()) == pytest.approx((1.44, -0.72))
    low, high = drawn_stamp.min(), drawn_stamp.max()
    shown = np.asarray(left.images[0].get_array())
    assert shown == pytest.approx(stretch((4 * original - low) / (high - low)))


def test_noise_figure_writes_median_and_range(tmp_path):
    ratios = {"drawn stamps": np.linspace(0.5, 1.5, 101), "survey's own stamps": np.linspace(1, 2, 101)}
    table = pd.DataFrame({"pixel_scale": [0.03, 0.06], "border_noise": [1.0, 3.0], "noise_variance": 4.0})
    scales = np.array([0.03, 0.06])
    figure = noise_figure(table, (scales, 2 * scales), ratios, ratios, "noise")
    drawn(figure, tmp_path / "noise.png")
    assert list(figure.axes[0].lines[0].get_ydata()) == [0.5, 1.5]
    texts = [text.get_text() for text in figure.axes[1].get_legend().get_texts()]
    assert texts == ["drawn stamps:\n1.00 (0.60 to 1.40)", "survey's own stamps:\n1.50 (1.10 to 1.90)"]


def test_interpolation_has_the_originals_at_its_ends(tmp_path):
    """Two pairs of grey levels: each row is first original, three steps, second original, in this order."""
    levels = np.array([0.0, 0.2, 0.3, 0.4, 1.0, 0.9, 0.8, 0.7, 0.6, 0.1], dtype=np.float32)
    stamps = np.broadcast_to(levels[:, None, None, None], (10, 1, 64, 64))
    originals, walks = stamps[[0, 4, 5, 9]], stamps[[1, 2, 3, 6, 7, 8]]
    image = drawn(interpolation_rows(originals, walks, 3, "a model"), tmp_path / "a.png")
    expected = np.asarray(stretch(levels)).reshape(2, 5)
    # Stamps are drawn 128 px wide with 8 px between them, below a title of 44 px.
    centres = image[44 + 64 :: 136, 16 + 64 :: 136, 0][:2, :5]
    assert centres == pytest.approx(expected, abs=2 / 255)


def test_reconstruction_rows_show_the_residual_with_its_sign(tmp_path):
    flux, _ = galaxies(10, 7)
    originals = normalize(flux).image
    reconstructions = originals.copy()
    reconstructions[0, 0, :8, :8] += 0.3
    figure = reconstruction_rows(originals, reconstructions, "a model")
    picture = drawn(figure, tmp_path / "rows.png")
    assert [axes.texts[0].get_text() for axes in figure.axes[:3]] == [
        "original",
        "reconstruction",
        "residual",
    ]
    assert figure.axes[3].get_ylabel() == "reconstruction\n− original"
    residual = np.asarray(figure.axes[2].images[0].get_array())
    assert residual.shape == (64, 8 * 64 + 7 * GAP, 3)
    red, _, blue = residual[4, 4]
    assert red > 2 * blue, "a reconstruction that is too bright is red"
    assert residual[40, 40].min() > 0.95, "no difference is white"
    assert picture.shape[1] > picture.shape[0]


def history(epochs):
    return pd.DataFrame(
        {
            "epoch": np.arange(1, epochs + 1),
            "step": np.arange(1, epochs + 1) * 10,
            "train_reconstruction": 0.5,
            "train_loss": np.geomspace(100, 1, epochs),
            "validation_reconstruction": 0.6,
            "validation_loss": np.geomspace(110, 2, epochs),
            "learning_rate": 1e-3,
            "images_per_second": 10.0,
            "gradient_norm": 1.0,
        }
    )


def test_learning_curve_has_a_panel_a_term(tmp_path):
    table = history(30)
    assert loss_terms(table) == ["loss", "reconstruction"]
    figure = learning_curve(table, "a model")
    drawn(figure, tmp_path / "curve.png")
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "reconstruction", "learning rate"]
    assert {axes.get_xlabel() for axes in figure.axes} == {"epoch"}
    assert [axes.get_yscale() for axes in figure.axes] == ["log", "linear", "linear"]
    train, validation = figure.axes[0].lines
    assert train.get_ydata().tolist() == table["train_loss"].tolist()
    assert validation.get_ydata().tolist() == table["validation_loss"].tolist()


def test_learning_curve_of_one_epoch_and_of_a_diverged_training(tmp_path):
    drawn(learning_curve(history(1), "one epoch"), tmp_path / "one.png")
    table = history(3)
    table.loc[2, ["train_loss", "validation_loss"]] = [np.nan, np.inf]
    figure = learning_curve(table[["epoch", "train_loss", "validation_loss"]], "diverged " * 12)
    drawn(figure, tmp_path / "diverged.png")
    assert [len(line.get_ydata()) for line in figure.axes[0].lines] == [2, 2]
    assert figure.axes[0].get_xlim()[1] > 3, "the epoch that failed stays on the axis"


def test_morphology_writes_distance_and_floor(tmp_path):
    real, generated = morphology(200, 1), morphology(80, 2, shift=1.0)
    generated.loc[40, "gini"] = np.nan
    distances = {name: {"model": 2.0, "floor": 0.125} for name in reversed(PARAMETERS)}
    distances["m20"] = {"model": None, "floor": None}
    figure = morphology_histograms(real, generated, distances, "a model")
    drawn(figure, tmp_path / "morphology.png")
    assert [axes.get_xlabel() for axes in figure.axes] == [label(name) for name in in_order(PARAMETERS)]
    titles = {axes.get_xlabel(): axes.get_title(loc="left") for axes in figure.axes}
    assert titles[label("gini")] == "distance 2.000\nfloor 0.125"
    assert titles[label("m20")] == "distance undefined\nfloor undefined"
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    # A twentieth of the rows and one more have a bad status.
    assert names == ["survey (189 stamps)", "generated (75 stamps)"]


def test_morphology_of_constant_and_absent_values(tmp_path):
    real = morphology(40, 1).assign(gini=0.5)
    generated = morphology(0, 2)
    figure = morphology_histograms(
        real, generated, {"gini": {"model": None, "floor": 0.0}}, "nothing measured"
    )
    drawn(figure, tmp_path / "morphology.png")


def test_words_are_wrapped_into_the_figure(tmp_path):
    figure = words_figure("No samples", "the loss became NaN " * 10)
    picture = drawn(figure, tmp_path / "words.png")
    assert (picture[:, :4] == 1).all(), "nothing is cut off at the sides"
    assert (picture[:, -4:] == 1).all()


def test_labels():
    assert label("rhalf_ellip") == "half-light semi-major axis [px]"
    assert short_label("rhalf_ellip") == "half-light semi-major axis"
    assert label("some_new_term") == "some new term"
    assert in_order(["zzz", "m20", "concentration", "aaa"]) == ["concentration", "m20", "aaa", "zzz"]


def test_sources_stand_under_each_other_with_the_reason_of_what_failed(tmp_path):
    """From above: a title of 44 px; for each row a label of 22 px per line, stamps, and 14 px."""
    real, _ = galaxies(COLUMNS + 3, 1, size=32)
    real = normalize(real).image
    rows = [
        Row("real", real),
        Row("three", real[:3], model_style(0), "returned 3 of 12 stamps"),
        Row("none", real[:0], model_style(1), "loss is NaN " + 60 * "and so on "),
        Row("good", real[::-1], model_style(2)),
    ]
    picture = drawn(sample_rows(rows, "rows"), tmp_path / "rows.png")
    stamp, step = 32 * 3, (32 + GAP) * 3
    assert picture.shape[1] == 2 * 16 + COLUMNS * step - 3 * GAP

    def at(top, column):
        return picture[top : top + stamp, 16 + column * step :][:, :stamp]

    def expected(image):
        return np.kron(stamp_pictures(image[None])[0], np.ones((3, 3, 1)))

    first, second = 44 + 22, 44 + 22 + stamp + 14 + 22
    np.testing.assert_allclose(at(first, 0), expected(real[0]), atol=0.004)
    np.testing.assert_allclose(at(first, 11), expected(real[11]), atol=0.004)
    np.testing.assert_allclose(at(second, 2), expected(real[2]), atol=0.004)
    assert (at(second, 3) == 1).all(), "nothing is drawn in the place of what was not returned"
    last = picture.shape[0] - 16 - stamp
    np.testing.assert_allclose(at(last, 0), expected(real[-1]), atol=0.004)
    # The reason of the third takes several lines; it has no stamps.
    assert last > second + stamp + 2 * (22 + 14) + 3 * 22


@pytest.mark.parametrize(("box", "places"), [((2, 2, 18, 18), 3), ((0, 0, 20, 20), 2)])
def test_the_crop_is_shown_where_there_is_one(box, places, tmp_path):
    picture = np.random.default_rng(1).integers(0, 255, (20, 20, 3), dtype=np.uint8)
    triples = [Triple(picture, box, np.full((3, 16, 16), 0.3), "20 x 20 px") for _ in range(4)]
    figure = preparation_figure(triples, "pictures")
    names = ["20 x 20 px", *["crop, 16 px"][: places - 2], "stamp, 16 px"]
    assert [axes.get_title() for axes in figure.axes] == names * 4
    assert len(figure.axes[0].patches) == places - 2
    drawn(figure, tmp_path / "preparation.png")
