"""Which galaxies of a survey pass an exclusion level, by the rules of ``galsim.COSMOSCatalog``.

GalSim joins the tables of a survey by row; here they are joined by identifier, and a galaxy without a row
in a table that its level reads does not pass.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from galforge.survey.joining import JoinedTable
from galforge.survey.local import ExclusionLevel

# The columns that a level reads, from the catalogue and from the tables of fits and of the selection.
_STAMP = (
    "sn_ellip_gauss", "min_mask_dist_pixels", "average_mask_adjacent_pixel_count",
    "peak_image_pixel_count",
)  # fmt: skip


class LevelColumns(NamedTuple):
    """Columns of the catalogue, of its ``_fits`` and of its ``_selection`` table."""

    catalog: tuple[str, ...] = ()
    fits: tuple[str, ...] = ()
    selection: tuple[str, ...] = ()


LEVELS: dict[ExclusionLevel, LevelColumns] = {
    "none": LevelColumns(),
    "bad_stamp": LevelColumns(("stamp_flux",), (), _STAMP),
    "bad_fits": LevelColumns((), ("fit_status",), ()),
    "marginal": LevelColumns(("stamp_flux",), ("fit_status", "hlr", "sersicfit"), (*_STAMP, "dmag")),
}
_MASK_DISTANCE = 11.0  # pixels


def good_stamps(
    selection: JoinedTable, stamp_flux: NDArray[np.float64], bright_sample: bool
) -> NDArray[np.bool_]:
    """Return which galaxies, (N,), have a stamp without trouble of deblending or masking.

    Parameters
    ----------
    selection : JoinedTable
    stamp_flux : ndarray, shape (N,)
    bright_sample : bool
        Whether the survey is the COSMOS sample of F814W < 23.5, for which GalSim has limits of its own.
    """
    ratio_limit, sn_limit = (0.2, 20.0) if bright_sample else (0.8, 12.0)
    peak = selection.column("peak_image_pixel_count")
    ratio = selection.column("average_mask_adjacent_pixel_count") / np.where(peak == 0, 1e-5, peak)
    unmasked = (selection.column("min_mask_dist_pixels") > _MASK_DISTANCE) | (ratio < ratio_limit)
    bright = selection.column("sn_ellip_gauss") >= sn_limit
    return np.asarray(bright & unmasked & (stamp_flux > 0))


def good_fits(fits: JoinedTable) -> NDArray[np.bool_]:
    """Return which galaxies, (N,), have a fit that succeeded, of one kind or the other."""
    sersic, bulge = _successes(fits)
    return sersic | bulge


def without_doubt(fits: JoinedTable, selection: JoinedTable) -> NDArray[np.bool_]:
    """Return which galaxies, (N,), have both fits, a plausible Sersic fit and the catalogue's flux."""
    sersic, bulge = _successes(fits)
    plausible = (fits.column("sersicfit")[:, 2] < 5) | (fits.column("hlr")[:, 0] < 1)
    return np.asarray(sersic & bulge & plausible & (np.abs(selection.column("dmag")) < 0.8))


def _successes(fits: JoinedTable) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    status = fits.column("fit_status")
    return tuple((status[:, n] > 0) & (status[:, n] < 5) for n in (4, 0))  # type: ignore[return-value]  # two of them
