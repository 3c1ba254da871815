"""Samples that cheat: disguised copies of training stamps, and real stamps with a fault or a gap."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from galforge.evaluation.comparable import comparable

Images = NDArray[Any]


class Known(NamedTuple):
    """Stamps that a cheat may use, with their catalogue.

    Attributes
    ----------
    image : ndarray, shape (N, H, W)
        In [0, 1].
    catalog : DataFrame of N rows
        With ``width`` and ``snr``.
    """

    image: Images
    catalog: pd.DataFrame

    def take(self, rows: NDArray[np.intp]) -> "Known":
        """Return these stamps."""
        return Known(self.image[rows], self.catalog.iloc[rows])


class Cheat(NamedTuple):
    """How a sample is made: of training stamps or of held-out ones, and what is done to them."""

    of: str
    make: Callable[[Known, int, np.random.Generator], Images]


def _first(change: Callable[[Images, np.random.Generator], Images]) -> Callable[..., Images]:
    return lambda known, count, generator: change(known.image[:count], generator)


def _shifted(pixels: int) -> Callable[..., Images]:
    return _first(lambda images, _: np.roll(images, (pixels, -pixels), (1, 2)))


def _rotated(degrees: float) -> Callable[..., Images]:
    return _first(
        lambda images, _: ndimage.rotate(images, degrees, axes=(1, 2), reshape=False, order=3, mode="reflect")
    )


def _mixed(share: float) -> Callable[..., Images]:
    def mix(known: Known, count: int, _: np.random.Generator) -> Images:
        rows = np.arange(count)
        other = known.image[(rows + 1 + len(known.image) // 2) % len(known.image)]
        return share * known.image[rows] + (1 - share) * other

    return mix


def _noise(images: Images) -> NDArray[np.float64]:
    """Return the standard deviation of each stamp's rim, (N, 1, 1)."""
    rim = np.concatenate([images[:, :3], images[:, -3:]], axis=1)
    return np.asarray(rim.std(axis=(1, 2), keepdims=True))


def _noisier(level: float) -> Callable[..., Images]:
    return _first(
        lambda images, generator: images + level * _noise(images) * generator.standard_normal(images.shape)
    )


def _checkerboard(images: Images, _: np.random.Generator) -> Images:
    y, x = np.indices(images.shape[1:])
    return images + 0.5 * _noise(images) * (-1.0) ** (x + y)


def _hot_pixel(images: Images, generator: np.random.Generator) -> Images:
    hot = images.copy()
    y, x = generator.integers(0, images.shape[1], (2, len(images)))
    hot[np.arange(len(images)), y, x] += 3 * _noise(images)[:, 0, 0]
    return hot


def _mirrored_power(images: Images, _: np.random.Generator) -> Images:
    return np.clip(images[:, :, ::-1], 0, None) ** 0.9


def _without(column: str, share: float, largest: bool) -> Callable[..., Images]:
    """Return real stamps of which the largest or smallest share by a column never appear."""

    def cut(known: Known, count: int, _: np.random.Generator) -> Images:
        values = known.catalog[column].to_numpy()
        kept = values <= np.quantile(values, 1 - share) if largest else values >= np.quantile(values, share)
        return np.asarray(known.image[kept][:count])

    return cut


def _mostly_blank(images: Images, _: np.random.Generator) -> Images:
    blank = images.copy()
    blank[len(images) // 5 :] = 0.0
    return blank


CHEATS = {
    "training stamps": Cheat("train", _first(lambda images, _: images)),
    "shifted by 1 px": Cheat("train", _shifted(1)),
    "shifted by 2 px": Cheat("train", _shifted(2)),
    "shifted by 3 px": Cheat("train", _shifted(3)),
    "rotated by 10 degrees": Cheat("train", _rotated(10)),
    "rotated by 20 degrees": Cheat("train", _rotated(20)),
    "rotated by 30 degrees": Cheat("train", _rotated(30)),
    "with noise of their own level": Cheat("train", _noisier(1.0)),
    "two mixed 80 / 20": Cheat("train", _mixed(0.8)),
    "two mixed 50 / 50": Cheat("train", _mixed(0.5)),
    "mirrored, to the power 0.9": Cheat("train", _first(_mirrored_power)),
    "real, without the widest tenth": Cheat("test", _without("width", 0.1, largest=True)),
    "real, without the 30 % of lowest SNR": Cheat("test", _without("snr", 0.3, largest=False)),
    "real, with white noise of half their level": Cheat("test", _noisier(0.5)),
    "real, with a checkerboard of half a sigma": Cheat("test", _first(_checkerboard)),
    "real, with a hot pixel of 3 sigma": Cheat("test", _first(_hot_pixel)),
    "real, 80 % of them blank": Cheat("test", _first(_mostly_blank)),
}


def make(cheat: Cheat, known: Known, count: int, generator: np.random.Generator) -> Images:
    """Return the stamps of a cheat, (count, H, W), normalized as a model's are."""
    images = np.asarray(cheat.make(known, count, generator), dtype=np.float32)
    return comparable(images[:, None])[:, 0]
