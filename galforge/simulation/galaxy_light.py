"""The light of one simulated galaxy before telescope and noise: what a stamp would be without them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from galforge.simulation.galaxy import Galaxy
from galforge.simulation.galaxy_image import galaxy_structure, smooth_components
from galforge.simulation.pixel_light import pixel_light
from galforge.simulation.point_spread_function import PIXEL_SCALE
from galforge.simulation.resampling import resampled


def draw_galaxy_light(seed: int, galaxy: Galaxy, size: int, scale: float) -> NDArray[np.float64]:
    """Draw a galaxy with its companion through a stamp's pixels alone, without PSF and noise.

    Parameters
    ----------
    seed : int
        The survey's seed, of which the knots have a stream of their own.
    galaxy : Galaxy
        What to draw.
    size : int
        Side of the stamp in pixels; its middle is that of the survey's own image.
    scale : float
        arcsec per pixel.

    Returns
    -------
    ndarray of float64, shape (size, size)
        Counts per second in each pixel. Arms take light from between them, so that a pixel there may lie
        below zero by a trace.

    Notes
    -----
    Smooth profiles do not end with the survey's own image, beyond which an observed stamp has noise alone.
    Arms and knots are drawn on the survey's pixels (:func:`draw_structure`), between which they are
    interpolated as the observed image is.
    """
    center = (galaxy.center[0] * PIXEL_SCALE, galaxy.center[1] * PIXEL_SCALE)
    light = np.zeros((size, size))
    for profile, share in smooth_components(galaxy):
        light += pixel_light(replace(profile, flux=profile.flux * share), size, scale, center)
    structure = galaxy_structure(seed, galaxy)
    if structure is not None:
        light += resampled(structure, size, scale / PIXEL_SCALE)
    if galaxy.companion is not None:
        dx, dy = (offset * PIXEL_SCALE for offset in galaxy.companion.offset)
        light += pixel_light(galaxy.companion.profile, size, scale, (center[0] + dx, center[1] + dy))
    return light
