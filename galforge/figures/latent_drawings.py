"""All figures of one model's latents, by name, from what earlier stages made of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from galforge.datasets.stamp_file import Stamps
from galforge.evaluation.galaxy_parameters import galaxy_parameters
from galforge.evaluation.latents import Posteriors
from galforge.figures.latents import (
    correlation_map,
    latent_histograms,
    latent_scatter,
    latent_snr_figure,
    probe_figure,
    traversal_figure,
)
from galforge.figures.physics import latent_noise_figure
from galforge.figures.style import ModelStyle, words_figure

SCATTERED = ("concentration", "ellipticity_asymmetry", "rhalf_ellip")  # as Laisney, Lalou & Marmet


@dataclass(frozen=True)
class LatentMaterials:
    """A model's latents and what was measured on them.

    Attributes
    ----------
    model : str
    known : Posteriors
    summary, correlations : DataFrame
        From :func:`galforge.evaluation.latents.summarize_latents` and ``correlate``.
    catalog, morphology : DataFrame
        The dataset's catalogue, and the morphology of its real stamps.
    probe : Stamps
        Decoded around the average galaxy, and stamps turned and made noisier.
    """

    model: str
    known: Posteriors
    summary: pd.DataFrame
    correlations: pd.DataFrame
    catalog: pd.DataFrame
    morphology: pd.DataFrame
    probe: Stamps


def latent_drawings(materials: LatentMaterials, style: ModelStyle) -> dict[str, Callable[[], Figure]]:
    """Return what draws each figure, by the figure's name."""
    model, table, mean = materials.model, materials.summary, materials.known.mean
    return {
        "latent_snr": lambda: latent_snr_figure(
            table, style, f"{model}: signal-to-noise ratio of the latents"
        ),
        "latent_histograms": lambda: latent_histograms(
            mean, table, style, f"{model}: latent means of {len(mean):,} stamps, and N(0, 1)"
        ),
        "traversals": lambda: draw_traversals(materials),
        "correlations": lambda: correlation_map(
            materials.correlations, table, f"{model}: what the latents follow"
        ),
        "latent_scatter": lambda: draw_scatter(materials),
        "probe": lambda: draw_probe(materials),
        "latent_noise": lambda: latent_noise_figure(
            materials.known.deviation,
            snr_of(materials),
            table,
            style,
            f"{model}: widths of posteriors against the noise of the stamps",
        ),
    }


def snr_of(materials: LatentMaterials) -> NDArray[np.float64]:
    """Return the SNR of the stamps that have latents, NaN where the dataset does not say."""
    catalog = materials.catalog[materials.known.rows]
    missing = np.full(len(catalog), np.nan)
    return catalog["snr"].to_numpy(dtype=np.float64) if "snr" in catalog else missing


def draw_scatter(materials: LatentMaterials) -> Figure:
    """Return the galaxies in the plane of the two strongest latents."""
    model, known, table = materials.model, materials.known, materials.summary
    if len(table) < 2:
        return words_figure("No plane of latents", f"{model} has one latent")
    parameters = galaxy_parameters(materials.catalog, materials.morphology, SCATTERED)[known.rows]
    values = {name: parameters[f"measured_{name}"].to_numpy() for name in SCATTERED}
    first, second = table["latent"][:2]
    return latent_scatter(known.mean, (first, second), values, f"{model}: the two strongest latents")


def draw_traversals(materials: LatentMaterials) -> Figure:
    """Return the traversals, with each latent's signal-to-noise ratio beside it."""
    probe = materials.probe
    stamps = probe.take((probe.catalog["probe"] == "traversal").to_numpy())
    steps = list(dict.fromkeys(stamps.catalog["probe_step"]))
    images = stamps.image.reshape(-1, len(steps), *stamps.image.shape[1:])
    snr = materials.summary.set_index("latent")["snr"]
    latents = [int(latent) for latent in dict.fromkeys(stamps.catalog["probe_latent"])]
    names = [f"z{latent}\nSNR {snr[latent]:.3g}" for latent in latents]
    title = f"{materials.model}: single latents around the average galaxy"
    return traversal_figure(images, names, steps, title)


def draw_probe(materials: LatentMaterials) -> Figure:
    """Return the turns and the noise of the brightest galaxy that was tried."""
    catalog, image = materials.probe.catalog, materials.probe.image
    columns: dict[str, NDArray[np.float32]] = {}
    for row in catalog[(catalog["probe_galaxy"] == 0) & (catalog["probe_output"] == 0)].itertuples():
        name = f"SNR {row.probe_snr:g}" if row.probe == "noise" else f"turned {row.probe_angle:g}°"
        after = catalog[
            (catalog["probe_galaxy"] == 0)
            & (catalog["probe_output"] == 1)
            & (catalog["probe"] == row.probe)
            & (catalog["probe_angle"] == row.probe_angle)
            & ((catalog["probe_snr"] == row.probe_snr) | np.isnan(row.probe_snr))
        ]
        name = "as it is" if row.probe == "rotation" and row.probe_angle == 0 else name
        columns[name] = image[[row.Index, after.index[0]]]
    return probe_figure(columns, f"{materials.model}: a held-out galaxy turned, and with noise added")
