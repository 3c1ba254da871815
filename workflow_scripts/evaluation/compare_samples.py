"""Draw samples of all models of a dataset under each other, below stamps of the survey."""

from pathlib import Path

from galforge.core.command_line import argument_parser, parse_settings, run_entry
from galforge.core.files import read_json
from galforge.datasets.stamp_file import read_stamps
from galforge.figures.compared import ComparedModels
from galforge.figures.side_by_side import Row, sample_rows
from galforge.figures.style import model_style, save_figure


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--dataset", required=True, type=Path, help="stamp file of the real galaxies")
    parser.add_argument("--samples", required=True, type=Path, nargs="+", help="stamp files, a model each")
    parser.add_argument("--metrics", required=True, type=Path, nargs="+", help="metrics.json, a model each")
    parser.add_argument("--output", required=True, type=Path, help="figure, PNG and PDF")
    arguments = parser.parse_args()
    settings = parse_settings(ComparedModels, arguments.settings)

    rows = [Row("held-out stamps of the survey", read_stamps(arguments.dataset, "test").image)]
    for (name, position), path, metrics in zip(
        settings.models, arguments.samples, arguments.metrics, strict=True
    ):
        fault = read_json(metrics)["reason"]
        rows.append(Row(name, read_stamps(path).image, model_style(position), fault))
    save_figure(sample_rows(rows, f"Samples of the models on {settings.dataset}"), arguments.output)


if __name__ == "__main__":
    run_entry(main)
