"""How many stamps tell two models apart by the mean distance, from the results of a run.

    python -m benchmarks.stamps_needed results simulated_cosmos --figure docs/stamps_needed.png

The error of a mean distance is measured on parts of what the run judged, and extrapolated: it falls with the
square root of the number of stamps. Two models are told apart where their distances differ by two errors of
the difference.
"""

import argparse
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter

from benchmarks.inputs import configuration
from galforge.configuration.layout import LEADERBOARD, MATCHED_MORPHOLOGY, REAL_MORPHOLOGY
from galforge.core.seeds import derive_seed
from galforge.core.tables import read_table
from galforge.evaluation.morphology_scores import morphology_scores, scored_parameters
from galforge.evaluation.reference_split import split_reference
from galforge.evaluation.resampling import Resamples
from galforge.figures.style import BLUE, GREY, INK, VERMILLION, new_figure, save_picture, styled

PARTS = 12  # random parts of the stamps, over which an error is averaged
DRAWS = 100


def errors(
    reference: pd.DataFrame, sample: pd.DataFrame, parameters: list[str], counts: list[int]
) -> dict[int, float]:
    """Return the mean error of a sample's mean distance, for each number of stamps."""
    found: dict[int, float] = {}
    for count in counts:
        generator = np.random.default_rng(derive_seed(count, "parts"))
        each = []
        for seed in range(PARTS if count < len(sample) else 1):
            rows = [generator.permutation(len(side))[:count] for side in (reference, sample)]
            parts = reference.iloc[rows[0]], sample.iloc[rows[1]]
            resamples = Resamples.draw(count, count, DRAWS, seed)
            score = morphology_scores(parts[0], parts[1], parameters, resamples)
            each.append(score["mean_distance"].error)
        found[count] = float(np.mean([error for error in each if error is not None]))
    return found


def stamps_needed(board: pd.DataFrame) -> pd.DataFrame:
    """Return every pair of models, and how many stamps tell its mean distances apart, fewest first."""
    rows = []
    for first, second in itertools.combinations(board.itertuples(), 2):
        gap = abs(second.mean_distance - first.mean_distance)
        error = np.hypot(first.mean_distance_error, second.mean_distance_error)
        needed = first.stamps * (2 * error / gap) ** 2 if gap > 0 else np.inf
        rows.append({"first": first.model, "second": second.model, "gap": gap, "error": error, "n": needed})
    return pd.DataFrame(rows).sort_values("n", ignore_index=True)


@styled()
def draw_figure(measured: pd.DataFrame, pairs: pd.DataFrame, judged: int) -> Figure:
    """Return the error against the number of stamps, and how many pairs each number tells apart."""
    figure = new_figure(9.0, 3.6)
    left, right = figure.subplots(1, 2)
    for _, of_model in measured.groupby("model"):
        left.plot(of_model["n"], of_model["error"], "o", color=BLUE, markersize=3)
    middle = measured.groupby("n")["error"].median()
    n = np.geomspace(middle.index.min(), 3000, 50)
    left.plot(n, middle.iloc[-1] * np.sqrt(middle.index[-1] / n), color=INK, label="1 / sqrt(n)")
    left.set(xscale="log", yscale="log", xlabel="stamps n", ylabel="error of a mean distance [σ]")
    left.set_title("Each model, and the extrapolation")
    left.legend()
    needed = np.sort(pairs["n"])
    right.step(needed, np.arange(1, len(needed) + 1) / len(needed), where="post", color=VERMILLION)
    right.axvline(judged, color=GREY, linestyle=":", label=f"judged: {judged}")
    right.set(xscale="log", ylim=(0, 1.02), xlabel="stamps n", ylabel="pairs of models told apart")
    right.set_title(f"{len(pairs)} pairs of models")
    right.legend()
    for axes in (left, right):
        axes.xaxis.set_major_formatter(FormatStrFormatter("%g"))
    return figure


def main() -> None:
    """Print two tables, and draw the figure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path)
    parser.add_argument("dataset")
    parser.add_argument("--figure", type=Path)
    options = parser.parse_args()
    at = {"results": options.results, "dataset": options.dataset}
    board = read_table(LEADERBOARD.at(**at))
    board = board[(board["kind"] == "model") & board["mean_distance"].notna()]
    count = int(board["stamps"].min())
    reference, floor = split_reference(read_table(REAL_MORPHOLOGY.at(**at)), count)
    faults = scored_parameters(reference, floor, configuration()["evaluation"]["parameters"])
    parameters = [name for name, fault in faults.items() if not fault]
    rows = []
    for model in board["model"]:
        sample = read_table(MATCHED_MORPHOLOGY.at(**at, model=model)).iloc[:count]
        of_model = errors(reference, sample, parameters, [count // 4, count // 2, count])
        rows += [{"model": model, "n": n, "error": error} for n, error in of_model.items()]
    measured, pairs = pd.DataFrame(rows), stamps_needed(board)
    print(
        measured.pivot_table(index="model", columns="n", values="error").to_markdown(floatfmt=".3f"),
        end="\n\n",
    )
    print(pairs.to_markdown(index=False, floatfmt=("", "", ".3f", ".3f", ",.0f")))
    if options.figure:
        save_picture(draw_figure(measured, pairs, count), options.figure)


if __name__ == "__main__":
    main()
