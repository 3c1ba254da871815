"""Locks that end with the process that holds them, however it ends."""

import contextlib
import fcntl
import os
import socket
import stat
import time
from pathlib import Path
from typing import TextIO

from workflow_scripts.errors import GalforgeError

# What a killed job started itself, such as torch's compilers, notices its end in seconds.
_PATIENCE_S = 10.0


def hold_lock(path: Path, refusal: str) -> TextIO:
    """Lock a file for as long as the returned stream is open.

    Parameters
    ----------
    path : Path
        Made if need be, its folder too; holds the name of the process that has the lock.
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


def lock_stream(stream: TextIO, refusal: str) -> None:
    """Lock the file behind an open stream, such as a job's log, until this process ends.

    Nothing is locked if the stream is no regular file, or lies where there are no locks.

    Parameters
    ----------
    stream : TextIO
    refusal : str
        What the holder is doing, for the error: ``"is still at this job"``.

    Raises
    ------
    GalforgeError
        If another process still holds it after some seconds; the message names the process.
    """
    end = time.monotonic() + _PATIENCE_S
    with contextlib.suppress(OSError):
        descriptor = stream.fileno()
        while stat.S_ISREG(os.fstat(descriptor).st_mode):
            try:
                return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > end:
                    holder = _holder(descriptor)
                    raise GalforgeError(f"{holder} {refusal}; wait for it or stop it") from error
            time.sleep(0.2)


def _holder(descriptor: int) -> str:
    """Return who has locked an open file; Linux alone says it."""
    inode = os.fstat(descriptor).st_ino
    with contextlib.suppress(OSError):
        for line in Path("/proc/locks").read_text().splitlines():
            # "1: FLOCK ADVISORY WRITE <process> <major>:<minor>:<inode> 0 EOF"; another's processes are 0.
            _, kind, *_, process, file, _, _ = line.split()
            if kind == "FLOCK" and file.rpartition(":")[2] == str(inode) and process != "0":
                return f"process {process} on {socket.gethostname()}"
    return "another process"
