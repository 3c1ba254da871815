"""A small made-up dataset in flux, with its galaxies' true light, and samples of made-up models."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.evaluation.parametric_control import parametric_light
from galforge.imaging.stamp_psf import through_psf

SCALE, SURVEY_SCALE, ZERO_POINT, FLUX_SCALE, SIZE = 0.06, 0.03, 26.0, 0.01, 48
CONDITIONS = ["mag_auto", "flux_radius", "sersic_axis_ratio", "position_angle", "zphot"]


@cache
def draw_galaxies(count: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a catalogue of Sersic galaxies, and their light (N, H, W) in flux; neither is to be changed."""
    random = np.random.default_rng(seed)
    magnitude = random.uniform(20, 23, count)
    # Bright galaxies are large.
    radius = 0.3 * 10 ** (-0.1 * (magnitude - 21.5)) * random.lognormal(0, 0.2, count)
    catalog = pd.DataFrame(
        {
            "identifier": np.arange(count) + 1000 * seed,
            "mag_auto": magnitude,
            "zphot": random.uniform(0, 1, count),
            "pixel_scale": SCALE,
            "survey_pixel_scale": SURVEY_SCALE,
            "sersic_flux": 10 ** (-0.4 * (magnitude - ZERO_POINT)),
            "sersic_half_light_radius": radius,
            "sersic_index": random.uniform(0.6, 1.4, count),
            "sersic_axis_ratio": random.uniform(0.3, 0.95, count),
            "position_angle": random.uniform(0, np.pi, count),
        }
    )
    # Nearly that of a galaxy through the PSF.
    catalog["flux_radius"] = np.hypot(radius, 0.07) / SURVEY_SCALE
    return catalog, parametric_light(catalog, SIZE, SCALE)


def psfs() -> np.ndarray:
    """Return two round Gaussian PSFs, (2, 11, 11)."""
    y, x = np.mgrid[-5:6, -5:6]
    images = np.stack([np.exp(-(x**2 + y**2) / (2 * sigma**2)) for sigma in (0.9, 1.1)])
    return (images / images.sum(axis=(1, 2), keepdims=True)).astype(np.float32)


def write_dataset(
    path: Path, train: int, test: int, truth: bool = True, in_flux: bool = True
) -> pd.DataFrame:
    """Write a dataset in flux, or the same stamps in [0, 1]; return its catalogue."""
    count = train + test
    catalog, light = draw_galaxies(count, seed=1)
    index = np.arange(count) % 2
    noise = np.random.default_rng(2).normal(0, FLUX_SCALE, light.shape)
    images = (through_psf(light, psfs()[index]) + noise)[:, None].astype(np.float32)
    split = np.array(["train"] * train + ["test"] * test)
    attributes = {"dataset": "made", "simulated": 1}
    if not in_flux:
        low, high = (bound(images, axis=(1, 2, 3)) for bound in (np.min, np.max))
        scaled = (images - low[:, None, None, None]) / (high - low)[:, None, None, None]
        write_stamps(path, [Stamps(scaled, low, high - low, catalog, split)], attributes)
        return catalog
    parts = {"psf/index": index.astype(np.int64), "noise/standard_deviation": np.full(count, FLUX_SCALE)}
    if truth:
        parts["truth/image"] = (light[:, None] / FLUX_SCALE).astype(np.float32)
    stamps = Stamps(
        images / np.float32(FLUX_SCALE),
        np.zeros(count),
        np.full(count, FLUX_SCALE),
        catalog,
        split,
        {},
        parts,
    )
    correlation = np.zeros((3, 3))
    correlation[1, 1] = 1.0
    units = {
        "normalization": "flux",
        "flux_scale": FLUX_SCALE,
        "zero_point": ZERO_POINT,
        "pixel_scale": SCALE,
    }
    shared = {"psf/image": psfs(), "noise/correlation": correlation}
    write_stamps(path, [stamps], {**attributes, **units, "flux_unit": "counts/s"}, shared)
    return catalog


def write_sample(
    path: Path, catalog: pd.DataFrame, light: np.ndarray, conditions: list[str], name: str, noise: float = 0.0
) -> None:
    """Write galaxies in flux as a model's, with what was asked of them."""
    images = through_psf(light, psfs()[np.arange(len(light)) % 2])[:, None]
    images = images + np.random.default_rng(3).normal(0, noise, images.shape)
    units = {"zero_point": ZERO_POINT, "pixel_scale": SCALE, "model": name, "dataset": "made"}
    stamps = Stamps.in_flux((images / FLUX_SCALE).astype(np.float32), FLUX_SCALE, **units)
    labelled = Stamps(
        stamps.image, stamps.offset, stamps.scale, catalog[conditions].reset_index(drop=True), stamps.split
    )
    write_stamps(path, [labelled], stamps.attributes)
