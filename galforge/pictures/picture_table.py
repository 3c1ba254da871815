"""The catalogue of a survey of pictures: which file shows which galaxy, and its labels."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from galforge.core.errors import InputError
from galforge.core.tables import unescaped

OWN_COLUMNS = ("identifier", "file", "fault")  # those that precede the labels
NO_PICTURE = "no image"


def picture_identifier(name: str) -> int:
    """Return the identifier of a picture: its file's name where that is a number, else a hash of its path.

    Examples
    --------
    >>> picture_identifier("images_training_rev1/100008.jpg")
    100008
    """
    stem = PurePosixPath(name).stem
    if stem.isdecimal() and len(stem) <= 18:
        return int(stem)
    # 53 bits: every program that reads the catalogue keeps them.
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 11


def picture_table(
    names: Sequence[str], faults: Mapping[str, str], labels: pd.DataFrame | None, key: str | None
) -> pd.DataFrame:
    """Return one row per picture, and one per row of labels without a picture.

    Parameters
    ----------
    names : sequence of str
        Files of the pictures.
    faults : mapping of str to str
        Further files that cannot be used, with the reason.
    labels : DataFrame, optional
        The survey's own table.
    key : str, optional
        The column of labels that names the file: path, name, or name without suffix.

    Returns
    -------
    DataFrame
        ``identifier``, ``file``, ``fault`` (empty if there is none) and the columns of ``labels``, NaN
        for a picture without labels. Text columns are left out.
    """
    rows = [(picture_identifier(name), name, faults.get(name, "")) for name in sorted({*names, *faults})]
    table = pd.DataFrame(rows, columns=list(OWN_COLUMNS)).astype({"identifier": np.int64})
    repeated = table["identifier"].duplicated() & (table["fault"] == "")
    table.loc[repeated, "fault"] = "its identifier is another's"
    if labels is None or key is None:
        return table
    wanted = labels[key].astype(str)  # a number in full, as files are named
    numbers = labels.drop(columns=key).select_dtypes(["number", "bool"])
    numbers = numbers.drop(columns=[name for name in OWN_COLUMNS if name in numbers])
    rows_of_labels = wanted.map(_rows_by_name(table["file"])).fillna(-1).astype(np.int64).to_numpy()
    has_picture = rows_of_labels >= 0
    repeated_rows = pd.Series(rows_of_labels).duplicated().to_numpy() & has_picture
    if repeated_rows.any():
        raise InputError(f"the table of labels names {wanted[repeated_rows].iloc[0]!r} twice in {key!r}")
    matched = numbers[has_picture].set_index(rows_of_labels[has_picture])
    # Integers stay integers where every picture has one: identifiers of 18 digits are among them.
    table = table.join(matched.reindex(table.index) if len(matched) < len(table) else matched)
    absent = wanted[~has_picture]
    missing = pd.DataFrame(
        {
            "identifier": [picture_identifier(name) for name in absent],
            "file": absent.to_numpy(),
            "fault": NO_PICTURE,
        }
    ).join(numbers[~has_picture].reset_index(drop=True))
    return pd.concat([table, missing], ignore_index=True) if len(missing) else table


def read_picture_table(path: Path) -> pd.DataFrame:
    """Return the catalogue of a survey of pictures as it was written."""
    table = pd.read_csv(path, dtype={"file": str, "fault": str}, float_precision="round_trip")
    # A column that is empty in every row would be read as numbers, a file called "nan" as missing.
    return unescaped(table.fillna({"file": "", "fault": ""}))


def read_labels(path: Path, key: str) -> pd.DataFrame:
    """Return a survey's table of labels, with its key as text.

    Raises
    ------
    InputError
        If it cannot be read, or lacks the key.
    """
    try:
        labels = pd.read_csv(path, dtype={key: str}, float_precision="round_trip")
    except FileNotFoundError as error:
        raise InputError(f"{path}: the table of labels is missing") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: is not a table ({' '.join(str(error).split())})") from error
    if key not in labels:
        raise InputError(f"{path}: has no column {key!r}; there are {', '.join(map(str, labels.columns))}")
    return labels


def _rows_by_name(files: pd.Series) -> dict[str, int]:
    """Return the row of each file by path, name and name without suffix; the first of equal ones counts."""
    rows: dict[str, int] = {}
    for row, name in enumerate(files):
        path = PurePosixPath(name)
        for text in (name, path.name, path.stem):
            rows.setdefault(text, row)
    return rows
