"""Drawing galaxies in flux against GalSim, and a training step through PSFs against one without."""

import time
from collections.abc import Callable

import galsim
import numpy as np
import torch
from torch import Tensor

from benchmarks.inputs import configured_model
from benchmarks.timing import Comparison
from galforge.models.batch import Batch
from galforge.models.trained import draw_images
from galforge.survey.manifest import SurveyManifest

SIZE, PIXEL_SCALE = 64, 0.06  # px, arcsec
MODEL = "flow_vae"
DRAWN, REFERENCE_DRAWN = 2048, 256
BATCH, STEPS, REPEATS = 64, 8, 3


def draw_with_galsim(manifest: SurveyManifest) -> float:
    """Return galaxies per second of GalSim: each without its own PSF, seen through it, at one scale."""
    survey = galsim.COSMOSCatalog(
        manifest.catalog, dir=str(manifest.path), exclusion_level=manifest.exclusion_level
    )
    start = time.perf_counter()
    for row in range(REFERENCE_DRAWN):
        galaxy = survey.makeGalaxy(row, gal_type="real", rng=galsim.BaseDeviate(row + 1))
        observed = galsim.Convolve(galaxy, galaxy.original_psf)
        observed.drawImage(nx=SIZE, ny=SIZE, scale=PIXEL_SCALE)
    return REFERENCE_DRAWN / (time.perf_counter() - start)


def steps_per_second(step: Callable[[], Tensor]) -> float:
    """Return the rate of steps with their gradients, the best of some repeats."""
    rates = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        for _ in range(STEPS):
            step().backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
        rates.append(STEPS / (time.perf_counter() - start))
    return max(rates)


def compare(manifest: SurveyManifest) -> list[Comparison]:
    """Return the comparisons: drawing on all cores, and a training step on them.

    Of an untrained model: what it draws does not change how long that takes.
    """
    galsim.set_omp_threads(1)
    model = configured_model(MODEL, (1, SIZE, SIZE))
    psfs = np.zeros((DRAWN, 19, 19), dtype=np.float32)
    psfs[:, 9, 9] = 1
    draw_images(model, BATCH, 1, psfs=psfs[:BATCH])  # not timed: torch's first use of each kernel
    start = time.perf_counter()
    draw_images(model, DRAWN, 1, psfs=psfs)
    ours = DRAWN / (time.perf_counter() - start)

    images = torch.rand(BATCH, 1, SIZE, SIZE, generator=torch.Generator().manual_seed(1))
    batch = Batch(images, None, torch.from_numpy(psfs[:BATCH])[:, None], torch.ones(BATCH))

    def loss() -> Tensor:
        return model.training_losses(batch, "model", torch.Generator().manual_seed(1))["loss"]

    through = steps_per_second(loss)
    model.observed = lambda galaxies, psf=None: galaxies  # type: ignore[method-assign]  # here alone
    without = steps_per_second(loss)
    return [
        Comparison(
            f"draw {MODEL}, {SIZE} px, through PSFs, {torch.get_num_threads()} threads",
            "RealGalaxy, Convolve, drawImage, one by one",
            draw_with_galsim(manifest),
            ours,
            "galaxies/s",
            "other galaxies",
        ),
        Comparison(
            f"training step of {MODEL} through PSFs, batch {BATCH}",
            "the same step without PSFs",
            without,
            through,
            "steps/s",
            "another loss",
        ),
    ]
