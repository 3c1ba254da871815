"""Learn classes of galaxies from a model's latents, and map them."""

from dataclasses import dataclass
from functools import partial
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
from galforge.datasets.stamp_file import read_catalog
from galforge.evaluation.class_map import MAP_COLUMNS
from galforge.evaluation.latent_classes import Learnt, classes_named, learn_classes
from galforge.evaluation.latent_regression import Split
from galforge.evaluation.latents import posteriors


@dataclass(frozen=True)
class Files:
    """The dataset and its latents under the model; the map of held-out galaxies, and the numbers."""

    dataset: Path
    latents: Path
    places: Path
    numbers: Path


class Settings(Section):
    """Which classes, by column or question of votes, and which draws."""

    columns: list[str]
    seed: int


def main(files: Files, settings: Settings) -> None:
    """Write the map and the numbers; where there are no latents, none and the reason."""
    latents, catalog = read_latents(files.latents), read_catalog(files.dataset)
    every = {column: classes_named(column, catalog) for column in settings.columns}
    known = posteriors(latents)
    learnt: list[Learnt] = []
    if not known.reason:
        encoded = pd.DataFrame({"identifier": latents.identifier})
        check_same_galaxies(files.latents, encoded, catalog, files.dataset)
        split, identifier = latents.split[known.rows], latents.identifier[known.rows]
        parts = Split(known.mean, split == "train", split == "test")
        for column, classes in every.items():
            own = classes._replace(labels=classes.labels[known.rows])
            learn = partial(learn_classes, parts, own, column, identifier, settings.seed)
            learnt.append(isolated(f"classes {column}", learn, partial(nothing, column)))
    tables = [each.places for each in learnt if len(each.places)]
    write_table(files.places, pd.concat(tables) if tables else pd.DataFrame(columns=list(MAP_COLUMNS)))
    write_json(
        files.numbers,
        {
            "dataset": latents.attributes["dataset"],
            "model": latents.attributes["model"],
            "reason": known.reason,
            "columns": [each.numbers for each in learnt],
        },
    )


def nothing(column: str, fault: str) -> Learnt:
    """Return no numbers and an empty map of classes that could not be learnt."""
    numbers: dict[str, Any] = {"column": column, "reason": f"it could not be learnt ({fault})"}
    return Learnt(numbers, pd.DataFrame(columns=list(MAP_COLUMNS)))


if __name__ == "__main__":
    run_entry(main)
