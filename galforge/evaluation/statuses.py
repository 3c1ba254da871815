"""Statuses of measured stamps, in few words."""

import pandas as pd

SHOWN = 3  # kinds that are named; the rest is a number


def summarize_failures(status: pd.Series) -> str:
    """Return how many stamps failed in which way: ``"14 statmorph flag 2, 3 no source"``.

    What follows a colon in a status is of one stamp (the warnings behind a flag) and is left to the
    table.
    """
    kinds = status[status != "ok"].map(lambda words: words.partition(":")[0]).value_counts()
    named = [f"{number} {kind}" for kind, number in kinds.head(SHOWN).items()]
    rest = int(kinds.iloc[SHOWN:].sum())
    return ", ".join([*named, *([f"{rest} otherwise"] if rest else [])])
