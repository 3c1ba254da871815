"""Score held-out real stamps against others: the floor of every score."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.files import file_digest, write_json
from galforge.datasets.stamp_file import read_attributes
from galforge.evaluation.floor import judge_floor
from galforge.evaluation.sample_files import Scoring, ScoringFiles, read_reference


@dataclass(frozen=True)
class Files(ScoringFiles):
    """The reference, Inception where features were measured with it, and the floor's scores."""

    floor: Path
    inception: Path | None = None


def main(files: Files, settings: Scoring) -> None:
    """Compare one half of the real stamps with the other."""
    halves = read_reference(
        files.dataset, files.real, files.real_features, settings.parameters, settings.count
    )
    attributes = read_attributes(files.dataset)
    floor = {
        "dataset": attributes["dataset"],
        "simulated": bool(attributes["simulated"]),
        "inception_digest": file_digest(files.inception) if files.inception else None,
        **judge_floor(*halves, settings),
    }
    write_json(files.floor, floor)


if __name__ == "__main__":
    run_entry(main)
