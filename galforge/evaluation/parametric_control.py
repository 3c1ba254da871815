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


def parametric_stamps(
    observations: ObservationReader, catalog: pd.DataFrame, count: int, frame: Frame, seed: int
) -> NDArray[np.float32]:
    """Return normalized stamps of fitted profiles, drawn as the dataset's own.

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
    ndarray of float32, shape (N, 1, size, size)
        N = ``count``, or as many as there are usable fits.

    Raises
    ------
    InputError
        If the catalogue has no Sersic fits, or none that can be drawn.
    """
    if missing := [name for name in COLUMNS if name not in catalog]:
        raise InputError(f"the survey's catalogue has no Sersic fits (no {missing[0]})")
    fits = catalog[list(COLUMNS)]
    usable = np.isfinite(fits).all(axis=1) & (fits[["sersic_flux", "sersic_half_light_radius"]] > 0).all(
        axis=1
    )
    progress = Progress("Drawing the parametric control", count, "stamps")
    images: list[NDArray[np.float32]] = []
    for _, galaxy in catalog[usable].iterrows():
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
        images.append(stamp.image)
        progress.advance()
    if not images:
        raise InputError(f"none of {len(catalog)} Sersic fits can be drawn")
    return normalize(np.stack(images)[:, None]).image
