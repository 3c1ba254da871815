"""How well sources are reconstructed: PSNR, structural similarity and flux."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

SCORES: Final = ("psnr", "ssim", "flux")
COLUMNS: Final = ("reconstruction", "lenses", *(f"{name}{end}" for name in SCORES for end in ("", "_error")),
                  "flux_scatter")  # fmt: skip


def scores_of_each(made: NDArray[np.floating], sources: NDArray[np.floating]) -> pd.DataFrame:
    """Return the scores of reconstructions (N, H, H) of sources (N, H, H), one row each.

    Returns
    -------
    DataFrame
        ``psnr``, the peak of the source over the root of the mean squared error, dB; ``ssim``, the structural
        similarity (Wang et al. 2004) over the range of the source; ``flux``, reconstructed less true
        magnitude.
    """
    rows = []
    for image, source in zip(made.astype(np.float64), sources.astype(np.float64), strict=True):
        peak, error = source.max(), np.mean((image - source) ** 2)
        similarity = structural_similarity(source, image, data_range=peak - source.min())
        fluxes = image.sum() / source.sum()
        rows.append(
            {
                "psnr": 10 * np.log10(peak**2 / error) if error else np.inf,
                "ssim": similarity,
                "flux": -2.5 * np.log10(fluxes) if fluxes > 0 else np.nan,
            }
        )
    return pd.DataFrame(rows, columns=list(SCORES))


def score_table(
    reconstructions: Mapping[str, NDArray[np.floating]], sources: NDArray[np.floating]
) -> pd.DataFrame:
    """Return mean and error of each score, one row per reconstruction of the same sources.

    Of the fluxes it is the median, with the error of one of a normal distribution; ``flux_scatter`` is the
    standard deviation, from quartiles.
    """
    rows = []
    for name, made in reconstructions.items():
        each = scores_of_each(made, sources)
        count, row = len(each), {"reconstruction": name, "lenses": len(each)}
        for score in ("psnr", "ssim"):
            row |= {score: each[score].mean(), f"{score}_error": each[score].std() / np.sqrt(count)}
        low, middle, high = each["flux"].quantile([0.25, 0.5, 0.75])
        scatter = (high - low) / 1.349
        row |= {"flux": middle, "flux_error": 1.2533 * scatter / np.sqrt(count), "flux_scatter": scatter}
        rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))
