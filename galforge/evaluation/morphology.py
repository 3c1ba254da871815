"""The morphology of stamps by statmorph, on a photutils segmentation of their central source."""

import warnings
from collections import Counter
from typing import Any

import numpy as np
import statmorph
from astropy.utils.exceptions import AstropyUserWarning
from numpy.typing import NDArray
from photutils.segmentation import detect_sources
from photutils.utils.exceptions import NoDetectionsWarning
from scipy.ndimage import uniform_filter

from galforge.evaluation.fast_statmorph import FastSourceMorphology
from galforge.evaluation.segmentation import Segmentation
from galforge.imaging.border_noise import border_noise

# Every scalar that statmorph measures, by its own names; lengths in pixels, angles in radians.
# fmt: off
PARAMETERS = (
    "xc_centroid", "yc_centroid", "ellipticity_centroid", "elongation_centroid", "orientation_centroid",
    "xc_asymmetry", "yc_asymmetry", "ellipticity_asymmetry", "elongation_asymmetry", "orientation_asymmetry",
    "flux_circ", "flux_ellip", "rpetro_circ", "rpetro_ellip", "rmax_circ", "rmax_ellip",
    "rhalf_circ", "rhalf_ellip", "r20", "r50", "r80",
    "gini", "m20", "gini_m20_bulge", "gini_m20_merger", "sn_per_pixel",
    "concentration", "asymmetry", "smoothness", "multimode", "intensity", "deviation",
    "rms_asymmetry2", "outer_asymmetry", "shape_asymmetry",
    "sersic_amplitude", "sersic_rhalf", "sersic_n", "sersic_xc", "sersic_yc", "sersic_ellip", "sersic_theta",
    "sersic_chi2_dof", "sersic_aic", "sersic_bic", "sky_mean", "sky_median", "sky_sigma",
    "xmin_stamp", "ymin_stamp", "xmax_stamp", "ymax_stamp", "nx_stamp", "ny_stamp",
)
# fmt: on

COLUMNS = ("status", "flag", "flag_sersic", *PARAMETERS)

_INVALID = -99.0  # statmorph's mark for "not measured"
# Fits that run away to a larger index say nothing, and a single one would dominate the spread of a sample
# (Holzschuh et al. 2022 cut at the same value); statmorph marks them with flag_sersic = 1. The lower
# bound is statmorph's own.
_SERSIC_INDEX_BOUNDS = (0.01, 10.0)
_BACKGROUND_WARNING = "Image is not background-subtracted."


def subtract_background(image: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return a stamp (H, W) minus the median of its outermost pixels, in float64."""
    image = np.asarray(image, dtype=np.float64)
    border = np.concatenate([image[0], image[-1], image[1:-1, 0], image[1:-1, -1]])
    return np.asarray(image - np.median(border))


def stamp_noise(image: NDArray[np.float64], settings: Segmentation) -> float:
    """Return the noise of a background-subtracted stamp (H, W): that of its border, or the floor."""
    return float(max(border_noise(image[None])[0], settings.noise_floor * np.ptp(image)))


def segment(image: NDArray[np.float64], noise: float, settings: Segmentation) -> NDArray[np.bool_] | None:
    """Return the pixels of the stamp's source, or None where there is none.

    The source is the segment that covers the centre (one of the four central pixels), or else the
    largest. Its outline is smoothed by a box, as in statmorph's tutorial; a segment so small that
    smoothing would leave fewer pixels than a source must have stays as it is. All other segments count as
    sky: at 1.5 times the noise a stamp of correlated noise holds about thirty of them, and masking them
    would bias the sky low.

    Parameters
    ----------
    image : ndarray of float64, shape (H, W)
        Background-subtracted.
    noise : float
        Standard deviation of the background, in the image's units.
    settings : Segmentation

    Returns
    -------
    ndarray of bool, shape (H, W), or None

    References
    ----------
    Holzschuh et al. (2022), arXiv:2203.11956; statmorph's tutorial.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoDetectionsWarning)  # the result says so
        segments = detect_sources(image, settings.threshold * noise, settings.connected_pixels)
    if segments is None:
        return None
    height, width = image.shape
    centre = segments.data[(height - 1) // 2 : height // 2 + 1, (width - 1) // 2 : width // 2 + 1]
    covering = Counter(centre[centre > 0].tolist())
    label = covering.most_common(1)[0][0] if covering else segments.labels[np.argmax(segments.areas)]
    source = np.asarray(segments.data == label)
    smoothed = uniform_filter(source.astype(np.float64), settings.smoothing) > 0.5
    return np.asarray(smoothed) if smoothed.sum() >= settings.connected_pixels else source


def measure_morphology(image: NDArray[np.floating], settings: Segmentation) -> dict[str, Any]:
    """Return every statmorph parameter of one stamp; the same on every run.

    Parameters
    ----------
    image : ndarray, shape (H, W)
        Flux, at least 8 px on a side; the background need not be subtracted.
    settings : Segmentation

    Returns
    -------
    dict
        The keys are :data:`COLUMNS`. ``status`` is ``"ok"`` or why the stamp has no trustworthy
        measurement: ``"not finite"``, ``"constant"``, ``"no source"``, or what :func:`measure_source`
        says. What was not measured is NaN.

    References
    ----------
    Rodriguez-Gomez et al. (2019), MNRAS 483, 4140.
    """
    if not np.isfinite(image).all():
        return _unmeasured("not finite")
    if image.max() == image.min():
        return _unmeasured("constant")
    image = subtract_background(image)
    noise = stamp_noise(image, settings)
    source = segment(image, noise, settings)
    if source is None:
        return _unmeasured("no source")
    return measure_source(image, source, noise, settings)


def measure_source(
    image: NDArray[np.float64], source: NDArray[np.bool_], noise: float, settings: Segmentation
) -> dict[str, Any]:
    """Return every statmorph parameter of a source whose pixels are known.

    Parameters
    ----------
    image : ndarray of float64, shape (H, W)
        Finite and background-subtracted.
    source : ndarray of bool, shape (H, W)
        The source's pixels, at least one.
    noise : float
        Standard deviation of the background, in the image's units.
    settings : Segmentation

    Returns
    -------
    dict
        The keys are :data:`COLUMNS`. ``status`` is ``"ok"``, ``"statmorph: <error>"``, or
        ``"statmorph flag <N>: <its warnings>"`` where its ``flag`` is over 1 (2 is bad, 4 is
        catastrophic). What statmorph did not measure (its -99) is NaN; the other values of a flagged
        source are kept. ``flag_sersic`` is over 1 where the Sersic fit failed; it does not change
        ``status``.

    Notes
    -----
    statmorph calls a stamp bad if its sky box deviates from zero by more than the box's own standard
    deviation. In a stamp without noise that deviation is nearly zero and the check is void, so this
    warning alone does not fail a stamp whose sky lies within ``noise``. ``flag`` stays as statmorph gives
    it.
    """
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        try:
            measured = _statmorph(image, source, noise, settings)
        except Exception as error:
            # One odd stamp must not stop thousands; the status counts and names the failure.
            return _unmeasured(f"statmorph: {' '.join(f'{type(error).__name__}: {error}'.split())}")
    complaints = _complaints(raised)
    values = {name: float(measured[name]) for name in PARAMETERS}
    void_check = complaints == [_BACKGROUND_WARNING] and abs(values["sky_mean"]) <= noise
    status = "ok"
    if measured.flag > 1 and not void_check:
        status = f"statmorph flag {measured.flag}: {' '.join(complaints)}"
    return {
        "status": status,
        "flag": int(measured.flag),
        "flag_sersic": int(measured.flag_sersic),
        **{name: np.nan if value == _INVALID else value for name, value in values.items()},
    }


def _statmorph(
    image: NDArray[np.float64], source: NDArray[np.bool_], noise: float, settings: Segmentation
) -> statmorph.SourceMorphology:
    return FastSourceMorphology(
        image,
        source.astype(np.int64),
        1,
        # Sigma of every pixel: the sky's alone. It sets the weights of the Sersic fit and sn_per_pixel,
        # nothing else. The stamps of HST are dominated by the sky, the gain is lost when a galaxy is
        # redrawn at another pixel scale, and what a model draws has no photons to count: so real and
        # generated stamps get the same rule, and no gain.
        weightmap=np.full_like(image, noise),
        psf=None,
        # The whole stamp: it was drawn to hold its galaxy, and so every galaxy gets the same.
        min_cutout_size=2 * max(image.shape),
        skybox_size=settings.skybox_of(min(image.shape)),
        sersic_model_args={"bounds": {"n": _SERSIC_INDEX_BOUNDS}},
    )


def _complaints(raised: list[warnings.WarningMessage]) -> list[str]:
    """Return statmorph's warnings on the measurement, each once, and pass on any unfamiliar ones."""
    complaints = []
    for warning in raised:
        text = str(warning.message)
        if issubclass(warning.category, AstropyUserWarning):
            # Those of the Sersic fit, statmorph's and astropy's own, bear on flag_sersic only.
            of_fit = text.startswith(("[sersic]", "The fit may be unsuccessful"))
            if not of_fit and text not in complaints:
                complaints.append(text)
        elif not issubclass(warning.category, RuntimeWarning):
            # RuntimeWarning: roots of rounding errors in the search for bad pixels, and powers that
            # overflow during the Sersic fit.
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    return complaints


def _unmeasured(status: str) -> dict[str, Any]:
    return {"status": status} | dict.fromkeys(COLUMNS[1:], np.nan)
