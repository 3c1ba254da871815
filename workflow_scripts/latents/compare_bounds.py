"""Compare models whose divergence is bounded: latents and reconstructions against the bound."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.tables import read_table, write_table
from galforge.datasets.stamp_file import read_stamps
from galforge.evaluation.latents import count_bands
from galforge.evaluation.reconstruction import reconstruction_errors
from galforge.figures.latent_comparison import bound_figure, bound_reconstructions
from galforge.figures.style import model_style, save_figure, words_figure


@strict
@dataclass(frozen=True)
class Bounded:
    """A model, its place among those of the run, from 0, and its bound in nats."""

    model: str
    position: int
    bound: float


@strict
@dataclass(frozen=True)
class Settings:
    """The bounded models, the least bound first."""

    models: list[Bounded]


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--dataset", required=True, type=Path)
    parser.add_argument("--summaries", required=True, type=Path, nargs="+", help="latents.csv, a model each")
    parser.add_argument("--reconstructions", required=True, type=Path, nargs="+", help="a model each")
    parser.add_argument("--table", required=True, type=Path, help="to make, a row a model")
    parser.add_argument("--snr-figure", required=True, type=Path, help="PNG and PDF")
    parser.add_argument("--reconstructions-figure", required=True, type=Path, help="PNG and PDF")
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    original = read_stamps(arguments.dataset, split="test").image
    rows: list[dict[str, Any]] = []
    columns = {}
    files = zip(settings.models, arguments.summaries, arguments.reconstructions, strict=True)
    for entry, summary_path, reconstruction_path in files:
        summary, reconstruction = read_table(summary_path), read_stamps(reconstruction_path).image
        row: dict[str, Any] = {"model": entry.model, "bound": entry.bound}
        if len(summary):
            snr = summary["snr"]
            row |= {"snr_min": snr.min(), "snr_median": snr.median(), "snr_max": snr.max()}
            row |= count_bands(summary)
        if len(reconstruction):
            errors = reconstruction_errors(original, reconstruction).mean()
            row |= {f"reconstruction_{name}": errors[name] for name in ("mse", "bce")}
            columns[f"λ = {entry.bound:g}"] = reconstruction
        rows.append(row)
    table = pd.DataFrame(rows).reindex(
        columns=[
            "model", "bound", "snr_min", "snr_median", "snr_max", "over-regularized", "plausible",
            "under-regularized", "reconstruction_mse", "reconstruction_bce",
        ]
    )  # fmt: skip
    write_table(arguments.table, table)

    styles = {entry.model: model_style(entry.position) for entry in settings.models}
    drawn = table.dropna(subset="snr_median")
    none = "every training of a bounded model failed"
    title = "Latent SNR against the bound on the divergence"
    save_figure(
        bound_figure(drawn, styles, title) if len(drawn) else words_figure(title, none), arguments.snr_figure
    )
    title = "Reconstructions against the bound on the divergence"
    save_figure(
        bound_reconstructions(original, columns, title) if columns else words_figure(title, none),
        arguments.reconstructions_figure,
    )


if __name__ == "__main__":
    run_entry(main)
