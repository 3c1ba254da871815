"""All numbers of a model's latents: what each is worth, what it follows, how probed stamps come back."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from galforge.datasets.stamp_file import Stamps
from galforge.evaluation.latent_structure import noise_correlations, structure_numbers
from galforge.evaluation.latents import (
    CORRELATION_COLUMNS,
    SUMMARY_COLUMNS,
    Posteriors,
    correlate,
    count_bands,
    followed,
    summarize_latents,
)
from galforge.evaluation.probing import score_noise, score_rotation


class LatentAnalysis(NamedTuple):
    """The numbers of a model's latents.

    Attributes
    ----------
    summary : DataFrame
        One row per latent, of :func:`galforge.evaluation.latents.summarize_latents`, and
        ``noise_correlation``, of :func:`galforge.evaluation.latent_structure.noise_correlations`.
    correlations : DataFrame
        One row per latent and parameter, of :func:`galforge.evaluation.latents.correlate`.
    numbers : dict
        What the report says of them, for a JSON file.
    """

    summary: pd.DataFrame
    correlations: pd.DataFrame
    numbers: dict[str, Any]


# Where there are no latents.
NOTHING = LatentAnalysis(
    pd.DataFrame(columns=[*SUMMARY_COLUMNS, "noise_correlation"]),
    pd.DataFrame(columns=CORRELATION_COLUMNS),
    {},
)


def analyse_latents(
    known: Posteriors, parameters: pd.DataFrame, probe: Stamps, snr: Sequence[float]
) -> LatentAnalysis:
    """Return the numbers of latents.

    Parameters
    ----------
    known : Posteriors
        Without a reason against their analysis.
    parameters : DataFrame
        One row per galaxy of the dataset.
    probe : Stamps
        Stamps that were turned and made noisier, and their reconstructions.
    snr : sequence of float
        SNRs that noise was added down to.
    """
    noise = np.full(known.mean.shape[1], np.nan)
    if "snr" in parameters:
        noise = noise_correlations(known.deviation, parameters["snr"].to_numpy()[known.rows])
    summary = summarize_latents(known.mean, known.deviation)
    summary["noise_correlation"] = noise[summary["latent"]]
    correlations = correlate(known.mean, parameters[known.rows])
    numbers = {
        "latent_size": known.mean.shape[1],
        "bands": count_bands(summary),
        "snr": {name: float(getattr(summary["snr"], name)()) for name in ("min", "median", "max")},
        "followed": followed(correlations),
        "structure": structure_numbers(known.mean, noise),
        "rotation": score_rotation(probe),
        "noise": score_noise(probe, snr),
    }
    return LatentAnalysis(summary, correlations, numbers)
