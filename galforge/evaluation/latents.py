"""What the latents of a model hold: their signal-to-noise ratio, their distribution and what they follow."""

from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.datasets.latent_file import Latents

# Danilov (2020), section 4.4: a latent should be about as well known as the light of a stamp, whose
# signal-to-noise ratio lies between these.
OVER_REGULARIZED: Final = 20.0
UNDER_REGULARIZED: Final = 200.0

BANDS: Final = ("over-regularized", "plausible", "under-regularized")

SUMMARY_COLUMNS: Final = (
    "latent", "snr", "band", "center", "scatter", "width", "skewness", "normal_distance", "divergence",
)  # fmt: skip
CORRELATION_COLUMNS: Final = ("latent", "parameter", "correlation", "count")

MINIMUM_COUNT: Final = 10  # galaxies, below which a correlation says nothing


class Posteriors(NamedTuple):
    """The posteriors that can be analysed, or why there are none.

    Attributes
    ----------
    mean, deviation : ndarray of float64, shape (N, L)
        The moments of each galaxy's normal posterior.
    rows : ndarray of bool, shape (M,)
        Which N of the file's M galaxies these are: those whose latents are all finite.
    reason : str
        Empty where there are posteriors.
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    rows: NDArray[np.bool_]
    reason: str


def posteriors(latents: Latents) -> Posteriors:
    """Return the finite posteriors of a file of latents."""
    mean, log_variance = (np.asarray(part, dtype=np.float64) for part in (latents.mean, latents.log_variance))
    rows = np.asarray((np.isfinite(mean) & np.isfinite(log_variance)).all(axis=1))
    reason = str(latents.attributes.get("reason", ""))
    if not reason and rows.sum() < MINIMUM_COUNT:
        reason = f"the latents of only {rows.sum()} of {len(rows)} stamps are finite"
    return Posteriors(mean[rows], np.exp(0.5 * log_variance[rows]), rows, reason)


def latent_snr(mean: NDArray[np.floating], deviation: NDArray[np.floating]) -> NDArray[np.float64]:
    r"""Return the signal-to-noise ratio of each latent.

    .. math:: SNR_z^i = \mu_{std}^i / \sigma_{mean}^i

    Eq. 6 of Danilov (2020): the scatter of the posterior means over the galaxies, divided by the mean width
    of the posteriors.

    Parameters
    ----------
    mean, deviation : ndarray, shape (N, L)
        Mean and standard deviation of the posterior of each galaxy.

    Returns
    -------
    ndarray of float64, shape (L,)
    """
    scatter = np.asarray(mean, dtype=np.float64).std(axis=0)
    return np.asarray(scatter / np.asarray(deviation, dtype=np.float64).mean(axis=0))


def band_of(snr: float) -> str:
    """Return which of :data:`BANDS` a signal-to-noise ratio lies in; the ends are plausible."""
    if snr < OVER_REGULARIZED:
        return BANDS[0]
    return BANDS[2] if snr > UNDER_REGULARIZED else BANDS[1]


def summarize_latents(mean: NDArray[np.floating], deviation: NDArray[np.floating]) -> pd.DataFrame:
    """Return one row per latent, the one with the highest signal-to-noise ratio first.

    Parameters
    ----------
    mean, deviation : ndarray, shape (N, L)
        Mean and standard deviation of the posterior of each galaxy, N at least 2.

    Returns
    -------
    DataFrame of L rows
        ``latent`` (its number, from 0), ``snr`` (:func:`latent_snr`) and its ``band``; ``center`` and
        ``scatter``, mean and standard deviation of the posterior means over the galaxies; ``width``,
        the mean posterior standard deviation; ``skewness`` of the means; ``normal_distance``, the
        Kolmogorov-Smirnov distance of the means from N(0, 1); ``divergence``, the mean
        Kullback-Leibler divergence of the posterior from N(0, 1) in nats (this latent's term of Eq. 4).
    """
    from scipy.stats import kstest  # its import takes 0.4 s, and most jobs that come by here need it not

    mean, deviation = np.asarray(mean, dtype=np.float64), np.asarray(deviation, dtype=np.float64)
    center, scatter = mean.mean(axis=0), mean.std(axis=0)
    snr = latent_snr(mean, deviation)
    third = ((mean - center) ** 3).mean(axis=0)
    table = pd.DataFrame(
        {
            "latent": np.arange(mean.shape[1]),
            "snr": snr,
            "band": [band_of(value) for value in snr],
            "center": center,
            "scatter": scatter,
            "width": deviation.mean(axis=0),
            "skewness": np.divide(third, scatter**3, out=np.full(len(third), np.nan), where=scatter > 0),
            "normal_distance": [float(kstest(values, "norm").statistic) for values in mean.T],
            "divergence": 0.5 * (mean**2 + deviation**2 - 1 - 2 * np.log(deviation)).mean(axis=0),
        }
    )
    return table.sort_values(["snr", "latent"], ascending=[False, True], ignore_index=True)


def count_bands(table: pd.DataFrame) -> dict[str, int]:
    """Return how many latents of a :func:`summarize_latents` table lie in each band."""
    return {band: int((table["band"] == band).sum()) for band in BANDS}


def correlate(latents: NDArray[np.floating], parameters: pd.DataFrame) -> pd.DataFrame:
    """Return Spearman's rank correlation of each latent with each parameter.

    Ranks, because radii and indices are skewed, and a latent may follow them without doing so linearly.

    Parameters
    ----------
    latents : ndarray, shape (N, L)
        Finite.
    parameters : DataFrame of N rows
        Numeric columns; rows that are not finite in a column are left out of that column.

    Returns
    -------
    DataFrame
        ``latent``, ``parameter``, ``correlation`` (NaN with fewer than :data:`MINIMUM_COUNT` galaxies,
        or where either side does not vary), ``count`` of galaxies.
    """
    from scipy.stats import rankdata

    tables = []
    for name in parameters:
        values = parameters[name].to_numpy(dtype=np.float64)
        usable = np.isfinite(values)
        correlation = np.full(latents.shape[1], np.nan)
        if usable.sum() >= MINIMUM_COUNT:
            # Spearman's coefficient is Pearson's of the ranks, ties at their mean.
            ranks = _centred(rankdata(values[usable])[:, None])
            others = _centred(rankdata(latents[usable], axis=0))
            norms = np.sqrt((ranks**2).sum() * (others**2).sum(axis=0))
            np.divide((ranks * others).sum(axis=0), norms, out=correlation, where=norms > 0)
        tables.append(
            pd.DataFrame(
                {
                    "latent": np.arange(latents.shape[1]),
                    "parameter": name,
                    "correlation": correlation,
                    "count": int(usable.sum()),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def followed(correlations: pd.DataFrame) -> list[dict[str, Any]]:
    """Return for each parameter the latent that follows it best, and how well.

    Parameters
    ----------
    correlations : DataFrame
        From :func:`correlate`.

    Returns
    -------
    list of dict
        ``parameter``, ``latent``, ``correlation``, ``count``; the strongest correlation first, without
        parameters that have none.
    """
    known = correlations.dropna(subset="correlation")
    strength = known["correlation"].abs()
    best = known.loc[strength.groupby(known["parameter"], sort=False).idxmax()]
    best = best.loc[best["correlation"].abs().sort_values(ascending=False, kind="stable").index]
    return [
        {"parameter": row.parameter, "latent": int(row.latent), "correlation": float(row.correlation),
         "count": int(row.count_)}
        for row in best.rename(columns={"count": "count_"}).itertuples()
    ]  # fmt: skip


def _centred(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(ranks - ranks.mean(axis=0))


def ellipticity_components(
    axis_ratio: NDArray[np.floating], angle: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return e1 and e2 of an ellipse of size e = (1 - q) / (1 + q), the shear of Bernstein & Jarvis (2002).

    A position angle has no order (0 and pi are the same), so it can only be correlated in this form.

    Parameters
    ----------
    axis_ratio : ndarray, shape (N,)
        q, minor over major axis.
    angle : ndarray, shape (N,)
        From +x to the major axis, radians.
    """
    size = (1 - np.asarray(axis_ratio, dtype=np.float64)) / (1 + axis_ratio)
    return np.asarray(size * np.cos(2 * angle)), np.asarray(size * np.sin(2 * angle))


def traversal(table: pd.DataFrame, latents: list[int], steps: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return latent vectors along single latents through the average galaxy.

    The vector of latent k and step j is the mean over the galaxies, with ``center + j * scatter`` in
    place of component k (section 4.4 of Danilov 2020, there for j = -3 ... 3).

    Parameters
    ----------
    table : DataFrame
        From :func:`summarize_latents`.
    latents : list of int
        Numbers of the K latents.
    steps : ndarray, shape (J,)
        In standard deviations of the latent over the galaxies.

    Returns
    -------
    ndarray of float64, shape (K, J, L)
    """
    ordered = table.sort_values("latent")
    center, scatter = (ordered[name].to_numpy(dtype=np.float64) for name in ("center", "scatter"))
    vectors = np.tile(center, (len(latents), len(steps), 1))
    for row, latent in enumerate(latents):
        vectors[row, :, latent] += np.asarray(steps) * scatter[latent]
    return vectors


def latent_shift(
    changed: NDArray[np.floating], original: NDArray[np.floating], scatter: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return how far latents moved, the root of the mean square over latents, in units of their scatter.

    0 is unmoved; two galaxies drawn at random lie sqrt(2) apart (root mean square).

    Parameters
    ----------
    changed, original : ndarray, shape (N, L)
    scatter : ndarray, shape (L,)
        Standard deviation of the latents over the galaxies; latents without any are left out.

    Returns
    -------
    ndarray of float64, shape (N,)
    """
    alive = np.asarray(scatter) > 0
    difference = (np.asarray(changed, dtype=np.float64) - original)[:, alive] / scatter[alive]
    return np.asarray(np.sqrt((difference**2).mean(axis=1)))
