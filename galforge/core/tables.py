"""Tables as CSV, whole or absent, with floats that come back exactly."""

from pathlib import Path

import pandas as pd

from galforge.core.errors import InputError
from galforge.core.files import replacing


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table without its index."""
    with replacing(path) as temporary:
        table.to_csv(temporary, index=False)


def read_table(path: Path) -> pd.DataFrame:
    """Return a table written by :func:`write_table`.

    Empty text stays empty text in a column that holds any; a column with none is read as numbers, all NaN.

    Raises
    ------
    InputError
        If the file is not a table.
    """
    try:
        # Nothing but an empty field is missing: a text may be "None" or "NA".
        table = pd.read_csv(path, float_precision="round_trip", keep_default_na=False, na_values=[""])
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: is not a table ({error})") from error
    text = table.select_dtypes(exclude=["number", "bool"]).columns
    return table.fillna(dict.fromkeys(text, ""))
