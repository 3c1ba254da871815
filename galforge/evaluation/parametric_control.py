"""The parametric control: each galaxy replaced by the single Sersic profile that was fitted to it."""

from dataclasses import replace

import galsim
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.core.progress import Progress
from galforge.core.seeds import derive_seed
from galforge.datasets.normalization import normalize
from galforge.imaging.noise_padding import noise_field, padding_variance
from galforge.imaging.rendering import Frame, draw_observation
from galforge.simulation.pixel_light import pixel_light
from galforge.simulation.sersic import Sersic
from galforge.survey.observation import (
    Observation,
    ObservationReader,
    UnusableGalaxyError,
    faults_of,
)

COLUMNS = (
    "sersic_flux", "sersic_half_light_radius", "sersic_index", "sersic_axis_ratio", "position_angle",
)  # fmt: skip
# The range of GalSim's Sersic; GalSim clips its own parametric COSMOS galaxies to the same.
INDEX_BOUNDS = (0.3, 6.2)
LEAST_AXIS_RATIO = 0.05


def fitted_profile(fit: pd.Series) -> galsim.GSObject:
    """Return the light of a galaxy as its catalogue's single-Sersic fit has it, without PSF."""
    profile = galsim.Sersic(
        n=float(np.clip(fit["sersic_index"], *INDEX_BOUNDS)),
        half_light_radius=float(fit["sersic_half_light_radius"]),
        flux=float(fit["sersic_flux"]),
    )
    ratio = float(np.clip(fit["sersic_axis_ratio"], LEAST_AXIS_RATIO, 1.0))
    return profile.shear(q=ratio, beta=float(fit["position_angle"]) * galsim.radians)


def parametric_twin(observation: Observation, fit: pd.Series, seed: int) -> Observation:
    """Return the observation as it would be if the galaxy were its fit.

    Parameters
    ----------
    observation : Observation
        Its PSF, its noise and the extent of its stamp are kept.
    fit : Series
        With :data:`COLUMNS`, from the survey's catalogue.
    seed : int
        For the noise.
    """
    image = observation.image
    light = galsim.Convolve(fitted_profile(fit), observation.psf)
    # The PSF includes the survey's pixel.
    drawn = light.drawImage(image=galsim.ImageD(image.bounds, scale=image.scale), method="no_pixel")
    variance = padding_variance(image.array, observation.noise_variance)
    height, width = image.array.shape
    noise = noise_field(observation, max(height, width) * observation.pixel_scale, variance, seed)
    drawn.array[:] += noise.array[:height, :width]
    return replace(observation, image=drawn)


def usable_fits(catalog: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a catalogue whose Sersic fits can be drawn, at least one.

    Raises
    ------
    InputError
        If the catalogue has no Sersic fits, or none that can be drawn.
    """
    if missing := [name for name in COLUMNS if name not in catalog]:
        raise InputError(f"the survey's catalogue has no Sersic fits (no {missing[0]})")
    fits = catalog[list(COLUMNS)]
    positive = (fits[["sersic_flux", "sersic_half_light_radius"]] > 0).all(axis=1)
    usable = catalog[np.isfinite(fits).all(axis=1) & positive]
    if not len(usable):
        raise InputError(_none_drawn(len(catalog)))
    return usable


def _none_drawn(count: int) -> str:
    return f"none of {count} Sersic fits can be drawn"


def parametric_light(catalog: pd.DataFrame, size: int, pixel_scale: float) -> NDArray[np.float32]:
    """Return the light of fitted profiles on the pixels of stamps in flux, without PSF and noise.

    Parameters
    ----------
    catalog : DataFrame of N rows
        From :func:`usable_fits`.
    size : int
        Side of the stamps in pixels; each galaxy is in the middle.
    pixel_scale : float
        arcsec.

    Returns
    -------
    ndarray of float32, shape (N, size, size)
    """
    progress = Progress("Drawing the parametric control", len(catalog), "stamps")
    light = np.empty((len(catalog), size, size), dtype=np.float32)
    for number, (_, fit) in enumerate(catalog.iterrows()):
        light[number] = pixel_light(
            Sersic(
                flux=float(fit["sersic_flux"]),
                half_light_radius=float(fit["sersic_half_light_radius"]),
                index=float(np.clip(fit["sersic_index"], *INDEX_BOUNDS)),
                axis_ratio=float(np.clip(fit["sersic_axis_ratio"], LEAST_AXIS_RATIO, 1.0)),
                position_angle=float(fit["position_angle"]),
            ),
            size,
            pixel_scale,
        )
        progress.advance()
    return light


def parametric_stamps(
    observations: ObservationReader, catalog: pd.DataFrame, count: int, frame: Frame, seed: int
) -> tuple[NDArray[np.float32], list[int]]:
    """Return normalized stamps of fitted profiles, drawn as the dataset's own, and whose they are.

    Parameters
    ----------
    observations : ObservationReader
        The survey from which the dataset was drawn.
    catalog : DataFrame
        Training stamps, with ``identifier``, ``survey_row`` and :data:`COLUMNS`; taken in this order,
        skipping unusable fits, until there are enough.
    count : int
    frame : Frame
        How the dataset's stamps are drawn.
    seed : int

    Returns
    -------
    images : ndarray of float32, shape (N, 1, size, size)
        N = ``count``, or as many as there are usable fits.
    identifiers : list of int
        The galaxies, N of them.

    Raises
    ------
    InputError
        If the catalogue has no Sersic fits, or none that can be drawn.
    """
    progress = Progress("Drawing the parametric control", count, "stamps")
    images: dict[int, NDArray[np.float32]] = {}
    for _, galaxy in usable_fits(catalog).iterrows():
        if len(images) == count:
            break
        name = int(galaxy["identifier"])
        try:
            observation = observations.read(int(galaxy["survey_row"]))
            with faults_of("drawing"):
                twin = parametric_twin(observation, galaxy, derive_seed(seed, "parametric noise", name))
                stamp = draw_observation(twin, frame, derive_seed(seed, "parametric padding", name))
        except UnusableGalaxyError:
            continue
        images[name] = stamp.image
        progress.advance()
    if not images:
        raise InputError(_none_drawn(len(catalog)))
    return normalize(np.stack(list(images.values()))[:, None]).image, list(images)
