"""Rendering, against the serial loop of the paper's code."""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

import galsim
import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import Comparison
from galforge.imaging.rendering import Frame, RenderedStamp, render_galaxy
from galforge.survey.manifest import SurveyManifest
from galforge.survey.observation import ObservationReader
from galforge.survey.reading import open_survey

SIZE = 64
PROCESSES = 2


def draw_as_the_paper(survey: galsim.COSMOSCatalog, row: int, padding: float) -> NDArray[np.float32]:
    """Draw one galaxy as the paper does, Eq. 1 and no size given, noise padded to ``padding`` arcsec."""
    galaxy = survey.makeGalaxy(row, gal_type="real", noise_pad_size=padding, rng=galsim.BaseDeviate(row + 1))
    observed = galsim.Convolve(galaxy, galaxy.original_psf)
    scale = 0.03 * observed.getGoodImageSize(0.03) / (SIZE - 2)
    image: NDArray[np.float32] = observed.drawImage(scale=scale).array
    return image


def draw_rows(manifest: SurveyManifest, first: int, last: int) -> list[RenderedStamp]:
    """Draw a range of rows as a shard does, its files opened and all: one process, one thread."""
    galsim.set_omp_threads(1)
    observations = ObservationReader(open_survey(manifest).real_cat)
    return [render_galaxy(observations, row, Frame(SIZE), seed=row + 1) for row in range(first, last)]


def compare(manifest: SurveyManifest) -> tuple[NDArray[np.float32], list[Comparison]]:
    """Return the stamps, (N, 64, 64), and the comparisons: one core, and :data:`PROCESSES` shards."""
    count = len(open_survey(manifest))
    cuts = [count * shard // PROCESSES for shard in range(PROCESSES + 1)]
    galsim.set_omp_threads(1)
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        for _ in pool.map(draw_rows, [manifest] * PROCESSES, [0, 1], [1, 2]):
            pass  # start and imports are not timed: a shard of a real survey takes minutes
        start = time.perf_counter()
        parts = list(pool.map(draw_rows, [manifest] * PROCESSES, cuts[:-1], cuts[1:]))
        both = time.perf_counter() - start
    start = time.perf_counter()
    alone = draw_rows(manifest, 0, count)
    one = time.perf_counter() - start
    paddings = [SIZE * stamp.pixel_scale for stamp in alone]
    start = time.perf_counter()
    survey = galsim.COSMOSCatalog(
        manifest.catalog, dir=str(manifest.path), exclusion_level=manifest.exclusion_level
    )
    paper = [draw_as_the_paper(survey, row, paddings[row]) for row in range(count)]
    reference = time.perf_counter() - start

    stamps = [stamp for part in parts for stamp in part]
    images = np.array([stamp.image for stamp in stamps])
    # A stamp whose automatic size is 62 has one more pixel of sky on each side than the paper's.
    same = [n for n in range(count) if paper[n].shape == (SIZE, SIZE)]
    apart = [np.abs(images[n] - paper[n]).max() / paper[n].max() for n in same]
    return images, [
        Comparison(
            f"render_stamps, {what}",
            "makeGalaxy, Convolve, drawImage, one by one",
            count / reference,
            count / seconds,
            "stamps/s",
            f"{max(apart):.1g} of the peak, all of {len(same)}",
        )
        for what, seconds in (("one core", one), (f"{PROCESSES} shards", both))
    ]
