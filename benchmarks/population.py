"""The simulated survey's marginals beside those of real galaxies: a figure and two-sample tests.

The command is in docs/simulation.md. The reference is a folder with the catalogue and the table of fits of
GalSim's F814W < 23.5 example. Its 100 galaxies end at F814W = 22.5, so the simulated ones are drawn to that
limit, too.
"""

import argparse
from pathlib import Path

import numpy as np
from astropy.io import fits
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from galforge.figures.style import BLUE, GREY, new_figure, save_picture, styled
from galforge.simulation.population import draw_galaxy

CATALOG = "real_galaxy_catalog_23.5_example.fits"
MAGNITUDE_LIMIT = 22.5  # mag, where the example ends
COUNT, SEED = 5000, 20201006

# Name, label, whether its axis is logarithmic.
QUANTITIES = (
    ("magnitude", "F814W magnitude", False),
    ("half_light_radius", "half-light radius [arcsec]", True),
    ("sersic_index", "Sersic index n", True),
    ("axis_ratio", "axis ratio q", False),
    ("redshift", "redshift", False),
    ("noise_variance", "noise variance [(counts/s)²]", True),
    ("size_residual", "log₁₀ size off the real\nsize-magnitude line", False),
)
_BINS = 16

Sample = dict[str, NDArray[np.float64]]


def reference_sample(folder: Path) -> Sample:
    """Return the quantities of the real galaxies, shape (N,) each."""
    catalog = fits.getdata(folder / CATALOG, 1)
    fit = fits.getdata(folder / CATALOG.replace(".fits", "_fits.fits"), 1)
    sample = {
        "magnitude": fit["mag_auto"],
        "half_light_radius": fit["hlr"][:, 0],
        "sersic_index": fit["sersicfit"][:, 2],
        "axis_ratio": fit["sersicfit"][:, 3],
        "redshift": fit["zphot"],
        "noise_variance": catalog["NOISE_VARIANCE"],
    }
    return {name: np.asarray(values, dtype=np.float64) for name, values in sample.items()}


def simulated_sample(count: int, magnitude_limit: float) -> Sample:
    """Return the same quantities of simulated galaxies."""
    galaxies = [draw_galaxy(SEED, number, magnitude_limit, 0.12, 20) for number in range(count)]
    return {
        "magnitude": np.array([galaxy.magnitude for galaxy in galaxies]),
        "half_light_radius": np.array([galaxy.sersic.half_light_radius for galaxy in galaxies]),
        "sersic_index": np.array([galaxy.sersic.index for galaxy in galaxies]),
        "axis_ratio": np.array([galaxy.sersic.axis_ratio for galaxy in galaxies]),
        "redshift": np.array([galaxy.redshift for galaxy in galaxies]),
        "noise_variance": np.array([galaxy.noise_variance for galaxy in galaxies]),
    }


def with_size_residual(sample: Sample, real: Sample) -> Sample:
    """Return a sample with log size off the line that fits the real galaxies: the relation as a marginal."""
    line = np.polyfit(real["magnitude"], np.log10(real["half_light_radius"]), 1)
    residual = np.log10(sample["half_light_radius"]) - np.polyval(line, sample["magnitude"])
    return sample | {"size_residual": residual}


def probabilities(real: Sample, simulated: Sample) -> dict[str, float]:
    """Return the p-value of the two-sample Kolmogorov-Smirnov test of each quantity."""
    return {name: float(ks_2samp(real[name], simulated[name]).pvalue) for name, _, _ in QUANTITIES}


@styled()
def population_figure(real: Sample, simulated: Sample) -> Figure:
    """Return a panel a marginal with its p-value, and the size-magnitude relation."""
    chances = probabilities(real, simulated)
    figure = new_figure(
        10.4,
        5.0,
        f"{len(simulated['magnitude']):,} simulated galaxies beside {len(real['magnitude'])} of HST COSMOS, "
        f"F814W < {MAGNITUDE_LIMIT}; p of the two-sample Kolmogorov-Smirnov test",
    )
    panels = figure.subplots(2, 4).ravel()
    for axes, (name, label, logarithmic) in zip(panels, QUANTITIES, strict=False):
        _histogram(axes, real[name], simulated[name], logarithmic)
        axes.set_xlabel(label)
        axes.set_title(f"p = {chances[name]:.2f}", loc="left", weight="normal", fontsize=8.5)
    _relation(panels[-1], real, simulated)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower left", ncols=2)
    return figure


def _histogram(
    axes: Axes, real: NDArray[np.float64], simulated: NDArray[np.float64], logarithmic: bool
) -> None:
    ends = np.percentile(simulated, [0.2, 99.8])
    low, high = min(ends[0], real.min()), max(ends[1], real.max())
    bins = np.geomspace(low, high, _BINS + 1) if logarithmic else np.linspace(low, high, _BINS + 1)
    for values, colour, name, filled in (
        (real, GREY, "HST COSMOS (GalSim's example)", True),
        (simulated, BLUE, "simulated", False),
    ):
        axes.hist(
            np.clip(values, low, high),
            bins=bins.tolist(),
            weights=np.full(values.size, 1 / values.size),
            histtype="stepfilled" if filled else "step",
            color=colour,
            alpha=0.45 if filled else 1.0,
            linewidth=1.6,
            label=name,
        )
    if logarithmic:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def _relation(axes: Axes, real: Sample, simulated: Sample) -> None:
    magnitudes = np.array([17.0, MAGNITUDE_LIMIT])
    axes.semilogy(
        simulated["magnitude"][:1500], simulated["half_light_radius"][:1500], ".", color=BLUE, ms=2, alpha=0.3
    )
    axes.semilogy(real["magnitude"], real["half_light_radius"], "o", color="#222222", ms=2.5)
    slopes = []
    for sample, colour in ((real, "#222222"), (simulated, BLUE)):
        line = np.polyfit(sample["magnitude"], np.log10(sample["half_light_radius"]), 1)
        axes.semilogy(magnitudes, 10 ** np.polyval(line, magnitudes), color=colour)
        slopes.append(f"{line[0]:.3f}")
    axes.set(xlabel="F814W magnitude", ylabel="half-light radius [arcsec]")
    axes.set_title(
        f"slope [dex/mag]: real {slopes[0]}, sim. {slopes[1]}", loc="left", weight="normal", fontsize=8
    )


def main() -> None:
    """Draw the figure and print the tests."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reference", type=Path, required=True, help="folder of the real catalogue")
    parser.add_argument("--output", type=Path, required=True, help="the figure, PNG")
    arguments = parser.parse_args()
    real = reference_sample(arguments.reference)
    real = with_size_residual(real, real)
    simulated = with_size_residual(simulated_sample(COUNT, MAGNITUDE_LIMIT), real)
    for name, chance in probabilities(real, simulated).items():
        print(f"{name}: p = {chance:.3f}")
    save_picture(population_figure(real, simulated), arguments.output)


if __name__ == "__main__":
    main()
