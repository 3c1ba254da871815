"""Running an entry in the process of a test."""

import json
import typing

from galforge.core.command_line import parse_settings


def run_stage(entry, settings=None, threads=None, **files):
    """Call an entry's ``main`` with these files, and with settings as the configuration writes them."""
    hints = typing.get_type_hints(entry.main)
    given = {"files": hints["files"](**files)}
    if settings is not None:
        given["settings"] = parse_settings(hints["settings"], json.dumps(settings))
    if threads is not None:
        given["threads"] = threads
    entry.main(**given)
