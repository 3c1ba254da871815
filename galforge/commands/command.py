"""The ``galforge`` command: its subcommands are functions.

A subcommand is a function in a module of this package, named in :data:`COMMANDS`. Its positional parameters
are the subcommand's arguments (``*files``: one or more), those after ``*`` its options, its docstring's first
line the help. Such a module imports heavy libraries inside its functions: ``galforge --help`` must not wait
for torch.
"""

import argparse
import inspect
import sys
import typing
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import galforge
from galforge.commands.check import check
from galforge.commands.doctor import doctor
from galforge.commands.draw import draw
from galforge.commands.export import export
from galforge.commands.show import show
from galforge.core.errors import GalforgeError, in_one_line
from galforge.core.progress import announce

COMMANDS: tuple[Callable[..., None], ...] = (check, doctor, draw, export, show)


def command_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line, built from the signatures of :data:`COMMANDS`."""
    parser = argparse.ArgumentParser(prog="galforge", description=_summary(galforge))
    parser.add_argument("--version", action="version", version=f"galforge {galforge.__version__}")
    subcommands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        summary = _summary(command)
        subparser = subcommands.add_parser(command.__name__, help=summary, description=summary)
        subparser.set_defaults(command=command)
        _add_parameters(subparser, command)
    return parser


def _summary(documented: object) -> str:
    return (inspect.getdoc(documented) or "").partition("\n")[0]


def _add_parameters(parser: argparse.ArgumentParser, command: Callable[..., None]) -> None:
    hints = typing.get_type_hints(command)
    for name, parameter in inspect.signature(command).parameters.items():
        words = _kind(hints[name])
        if parameter.kind is parameter.KEYWORD_ONLY:
            name = f"--{name}"
            needed = parameter.default is parameter.empty
            words |= {"required": True} if needed else {"default": parameter.default}
        if parameter.kind is parameter.VAR_POSITIONAL:
            words["nargs"] = "+"
        parser.add_argument(name, **words)


def _kind(hint: Any) -> dict[str, Any]:
    """Return argparse's keywords for a parameter of a type: tuples take words, truth values none."""
    if hint is bool:
        return {"action": "store_true"}
    members = [each for each in typing.get_args(hint) if each not in (type(None), Ellipsis)]
    return {
        "type": members[0] if members else hint,
        **({"nargs": "*"} if typing.get_origin(hint) is tuple else {}),
    }


def main(words: Sequence[str] | None = None) -> None:
    """Run a subcommand; an error in its input becomes one line and exit status 1.

    Parameters
    ----------
    words : sequence of str, optional
        The command line; that of the process by default.
    """
    arguments = vars(command_parser().parse_args(words))
    command = arguments.pop("command")
    several = [
        arguments.pop(name)
        for name, parameter in inspect.signature(command).parameters.items()
        if parameter.kind is parameter.VAR_POSITIONAL
    ]
    try:
        command(*chain(*several), **arguments)
    except (GalforgeError, OSError) as error:
        announce(f"ERROR: {in_one_line(error)}")
        sys.exit(1)
