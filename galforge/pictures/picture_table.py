"""The catalogue of a survey of pictures: which file shows which galaxy, and its labels."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from galforge.core.errors import InputError
from galforge.pictures.file_names import class_folders, picture_stem
from galforge.pictures.label_table import read_plain_table
from galforge.pictures.label_types import Labels, plain
from galforge.pictures.matching import NONE, SEVERAL, rows_of_keys

OWN_COLUMNS = ("identifier", "file", "fault")  # those that precede the labels
FOLDER_COLUMNS = ("class_folder", "class_number")
# Why a row of labels has no picture.
NO_PICTURE = "no image"
NO_KEY = "no key in the table of labels"
AMBIGUOUS = "its key names several pictures"
WITHOUT_PICTURE = (NO_PICTURE, NO_KEY, AMBIGUOUS)
_DIGITS = 18  # of the whole numbers that an identifier holds


def picture_identifier(name: str) -> int:
    """Return the identifier of a picture: its file's name where that is a number, else a hash of its path.

    Examples
    --------
    >>> picture_identifier("images_training_rev1/100008.jpg")
    100008
    """
    stem = picture_stem(name)
    return int(stem) if _is_number(stem) else _hash(name)


def picture_identifiers(names: Sequence[str]) -> list[int]:
    """Return the identifier of each picture: from its path where several have one number as their name."""
    numbers = Counter(int(stem) for name in names if _is_number(stem := picture_stem(name)))
    return [
        number if numbers[number := picture_identifier(name)] < 2 else _hash(name)  # as in folders of classes
        for name in names
    ]


def picture_table(names: Sequence[str], faults: Mapping[str, str]) -> pd.DataFrame:
    """Return one row per picture.

    Parameters
    ----------
    names : sequence of str
        Files of the pictures.
    faults : mapping of str to str
        Further files that cannot be used, with the reason.

    Returns
    -------
    DataFrame
        ``identifier``, ``file``, ``fault`` (empty if there is none), and ``class_folder`` and
        ``class_number`` where all pictures lie in folders of classes.
    """
    files = sorted({*names, *faults})
    table = pd.DataFrame(
        {
            "identifier": np.array(picture_identifiers(files), dtype=np.int64),
            "file": pd.Series(files, dtype=object),
            "fault": pd.Series([faults.get(name, "") for name in files], dtype=object),
        }
    )
    repeated = table["identifier"].duplicated() & (table["fault"] == "")
    table.loc[repeated, "fault"] = "its identifier is another's"
    if folders := class_folders(sorted(names)):
        of_file = dict(zip(sorted(names), folders, strict=True))
        numbers = {folder: number for number, folder in enumerate(sorted(set(folders)))}
        table["class_folder"] = table["file"].map(of_file).astype("string")
        table["class_number"] = table["class_folder"].map(numbers).astype("Int64")
        table = table.apply(plain)
    return table


def with_labels(table: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """Return a catalogue with the labels of its pictures, then the rows of labels that have none.

    Raises
    ------
    InputError
        If two rows of labels are of one picture, or none is of any.
    """
    wanted = labels.keys.reset_index(drop=True)
    if shared := [name for name in labels.table if name in table]:
        raise InputError(f"{labels.source}: {shared[0]!r} is a label beside the pictures, too; rename it")
    files = table["file"].tolist()
    rows = rows_of_keys(wanted.tolist(), files)
    has_picture = rows >= 0
    if len(rows) and len(files) and not has_picture.any():
        raise InputError(
            f"{labels.source}: none of its {len(wanted):,} keys names one picture; the first key is "
            f"{wanted[0]!r}, the first of {len(files):,} pictures is {files[0]!r}"
        )
    if (repeated := pd.Series(rows[has_picture]).duplicated().to_numpy()).any():
        first = wanted[has_picture][repeated].iloc[0]
        file = files[rows[has_picture][repeated][0]]
        raise InputError(f"{labels.source}: two rows are of {file!r}, the second is that of {first!r}")
    # Nullable types: whole numbers stay whole while some are missing.
    columns = labels.table.reset_index(drop=True)
    matched = columns[has_picture].set_index(rows[has_picture]).reindex(table.index)
    absent = wanted[~has_picture]
    reasons = {NONE: NO_PICTURE, SEVERAL: AMBIGUOUS}
    missing = pd.DataFrame(
        {
            "identifier": np.array([picture_identifier(name) for name in absent], dtype=np.int64),
            "file": absent.to_numpy(dtype=object),
            "fault": [
                reasons[row] if name else NO_KEY for name, row in zip(absent, rows[~has_picture], strict=True)
            ],
        }
    )
    whole = pd.concat(
        [table.join(matched), missing.join(columns[~has_picture].reset_index(drop=True))], ignore_index=True
    )
    return whole.apply(plain)


def read_picture_table(path: Path) -> pd.DataFrame:
    """Return the catalogue of a survey of pictures as it was written."""
    return read_plain_table(path, ("file", "fault", "class_folder"))


def _is_number(stem: str) -> bool:
    return stem.isascii() and stem.isdecimal() and len(stem) <= _DIGITS


def _hash(name: str) -> int:
    # 53 bits: every program that reads the catalogue keeps them.
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 11
