"""Draw what a model's latents hold."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from galforge.core.command_line import run_entry
from galforge.core.tables import read_table
from galforge.datasets.latent_file import read_latents
from galforge.datasets.same_galaxies import check_same_galaxies
from galforge.datasets.stamp_file import read_catalog, read_stamps
from galforge.evaluation.latents import posteriors
from galforge.figures.latent_drawings import LatentMaterials, latent_drawings
from galforge.figures.shown import Shown
from galforge.figures.style import model_style, save_figures, words_figure


@dataclass(frozen=True)
class Files:
    """The dataset, its latents under the model, and what was measured on them; the figures."""

    dataset: Path
    latents: Path
    probe: Path
    morphology: Path
    summary: Path
    correlations: Path
    figures: tuple[Path, ...]


class Settings(Shown):
    """How the model is shown."""

    position: int


def main(files: Files, settings: Settings) -> None:
    """Draw the figures; where there are no latents, each says why."""
    latents = read_latents(files.latents)
    known = posteriors(latents)
    drawings: dict[str, Callable[[], Figure]]
    if known.reason:
        drawings = {path.stem: lambda: words_figure("No latents", known.reason) for path in files.figures}
    else:
        catalog = read_catalog(files.dataset)
        check_same_galaxies(
            files.latents, pd.DataFrame({"identifier": latents.identifier}), catalog, files.dataset
        )
        materials = LatentMaterials(
            model=settings.title,
            known=known,
            summary=read_table(files.summary),
            correlations=read_table(files.correlations),
            catalog=catalog,
            morphology=read_table(files.morphology),
            probe=read_stamps(files.probe),
        )
        drawings = latent_drawings(materials, model_style(settings.position))
    save_figures(drawings, files.figures)


if __name__ == "__main__":
    run_entry(main)
