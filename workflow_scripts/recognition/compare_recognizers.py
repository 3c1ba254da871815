"""Compare the trainings of a recognizer: tables, figures and a page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from galforge.core.command_line import run_entry
from galforge.core.files import replacing
from galforge.core.records import read_record
from galforge.core.settings import Section
from galforge.core.tables import read_table, write_table
from galforge.datasets.stamp_file import read_catalog
from galforge.figures import recognizer_page as parts
from galforge.figures.comparison_page import PageContent, PageFigure, render_page
from galforge.figures.recognizers import (
    confusion_figure,
    curves_figure,
    scores_figure,
    variants_figure,
)
from galforge.figures.style import save_figures
from galforge.recognition import comparison
from galforge.recognition.comparison import Training
from galforge.recognition.record import RecognizerRecord
from galforge.recognition.settings import Target

TITLES = {"variants": "Variants compared", "curves": "Course of the trainings", "answers": "Answers"}


@dataclass(frozen=True)
class Files:
    """The dataset, files of all trainings in one order, what was asked; tables, figures and page."""

    template: Path
    dataset: Path
    records: tuple[Path, ...]
    histories: tuple[Path, ...]
    steps: tuple[Path, ...]
    predictions: tuple[Path, ...]
    trainings: Path
    table: Path
    figures: tuple[Path, ...]
    page: Path
    pictures: tuple[Path, ...] = ()
    samples: tuple[Path, ...] = ()
    discriminator: tuple[Path, ...] = ()


class Variant(Section):
    """What the page says of a variant."""

    name: str
    changes: dict[str, Any]
    recipe: dict[str, Any]
    published: dict[str, float] | None


class Settings(PageContent):
    """What the page says of the recognizer."""

    dataset: str
    target: Target
    network: str
    network_settings: dict[str, Any]
    repeats: int
    variants: list[Variant]

    @property
    def kind(self) -> str:
        """That of the target."""
        return self.target.kind


def main(files: Files, settings: Settings) -> None:
    """Write the tables, draw the figures, write the page."""
    trainings = read_trainings(files, settings.kind)
    table = comparison.trainings_table(trainings, settings.kind)
    published = {each.name: each.published for each in settings.variants if each.published}
    variants = comparison.variants_table(table, published)
    write_table(files.trainings, table)
    write_table(files.table, variants)
    predictors = {"constant": comparison.constant_predictor(read_catalog(files.dataset), settings.target)}
    for path in files.discriminator:
        predictors |= comparison.discriminator_errors(read_table(path))
    samples = {f"{path.stem} on {path.parent.name}": read_table(path) for path in files.samples}
    save_figures(drawings(settings, trainings, table, variants, samples), files.figures)
    with replacing(files.page) as temporary:
        temporary.write_text(page(files, settings, table, variants, predictors, samples), encoding="utf-8")


def read_trainings(files: Files, kind: str) -> list[Training]:
    """Return all trainings, in the order of the configuration."""
    classes = ("actual", "predicted") if kind == "class" else ()  # whose names may be numbers
    together = zip(files.records, files.histories, files.steps, files.predictions, strict=True)
    return [
        Training(
            read_record(record, RecognizerRecord),
            read_table(history),
            read_table(steps),
            read_table(predictions, text=classes),
        )
        for record, history, steps, predictions in together
    ]


def drawings(
    settings: Settings,
    trainings: Sequence[Training],
    table: pd.DataFrame,
    variants: pd.DataFrame,
    samples: Mapping[str, pd.DataFrame],
) -> dict[str, Callable[[], Figure]]:
    """Return what draws each figure."""
    rates = comparison.swept_rates([each.model_dump() for each in settings.variants])
    curves: dict[str, list[pd.DataFrame]] = {each.name: [] for each in settings.variants}
    for training in trainings:
        followed = training.steps if "validation_loss" in training.steps else training.history
        curves[training.record["variant"]].append(followed)
    first = {each.record["variant"]: each.predictions for each in reversed(trainings)}
    tested = {each.name: first[each.name].query("split == 'test'") for each in settings.variants}
    best = comparison.best_variant(variants, settings.kind)
    measure = comparison.measure_of(settings.kind)

    def answers() -> Figure:
        if settings.kind == "class":
            return confusion_figure(tested[best], f"{settings.name}: test stamps, {best}")
        scores = {name: said["Predicted"].to_numpy(dtype=float) for name, said in samples.items()}
        if settings.kind == "number":
            return scores_figure(tested, scores, f"{settings.name}: test stamps")
        shares = {
            column: tested[best].rename(
                columns={f"actual_{column}": "actual", f"predicted_{column}": "predicted"}
            )
            for column in settings.target.columns
        }
        return scores_figure(shares, {}, f"{settings.name}: shares of votes on test stamps, {best}")

    return {
        "variants": lambda: variants_figure(
            table, variants, rates, measure, f"{settings.name}: variants and repeats"
        ),
        "curves": lambda: curves_figure(curves, f"{settings.name}: loss on validation stamps"),
        "answers": answers,
    }


def page(
    files: Files,
    settings: Settings,
    table: pd.DataFrame,
    variants: pd.DataFrame,
    predictors: Mapping[str, Mapping[str, float]],
    samples: Mapping[str, pd.DataFrame],
) -> str:
    """Return the page."""
    measure = comparison.measure_of(settings.kind)
    changes = {each.name: each.changes for each in settings.variants}
    tables = [
        parts.variants_part(variants, changes, measure),
        parts.predictors_part(predictors, measure),
    ]
    if settings.kind == "number" and samples:
        scores = {name: said["Predicted"].tolist() for name, said in samples.items()}
        tables.append(parts.samples_part(scores))
    if (table["status"] != "ok").any():
        tables.append(parts.failures_part(table))
    notes = [
        f"Dataset {settings.dataset}; {settings.network} with "
        f"{', '.join(f'{key} {value}' for key, value in settings.network_settings.items())}; "
        f"{settings.repeats} trainings of each variant, with different seeds."
    ]
    figures = [
        PageFigure.of(TITLES[path.stem], parts.CAPTIONS[path.stem], path.read_bytes())
        for path in files.figures
    ]
    template = files.template.read_text(encoding="utf-8")
    return render_page(template, settings, notes, tables, figures)


if __name__ == "__main__":
    run_entry(main)
