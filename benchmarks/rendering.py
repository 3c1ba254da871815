"""Rendering, against the serial loop of the paper's code."""

import time

import galsim
import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import Comparison
from workflow_scripts.imaging.rendering import render_galaxy
from workflow_scripts.survey.manifest import SurveyManifest
from workflow_scripts.survey.reading import open_survey

SIZE = 64


def draw_as_the_paper(survey: galsim.COSMOSCatalog, row: int) -> NDArray[np.float32]:
    """Draw one galaxy as the paper does: its noise padding, then Eq. 1, no size given."""
    galaxy = survey.makeGalaxy(row, gal_type="real", rng=galsim.BaseDeviate(1))
    observed = galsim.Convolve(galaxy, galaxy.original_psf)
    scale = 0.03 * observed.getGoodImageSize(0.03) / (SIZE - 2)
    image: NDArray[np.float32] = observed.drawImage(scale=scale).array
    return image


def compare(manifest: SurveyManifest) -> tuple[NDArray[np.float32], Comparison]:
    """Return the stamps, (N, 64, 64), and the comparison, both on one core."""
    survey = open_survey(manifest)
    for row in range(len(survey)):  # read every file first: neither side pays for the disk
        survey.real_cat.getGalImage(row)
    start = time.perf_counter()
    paper = [draw_as_the_paper(survey, row) for row in range(len(survey))]
    middle = time.perf_counter()
    ours = [render_galaxy(survey, row, SIZE, seed=row + 1) for row in range(len(survey))]
    end = time.perf_counter()
    images = np.array([stamp.image for stamp in ours])
    # Where the two may differ is the noise beyond the survey's stamp, and the size that the padded
    # galaxy is taken to have: compare galaxies that got the same scale, at their centre.
    same = [n for n, image in enumerate(paper) if image.shape == (SIZE, SIZE)]
    centre = slice(SIZE // 2 - 8, SIZE // 2 + 8)
    apart = [np.ptp(images[n][centre, centre] - paper[n][centre, centre]) / paper[n].max() for n in same]
    return images, Comparison(
        "render_stamps, one core",
        "makeGalaxy, Convolve, drawImage, one by one",
        len(survey) / (middle - start),
        len(survey) / (end - middle),
        "stamps/s",
        f"median {np.median(apart):.1g} of the peak, other noise padding",
    )
