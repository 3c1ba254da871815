"""Training, validation and test stamps."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from galforge.core.command_line import strict
from galforge.core.errors import InputError
from galforge.core.seeds import uniform_of


@strict
@dataclass(frozen=True)
class Split:
    """How many stamps are held out: fractions of the galaxies, or counts from 1 on.

    Attributes
    ----------
    validation, test : float
        Both fractions, less than 1, or both counts.
    train : int, optional
        With counts: how many are trained on; None for all that remain.
    """

    validation: float
    test: float
    train: int | None = None

    @property
    def by_count(self) -> bool:
        """Whether the numbers are counts of stamps."""
        return self.validation >= 1


def split_by_identifier(
    identifiers: Iterable[int], split: Split, seed: int, groups: NDArray[np.integer] | None = None
) -> NDArray[np.str_]:
    """Assign each galaxy to a side by a hash of its identifier.

    With fractions a galaxy never changes sides: not when others are added, removed or reordered, not
    when a limit of the selection changes. With counts the sides are filled in the order of the hash,
    test, validation, train: a galaxy that comes or goes moves only those at the borders between
    sides. (The paper's published code splits in file order.)

    Parameters
    ----------
    identifiers : iterable of int
        All galaxies of the dataset, N of them.
    split : Split
        With fractions, expected ones: the hash decides, and their counts scatter.
    seed : int
    groups : ndarray of int, shape (N,), optional
        The identifier that a galaxy goes with: those of one group are never on two sides. With counts,
        what does not fit on the side of its group is left over.

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
    held_out = int(split.test + split.validation)
    wanted = held_out + (split.train or 1)
    if wanted > len(position):
        raise InputError(
            f"split asks for {wanted:,} stamps, {len(position):,} are selected; "
            "ask for fewer or widen selection.limits"
        )
    trained = len(position) - held_out if split.train is None else split.train
    sides = np.repeat(
        ["test", "validation", "train", ""],
        [int(split.test), int(split.validation), trained, len(position) - held_out - trained],
    )
    found = np.empty(len(position), dtype=sides.dtype)
    order = np.argsort(position, kind="stable")
    found[order] = sides
    return found if groups is None else _unbroken(found, order, groups)


def _unbroken(
    sides: NDArray[np.str_], order: NDArray[np.intp], groups: NDArray[np.integer]
) -> NDArray[np.str_]:
    """Return the sides, with what a border cuts off a group put on no side and the next ones moved up."""
    sizes = {side: int((sides == side).sum()) for side in ("test", "validation", "train")}
    found = np.full(len(sides), "", dtype=sides.dtype)
    begun: dict[int, str] = {}
    left = [side for side in sizes for _ in range(sizes[side])]
    place = 0
    for row in order:
        group = int(groups[row])
        if place == len(left) or begun.setdefault(group, left[place]) != left[place]:
            continue
        found[row] = left[place]
        place += 1
    return found
