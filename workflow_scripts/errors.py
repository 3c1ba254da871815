"""The errors that a user can cause or repair; entries print them as one line."""


class GalforgeError(Exception):
    """A fault that is not a bug: bad input, a full disk, a run that is already going."""


class ConfigurationError(GalforgeError):
    """A configuration that cannot be run; names the key, the value and what is allowed."""


class InputError(GalforgeError):
    """A file or table that lacks what a stage needs; names the file and what is missing."""
