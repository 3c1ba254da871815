"""Take over stamps that no model here made, to be judged beside the models."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.settings import Section
from galforge.datasets.own_stamps import own_stamps
from galforge.datasets.stamp_file import Stamps, image_shape, read_attributes, write_stamps


@dataclass(frozen=True)
class Files:
    """The user's file, the dataset beside whose models it is judged, and the sample that is made."""

    own: Path
    dataset: Path
    stamps: Path


class Settings(Section):
    """What the stamps are called."""

    name: str


def main(files: Files, settings: Settings) -> None:
    """Write the stamps as a model's sample."""
    images = own_stamps(files.own, image_shape(files.dataset))
    dataset = str(read_attributes(files.dataset)["dataset"])
    attributes = {"dataset": dataset, "model": settings.name, "reason": "", "source": "samples"}
    write_stamps(files.stamps, [Stamps.plain(images)], attributes)


if __name__ == "__main__":
    run_entry(main)
