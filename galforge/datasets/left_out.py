"""What a dataset leaves out before any cut, by reason: for the log, the data card and the report."""

from collections import Counter
from collections.abc import Mapping

import pandas as pd

REASONS = 20  # told apart; what a library says of each galaxy may name the galaxy
OTHERS = "other reasons"


def left_out_by_reason(beside: Mapping[str, int], statuses: pd.Series) -> dict[str, int]:
    """Return how many files and galaxies are left out for each reason, the most first.

    Parameters
    ----------
    beside : mapping of str to int
        What the survey's import did not take for a galaxy.
    statuses : Series of str
        ``render_status`` of every galaxy.
    """
    counts = Counter(beside) + Counter(statuses[statuses != "ok"].tolist())
    most = counts.most_common(REASONS)
    rest = counts.total() - sum(count for _, count in most)
    return dict([*most, *([(OTHERS, rest)] if rest else [])])
