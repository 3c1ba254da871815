"""The report in the making: what a run has made so far, and what is still to come."""

import base64
from collections.abc import Mapping
from typing import Any, Literal

from galforge.core.settings import Section
from galforge.figures.page_template import page_environment
from galforge.terminal.growing_report import IN_THE_MAKING

State = Literal["to come", "in training", "trained", "judged"]

REFRESH_S = 20


class ModelProgress(Section):
    """How far a model or control is, and whether a strip of its samples is there."""

    name: str
    kind: Literal["model", "control"]
    state: State
    strip: bool


class DatasetProgress(Section):
    """How far a dataset is, with its models and controls; ``made`` says whether its pictures are there."""

    name: str
    description: str
    simulated: bool
    made: bool
    models: list[ModelProgress]


class RunProgress(Section):
    """How far a run is; ``done`` of ``total`` jobs have ended."""

    title: str
    done: int
    total: int
    datasets: list[DatasetProgress]


def render_progress(
    template: str,
    progress: RunProgress,
    distances: Mapping[tuple[str, str], Mapping[str, Any]],
    pictures: Mapping[tuple[str, str], bytes],
    now: str,
) -> str:
    """Return the page.

    Parameters
    ----------
    template : str
        Jinja2.
    progress : RunProgress
    distances : mapping
        The mean distance of each model and control that is judged, with its error and the floor
        (``mean_distance`` of its ``scores.json``), by dataset and name.
    pictures : mapping
        PNG, by dataset and name of a model or control, or ``""`` for the dataset's own stamps.
    now : str
        When the page is written.
    """
    environment = page_environment()
    sources = {
        key: f"data:image/png;base64,{base64.b64encode(data).decode()}" for key, data in pictures.items()
    }
    return environment.from_string(template).render(
        mark=IN_THE_MAKING,
        refresh=REFRESH_S,
        now=now,
        run=progress,
        rows={dataset.name: _in_order(dataset, distances) for dataset in progress.datasets},
        to_come={
            dataset.name: [model.name for model in dataset.models if model.state != "judged"]
            for dataset in progress.datasets
        },
        distances=distances,
        sources=sources,
    )


def _in_order(
    dataset: DatasetProgress, distances: Mapping[tuple[str, str], Mapping[str, Any]]
) -> list[ModelProgress]:
    """Return models before controls, those that are judged by their distance, then the others."""

    def place(model: ModelProgress) -> tuple[bool, bool, float]:
        value = distances.get((dataset.name, model.name), {}).get("model")
        return model.kind == "control", value is None, 0.0 if value is None else value

    return sorted(dataset.models, key=place)
