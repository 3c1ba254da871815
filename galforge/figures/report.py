"""The report: one self-contained page that says what was compared, how, and with which result."""

import base64
import io
import json
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

import jinja2
from PIL import Image

from galforge.configuration import layout
from galforge.configuration.figures import (
    EXPLORER_SECTION,
    FOREMOST,
    LATENTS,
    Figure,
    compared_figures,
    dataset_figures,
    model_figures,
    sections,
)
from galforge.core.progress import format_duration
from galforge.evaluation.variants import FAILED, OK
from galforge.figures.labels import label, short_label
from galforge.figures.page_environment import page_environment
from galforge.figures.report_content import (
    DatasetContent,
    DatasetMaterials,
    ModelContent,
    ModelMaterials,
    ReportContent,
)
from galforge.figures.report_explorer import explorer
from galforge.figures.report_leaderboard import COLUMNS, Leaderboard, leaderboard
from galforge.figures.report_text import anchor, cell, flattened, missing, number, written
from galforge.figures.style import WARNING, ModelStyle, model_style

CONTROLS = {
    "control_memorizer": "training stamps as they are",
    "control_parametric": "single-Sersic galaxies from the survey’s fits",
    "control_shuffled_phases": "noise with the power spectra of training stamps",
    "control_repeated_stamp": "one training stamp again and again",
}

MARKERS = {"o": "●", "s": "■", "^": "▲", "D": "◆", "v": "▼", "P": "✚", "X": "✖", "*": "★"}


FORMATS = ("CSV", "Markdown", "LaTeX")  # of the rounded tables, in their order in the layout


class Picture(NamedTuple):
    """An embedded picture: data URI, sides in pixels, and why it is words alone, where it was not drawn."""

    source: str
    width: int
    height: int
    fault: str = ""


@dataclass(frozen=True)
class ModelPage:
    """A model's page, as the template takes it: mappings of figures by heading, of pictures by figure."""

    content: ModelContent
    materials: ModelMaterials
    recipe: dict[str, Any]
    record: dict[str, Any]
    sections: dict[str, list[Figure]]
    pictures: dict[str, Picture]
    explorer: dict[str, Any] | None
    lacks: list[str]

    @classmethod
    def of(cls, content: ModelContent, materials: ModelMaterials) -> "ModelPage":
        """Return the page of a model."""
        drawn = explorer(materials.explorer, materials.analysis.get("followed") or [])
        lacks = of_encoders_alone(materials)
        absent = lacks if drawn else [*lacks, EXPLORER_SECTION]
        figures = [figure for figure in model_figures(content.further) if figure.section not in absent]
        return cls(
            content,
            materials,
            recipe=dict(flattened(content.recipe)),
            record=dict(flattened(materials.record)),
            sections=sections(figures),
            pictures=_pictures(materials.figures),
            explorer=drawn,
            lacks=lacks,
        )


@dataclass(frozen=True)
class DatasetPage:
    """A dataset's page and leaderboard, as the template takes them, and the pages of its models."""

    content: DatasetContent
    materials: DatasetMaterials
    board: Leaderboard
    record: dict[str, Any]
    network: dict[str, Any]
    left_out: dict[str, int]
    sections: dict[str, list[Figure]]
    foremost: list[Figure]
    compared: list[Figure]
    pictures: dict[str, Picture]
    strip: Picture
    strips: dict[str, Picture]
    models: list[ModelPage]

    @classmethod
    def of(cls, content: DatasetContent, materials: DatasetMaterials) -> "DatasetPage":
        """Return the page of a dataset."""
        return cls(
            content,
            materials,
            board=leaderboard(materials.leaderboard, materials.scores),
            record=dict(flattened(materials.attributes)),
            network=dict(flattened(materials.network)),
            left_out=json.loads(materials.attributes.get("left_out", "{}")),
            sections=sections(dataset_figures(content.pictures)),
            foremost=[figure for figure in compared_figures(content.bounded) if figure.name in FOREMOST],
            compared=[figure for figure in compared_figures(content.bounded) if figure.name not in FOREMOST],
            pictures=_pictures(materials.figures),
            strip=picture(materials.strip),
            strips=_pictures(materials.strips),
            models=[ModelPage.of(model, materials.models[model.name]) for model in content.models],
        )


def render_report(
    template: str, content: ReportContent, materials: Sequence[DatasetMaterials], captions: Mapping[str, str]
) -> str:
    """Return the page as HTML, complete in itself.

    Parameters
    ----------
    template : str
        Jinja2 source; all text is escaped.
    content : ReportContent
    materials : sequence of DatasetMaterials
        For each dataset of the content.
    captions : mapping of str to str
        By name of the figure.
    """
    names = [(anchor(d.name, m.name), m.label) for d in content.datasets for m in d.models]
    around = zip([None, *names[:-1]], names, [*names[1:], None], strict=True)
    return (
        _environment()
        .from_string(template)
        .render(
            content=content,
            datasets=[DatasetPage.of(*parts) for parts in zip(content.datasets, materials, strict=True)],
            simulated=any(dataset.simulated for dataset in content.datasets),
            heads=COLUMNS,
            configuration=dict(flattened(content.configuration)),
            latents=LATENTS,
            controls=CONTROLS,
            signs={m.name: sign(m.position) for d in content.datasets for m in d.models},
            labels={m.name: m.label for d in content.datasets for m in d.models},
            neighbours={name[0]: (before, after) for before, name, after in around},
            captions=captions,
            formats=FORMATS,
            files=layout,
            OK=OK,
            FAILED=FAILED,
        )
    )


def of_encoders_alone(materials: ModelMaterials) -> list[str]:
    """Return the headings that a model which encodes no stamps does not have; none of one that failed."""
    scores = materials.scores
    if scores["status"] == FAILED or scores["count"]["reconstructed"] or not materials.analysis.get("reason"):
        return []
    return ["Reconstructions", "Interpolation", LATENTS]


def _environment() -> jinja2.Environment:
    environment = page_environment()
    environment.filters |= {
        "anchor": anchor,
        "capitalize_first": lambda text: text[:1].upper() + text[1:],
        "prefixed": lambda name, prefix: f"{prefix}{name}",
        "cell": cell,
        "duration": lambda seconds: "–" if missing(seconds) else format_duration(float(seconds)),
        "integer": lambda value: "–" if missing(value) else f"{int(value):,}",
        "label": label,
        "link": link,
        "number": number,
        "percent": lambda value: "–" if missing(value) else f"{100 * float(value):.1f} %",
        "short_label": short_label,
        "written": written,
    }
    environment.tests["missing"] = missing
    return environment


def link(file: layout.ResultFile, dataset: str, model: str = "") -> str:
    """Return the address of a result on the page, relative to it."""
    path = posixpath.relpath(file.of(dataset=dataset, model=model), posixpath.dirname(layout.REPORT))
    return quote(path)


def sign(position: int) -> ModelStyle:
    """Return a model's style by its place among those of the configuration, its marker as a character."""
    style = model_style(position)
    return style._replace(marker=MARKERS[style.marker])


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
        (width, height), fault = image.size, str(image.info.get(WARNING, ""))
    source = f"data:image/webp;base64,{base64.b64encode(stream.getvalue()).decode()}"
    return Picture(source, width, height, fault)


def _pictures(figures: Mapping[str, bytes]) -> dict[str, Picture]:
    return {name: picture(data) for name, data in figures.items()}
