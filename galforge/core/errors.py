"""The errors that a user can cause or repair; entries print them as one line."""

import os


class GalforgeError(Exception):
    """A fault that is not a bug: bad input, a full disk, a run that is already going."""


class ConfigurationError(GalforgeError):
    """A configuration that cannot be run; names the key, the value and what is allowed."""


class InputError(GalforgeError):
    """A file or table that lacks what a stage needs; names the file and what is missing."""


def in_one_line(error: GalforgeError | OSError) -> str:
    """Return what an error says to a user: a system's error in its words, with the file that it names."""
    if not isinstance(error, OSError):
        return str(error)
    reason = os.strerror(error.errno) if error.errno else " ".join(map(str, error.args))
    return f"{error.filename}: {reason}" if error.filename else reason
