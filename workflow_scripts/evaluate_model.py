"""Score one model against real stamps, with the floor beside every score."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from workflow_scripts.command_line import argument_parser, parse_settings, run_entry, strict
from workflow_scripts.datasets.stamp_file import read_attributes, read_stamps
from workflow_scripts.datasets.tables import read_table
from workflow_scripts.errors import ConfigurationError, InputError
from workflow_scripts.evaluation.scores import score_morphology, score_reconstruction
from workflow_scripts.files import read_json, write_json


@strict
@dataclass(frozen=True)
class Settings:
    """What is scored, by statmorph's names, on how many stamps (in the reference and of the model)."""

    parameters: list[str]
    count: int


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--real", type=Path, required=True, help="morphology of 2 count test stamps")
    parser.add_argument("--generated", type=Path, required=True, help="morphology of the model's stamps")
    parser.add_argument("--dataset", type=Path, required=True, help="the dataset that it was trained on")
    parser.add_argument("--reconstruction", type=Path, required=True, help="of the dataset's test split")
    parser.add_argument("--model", type=Path, required=True, help="the model's model.json")
    parser.add_argument("--output", type=Path, required=True, help="metrics.json to make")
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    model = read_json(arguments.model)
    fault = model["reason"] or "training failed" if model["status"] == "failed" else ""
    metrics = score_morphology(
        _read_morphology(arguments.real, settings.parameters),
        _read_morphology(arguments.generated, settings.parameters),
        settings.parameters,
        settings.count,
        fault,
    )
    metrics |= {
        "dataset": model["dataset"],
        "model": model["model"],
        "simulated": bool(read_attributes(arguments.dataset)["simulated"]),
        "reconstruction": _reconstruction(arguments.dataset, arguments.reconstruction),
        "training_seconds": model["training_seconds"],
        "parameters": model["parameters"],
    }
    write_json(arguments.output, metrics)


def _read_morphology(path: Path, parameters: list[str]) -> pd.DataFrame:
    table = read_table(path)
    if "status" not in table:
        raise InputError(f"{path}: is not a table of morphology, it has no column status")
    for parameter in parameters:
        if parameter not in table:
            raise ConfigurationError(
                f"evaluation.parameters: {parameter!r} is not measured; there are {', '.join(table.columns)}"
            )
    return table


def _reconstruction(dataset: Path, path: Path) -> dict[str, Any] | None:
    reconstruction = read_stamps(path)
    if len(reconstruction) == 0:
        return None
    split = read_attributes(path).get("split")
    if split != "test":
        raise InputError(f"{path}: its attribute split is {split!r}, not 'test'")
    real = read_stamps(dataset, split="test")
    if real.image.shape != reconstruction.image.shape:
        raise InputError(
            f"{path}: holds images of shape {reconstruction.image.shape}, "
            f"the test split of {dataset} {real.image.shape}"
        )
    return score_reconstruction(real.image, reconstruction.image)


if __name__ == "__main__":
    run_entry(main)
