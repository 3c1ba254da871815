"""The noise of a stamp, from its border (section 1.2 of Danilov 2020)."""

import operator

import numpy as np
from numpy.typing import NDArray

BORDER_REGION = 8  # px, side of the regions along the border


def border_noise(images: NDArray[np.floating], corners_alone: bool = False) -> NDArray[np.float64]:
    """Return the least standard deviation over the 8 x 8 regions along the border.

    The least, because an edge-on galaxy that lies diagonally, or a neighbour, reaches into some but not
    all of the border's regions.

    Parameters
    ----------
    images : ndarray, shape (N, H, W)
        Stamps, H and W at least 8 px. Where a side is not a multiple of 8 the last region lies flush
        with the edge and overlaps the one before.
    corners_alone : bool
        Take only the four regions in the corners, as the published code of Danilov (2020) does.

    Returns
    -------
    ndarray of float64, shape (N,)
        In the units of the images.

    References
    ----------
    Danilov (2020), section 1.2, whose text takes all regions of the border.
    """
    on_border = operator.and_ if corners_alone else operator.or_
    height, width = images.shape[1:]
    rows, columns = _region_starts(height), _region_starts(width)
    deviations = [
        images[:, y : y + BORDER_REGION, x : x + BORDER_REGION].std(axis=(1, 2), dtype=np.float64)
        for y in rows
        for x in columns
        if on_border(y in (rows[0], rows[-1]), x in (columns[0], columns[-1]))
    ]
    return np.asarray(np.min(deviations, axis=0))


def edge_noise(image: NDArray[np.floating]) -> float:
    """Return the standard deviation of a stamp's outermost two pixels, from their median deviation.

    Unlike the least of many regions it is not biased low, and unlike a plain standard deviation it is
    hardly affected by the few pixels that a galaxy or a neighbour reaches.

    Parameters
    ----------
    image : ndarray, shape (H, W)

    Returns
    -------
    float
        In the units of the image.
    """
    edge = np.concatenate([image[:2], image[-2:], image[2:-2, :2].T, image[2:-2, -2:].T], axis=1)
    # 1.4826 makes the median absolute deviation of a normal distribution its standard deviation.
    return 1.4826 * float(np.median(np.abs(edge - np.median(edge))))


def _region_starts(size: int) -> list[int]:
    last = size - BORDER_REGION
    if last < 0:
        raise ValueError(f"a stamp of {size} px has no 8 x 8 border region")
    return sorted({*range(0, last + 1, BORDER_REGION), last})
