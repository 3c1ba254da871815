"""From pydantic's account of a fault to one line that names key, value and what is allowed."""

import dataclasses
import difflib
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from galforge.configuration.mappings import Config

Location = Sequence[str | int]

_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")  # of a model, of a dataclass
_QUOTE = "'"

_BOUNDS = {
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "greater_than": "more than {gt}",
    "less_than": "less than {lt}",
    "too_short": "{min_length} or more entries",
    "too_long": "{max_length} or fewer entries",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "text that matches {pattern}",
}

_TYPES = {
    "int": "integer",
    "float": "number",
    "string": "text",
    "bool": "boolean",
    "list": "list",
    "tuple": "list",
    "dict": "mapping",
    "model": "mapping",
    "dataclass": "mapping",
}


class Inherited(NamedTuple):
    """What a configuration was merged over: keys that its author may never have seen.

    Attributes
    ----------
    values : mapping
        By the first part of a key as it is written in a message.
    place : str
        Where they stand.
    remedy : str
        How to have none of them.
    """

    values: Config
    place: str
    remedy: str

    def note(self, key: str, value: Any) -> str:
        """Return for a message that this value of a key comes from there; empty text where it does not."""
        there: Any = self.values
        for part in key.split("."):
            if not isinstance(there, Mapping) or part not in there:
                return ""
            there = there[part]
        return f", which comes from {self.place} by merging ({self.remedy})" if there == value else ""


def faults_of(
    invalid: ValidationError,
    statement: type[BaseModel],
    prefix: Location = (),
    inherited: Inherited | None = None,
) -> list[str]:
    """Return what is wrong with a configuration, one line for each place, the deepest first.

    Parameters
    ----------
    invalid : ValidationError
    statement : type
        The pydantic model that was not met.
    prefix : sequence of str or int
        Where in the configuration the validated mapping stands.
    inherited : Inherited, optional
    """

    def order(error: ErrorDetails) -> tuple[int, bool, str]:
        # The deepest: a key itself, not what holds it; of a missing or unknown key, that is its mapping.
        missing = error["type"] == "missing"
        path, _ = located(statement, error["loc"])
        return -len(path) + (missing or error["type"] in _UNKNOWN), not missing, error["msg"]

    errors = sorted(invalid.errors(include_url=False), key=order)
    meant = {key for error in errors if (key := _meant(error, statement))}
    first: dict[tuple[str | int, ...], ErrorDetails] = {}
    for error in errors:
        place = tuple(located(statement, error["loc"])[0])
        # A union complains of each of its members; what holds a faulty key is faulty for that alone.
        told = any(known[: len(place)] == place for known in first)
        if not told and not (error["type"] == "missing" and place in meant):
            first[place] = error
    return [explained(error, statement, prefix, inherited) for error in first.values()]


def _meant(error: ErrorDetails, statement: type[BaseModel]) -> tuple[str | int, ...]:
    """Return the place of the key that an unknown one was meant for, if that can be guessed."""
    if error["type"] not in _UNKNOWN:
        return ()
    (*above, unknown) = error["loc"]
    path, parent = located(statement, above)
    close = closest(unknown, _fields(parent) or ())
    return (*path, close) if close else ()


def explained(
    error: ErrorDetails,
    statement: type[BaseModel],
    prefix: Location = (),
    inherited: Inherited | None = None,
) -> str:
    """Return what is wrong with a configuration.

    Parameters
    ----------
    error : ErrorDetails
        One of a ``ValidationError``.
    statement : type
        The pydantic model that was not met.
    prefix : sequence of str or int
        Where in the configuration the validated mapping stands.
    inherited : Inherited, optional
    """
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind in _UNKNOWN:
        (*above, unknown) = error["loc"]
        path, parent = located(statement, above)
        known = sorted(_fields(parent) or ())
        key = dotted([*prefix, *path, unknown])
        meant = hint(unknown, known) + (inherited.note(key, value) if inherited else "")
        return f"unknown key {key!r} with value {shown(value)}{meant}; allowed: {', '.join(known)}"
    if error["loc"] and error["loc"][-1] == "[key]":
        path, _ = located(statement, error["loc"][:-2])
        where = dotted([*prefix, *path]) or "configuration"
        names = context.get("expected", "text").replace(_QUOTE, "").replace(" or ", ", ")
        return f"{where}: the name {value!r} is not allowed; allowed: {context.get('pattern', names)}"
    path, stated = located(statement, error["loc"])
    key = dotted([*prefix, *path])
    if kind == "missing":
        return f"missing key {key!r}"
    if kind == "union_tag_not_found":
        return f"missing key {dotted([*prefix, *path, context['discriminator'].strip(_QUOTE)])!r}"
    if kind == "union_tag_invalid":
        tag = context["discriminator"].strip(_QUOTE)
        return f"{key}.{tag} is {shown(value[tag])}; allowed: {context['expected_tags'].replace(_QUOTE, '')}"
    if kind == "refused":
        if context["key"]:
            key, value = f"{key}.{context['key']}", context["value"]
        return f"{key or 'configuration'} is {shown(value)}; allowed: {context['allowed']}"
    return f"{key or 'configuration'} is {shown(value)}; allowed: {_allowed(error, stated)}"


def _allowed(error: ErrorDetails, stated: Any) -> str:
    """Return what would be allowed in the place of a value of the wrong type, or out of bounds."""
    kind, context = error["type"], error.get("ctx", {})
    plain, nullable = _plain(stated)
    if kind == "literal_error":
        # Each once: a number may be written as text, too.
        return ", ".join([*dict.fromkeys(map(str, typing.get_args(plain))), *["null"] * nullable])
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**context)
    allowed = _TYPES.get(kind.partition("_")[0], error["msg"])
    return f"{allowed} or null" if nullable else allowed


def located(statement: Any, location: Location) -> tuple[list[str | int], Any]:
    """Return the keys of a location, and what is stated at its end; None where nothing is.

    Pydantic's location holds, beside keys, which member of a union was chosen.
    """
    path: list[str | int] = []
    for part in location:
        statement, _ = _plain(statement)
        arguments = typing.get_args(statement)
        if _is_union(statement):
            statement = next((member for member in arguments if part in _tags(member)), None)
            continue
        path.append(part)
        fields, origin = _fields(statement), typing.get_origin(statement)
        if fields is not None:
            statement = fields.get(str(part))
        elif origin is dict:
            statement = arguments[1]
        elif origin in (list, tuple):
            statement = arguments[0]
        else:
            statement = None
    return path, statement


def _plain(stated: Any) -> tuple[Any, bool]:
    """Return a type without its notes, and whether null is allowed beside it."""
    nullable = False
    while True:
        if hasattr(stated, "__metadata__"):
            stated = typing.get_args(stated)[0]
        elif _is_union(stated) and types.NoneType in typing.get_args(stated):
            nullable = True
            members = tuple(part for part in typing.get_args(stated) if part is not types.NoneType)
            stated = typing.Union[members]  # noqa: UP007 - of a tuple, which | cannot join
        else:
            return stated, nullable


def _is_union(stated: Any) -> bool:
    return typing.get_origin(stated) in (typing.Union, types.UnionType)


def _fields(stated: Any) -> dict[str, Any] | None:
    """Return the keys of a mapping of settings and what is stated of each; None for anything else."""
    stated, _ = _plain(stated)  # a section may be null
    if not isinstance(stated, type):
        return None
    if issubclass(stated, BaseModel):
        names: Iterable[str] = stated.model_fields
    elif dataclasses.is_dataclass(stated):
        names = [field.name for field in dataclasses.fields(stated)]
    else:
        return None
    hints = typing.get_type_hints(stated, include_extras=True)
    return {name: hints[name] for name in names}


def _tags(member: Any) -> set[Any]:
    """Return what may choose this member of a union: the only value of one of its fields."""
    choices = [typing.get_args(_plain(stated)[0]) for stated in (_fields(member) or {}).values()]
    return {values[0] for values in choices if len(values) == 1 and isinstance(values[0], str)}


def dotted(path: Iterable[str | int]) -> str:
    """Return a path as it is written in a message: ``runs[0].models``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def shown(value: Any) -> str:
    """Return a value as it is shown in a message: not at any length."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def closest(name: Any, known: Iterable[str]) -> str:
    """Return which known name may have been meant; nothing where none is close."""
    text, names = str(name), list(known)
    # Half a name is less alike than difflib asks for: mag for mag_auto.
    longer = [other for other in names if len(text) > 1 and other.lower().startswith(text.lower())]
    return next(iter([*difflib.get_close_matches(text, names, n=1), *longer]), "")


def hint(name: Any, known: Iterable[str]) -> str:
    """Return which known name may have been meant, for a message; nothing where none is close."""
    close = closest(name, known)
    return f" (did you mean {close!r}?)" if close else ""
