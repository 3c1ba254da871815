"""What a dataset in flux holds beside its stamps: their unit, their PSFs and noise, and their true light."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.datasets.normalization import FLUX
from galforge.datasets.stamp_file import Stamps
from galforge.datasets.stamp_parts import opened_stamps, whole_part
from galforge.imaging.distinct_images import DistinctImages
from galforge.imaging.stamp_psf import central, side_that_holds
from galforge.survey.zero_point import FluxUnit

_UNCORRELATED = 0.01  # a correlation below which the noise of two pixels counts as independent


@dataclass(frozen=True)
class Conditions:
    """The unit and the observing conditions of N selected stamps.

    Attributes
    ----------
    flux_scale : float
        Median standard deviation of the noise of the training stamps, flux.
    psfs : ndarray of float32, shape (M, P, P)
    psf_index : ndarray of int64, shape (N,)
    standard_deviation : ndarray of float64, shape (N,)
        Of the noise of a pixel, flux.
    correlation : ndarray of float64, shape (2 K + 1, 2 K + 1)
        Of the noise of two pixels, by their lags along y and x; the mean over the stamps.
    """

    flux_scale: float
    psfs: NDArray[np.float32]
    psf_index: NDArray[np.int64]
    standard_deviation: NDArray[np.float64]
    correlation: NDArray[np.float64]

    def shared(self) -> dict[str, NDArray[Any]]:
        """Return what the stamps share, by its name in a stamp file."""
        return {"psf/image": self.psfs, "noise/correlation": self.correlation}

    def attributes(self, unit: FluxUnit, pixel_scale: float) -> dict[str, Any]:
        """Return what a dataset says of its flux; it has no zero point where none is known."""
        known = {} if unit.zero_point is None else {"zero_point": unit.zero_point}
        return {
            "normalization": FLUX,
            "flux_scale": self.flux_scale,
            "flux_unit": unit.name,
            **known,
            "zero_point_origin": unit.origin,
            "pixel_scale": pixel_scale,
        }


def gather_conditions(shards: Sequence[Path], selection: pd.DataFrame) -> Conditions:
    """Return the conditions of the selected stamps of all shards; they do not depend on the number of shards.

    Parameters
    ----------
    shards : sequence of Path
        Stamp files of the shards.
    selection : DataFrame
        One row per galaxy of all shards, with ``kept`` and ``side``.
    """
    deviations = []
    psfs, covariances = _Gathered(), _Gathered()
    for path, decided in _of_each_shard(shards, selection):
        kept = decided["kept"].to_numpy(dtype=bool)
        parts = _read_parts(
            path, "psf/image", "psf/index", "noise/covariance", "noise/index", "noise/standard_deviation"
        )
        psfs.add(parts["psf/image"], parts["psf/index"][kept])
        covariances.add(parts["noise/covariance"], parts["noise/index"][kept])
        deviations.append(parts["noise/standard_deviation"][kept])
    deviation = np.concatenate(deviations)
    training = (selection.loc[selection["kept"].astype(bool), "side"] == "train").to_numpy()
    return Conditions(
        float(np.median(deviation[training])),
        trimmed_psfs(psfs.images()),
        psfs.index(),
        deviation,
        mean_correlation(covariances.images(), covariances.index()),
    )


def trimmed_psfs(psfs: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return PSFs, (M, P, P), of one smaller side that holds nearly all light of each, and of sum 1."""
    side = max(side_that_holds(psf) for psf in psfs)
    trimmed = central(psfs, side).astype(np.float64)
    return np.asarray(trimmed / trimmed.sum(axis=(1, 2), keepdims=True), dtype=np.float32)


def mean_correlation(covariances: NDArray[np.floating], index: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the correlation of the noise, mean over stamps, up to the lag beyond which there is none.

    Parameters
    ----------
    covariances : ndarray, shape (M, 2 L + 1, 2 L + 1)
    index : ndarray of int, shape (N,)
        Which of them each stamp has.

    Returns
    -------
    ndarray of float64, shape (2 K + 1, 2 K + 1)
        1 at lag zero, in the middle; K is at least 1, and no more than L.
    """
    middle = covariances.shape[-1] // 2
    correlations = covariances / covariances[:, middle, middle, None, None]
    mean = np.tensordot(np.bincount(index, minlength=len(covariances)) / len(index), correlations, axes=1)
    lag = np.abs(np.arange(-middle, middle + 1))
    correlated = np.maximum(lag[:, None], lag)[np.abs(mean) >= _UNCORRELATED].max()
    return np.asarray(central(mean, 2 * max(1, int(correlated)) + 1))


def flux_blocks(
    blocks: Iterable[Stamps],
    shards: Sequence[Path],
    selection: pd.DataFrame,
    conditions: Conditions,
    truth: bool,
) -> Iterator[Stamps]:
    """Yield the selected stamps of each shard with their parts of a file.

    Parameters
    ----------
    blocks : iterable of Stamps
        Those of each shard, in flux.
    shards : sequence of Path
    selection : DataFrame
    conditions : Conditions
    truth : bool
        Whether the light of the galaxies without PSF and noise is among the parts.
    """
    first = 0
    for block, (path, decided) in zip(blocks, _of_each_shard(shards, selection), strict=True):
        rows = slice(first, first + len(block))
        first += len(block)
        parts: dict[str, NDArray[Any]] = {
            "psf/index": conditions.psf_index[rows],
            "noise/standard_deviation": conditions.standard_deviation[rows],
        }
        if truth:
            light = _read_parts(path, "truth/image")["truth/image"][decided["kept"].to_numpy(dtype=bool)]
            parts["truth/image"] = np.asarray(light / conditions.flux_scale, dtype=np.float32)
        yield replace(block, parts=parts)


class _Gathered:
    """Images that shards share, numbered anew over all shards; only those that a selected stamp has."""

    def __init__(self) -> None:
        self._distinct: DistinctImages | None = None
        self._index: list[int] = []

    def add(self, images: NDArray[np.floating], index: NDArray[np.int64]) -> None:
        self._distinct = self._distinct or DistinctImages(images.shape[-1], images.dtype.type)
        # In the order of the stamps, so that the numbers do not depend on the shards.
        numbers = {number: self._distinct.number(images[number]) for number in dict.fromkeys(index.tolist())}
        self._index += [numbers[number] for number in index.tolist()]

    def images(self) -> NDArray[np.floating]:
        assert self._distinct is not None
        return self._distinct.array()

    def index(self) -> NDArray[np.int64]:
        return np.array(self._index, dtype=np.int64)


def _of_each_shard(shards: Sequence[Path], selection: pd.DataFrame) -> Iterator[tuple[Path, pd.DataFrame]]:
    row = 0
    for path in shards:
        with opened_stamps(path) as file:
            count = len(file["split"])
        yield path, selection.iloc[row : row + count]
        row += count


def _read_parts(path: Path, *names: str) -> dict[str, NDArray[Any]]:
    with opened_stamps(path) as file:
        return {name: whole_part(file, name) for name in names}
