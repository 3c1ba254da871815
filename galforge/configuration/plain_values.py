"""Values that YAML can say and JSON cannot, in which settings travel."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from galforge.configuration.faults import Faults
from galforge.configuration.messages import dotted, shown
from galforge.core.errors import ConfigurationError

_INTEGER_BITS = 63  # and a sign


def check_plain(value: Any, path: tuple[str | int, ...], faults: Faults) -> None:
    """Note what YAML can say and JSON cannot: keys that are not text, dates, numbers without bound."""
    with faults.noted():
        _check_value(value, path)
    entries: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, Mapping):
        entries = ((key, inner) for key, inner in value.items() if isinstance(key, str))
    elif isinstance(value, list):
        entries = enumerate(value)
    for key, inner in entries:
        check_plain(inner, (*path, key), faults)


def _check_value(value: Any, path: tuple[str | int, ...]) -> None:
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                where = dotted(path) or "configuration"
                raise ConfigurationError(
                    f"{where}: the key {shown(key)} is not text; allowed: text, in quotes"
                )
    elif isinstance(value, float) and not math.isfinite(value):
        raise ConfigurationError(f"{dotted(path)} is {value}; allowed: a finite number")
    elif isinstance(value, int) and value.bit_length() > _INTEGER_BITS:
        raise ConfigurationError(f"{dotted(path)} is {shown(value)}; allowed: integers of 64 bits")
    elif isinstance(value, str) and "\0" in value:
        raise ConfigurationError(f"{dotted(path)} is {shown(value)}; allowed: text without zero bytes")
    elif not isinstance(value, list | str | int | float | None):
        raise ConfigurationError(
            f"{dotted(path)} is {shown(value)}; allowed: text, in quotes, numbers, true, false and null"
        )
