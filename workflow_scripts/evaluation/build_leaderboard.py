"""Gather the scores of all models and controls of a dataset in one table, and in one list."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.errors import InputError
from galforge.core.files import read_json
from galforge.core.tables import write_table
from galforge.evaluation.leaderboard import list_scores, rank_models


@strict
@dataclass(frozen=True)
class Settings:
    """The dataset whose models are ranked."""

    dataset: str


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--floor", type=Path, required=True, help="floor.json of the dataset")
    parser.add_argument("--metrics", type=Path, nargs="+", required=True, help="metrics.json of each model")
    parser.add_argument("--output", type=Path, required=True, help="table to make, a row a model")
    parser.add_argument("--scores", type=Path, required=True, help="table to make, a row a score")
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    metrics = [read_json(path) for path in arguments.metrics]
    for path, entry in zip(arguments.metrics, metrics, strict=True):
        if entry["dataset"] != settings.dataset:
            raise InputError(f"{path}: is of the dataset {entry['dataset']}, not {settings.dataset}")
    floor = read_json(arguments.floor)
    try:
        table = rank_models(metrics, floor)
    except ValueError as error:
        raise InputError(f"{arguments.output}: {error}") from error
    write_table(arguments.scores, list_scores(metrics, floor))
    write_table(arguments.output, table)


if __name__ == "__main__":
    run_entry(main)
