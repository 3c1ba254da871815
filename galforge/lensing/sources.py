"""Galaxies as sources of lensing packages: what lenstronomy, caustics and slsim take for a pixelated source.

The packages are not needed to call these functions, and not imported. An image is flux per pixel, as
``galforge.load_model(...).draw(...)`` gives it; the packages want surface brightness, or scale it themselves.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from galforge.core.errors import InputError


def lenstronomy_source(
    image: NDArray[np.floating], pixel_scale: float, x: float = 0.0, y: float = 0.0
) -> dict[str, Any]:
    """Return the keyword arguments of lenstronomy's light profile ``INTERPOL``.

    Parameters
    ----------
    image : ndarray, shape (H, W)
        Flux per pixel.
    pixel_scale : float
        arcsec.
    x, y : float
        Centre of the source, arcsec.

    Raises
    ------
    InputError
        If it is no image, or has values that are not finite.

    Examples
    --------
    >>> from galforge.lensing.sources import lenstronomy_source
    >>> source = lenstronomy_source(np.ones((64, 64)), 0.06)
    >>> model = LightModel(["INTERPOL"]).total_flux([source])  # doctest: +SKIP
    """
    return {
        "image": surface_brightness(image, pixel_scale),
        "amp": 1.0,
        "center_x": x,
        "center_y": y,
        "phi_G": 0.0,
        "scale": pixel_scale,
    }


def caustics_source(
    image: NDArray[np.floating], pixel_scale: float, x: float = 0.0, y: float = 0.0
) -> dict[str, Any]:
    """Return the keyword arguments of ``caustics.Pixelated``, the image as a float32 tensor.

    Parameters and errors are those of :func:`lenstronomy_source`.
    """
    import torch

    brightness = torch.from_numpy(surface_brightness(image, pixel_scale).astype(np.float32))
    return {"image": brightness, "x0": x, "y0": y, "pixelscale": pixel_scale}


def slsim_source(
    image: NDArray[np.floating], pixel_scale: float, redshift: float, magnitudes: Mapping[str, float]
) -> dict[str, Any]:
    """Return the keyword arguments of slsim's source of type ``interpolated``, besides the cosmology.

    Parameters
    ----------
    image : ndarray, shape (H, W)
        Of any unit: slsim scales it to the magnitude.
    pixel_scale : float
        arcsec.
    redshift : float
        Of the galaxy as it is in the image, and of the source.
    magnitudes : mapping of str to float
        By band, such as ``{"i": 22.1}``.

    Raises
    ------
    InputError
        If it is no image, or has values that are not finite.
    """
    return {
        "image": _checked(image),
        "pixel_width_data": pixel_scale,
        "phi_G": 0.0,
        "z_data": redshift,
        "z": redshift,
        **{f"mag_{band}": magnitude for band, magnitude in magnitudes.items()},
    }


def surface_brightness(image: NDArray[np.floating], pixel_scale: float) -> NDArray[np.float64]:
    """Return flux per square arcsec of an image (H, W) of flux per pixel of ``pixel_scale`` arcsec."""
    return _checked(image) / pixel_scale**2


def _checked(image: NDArray[np.floating]) -> NDArray[np.float64]:
    values = np.asarray(image, dtype=np.float64)
    if values.ndim != 2:
        raise InputError(f"image has shape {values.shape}; allowed: (H, W), one galaxy in one band")
    if not np.isfinite(values).all():
        raise InputError("image has values that are not finite")
    return values
