"""Draw the strip of stamps that stands for a model or a control in the leaderboard."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.datasets.stamp_file import read_stamps
from galforge.figures.stamp_grid import stamp_strip
from galforge.figures.style import save_drawn


@dataclass(frozen=True)
class Files:
    """Stamp file of the samples, and the strip, PNG."""

    sample: Path
    thumbnail: Path


def main(files: Files) -> None:
    """Draw the first stamps of the sample."""
    save_drawn(lambda: stamp_strip(read_stamps(files.sample).image), files.thumbnail, vectors=False)


if __name__ == "__main__":
    run_entry(main)
