"""What a GalSim configuration asks of galaxies, as far as it can be told before any is drawn."""

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from galforge.datasets.conditions import is_angle
from galforge.galsim.galaxies import GeneratedGalaxies

# Where GalSim's types have the ends of a distribution, or all values.
_MEMBERS: Final = {"Random": ("min", "max"), "RandomDistribution": ("x_min", "x_max"), "List": ("items",)}


def check_configured(galaxies: GeneratedGalaxies, base: dict[str, Any], kind: str, number: int) -> None:
    """Refuse constants, ends of distributions and members of lists that a model cannot be asked for.

    Parameters
    ----------
    galaxies : GeneratedGalaxies
    base : dict
        The whole configuration.
    kind : str
        The object type whose fields are checked.
    number : int
        Of the model, where the configuration has several: the ``num`` of its fields.

    Raises
    ------
    InputError
        With the column, the value and the range.
    """
    columns = [name for name in galaxies.columns if not is_angle(name)]
    for field in _fields_of(base, kind):
        if field.get("num", 0) == number:
            for name in columns:
                if values := list(_told(field.get(name))):
                    galaxies.check(pd.DataFrame({name: values}))


def _fields_of(config: Any, kind: str) -> Iterator[dict[str, Any]]:
    if isinstance(config, list):
        for item in config:
            yield from _fields_of(item, kind)
    elif isinstance(config, dict):
        if config.get("type") == kind:
            yield config
        for name, item in config.items():
            if not str(name).startswith("_"):
                yield from _fields_of(item, kind)


def _told(value: Any) -> Iterator[float | str]:
    """Yield the values, or their ends, that a field of a configuration is known to have."""
    if isinstance(value, list):
        for item in value:
            yield from _told(item)
    elif isinstance(value, dict):
        yield from _told([value.get(name) for name in _MEMBERS.get(value.get("type", ""), ())])
    elif isinstance(value, str):
        if not value.startswith(("$", "@")):  # GalSim's marks of what it evaluates
            yield _number_or_text(value)
    elif value is not None:
        yield value


def _number_or_text(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
