"""Draw the latents of all models of a dataset that encode, side by side."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.tables import read_table
from galforge.figures.latent_comparison import snr_curves
from galforge.figures.shown import ComparedModels
from galforge.figures.style import model_style, save_drawn, words_figure


@dataclass(frozen=True)
class Files:
    """The summary of each model's latents, and the figure."""

    summaries: tuple[Path, ...]
    figures: tuple[Path]


def main(files: Files, settings: ComparedModels) -> None:
    """Draw the models that have latents."""
    tables = {
        model.title: table
        for model, path in zip(settings.models, files.summaries, strict=True)
        if len(table := read_table(path))
    }
    styles = {model.title: model_style(model.position) for model in settings.models}
    title = f"Latents of the models on {settings.dataset}"
    save_drawn(
        lambda: (
            snr_curves(tables, styles, title) if tables else words_figure(title, "no model here has latents")
        ),
        files.figures[0],
    )


if __name__ == "__main__":
    run_entry(main)
