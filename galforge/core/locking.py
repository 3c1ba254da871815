"""Locks that end with the process that holds them, however it ends."""

import fcntl
import os
import socket
from pathlib import Path
from typing import TextIO

from galforge.core.errors import GalforgeError


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
        Close it, or let the process end, to release the lock.

    Raises
    ------
    GalforgeError
        If another process holds it; the message names the process and its machine.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = path.open("a+")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        stream.seek(0)
        holder = stream.read().strip() or "another process"
        stream.close()
        raise GalforgeError(f"{path.parent}: {holder} {refusal}; wait for it or stop it") from error
    stream.truncate(0)
    stream.write(f"process {os.getpid()} on {socket.gethostname()}\n")
    stream.flush()
    return stream
