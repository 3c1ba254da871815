"""The labels of Galaxy Zoo 2: from the file names of its pictures to the votes on their galaxies."""

import pandas as pd

from galforge.core.errors import InputError
from galforge.pictures.picture_sources import (
    GALAXY_ZOO_2_KEY,
    GALAXY_ZOO_2_MAPPED,
    GALAXY_ZOO_2_OBJECT,
)


def votes_by_picture(mapping: pd.DataFrame, votes: pd.DataFrame | None) -> pd.DataFrame:
    """Return one row per picture: its name, its galaxy, and the votes on that galaxy.

    Parameters
    ----------
    mapping : DataFrame
        ``gz2_filename_mapping.csv``: ``asset_id`` and ``objid`` (of the seventh data release of SDSS).
    votes : DataFrame, optional
        A table of vote fractions (Willett et al. 2013 or Hart et al. 2016) with ``dr7objid``.

    Returns
    -------
    DataFrame
        ``asset_id`` as text, ``dr7objid``, and the columns of ``votes``, NaN where it has no such galaxy.

    Raises
    ------
    InputError
        If a column is missing.
    """
    for column in (GALAXY_ZOO_2_KEY, GALAXY_ZOO_2_MAPPED):
        if column not in mapping:
            raise InputError(f"gz2_filename_mapping.csv: has no column {column!r}")
    named = pd.DataFrame(
        {
            GALAXY_ZOO_2_KEY: mapping[GALAXY_ZOO_2_KEY].astype(str),
            GALAXY_ZOO_2_OBJECT: mapping[GALAXY_ZOO_2_MAPPED].astype("int64"),
        }
    )
    if votes is None:
        return named
    # Identifiers of 18 digits do not fit a floating-point number: they are compared as integers.
    votes = votes.drop_duplicates(GALAXY_ZOO_2_OBJECT).astype({GALAXY_ZOO_2_OBJECT: "int64"})
    return named.merge(votes, on=GALAXY_ZOO_2_OBJECT, how="left")
