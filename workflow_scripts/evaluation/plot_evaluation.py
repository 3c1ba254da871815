"""Draw what a model or control was judged by: morphology planes, light, and the nearest training stamps."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.files import read_json
from galforge.core.tables import read_table
from galforge.datasets.stamp_file import Stamps, read_stamps
from galforge.evaluation.comparable import comparable, grey
from galforge.figures.light import light_figure
from galforge.figures.morphology_planes import morphology_planes
from galforge.figures.neighbours import neighbour_pairs
from galforge.figures.style import GENERATED, model_style, save_figure, words_figure


@strict
@dataclass(frozen=True)
class Settings:
    """Place of the model among those of the run, from 0: its colour; None of a control."""

    position: int | None


def draw_neighbours(sample: Stamps, features: pd.DataFrame, train: Stamps, title: str) -> Figure:
    """Return the pairs of samples and training stamps that look most like copies."""
    known = features[np.isfinite(features["neighbour_distance"])]
    distance, second = (
        known[f"neighbour_{name}"].to_numpy(dtype=np.float64) for name in ("distance", "second")
    )
    ratio = np.divide(distance, second, out=np.zeros(len(known)), where=second > 0)
    rows = known["row"].to_numpy(dtype=np.intp)
    nearest = known["neighbour_row"].to_numpy(dtype=np.intp)
    return neighbour_pairs(comparable(sample.image[rows]), train.image[nearest], ratio, title)


def main() -> None:
    """Read what was measured, write the figures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--dataset", required=True, type=Path, help="stamp file of the real galaxies")
    parser.add_argument("--stamps", required=True, type=Path, nargs=2, metavar=("RAW", "MATCHED"))
    parser.add_argument("--real", required=True, type=Path, help="morphology of real stamps, CSV")
    parser.add_argument("--generated", required=True, type=Path, help="of the noise-matched stamps, CSV")
    parser.add_argument("--features", required=True, type=Path, help="of the noise-matched stamps, CSV")
    parser.add_argument("--metrics", required=True, type=Path, help="evaluation of the model, JSON")
    parser.add_argument("--planes-figure", required=True, type=Path, help="PNG")
    parser.add_argument("--light-figure", required=True, type=Path, help="PNG")
    parser.add_argument("--neighbours-figure", required=True, type=Path, help="PNG")
    arguments = parser.parse_args()
    position = parse_settings(Settings, arguments.settings).position
    colour = GENERATED if position is None else model_style(position).colour

    metrics = read_json(arguments.metrics)
    name = metrics["model"]
    if metrics["status"] == "failed":
        planes, light, neighbours = (
            words_figure(f"No {what}", metrics["reason"]) for what in ("morphology", "light", "neighbours")
        )
    else:
        raw, matched = (read_stamps(path) for path in arguments.stamps)
        table = read_table(arguments.real)
        stamps = read_stamps(arguments.dataset)
        planes = morphology_planes(
            table, read_table(arguments.generated), f"{name}: morphology with the survey's noise", colour
        )
        light = light_figure(
            grey(stamps.image[table["row"].to_numpy()]),
            grey(raw.image),
            grey(matched.image),
            f"{name}: distribution of light",
            colour,
        )
        neighbours = draw_neighbours(
            matched,
            read_table(arguments.features),
            stamps.take(stamps.split == "train"),
            f"{name}: nearest training stamps; below 0.33 of the second nearest is a copy",
        )
    save_figure(planes, arguments.planes_figure)
    save_figure(light, arguments.light_figure)
    save_figure(neighbours, arguments.neighbours_figure)


if __name__ == "__main__":
    run_entry(main)
