"""Score held-out real stamps against others: the floor of every score."""

from pathlib import Path

from galforge.core.command_line import parse_settings, run_entry
from galforge.core.files import file_digest, write_json
from galforge.datasets.stamp_file import read_attributes
from galforge.evaluation.morphology_scores import scored_parameters
from galforge.evaluation.sample_files import Scoring, read_reference, scoring_parser
from galforge.evaluation.scores import failure_fraction, score_sample


def main() -> None:
    """Run the stage."""
    parser = scoring_parser(__doc__)
    parser.add_argument("--inception", type=Path, help="TorchScript file that features were measured with")
    arguments = parser.parse_args()
    settings = parse_settings(Scoring, arguments.settings)

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
            "inception_digest": file_digest(arguments.inception) if arguments.inception else None,
            "scores": found,
        },
    )


if __name__ == "__main__":
    run_entry(main)
