"""The FITS files of a survey in the layout of the COSMOS_23.5_training_sample.

The meaning of each array entry is that of ``galsim.COSMOSCatalog``.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from galforge.core.files import replacing
from galforge.simulation.galaxy import Galaxy
from galforge.simulation.galaxy_image import GalaxyImage
from galforge.simulation.point_spread_function import PIXEL_SCALE
from galforge.simulation.sersic import Sersic, intensity_at_half_light
from galforge.survey.layout import IMAGES_PER_FILE, NOISE_CORRELATION, PSF_IMAGES, image_file_name

_BLOCK = 2880  # bytes, of the FITS standard
_GOOD_FIT = 1
_GAUSSIAN_MAD = 0.6745  # median absolute deviation of a unit Gaussian


def write_images(path: Path, images: Iterable[NDArray[np.floating[Any]]]) -> None:
    """Write one image per HDU, the first in the primary HDU; the file is whole or absent.

    Images are written as they come: no more than one is in memory.
    """
    with replacing(path) as temporary, temporary.open("wb") as stream:
        for number, image in enumerate(images):
            big_endian = image.astype(image.dtype.newbyteorder(">"))
            unit = fits.ImageHDU(big_endian) if number else fits.PrimaryHDU(big_endian)
            if not number:
                unit.header["EXTEND"] = True
            data = big_endian.tobytes()
            stream.write(unit.header.tostring().encode("ascii") + data + bytes(-len(data) % _BLOCK))


def write_table(path: Path, columns: Sequence[tuple[str, str, Any]]) -> None:
    """Write one binary table of columns (name, FITS format, values), whole or not at all."""
    table = fits.BinTableHDU.from_columns(
        [fits.Column(name=name, format=kind, array=np.asarray(values)) for name, kind, values in columns]
    )
    with replacing(path) as temporary:
        fits.HDUList([fits.PrimaryHDU(), table]).writeto(temporary)


def catalog_columns(galaxies: Sequence[Galaxy], stamp_fluxes: Sequence[float]) -> list[tuple[str, str, Any]]:
    """Return the columns of the main catalogue."""
    count = len(galaxies)
    return [
        ("IDENT", "J", [galaxy.number for galaxy in galaxies]),
        ("RA", "D", [galaxy.right_ascension for galaxy in galaxies]),
        ("DEC", "D", [galaxy.declination for galaxy in galaxies]),
        ("MAG", "D", [galaxy.magnitude for galaxy in galaxies]),
        ("BAND", "5A", ["F814W"] * count),
        # A fair sample: no selection to undo.
        ("WEIGHT", "D", np.ones(count)),
        ("GAL_FILENAME", "64A", [image_file_name(1 + row // IMAGES_PER_FILE) for row in range(count)]),
        ("PSF_FILENAME", "64A", [PSF_IMAGES] * count),
        ("GAL_HDU", "J", [row % IMAGES_PER_FILE for row in range(count)]),
        ("PSF_HDU", "J", [galaxy.point_spread_function for galaxy in galaxies]),
        ("PIXEL_SCALE", "D", np.full(count, PIXEL_SCALE)),
        ("NOISE_MEAN", "D", np.zeros(count)),
        ("NOISE_VARIANCE", "D", [galaxy.noise_variance for galaxy in galaxies]),
        ("NOISE_FILENAME", "26A", [NOISE_CORRELATION] * count),
        ("stamp_flux", "D", stamp_fluxes),
    ]


def fit_columns(galaxies: Sequence[Galaxy], images: Sequence[GalaxyImage]) -> list[tuple[str, str, Any]]:
    """Return the columns of the table of fits, which are the true parameters of what was drawn.

    A galaxy drawn as a single Sersic profile has no bulge + disc fit: its values are zero, as in ``hlr``
    and ``flux`` of the real catalogue where the Sersic fit is preferred.
    """
    composite = [galaxy.bulge is not None for galaxy in galaxies]
    residual = [_GAUSSIAN_MAD * np.sqrt(galaxy.noise_variance) for galaxy in galaxies]
    return [
        ("IDENT", "J", [galaxy.number for galaxy in galaxies]),
        ("mag_auto", "D", [galaxy.magnitude for galaxy in galaxies]),
        ("flux_radius", "D", [image.flux_radius for image in images]),
        ("zphot", "D", [galaxy.redshift for galaxy in galaxies]),
        ("sersicfit", "8D", [_fit(galaxy, galaxy.sersic) for galaxy in galaxies]),
        ("bulgefit", "16D", [_fit(galaxy, galaxy.disc) + _fit(galaxy, galaxy.bulge) for galaxy in galaxies]),
        ("fit_status", "5J", np.full((len(galaxies), 5), _GOOD_FIT)),
        ("fit_mad_s", "D", residual),
        ("fit_mad_b", "D", residual),
        ("fit_dvc_btt", "D", [_flux(galaxy.bulge) / galaxy.sersic.flux for galaxy in galaxies]),
        ("use_bulgefit", "J", composite),
        ("viable_sersic", "J", np.ones(len(galaxies))),
        ("hlr", "3D", [[_radius(part) for part in _parts(galaxy)] for galaxy in galaxies]),
        (
            "flux",
            "4D",
            [
                [*(_flux(part) for part in _parts(galaxy)), _flux(galaxy.bulge) + _flux(galaxy.disc)]
                for galaxy in galaxies
            ],
        ),
    ]


def selection_columns(
    galaxies: Sequence[Galaxy], images: Sequence[GalaxyImage]
) -> list[tuple[str, str, Any]]:
    """Return the columns of the table of stamp quality; nothing is masked on a simulated stamp."""
    count = len(galaxies)
    return [
        ("IDENT", "J", [galaxy.number for galaxy in galaxies]),
        ("dmag", "D", np.zeros(count)),
        ("sn_ellip_gauss", "D", [image.signal_to_noise for image in images]),
        # Distance to the nearest pixel without data, which lies beyond the border.
        ("min_mask_dist_pixels", "D", [galaxy.size / 2 for galaxy in galaxies]),
        ("average_mask_adjacent_pixel_count", "D", np.zeros(count)),
        ("peak_image_pixel_count", "D", [image.peak for image in images]),
    ]


def _parts(galaxy: Galaxy) -> tuple[Sersic, Sersic | None, Sersic | None]:
    return galaxy.sersic, galaxy.bulge, galaxy.disc


def _flux(profile: Sersic | None) -> float:
    return 0.0 if profile is None else profile.flux


def _radius(profile: Sersic | None) -> float:
    return 0.0 if profile is None else profile.half_light_radius


def _fit(galaxy: Galaxy, profile: Sersic | None) -> list[float]:
    """Return the eight numbers of a fit, in pixels."""
    if profile is None:
        return [0.0] * 8
    radius = profile.half_light_radius / PIXEL_SCALE
    middle = (galaxy.size - 1) / 2
    return [
        intensity_at_half_light(profile.flux, radius, profile.index),
        radius / np.sqrt(profile.axis_ratio),
        profile.index,
        profile.axis_ratio,
        0.0,
        middle + galaxy.center[0],
        middle + galaxy.center[1],
        profile.position_angle,
    ]
