"""Gather leaderboards, figures and records in one self-contained page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from galforge.configuration import layout
from galforge.configuration.figures import Figure, compared_figures, dataset_figures, model_figures
from galforge.core.command_line import run_entry
from galforge.core.errors import InputError
from galforge.core.files import read_json, replacing
from galforge.core.tables import read_table
from galforge.datasets.stamp_file import read_attributes
from galforge.evaluation.score_records import read_scores
from galforge.figures.report import render_report
from galforge.figures.report_content import (
    DatasetContent,
    DatasetMaterials,
    ModelContent,
    ModelMaterials,
    ReportContent,
)
from galforge.models.record import read_record

# The columns of each table that the page shows.
SHOWN: Mapping[layout.ResultFile, Sequence[str]] = {
    layout.LEADERBOARD: (
        "rank", "model", "kind", "status", "reason", "tied", "mean_distance", "mean_distance_error", "stamps",
    ),
    layout.SCORES: ("model", "variant", "score", "tied"),
    layout.ATTRITION: ("cut", "removed_alone", "removed_in_sequence", "remaining"),
}  # fmt: skip


@dataclass(frozen=True)
class Files:
    """The folder of all results, the page's Jinja2 template, captions by figure, and the page."""

    results: Path
    template: Path
    captions: tuple[Path, ...]
    page: Path


def read_shown(file: layout.ResultFile, results: Path, dataset: str) -> pd.DataFrame:
    """Return a table that has the columns which the page shows."""
    path = file.at(results, dataset=dataset)
    table = read_table(path)
    absent = [name for name in SHOWN[file] if name not in table]
    if absent:
        raise InputError(f"{path}: has no column {', '.join(absent)}")
    return table


def read_figures(figures: Sequence[Figure], results: Path, dataset: str, model: str = "") -> dict[str, bytes]:
    """Return the pictures of figures, by name."""
    return {
        figure.name: figure.picture.at(results, dataset=dataset, model=model).read_bytes()
        for figure in figures
    }


def read_model(model: ModelContent, results: Path, dataset: str) -> ModelMaterials:
    """Read what the page shows of a model."""
    place = {"dataset": dataset, "model": model.name}
    return ModelMaterials(
        scores=read_scores(layout.MODEL_SCORES.at(results, **place)),
        record=read_record(layout.RECORD.at(results, **place)),
        analysis=read_json(layout.LATENT_ANALYSIS.at(results, **place)),
        physics=read_json(layout.PHYSICS.at(results, **place)),
        figures=read_figures(model_figures(model.further), results, **place),
        asked=read_json(layout.ASKED_NUMBERS.at(results, **place)) if "asked" in model.further else {},
        classes=read_json(layout.CLASSES.at(results, **place)) if "classes" in model.further else {},
        explorer=read_json(layout.EXPLORER.at(results, **place)) if "explorer" in model.further else {},
    )


def read_dataset(dataset: DatasetContent, results: Path) -> DatasetMaterials:
    """Read what the page shows of a dataset and its models."""
    name = dataset.name
    judged = [*(model.name for model in dataset.models), *dataset.controls]
    figures = (*dataset_figures(dataset.pictures), *compared_figures(dataset.bounded))
    return DatasetMaterials(
        leaderboard=read_shown(layout.LEADERBOARD, results, name),
        scores=read_shown(layout.SCORES, results, name),
        attrition=read_shown(layout.ATTRITION, results, name),
        attributes=read_attributes(layout.DATASET.at(results, dataset=name)),
        network=read_json(layout.FEATURE_RECORD.at(results, dataset=name)),
        figures=read_figures(figures, results, name),
        strip=layout.DATASET_THUMBNAIL.at(results, dataset=name).read_bytes(),
        strips={
            model: layout.MODEL_THUMBNAIL.at(results, dataset=name, model=model).read_bytes()
            for model in judged
        },
        models={model.name: read_model(model, results, name) for model in dataset.models},
    )


def main(files: Files, settings: ReportContent) -> None:
    """Read the results, write the page."""
    materials = [read_dataset(dataset, files.results) for dataset in settings.datasets]
    captions = {path.stem: " ".join(path.read_text(encoding="utf-8").split()) for path in files.captions}
    page = render_report(files.template.read_text(encoding="utf-8"), settings, materials, captions)
    with replacing(files.page) as temporary:
        temporary.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    run_entry(main)
