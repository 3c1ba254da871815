"""Galaxies that a model drew, each with what is known of it: for files and for people, not for the judge."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.datasets.normalization import FLUX
from galforge.datasets.stamp_file import Stamps
from galforge.imaging.border_noise import BORDER_REGION, border_noise

IN_RANGE: Final = (
    "each in [0, 1] by itself, with the PSF and the sky of the stamps that the model was trained on; without "
    "flux, magnitude or pixel scale, which galaxies of models have that were trained on a dataset with "
    "normalization: flux"
)


@dataclass(frozen=True)
class Galaxies:
    """New galaxies of a model.

    Attributes
    ----------
    stamps : Stamps
        As :func:`catalogued` returns them.
    """

    stamps: Stamps

    def __len__(self) -> int:
        return len(self.stamps)

    @property
    def image(self) -> NDArray[np.float32]:
        """Stamps (N, C, H, W): flux per pixel, without PSF, noise and sky, or in [0, 1]."""
        return shown_images(self.stamps)

    @property
    def flux(self) -> NDArray[np.float64]:
        """Flux of each galaxy (N,) in the survey's unit; an InputError where the model's stamps have none."""
        return _sums(self.stamps)

    @property
    def catalog(self) -> pd.DataFrame:
        """One row per galaxy: what was asked of it, and its flux, pixel scale and noise level where known."""
        return self.stamps.catalog

    @property
    def attributes(self) -> dict[str, Any]:
        """What is known of all of them: the model, and of a model in flux units and zero point."""
        return dict(self.stamps.attributes)


def shown_images(stamps: Stamps) -> NDArray[np.float32]:
    """Return images as a person wants them: in flux where there is one."""
    return stamps.flux() if _in_flux(stamps) else stamps.image


def _in_flux(stamps: Stamps) -> bool:
    return stamps.attributes.get("normalization") == FLUX


def catalogued(stamps: Stamps) -> Stamps:
    """Return galaxies that a model drew with further columns, and with an attribute that says what they are.

    Parameters
    ----------
    stamps : Stamps
        As :func:`galforge.datasets.drawing.draw_galaxies` returns them.

    Returns
    -------
    Stamps
        In flux: columns ``flux``, ``pixel_scale`` (arcsec), and ``noise_level``, which is 0. In [0, 1]:
        ``noise_level`` as it is measured on the border of each stamp. The attribute ``stamps_are`` is a
        sentence for the reader of a file.
    """
    attributes = dict(stamps.attributes)
    if not _in_flux(stamps):
        catalog = stamps.catalog.assign(noise_level=_noise_of(stamps.image))
        return replace(stamps, catalog=catalog, attributes={**attributes, "stamps_are": stamps_are({})})
    columns = {
        "flux": _sums(stamps),
        "pixel_scale": attributes.get("pixel_scale", np.nan),
        "noise_level": 0.0,
    }
    attributes["stamps_are"] = stamps_are({"flux_unit": "flux", **attributes})
    return replace(stamps, catalog=stamps.catalog.assign(**columns), attributes=attributes)


def stamps_are(units: Mapping[str, Any]) -> str:
    """Return what a model's stamps are, in words; ``units`` has the ``flux_unit`` of those in flux."""
    if "flux_unit" not in units:
        return IN_RANGE
    return f"in {units['flux_unit']} per pixel, without PSF and noise, and without sky"


def _sums(stamps: Stamps) -> NDArray[np.float64]:
    return np.asarray(stamps.flux().sum(axis=(1, 2, 3), dtype=np.float64))


def _noise_of(images: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the noise of stamps (N, C, H, W) at their borders, mean over channels; NaN if too small."""
    if not len(images) or min(images.shape[2:]) < BORDER_REGION:
        return np.full(len(images), np.nan)
    return np.asarray(np.mean([border_noise(channel) for channel in images.swapaxes(0, 1)], axis=0))
