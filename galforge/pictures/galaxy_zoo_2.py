"""The labels of Galaxy Zoo 2: from the file names of its pictures to the votes on their galaxies."""

import numpy as np
import pandas as pd

from galforge.core.errors import InputError
from galforge.pictures.label_types import Labels, whole_number
from galforge.pictures.picture_sources import GALAXY_ZOO_2_MAPPED, GALAXY_ZOO_2_OBJECT


def votes_by_picture(mapping: Labels, votes: Labels | None) -> Labels:
    """Return one row per picture: its name, its galaxy, and the votes on that galaxy.

    Parameters
    ----------
    mapping : Labels
        ``gz2_filename_mapping.csv``, by ``asset_id``: ``objid`` (of the seventh data release of SDSS).
    votes : Labels, optional
        A table of vote fractions (Willett et al. 2013 or Hart et al. 2016), by ``dr7objid``.

    Returns
    -------
    Labels
        By ``asset_id``: ``dr7objid``, and the columns of ``votes``, missing where it has no such galaxy.

    Raises
    ------
    InputError
        If a column is missing, or has no whole numbers.
    """
    if GALAXY_ZOO_2_MAPPED not in mapping.table:
        raise InputError(f"{mapping.source}: has no column {GALAXY_ZOO_2_MAPPED!r}")
    objects = _whole(mapping.table[GALAXY_ZOO_2_MAPPED], mapping.source, GALAXY_ZOO_2_MAPPED)
    named = pd.DataFrame({GALAXY_ZOO_2_OBJECT: objects})
    if votes is None:
        return mapping._replace(table=named, notes={})
    galaxies = _whole(votes.keys, votes.source, GALAXY_ZOO_2_OBJECT)
    repeated = int(galaxies.duplicated().sum())
    of_galaxy = votes.table.assign(**{GALAXY_ZOO_2_OBJECT: galaxies}).drop_duplicates(GALAXY_ZOO_2_OBJECT)
    return Labels(
        mapping.keys,
        named.merge(of_galaxy, on=GALAXY_ZOO_2_OBJECT, how="left"),
        votes.source,
        votes.notes,
        {"further rows of a galaxy in the table of votes": repeated} if repeated else {},
    )


def _whole(values: pd.Series, source: str, name: str) -> pd.Series:
    """Return identifiers of 18 digits, which fit no floating-point number, as integers."""
    numbers = values.astype("string").fillna("").map(whole_number)
    odd = numbers.isna() | (numbers > np.iinfo(np.int64).max)
    if odd.any():
        row = values.index[odd][0]
        raise InputError(
            f"{source}: {name} is {str(values[row])!r} in row {row + 1}; allowed: whole numbers in full"
        )
    return numbers.astype("Int64")
