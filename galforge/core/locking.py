"""Locks that end with the process that holds them, however it ends."""

import fcntl
import os
import socket
import stat
from pathlib import Path
from typing import TextIO, cast

from galforge.core.errors import NO_LOCKS, GalforgeError
from galforge.core.files import open_no_link
from galforge.core.progress import announce


def hold_lock(path: Path, refusal: str) -> TextIO:
    """Lock a file for as long as the returned stream is open.

    Parameters
    ----------
    path : Path
        Created if need be, with its folder; holds the name of the process that has the lock.
    refusal : str
        What the holder is doing, for the error: ``"is training this model"``.

    Returns
    -------
    TextIO
        Close it, or let the process end, to release the lock. Where the file system has no locks there is
        none, and a warning names the file.

    Raises
    ------
    GalforgeError
        If another process holds it; the message names the process and its machine. If ``path`` is a
        link or no plain file, which someone else may have put there: what it leads to would be emptied.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = cast(TextIO, open_no_link(path, "a+"))
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        stream.seek(0)
        holder = stream.read().strip() or "another process"
        stream.close()
        raise GalforgeError(f"{path.parent}: {holder} {refusal}; wait for it or stop it") from error
    except OSError as error:
        if error.errno not in NO_LOCKS:
            stream.close()
            error.filename = str(path)  # the lock's own error names nothing
            raise
        announce(
            f"WARNING: {path}: its file system has no locks ({os.strerror(error.errno)}); going on without, "
            "so do not start a second run here"
        )
    stream.truncate(0)
    stream.write(f"process {os.getpid()} on {socket.gethostname()}\n")
    stream.flush()
    return stream


def private_folder(path: Path) -> Path:
    """Return a folder that is this user's alone, made if need be: for locks in a place that all may write to.

    Raises
    ------
    GalforgeError
        If it is a link, another user's, or others may write to it.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = path.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_mode & 0o022:
        raise GalforgeError(
            f"{path}: is a link, or others may write to it; remove it, or set TMPDIR to a folder of your own"
        )
    return path
