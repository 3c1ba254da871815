"""Measure the quality of one shard's stamps: SNR, Width and NonUniformity, Eq. 2 of Danilov (2020)."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.tables import write_table
from galforge.datasets.stamp_file import read_stamps
from galforge.imaging.quality_table import quality_table


@dataclass(frozen=True)
class Files:
    """The stamp file of a shard, and the table of its catalogue with quality."""

    stamps: Path
    quality: Path


def main(files: Files) -> None:
    """Write the table."""
    stamps = read_stamps(files.stamps)
    write_table(files.quality, quality_table(stamps.flux(), stamps.catalog))


if __name__ == "__main__":
    run_entry(main)
