"""One observed galaxy of a survey: image, point spread function and noise, read from its files."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import galsim
import numpy as np
from numpy.typing import NDArray

from galforge.core.files import file_digest

_PSFS_KEPT = 64  # a few MB each, transform included; the galaxies of a survey share PSFs
_FAULT_LENGTH = 120  # characters

# What GalSim, astropy and numpy raise over one galaxy's files: missing or truncated ones, an HDU that is
# missing or holds a table, an oversized transform, an image without light.
FAULTS = (galsim.GalSimError, OSError, LookupError, TypeError, ValueError, AttributeError, OverflowError)


class UnusableGalaxyError(Exception):
    """One galaxy that cannot be used, with the reason; it is flagged and counted, and never ends a run."""


@contextmanager
def faults_of(part: str) -> Iterator[None]:
    """Turn faults of a galaxy's data in the block into an UnusableGalaxyError that names the part."""
    try:
        yield
    except FAULTS as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise UnusableGalaxyError(f"{part}: {reason}"[:_FAULT_LENGTH]) from error


@dataclass(frozen=True)
class Observation:
    """One galaxy as it was observed.

    Attributes
    ----------
    image : galsim.Image of float64
        The survey's own stamp, flux per pixel.
    psf : galsim.GSObject
        The PSF of the observation, pixel included; flux 1.
    noise : galsim.BaseCorrelatedNoise
        The survey's noise at variance 1; galaxies share it, so seed its ``rng`` before use.
    noise_variance : float
        The variance in the survey's catalogue, flux squared.
    """

    image: galsim.Image
    psf: galsim.GSObject
    noise: galsim.BaseCorrelatedNoise
    noise_variance: float

    @property
    def pixel_scale(self) -> float:
        """Width of the survey's pixel, arcsec."""
        return float(self.image.scale)


class ObservationReader:
    """Reader of a survey's galaxies, one by one; its memory does not grow with the survey.

    GalSim keeps every file open, and every image that it has read. Galaxies are stored in the order of
    the catalogue, so the files are closed whenever a galaxy is in another file than the one before.

    Parameters
    ----------
    catalog : galsim.RealGalaxyCatalog
    digests : mapping of str to str, optional
        File name to SHA-256, as in the survey's manifest: a file whose digest differs is a fault of
        each galaxy in it, because a flipped bit of an image shows in no other way.
    """

    def __init__(self, catalog: galsim.RealGalaxyCatalog, digests: Mapping[str, str] | None = None) -> None:
        self._catalog = catalog
        self._digests = digests or {}
        self._is_unchanged = lru_cache(None)(self._compare_digest)
        self._open_file: str | None = None
        self._psf_row = _first_row_with_the_same(catalog.psf_file_name, catalog.psf_hdu)
        noise_files = catalog.noise_file_name or [""] * len(catalog)
        self._noise_row = _first_row_with_the_same(noise_files, catalog.pixel_scale)
        # Costly: the extent of a PSF in both spaces, and the power spectrum of the noise.
        self._psf = lru_cache(_PSFS_KEPT)(self._read_psf)
        self._noise = lru_cache(None)(self._read_noise)

    def read(self, row: int) -> Observation:
        """Return one galaxy.

        Parameters
        ----------
        row : int
            Row in the survey's catalogue (not among the galaxies that pass its exclusion level).

        Raises
        ------
        UnusableGalaxyError
            If an image is missing, truncated, or not finite, or the noise is not known.
        """
        catalog = self._catalog
        with faults_of("galaxy image"):
            if catalog.gal_file_name[row] != self._open_file:
                catalog.close()
                self._open_file = catalog.gal_file_name[row]
            self._check_file(catalog.gal_file_name[row])
            image = catalog.getGalImage(row)
            _check_finite(image.array)
        with faults_of("PSF"):
            psf = self._psf(self._psf_row[row])
        with faults_of("noise"):
            variance = float(catalog.variance[row])
            if not (np.isfinite(variance) and variance > 0):
                raise ValueError(f"variance is {variance:g}")
            noise = self._noise(self._noise_row[row])
        return Observation(image, psf, noise, variance)

    def _read_psf(self, row: int) -> galsim.GSObject:
        self._check_file(self._catalog.psf_file_name[row])
        image = self._catalog.getPSFImage(row)
        _check_finite(image.array)
        return galsim.InterpolatedImage(image, flux=1.0)

    def _check_file(self, path: str) -> None:
        if not self._is_unchanged(path):
            raise OSError(f"{Path(path).name} is not the file that the survey was described with")

    def _compare_digest(self, path: str) -> bool:
        known = self._digests.get(Path(path).name)
        return known is None or not Path(path).exists() or file_digest(Path(path)) == known

    def _read_noise(self, row: int) -> galsim.BaseCorrelatedNoise:
        return self._catalog.getNoise(row, rng=galsim.BaseDeviate(0)).withVariance(1.0)


def _first_row_with_the_same(files: Sequence[str], numbers: NDArray[Any]) -> list[int]:
    """Return for each row the first row with the same file and number."""
    first: dict[tuple[str, float], int] = {}
    return [first.setdefault(key, row) for row, key in enumerate(zip(files, numbers.tolist(), strict=True))]


def _check_finite(pixels: NDArray[np.float64]) -> None:
    if not np.isfinite(pixels).all():
        raise ValueError("has pixels that are not finite")
