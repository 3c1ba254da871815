"""Readers of what a file of stamps in flux holds beside them.

- ``psf/image`` float32 (M, P, P), each of sum 1, P odd, and ``psf/index`` int64 (N,): stamp = light * PSF,
  where light is the galaxy's, integrated over the stamp's pixels, and * the discrete convolution on them,
- ``noise/standard_deviation`` float64 (N,), of a pixel, in flux,
- ``noise/correlation`` float64 (2 K + 1, 2 K + 1), of the noise of two pixels by their lag, 1 in the middle,
- ``truth/image`` float32 (N, C, H, W), in the unit of ``image``: that light, without noise, of simulated
  galaxies,
- the root attributes ``flux_scale``, the unit of ``image`` in flux; ``flux_unit``, the unit of flux;
  ``zero_point``, the magnitude of flux 1, where it is known; ``pixel_scale``, arcsec.

A file of samples may have some of the parts only.
"""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.core.seeds import derive_seed
from galforge.datasets.normalization import FLUX
from galforge.datasets.stamp_file import image_shape
from galforge.datasets.stamp_parts import opened_stamps, whole_part
from galforge.datasets.stamp_rows import part_rows
from galforge.imaging.correlated_noise import correlated_noise

UNITS = ("flux_scale", "flux_unit", "zero_point", "pixel_scale")  # root attributes


def flux_scale(path: Path | str) -> float:
    """Return the unit of the images of a file of stamps in flux.

    Raises
    ------
    InputError
        If the stamps are in [0, 1], each by itself.
    """
    with opened_stamps(path) as file:
        return _scale_of(path, file)


def read_units(path: Path | str) -> dict[str, float | str]:
    """Return those of :data:`UNITS` that a file of stamps in flux states."""
    with opened_stamps(path) as file:
        _scale_of(path, file)
        stated = {name: file.attrs[name] for name in UNITS if name in file.attrs}
    return {name: value if isinstance(value, str) else float(value) for name, value in stated.items()}


def has_psf(path: Path | str) -> bool:
    """Return whether a file holds the PSF of its stamps."""
    return _has(path, "psf/image")


def has_truth(path: Path | str) -> bool:
    """Return whether a file holds the light of its galaxies without PSF and noise."""
    return _has(path, "truth/image")


def read_psfs(path: Path | str, rows: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
    """Return the PSFs of some stamps, (len(rows), P, P), each of sum 1 and centred on its middle pixel.

    Raises
    ------
    InputError
        If the file holds no PSFs.
    """
    with opened_stamps(path) as file:
        _require(path, file, "psf/image", "psf/index")
        psfs: NDArray[np.float32] = whole_part(file, "psf/image")
        return np.asarray(psfs[whole_part(file, "psf/index")[rows]])


def read_psf_bank(path: Path | str) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the PSFs of a file, (M, P, P), which its stamps share, and which of them is each stamp's, (N,).

    Raises
    ------
    InputError
        If the file holds no PSFs.
    """
    with opened_stamps(path) as file:
        _require(path, file, "psf/image", "psf/index")
        return whole_part(file, "psf/image"), whole_part(file, "psf/index")


def read_noise(path: Path | str, rows: NDArray[np.integer[Any]] | slice) -> NDArray[np.float32]:
    """Return the standard deviation of the noise of some stamps' pixels, (len(rows),), in units of the image.

    Raises
    ------
    InputError
        If the file does not hold it.
    """
    with opened_stamps(path) as file:
        _require(path, file, "noise/standard_deviation")
        deviation = whole_part(file, "noise/standard_deviation")[rows]
        return np.asarray(deviation / _scale_of(path, file), dtype=np.float32)


def read_noise_correlation(path: Path | str) -> NDArray[np.float64]:
    """Return the correlation of the noise of two pixels by their lags along y and x, (2 K + 1, 2 K + 1).

    Raises
    ------
    InputError
        If the file does not hold it.
    """
    with opened_stamps(path) as file:
        _require(path, file, "noise/correlation")
        correlation: NDArray[np.float64] = whole_part(file, "noise/correlation")
        return correlation


def read_truth(path: Path | str, rows: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
    """Return the light of some galaxies without PSF and noise, (len(rows), C, H, W), in units of the image.

    Raises
    ------
    InputError
        If the file does not hold it.
    """
    with opened_stamps(path) as file:
        _require(path, file, "truth/image")
        return part_rows(file["truth/image"], rows, lambda images: images)


def draw_noise_blanks(path: Path | str, rows: NDArray[np.integer[Any]], seed: int) -> NDArray[np.float32]:
    """Draw noise like that of some stamps, without any galaxy.

    Parameters
    ----------
    path : Path or str
        A file of stamps in flux that holds their noise.
    rows : ndarray of int
        Of the stamps.
    seed : int
        Each blank has a stream of its own, by its place among the rows.

    Returns
    -------
    ndarray of float32, shape (len(rows), C, H, W)
        Gaussian noise, in units of the image, correlated between pixels, not between channels.
    """
    channels, height, width = image_shape(Path(path))
    correlation = read_noise_correlation(path)
    # Noise made by Fourier transforms is periodic: opposite edges of a larger field are cut off.
    margin = len(correlation)
    blanks = np.empty((len(rows), channels, height, width), dtype=np.float32)
    for number, deviation in enumerate(read_noise(path, rows)):
        for channel in range(channels):
            stream = derive_seed(seed, "noise blank", number, channel)
            field = correlated_noise(correlation, (height + margin, width + margin), stream)
            blanks[number, channel] = deviation * field[:height, :width]
    return blanks


def _has(path: Path | str, name: str) -> bool:
    with opened_stamps(path) as file:
        return name in file


def _scale_of(path: Path | str, file: h5py.File) -> float:
    if file.attrs.get("normalization") != FLUX:
        raise InputError(
            f"{path}: its stamps are in [0, 1], each by itself; allowed: stamps in flux (normalization: flux)"
        )
    return float(file.attrs["flux_scale"])


def _require(path: Path | str, file: h5py.File, *names: str) -> None:
    if missing := [name for name in names if name not in file]:
        raise InputError(
            f"{path}: has no {', '.join(missing)}; allowed: a file that has, such as a dataset with "
            "normalization: flux (and stamps.truth: true, for truth/image)"
        )
