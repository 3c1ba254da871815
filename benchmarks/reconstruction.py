"""What reconstructions keep of their galaxies, and how many latents carry it: the table of docs/models.md.

    python -m benchmarks.reconstruction RESULTS DATASET MODEL [MODEL ...]

Original and reconstruction are measured apart, by statmorph with the settings of config.yaml, on the stamps
as the model sees them (scaled to [0, 1]): the flux is in units of the stamp's range, which the model cannot
know from elsewhere. Stamps that fail in either are left out and counted.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

from benchmarks.inputs import configuration
from galforge.datasets.latent_file import read_latents
from galforge.datasets.stamp_file import read_stamps
from galforge.evaluation.latents import ellipticity_components, latent_snr, posteriors
from galforge.evaluation.morphology import MorphologySettings
from galforge.evaluation.morphology_table import measure_all

QUANTITIES = ("flux", "half-light radius", "ellipticity", "e₁", "e₂")
HEADER = ("model", *QUANTITIES, "stamps", "latents with SNR > 1", "largest SNR", "spread")


def quantities(images: NDArray[np.float32], settings: MorphologySettings) -> pd.DataFrame:
    """Return :data:`QUANTITIES` of stamps (N, C, H, W); NaN where statmorph fails."""
    table = measure_all(images, settings, threads=2)
    ellipticity, angle = table["ellipticity_asymmetry"], table["orientation_asymmetry"]
    components = ellipticity_components(1 - ellipticity.to_numpy(), angle.to_numpy())
    found = pd.DataFrame(
        {
            "flux": table["flux_ellip"],
            "half-light radius": table["rhalf_ellip"],
            "ellipticity": ellipticity,
            "e₁": components[0],
            "e₂": components[1],
        }
    )
    return found.where(table["status"] == "ok")


def spread(images: NDArray[np.float32]) -> float:
    """Return the mean Euclidean distance between stamps (N, C, H, W)."""
    return float(pdist(images.reshape(len(images), -1)).mean())


def main() -> None:
    """Print one row per model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path)
    parser.add_argument("dataset")
    parser.add_argument("models", nargs="+")
    arguments = parser.parse_args()
    settings = MorphologySettings(**configuration()["evaluation"]["segmentation"])

    original = read_stamps(arguments.results / f"dataset/{arguments.dataset}.h5", split="test").image
    true = quantities(original, settings)
    print(f"| {' | '.join(HEADER)} |\n|{'---|' * len(HEADER)}")
    for model in arguments.models:
        path = arguments.results / f"reconstruction/{arguments.dataset}/{model}.h5"
        image = read_stamps(path).image
        kept = quantities(image, settings)
        both = true.notna().all(axis=1) & kept.notna().all(axis=1)
        correlations = [np.corrcoef(true[name][both], kept[name][both])[0, 1] for name in QUANTITIES]
        latents = posteriors(read_latents(arguments.results / f"latent/{arguments.dataset}/{model}.h5"))
        ratios = latent_snr(latents.mean, latents.deviation)
        cells = [
            model,
            *(f"{value:.3f}" for value in correlations),
            f"{both.sum()} of {len(both)}",
            f"{(ratios > 1).sum()} of {len(ratios)}",
            f"{ratios.max():.1f}",
            f"{spread(image) / spread(original):.2f}",
        ]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
