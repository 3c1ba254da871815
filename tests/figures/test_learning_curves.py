"""Learning curves of several models: what sets their axes, growth, and failures."""

import numpy as np
import pandas as pd
import pytest

from galforge.figures.learning_curves import Training, later_limits, learning_curves
from galforge.figures.shown import Shown
from galforge.figures.style import model_style
from galforge.models import registry

GROWN = {
    "network": "progressive",
    "network_settings": {"latent_size": 8, "channels": 16},
    "growth_share": 0.4,
    "penalty": 10,
    "drift": 0.001,
    "discriminator_steps": 1,
}


def training(losses, marks=None, fault="", **more):
    epochs = np.arange(1, len(losses) + 1)
    table = pd.DataFrame({"epoch": epochs, "step": 50 * epochs, "validation_loss": losses, **more})
    return Training("a model", table, model_style(0), "loss [nats / px]", marks or {}, fault)


def test_a_first_epoch_does_not_hide_the_rest():
    losses = [700.0, *np.linspace(12, 10, 29)]
    axes = learning_curves([training(losses, train_loss=losses)], "title").axes[0]
    bottom, top = axes.get_ylim()
    assert bottom < 10 < top < 13
    assert axes.lines[0].get_ydata()[0] == 700, "it is drawn all the same"
    assert "↑ epoch 1: 700" in [text.get_text() for text in axes.texts]
    assert axes.get_ylabel() == "loss [nats / px]"
    assert axes.get_xlabel() == "epoch"


def test_a_course_of_one_epoch_or_of_no_finite_value_is_drawn():
    assert later_limits([pd.Series([3.0])]) == (3, 3)
    assert later_limits([pd.Series([np.nan, np.inf])]) is None
    figure = learning_curves(
        [training([5.0]), training([np.nan] * 3, fault="loss is nan"), training([2.0, 1.0])], "title"
    )
    said = [text.get_text() for text in figure.axes[1].texts]
    assert said == ["loss is nan"]
    assert [len(axes.lines) for axes in figure.axes] == [1, 0, 1]


def test_the_legend_lies_beside_the_panels_and_has_what_any_of_them_shows():
    rising = np.linspace(0, 1, 30)
    figure = learning_curves([training(rising), training(rising, train_loss=rising)], "title")
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["train", "validation"]
    figure.draw_without_rendering()
    box = legend.get_window_extent()
    assert not any(box.overlaps(axes.get_tightbbox()) for axes in figure.axes)
    assert not learning_curves([training([np.nan] * 3)], "title").legends, "there are no curves"


def test_a_long_name_stays_within_its_panel():
    long = training([2.0, 1.0])._replace(name="a variational autoencoder of very many words and numbers")
    figure = learning_curves([long] * 3, "title")
    figure.draw_without_rendering()
    right = figure.axes[2].get_tightbbox().x1
    assert right <= figure.bbox.x1


def test_sizes_that_a_network_grows_to_are_marked_at_their_epochs():
    settings = registry.settings_class("progressive_gan").model_validate(GROWN)
    marks = settings.marks((1, 32, 32))
    from galforge.models.progressive_gan.model import growth

    assert list(marks.values()) == ["8 px", "16 px", "32 px"]
    for level, share in enumerate(marks, start=1):
        step = round(share * 30_000)
        assert growth(step - 10, 30_000, 3, 0.4) < level
        assert growth(step + 10, 30_000, 3, 0.4) == level
    axes = learning_curves([training(np.arange(20.0), marks)], "title").axes[0]
    lines = [line for line in axes.lines if line.get_linestyle() == ":"]
    # 20 epochs of 50 steps; a third of 0.4 of them each.
    assert [line.get_xdata()[0] for line in lines] == pytest.approx([20 * 0.4 * k / 3 for k in (1, 2, 3)])


@pytest.mark.parametrize(
    ("loss", "pixel_range", "words"),
    [
        ("bernoulli", 1.0, "loss [nats / px]"),
        ("l1", 1.0, "loss [range / px]"),
        ("mse", 255.0, "loss [(range / 255)² / px]"),
    ],
)
def test_a_loss_is_named_with_its_unit(loss, pixel_range, words):
    from tests.helpers.published_model import SETTINGS

    error = {"loss": loss, "pixel_range": pixel_range, "output": "sigmoid"}
    settings = registry.settings_class("vae").model_validate(SETTINGS | {"reconstruction": error})
    assert settings.loss_words() == words


def test_a_label_is_no_formula():
    from matplotlib.cbook import is_math_text

    name = Shown(label=r"$\\beta$-VAE, 5 $", position=0).title
    assert not is_math_text(name)
    assert name.replace(r"\$", "$") == r"$\\beta$-VAE, 5 $"
