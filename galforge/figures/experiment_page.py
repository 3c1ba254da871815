"""The page of an experiment: what is compared, what the paper says, what came out, in one file."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from galforge.configuration.figures import FIGURES
from galforge.core.progress import format_duration
from galforge.core.settings import Section
from galforge.evaluation.experiment_settings import RECONSTRUCTION_RMS, ExperimentContent
from galforge.figures.labels import label
from galforge.figures.page_environment import page_environment
from galforge.figures.report import picture
from galforge.figures.report_content import Override
from galforge.figures.report_text import cell, missing, number, written


class PaperContent(Section):
    """What the paper says."""

    source: str
    text: str
    measure: str | None = None
    numbers: dict[str, float] | None = None


class PageContent(ExperimentContent):
    """What the page says beside tables and figures; ``overrides`` are those of the base run."""

    description: str
    reason: str
    model: str
    dataset: str
    simulated: bool
    repeats: int
    grid: list[str]
    paper: PaperContent | None
    numbers: dict[str, float]
    measure: str | None
    overrides: dict[str, Override]
    figures: list[str]


def render_page(
    template: str,
    content: PageContent,
    trainings: pd.DataFrame,
    variants: pd.DataFrame,
    figures: Mapping[str, bytes],
    captions: Mapping[str, str],
) -> str:
    """Return the page as HTML, complete in itself.

    Parameters
    ----------
    template : str
        Jinja2 source; all text is escaped.
    content : PageContent
    trainings, variants : DataFrame
        Of :mod:`galforge.evaluation.trainings`.
    figures : mapping of str to bytes
        PNG, by the figure's name.
    captions : mapping of str to str
    """
    environment = page_environment()
    environment.filters |= {
        "duration": lambda seconds: "–" if missing(seconds) else format_duration(float(seconds)),
        "label": label,
        "number": number,
        "written": written,
        "compared": compared,
        "cell": cell,
    }
    measures = [name for name in (*content.measures, RECONSTRUCTION_RMS) if name in variants]
    return environment.from_string(template).render(
        content=content,
        measures=measures,
        floors=floors(trainings, measures),
        variants=variants.to_dict("records"),
        trainings=trainings.to_dict("records"),
        figures=[(FIGURES[name], picture(figures[name]), captions[name]) for name in content.figures],
    )


def floors(trainings: pd.DataFrame, measures: Sequence[str]) -> list[dict[str, Any]]:
    """Return the floor of each dataset, with its errors, as rows; none where nothing is judged."""
    scores = [name for name in measures if f"{name}_floor" in trainings]
    if not scores:
        return []
    return [
        {
            "dataset": row["dataset"],
            **{name: row[f"{name}_floor"] for name in scores},
            **{f"{name}_error": row[f"{name}_floor_error"] for name in scores},
        }
        for row in trainings.drop_duplicates("dataset").to_dict("records")
    ]


def compared(row: Mapping[str, Any], measure: str) -> str:
    """Return mean and standard deviation of a measure of a variant, with how many trainings have it."""
    text = cell({measure: row[measure], f"{measure}_error": row[f"{measure}_deviation"]}, measure)
    return text if row[f"{measure}_count"] == row["trainings"] else f"{text} (of {row[f'{measure}_count']})"
