"""Draw the latents of all models of a dataset that encode, side by side."""

from pathlib import Path

from galforge.core.command_line import argument_parser, parse_settings, run_entry
from galforge.core.tables import read_table
from galforge.figures.compared import ComparedModels
from galforge.figures.latent_comparison import snr_curves
from galforge.figures.style import model_style, save_figure, words_figure


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--summaries", required=True, type=Path, nargs="+", help="latents.csv, a model each")
    parser.add_argument("--output", required=True, type=Path, help="figure, PNG and PDF")
    arguments = parser.parse_args()
    settings = parse_settings(ComparedModels, arguments.settings)

    names = [name for name, _ in settings.models]
    tables = {
        name: table
        for name, path in zip(names, arguments.summaries, strict=True)
        if len(table := read_table(path))
    }
    styles = {name: model_style(position) for name, position in settings.models}
    title = f"Latents of the models on {settings.dataset}"
    save_figure(
        snr_curves(tables, styles, title) if tables else words_figure(title, "no model here has latents"),
        arguments.output,
    )


if __name__ == "__main__":
    run_entry(main)
