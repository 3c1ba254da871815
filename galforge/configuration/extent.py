"""How much a configuration stands for once its aliases are written out: few lines may stand for billions.

Aliases share what they stand for in memory, until something walks through it.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from galforge.core.errors import ConfigurationError

MOST_VALUES: Final = 100_000  # the project's own configuration has 3,000


def check_extent(value: Any, parts: Callable[[Any], Iterable[Any]] | None = None) -> None:
    """Insist that a value stands for a finite number of values that can be walked through.

    Parameters
    ----------
    value
        Mappings and lists, or what ``parts`` knows.
    parts : callable, optional
        Returns what a value is made of.

    Raises
    ------
    ConfigurationError
        If there are more than :data:`MOST_VALUES`, or one of them contains itself.
    """
    _extent(value, parts or _parts, {})


def _extent(value: Any, parts: Callable[[Any], Iterable[Any]], known: dict[int, int | None]) -> int:
    if id(value) in known:
        extent = known[id(value)]
        if extent is None:
            raise ConfigurationError(
                "configuration: an alias stands for what it is in; allowed: none that does"
            )
        return extent
    inner = parts(value)
    if not inner:
        return 1
    known[id(value)] = None
    extent = 1
    for part in inner:
        extent += _extent(part, parts, known)
        if extent > MOST_VALUES:
            raise ConfigurationError(
                f"configuration: its aliases stand for more than {MOST_VALUES:,} values; allowed: fewer"
            )
    known[id(value)] = extent
    return extent


def _parts(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
