"""The report: one self-contained page that says what was compared, how, and with which result."""

import base64
import contextlib
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote

import jinja2
import pandas as pd
from PIL import Image

from galforge.configuration.figures import (
    BOUND_FIGURES,
    COMPARED_FIGURES,
    LATENTS,
    MODEL_FIGURES,
    dataset_figures,
    further_figures,
    report_keys,
    sections,
)
from galforge.core.command_line import strict
from galforge.core.progress import format_duration
from galforge.evaluation.variants import RANKED
from galforge.figures.labels import in_order, label, short_label
from galforge.figures.style import model_style

# Further columns of the first screen, beside the mean distance: the table's names and heads. All scores
# are in a table of their own below.
COLUMNS = {
    "mean_distance_raw": "Distance, raw stamps",
    "failure_fraction": "Not measurable",
    "frechet_network": "Fréchet",
    "coverage_network": "Coverage",
    "memorized_fraction": "Memorized",
    "classifier_accuracy": "Classifier",
    "reconstruction_mse": "Reconstruction MSE",
    "reconstruction_ssim": "SSIM",
    "training_seconds": "Training",
    "parameters": "Weights",
    "stamps": "Stamps",
}

CONTROLS = {
    "control_memorizer": "training stamps as they are",
    "control_parametric": "single-Sersic galaxies from the survey’s fits",
    "control_shuffled_phases": "noise with the power spectra of training stamps",
    "control_repeated_stamp": "one training stamp again and again",
}

MARKERS = {"o": "●", "s": "■", "^": "▲", "D": "◆", "v": "▼", "P": "✚", "X": "✖", "*": "★"}


@strict
@dataclass(frozen=True)
class Override:
    """A value in which this run differs from the recipe that the project has of a paper."""

    paper: Any
    run: Any


@strict
@dataclass(frozen=True)
class ModelContent:
    """What the report says of one model.

    Attributes
    ----------
    name, description : str
    position : int
        Place among the models of the run, from 0: its colour.
    paper : str
        Where the model was published.
    recipe : dict
        How it was trained.
    overrides : dict of str to Override, or None
        Where this run leaves the project's recipe, whoever changed it; None of a model that the project
        does not have.
    reason : str
        Why it does; empty where nothing is to be said.
    further : list of str
        Figures that not every model has.
    """

    name: str
    position: int
    description: str
    paper: str
    recipe: dict[str, Any]
    overrides: dict[str, Override] | None
    reason: str
    further: list[str] = field(default_factory=list)


@strict
@dataclass(frozen=True)
class DatasetContent:
    """What the report says of one dataset, the models trained on it, and the controls judged beside them.

    ``bounded`` says whether models with a bound on the divergence are among them, ``pictures`` whether the
    stamps were prepared from pictures, not rendered from a survey in the COSMOS layout.
    """

    name: str
    survey: str
    simulated: bool
    description: str
    models: list[ModelContent]
    controls: list[str]
    bounded: bool
    pictures: bool = False


@strict
@dataclass(frozen=True)
class ReportContent:
    """What belongs to the report; ``configuration`` is what its other parts do not show."""

    title: str
    datasets: list[DatasetContent]
    configuration: dict[str, Any]


@dataclass(frozen=True)
class Materials:
    """What earlier stages made, by the keys of :func:`required_files`.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        ``leaderboard/<dataset>``, ``scores/<dataset>`` and ``attrition/<dataset>``.
    documents : mapping of str to JSON objects
        ``dataset/<dataset>`` (attributes of the file), ``metrics/...``, ``analysis/...``, ``model/...``.
    pictures : mapping of str to bytes
        ``figure/...``, PNG, or WebP of films.
    links : mapping of str to str
        Path of every file relative to the page.
    captions : mapping of str to str
        By name of the figure.
    """

    tables: Mapping[str, pd.DataFrame]
    documents: Mapping[str, dict[str, Any]]
    pictures: Mapping[str, bytes]
    links: Mapping[str, str]
    captions: Mapping[str, str]


class Picture(NamedTuple):
    """An embedded picture: data URI and sides in pixels."""

    source: str
    width: int
    height: int


def required_files(content: ReportContent) -> list[str]:
    """Return the keys of all files that a report of this content is made from."""
    return [
        key
        for dataset in content.datasets
        for key in report_keys(
            dataset.name,
            [model.name for model in dataset.models],
            dataset.controls,
            dataset.bounded,
            dataset.pictures,
            {model.name: model.further for model in dataset.models},
        )
    ]


def render_report(template: str, content: ReportContent, materials: Materials) -> str:
    """Return the page as HTML, complete in itself.

    Parameters
    ----------
    template : str
        Jinja2 source; all text is escaped.
    content : ReportContent
    materials : Materials
        With every key of :func:`required_files`.
    """
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "anchor": anchor,
        "capitalize_first": lambda text: text[:1].upper() + text[1:],
        "prefixed": lambda name, prefix: f"{prefix}{name}",
        "cell": cell,
        "duration": lambda seconds: "–" if missing(seconds) else format_duration(float(seconds)),
        "integer": lambda value: "–" if missing(value) else f"{int(value):,}",
        "label": label,
        "number": number,
        "percent": lambda value: "–" if missing(value) else f"{100 * float(value):.1f} %",
        "short_label": short_label,
        "written": written,
    }
    environment.tests["missing"] = missing
    pages = [(anchor(d.name, m.name), m.name, d.name) for d in content.datasets for m in d.models]
    return environment.from_string(template).render(
        content=content,
        simulated=any(dataset.simulated for dataset in content.datasets),
        heads=COLUMNS,
        leaderboards={
            d.name: leaderboard(
                materials.tables[f"leaderboard/{d.name}"], materials.tables[f"scores/{d.name}"]
            )
            for d in content.datasets
        },
        attrition={
            d.name: materials.tables[f"attrition/{d.name}"].to_dict("records") for d in content.datasets
        },
        documents=materials.documents,
        records={key: dict(flattened(document)) for key, document in materials.documents.items()},
        recipes={f"{d.name}/{m.name}": dict(flattened(m.recipe)) for d in content.datasets for m in d.models},
        configuration=dict(flattened(content.configuration)),
        dataset_sections={d.name: sections(dataset_figures(d.pictures)) for d in content.datasets},
        model_sections={
            f"{d.name}/{m.name}": sections((*MODEL_FIGURES, *further_figures(m.further)))
            for d in content.datasets
            for m in d.models
        },
        compared={
            d.name: (*COMPARED_FIGURES, *(BOUND_FIGURES if d.bounded else ())) for d in content.datasets
        },
        latents=LATENTS,
        controls=CONTROLS,
        signs={m.name: sign(m.position) for d in content.datasets for m in d.models},
        neighbours={
            page[0]: (before, after)
            for before, page, after in zip([None, *pages[:-1]], pages, [*pages[1:], None], strict=True)
        },
        pictures={key: picture(data) for key, data in materials.pictures.items()},
        links={key: quote(link) for key, link in materials.links.items()},
        captions=materials.captions,
    )


class Leaderboard(NamedTuple):
    """Rows of the leaderboard, its scored parameters, and its further scores.

    A row is a mapping of the CSV's columns, and ``share``: its mean distance over the largest one,
    ``times_floor``: its mean distance over the floor's, None where undefined; ``ties``: the columns whose
    value cannot be told from the floor's.
    """

    rows: list[dict[str, Any]]
    parameters: list[str]
    scores: list[str]
    floor_share: float | None


def leaderboard(table: pd.DataFrame, listed: pd.DataFrame) -> Leaderboard:
    """Return a leaderboard CSV's content, ready to be shown in the file's order.

    Parameters
    ----------
    table, listed : DataFrame
        The leaderboard, and the list of all scores of the same models, which says what is tied.
    """
    prefix = "distance_"
    parameters = in_order(
        column.removeprefix(prefix) for column in table.columns if column.startswith(prefix)
    )
    scores = [column for column in table.columns if f"{column}_error" in table.columns]
    rows = [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
    means = [float(row["mean_distance"]) for row in rows if not missing(row["mean_distance"])]
    largest = max(means, default=0.0)
    floors = [row["mean_distance"] for row in rows if row["kind"] == "floor"]
    floor = float(floors[0]) if floors and not missing(floors[0]) else None
    ties = tied_columns(listed)
    for row in rows:
        row["ties"] = ties.get(row["model"], set())
        mean = None if missing(row["mean_distance"]) else float(row["mean_distance"])
        row["share"] = mean / largest if mean is not None and largest > 0 else None
        row["times_floor"] = mean / floor if mean is not None and floor else None
        row["reason"] = "" if missing(row["reason"]) else row["reason"]
    share = floor / largest if floor is not None and largest > 0 else None
    return Leaderboard(rows, parameters, scores, share)


def tied_columns(listed: pd.DataFrame) -> dict[str, set[str]]:
    """Return the leaderboard's columns that cannot be told from the floor, by model."""
    tied = listed[listed["tied"] == 1]
    found: dict[str, set[str]] = {}
    for model, variant, score in zip(tied["model"], tied["variant"], tied["score"], strict=True):
        # Of the raw stamps the leaderboard has the mean distance alone.
        if variant == RANKED or score == "mean_distance":
            found.setdefault(model, set()).add(score if variant == RANKED else f"{score}_{variant}")
    return found


class Sign(NamedTuple):
    """How a model is marked on the page: the colour and the marker that its figures have."""

    colour: str
    marker: str


def sign(position: int) -> Sign:
    """Return the sign of a model by its place among those of the run."""
    style = model_style(position)
    return Sign(style.colour, MARKERS[style.marker])


def picture(data: bytes) -> Picture:
    """Return a PNG as a data URI with its size, which the page needs before it has drawn it.

    As WebP, with the same pixels in about half the bytes; what is WebP already, a film, stays as it is.
    """
    with Image.open(io.BytesIO(data)) as image:
        if image.format == "WEBP":
            source = f"data:image/webp;base64,{base64.b64encode(data).decode()}"
            return Picture(source, *image.size)
        stream = io.BytesIO()
        image.convert("RGB").save(stream, "WEBP", lossless=True, quality=50, method=3)
        width, height = image.size
    return Picture(f"data:image/webp;base64,{base64.b64encode(stream.getvalue()).decode()}", width, height)


def missing(value: Any) -> bool:
    """Return whether a cell of a table or a value of a document is absent."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def number(value: Any) -> str:
    """Return a number with three significant digits, a dash where there is none."""
    return "–" if missing(value) else f"{float(value):#.3g}".rstrip(".")


def cell(row: Mapping[str, Any], name: str) -> str:
    """Return a cell of the leaderboard: the value, and its error where it has one.

    The error has two digits, and the value as many decimals.
    """
    value: Any = row.get(name)
    if missing(value):
        return "–"
    if name == "training_seconds":
        return format_duration(float(value))
    if name in ("parameters", "stamps"):
        return f"{int(value):,}"
    fraction = name.endswith("_fraction")
    value = float(value) * (100 if fraction else 1)
    unit = " %" if fraction else ""
    error: Any = row.get(f"{name}_error", row.get(f"error_{name.removeprefix('distance_')}"))
    if missing(error):
        return f"{value:.1f}{unit}" if fraction else number(value)
    error = float(error) * (100 if fraction else 1)
    if not error > 0:
        return f"{value:.1f}{unit}" if fraction else number(value)
    decimals = min(max(0, 1 - math.floor(math.log10(error))), 7)
    return f"{value:.{decimals}f} ± {error:.{decimals}f}{unit}"


def written(value: Any) -> str:
    """Return a setting as text: booleans as words, lists with commas, long integers grouped."""
    if missing(value):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and abs(value) >= 10_000:
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(written(part) for part in value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def anchor(*names: str) -> str:
    """Return the id of a section; quoting keeps different names different."""
    return quote("--".join(names), safe="")


def flattened(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of nested mappings as dotted names; text that holds JSON objects is opened."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        # Plain text may begin with a bracket, too.
        with contextlib.suppress(json.JSONDecodeError):
            value = json.loads(value)
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from flattened(part, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        for position, part in enumerate(value):
            yield from flattened(part, f"{name}[{position}]")
    else:
        yield name, value.item() if hasattr(value, "item") else value
