"""Put numbers on a model's latents: signal-to-noise ratio, correlations, rotation and denoising."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from galforge.core.command_line import run_entry
from galforge.core.files import write_json
from galforge.core.isolation import isolated
from galforge.core.settings import Section
from galforge.core.tables import read_table, write_table
from galforge.datasets.latent_file import read_latents
from galforge.datasets.same_galaxies import check_same_galaxies
from galforge.datasets.stamp_file import read_catalog, read_stamps
from galforge.evaluation.galaxy_parameters import galaxy_parameters
from galforge.evaluation.latent_analysis import NOTHING, LatentAnalysis, analyse_latents
from galforge.evaluation.latents import posteriors


@dataclass(frozen=True)
class Files:
    """The dataset, its latents under the model, probed stamps and real morphology; two tables and a JSON."""

    dataset: Path
    latents: Path
    probe: Path
    morphology: Path
    summary: Path
    correlations: Path
    analysis: Path


class Settings(Section):
    """Parameters of statmorph that latents are correlated with; SNRs that noise was added down to."""

    parameters: list[str]
    snr: list[float]


def main(files: Files, settings: Settings) -> None:
    """Write the tables and the numbers; where there are no latents, empty ones and the reason."""
    latents = read_latents(files.latents)
    known = posteriors(latents)
    analysis, reason = NOTHING, known.reason
    if not reason:
        catalog = read_catalog(files.dataset)
        encoded = pd.DataFrame({"identifier": latents.identifier})
        check_same_galaxies(files.latents, encoded, catalog, files.dataset)
        morphology, probe = read_table(files.morphology), read_stamps(files.probe)

        def analyse() -> tuple[LatentAnalysis, str]:
            parameters = galaxy_parameters(catalog, morphology, settings.parameters)
            return analyse_latents(known, parameters, probe, settings.snr), ""

        analysis, reason = isolated(
            "latents", analyse, lambda fault: (NOTHING, f"they could not be analysed ({fault})")
        )
    write_table(files.summary, analysis.summary)
    write_table(files.correlations, analysis.correlations)
    write_json(
        files.analysis,
        {
            "dataset": latents.attributes["dataset"],
            "model": latents.attributes["model"],
            "reason": reason,
            "count": {"stamps": len(known.rows), "analysed": len(known.mean)},
            **analysis.numbers,
        },
    )


if __name__ == "__main__":
    run_entry(main)
