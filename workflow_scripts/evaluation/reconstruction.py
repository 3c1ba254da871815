"""How well a model gives back the stamps that it encodes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.stats import spearmanr

from workflow_scripts.evaluation.distances import usable_matrix
from workflow_scripts.evaluation.halves import random_halves
from workflow_scripts.evaluation.resampling import Halves, Score, scores_of
from workflow_scripts.seeds import derive_seed

_LEAST_PAIRS = 3  # galaxies, below which a correlation or a spread says nothing

# As torch.nn.functional.binary_cross_entropy: a certain and wrong pixel costs 100, not infinity.
_LEAST_LOGARITHM = -100.0


def mean_squared_error(
    image: NDArray[np.floating], reconstruction: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return the mean over pixels of the squared residual, for each stamp.

    Parameters
    ----------
    image, reconstruction : ndarray, shape (N, C, H, W)

    Returns
    -------
    ndarray of float64, shape (N,)
        NaN or infinite where the reconstruction is.
    """
    residual = np.asarray(image, dtype=np.float64) - reconstruction
    return np.asarray((residual**2).mean(axis=(1, 2, 3)))


def binary_cross_entropy(
    image: NDArray[np.floating], reconstruction: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return the mean over pixels of the binary cross-entropy, for each stamp.

    Parameters
    ----------
    image, reconstruction : ndarray, shape (N, C, H, W)
        In [0, 1]; a reconstruction that leaves this range is taken at its nearest end.

    Returns
    -------
    ndarray of float64, shape (N,)
        -x log r - (1 - x) log(1 - r), in nats, with logarithms no less than -100.
    """
    target = np.asarray(image, dtype=np.float64)
    probability = np.clip(np.asarray(reconstruction, dtype=np.float64), 0, 1)
    with np.errstate(divide="ignore"):
        entropy = -target * np.maximum(np.log(probability), _LEAST_LOGARITHM) - (1 - target) * np.maximum(
            np.log1p(-probability), _LEAST_LOGARITHM
        )
    return np.asarray(entropy.mean(axis=(1, 2, 3)))


def residual_fraction(
    image: NDArray[np.floating], reconstruction: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return the residual's share of each stamp: the fraction of its variance left unexplained.

    Parameters
    ----------
    image, reconstruction : ndarray, shape (N, C, H, W)

    Returns
    -------
    ndarray of float64, shape (N,)
        Sum of the squared residual over the sum of the squared deviation from the stamp's mean: 0 is
        perfect, 1 is no better than the stamp's mean everywhere. NaN where the stamp is constant.
    """
    variance = np.asarray(image, dtype=np.float64).var(axis=(1, 2, 3))
    error = mean_squared_error(image, reconstruction)
    return np.asarray(np.divide(error, variance, out=np.full(len(error), np.nan), where=variance > 0))


def structural_similarity(
    image: NDArray[np.floating], reconstruction: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return the structural similarity of each stamp with its reconstruction, the mean over pixels.

    Parameters
    ----------
    image, reconstruction : ndarray, shape (N, C, H, W)
        In [0, 1].

    Returns
    -------
    ndarray of float64, shape (N,)
        1 where they are equal. Local means, variances and covariance have a Gaussian weight of
        sigma = 1.5 px, with K1 = 0.01 and K2 = 0.03.

    References
    ----------
    Wang et al. (2004), IEEE Trans. Image Process. 13, 600, Eq. 13.
    """
    x, y = np.asarray(image, dtype=np.float64), np.asarray(reconstruction, dtype=np.float64)

    def local(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(gaussian_filter(values, (0, 0, 1.5, 1.5), truncate=3.5))

    mean_x, mean_y = local(x), local(y)
    # With the unbiased variance of the 11 x 11 window, as scikit-image's reference implementation.
    unbiased = 121 / 120
    variance = unbiased * (local(x * x) - mean_x**2 + local(y * y) - mean_y**2)
    covariance = unbiased * (local(x * y) - mean_x * mean_y)
    light, contrast = 0.01**2, 0.03**2
    similarity = (2 * mean_x * mean_y + light) * (2 * covariance + contrast)
    similarity /= (mean_x**2 + mean_y**2 + light) * (variance + contrast)
    # Windows that reach over the edge are left out.
    return np.asarray(similarity[..., 5:-5, 5:-5].mean(axis=(1, 2, 3)))


def score_reconstruction(
    image: NDArray[np.floating], reconstruction: NDArray[np.floating]
) -> dict[str, float | int | None]:
    """Return the mean reconstruction errors over the stamps whose reconstruction is finite.

    Parameters
    ----------
    image, reconstruction : ndarray, shape (N, C, H, W)
        In [0, 1].

    Returns
    -------
    dict
        ``mse``, ``bce``, ``residual_fraction`` and ``ssim`` (None where no stamp has one), and
        ``count``, the number of stamps that they are means over.
    """
    errors = _errors(image, reconstruction)
    return {**_means(errors), "count": len(errors)}


def reconstruction_scores(
    image: NDArray[np.floating], reconstruction: NDArray[np.floating], draws: int, seed: int
) -> dict[str, Score]:
    """Return the means of :func:`score_reconstruction` with their errors, ``reconstruction_<name>`` each.

    Parameters
    ----------
    image, reconstruction : ndarray, shape (N, C, H, W)
        In [0, 1].
    draws : int
        Random halves behind each error.
    seed : int
    """
    errors = _errors(image, reconstruction)
    return scores_of(
        lambda some, _: _named(_means(some)), errors, errors, _halves_of_pairs(len(errors), draws, seed)
    )


def score_kept_morphology(
    original: pd.DataFrame, reconstruction: pd.DataFrame, parameters: Sequence[str]
) -> dict[str, Any]:
    """Return how well the morphology of galaxies is kept by their reconstructions.

    Parameters
    ----------
    original, reconstruction : DataFrame of N rows
        Measured morphology of the same galaxies in the same order.
    parameters : sequence of str

    Returns
    -------
    dict
        ``correlation``: Spearman's rank correlation between galaxies and their reconstructions, of each
        parameter and of statmorph's ``flux_ellip`` and ``rhalf_ellip``; ``flux`` and ``half_light_radius``:
        ``median`` of the relative error of these two, flux and half-light semi-major axis in the ellipse of
        the galaxy, and ``spread``, half of the range that holds 68 % of them; ``count`` of galaxies where
        both were measured. None where fewer than three were.
    """
    names = _kept_names(parameters)
    return _kept(usable_matrix(original, names), usable_matrix(reconstruction, names), parameters)


def kept_morphology_scores(
    original: pd.DataFrame, reconstruction: pd.DataFrame, parameters: Sequence[str], draws: int, seed: int
) -> dict[str, Score]:
    """Return what :func:`score_kept_morphology` does with the errors of it.

    Parameters
    ----------
    original, reconstruction : DataFrame of N rows
        Measured morphology of the same galaxies in the same order.
    parameters : sequence of str
    draws : int
        Random halves behind each error.
    seed : int

    Returns
    -------
    dict of str to Score
        ``reconstruction_correlation_<parameter>``, and ``reconstruction_<name>_median`` and
        ``reconstruction_<name>_spread`` of ``flux`` and ``half_light_radius``.
    """
    names = _kept_names(parameters)
    before, after = usable_matrix(original, names), usable_matrix(reconstruction, names)

    def statistic(some: NDArray[np.float64], others: NDArray[np.float64]) -> dict[str, float]:
        kept = _kept(some, others, parameters)
        return _named(
            {
                **{f"correlation_{name}": value for name, value in kept["correlation"].items()},
                **{
                    f"{name}_{part}": (kept[name] or {}).get(part)
                    for name in ("flux", "half_light_radius")
                    for part in ("median", "spread")
                },
            }
        )

    return scores_of(statistic, before, after, _halves_of_pairs(len(before), draws, seed))


def _halves_of_pairs(count: int, draws: int, seed: int) -> Halves:
    """Return halves that hold the same galaxies on either side."""
    rows = random_halves(count, draws, derive_seed(seed, "halves of the reconstructions"))
    return Halves(rows, rows)


def _named(values: Mapping[str, float | None]) -> dict[str, float]:
    return {
        f"reconstruction_{name}": float("nan") if value is None else value for name, value in values.items()
    }


def _errors(image: NDArray[np.floating], reconstruction: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return :data:`_ERRORS` of the stamps whose reconstruction is finite, (M, 4)."""
    finite = np.isfinite(reconstruction).all(axis=(1, 2, 3))
    return np.stack([error(image[finite], reconstruction[finite]) for error in _ERRORS.values()], axis=1)


def _means(errors: NDArray[np.float64]) -> dict[str, float | None]:
    columns = zip(_ERRORS, errors.T, strict=True)
    return {name: _mean_of(values[np.isfinite(values)].tolist()) for name, values in columns}


def _kept_names(parameters: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*parameters, "flux_ellip", "rhalf_ellip"]))


def _kept(
    before: NDArray[np.float64], after: NDArray[np.float64], parameters: Sequence[str]
) -> dict[str, Any]:
    """Return :func:`score_kept_morphology` of the columns :func:`_kept_names`, (N, P) each."""
    both = np.isfinite(before) & np.isfinite(after)
    columns = {name: n for n, name in enumerate(_kept_names(parameters))}

    def pair(name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        n = columns[name]
        return before[both[:, n], n], after[both[:, n], n]

    return {
        "correlation": {name: _correlation(*pair(name)) for name in columns},
        "flux": _relative_error(*pair("flux_ellip")),
        "half_light_radius": _relative_error(*pair("rhalf_ellip")),
        "count": int(both[:, columns["flux_ellip"]].sum()),
    }


def _correlation(before: NDArray[np.float64], after: NDArray[np.float64]) -> float | None:
    if len(before) < _LEAST_PAIRS or np.ptp(before) == 0 or np.ptp(after) == 0:
        return None
    return float(spearmanr(before, after).statistic)


def _relative_error(before: NDArray[np.float64], after: NDArray[np.float64]) -> dict[str, float] | None:
    if len(before) < _LEAST_PAIRS or (before == 0).any():
        return None
    low, median, high = np.percentile(after / before - 1, [16, 50, 84])
    return {"median": float(median), "spread": float((high - low) / 2)}


def _mean_of(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None


# Of each stamp, by the names of their means.
_ERRORS = {
    "mse": mean_squared_error,
    "bce": binary_cross_entropy,
    "residual_fraction": residual_fraction,
    "ssim": structural_similarity,
}
