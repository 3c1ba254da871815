"""One look for every figure: colour-blind safe, readable, and the same on every machine."""

import math
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from galforge.core.files import replacing
from galforge.core.isolation import isolated

# A power of two: a side in pixels over DPI is then exact, and a stamp's pixel is a whole number of pixels.
DPI = 128

# Colours of Okabe and Ito (2008), told apart with every common kind of colour blindness.
BLUE = "#0072B2"
ORANGE = "#E69F00"
VERMILLION = "#D55E00"
INK = "#222222"
GREY = "#6B6B6B"
PALE = "#CFCFCF"

REAL, GENERATED = GREY, BLUE

WARNING = "Warning"  # a keyword of PNG: why a figure could not be drawn

# The colours of lines and bars beside REAL. Yellow is too pale on white, and black means text.
_MODEL_COLOURS = (BLUE, VERMILLION, "#009E73", "#CC79A7", ORANGE, "#56B4E9")
_MODEL_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_MODEL_LINES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1)), (0, (9, 2)))


class ModelStyle(NamedTuple):
    """How one model is drawn, wherever it is drawn."""

    colour: str
    marker: str
    line: Any


def model_style(position: int) -> ModelStyle:
    """Return the style of a model, by its place among all models of the configuration, from 0.

    Neighbours differ in colour and in marker. After six models colours repeat, with another marker
    and another line; a pair of colour and marker repeats after 48.
    """
    colours, markers = len(_MODEL_COLOURS), len(_MODEL_MARKERS)
    # Colours and markers in step meet again after 24; one marker more from then on, and the pairs are new.
    shift = position // math.lcm(colours, markers)
    return ModelStyle(
        _MODEL_COLOURS[position % colours],
        _MODEL_MARKERS[(position + shift) % markers],
        _MODEL_LINES[position // colours % len(_MODEL_LINES)],
    )


_TITLE_CHARACTERS = 11  # per inch, bold at 10 points

_STYLE: dict[Any, Any] = {
    "figure.dpi": DPI,
    "savefig.dpi": "figure",
    "figure.facecolor": "white",
    "font.family": "sans-serif",
    # DejaVu comes with matplotlib: a figure does not depend on the fonts of the machine.
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.labelsize": 9.5,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.6,
    "image.interpolation": "nearest",
    # In vector copies: text that can be edited, and the same file from the same figure.
    "pdf.fonttype": 42,
}


@contextmanager
def styled() -> Iterator[None]:
    """Give the context, also usable as a decorator, in which figures are made and written."""
    with matplotlib.rc_context(_STYLE):
        yield


def new_figure(width: float, height: float, title: str = "") -> Figure:
    """Return a figure whose axes arrange themselves, sides in inches, under a title wrapped to its width."""
    figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    if title:
        text = textwrap.fill(title, int(width * _TITLE_CHARACTERS))
        figure.suptitle(text, weight="bold", fontsize=10, x=0.012, ha="left")
    return figure


def pixel_figure(width: int, height: int) -> Figure:
    """Return a figure of exactly this many pixels, for :func:`pixel_axes`."""
    return Figure(figsize=(width / DPI, height / DPI), dpi=DPI)


def pixel_axes(figure: Figure, left: int, top: int, width: int, height: int) -> Axes:
    """Return axes without frame that cover exactly these pixels, counted from the upper left corner."""
    total_width, total_height = figure.get_size_inches() * DPI
    rectangle = (
        left / total_width,
        1 - (top + height) / total_height,
        width / total_width,
        height / total_height,
    )
    axes = figure.add_axes(rectangle)
    axes.set_axis_off()
    return axes


def pixel_title(figure: Figure, left: int, title: str) -> None:
    """Write a title at the top of a figure of :func:`pixel_figure`, ``left`` pixels from its left edge."""
    width, height = figure.get_size_inches() * DPI
    figure.text(left / width, 1 - 14 / height, title, weight="bold", va="top")


def words_figure(title: str, text: str) -> Figure:
    """Return a figure that says in words why there is nothing to draw."""
    with styled():
        figure = Figure(figsize=(7, 1.4), dpi=DPI)
        figure.text(0.5, 0.62, title, ha="center", va="bottom", weight="bold")
        figure.text(0.5, 0.52, textwrap.fill(text, 80), ha="center", va="top", color=VERMILLION)
    return figure


def save_picture(figure: Figure, path: Path, fault: str = "") -> None:
    """Write a figure as PNG, whole or not at all; one that only says why there is none, with this fault."""
    # The backend is that of the file format (Agg for PNG): no display is needed.
    with styled(), replacing(path) as temporary:
        figure.savefig(temporary, format="png", metadata={WARNING: fault} if fault else None)


def save_figure(figure: Figure, path: Path, fault: str = "") -> None:
    """Write a figure as PNG, and beside it as PDF, in which lines and text stay sharp at any size."""
    save_picture(figure, path, fault)
    figure.set_layout_engine("none")  # as the picture is laid out
    with styled(), replacing(path.with_suffix(".pdf")) as temporary:
        figure.savefig(temporary, format="pdf", metadata={"CreationDate": None})


def save_drawn(draw: Callable[[], Figure], path: Path, vectors: bool = True) -> None:
    """Draw a figure and write it; in the place of one that cannot be drawn is the reason.

    Parameters
    ----------
    draw : callable
    path : Path
        Of the PNG.
    vectors : bool
        Whether there is a PDF beside it.
    """
    save = save_figure if vectors else save_picture
    isolated(
        f"figure {path.stem}",
        lambda: save(draw(), path),
        lambda reason: save(words_figure("This figure could not be drawn", reason), path, reason),
    )


def save_figures(drawings: Mapping[str, Callable[[], Figure]], paths: Collection[Path]) -> None:
    """Write several figures, each drawn as its turn comes; one that cannot be drawn costs no other.

    Parameters
    ----------
    drawings : mapping of str to callable
        What draws each figure, by the name of its file.
    paths : collection of Path
        Where the pictures go, PNG; their names without suffix are those of ``drawings``.

    Raises
    ------
    ValueError
        If other figures are asked for than are drawn.
    """
    places = {path.stem: path for path in paths}
    if places.keys() != drawings.keys():
        raise ValueError(f"figures {sorted(places)} are asked for, {sorted(drawings)} are drawn")
    for name, draw in drawings.items():
        save_drawn(draw, places[name])
