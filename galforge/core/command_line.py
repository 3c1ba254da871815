"""What every entry shares: a command line built from its files and settings, and errors as one line.

An entry is a function ``main(files: Files, settings: Settings)``. ``Files`` is a frozen dataclass whose
fields are named as the inputs and outputs of its rule; each is an option of that name. ``Settings`` comes as
one JSON string. An entry without settings leaves the second parameter out; one that runs on several cores
takes a third, ``threads: int``.
"""

import argparse
import dataclasses
import inspect
import sys
import types
import typing
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, with_config

from galforge.core.errors import GalforgeError, in_one_line
from galforge.core.progress import announce

Settings = TypeVar("Settings")

# Settings are stdlib dataclasses with this decorator: an unknown key is an error, not a surprise.
strict = with_config(ConfigDict(extra="forbid"))


def parse_settings(kind: type[Settings], text: str) -> Settings:
    """Return the settings object that a JSON string describes.

    Parameters
    ----------
    kind : type
        A frozen dataclass, checked strictly: every key known, every value of its type.
    text : str
        The JSON that ``params.settings`` of the rule holds.

    Raises
    ------
    pydantic.ValidationError
        If they do not fit: the configuration was validated before, so this is a bug.
    """
    return TypeAdapter(kind).validate_json(text)


def argument_parser(main: Callable[..., None]) -> argparse.ArgumentParser:
    """Return the parser of an entry's command line.

    Parameters
    ----------
    main : callable
        The entry. A field of its ``files`` of type ``Path`` is one path, ``tuple[Path, Path]`` two,
        ``tuple[Path, ...]`` any number; a field with a default may be left out.
    """
    parser = argparse.ArgumentParser(description=inspect.getdoc(sys.modules[main.__module__]))
    hints = typing.get_type_hints(main)
    if "settings" in hints:
        parser.add_argument("--settings", required=True, help="the stage's settings as JSON")
    parser.add_argument("--threads", type=int, default=1, help="processor cores that may be used")
    types_of_files = typing.get_type_hints(hints["files"])
    for field in dataclasses.fields(hints["files"]):
        required = field.default is dataclasses.MISSING
        count = _count(types_of_files[field.name])
        parser.add_argument(
            f"--{field.name}",
            type=Path,
            nargs=count,
            required=required,
            default=None if required else field.default,
        )
    return parser


def _count(annotation: Any) -> int | str | None:
    """Return argparse's ``nargs`` of a field: None for one path."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        annotation = next(kind for kind in typing.get_args(annotation) if kind is not types.NoneType)
    if typing.get_origin(annotation) is not tuple:
        return None
    members = typing.get_args(annotation)
    return "*" if members[-1] is Ellipsis else len(members)


def run_entry(main: Callable[..., None], words: Sequence[str] | None = None) -> None:
    """Run an entry on its command line; a domain error becomes one line and exit status 1.

    A bug keeps its traceback.

    Parameters
    ----------
    main : callable
        The entry.
    words : sequence of str, optional
        Its command line; that of the process by default.
    """
    arguments = argument_parser(main).parse_args(words)
    hints = typing.get_type_hints(main)
    paths = {field.name: getattr(arguments, field.name) for field in dataclasses.fields(hints["files"])}
    given: dict[str, Any] = {
        "files": hints["files"](
            **{name: tuple(value) if isinstance(value, list) else value for name, value in paths.items()}
        )
    }
    if "settings" in hints:
        given["settings"] = parse_settings(hints["settings"], arguments.settings)
    if "threads" in hints:
        given["threads"] = arguments.threads
    try:
        main(**given)
    except (GalforgeError, OSError) as error:
        announce(f"ERROR: {in_one_line(error)}")
        sys.exit(1)
