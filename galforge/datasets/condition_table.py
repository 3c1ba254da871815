"""Tables of what is asked of galaxies, one row each, in the formats of catalogues."""

from pathlib import Path

import numpy as np
import pandas as pd

from galforge.core.errors import InputError
from galforge.core.tables import read_table


def read_conditions(path: Path) -> pd.DataFrame:
    """Return a table from CSV, or from FITS (its first table) or ECSV.

    Raises
    ------
    InputError
        If the file is no such table.
    FileNotFoundError
        If there is no file.
    """
    formats = {".fits": "fits", ".fit": "fits", ".ecsv": "ascii.ecsv"}
    if path.suffix not in formats:
        return read_table(path)
    from astropy.table import Table

    path.stat()
    try:
        table = Table.read(path, format=formats[path.suffix])
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path}: is not a table ({str(error).partition(chr(10))[0]:.120})") from error
    # A column of arrays cannot be asked for, and pandas holds none.
    flat = [name for name in table.colnames if np.ndim(table[name]) == 1]
    frame: pd.DataFrame = table[flat].to_pandas()
    text = {
        name: frame[name].map(lambda value: value.decode() if isinstance(value, bytes) else value)
        for name in frame.select_dtypes(exclude=["number", "bool"])
    }
    return frame.assign(**text)
