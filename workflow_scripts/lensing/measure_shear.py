"""Measure known shears of the survey's galaxies, a model's and single-Sersic fits."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from galforge.core.command_line import run_entry
from galforge.core.progress import announce
from galforge.core.settings import Section
from galforge.core.tables import write_table
from galforge.datasets.stamp_file import read_catalog
from galforge.lensing.shear import COLUMNS, Origins, bias_table, galaxies_of, measure_kinds
from galforge.lensing.shear_settings import Shear
from galforge.models.record import read_record
from galforge.survey.manifest import read_manifest
from galforge.survey.reading import open_survey


@dataclass(frozen=True)
class Files:
    """The survey, the dataset, the model; the table of biases."""

    survey: Path
    dataset: Path
    weights: Path
    record: Path
    table: Path


class Settings(Section):
    """The measurement, and the seed of all chance."""

    measurement: Shear
    seed: int


def main(files: Files, settings: Settings, threads: int) -> None:
    """Measure the galaxies; of a training that failed there are none."""
    record = read_record(files.record)
    if record["status"] != "ok":
        announce(f"{record['model']}: {record['reason']}")
        write_table(files.table, pd.DataFrame(columns=list(COLUMNS)))
        return
    catalog, model = read_catalog(files.dataset), files.weights.parent
    open_survey(read_manifest(files.survey)).check_same(catalog)
    galaxies = galaxies_of(catalog, model, settings.measurement.count, settings.seed)
    origins = Origins(files.survey, model, settings.seed)
    found = measure_kinds(galaxies, origins, settings.measurement, threads)
    table = bias_table(found, settings.measurement)
    write_table(files.table, table)
    for row in table.to_dict("records"):
        bias = f"m = {row['m']:.4f} +- {row['m_error']:.4f}" if np.isfinite(row["m"]) else "no m"
        announce(f"{row['kind']}: {bias} of {row['galaxies']:,} galaxies")


if __name__ == "__main__":
    run_entry(main)
