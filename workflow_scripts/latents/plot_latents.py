"""Draw what a model's latents hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.tables import read_table
from galforge.datasets.latent_file import read_latents
from galforge.datasets.stamp_file import Stamps, read_catalog, read_stamps
from galforge.evaluation.galaxy_parameters import galaxy_parameters
from galforge.evaluation.latents import Posteriors, posteriors
from galforge.figures.latents import (
    correlation_map,
    latent_histograms,
    latent_scatter,
    latent_snr_figure,
    probe_figure,
    traversal_figure,
)
from galforge.figures.style import model_style, save_figure, words_figure

FIGURES = ("latent_snr", "latent_histograms", "traversals", "correlations", "latent_scatter", "probe")
SCATTERED = ("concentration", "ellipticity_asymmetry", "rhalf_ellip")  # as Laisney, Lalou & Marmet


@strict
@dataclass(frozen=True)
class Settings:
    """Place of the model among those of the run, from 0: its colour."""

    position: int


def draw_scatter(
    known: Posteriors, table: pd.DataFrame, catalog: pd.DataFrame, morphology: pd.DataFrame, model: str
) -> Figure:
    """Return the galaxies in the plane of the two strongest latents."""
    if len(table) < 2:
        return words_figure("No plane of latents", f"{model} has one latent")
    parameters = galaxy_parameters(catalog, morphology, SCATTERED)[known.rows]
    values = {name: parameters[f"measured_{name}"].to_numpy() for name in SCATTERED}
    first, second = table["latent"][:2]
    return latent_scatter(known.mean, (first, second), values, f"{model}: the two strongest latents")


def draw_traversals(probe: Stamps, table: pd.DataFrame, model: str) -> Figure:
    """Return the traversals, with each latent's signal-to-noise ratio beside it."""
    stamps = probe.take((probe.catalog["probe"] == "traversal").to_numpy())
    steps = list(dict.fromkeys(stamps.catalog["probe_step"]))
    images = stamps.image.reshape(-1, len(steps), *stamps.image.shape[1:])
    snr = table.set_index("latent")["snr"]
    latents = [int(latent) for latent in dict.fromkeys(stamps.catalog["probe_latent"])]
    names = [f"z{latent}\nSNR {snr[latent]:.3g}" for latent in latents]
    return traversal_figure(images, names, steps, f"{model}: single latents around the average galaxy")


def draw_probe(probe: Stamps, model: str) -> Figure:
    """Return the turns and the noise of the brightest galaxy that was tried."""
    catalog = probe.catalog
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
        columns[name] = probe.image[[row.Index, after.index[0]]]
    return probe_figure(columns, f"{model}: a held-out galaxy turned, and with noise added")


def main() -> None:
    """Read what the analysis made of one model, write the figures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--dataset", required=True, type=Path, help="stamp file of the real galaxies")
    parser.add_argument("--latents", required=True, type=Path, help="of the dataset under the model")
    parser.add_argument("--probe", required=True, type=Path, help="stamps of probe_latents")
    parser.add_argument("--morphology", required=True, type=Path, help="of real stamps, CSV")
    parser.add_argument("--summary", required=True, type=Path, help="a row a latent, CSV")
    parser.add_argument("--correlations", required=True, type=Path, help="latents and parameters, CSV")
    parser.add_argument("--folder", required=True, type=Path, help=f"for {', '.join(FIGURES)}, PNG and PDF")
    arguments = parser.parse_args()
    style = model_style(parse_settings(Settings, arguments.settings).position)

    latents = read_latents(arguments.latents)
    model = str(latents.attributes["model"])
    known = posteriors(latents)
    drawings: Mapping[str, Callable[[], Figure]]
    if known.reason:
        drawings = {name: lambda: words_figure("No latents", known.reason) for name in FIGURES}
    else:
        table, probe = read_table(arguments.summary), read_stamps(arguments.probe)
        drawings = {
            "latent_snr": lambda: latent_snr_figure(
                table, style, f"{model}: signal-to-noise ratio of the latents"
            ),
            "latent_histograms": lambda: latent_histograms(
                known.mean, table, style, f"{model}: latent means of {len(known.mean):,} stamps, and N(0, 1)"
            ),
            "traversals": lambda: draw_traversals(probe, table, model),
            "correlations": lambda: correlation_map(
                read_table(arguments.correlations), table, f"{model}: what the latents follow"
            ),
            "latent_scatter": lambda: draw_scatter(
                known, table, read_catalog(arguments.dataset), read_table(arguments.morphology), model
            ),
            "probe": lambda: draw_probe(probe, model),
        }
    for name in FIGURES:
        save_figure(drawings[name](), arguments.folder / f"{name}.png")


if __name__ == "__main__":
    run_entry(main)
