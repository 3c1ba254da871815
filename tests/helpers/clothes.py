"""Files of Fashion-MNIST: small ones that are drawn, and those of the real images beside the project."""

import gzip
import struct

import numpy as np


def idx(array, kind=8):
    """Return an array of bytes in the IDX format."""
    return bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_clothes(folder, images, labels, trained):
    """Write the four files; the first ``trained`` pictures are of the training part."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("train", slice(trained)), ("t10k", slice(trained, None))):
        for what, array in (("images-idx3", images), ("labels-idx1", labels)):
            path = folder / f"{name}-{what}-ubyte.gz"
            path.write_bytes(gzip.compress(idx(array[rows].astype(np.uint8)), mtime=0))


def drawn_clothes(count, classes=3, seed=1):
    """Return pictures whose class is the height of a bright bar, (count, 28, 28), and labels."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    images = random.integers(0, 60, (count, 28, 28))
    for image, label in zip(images, labels, strict=True):
        image[8 * label + 2 : 8 * label + 8, 4:24] = random.integers(150, 255)
    return images.astype(np.uint8), labels.astype(np.uint8)
