"""How well a model gives back the stamps that it encodes."""

import numpy as np
from numpy.typing import NDArray

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
        ``mse``, ``bce`` and ``residual_fraction`` (None where no stamp has one), and
        ``count``, the number of stamps that they are means over.
    """
    finite = np.isfinite(reconstruction).all(axis=(1, 2, 3))
    image, reconstruction = image[finite], reconstruction[finite]
    shares = residual_fraction(image, reconstruction)
    return {
        "mse": _mean_of(mean_squared_error(image, reconstruction).tolist()),
        "bce": _mean_of(binary_cross_entropy(image, reconstruction).tolist()),
        "residual_fraction": _mean_of(shares[np.isfinite(shares)].tolist()),
        "count": int(finite.sum()),
    }


def _mean_of(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None
