"""Stamps in [0, 1] each by itself, or in one unit of flux for all, and the way back to flux."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

FLUX: Final = "flux"  # the root attribute ``normalization`` of stamps that are in one unit of flux
_EXPANDED: Final = (slice(None), None, None, None)


class Normalized(NamedTuple):
    """Stamps, whose flux is ``image * scale + offset``; offset and scale have shape (N,)."""

    image: NDArray[np.float32]
    offset: NDArray[np.float64]
    scale: NDArray[np.float64]


def normalize(flux: NDArray[np.floating]) -> Normalized:
    """Subtract each stamp's minimum, then divide by its maximum (section 4.1 of Danilov 2020).

    Parameters
    ----------
    flux : ndarray, shape (N, C, H, W)
        Stamps that are not constant; the channels share one offset and scale, which keeps colours.

    Returns
    -------
    Normalized
    """
    axes = (1, 2, 3)
    offset = flux.min(axis=axes, keepdims=True).astype(np.float64)
    scale = flux.max(axis=axes, keepdims=True) - offset
    image = np.clip((flux - offset) / scale, 0.0, 1.0).astype(np.float32)
    return Normalized(image, offset[:, 0, 0, 0], scale[:, 0, 0, 0])


def in_units_of(
    flux_scale: float,
    image: NDArray[np.float32],
    offset: NDArray[np.float64],
    scale: NDArray[np.float64],
) -> Normalized:
    """Return stamps in one unit of flux, with the same flux, whatever they were in.

    Parameters
    ----------
    flux_scale : float
        The unit.
    image : ndarray of float32, shape (N, C, H, W)
    offset, scale : ndarray of float64, shape (N,)
        ``image * scale + offset`` is the flux. Where they are 0 and ``flux_scale``, images stay as they are.

    Returns
    -------
    Normalized
        With offset 0: sky that is negative stays negative.
    """
    if (offset != 0).any() or (scale != flux_scale).any():
        flux = image * scale[_EXPANDED] + offset[_EXPANDED]
        image = np.asarray(flux / flux_scale, dtype=np.float32)
    return Normalized(image, np.zeros(len(image)), np.full(len(image), float(flux_scale)))


def in_range_of(
    flux: NDArray[np.floating], offset: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return flux (N, C, H, W) in the range of other stamps, of which offset and scale (N,) are given.

    Values may lie beyond 0 and 1.
    """
    return np.asarray((flux - offset[_EXPANDED]) / scale[_EXPANDED], dtype=np.float32)


def each_in_its_range(
    image: NDArray[np.float32], offset: NDArray[np.float64], scale: NDArray[np.float64]
) -> Normalized:
    """Return stamps in [0, 1], each by its own minimum and maximum, with the same flux.

    Parameters
    ----------
    image : ndarray of float32, shape (N, C, H, W)
    offset, scale : ndarray of float64, shape (N,)
        ``image * scale + offset`` is the flux.

    Returns
    -------
    Normalized
        A constant stamp, which a model may make, is zero. One with pixels that are not finite is not finite.
    """
    axes = (1, 2, 3)
    # A model may make stamps that are not finite: what they become is told where they are compared.
    with np.errstate(invalid="ignore"):
        low = image.min(axis=axes, keepdims=True).astype(np.float64)
        span = image.max(axis=axes, keepdims=True) - low
        span = np.where(span == 0, 1.0, span)
        unit = np.clip((image - low) / span, 0.0, 1.0).astype(np.float32)
    low, span = low[:, 0, 0, 0], span[:, 0, 0, 0]
    return Normalized(unit, offset + scale * low, scale * span)
