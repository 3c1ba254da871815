"""Running torch in one thread."""

import contextlib
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def single_thread() -> Iterator[None]:
    """Hold torch to one thread.

    GalSim forks its processes, and threads that torch began before are missing in them: it would wait for
    them. And sums that threads share have other last bits with another number of threads.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
