"""Draw what a model makes: samples, reconstructions, interpolations, learning curve, morphology."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.errors import InputError
from galforge.core.files import read_json
from galforge.core.tables import read_table
from galforge.datasets.stamp_file import Stamps, read_stamps
from galforge.figures.interpolation import interpolation_rows
from galforge.figures.learning_curve import learning_curve
from galforge.figures.morphology import Distance, morphology_histograms
from galforge.figures.reconstruction import COLUMNS, reconstruction_rows
from galforge.figures.stamp_grid import stamp_grid
from galforge.figures.style import model_style, save_figure, words_figure


@strict
@dataclass(frozen=True)
class Settings:
    """Stamps in a row of the grid of samples, which has as many rows; the model's place in the run."""

    columns: int
    position: int


def reason_of(stamps: Stamps, metrics: dict[str, Any]) -> str:
    """Return why a stamp file is empty: in its own words, else in those of the evaluation."""
    return str(stamps.attributes.get("reason") or metrics["reason"] or "no reason was given")


def draw_samples(sample: Stamps, metrics: dict[str, Any], columns: int) -> Figure:
    """Return the grid of samples."""
    if not len(sample):
        return words_figure("No samples", reason_of(sample, metrics))
    shown = sample.image[: columns**2]
    title = f"{metrics['model']}: {len(shown):,} of {len(sample):,} samples"
    return stamp_grid(shown, title, columns)


def draw_reconstructions(path: Path, dataset: Path, metrics: dict[str, Any]) -> Figure:
    """Return the rows of the first stamps of the split that was reconstructed."""
    reconstruction = read_stamps(path)
    if not len(reconstruction):
        return words_figure("No reconstructions", reason_of(reconstruction, metrics))
    original = read_stamps(dataset, split=str(reconstruction.attributes["split"]))
    if len(reconstruction) > len(original):
        raise InputError(f"{path}: {len(reconstruction)} stamps, but the split has {len(original)}")
    count = min(COLUMNS, len(reconstruction))
    title = f"{metrics['model']}: reconstructions of the {reconstruction.attributes['split']} split"
    return reconstruction_rows(original.image[:count], reconstruction.image[:count], title)


def draw_interpolation(path: Path, dataset: Path, metrics: dict[str, Any]) -> Figure:
    """Return the ways between pairs of the first stamps of the split that was encoded."""
    interpolation = read_stamps(path)
    if not len(interpolation):
        return words_figure("No interpolation", reason_of(interpolation, metrics))
    steps = int(interpolation.attributes["steps"])
    split = str(interpolation.attributes["split"])
    original = read_stamps(dataset, split=split).image[: 2 * len(interpolation) // steps]
    title = f"{metrics['model']}: between pairs of the {split} split"
    return interpolation_rows(original, interpolation.image, steps, title)


def draw_curve(path: Path, metrics: dict[str, Any], colour: str) -> Figure:
    """Return the learning curve; of a training that failed, as far as it went."""
    history = read_table(path)
    if history.empty:
        return words_figure("No learning curve", metrics["reason"] or "the history has no epochs")
    failed = f", failed: {metrics['reason']}" if metrics["status"] == "failed" else ""
    return learning_curve(history, f"{metrics['model']}: learning curve{failed}", colour)


def draw_morphology(real: Path, generated: Path, metrics: dict[str, Any], colour: str) -> Figure:
    """Return the histograms of the scored parameters."""
    if metrics["status"] == "failed" or not metrics["distance"]:
        return words_figure("No morphology", metrics["reason"] or "no parameter is scored")
    distances = {
        name: Distance(values["model"], values["floor"]) for name, values in metrics["distance"].items()
    }
    title = f"{metrics['model']}: morphology, generated against the survey"
    return morphology_histograms(read_table(real), read_table(generated), distances, title, colour)


def main() -> None:
    """Read what the earlier stages made of one model, write the figures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--dataset", required=True, type=Path, help="stamp file of the real galaxies")
    parser.add_argument("--sample", required=True, type=Path, help="stamp file of the samples")
    parser.add_argument("--reconstruction", required=True, type=Path, help="stamp file of reconstructions")
    parser.add_argument("--interpolation", required=True, type=Path, help="stamp file of interpolations")
    parser.add_argument("--history", required=True, type=Path, help="history of the training, CSV")
    parser.add_argument("--real", required=True, type=Path, help="morphology of real stamps, CSV")
    parser.add_argument("--generated", required=True, type=Path, help="morphology of samples, CSV")
    parser.add_argument("--metrics", required=True, type=Path, help="evaluation of the model, JSON")
    parser.add_argument("--samples-figure", required=True, type=Path, help="grid of samples, PNG")
    parser.add_argument("--reconstructions-figure", required=True, type=Path, help="rows, PNG")
    parser.add_argument("--interpolation-figure", required=True, type=Path, help="rows, PNG")
    parser.add_argument("--curve-figure", required=True, type=Path, help="learning curve, PNG")
    parser.add_argument("--morphology-figure", required=True, type=Path, help="histograms, PNG")
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)
    metrics = read_json(arguments.metrics)

    colour = model_style(settings.position).colour
    save_figure(
        draw_samples(read_stamps(arguments.sample), metrics, settings.columns), arguments.samples_figure
    )
    save_figure(
        draw_reconstructions(arguments.reconstruction, arguments.dataset, metrics),
        arguments.reconstructions_figure,
    )
    save_figure(
        draw_interpolation(arguments.interpolation, arguments.dataset, metrics),
        arguments.interpolation_figure,
    )
    save_figure(draw_curve(arguments.history, metrics, colour), arguments.curve_figure)
    save_figure(
        draw_morphology(arguments.real, arguments.generated, metrics, colour), arguments.morphology_figure
    )


if __name__ == "__main__":
    run_entry(main)
