"""How well a model reproduces the stamps that it encodes.

Errors compare stamps (N, C, H, W) with their reconstructions, of the same shape, and give one number per
stamp, (N,).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from galforge.core.seeds import derive_seed
from galforge.evaluation.resampling import Resamples, Score, random_halves, scores_of
from galforge.evaluation.usable import usable_matrix

Images = NDArray[np.floating]
Errors = NDArray[np.float64]

_LEAST_PAIRS = 3  # galaxies, below which a correlation or a spread says nothing

# As in torch.nn.functional.binary_cross_entropy: a pixel that is certain and wrong costs 100, not infinity.
_LEAST_LOGARITHM = -100.0


def mean_squared_error(image: Images, reconstruction: Images) -> Errors:
    """Return the mean over pixels of the squared residual; NaN or infinite where the reconstruction is."""
    residual = np.asarray(image, dtype=np.float64) - reconstruction
    return np.asarray((residual**2).mean(axis=(1, 2, 3)))


def binary_cross_entropy(image: Images, reconstruction: Images) -> Errors:
    """Return the mean over pixels of the binary cross-entropy of stamps in [0, 1].

    -x log r - (1 - x) log(1 - r), in nats, with logarithms no less than -100; a reconstruction outside
    [0, 1] is clipped.
    """
    target = np.asarray(image, dtype=np.float64)
    probability = np.clip(np.asarray(reconstruction, dtype=np.float64), 0, 1)
    with np.errstate(divide="ignore"):
        entropy = -target * np.maximum(np.log(probability), _LEAST_LOGARITHM) - (1 - target) * np.maximum(
            np.log1p(-probability), _LEAST_LOGARITHM
        )
    return np.asarray(entropy.mean(axis=(1, 2, 3)))


def residual_fraction(image: Images, reconstruction: Images) -> Errors:
    """Return the residual's share of each stamp: the fraction of its variance left unexplained.

    The sum of the squared residual over the sum of the squared deviation from the stamp's mean: 0 is
    perfect, 1 is no better than the stamp's mean everywhere. NaN where the stamp is constant.
    """
    variance = np.asarray(image, dtype=np.float64).var(axis=(1, 2, 3))
    error = mean_squared_error(image, reconstruction)
    return np.asarray(np.divide(error, variance, out=np.full(len(error), np.nan), where=variance > 0))


def structural_similarity(image: Images, reconstruction: Images) -> Errors:
    """Return the mean over pixels of the structural similarity of stamps in [0, 1]; 1 where they are equal.

    Local means, variances and covariance have a Gaussian weight of sigma = 1.5 px; K1 = 0.01, K2 = 0.03.

    References
    ----------
    Wang et al. (2004), IEEE Trans. Image Process. 13, 600, Eq. 13.
    """
    x, y = np.asarray(image, dtype=np.float64), np.asarray(reconstruction, dtype=np.float64)

    def local(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(gaussian_filter(values, (0, 0, 1.5, 1.5), truncate=3.5))

    mean_x, mean_y = local(x), local(y)
    # With the unbiased variance of the 11 x 11 window, as in scikit-image's reference implementation.
    unbiased = 121 / 120
    variance = unbiased * (local(x * x) - mean_x**2 + local(y * y) - mean_y**2)
    covariance = unbiased * (local(x * y) - mean_x * mean_y)
    light, contrast = 0.01**2, 0.03**2
    similarity = (2 * mean_x * mean_y + light) * (2 * covariance + contrast)
    similarity /= (mean_x**2 + mean_y**2 + light) * (variance + contrast)
    # Windows that cross the edge are left out.
    return np.asarray(similarity[..., 5:-5, 5:-5].mean(axis=(1, 2, 3)))


ERRORS = {
    "mse": mean_squared_error,
    "bce": binary_cross_entropy,
    "residual_fraction": residual_fraction,
    "ssim": structural_similarity,
}


def reconstruction_errors(
    image: Images, reconstruction: Images, names: Sequence[str] = tuple(ERRORS)
) -> pd.DataFrame:
    """Return the named :data:`ERRORS` of each stamp, where the reconstruction is finite."""
    finite = np.isfinite(reconstruction).all(axis=(1, 2, 3))
    before, after = image[finite], reconstruction[finite]
    return pd.DataFrame({name: ERRORS[name](before, after) for name in names})


def reconstruction_scores(errors: pd.DataFrame, draws: int, seed: int) -> dict[str, Score]:
    """Return the means of :func:`reconstruction_errors` with their errors, ``reconstruction_<name>`` each.

    Parameters
    ----------
    errors : DataFrame
        One row per stamp.
    draws : int
        Random halves behind each error.
    seed : int
    """
    names = [f"reconstruction_{name}" for name in errors]

    def means(rows: NDArray[np.float64], _: NDArray[np.float64]) -> dict[str, float]:
        finite_means = pd.DataFrame(rows, columns=names).mean()  # skips NaN
        return dict(zip(names, finite_means.tolist(), strict=True))

    rows = errors.to_numpy()
    return scores_of(means, rows, rows, _resampled_pairs(len(rows), draws, seed))


def kept_morphology_scores(
    original: pd.DataFrame, reconstruction: pd.DataFrame, parameters: Sequence[str], draws: int, seed: int
) -> dict[str, Score]:
    """Return how well the morphology of galaxies is kept by their reconstructions, with errors.

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
        ``reconstruction_correlation_<name>``: Spearman's rank correlation between galaxies and their
        reconstructions, for each parameter and for statmorph's ``flux_ellip`` and ``rhalf_ellip``. For
        these two, flux and half-light semi-major axis in the ellipse of the galaxy, also
        ``reconstruction_<flux or half_light_radius>_median`` of the relative error and ``..._spread``, half
        of the range that holds 68 % of them. Only galaxies where both were measured count; undefined for
        fewer than three.
    """
    names = list(dict.fromkeys([*parameters, *_LIGHT]))
    before, after = usable_matrix(original, names), usable_matrix(reconstruction, names)
    return scores_of(
        lambda known, other: _kept(known, other, names),
        before,
        after,
        _resampled_pairs(len(before), draws, seed),
    )


def count_measured_again(original: pd.DataFrame, reconstruction: pd.DataFrame) -> int:
    """Return the galaxies whose flux was measured before and after."""
    fluxes = [usable_matrix(table, ["flux_ellip"]) for table in (original, reconstruction)]
    return int(np.isfinite(fluxes).all(axis=0).sum())


def kept_names(parameters: Sequence[str]) -> list[str]:
    """Return the names of :func:`kept_morphology_scores`."""
    correlations = dict.fromkeys([*parameters, *_LIGHT])
    return [
        *(f"reconstruction_correlation_{name}" for name in correlations),
        *(f"reconstruction_{name}_{end}" for name in _LIGHT.values() for end in ("median", "spread")),
    ]


# Parameters also compared by their relative error, with their names in the scores.
_LIGHT = {"flux_ellip": "flux", "rhalf_ellip": "half_light_radius"}


def _resampled_pairs(count: int, draws: int, seed: int) -> Resamples:
    """Return random halves that hold the same galaxies on either side."""
    rows = random_halves(count, draws, derive_seed(seed, "halves of the reconstructions"))
    return Resamples(rows, rows)


def _kept(before: NDArray[np.float64], after: NDArray[np.float64], names: Sequence[str]) -> dict[str, float]:
    scores = {}
    for name, *pair in zip(names, before.T, after.T, strict=True):
        both = np.isfinite(pair).all(axis=0)
        one, other = pair[0][both], pair[1][both]
        scores[f"reconstruction_correlation_{name}"] = _correlation(one, other)
        if name in _LIGHT:
            median, spread = _relative_error(one, other)
            scores[f"reconstruction_{_LIGHT[name]}_median"] = median
            scores[f"reconstruction_{_LIGHT[name]}_spread"] = spread
    return scores


def _correlation(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    from scipy.stats import spearmanr  # slow to import, and figures need only the residuals

    if len(before) < _LEAST_PAIRS or np.ptp(before) == 0 or np.ptp(after) == 0:
        return float("nan")
    return float(spearmanr(before, after).statistic)


def _relative_error(before: NDArray[np.float64], after: NDArray[np.float64]) -> tuple[float, float]:
    """Return median and spread."""
    if len(before) < _LEAST_PAIRS or (before == 0).any():
        return float("nan"), float("nan")
    low, median, high = np.percentile(after / before - 1, [16, 50, 84])
    return float(median), float((high - low) / 2)
