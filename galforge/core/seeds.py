"""Named seeds: every random stream is named, so that no draw depends on what ran before it."""

import hashlib


def derive_seed(seed: int, *names: str | int) -> int:
    """Return the seed of a named random stream.

    Parameters
    ----------
    seed : int
        The configuration's seed.
    *names : str or int
        What the stream is for: ``"noise padding", identifier``.

    Returns
    -------
    int
        Between 1 and 2**31 - 1, which numpy, torch and GalSim all take (GalSim reads 0 as "from the
        clock").
    """
    text = "\x1f".join(str(part) for part in (seed, *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % (2**31 - 1) + 1


def uniform_of(seed: int, *names: str | int) -> float:
    """Return a number in [0, 1) that depends on the names alone."""
    text = "\x1f".join(str(part) for part in (seed, *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[8:15], "big") / 2**56
