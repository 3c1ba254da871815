"""Write the page of a network from places to pixels: every picture that it was fitted to."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.files import read_json, replacing
from galforge.figures.comparison_page import PageContent, PageFigure, PageTable, render_page


@dataclass(frozen=True)
class Files:
    """Records and figures of all pictures in one order; the page."""

    template: Path
    records: tuple[Path, ...]
    figures: tuple[Path, ...]
    page: Path


HEAD = (
    "picture",
    "held-out pixels",
    "network, dB",
    "bicubic, dB",
    "one colour, dB",
    "network on given pixels, dB",
)
CAPTION = (
    "Peak signal-to-noise ratios; more is better. Held out is the picture at its own size, or at the drawn "
    "one where that is smaller."
)


def main(files: Files, settings: PageContent) -> None:
    """Write the page."""
    records = [read_json(path) for path in files.records]
    rows = [
        [
            record["picture"],
            f"{record['sides']['truth']} x {record['sides']['truth']}",
            *(f"{record['decibels'][name]:.2f}" for name in ("network", "bicubic", "constant", "fitted")),
        ]
        for record in records
    ]
    figures = [
        PageFigure.of(record["picture"], "Given, drawn, interpolated, and as it is.", path.read_bytes())
        for record, path in zip(records, files.figures, strict=True)
    ]
    network = records[0]["settings"]
    notes = [
        f"{records[0]['parameters']:,} parameters: {network['layers']} hidden layers of {network['width']}, "
        f"{network['activation']}."
    ]
    template = files.template.read_text(encoding="utf-8")
    tables = [PageTable("Pictures", CAPTION, HEAD, rows)]
    page = render_page(template, settings, notes, tables, figures)
    with replacing(files.page) as temporary:
        temporary.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    run_entry(main)
