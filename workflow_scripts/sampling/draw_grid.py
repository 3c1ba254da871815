"""Draw a grid of galaxies by size and axis ratio: latents from a small flow, decoded by the model."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from galforge.core.command_line import run_entry
from galforge.core.isolation import isolated
from galforge.datasets.latent_file import read_latents
from galforge.datasets.same_galaxies import check_same_galaxies
from galforge.datasets.stamp_file import Stamps, read_catalog, write_stamps
from galforge.evaluation.galaxy_grid import Axes, axes_of
from galforge.evaluation.latent_drawing import DrawnGrid, Known, draw_grid
from galforge.evaluation.latents import posteriors
from galforge.models.placement import Placement
from galforge.models.trained import BATCH, ModelFiles, load_trained


@dataclass(frozen=True)
class Files(ModelFiles):
    """The dataset and its latents under the model, and the stamp file of the grid."""

    dataset: Path
    latents: Path
    stamps: Path


class Settings(Placement):
    """Which draws."""

    seed: int


def main(files: Files, settings: Settings) -> None:
    """Draw the grid; of a model without latents that can be analysed, none and the reason."""
    trained = load_trained(files, settings, encodes=True)
    latents = read_latents(files.latents)
    known = posteriors(latents)
    attributes: Mapping[str, Any] = {**trained.attributes, "reason": trained.reason or known.reason}
    stamps = Stamps.plain(trained.no_images())
    if trained.model is not None and not known.reason:
        catalog = read_catalog(files.dataset)
        encoded = pd.DataFrame({"identifier": latents.identifier})
        check_same_galaxies(files.latents, encoded, catalog, files.dataset)
        galaxies = Known(
            known.mean, known.deviation, catalog[known.rows].reset_index(drop=True), latents.split[known.rows]
        )
        axes = axes_of(galaxies.catalog[galaxies.split == "train"])
        drawn = isolated(
            "grid",
            lambda: draw_grid(galaxies, axes, settings.seed),
            lambda fault: DrawnGrid(known.mean[:0], pd.DataFrame(), {}, f"it could not be drawn ({fault})"),
        )
        if not drawn.reason:
            vectors = torch.from_numpy(drawn.latents.astype(np.float32)).to(trained.device)
            with torch.no_grad():
                parts = [trained.model.decode(part).float().cpu() for part in torch.split(vectors, BATCH)]
            stamps = replace(Stamps.plain(torch.cat(parts).numpy()), catalog=drawn.asked)
        attributes = {
            **attributes, **_described(axes, drawn), "in_flux": int(trained.model.in_flux)
        }  # fmt: skip
    write_stamps(files.stamps, [stamps], attributes)


def _described(axes: Axes, drawn: DrawnGrid) -> dict[str, str]:
    return {
        "reason": drawn.reason,
        "size": axes.size,
        "shape": axes.shape,
        "flow": json.dumps(drawn.facts),
    }


if __name__ == "__main__":
    run_entry(main)
