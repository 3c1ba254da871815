"""Peak memory of one rendering shard, for surveys of different sizes: `python -m benchmarks.memory`."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from astropy.table import Table, vstack

from benchmarks.inputs import simulated_survey
from galforge.survey.layout import CATALOG, FITS_CATALOG, SELECTION_CATALOG, image_file_name
from galforge.survey.manifest import SurveyManifest, read_manifest, write_manifest

GALAXIES = 1000  # of one image file
FRAME = {"size": 64, "mode": "fit", "psf": {"kind": "original"}, "seed": 1}


def repeat_survey(manifest: SurveyManifest, times: int) -> SurveyManifest:
    """Return a survey of so many times as many galaxies, in as many more files; the first stays."""
    folder = manifest.path.parent / f"{times}"
    folder.mkdir()
    for path in manifest.path.glob("*.fits"):
        (folder / path.name).symlink_to(path)
    for name in (CATALOG, FITS_CATALOG, SELECTION_CATALOG):
        table = Table.read(manifest.path / name)
        tables = []
        for number in range(times):
            part = table.copy()
            part["IDENT"] += number * len(table)
            if name == CATALOG:
                part["GAL_FILENAME"] = image_file_name(number + 1)
            tables.append(part)
        (folder / name).unlink()
        vstack(tables).write(folder / name)
    for number in range(1, times):
        (folder / image_file_name(number + 1)).symlink_to(manifest.path / image_file_name(1))
    write_manifest(folder / "survey.json", replace(manifest, directory=".", count=times * manifest.count))
    return read_manifest(folder / "survey.json")


def peak_memory(manifest: SurveyManifest) -> float:
    """Return the peak resident memory, GiB, of a shard that draws the whole survey."""
    settings = {**FRAME, "shard": 0, "shards": 1}
    arguments = ["--settings", json.dumps(settings), "--survey", str(manifest.path / "survey.json")]
    arguments += ["--stamps", str(manifest.path / "stamps.h5")]
    process = subprocess.Popen(
        [sys.executable, "-m", "workflow_scripts.stamps.render_stamps", *arguments], stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"render_stamps ended with status {process.returncode}")
    return usage.ru_maxrss / 2**20


def main() -> None:
    """Simulate a file of galaxies, repeat it, and print a row for each survey."""
    with tempfile.TemporaryDirectory() as folder:
        single = simulated_survey(Path(folder) / "single", GALAXIES)
        print("| galaxies in a shard | peak memory |\n|---|---|", flush=True)
        for times in (1, 10):
            survey = repeat_survey(single, times)
            print(f"| {survey.count:,} | {peak_memory(survey):.2f} GiB |", flush=True)


if __name__ == "__main__":
    main()
