"""Gather leaderboards, figures and records in one self-contained page."""

import os
from pathlib import Path
from typing import Any

import pandas as pd

from galforge.configuration.figures import report_path
from galforge.core.command_line import argument_parser, parse_settings, run_entry
from galforge.core.errors import InputError
from galforge.core.files import read_json, replacing
from galforge.core.tables import read_table
from galforge.datasets.stamp_file import read_attributes
from galforge.figures.report import Materials, ReportContent, render_report, required_files

_COLUMNS = {
    "leaderboard": (
        "rank",
        "model",
        "kind",
        "status",
        "reason",
        "tied",
        "mean_distance",
        "mean_distance_error",
        "stamps",
    ),
    "scores": ("model", "variant", "score", "tied"),
    "attrition": ("cut", "removed_alone", "removed_in_sequence", "remaining"),
}
_LINKED = ("card", "floor", "bounds", "latents", "correlations", "vector")  # not shown


def read_columns(kind: str, path: Path) -> pd.DataFrame:
    """Return a table that has the columns which the report shows."""
    table = read_table(path)
    absent = [name for name in _COLUMNS[kind] if name not in table]
    if absent:
        raise InputError(f"{path}: has no column {', '.join(absent)}")
    return table


def read_materials(files: dict[str, Path], captions: list[Path], folder: Path) -> Materials:
    """Read every file in the way that the first word of its key says, and captions as one line."""
    tables: dict[str, pd.DataFrame] = {}
    documents: dict[str, dict[str, Any]] = {}
    pictures: dict[str, bytes] = {}
    links: dict[str, str] = {}
    for key, path in files.items():
        links[key] = Path(os.path.relpath(path, folder)).as_posix()
        kind = key.partition("/")[0]
        if kind in _COLUMNS:
            tables[key] = read_columns(kind, path)
        elif kind == "figure":
            pictures[key] = path.read_bytes()
        elif kind == "dataset":
            documents[key] = read_attributes(path)
        elif kind in _LINKED:
            continue
        else:
            documents[key] = read_json(path)
    texts = {path.stem: " ".join(path.read_text(encoding="utf-8").split()) for path in captions}
    return Materials(tables, documents, pictures, links, texts)


def main() -> None:
    """Read the files, write the page."""
    parser = argument_parser(__doc__)
    parser.add_argument("--results", required=True, type=Path, help="folder of all results")
    parser.add_argument("--template", required=True, type=Path, help="the page's Jinja2 template")
    parser.add_argument("--captions", required=True, type=Path, nargs="+", help="of the figures, by name")
    parser.add_argument("--output", required=True, type=Path, help="the page, HTML")
    arguments = parser.parse_args()
    content = parse_settings(ReportContent, arguments.settings)
    files = {key: Path(report_path(key, str(arguments.results))) for key in required_files(content)}
    materials = read_materials(files, arguments.captions, arguments.output.parent)
    page = render_report(arguments.template.read_text(encoding="utf-8"), content, materials)
    with replacing(arguments.output) as temporary:
        temporary.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    run_entry(main)
