"""Which picture a key of a table of labels means."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from galforge.pictures.file_names import picture_stem, picture_suffix
from galforge.pictures.label_types import whole_number

NONE, SEVERAL = -1, -2  # in place of a row


def rows_of_keys(keys: Sequence[str], files: Sequence[str]) -> NDArray[np.int64]:
    """Return the row of the picture that each key names; negative where there is none, or more than one.

    A key may be a path, also one that begins with folders of another machine, a name, a name without its
    ending, or a number, also one that a program has saved as 12345.0 or 1.2345e+04. The longest part of a
    path that is known decides.

    Examples
    --------
    >>> rows_of_keys(["/home/me/zoo/b/1.png", "2.0", "1"], ["a/1.png", "b/1.png", "b/0002.png"])
    array([ 1,  2, -2])
    """
    paths = {name: row for row, name in enumerate(files)}
    rows: dict[str, set[int]] = defaultdict(set)
    numbers: dict[int, set[int]] = defaultdict(set)
    for row, name in enumerate(files):
        for text in _spellings(name):
            rows[text].add(row)
        stem = picture_stem(name)
        if stem.isdecimal() and (number := whole_number(stem)) is not None:
            numbers[number].add(row)
    return np.array([paths.get(key, _row(key, rows, numbers)) for key in keys], dtype=np.int64)


def _row(key: str, rows: dict[str, set[int]], numbers: dict[int, set[int]]) -> int:
    candidates = [rows[text] for text in _spellings(key) if text in rows]
    if (number := whole_number(key)) is not None:
        candidates.append(numbers.get(number, set()))
    for known in candidates:
        if len(known) == 1:
            return next(iter(known))
        if known:
            return SEVERAL
    return NONE


def _spellings(name: str) -> Iterator[str]:
    """Yield a path, then it without its first folder and so on, each also without the picture's ending."""
    parts = name.replace("\\", "/").split("/")
    ending = picture_suffix(name)
    for start in range(len(parts)):
        text = "/".join(parts[start:])
        yield text
        if ending:
            yield text.removesuffix(ending)
