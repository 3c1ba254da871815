"""Tables of labels as files: CSV, and what a survey of pictures keeps of them."""

import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from galforge.core.errors import InputError
from galforge.core.files import file_digest
from galforge.core.tables import unescaped
from galforge.pictures.label_types import MISSING, Labels, plain, typed_labels

_NULLABLE = "numpy_nullable"
_OTHERS = {
    b"SIMPLE": "a FITS file",
    b"\x89HDF\r\n": "an HDF5 file",
    b"PAR1": "a Parquet file",
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"\x1f\x8b": "a compressed file",
}


def read_labels(path: Path, key: str, reserved: Collection[str] = ()) -> Labels:
    """Return a survey's table of labels.

    Parameters
    ----------
    path : Path
        CSV.
    key : str
        The column that names the picture.
    reserved : collection of str, optional
        Names of galforge's own columns: a label of such a name is called ``label_...``.

    Raises
    ------
    InputError
        If it cannot be read, lacks the key, or has two columns of one name.
    """
    with _faults_of(path):
        if what := _other_kind(path):
            raise InputError(f"{path}: is {what}; allowed: a table in CSV")
        header = _read(path, header=None, nrows=1, dtype=str, na_filter=False).iloc[0].str.strip()
    names = [name or f"column_{number}" for number, name in enumerate(header, start=1)]
    if twice := [name for number, name in enumerate(names) if name in names[:number]]:
        raise InputError(f"{path}: there are two columns {twice[0]!r}; rename one")
    if key not in names:
        raise InputError(f"{path}: has no column {key!r}; there are {', '.join(names)}")
    with _faults_of(path):
        raw = _read(path, header=0, names=names, dtype=str, na_filter=False)
        typed = _read(
            path,
            header=0,
            names=names,
            dtype={key: "string"},
            na_values=list(MISSING),
            dtype_backend=_NULLABLE,
        )
    return typed_labels(
        raw[key].str.strip(), typed.drop(columns=key), raw.drop(columns=key), reserved, str(path)
    )


def labels_of(
    path: str | None, key: str | None, reserved: Collection[str]
) -> tuple[Labels | None, dict[str, str]]:
    """Return the table of labels, if there is one, and its digest by name."""
    if path is None or key is None:
        return None, {}
    return read_labels(Path(path), key, reserved), {Path(path).name: file_digest(Path(path))}


def read_plain_table(path: Path, text: Collection[str]) -> pd.DataFrame:
    """Return a table of labels that this project wrote, its columns of the types with which it was written.

    Parameters
    ----------
    path : Path
    text : collection of str
        Columns of text even where a number stands in each row.
    """
    with _faults_of(path):
        table = _read(path, dtype=dict.fromkeys(text, "string"), na_values=[""], dtype_backend=_NULLABLE)
    return unescaped(table.apply(plain) if len(table) else table)


def _read(path: Path, **options: Any) -> pd.DataFrame:
    return pd.read_csv(
        path,
        keep_default_na=False,
        index_col=False,
        low_memory=False,
        skipinitialspace=True,
        encoding="utf-8-sig",
        float_precision="round_trip",
        **options,
    )


@contextmanager
def _faults_of(path: Path) -> Iterator[None]:
    """Turn what pandas says of a file that is no table into an InputError."""
    try:
        with warnings.catch_warnings():
            # More fields in the rows than in the header: they would be lost.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            yield
    except FileNotFoundError as error:
        raise InputError(f"{path}: the table of labels is missing") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, pd.errors.ParserWarning, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: is not a table in CSV ({reason})") from error


def _other_kind(path: Path) -> str:
    """Return what a file is, in words, where its first bytes say so."""
    with path.open("rb") as stream:
        first = stream.read(8)
    return next((what for start, what in _OTHERS.items() if first.startswith(start)), "")
