"""What every entry shares: arguments, typed settings, and errors as one line."""

import argparse
import sys
from collections.abc import Callable
from typing import TypeVar

from pydantic import ConfigDict, TypeAdapter, with_config

from galforge.core.errors import GalforgeError, in_one_line
from galforge.core.progress import announce

Settings = TypeVar("Settings")

# Settings are stdlib dataclasses with this decorator: an unknown key is an error, not a surprise.
strict = with_config(ConfigDict(extra="forbid"))


def argument_parser(description: str | None) -> argparse.ArgumentParser:
    """Return the parser of an entry, which takes ``--settings``, one canonical JSON string."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--settings", required=True, help="the stage's settings as JSON")
    return parser


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


def run_entry(main: Callable[[], None]) -> None:
    """Run an entry; a domain error becomes one line and exit status 1, a bug keeps its traceback."""
    try:
        main()
    except (GalforgeError, OSError) as error:
        announce(f"ERROR: {in_one_line(error)}")
        sys.exit(1)
