"""Compare models whose divergence is bounded: latents and reconstructions against the bound."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from galforge.core.command_line import run_entry
from galforge.core.isolation import isolated
from galforge.core.settings import Section
from galforge.core.tables import read_table, write_table
from galforge.datasets.same_galaxies import check_same_galaxies
from galforge.datasets.stamp_file import read_stamps
from galforge.evaluation.bounds import BoundedModel, bound_table
from galforge.figures.latent_comparison import bound_figure, bound_reconstructions
from galforge.figures.shown import ShownModel
from galforge.figures.style import model_style, save_figures, words_figure


@dataclass(frozen=True)
class Files:
    """The dataset, each model's summary of latents and its reconstructions; a table and the figures."""

    dataset: Path
    summaries: tuple[Path, ...]
    reconstructions: tuple[Path, ...]
    table: Path
    figures: tuple[Path, ...]


class Bounded(ShownModel):
    """A model, and its bound in nats."""

    bound: float


class Settings(Section):
    """The bounded models, the least bound first."""

    models: list[Bounded]


def main(files: Files, settings: Settings) -> None:
    """Write the table and draw the figures; a training that failed has empty cells."""
    test = read_stamps(files.dataset, split="test")
    original = test.image

    def reconstructed(path: Path) -> NDArray[np.float32]:
        stamps = read_stamps(path)
        if len(stamps):
            check_same_galaxies(path, stamps.catalog, test.catalog, files.dataset)
        return stamps.image

    models = [
        BoundedModel(entry.name, entry.bound, read_table(summary), reconstructed(stamps))
        for entry, summary, stamps in zip(
            settings.models, files.summaries, files.reconstructions, strict=True
        )
    ]
    table, none = isolated(
        "bounds",
        lambda: (bound_table(models, original), "no model with a bound has any"),
        lambda reason: (bound_table([], original), f"they could not be compared ({reason})"),
    )
    write_table(files.table, table)

    styles = {entry.title: model_style(entry.position) for entry in settings.models}
    titles = {entry.name: entry.title for entry in settings.models}
    drawn = table.dropna(subset="snr_median").replace({"model": titles})
    columns = {f"λ = {model.bound:g}": model.reconstruction for model in models if len(model.reconstruction)}
    of_snr = "Latent SNR against the bound on the divergence"
    of_stamps = "Reconstructions against the bound on the divergence"
    save_figures(
        {
            "bound_snr": lambda: (
                bound_figure(drawn, styles, of_snr) if len(drawn) else words_figure(of_snr, none)
            ),
            "bound_reconstructions": lambda: (
                bound_reconstructions(original, columns, of_stamps)
                if columns
                else words_figure(of_stamps, none)
            ),
        },
        files.figures,
    )


if __name__ == "__main__":
    run_entry(main)
