"""What the page of a recognizer says."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from galforge.figures.comparison_page import PageTable
from galforge.figures.recognizers import LABELS
from galforge.figures.report_text import cell

PREDICTORS = {
    "constant": "the same answer for every stamp",
    "scaled": "the GAN's discriminator, its probability times 8",
    "line": "the GAN's discriminator, by a line through the training stamps",
}
CAPTIONS = {
    "variants": "The best measure on validation stamps after any epoch: a point per training, the line "
    "through the means, bars of one standard deviation. What the paper gives is hollow.",
    "curves": "The loss on validation stamps, within epochs where it is followed there, else at their ends: "
    "the mean over the trainings of a variant, and their range.",
    "answers": "What the first trainings predict of test stamps, beside the true values.",
}


def figure(value: float, digits: int = 4) -> str:
    """Return a number with so many decimals, a dash where there is none."""
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def with_deviation(value: float, deviation: float) -> str:
    """Return a mean, and its standard deviation where there is one."""
    return figure(value) if math.isnan(deviation) else cell({"mean": value, "mean_error": deviation}, "mean")


def variants_part(table: pd.DataFrame, changes: Mapping[str, Any], measure: str) -> PageTable:
    """Return the table of variants: means and standard deviations beside what the paper gives."""
    rows = [
        [
            str(row["variant"]),
            f"{row['trained']}" + (f", {row['failed']} failed" if row["failed"] else ""),
            with_deviation(row["best"], row["best_deviation"]),
            with_deviation(row["validation"], row["validation_deviation"]),
            with_deviation(row["test"], row["test_deviation"]),
            with_deviation(row["published"], row["published_deviation"]),
            json.dumps(changes[row["variant"]], ensure_ascii=False) if changes[row["variant"]] else "",
        ]
        for row in table.to_dict("records")
    ]
    head = [
        "variant",
        "trainings",
        "best, validation",
        "last, validation",
        "last, test",
        "published",
        "changes",
    ]
    caption = (
        f"{LABELS[measure].capitalize()}: mean and standard deviation over the trainings that did not fail."
    )
    return PageTable("Variants", caption, head, rows)


def predictors_part(predictors: Mapping[str, Mapping[str, float]], measure: str) -> PageTable:
    """Return the table of predictors to compare with."""
    rows = [
        [PREDICTORS[name], figure(values["validation"]), figure(values["test"])]
        for name, values in predictors.items()
    ]
    return PageTable("To compare with", f"{LABELS[measure].capitalize()}.", ["", "validation", "test"], rows)


def samples_part(samples: Mapping[str, Sequence[float]]) -> PageTable:
    """Return the table of the scores of models' samples: mean, and the middle 68 per cent."""
    rows = []
    for name, scores in samples.items():
        values = pd.Series(scores, dtype=float)
        low, high = values.quantile([0.16, 0.84])
        rows.append(
            [name, f"{len(values)}", figure(values.mean(), 2), f"{figure(low, 2)} to {figure(high, 2)}"]
        )
    caption = "By the first training of the first variant."
    return PageTable("Scores of samples", caption, ["of", "samples", "mean", "middle 68 %"], rows)


def failures_part(trainings: pd.DataFrame) -> PageTable:
    """Return the table of trainings that failed, with the reason."""
    failed = trainings[trainings["status"] != "ok"]
    rows = [[f"{row['variant']}, {row['repeat']}", str(row["reason"])] for row in failed.to_dict("records")]
    return PageTable("Trainings that failed", "", ["training", "reason"], rows)
