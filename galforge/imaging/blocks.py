"""Galaxies drawn as stamps, a block at a time: images and a table of what was measured of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.command_line import strict
from galforge.core.seeds import derive_seed
from galforge.imaging.rendering import Frame, render_galaxy
from galforge.survey.observation import ObservationReader

MEASURED = {
    "pixel_scale": np.float64,
    "original_size": np.int64,
    "automatic_size": np.int64,
    "larger_than_frame": np.int64,
    "flux_fraction": np.float64,
    "centroid_offset": np.float64,
    "padding_noise": np.float64,
}  # columns that rendering adds, with their types in a shard in which nothing could be drawn


@strict
@dataclass(frozen=True)
class PointSpread:
    """PSF of the stamps: that of the observation, or a Gaussian of ``fwhm`` arcsec."""

    kind: Literal["original", "gaussian"]
    fwhm: float | None = None


@strict
@dataclass(frozen=True)
class Rendering:
    """How stamps are drawn.

    Attributes
    ----------
    size : int
        Side in pixels.
    mode : {"fit", "fixed"}
        Each galaxy rescaled to fill its stamp (Eq. 1 of Danilov 2020), or all at ``pixel_scale``.
    psf : PointSpread
    seed : int
        Seed of the noise padding.
    pixel_scale : float or None
        arcsec per pixel, of mode ``fixed``.
    """

    size: int
    mode: Literal["fit", "fixed"]
    psf: PointSpread
    seed: int
    pixel_scale: float | None = None

    @property
    def frame(self) -> Frame:
        """What one galaxy is drawn on."""
        return Frame(self.size, self.pixel_scale, self.psf.fwhm)


def render_block(
    observations: ObservationReader, catalog: pd.DataFrame, rendering: Rendering, advance: Callable[[], None]
) -> tuple[NDArray[np.float32], pd.DataFrame]:
    """Return the stamps of a catalogue's galaxies, and the catalogue with what rendering adds to it.

    Parameters
    ----------
    observations : ObservationReader
    catalog : DataFrame of N rows
        With ``identifier`` and ``survey_row``.
    rendering : Rendering
    advance : callable
        Called after each galaxy.

    Returns
    -------
    images : ndarray of float32, shape (N, 1, size, size)
        Flux per pixel.
    table : DataFrame of N rows
        Also with the columns of ``MEASURED`` and ``render_status``.
    """
    stamps = []
    for identifier, row in zip(catalog["identifier"], catalog["survey_row"], strict=True):
        seed = derive_seed(rendering.seed, "noise padding", int(identifier))
        stamps.append(render_galaxy(observations, int(row), rendering.frame, seed))
        advance()
    shape = (-1, 1, rendering.size, rendering.size)
    images = np.array([stamp.image for stamp in stamps], dtype=np.float32).reshape(shape)
    return images, catalog.assign(
        **{
            name: np.array([getattr(stamp, name) for stamp in stamps], dtype=kind)
            for name, kind in MEASURED.items()
        },
        render_status=np.array([stamp.status for stamp in stamps], dtype=object),
    )
