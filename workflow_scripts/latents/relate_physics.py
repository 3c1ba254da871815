"""Relate a model's latents to its galaxies: features from latents, and galaxies drawn by features."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from galforge.core.command_line import run_entry
from galforge.core.files import write_json
from galforge.core.isolation import isolated
from galforge.core.settings import Section
from galforge.core.tables import write_table
from galforge.datasets.latent_file import read_latents
from galforge.datasets.same_galaxies import check_same_galaxies
from galforge.datasets.stamp_file import Stamps, read_attributes, read_catalog, read_stamps
from galforge.evaluation.drawn_galaxies import measure_shapes
from galforge.evaluation.galaxy_grid import GRID_COLUMNS, Axes, asked_values, follow, grid_table
from galforge.evaluation.latent_regression import COLUMNS, Split, regress
from galforge.evaluation.latents import posteriors


@dataclass(frozen=True)
class Files:
    """The dataset, its latents under the model and the grid; two tables and a JSON."""

    dataset: Path
    latents: Path
    grid: Path
    regression: Path
    cells: Path
    physics: Path


class Settings(Section):
    """Which draws."""

    seed: int


def main(files: Files, settings: Settings) -> None:
    """Write the tables and the numbers; where there are no latents, empty ones and the reason."""
    latents, grid = read_latents(files.latents), read_stamps(files.grid)
    known = posteriors(latents)
    table, reason = pd.DataFrame(columns=list(COLUMNS)), known.reason
    if not reason:
        catalog = read_catalog(files.dataset)
        encoded = pd.DataFrame({"identifier": latents.identifier})
        check_same_galaxies(files.latents, encoded, catalog, files.dataset)
        own = read_attributes(files.dataset).get("labels", "[]")
        split = latents.split[known.rows]

        def fit() -> tuple[pd.DataFrame, str]:
            parts = Split(known.mean, split == "train", split == "test")
            return regress(parts, catalog[known.rows], json.loads(own), settings.seed), ""

        empty = table
        table, reason = isolated(
            "regression", fit, lambda fault: (empty, f"it could not be fitted ({fault})")
        )
    cells, drawn = isolated(
        "grid",
        lambda: measured(grid, read_attributes(files.grid)),
        lambda fault: nothing(f"it failed ({fault})"),
    )
    write_table(files.regression, table)
    write_table(files.cells, cells)
    write_json(
        files.physics,
        {
            "dataset": latents.attributes["dataset"],
            "model": latents.attributes["model"],
            "reason": reason,
            "features": json.loads(table.to_json(orient="records")),
            "grid": drawn,
        },
    )


def nothing(reason: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return an empty table and the reason."""
    return pd.DataFrame(columns=list(GRID_COLUMNS)), {"reason": reason}


def measured(grid: Stamps, attributes: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return what is measured of a grid of galaxies, cell by cell, and how it follows what was asked."""
    if not len(grid):
        return nothing(str(attributes["reason"]))
    axes = Axes(str(attributes["size"]), str(attributes["shape"]))
    shapes = measure_shapes(grid.image, bool(attributes["in_flux"]), axes.size == "width")
    table = grid_table(asked_values(grid, axes), *shapes)
    facts = {
        "reason": "",
        "size_column": axes.size,
        "shape_column": axes.shape,
        "flow": json.loads(str(attributes["flow"])),
        "galaxies": len(grid),
        "measured": int(table["measured"].sum()),
    }
    return table, {**facts, **follow(table)}


if __name__ == "__main__":
    run_entry(main)
