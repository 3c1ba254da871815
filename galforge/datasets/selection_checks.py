"""Whether a selection can be made: the columns that it limits are there, and most stamps could be drawn."""

import difflib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from galforge.core.errors import InputError
from galforge.datasets.limits import Limits
from galforge.pictures.preprocessing_settings import GREY

NAMED = 10  # files named in a message


def hint(name: str, known: Sequence[str]) -> str:
    """Return which known column may have been meant, for a message; nothing where none is close."""
    close = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def first_files(failed: pd.DataFrame) -> str:
    """Return the first ten files of a survey of pictures that could not be used, with the reason."""
    if "file" not in failed:
        return ""
    named = (f"{row.file} ({row.render_status})" for row in failed.head(NAMED).itertuples())
    return ": " + ", ".join(named) + ", ..." * (len(failed) > NAMED)


def check_columns(catalog: pd.DataFrame, limits: Sequence[tuple[str, Limits]]) -> None:
    """Raise InputError where a limit is on a column that the survey does not have, or that is text."""
    numbers = list(catalog.select_dtypes("number").columns)
    for column, _ in limits:
        if column not in catalog:
            raise InputError(
                f"selection.limits: {column!r} is not a column of this survey{hint(column, numbers)}; "
                f"there are {', '.join(numbers)}"
            )
        if column not in numbers:
            values = catalog[column].dropna().astype(str)
            shown = f", such as {values.iloc[0]!r}" if len(values) else ""
            raise InputError(
                f"selection.limits: {column!r} holds text{shown}; allowed: columns of numbers, "
                f"which are {', '.join(numbers)}"
            )


def check_count(attrition: pd.DataFrame, minimum_count: int, folder: Path) -> None:
    """Raise InputError where fewer stamps are selected than there must be.

    Parameters
    ----------
    attrition : DataFrame
        As :func:`galforge.datasets.selection.select` makes it.
    minimum_count : int
    folder : Path
        Where the tables of the selection lie, for the message.
    """
    kept = int(attrition["remaining"].iloc[-1])
    if kept < minimum_count:
        raise InputError(
            f"{kept} stamps pass the selection, fewer than selection.minimum_count = {minimum_count}; they "
            f"remain after each cut: {remaining_after(attrition)}; {folder} holds what each cut removes and "
            "percentiles of each quantity, by which to widen selection.limits"
        )


def remaining_after(attrition: pd.DataFrame) -> str:
    """Return how many stamps remain after each cut, in words."""
    return ", ".join(f"{row.cut}: {row.remaining:,}" for row in attrition.itertuples())


def failures_of(catalog: pd.DataFrame, maximum_fraction: float, preprocessing: str | None = None) -> str:
    """Return how many galaxies could not be drawn and why, in words; nothing where all were.

    ``preprocessing`` names that of pictures, for the remedy.

    Raises
    ------
    InputError
        If they are more than this fraction.
    """
    failures = catalog["render_status"][catalog["render_status"] != "ok"]
    if len(failures) > maximum_fraction * len(catalog):
        remedy = ""
        if preprocessing and (failures == GREY).any():
            remedy = f"; preprocessing.{preprocessing}.channels: 1 takes grey pictures"
        reasons = "; ".join(f"{count} {reason}" for reason, count in failures.value_counts().head(3).items())
        raise InputError(
            f"{len(failures)} of {len(catalog)} galaxies could not be drawn, more than the fraction "
            f"{maximum_fraction:g} that stamps.maximum_failed_fraction allows ({reasons}{remedy})"
            f"{first_files(catalog.loc[failures.index])}"
        )
    if failures.empty:
        return ""
    return f"{failures.value_counts().to_dict()}{first_files(catalog.loc[failures.index])}"
