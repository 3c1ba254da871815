"""Progress lines for long work: to the log and, where a person watches, to the terminal.

Entries run with both of their streams in a log file. The shell prefix of the Snakefile keeps the
terminal open as a further descriptor and names it in ``GALFORGE_TERMINAL``, so that a person sees
how far each job is without opening logs. Lines are written now and then, never a moving bar: several
jobs share one terminal.
"""

import contextlib
import os
import re
import sys
import time
from collections import deque
from collections.abc import Callable

TERMINAL_VARIABLE = "GALFORGE_TERMINAL"

# What :meth:`Progress.line` writes, for what shows it in another form.
PROGRESS = re.compile(
    r"(?P<label>.*): (?P<done>[\d,]+) of (?P<total>[\d,]+) (?P<unit>\w+)"
    r"(?:, (?P<rate>[\d.e+-]+ \w+/s))?(?:, about (?P<left>[^;]+) left)?(?:; (?P<note>.*))?"
)


def remark(line: str) -> None:
    """Write one line to the log (standard error) alone: what one looks up, and does not watch."""
    # A full disk under the log stops no job.
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)


def announce(line: str) -> None:
    """Write one line to the log (standard error) and to the terminal, if one is kept open."""
    remark(line)
    descriptor = os.environ.get(TERMINAL_VARIABLE, "")
    if descriptor.isdigit():
        try:
            os.write(int(descriptor), f"{line}\n".encode())
        except OSError:
            # The terminal is gone (closed window, ended session); the log still has the line.
            os.environ.pop(TERMINAL_VARIABLE, None)


def format_duration(seconds: float) -> str:
    """Return a duration as a person says it: ``"48 s"``, ``"3 min 20 s"``, ``"5 h 02 min"``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


class Progress:
    """Count finished units and report now and then how many are done and how long the rest will take.

    Parameters
    ----------
    label : str
        What is being done, at the start of each line.
    total : int
        How many units there are.
    unit : str
        What is counted, in the plural: ``"stamps"``.
    done : int
        Units that were finished before (a resumed run).
    interval_s : float
        Least time between two lines of the log, in seconds. The terminal has the last line, and before it
        one of three.
    clock : callable
        Monotonic time in seconds.
    """

    # The time left comes from the recent rate: a run whose pace changed should not promise the old one.
    WINDOW = 16
    # Several jobs share one terminal.
    ANNOUNCED = 3

    def __init__(
        self,
        label: str,
        total: int,
        unit: str,
        done: int = 0,
        interval_s: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.label, self.total, self.unit, self.done = label, total, unit, done
        self._interval_s, self._clock = interval_s, clock
        self._marks = deque([(clock(), done)], maxlen=self.WINDOW)
        self._last_line = clock()
        self._lines = 0

    def advance(self, units: int = 1, note: str = "") -> None:
        """Count ``units`` more as done, and write a line if the last one is old enough."""
        self.done += units
        now = self._clock()
        if now - self._last_line >= self._interval_s or self.done >= self.total:
            self._marks.append((now, self.done))
            self._last_line = now
            self._lines += 1
            shown = self.done >= self.total or self._lines % self.ANNOUNCED == 0
            (announce if shown else remark)(self.line(note))

    def line(self, note: str = "") -> str:
        """Return the present state as a line."""
        (start, first), (now, last) = self._marks[0], self._marks[-1]
        text = f"{self.label}: {self.done:,} of {self.total:,} {self.unit}"
        if now > start and last > first:
            rate = (last - first) / (now - start)
            text += f", {rate:.3g} {self.unit}/s"
            if self.done < self.total:
                text += f", about {format_duration((self.total - self.done) / rate)} left"
        return f"{text}; {note}" if note else text
