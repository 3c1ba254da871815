"""Where lines for a person go: to a stream, or to a terminal, above lines that are drawn again and again."""

import atexit
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Protocol, TextIO

ERRORS = 2  # the descriptor of standard error
LAST = b"\0\n"  # no line that a person reads
COLUMNS, ROWS = 80, 24  # of a terminal that does not say


class Screen(Protocol):
    """What a run is shown on."""

    def write(self, text: str) -> None:
        """Write lines that stay."""

    def draw(self, lines: Sequence[str]) -> None:
        """Draw the lines that say how far the run is in place of the last that were drawn."""

    def close(self) -> None:
        """Leave what was written, and nothing that was drawn."""


class Stream:
    """Lines one after another, as in a file or in the log of a batch job; nothing is drawn."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write lines that stay."""
        # Whoever was reading may be gone, or the stream is closed; the run goes on.
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(f"{text}\n")
            self._stream.flush()

    def draw(self, lines: Sequence[str]) -> None:
        """Draw nothing."""

    def close(self) -> None:
        """Do nothing: the stream is another's."""


class Terminal:
    """Lines that stay, above lines that are drawn again.

    Standard error of this process, and with it of the jobs that it starts, leads here for as long as the
    terminal is not closed: a line that anyone wrote to it in between would be drawn over.

    Parameters
    ----------
    take : callable
        Is given each line that comes on standard error, in a thread of its own.
    """

    def __init__(self, take: Callable[[str], None]) -> None:
        sys.stderr.flush()
        self._terminal = os.dup(ERRORS)
        reading, writing = os.pipe()
        os.dup2(writing, ERRORS)
        os.close(writing)
        self._drawn = 0
        self._open = True
        self._reader = threading.Thread(target=self._read, args=(reading, take), daemon=True)
        self._reader.start()
        atexit.register(self.close)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        try:
            columns, rows = os.get_terminal_size(self._terminal)
        except OSError:
            return COLUMNS, ROWS
        return columns or COLUMNS, rows or ROWS  # a terminal that was given no size says 0

    def write(self, text: str) -> None:
        """Write lines that stay; what was drawn is erased, until it is drawn again."""
        self._put(f"{self._erasure()}{text}\n")

    def draw(self, lines: Sequence[str]) -> None:
        """Draw lines in place of the last that were drawn, unless the terminal was given back."""
        if not self._open:
            return
        self._put(self._erasure() + "".join(f"{line}\n" for line in lines))
        self._drawn = len(lines)

    def close(self) -> None:
        """Erase what was drawn, and give standard error back. May be called more than once."""
        if not self._open:
            return
        self._open = False
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
        # Jobs that live on hold the other end, so its end is said, not waited for.
        os.write(ERRORS, LAST)
        os.dup2(self._terminal, ERRORS)
        self._reader.join()
        self._put(self._erasure())

    def _erasure(self) -> str:
        drawn, self._drawn = self._drawn, 0
        return f"\r\x1b[{drawn}A\x1b[J" if drawn else ""

    def _put(self, text: str) -> None:
        data = text.encode(errors="replace")
        with contextlib.suppress(OSError):  # the window was closed
            while data:
                data = data[os.write(self._terminal, data) :]

    def _read(self, reading: int, take: Callable[[str], None]) -> None:
        with os.fdopen(reading, "rb") as stream:
            for line in stream:
                words = line.removesuffix(LAST)
                if words:  # before the last, too, if their line was not ended
                    # Were nobody to read on, every job would wait to be heard.
                    with contextlib.suppress(Exception):
                        take(words.decode(errors="replace").rstrip("\n"))
                if words != line:
                    break
