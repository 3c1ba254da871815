"""Draw new stamps from a trained model."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.seeds import derive_seed
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.models.placement import Placement
from galforge.models.trained import ModelFiles, draw_images, load_trained


@dataclass(frozen=True)
class Files(ModelFiles):
    """The model, and the stamp file that is drawn."""

    stamps: Path


class Settings(Placement):
    """How many stamps, from which seed."""

    count: int
    seed: int


def main(files: Files, settings: Settings) -> None:
    """Draw the stamps, none from a training that failed."""
    trained = load_trained(files, settings)
    images = trained.no_images()
    if trained.model is not None:
        seed = derive_seed(settings.seed, "sample", trained.record["model"])
        images = draw_images(trained.model, settings.count, seed)
    write_stamps(files.stamps, [Stamps.plain(images)], trained.attributes)


if __name__ == "__main__":
    run_entry(main)
