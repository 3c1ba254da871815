"""The memory that drawing a survey takes. No GalSim here: Snakemake reads this."""

_BASE = 400  # MB: libraries, a shard's stamps
# Measured on stamps of 100 to 2,048 px: padded to four times its side and transformed, a pixel of a survey's
# stamp takes 560 bytes, and without the transform 24. GalSim refuses transforms larger than 8,192 px.
_TRANSFORMED, _READ = 560e-6, 24e-6  # MB a pixel
_LARGEST_TRANSFORMED = 2048  # px


def drawing_memory(largest_stamp: int) -> int:
    """Return the memory, MB, of drawing galaxies one by one from images of this longest side, px."""
    transformed = min(largest_stamp, _LARGEST_TRANSFORMED)
    return int(_BASE + _TRANSFORMED * transformed**2 + _READ * largest_stamp**2)
