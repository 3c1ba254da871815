"""How values are written on the report's page."""

import contextlib
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from galforge.core.progress import format_duration


def missing(value: Any) -> bool:
    """Return whether a cell of a table or a value of a document is absent."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def number(value: Any) -> str:
    """Return a number with three significant digits, a dash where there is none."""
    return "–" if missing(value) else f"{float(value):#.3g}".rstrip(".")


def cell(row: Mapping[str, Any], name: str) -> str:
    """Return a cell of the leaderboard: the value, and its error where it has one.

    The error has two digits, and the value as many decimals.
    """
    value: Any = row.get(name)
    if missing(value):
        return "–"
    if name == "training_seconds":
        return format_duration(float(value))
    if name in ("parameters", "stamps"):
        return f"{int(value):,}"
    if name == "missing_tails":
        return f"{round(float(value), 1):g}"
    fraction = name.endswith("_fraction")
    value = float(value) * (100 if fraction else 1)
    unit = " %" if fraction else ""
    error: Any = row.get(f"{name}_error", row.get(f"error_{name.removeprefix('distance_')}"))
    if missing(error):
        return f"{value:.1f}{unit}" if fraction else number(value)
    error = float(error) * (100 if fraction else 1)
    if not error > 0:
        return f"{value:.1f}{unit}" if fraction else number(value)
    decimals = min(max(0, 1 - math.floor(math.log10(error))), 7)
    return f"{value:.{decimals}f} ± {error:.{decimals}f}{unit}"


def written(value: Any) -> str:
    """Return a setting as text: booleans as words, lists with commas, long integers grouped."""
    if missing(value):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and abs(value) >= 10_000:
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(written(part) for part in value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def anchor(*names: str) -> str:
    """Return the id of a section; quoting keeps different names different."""
    return quote("--".join(names), safe="")


def flattened(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of nested mappings as dotted names; text that holds JSON objects is opened."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        # Plain text may begin with a bracket, too.
        with contextlib.suppress(json.JSONDecodeError):
            value = json.loads(value)
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from flattened(part, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        for position, part in enumerate(value):
            yield from flattened(part, f"{name}[{position}]")
    else:
        yield name, value.item() if hasattr(value, "item") else value
