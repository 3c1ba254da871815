"""Measure the quality metrics of one shard's stamps; of colour stamps, on the mean over their channels."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.tables import write_table
from galforge.datasets.stamp_file import read_stamps
from galforge.imaging.catalog_noise import noise_amplification
from galforge.imaging.quality import measure_metrics, stamp_statuses


@strict
@dataclass(frozen=True)
class Settings:
    """Nothing to set: Eq. 2 has no free number."""


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--stamps", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    parse_settings(Settings, arguments.settings)

    stamps = read_stamps(arguments.stamps)
    flux = stamps.flux()
    given = stamps.catalog["render_status"]
    # Whoever made the stamps: what cannot be normalized is no stamp, and counts as not drawn.
    table = stamps.catalog.assign(render_status=np.where(given == "ok", stamp_statuses(flux), given))
    drawn = (table["render_status"] == "ok").to_numpy()
    measured = measure_metrics(flux.mean(axis=1))
    # A picture has no angular scale and no noise that a catalogue promises.
    if "pixel_scale" in table:
        measured["width_arcsec"] = measured["width"] * table["pixel_scale"].to_numpy()
        measured["catalog_noise"] = np.sqrt(table["noise_variance"].to_numpy()) * noise_amplification(
            (table["pixel_scale"] / table["survey_pixel_scale"]).to_numpy()
        )
    for name, values in measured.items():
        missing = "not drawn" if values.dtype.kind == "U" else np.nan
        table = table.assign(**{name: np.where(drawn, values, missing)})
    write_table(arguments.output, table)


if __name__ == "__main__":
    run_entry(main)
