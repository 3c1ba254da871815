"""How a model's latents hang together, and how well each is known where a stamp is noisy."""

from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.evaluation.latents import correlate

SHARE: Final = 0.9  # of the variance, that so many principal components hold
LEAST_COMPONENT: Final = 1e-5  # of the widest principal component, below which is rounding


class Whitening(NamedTuple):
    """Latents (N, L) as their principal components (N, M), each of mean 0 and variance 1, and back.

    Latents may all but lie on a line, with what tells of a galaxy's shape across it: gradient descent would
    not see that within any number of passes.
    """

    center: NDArray[np.float64]
    axes: NDArray[np.float64]
    widths: NDArray[np.float64]

    def forward(self, latents: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the components (N, M) of latents (N, L)."""
        return np.asarray((latents - self.center) @ self.axes.T / self.widths)

    def back(self, components: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the latents (N, L) of components (N, M)."""
        return np.asarray(components * self.widths @ self.axes + self.center)


def whitening(latents: NDArray[np.floating]) -> Whitening:
    """Return the whitening of latents (N, L), which vary, in the components that are more than rounding."""
    latents = np.asarray(latents, dtype=np.float64)
    center = latents.mean(axis=0)
    _, widths, axes = np.linalg.svd(latents - center, full_matrices=False)
    kept = widths > LEAST_COMPONENT * widths[0]
    return Whitening(center, axes[kept], widths[kept] / np.sqrt(len(latents)))


def principal_shares(mean: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the shares (L,) of principal components in the variance of latent means (N, L), largest first.

    Of the latents as they are, not standardised: latents that hardly vary have next to no share. NaN if none
    varies.
    """
    centred = np.asarray(mean, dtype=np.float64) - np.mean(mean, axis=0, dtype=np.float64)
    variances = np.clip(np.linalg.eigvalsh(centred.T @ centred)[::-1], 0, None)
    total = variances.sum()
    return np.asarray(variances / total if total > 0 else np.full(len(variances), np.nan))


def mean_correlation(mean: NDArray[np.floating]) -> float:
    """Return the mean absolute Pearson correlation between different latents (N, L) that vary.

    0 is independent (of N galaxies about sqrt(2 / (pi N)) by chance); NaN of fewer than two latents.
    """
    varying = mean[:, np.ptp(mean, axis=0) > 0]
    size = varying.shape[1]
    if size < 2:
        return float("nan")
    correlations = np.abs(np.corrcoef(varying, rowvar=False))
    return float(correlations[~np.eye(size, dtype=bool)].mean())


def noise_correlations(deviation: NDArray[np.floating], snr: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return Spearman's correlation of each posterior's width with the noise of the stamps, 1 / SNR, (L,).

    The widths of a latent that is read off the stamp should grow with its noise (appendix of Danilov 2020).

    Parameters
    ----------
    deviation : ndarray, shape (N, L)
        Standard deviations of the posteriors.
    snr : ndarray, shape (N,)
        Signal-to-noise ratios of the stamps (Eq. 2); those that are not positive are left out.
    """
    table = correlate(deviation, pd.DataFrame({"noise": inverse(snr)}))
    return np.asarray(table["correlation"], dtype=np.float64)


def inverse(snr: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return 1 / SNR, NaN where the SNR is not positive."""
    snr = np.asarray(snr, dtype=np.float64)
    return np.asarray(np.divide(1.0, snr, out=np.full(len(snr), np.nan), where=np.isfinite(snr) & (snr > 0)))


def structure_numbers(mean: NDArray[np.floating], noise: NDArray[np.float64]) -> dict[str, Any]:
    """Return what the report says of all this, for a JSON file.

    Parameters
    ----------
    mean : ndarray, shape (N, L)
    noise : ndarray, shape (L,)
        From :func:`noise_correlations`.

    Returns
    -------
    dict
        ``mean_correlation``; ``principal_shares``, and ``principal_count``, how many of them hold
        :data:`SHARE` of the variance; ``noise``: ``median`` over the latents, ``strongest`` and its
        ``latent``. None where something is not defined.
    """
    shares, correlation = principal_shares(mean), mean_correlation(mean)
    known = np.isfinite(noise)
    strongest = int(np.nanargmax(np.abs(noise))) if known.any() else None
    varied = bool(np.isfinite(shares).all())
    return {
        "mean_correlation": correlation if np.isfinite(correlation) else None,
        "principal_shares": [float(share) for share in shares] if varied else [],
        "principal_count": int(np.searchsorted(np.cumsum(shares), SHARE - 1e-12) + 1) if varied else None,
        "noise": {
            "median": float(np.median(noise[known])) if known.any() else None,
            "strongest": None if strongest is None else float(noise[strongest]),
            "latent": strongest,
        },
    }
