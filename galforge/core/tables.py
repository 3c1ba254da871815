"""Tables as CSV, whole or absent, with floats that come back exactly.

Spreadsheets run a cell that begins as a formula does, and a picture or a column of a user may be called
``=HYPERLINK(...)``. Such text is written behind an apostrophe, which :func:`read_table` takes away again.
"""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Final

import pandas as pd

from galforge.core.errors import InputError
from galforge.core.files import replacing

# What formulas begin with, and the apostrophe itself: a text that has one comes back with it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table without its index."""
    with replacing(path) as temporary:
        _with_text(table, _escaped).to_csv(temporary, index=False)


def read_table(path: Path, text: Collection[str] = ()) -> pd.DataFrame:
    """Return a table written by :func:`write_table`.

    Empty text stays empty text in a column that holds any; a column with none is read as numbers, all NaN.

    Parameters
    ----------
    path : Path
    text : collection of str
        Columns that are text whatever they hold: a name may be 1, 1e-3 or true.

    Raises
    ------
    InputError
        If the file is not a table.
    """
    try:
        # Nothing but an empty field is missing: a text may be "None" or "NA".
        table = pd.read_csv(
            path,
            float_precision="round_trip",
            keep_default_na=False,
            na_values=[""],
            dtype=dict.fromkeys(text, str),
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: is not a table ({error})") from error
    return unescaped(table.fillna(dict.fromkeys(_text_columns(table), "")))


def unescaped(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table, read from a file of :func:`write_table`, with its text as it was."""
    return _with_text(table, _unescaped)


def _text_columns(table: pd.DataFrame) -> list[str]:
    return list(table.select_dtypes(exclude=["number", "bool"]).columns)


def _with_text(table: pd.DataFrame, change: Callable[[Any], Any]) -> pd.DataFrame:
    changed = {name: table[name].map(change) for name in _text_columns(table)}
    return table.assign(**changed).rename(columns=change)


def _escaped(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _unescaped(value: Any) -> Any:
    is_escaped = isinstance(value, str) and value[:1] == "'" and value[1:].startswith(_FORMULA)
    return value[1:] if is_escaped else value
