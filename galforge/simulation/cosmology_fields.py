"""Simulated sparse fields of galaxies and stars, in place of the cosmology images of the ETH report.

The report's images are not published. The simulated ones have the same layout (``labeled/`` with
labeled.csv, ``scored/`` with scored.csv, columns Id and Actual) and look similar at a glance; nothing else
should be concluded from them.
"""

from typing import NamedTuple

import galsim
import numpy as np
from numpy.typing import NDArray

SIZE = 1000  # px
HIGHEST_SCORE = 8.0

# A field: mostly black, some tens of small galaxies, a few stars. All numbers were chosen by eye.
_GALAXIES, _STARS = 40.0, 4.0  # mean numbers
_MARGIN = 20  # px that centres keep from the edge
_PSF_FWHM = 2.5  # px
_HALF_LIGHT_RADIUS = (3.0, 0.4)  # px, median and scatter of its natural logarithm
_GALAXY_FLUX, _STAR_FLUX = (6e3, 0.8), (8e3, 0.8)  # grey values, median and scatter of the logarithm
_NOISE = 1.5  # grey values, of a clean field
_LARGEST_STAMP = 128  # px that one source is drawn on

# What spoils a field: noise (largest, in grey values) and blurring (largest, in pixels).
_MOST_NOISE, _MOST_BLUR = 60.0, 12.0


class Field(NamedTuple):
    """An image of 8 bits, shape (SIZE, SIZE), and its score or label."""

    image: NDArray[np.uint8]
    actual: float


def clean_field(random: np.random.Generator) -> NDArray[np.float64]:
    """Return the light of a field without noise, shape (SIZE, SIZE), grey values from 0 up."""
    image = galsim.ImageD(SIZE, SIZE, scale=1.0)
    psf = galsim.Moffat(beta=3.0, fwhm=_PSF_FWHM)
    for mean, is_star in ((_GALAXIES, False), (_STARS, True)):
        for _ in range(random.poisson(mean)):
            source = psf.withFlux(_lognormal(random, _STAR_FLUX)) if is_star else _galaxy(random, psf)
            x, y = random.uniform(_MARGIN, SIZE - _MARGIN, 2)
            stamp = source.drawImage(
                nx=_LARGEST_STAMP, ny=_LARGEST_STAMP, scale=1.0, center=galsim.PositionD(x, y)
            )
            bounds = stamp.bounds & image.bounds
            image[bounds] += stamp[bounds]
    return np.asarray(image.array)


def _galaxy(random: np.random.Generator, psf: galsim.GSObject) -> galsim.GSObject:
    profile = galsim.Exponential if random.random() < 0.7 else galsim.DeVaucouleurs
    radius = min(_lognormal(random, _HALF_LIGHT_RADIUS), _LARGEST_STAMP / 8)
    galaxy = profile(half_light_radius=radius, flux=_lognormal(random, _GALAXY_FLUX))
    sheared = galaxy.shear(q=random.uniform(0.2, 1.0), beta=random.uniform(0, np.pi) * galsim.radians)
    return galsim.Convolve(sheared, psf)


def _lognormal(random: np.random.Generator, parameters: tuple[float, float]) -> float:
    median, scatter = parameters
    return float(median * np.exp(random.normal(0.0, scatter)))


def similarity_score(image: NDArray[np.floating], clean: NDArray[np.floating]) -> float:
    r"""Return how similar an image is to a clean field, from 0 to 8.

    .. math:: 8 \max\left(0, \frac{\sum (a - \bar a)(b - \bar b)}
        {\sqrt{\sum (a - \bar a)^2 \sum (b - \bar b)^2}}\right)

    Eight times their correlation: 8 for the field itself, less the more it is spoilt, 0 for an image
    without resemblance. (How the report's images were scored is not published.)
    """
    first, second = image - image.mean(), clean - clean.mean()
    norm = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return HIGHEST_SCORE * max(0.0, float((first * second).sum()) / norm) if norm > 0 else 0.0


def spoilt(clean: NDArray[np.float64], share: float, random: np.random.Generator) -> NDArray[np.uint8]:
    """Return a field with blur and noise added.

    Parameters
    ----------
    clean : ndarray, shape (SIZE, SIZE)
    share : float
        Share of the largest blur and noise, from 0 (a clean field with its own noise) to 1.
    random : Generator
    """
    width = share * _MOST_BLUR
    frequency = np.fft.fftfreq(SIZE)
    response = np.exp(-2 * (np.pi * width * frequency) ** 2)
    spectrum = np.fft.fft2(clean) * response[:, None] * response[None, :]
    noise = _NOISE + share * _MOST_NOISE
    return to_bytes(np.fft.ifft2(spectrum).real + random.normal(0.0, noise, clean.shape))


def to_bytes(light: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return grey values as 8 bits; values beyond the range are clipped."""
    return np.asarray(np.clip(np.rint(light), 0, 255).astype(np.uint8))


def labeled_field(positive: bool, random: np.random.Generator) -> Field:
    """Return a clean field, labelled 1, or one that is spoilt beyond recognition, labelled 0."""
    share = 0.0 if positive else random.uniform(0.7, 1.0)
    return Field(spoilt(clean_field(random), share, random), float(positive))


def scored_field(random: np.random.Generator) -> Field:
    """Return a field that is spoilt to a random degree, and its :func:`similarity_score`."""
    clean = clean_field(random)
    # Squared: half of the fields are spoilt by less than a quarter, so that all scores occur.
    image = spoilt(clean, random.uniform() ** 2, random)
    return Field(image, similarity_score(image.astype(np.float64), to_bytes(clean).astype(np.float64)))
