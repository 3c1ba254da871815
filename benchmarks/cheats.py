"""Samples that cheat: disguised copies of training stamps, and real stamps with a fault or a gap."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from galforge.evaluation.comparable import comparable
from galforge.evaluation.comparison import Sample
from galforge.evaluation.morphology_scores import distances_with_failures
from galforge.evaluation.usable import usable_matrix

Images = NDArray[Any]


class Cheat(NamedTuple):
    """How a sample is made of training stamps or of held-out ones: by what is done to them."""

    of: str
    make: Callable[[Images, int, np.random.Generator], Images]


class Gap(NamedTuple):
    """Which held-out stamps a sample lacks: a share of them, by a column of the catalogue."""

    column: str
    share: float
    largest: bool

    def rows(self, catalog: pd.DataFrame, count: int) -> NDArray[np.intp]:
        """Return the first ``count`` rows outside the gap."""
        values = catalog[self.column].to_numpy()
        kept = (
            values <= np.quantile(values, 1 - self.share)
            if self.largest
            else values >= np.quantile(values, self.share)
        )
        return np.flatnonzero(kept)[:count]


def _first(change: Callable[[Images, np.random.Generator], Images]) -> Callable[..., Images]:
    return lambda images, count, generator: change(images[:count], generator)


def _shifted(pixels: int) -> Callable[..., Images]:
    return _first(lambda images, _: np.roll(images, (pixels, -pixels), (1, 2)))


def _rotated(degrees: float) -> Callable[..., Images]:
    return _first(
        lambda images, _: ndimage.rotate(images, degrees, axes=(1, 2), reshape=False, order=3, mode="reflect")
    )


def _mixed(share: float) -> Callable[..., Images]:
    def mix(images: Images, count: int, _: np.random.Generator) -> Images:
        rows = np.arange(count)
        other = images[(rows + 1 + len(images) // 2) % len(images)]
        return share * images[rows] + (1 - share) * other

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
    "real, with white noise of half their level": Cheat("test", _noisier(0.5)),
    "real, with a checkerboard of half a sigma": Cheat("test", _first(_checkerboard)),
    "real, with a hot pixel of 3 sigma": Cheat("test", _first(_hot_pixel)),
    "real, 80 % of them blank": Cheat("test", _first(_mostly_blank)),
}

GAPS = {
    "real, without the widest tenth": Gap("width", 0.1, largest=True),
    "real, without the 30 % of lowest SNR": Gap("snr", 0.3, largest=False),
}


def make(cheat: Cheat, images: Images, count: int, generator: np.random.Generator) -> Images:
    """Return the stamps of a cheat, (count, H, W), normalized as a model's are."""
    made = np.asarray(cheat.make(images, count, generator), dtype=np.float32)
    return comparable(made[:, None])[:, 0]


def picked(
    many: Sample,
    reference: Sample,
    parameters: Sequence[str],
    generator: np.random.Generator,
    exchanges: int = 4000,
) -> Sample:
    """Return as many stamps of ``many`` as the reference has, those with the least mean distance from it.

    One stamp after another is exchanged for one that is not in the sample, wherever the mean distance falls
    by it. The reference is not known to whoever makes a sample: this is the worst that a score can meet.
    """
    known, values = (usable_matrix(side.morphology, parameters) for side in (reference, many))
    scale = np.nanstd(known, axis=0)

    def distance(rows: NDArray[np.intp]) -> float:
        return float(distances_with_failures(known / scale, values[rows] / scale).mean())

    order = generator.permutation(len(many))
    kept, spare = order[: len(reference)], order[len(reference) :]
    least = distance(kept)
    for _ in range(exchanges if len(spare) else 0):
        inside, outside = generator.integers(len(kept)), generator.integers(len(spare))
        kept[inside], spare[outside] = spare[outside], kept[inside]
        found = distance(kept)
        if found < least:
            least = found
        else:
            kept[inside], spare[outside] = spare[outside], kept[inside]
    return many.take(kept)
