"""Draw new stamps from a trained model."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.seeds import derive_seed
from galforge.datasets.conditions import asked_columns, conditions_of, drawn_rows
from galforge.datasets.drawing import draw_galaxies
from galforge.datasets.observing_conditions import read_psfs
from galforge.datasets.stamp_file import Stamps, read_catalog, write_stamps
from galforge.datasets.stamp_rows import split_rows
from galforge.models.placement import Placement
from galforge.models.trained import ModelFiles, load_trained


@dataclass(frozen=True)
class Files(ModelFiles):
    """The model, the stamp file that is drawn, and the dataset, for a model with conditions or in flux."""

    stamps: Path
    dataset: Path | None = None


class Settings(Placement):
    """How many stamps, from which seed."""

    count: int
    seed: int


def main(files: Files, settings: Settings) -> None:
    """Draw the stamps, none from a training that failed."""
    trained = load_trained(files, settings)
    sample = Stamps.plain(trained.no_images())
    if trained.model is not None:
        seed = derive_seed(settings.seed, "sample", trained.record["model"])
        asked = psfs = None
        if files.dataset is not None:
            candidates = split_rows(files.dataset, "train")
            rows = drawn_rows(candidates, settings.count, derive_seed(seed, "conditions"))
            conditions = conditions_of(trained.record.get("conditions", ()))
            asked = asked_columns(conditions, read_catalog(files.dataset).iloc[rows])
            psfs = read_psfs(files.dataset, rows) if trained.model.in_flux else None
        sample = draw_galaxies(trained.model, settings.count, seed, asked, psfs)
    write_stamps(files.stamps, [sample], {**sample.attributes, **trained.attributes})


if __name__ == "__main__":
    run_entry(main)
