"""Galaxies cut from the Hubble eXtreme Deep Field picture that scikit-image ships.

It is a picture for the eye: 8 bits, three colours, stretched so that faint and bright can both be seen.
Measurements on it are in its own values, which are not flux.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import skimage.data
from astropy.convolution import convolve
from numpy.typing import NDArray
from photutils.background import Background2D, MedianBackground
from photutils.segmentation import (
    SegmentationImage,
    SourceCatalog,
    deblend_sources,
    detect_sources,
    make_2dgaussian_kernel,
)
from scipy.ndimage import find_objects, map_coordinates

from galforge.pictures.detection import Detection

CREDIT = (
    "NASA; ESA; G. Illingworth, D. Magee, and P. Oesch, University of California, Santa Cruz; R. Bouwens, "
    "Leiden University; and the HUDF09 Team: Hubble eXtreme Deep Field (XDF), STScI-PRC12-37, public domain, "
    "as shipped with scikit-image"
)

_BACKGROUND_BOX = 64  # px, several times the largest galaxy's core and far less than the picture
_KERNEL_FWHM, _KERNEL_SIZE = 3.0, 5  # px, about the width of the picture's point sources
_DEBLENDING_LEVELS = 32
_DEBLENDING_CONTRAST = 0.005

# Where a star's diffraction spikes are looked for, px from its centre: beyond the core and within the
# spikes, of fainter and of brighter stars.
_SPIKE_RADII = (np.arange(6.0, 9.0, 0.5), np.arange(8.0, 12.0, 0.5))


class Cutouts(NamedTuple):
    """Galaxies cut from one picture.

    Attributes
    ----------
    pictures : list of ndarray of uint8, shape (side, side, 3)
        ``side`` is odd: the middle pixel holds the centroid.
    table : DataFrame
        One row per picture, columns as in :mod:`galforge.datasets.columns`.
    at_the_edge : int
        Number of galaxies left out because their cut-out would reach beyond the picture.
    """

    pictures: list[NDArray[np.uint8]]
    table: pd.DataFrame
    at_the_edge: int


def deep_field() -> NDArray[np.uint8]:
    """Return the picture, uint8, shape (872, 1000, 3), from a file of scikit-image; no network is used."""
    return np.asarray(skimage.data.hubble_deep_field())


def cut_galaxies(picture: NDArray[np.uint8], settings: Detection) -> Cutouts:
    """Detect the galaxies of a picture and cut each out, centred, with a side that fits its extent.

    Parameters
    ----------
    picture : ndarray of uint8, shape (H, W, 3)
    settings : Detection
    """
    light = picture.mean(axis=2, dtype=np.float64)  # (H, W)
    background = Background2D(light, _BACKGROUND_BOX, filter_size=3, bkg_estimator=MedianBackground())
    light = light - background.background
    segments = find_segments(light, background.background_rms, settings.threshold)
    sources = SourceCatalog(light, segments)
    red = picture[..., 0] - np.median(picture[..., 0])

    pictures, rows, at_the_edge = [], [], 0
    places = find_objects(segments.data)
    for source, label in zip(sources, segments.labels, strict=True):
        area = float(source.area.value)
        if area < settings.minimum_area:
            continue
        x, y = float(source.x_centroid), float(source.y_centroid)
        half = int(np.ceil(settings.margin * _reach(places[label - 1], x, y)))
        column, row = round(x), round(y)
        if min(row, column) < half or row + half >= light.shape[0] or column + half >= light.shape[1]:
            at_the_edge += 1
            continue
        window = (slice(row - half, row + half + 1), slice(column - half, column + half + 1))
        pictures.append(picture[window])
        rows.append(
            {
                "identifier": row * picture.shape[1] + column,
                "picture_x": x,
                "picture_y": y,
                "area": area,
                "segment_flux": float(source.segment_flux),
                "semimajor_axis": float(source.semimajor_axis.value),
                "ellipticity": float(source.ellipticity.value),
                "neighbour_fraction": neighbour_fraction(light[window], segments.data[window], label),
                "spike_excess": spike_excess(red, x, y),
            }
        )
    return Cutouts(pictures, pd.DataFrame(rows), at_the_edge)


def find_segments(
    light: NDArray[np.float64], noise: NDArray[np.float64], threshold: float
) -> SegmentationImage:
    """Return the segments of a background-subtracted image, with overlapping sources separated.

    Parameters
    ----------
    light, noise : ndarray, shape (H, W)
        Image, and standard deviation of its background.
    threshold : float
        In units of ``noise``.
    """
    smooth = convolve(light, make_2dgaussian_kernel(_KERNEL_FWHM, _KERNEL_SIZE))
    segments = detect_sources(smooth, threshold * noise, n_pixels=10)
    return deblend_sources(
        smooth,
        segments,
        n_pixels=10,
        n_levels=_DEBLENDING_LEVELS,
        contrast=_DEBLENDING_CONTRAST,
        progress_bar=False,
    )


def _reach(box: tuple[slice, slice], x: float, y: float) -> float:
    rows, columns = box
    return float(max(y - rows.start, rows.stop - 1 - y, x - columns.start, columns.stop - 1 - x))


def neighbour_fraction(light: NDArray[np.float64], segments: NDArray[np.integer], label: int) -> float:
    """Return the share of other segments in the light of all of them, in a cut-out of shape (side, side)."""
    positive = np.clip(light, 0.0, None)
    everything = positive[segments > 0].sum()
    return float(positive[(segments > 0) & (segments != label)].sum() / everything)


def spike_excess(red: NDArray[np.float64], x: float, y: float) -> float:
    """Return by how much the faintest diagonal outshines every direction beside the diagonals.

    The spikes of this picture's stars lie on its diagonals in red (and some on its axes in blue). A
    galaxy may be long on one diagonal, but is then as bright beside it as on the other.

    Parameters
    ----------
    red : ndarray, shape (H, W)
        Red values, background subtracted.
    x, y : float
        The source's centroid, px.

    Returns
    -------
    float
        Least mean along the four diagonals, minus the largest of the means along the eight directions 22.5
        degrees beside them; from 6 to 9 px or from 8 to 12 px, whichever is larger. The four stars of this
        picture with visible spikes have 15 to 60, the next source has 3.
    """

    def along(angle: float, radii: NDArray[np.float64]) -> float:
        points = [y + radii * np.sin(angle), x + radii * np.cos(angle)]
        return float(map_coordinates(red, points, order=1, mode="nearest").mean())

    diagonals = np.pi / 4 + np.arange(4) * np.pi / 2
    beside = [angle + side * np.pi / 8 for angle in diagonals for side in (-1, 1)]
    return max(
        min(along(angle, radii) for angle in diagonals) - max(along(angle, radii) for angle in beside)
        for radii in _SPIKE_RADII
    )
