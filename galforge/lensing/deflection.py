"""How a singular isothermal ellipsoid with external shear deflects light.

Its deflection is a closed formula (Kormann, Schneider & Bartelmann 1994, A&A 284, 285), a line for each axis,
so nothing is installed for it: lenstronomy and caustics are made for many mass profiles and for inference,
and a slow test compares the formula with lenstronomy's SIE and SHEAR.
"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

COLUMNS: Final = ("einstein_radius", "lens_axis_ratio", "lens_angle", "shear_1", "shear_2")
ROUND: Final = 1 - 1e-6  # axis ratio of a sphere: at 1 the formula is 0 / 0

Coordinates = NDArray[np.float64]


def deflection(x: Coordinates, y: Coordinates, lenses: pd.DataFrame) -> tuple[Coordinates, Coordinates]:
    r"""Return the deflection of light at points of the image plane.

    A source at ``x - deflection`` is seen at ``x``. In the frame of the lens, x along its major axis, with
    axis ratio q and :math:`\psi = \sqrt{q^2 x^2 + y^2}`,

    .. math:: \alpha = \theta_E \sqrt{q / (1 - q^2)}\,
        (\arctan(\sqrt{1 - q^2}\,x / \psi),\ \mathrm{artanh}(\sqrt{1 - q^2}\,y / \psi)),

    of the convergence :math:`\theta_E / (2 \sqrt{q x^2 + y^2 / q})`; the shear adds
    :math:`(\gamma_1 x + \gamma_2 y,\ \gamma_2 x - \gamma_1 y)`.

    Parameters
    ----------
    x, y : ndarray of float64, shape (N, ...) or one that fits
        arcsec from the middle of the lens, which is not among them.
    lenses : DataFrame of N rows
        :data:`COLUMNS`: ``einstein_radius`` in arcsec, ``lens_axis_ratio`` of the mass, ``lens_angle`` of its
        major axis from the x axis in rad, and the external shear.

    Returns
    -------
    tuple of ndarray of float64, shape (N, ...)
        arcsec.
    """
    shape = (-1, *(1,) * (np.ndim(x) - 1))
    radius, ratio, angle, gamma1, gamma2 = (lenses[name].to_numpy(float).reshape(shape) for name in COLUMNS)
    ratio = np.minimum(ratio, ROUND)
    cos, sin = np.cos(angle), np.sin(angle)
    along, across = cos * x + sin * y, cos * y - sin * x
    eccentricity = np.sqrt(1 - ratio**2)
    psi = np.hypot(ratio * along, across)
    strength = radius * np.sqrt(ratio) / eccentricity
    a = strength * np.arctan(eccentricity * along / psi)
    b = strength * np.arctanh(eccentricity * across / psi)
    return cos * a - sin * b + gamma1 * x + gamma2 * y, sin * a + cos * b + gamma2 * x - gamma1 * y
