"""Write the page of an experiment."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.files import replacing
from galforge.core.tables import read_table
from galforge.figures.experiment_page import PageContent, render_page


@dataclass(frozen=True)
class Files:
    """The Jinja2 template; captions; the tables; the figures; the page."""

    template: Path
    captions: tuple[Path, ...]
    trainings: Path
    variants: Path
    figures: tuple[Path, ...]
    page: Path


def main(files: Files, settings: PageContent) -> None:
    """Read tables and figures, write the page."""
    page = render_page(
        files.template.read_text(encoding="utf-8"),
        settings,
        read_table(files.trainings, text=("variant", "gate")),
        read_table(files.variants, text=("variant",)),
        {path.stem: path.read_bytes() for path in files.figures if path.suffix == ".png"},
        {path.stem: " ".join(path.read_text(encoding="utf-8").split()) for path in files.captions},
    )
    with replacing(files.page) as temporary:
        temporary.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    run_entry(main)
