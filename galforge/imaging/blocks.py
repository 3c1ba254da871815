"""Galaxies drawn as stamps, a block at a time: images and a table of what was measured of them."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.seeds import derive_seed
from galforge.core.settings import Section
from galforge.imaging.distinct_images import DistinctImages
from galforge.imaging.drawn_noise import LAGS
from galforge.imaging.point_spread import Psf
from galforge.imaging.rendering import Frame, RenderedStamp, render_galaxy
from galforge.imaging.stamp_conditions import ConditionsOfStamps
from galforge.simulation.drawing import Simulation
from galforge.simulation.galaxy_light import draw_galaxy_light
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


class Rendering(Section):
    """How stamps are drawn.

    Attributes
    ----------
    size : int
        Side in pixels.
    mode : {"fit", "fixed"}
        Each galaxy rescaled to fill its stamp (Eq. 1 of Danilov 2020), or all at ``pixel_scale``.
    psf : OriginalPsf or GaussianPsf
    seed : int
        Seed of the noise padding.
    pixel_scale : float or None
        arcsec per pixel, of mode ``fixed``.
    conditions : bool
        Whether PSF and noise of each stamp are kept beside it, in mode ``fixed``.
    truth : Simulation or None
        What the survey's galaxies were drawn from, where their light without PSF and noise is kept, too, in
        mode ``fixed``.
    """

    size: int
    mode: Literal["fit", "fixed"]
    psf: Psf
    seed: int
    pixel_scale: float | None = None
    conditions: bool = False
    truth: Simulation | None = None

    @property
    def frame(self) -> Frame:
        """What one galaxy is drawn on."""
        # At one scale for all galaxies a survey's stamp may be a small part of the frame. A frame that is
        # scaled to its galaxy is never much larger than the survey's stamp.
        return Frame(self.size, self.pixel_scale, self.psf.fwhm, even_noise=self.mode == "fixed")


class Block(NamedTuple):
    """Stamps of some galaxies.

    Attributes
    ----------
    images : ndarray of float32, shape (N, 1, size, size)
        Flux per pixel.
    table : DataFrame of N rows
        The catalogue, also with the columns of ``MEASURED`` and ``render_status``.
    parts : dict of str to ndarray
        What else there is of each stamp, by its name in a stamp file.
    """

    images: NDArray[np.float32]
    table: pd.DataFrame
    parts: dict[str, NDArray[np.generic]]


class BlockRenderer:
    """Draws a survey's galaxies block by block, and keeps what the stamps of all blocks share.

    Parameters
    ----------
    observations : ObservationReader
    rendering : Rendering
    """

    def __init__(self, observations: ObservationReader, rendering: Rendering) -> None:
        self._observations, self._rendering = observations, rendering
        self._conditions: ConditionsOfStamps | None = None
        size, scale = rendering.size, rendering.pixel_scale
        if rendering.conditions and scale is not None:
            self._conditions = ConditionsOfStamps(size, scale, rendering.psf.fwhm)
            self._psfs = DistinctImages(size - 1 + size % 2, np.float32)
            self._covariances = DistinctImages(2 * LAGS + 1, np.float64)

    def draw(self, catalog: pd.DataFrame, advance: Callable[[], None]) -> Block:
        """Draw a catalogue's galaxies.

        Parameters
        ----------
        catalog : DataFrame of N rows
            With ``identifier`` and ``survey_row``.
        advance : callable
            Called after each galaxy.
        """
        rendering, stamps = self._rendering, []
        for identifier, row in zip(catalog["identifier"], catalog["survey_row"], strict=True):
            seed = derive_seed(rendering.seed, "noise padding", int(identifier))
            stamps.append(
                render_galaxy(self._observations, int(row), rendering.frame, seed, self._conditions)
            )
            advance()
        parts = self._condition_parts(stamps) if self._conditions else {}
        if rendering.truth is not None:
            parts["truth/image"] = self._true_light(catalog["identifier"], stamps)
        return Block(
            _images_of([stamp.image for stamp in stamps], rendering), _measured(catalog, stamps), parts
        )

    def shared(self) -> dict[str, NDArray[np.generic]]:
        """Return what the stamps drawn so far share, by its name in a stamp file."""
        if not self._conditions:
            return {}
        return {"psf/image": self._psfs.array(), "noise/covariance": self._covariances.array()}

    def _condition_parts(self, stamps: Sequence[RenderedStamp]) -> dict[str, NDArray[np.generic]]:
        """Return the conditions of stamps; of those that were not drawn, numbers that are no one's."""
        known = [stamp.conditions for stamp in stamps]
        return {
            "psf/index": np.array([self._psfs.number(c.psf) if c else -1 for c in known], np.int64),
            "noise/index": np.array(
                [self._covariances.number(c.covariance) if c else -1 for c in known], np.int64
            ),
            "noise/standard_deviation": np.array(
                [c.standard_deviation if c else np.nan for c in known], np.float64
            ),
        }

    def _true_light(self, identifiers: pd.Series, stamps: Sequence[RenderedStamp]) -> NDArray[np.float32]:
        truth, size, scale = self._rendering.truth, self._rendering.size, self._rendering.pixel_scale
        assert truth is not None
        assert scale is not None
        nothing = np.zeros((size, size))
        return _images_of(
            [
                draw_galaxy_light(truth.seed, truth.galaxy(int(number)), size, scale)
                if stamp.status == "ok"
                else nothing
                for number, stamp in zip(identifiers, stamps, strict=True)
            ],
            self._rendering,
        )


def _images_of(images: Sequence[NDArray[np.floating]], rendering: Rendering) -> NDArray[np.float32]:
    return np.array(images, dtype=np.float32).reshape(-1, 1, rendering.size, rendering.size)


def _measured(catalog: pd.DataFrame, stamps: Sequence[RenderedStamp]) -> pd.DataFrame:
    """Return a catalogue with what rendering adds to it."""
    return catalog.assign(
        **{
            name: np.array([getattr(stamp, name) for stamp in stamps], dtype=kind)
            for name, kind in MEASURED.items()
        },
        render_status=np.array([stamp.status for stamp in stamps], dtype=object),
    )
