"""Put numbers on a model's latents: signal-to-noise ratio, correlations, rotation and denoising."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.errors import InputError
from galforge.core.files import write_json
from galforge.core.tables import read_table, write_table
from galforge.datasets.latent_file import read_latents
from galforge.datasets.stamp_file import read_catalog, read_stamps
from galforge.evaluation.galaxy_parameters import galaxy_parameters
from galforge.evaluation.latents import (
    CORRELATION_COLUMNS,
    SUMMARY_COLUMNS,
    correlate,
    count_bands,
    followed,
    posteriors,
    summarize_latents,
)
from galforge.evaluation.probing import score_noise, score_rotation


@strict
@dataclass(frozen=True)
class Settings:
    """Parameters of statmorph that latents are correlated with; SNRs that noise was added down to."""

    parameters: list[str]
    snr: list[float]


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--latents", type=Path, required=True, help="of the dataset under the model")
    parser.add_argument("--probe", type=Path, required=True, help="stamps of probe_latents")
    parser.add_argument("--morphology", type=Path, required=True, help="of real stamps of the dataset, CSV")
    parser.add_argument("--summary", type=Path, required=True, help="table to make, a row a latent")
    parser.add_argument("--correlations", type=Path, required=True, help="table to make")
    parser.add_argument("--output", type=Path, required=True, help="latents.json to make")
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    latents = read_latents(arguments.latents)
    known = posteriors(latents)
    result: dict[str, Any] = {
        "dataset": latents.attributes["dataset"],
        "model": latents.attributes["model"],
        "reason": known.reason,
        "count": {"stamps": len(known.rows), "analysed": len(known.mean)},
    }
    summary, correlations = pd.DataFrame(columns=SUMMARY_COLUMNS), pd.DataFrame(columns=CORRELATION_COLUMNS)
    if not known.reason:
        catalog = read_catalog(arguments.dataset)
        if catalog["identifier"].tolist() != latents.identifier.tolist():
            raise InputError(f"{arguments.latents}: holds other galaxies than {arguments.dataset}")
        summary = summarize_latents(known.mean, known.deviation)
        parameters = galaxy_parameters(catalog, read_table(arguments.morphology), settings.parameters)
        correlations = correlate(known.mean, parameters[known.rows])
        probe = read_stamps(arguments.probe)
        result |= {
            "latent_size": known.mean.shape[1],
            "bands": count_bands(summary),
            "snr": {name: float(getattr(summary["snr"], name)()) for name in ("min", "median", "max")},
            "followed": followed(correlations),
            "rotation": score_rotation(probe),
            "noise": score_noise(probe, settings.snr),
        }
    write_table(arguments.summary, summary)
    write_table(arguments.correlations, correlations)
    write_json(arguments.output, result)


if __name__ == "__main__":
    run_entry(main)
