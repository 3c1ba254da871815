"""The figures of what one model makes, each of them words where the model made nothing.

All take the content of the model's ``scores.json``, which knows its name and why it failed.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from galforge.datasets.stamp_file import Stamps
from galforge.evaluation.variants import FAILED
from galforge.figures.interpolation import interpolation_rows
from galforge.figures.learning_curve import learning_curve
from galforge.figures.morphology import morphology_histograms
from galforge.figures.reconstruction import COLUMNS, reconstruction_rows
from galforge.figures.stamp_grid import stamp_grid
from galforge.figures.style import words_figure

Scores = Mapping[str, Any]


def why_empty(stamps: Stamps, scores: Scores) -> str:
    """Return why a stamp file is empty: in its own words, else in those of the evaluation."""
    return str(stamps.attributes.get("reason") or scores["reason"] or "no reason was given")


def sample_figure(sample: Stamps, scores: Scores, columns: int, words: str = "") -> Figure:
    """Return the grid of samples, with ``words`` in its title."""
    if not len(sample):
        return words_figure("No samples", why_empty(sample, scores))
    shown = sample.image[: columns**2]
    title = f"{scores['model']}: {len(shown):,} of {len(sample):,} samples{words}"
    return stamp_grid(shown, title, columns)


def reconstruction_figure(reconstruction: Stamps, original: Stamps, scores: Scores) -> Figure:
    """Return the first stamps of a split beside their reconstructions."""
    if not len(reconstruction):
        return words_figure("No reconstructions", why_empty(reconstruction, scores))
    count = min(COLUMNS, len(reconstruction))
    title = f"{scores['model']}: reconstructions of the {reconstruction.attributes['split']} split"
    return reconstruction_rows(original.image[:count], reconstruction.image[:count], title)


def interpolation_figure(interpolation: Stamps, original: Stamps, scores: Scores) -> Figure:
    """Return the ways between pairs of the first stamps of a split."""
    if not len(interpolation):
        return words_figure("No interpolation", why_empty(interpolation, scores))
    steps = int(interpolation.attributes["steps"])
    ends = original.image[: 2 * len(interpolation) // steps]
    title = f"{scores['model']}: between pairs of the {interpolation.attributes['split']} split"
    return interpolation_rows(ends, interpolation.image, steps, title)


def curve_figure(history: pd.DataFrame, scores: Scores, colour: str) -> Figure:
    """Return the learning curve; of a training that failed, as far as it went."""
    if history.empty:
        return words_figure("No learning curve", scores["reason"] or "the history has no epochs")
    failed = f", failed: {scores['reason']}" if scores["status"] == FAILED else ""
    return learning_curve(history, f"{scores['model']}: learning curve{failed}", colour)


def morphology_figure(real: pd.DataFrame, generated: pd.DataFrame, scores: Scores, colour: str) -> Figure:
    """Return the histograms of the scored parameters."""
    if scores["status"] == FAILED or not len(generated):
        return words_figure("No morphology", scores["reason"] or "no stamp was measured")
    title = f"{scores['model']}: morphology, generated against the survey"
    return morphology_histograms(real, generated, scores["distance"], title, colour)
