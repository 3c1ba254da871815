"""Files that are small and declare much."""

import io

import numpy as np
from astropy.io import fits


def compressed_fits(rows, columns):
    """Return a tile-compressed image that says it is so large; its tiles need not be there."""
    content = io.BytesIO()
    unit = fits.CompImageHDU(np.zeros((64, 64), np.int16), compression_type="RICE_1")
    fits.HDUList([fits.PrimaryHDU(), unit]).writeto(content)
    found = content.getvalue()
    for key, value in (("ZNAXIS1", columns), ("ZNAXIS2", rows)):
        at = found.index(f"{key} ".encode())
        found = found[:at] + f"{key:8}= {value:20d}".encode() + found[at + 30 :]
    return found
