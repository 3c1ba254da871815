"""Splitting of a dataset into training, validation and test stamps."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.core.seeds import uniform_of
from galforge.datasets.split import Split


def split_by_identifier(
    identifiers: Iterable[int],
    split: Split,
    seed: int,
    groups: NDArray[np.integer] | None = None,
    published: NDArray[np.bool_] | None = None,
) -> NDArray[np.str_]:
    """Assign each galaxy to a side by a hash of its identifier.

    With fractions a galaxy never changes sides, neither when others are added, removed or reordered nor
    when a limit of the selection changes. With counts the sides are filled in the order of the hash,
    first test, then validation, then train: a galaxy that is added or removed moves only those at the
    borders between sides. (The code published with Danilov (2020) splits in file order.)

    Parameters
    ----------
    identifiers : iterable of int
        All galaxies of the dataset, N of them.
    split : Split
        Fractions are expected values: the hash decides, and the counts scatter.
    seed : int
    groups : ndarray of int, shape (N,), optional
        Identifier of each galaxy's group: galaxies of a group are never on different sides. With counts,
        a galaxy that does not fit on the side of its group is left over.
    published : ndarray of bool, shape (N,), optional
        Stamps of the survey's own test part; with counts, they come before all others, and none is used but
        for test.

    Returns
    -------
    ndarray of str, shape (N,)
        ``"train"``, ``"validation"`` or ``"test"``; empty for a galaxy that counts leave over.

    Raises
    ------
    InputError
        If the counts ask for more galaxies than there are.
    """
    keys = np.asarray(list(identifiers)) if groups is None else groups
    position = np.array([uniform_of(seed, "split", int(key)) for key in keys])
    if not split.by_count:
        held_out = split.test + split.validation
        return np.where(position < split.test, "test", np.where(position < held_out, "validation", "train"))
    order = _in_order(position, int(split.test), published)
    trained = _trained(split, len(order), len(position) - len(order))
    sides = np.repeat(["test", "validation", "train"], [int(split.test), int(split.validation), trained])
    side_of = np.full(len(position), "", dtype=sides.dtype)
    side_of[order[: len(sides)]] = sides
    return side_of if groups is None else _unbroken(side_of, order, groups)


def _in_order(
    position: NDArray[np.float64], tested: int, published: NDArray[np.bool_] | None
) -> NDArray[np.intp]:
    """Return the rows that may be on a side, those for test first."""
    if published is None:
        return np.argsort(position, kind="stable")
    order = np.argsort(position - published, kind="stable")
    # What others test on is not trained on, even if it is not tested on here.
    return order[~published[order] | (np.arange(len(order)) < tested)]


def _trained(split: Split, count: int, beyond: int) -> int:
    """Return how many of ``count`` stamps are for training, beside the ``beyond`` that are for nothing."""
    held_out = int(split.test + split.validation)
    left = count - held_out
    wanted = held_out + (split.train or 1)
    if (lacking := wanted - count) > 0:
        fitting = f"train: {left} would fit, or" if left > 0 and split.train else "ask for fewer, or"
        besides = (
            f" besides {beyond:,} of the published test part that split.test leaves over" if beyond else ""
        )
        raise InputError(
            f"split asks for {wanted:,} stamps, {count:,} are selected{besides}, {lacking:,} too few; "
            f"{fitting} widen selection.limits"
        )
    return split.train or left


def _unbroken(
    sides: NDArray[np.str_], order: NDArray[np.intp], groups: NDArray[np.integer]
) -> NDArray[np.str_]:
    """Return the sides; galaxies that a border cuts off their group are on none, and others move up."""
    sizes = {side: int((sides == side).sum()) for side in ("test", "validation", "train")}
    side_of = np.full(len(sides), "", dtype=sides.dtype)
    side_of_group: dict[int, str] = {}
    places = [side for side in sizes for _ in range(sizes[side])]
    taken = 0
    for row in order:
        group = int(groups[row])
        if taken == len(places) or side_of_group.setdefault(group, places[taken]) != places[taken]:
            continue
        side_of[row] = places[taken]
        taken += 1
    return side_of


def published_tests(catalog: pd.DataFrame, column: str | None) -> NDArray[np.bool_] | None:
    """Return which stamps are of their survey's own test part, by ``split.published``; None without one.

    Raises
    ------
    InputError
        If the catalogue has no such column.
    """
    if column is None:
        return None
    if column not in catalog:
        raise InputError(f"split.published is {column!r}; the survey's table has no such column")
    return np.asarray(catalog[column] == "test")
