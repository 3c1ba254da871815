"""Score held-out real stamps against others: the floor of every score."""

from dataclasses import dataclass
from pathlib import Path

from workflow_scripts.command_line import argument_parser, parse_settings, run_entry, strict
from workflow_scripts.datasets.stamp_file import read_attributes
from workflow_scripts.evaluation.morphology_scores import scored_parameters
from workflow_scripts.evaluation.sample_files import read_reference
from workflow_scripts.evaluation.scores import failure_fraction, score_sample
from workflow_scripts.files import write_json


@strict
@dataclass(frozen=True)
class Settings:
    """What is scored, by statmorph's names, on how many stamps a side, with errors of how many halves."""

    parameters: list[str]
    count: int
    resamples: int
    seed: int


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--real", type=Path, required=True, help="morphology of 2 count test stamps")
    parser.add_argument("--real-features", type=Path, required=True, help="features of the same stamps")
    parser.add_argument("--output", type=Path, required=True, help="floor.json to make")
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    reference, floor = read_reference(
        arguments.dataset, arguments.real, arguments.real_features, settings.parameters, settings.count
    )
    faults = scored_parameters(reference.morphology, floor.morphology, settings.parameters)
    scored = [name for name, fault in faults.items() if not fault]
    scores = score_sample(reference, floor, scored, settings.resamples, settings.seed)
    found = {name: score._asdict() for name, score in scores.items()}
    for name, fault in faults.items():
        if fault:
            found[f"distance_{name}"] = {"value": None, "error": None, "reason": fault}
    if not scored:
        found["mean_distance"]["reason"] = (
            f"no parameter can be scored on {2 * len(reference)} real stamps: "
            f"{faults[settings.parameters[0]]}"
        )
    attributes = read_attributes(arguments.dataset)
    write_json(
        arguments.output,
        {
            "dataset": attributes["dataset"],
            "simulated": bool(attributes["simulated"]),
            "count": {"real": 2 * len(reference), "reference": len(reference)},
            "failures": {
                "reference": failure_fraction(reference.morphology),
                "floor": failure_fraction(floor.morphology),
            },
            "parameters": settings.parameters,
            "scores": found,
        },
    )


if __name__ == "__main__":
    run_entry(main)
