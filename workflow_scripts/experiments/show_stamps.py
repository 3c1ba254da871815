"""Draw stamps of the first training of each variant of an experiment under each other."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.settings import Section
from galforge.datasets.stamp_file import read_stamps
from galforge.figures.side_by_side import Row, sample_rows
from galforge.figures.style import model_style, save_drawn


@dataclass(frozen=True)
class Files:
    """The dataset of the base run; samples or reconstructions of each variant; the figure."""

    dataset: Path
    stamps: tuple[Path, ...]
    figures: tuple[Path]


class Settings(Section):
    """The experiment, and what its variants are called."""

    experiment: str
    variants: list[str]


def main(files: Files, settings: Settings) -> None:
    """Draw one row of stamps per variant, below held-out stamps."""
    rows = [Row("held-out stamps", read_stamps(files.dataset, "test").image)]
    for position, (name, path) in enumerate(zip(settings.variants, files.stamps, strict=True)):
        stamps = read_stamps(path)
        rows.append(Row(name, stamps.image, model_style(position), str(stamps.attributes.get("reason", ""))))
    what = files.figures[0].stem.removeprefix("variant_").capitalize()
    save_drawn(lambda: sample_rows(rows, f"{what} of {settings.experiment}"), files.figures[0])


if __name__ == "__main__":
    run_entry(main)
