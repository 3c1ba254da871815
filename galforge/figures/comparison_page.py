"""A page of its own beside the report: what was compared, in words, tables and figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from galforge.core.settings import Section
from galforge.figures.page_environment import page_environment
from galforge.figures.report import Picture, picture

_LONG: Final = 24  # characters of a cell that is words


class PageContent(Section):
    """What is compared, what it is, where it is published, and which of its surveys are simulated."""

    name: str
    description: str
    paper: str
    simulated: list[str]


@dataclass(frozen=True)
class PageTable:
    """A table: the head of each column, and rows of as many texts."""

    title: str
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class PageFigure:
    """A figure, embedded in the page."""

    title: str
    caption: str
    picture: Picture

    @classmethod
    def of(cls, title: str, caption: str, data: bytes) -> "PageFigure":
        """Return the figure of a PNG."""
        return cls(title, caption, picture(data))


def render_page(
    template: str,
    content: PageContent,
    notes: Sequence[str],
    tables: Sequence[PageTable],
    figures: Sequence[PageFigure],
) -> str:
    """Return the page as HTML, complete in itself.

    Parameters
    ----------
    template : str
        Jinja2 source; all text is escaped.
    content : PageContent
    notes : sequence of str
        Further paragraphs.
    tables : sequence of PageTable
    figures : sequence of PageFigure
    """
    environment = page_environment()
    environment.tests["longer"] = lambda text: len(text) > _LONG
    return environment.from_string(template).render(
        content=content, notes=notes, tables=tables, figures=figures
    )
