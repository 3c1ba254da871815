"""Statuses of measured stamps, in few words."""

import pandas as pd

SHOWN = 3  # failures that are named; the rest is a number


def summarize_failures(status: pd.Series) -> str:
    """Return how many stamps failed and how: ``"14 statmorph flag 2, 3 no source"``.

    What follows a colon in a status concerns one stamp (the warnings behind a flag) and is left to the
    table.
    """
    failures = status[status != "ok"].map(lambda words: words.partition(":")[0]).value_counts()
    named = [f"{number} {failure}" for failure, number in failures.head(SHOWN).items()]
    rest = int(failures.iloc[SHOWN:].sum())
    return ", ".join([*named, *([f"{rest} otherwise"] if rest else [])])
