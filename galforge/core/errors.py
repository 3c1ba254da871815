"""The errors that a user can cause or repair; entries print them as one line."""

import errno
import os

# What the system says where a file system has no locks, as some mounts of Lustre and NFS.
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


class GalforgeError(Exception):
    """A fault that is not a bug: bad input, a full disk, a run that is already going."""


class ConfigurationError(GalforgeError):
    """A configuration that cannot be run; names the key, the value and what is allowed."""


class InputError(GalforgeError):
    """A file or table that lacks what a stage needs; names the file and what is missing."""


# What to do about a system's refusal to open a file; others are said in the system's words alone.
_REMEDIES = {
    errno.ENOENT: "does not exist",
    errno.ENOTDIR: "does not exist, a part of its path is a file",
    errno.EISDIR: "is a folder, not a file",
    errno.EACCES: "may not be opened by this user (Permission denied); ask its owner, or use chmod u+r",
}


def refusal(error: OSError) -> str:
    """Return why the system does not open a file that is to be read, without the file's name."""
    return _REMEDIES.get(error.errno or 0, "") or os.strerror(error.errno or 0)


def in_one_line(error: GalforgeError | OSError) -> str:
    """Return what an error says to a user: a system's error in its words, with the file that it names."""
    if not isinstance(error, OSError):
        return str(error)
    reason = os.strerror(error.errno) if error.errno else " ".join(map(str, error.args))
    return f"{error.filename}: {reason}" if error.filename else reason
