"""Draw the strip of stamps that stands for a model or a control in the leaderboard."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.datasets.stamp_file import read_stamps
from galforge.figures.stamp_grid import stamp_strip
from galforge.figures.style import save_picture


@strict
@dataclass(frozen=True)
class Settings:
    """None: the first stamps of the sample."""


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--sample", required=True, type=Path, help="stamp file of the samples")
    parser.add_argument("--output", required=True, type=Path, help="strip, PNG")
    arguments = parser.parse_args()
    parse_settings(Settings, arguments.settings)
    save_picture(stamp_strip(read_stamps(arguments.sample).image), arguments.output)


if __name__ == "__main__":
    run_entry(main)
