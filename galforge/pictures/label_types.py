"""What the columns of a table of labels hold, and what is done to each: the one place that says so.

A column of numbers stays one where some of its values are missing, whatever stands there; truth values
become 1 and 0; everything else is text. A missing value is NaN among numbers and empty among text.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd

from galforge.core.errors import InputError

# What stands for a missing value among numbers; in a column of text only an empty one is missing.
MISSING = (
    "", "-", "--", "---", "?", "...", "NA", "N/A", "n/a", "na", "<NA>", "#N/A", "NaN", "nan", "NAN", "-nan",
    "NULL", "Null", "null", "None", "none",
)  # fmt: skip
MOST_DIGITS = 100
EXACT = 2**53  # the whole numbers that a floating-point number can hold
PREFIX = "label_"
_NUMBER = re.compile(r"\d+(\.\d*)?(e\+?\d\d?)?", re.IGNORECASE)


class Labels(NamedTuple):
    """A table of labels, and what was done to its columns.

    Attributes
    ----------
    keys : Series of str
        Of each row, what names the picture: path, name, name without its ending, or number.
    table : DataFrame
        With pandas' nullable types.
    source : str
        Names the table in a message.
    notes : mapping of str to str
        By the column's name, of those to which something was done.
    left_out : mapping of str to int
        How many rows are not there, by reason.
    """

    keys: pd.Series
    table: pd.DataFrame
    source: str
    notes: Mapping[str, str] = MappingProxyType({})
    left_out: Mapping[str, int] = MappingProxyType({})


def labels_of_frame(
    keys: Sequence[object], frame: pd.DataFrame, reserved: Collection[str], source: str
) -> Labels:
    """Return labels that come from something else than CSV."""
    # Pandas would make integers of floating-point numbers that are whole.
    typed = frame.apply(lambda values: values if values.dtype.kind == "f" else values.convert_dtypes())
    return typed_labels(pd.Series(keys, dtype=object).astype(str), typed, frame.astype(str), reserved, source)


def whole_number(text: str) -> int | None:
    """Return the whole number that a text says, also one saved as a floating-point number; None for others.

    Of one that is larger than such a number holds, only the digits in full say which it is: saved as one it
    may be that of a neighbour.

    Examples
    --------
    >>> whole_number("0012"), whole_number("12345.0"), whole_number("1.2345e+04")
    (12, 12345, 12345)
    >>> whole_number("587722981736120342"), whole_number("587722981736120320.0")
    (587722981736120342, None)
    """
    if text.isdecimal():
        return int(text) if len(text) < MOST_DIGITS else None
    if not _NUMBER.fullmatch(text) or len(text) > MOST_DIGITS:
        return None
    number = Decimal(text)
    return int(number) if number <= EXACT and number == int(number) else None


def missing(table: pd.DataFrame) -> pd.DataFrame:
    """Return where a table with numpy's types has no value: NaN, or no text."""
    return table.isna() | (table == "")


def typed_labels(
    keys: pd.Series, typed: pd.DataFrame, raw: pd.DataFrame, reserved: Collection[str], source: str
) -> Labels:
    """Return labels under names that are nobody else's, each of one type.

    Parameters
    ----------
    keys : Series of str
    typed : DataFrame
        As pandas reads it, with nullable types, where :data:`MISSING` is missing.
    raw : DataFrame
        The same as text.
    reserved : collection of str
        Names of galforge's own columns.
    source : str
        Names the table in a message.

    Raises
    ------
    InputError
        If two columns have one name, or HDF5 can hold no column of such a name.
    """
    columns: dict[str, pd.Series] = {}
    notes: dict[str, str] = {}
    for given in raw:
        name, said = given, []
        if given in reserved:
            name = f"{PREFIX}{given}"
            said.append(f"{given!r} in the table: galforge has a column of that name")
        if name in columns:
            raise InputError(f"{source}: there are two columns {name!r}; rename one")
        columns[name], what = _of_one_type(typed[given], raw[given])
        said += what
        if said:
            notes[name] = "; ".join(said)
    _check_names(columns, source)
    return Labels(keys, pd.DataFrame(columns, index=raw.index), source, notes)


def _of_one_type(values: pd.Series, raw: pd.Series) -> tuple[pd.Series, list[str]]:
    """Return a column, and what was done to it."""
    if pd.api.types.is_bool_dtype(values):
        return values.astype("Int64"), ["true and false became 1 and 0"]
    if pd.api.types.is_numeric_dtype(values):
        marks = raw[raw.str.strip().isin(MISSING) & (raw != "")].str.strip().value_counts()
        return values, [f"{mark!r} is a missing value ({count:,} times)" for mark, count in marks.items()]
    odd = raw[pd.to_numeric(raw.where(~raw.isin(MISSING)), errors="coerce").isna() & ~raw.isin(MISSING)]
    numbers = len(raw) - len(odd) - int(raw.isin(MISSING).sum())
    why = f": {odd.iloc[0]!r} is no number, {numbers:,} others are" if numbers and len(odd) else ""
    # Control characters would end a row of a table, or a text in HDF5.
    text = raw.str.replace(r"[\x00-\x1f\x7f]", " ", regex=True)
    return text.where(text != "").astype("string"), [f"text{why}"]


def plain(values: pd.Series) -> pd.Series:
    """Return a column with numpy's types: NaN for a missing number, no text for missing text.

    Whole numbers of which some are missing become floating-point numbers if these can hold them, else text.
    """
    if pd.api.types.is_bool_dtype(values):
        values = values.astype("Int64")
    if pd.api.types.is_integer_dtype(values):
        known = values.dropna()
        if len(known) == len(values) and (known <= np.iinfo(np.int64).max).all():
            return values.astype(np.int64)
        if (known <= EXACT).all() and (known >= -EXACT).all():
            return pd.Series(values.to_numpy(dtype=np.float64, na_value=np.nan), index=values.index)
    elif pd.api.types.is_float_dtype(values):
        return pd.Series(values.to_numpy(dtype=np.float64, na_value=np.nan), index=values.index)
    text = values.astype("string").fillna("")
    return pd.Series(text.to_numpy(dtype=object), index=values.index, dtype=object)


def _check_names(names: Collection[str], source: str) -> None:
    """Refuse names that HDF5, to which a slash is a path, cannot hold side by side."""
    for name in names:
        parts = name.split("/")
        if "\0" in name or any(part in ("", ".") for part in parts):
            raise InputError(f"{source}: HDF5 can hold no column of the name {name!r}; rename it")
        for end in range(1, len(parts)):
            if "/".join(parts[:end]) in names:
                both = f"{'/'.join(parts[:end])!r} and {name!r}"
                raise InputError(f"{source}: HDF5, to which / is a path, cannot hold {both}; rename one")
