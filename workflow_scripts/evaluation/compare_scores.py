"""Draw the scores of all models and controls of a dataset beside the floor, with their errors."""

from pathlib import Path

from galforge.core.command_line import argument_parser, parse_settings, run_entry
from galforge.core.tables import read_table
from galforge.figures.compared import ComparedModels
from galforge.figures.score_comparison import score_comparison
from galforge.figures.style import model_style, save_figure


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--scores", required=True, type=Path, help="table of all scores, CSV")
    parser.add_argument("--output", required=True, type=Path, help="figure, PNG and PDF")
    arguments = parser.parse_args()
    settings = parse_settings(ComparedModels, arguments.settings)

    styles = {name: model_style(position) for name, position in settings.models}
    title = f"Scores on {settings.dataset}: the survey itself (band), models and controls"
    save_figure(score_comparison(read_table(arguments.scores), styles, title), arguments.output)


if __name__ == "__main__":
    run_entry(main)
