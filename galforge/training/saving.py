"""When the state of a training is saved."""

import time
from collections.abc import Callable
from typing import Any

from galforge.training.state import StateStore

# Saving may take a twentieth of the time; at ends of epochs, where a state is saved from half of the
# interval on, a tenth. A kill then costs at most twenty saves' worth of work.
SAVE_SHARE = 20
LEAST_SAVE_INTERVAL_S = 2.0

SaveDue = Callable[[float, float], bool]


class StateSaver:
    """Saves the state of a training now and then.

    Parameters
    ----------
    store : StateStore
    due : callable, optional
        From the seconds since the last save and the seconds that it took, whether to save now.
    """

    def __init__(self, store: StateStore, due: SaveDue | None = None) -> None:
        self.store, self._due = store, due or _save_due
        self._last, self._took = time.monotonic(), 0.0

    def is_due(self, ends_epoch: bool) -> bool:
        """Return whether to save after this step."""
        # The end of an epoch is the better moment: the validation that comes with it is not done twice.
        since_last = time.monotonic() - self._last
        return self._due(since_last * (2 if ends_epoch else 1), self._took)

    def save(self, state: dict[str, Any]) -> None:
        """Save a state, and note how long that takes."""
        start = time.monotonic()
        self.store.save(state)
        self._last = time.monotonic()
        self._took = self._last - start


def _save_due(since_last_s: float, took_s: float) -> bool:
    return since_last_s >= max(LEAST_SAVE_INTERVAL_S, SAVE_SHARE * took_s)
