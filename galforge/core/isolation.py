"""A part that fails costs its own place alone: a score, a figure."""

import traceback
from collections.abc import Callable
from typing import TypeVar

from galforge.core.errors import GalforgeError
from galforge.core.progress import announce

Part = TypeVar("Part")


def isolated(part: str, work: Callable[[], Part], instead: Callable[[str], Part]) -> Part:
    """Return what ``work`` returns or, where it fails, what stands in its place.

    The traceback goes to the log. What a user can repair (a damaged file, a full disk, too little memory)
    still ends the job: its next try may succeed, whereas what stands in a place stays there.

    Parameters
    ----------
    part : str
        What is worked on, for the warning.
    work : callable
    instead : callable
        Takes the reason, one line.
    """
    try:
        return work()
    except (GalforgeError, OSError, MemoryError):
        raise
    except Exception as error:  # whatever a score's or a figure's code raises over odd stamps
        traceback.print_exc()
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        announce(f"WARNING: {part}: {reason}; the rest goes on without it")
        return instead(reason)
