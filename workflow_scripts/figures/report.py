"""The report: one self-contained page that says what was compared, how, and with which result."""

import base64
import contextlib
import json
import math
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

import jinja2
import pandas as pd

from workflow_scripts.command_line import strict
from workflow_scripts.errors import InputError
from workflow_scripts.evaluation.leaderboard import FLOOR
from workflow_scripts.figures.labels import in_order, short_label
from workflow_scripts.progress import format_duration

DATASET_FIGURES = ("thumbnail", "stamps", "selection", "outside", "originals", "noise", "rendering")
MODEL_FIGURES = ("thumbnail", "samples", "reconstructions", "interpolation", "curve", "morphology")


@strict
@dataclass(frozen=True)
class Override:
    """A value in which this run differs from the paper's recipe."""

    paper: Any
    run: Any


@strict
@dataclass(frozen=True)
class ModelContent:
    """What the report says of one model.

    Attributes
    ----------
    name, description : str
    paper : str
        Where the model was published.
    recipe : dict
        How it was trained.
    overrides : dict of str to Override
        Where this run leaves the paper's recipe.
    reason : str
        Why it does; empty where nothing is to be said.
    """

    name: str
    description: str
    paper: str
    recipe: dict[str, Any]
    overrides: dict[str, Override]
    reason: str


@strict
@dataclass(frozen=True)
class DatasetContent:
    """What the report says of one dataset, and the models trained on it."""

    name: str
    survey: str
    simulated: bool
    description: str
    models: list[ModelContent]


@strict
@dataclass(frozen=True)
class ReportContent:
    """What belongs to the report."""

    title: str
    datasets: list[DatasetContent]


@dataclass(frozen=True)
class Materials:
    """What earlier stages made, by the keys of :func:`required_files`.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        ``leaderboard/<dataset>`` and ``attrition/<dataset>``.
    documents : mapping of str to JSON objects
        ``dataset/<dataset>`` (attributes of the file), ``metrics/...`` and ``model/...``.
    pictures : mapping of str to bytes
        ``figure/...``, PNG.
    links : mapping of str to str
        Path of every file relative to the page.
    """

    tables: Mapping[str, pd.DataFrame]
    documents: Mapping[str, dict[str, Any]]
    pictures: Mapping[str, bytes]
    links: Mapping[str, str]


class Picture(NamedTuple):
    """An embedded picture: data URI and sides in pixels."""

    source: str
    width: int
    height: int


def required_files(content: ReportContent) -> list[str]:
    """Return the keys of all files that a report of this content is made from."""
    keys = []
    for dataset in content.datasets:
        keys += [f"{kind}/{dataset.name}" for kind in ("leaderboard", "attrition", "dataset", "card")]
        keys += [f"figure/{dataset.name}/{figure}" for figure in DATASET_FIGURES]
        for model in dataset.models:
            keys += [f"{kind}/{dataset.name}/{model.name}" for kind in ("metrics", "model")]
            keys += [f"figure/{dataset.name}/{model.name}/{figure}" for figure in MODEL_FIGURES]
    return keys


def check_files(content: ReportContent, keys: Iterable[str]) -> None:
    """Raise InputError unless the keys are exactly those that the content needs."""
    required, given = required_files(content), list(keys)
    for key in required:
        if key not in given:
            raise InputError(f"report: no file is given for {key}")
    for key in given:
        if key not in required:
            raise InputError(f"report: {key} belongs to no dataset or model of the report")


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
        "duration": lambda seconds: "–" if missing(seconds) else format_duration(float(seconds)),
        "integer": lambda value: "–" if missing(value) else f"{int(value):,}",
        "number": number,
        "percent": lambda value: "–" if missing(value) else f"{100 * float(value):.1f} %",
        "short_label": short_label,
        "written": written,
    }
    environment.tests["missing"] = missing
    return environment.from_string(template).render(
        content=content,
        floor=FLOOR,
        simulated=any(dataset.simulated for dataset in content.datasets),
        leaderboards={
            d.name: leaderboard(materials.tables[f"leaderboard/{d.name}"]) for d in content.datasets
        },
        attrition={
            d.name: materials.tables[f"attrition/{d.name}"].to_dict("records") for d in content.datasets
        },
        documents=materials.documents,
        records={key: dict(flattened(document)) for key, document in materials.documents.items()},
        recipes={f"{d.name}/{m.name}": dict(flattened(m.recipe)) for d in content.datasets for m in d.models},
        pictures={key: picture(data) for key, data in materials.pictures.items()},
        links={key: quote(link) for key, link in materials.links.items()},
    )


class Leaderboard(NamedTuple):
    """Rows of the leaderboard and its scored parameters.

    A row is a mapping of the CSV's columns, and ``share``: its mean distance over the largest one,
    ``times_floor``: its mean distance over the floor's; None where undefined.
    """

    rows: list[dict[str, Any]]
    parameters: list[str]
    floor_share: float | None


def leaderboard(table: pd.DataFrame) -> Leaderboard:
    """Return a leaderboard CSV's content, ready to be shown in the file's order."""
    prefix = "distance_"
    parameters = in_order(
        column.removeprefix(prefix) for column in table.columns if column.startswith(prefix)
    )
    rows = [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
    means = [float(row["mean_distance"]) for row in rows if not missing(row["mean_distance"])]
    largest = max(means, default=0.0)
    floors = [row["mean_distance"] for row in rows if row["model"] == FLOOR]
    floor = float(floors[0]) if floors and not missing(floors[0]) else None
    for row in rows:
        mean = None if missing(row["mean_distance"]) else float(row["mean_distance"])
        row["share"] = mean / largest if mean is not None and largest > 0 else None
        row["times_floor"] = mean / floor if mean is not None and floor else None
        row["reason"] = "" if missing(row["reason"]) else row["reason"]
    return Leaderboard(rows, parameters, floor / largest if floor is not None and largest > 0 else None)


def picture(data: bytes) -> Picture:
    """Return a PNG as a data URI with its size, which the page needs before it has drawn it."""
    width, height = struct.unpack(">II", data[16:24])
    return Picture(f"data:image/png;base64,{base64.b64encode(data).decode()}", width, height)


def missing(value: Any) -> bool:
    """Return whether a cell of a table or a value of a document is absent."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def number(value: Any) -> str:
    """Return a number with three significant digits, a dash where there is none."""
    return "–" if missing(value) else f"{float(value):#.3g}".rstrip(".")


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
