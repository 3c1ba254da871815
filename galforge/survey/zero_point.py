"""The magnitude of a survey's unit of flux, and the name of that unit."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from galforge.simulation.population import ZERO_POINT as SIMULATED

COSMOS = 25.94  # F814W, AB, of one count per second (Leauthaud et al. 2007; GalSim's COSMOSCatalog)
COUNT_RATE = "counts/s"
_LARGEST_SCATTER = 0.1  # mag; that of COSMOS is 0.06
_FEWEST = 10  # galaxies whose columns say something


class FluxUnit(NamedTuple):
    """Unit of flux, its AB magnitude where that is known, and how it is known."""

    name: str
    zero_point: float | None
    origin: str


def flux_unit(source: str, catalog: pd.DataFrame) -> FluxUnit:
    """Return the unit of flux of a survey's images.

    Parameters
    ----------
    source : str
        Of the survey, as its manifest has it.
    catalog : DataFrame
        Of the survey, with ``mag_auto`` and ``stamp_flux`` where it has them.

    Notes
    -----
    Where nothing else is known, the catalogue's magnitudes and fluxes tell, if they agree on one zero point:
    its median over the galaxies. The flux of a stamp need not be that of the magnitude's aperture (COSMOS: it
    is 0.08 mag brighter).
    """
    if source == "simulated":
        return FluxUnit(COUNT_RATE, SIMULATED, "of the simulation")
    if source == "cosmos":
        return FluxUnit(COUNT_RATE, COSMOS, "of COSMOS F814W (AB)")
    measured = _measured_zero_point(catalog)
    origin = "not known" if measured is None else "median of magnitude and flux in the survey's catalogue"
    return FluxUnit("flux of the survey", measured, origin)


def _measured_zero_point(catalog: pd.DataFrame) -> float | None:
    if not {"mag_auto", "stamp_flux"} <= set(catalog):
        return None
    magnitude, flux = (catalog[name].to_numpy(dtype=np.float64) for name in ("mag_auto", "stamp_flux"))
    known = np.isfinite(magnitude) & (flux > 0)
    points = magnitude[known] + 2.5 * np.log10(flux[known])
    if len(points) < _FEWEST:
        return None
    median = float(np.median(points))
    return median if 1.4826 * np.median(np.abs(points - median)) <= _LARGEST_SCATTER else None
