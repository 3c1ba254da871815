"""Draw the learning curves of all models of a dataset in one figure."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.tables import read_table
from galforge.figures.learning_curves import Training, learning_curves
from galforge.figures.shown import ComparedModels, ShownModel
from galforge.figures.style import model_style, save_drawn
from galforge.models import registry
from galforge.models.record import read_record


@dataclass(frozen=True)
class Files:
    """History and record of each model, and the figure."""

    histories: tuple[Path, ...]
    records: tuple[Path, ...]
    figures: tuple[Path]


def read_training(model: ShownModel, history: Path, record: Path) -> Training:
    """Return the course of a training, with what its family says of it."""
    facts = read_record(record)
    settings = registry.settings_class(facts["family"]).model_validate(facts["settings"])
    return Training(
        model.title,
        read_table(history),
        model_style(model.position),
        settings.loss_words(),
        settings.marks(tuple(facts["image_shape"])),
        facts["reason"],
    )


def main(files: Files, settings: ComparedModels) -> None:
    """Draw the figure."""
    parts = list(zip(settings.models, files.histories, files.records, strict=True))
    title = f"Trainings of the models on {settings.dataset}"
    save_drawn(lambda: learning_curves([read_training(*part) for part in parts], title), files.figures[0])


if __name__ == "__main__":
    run_entry(main)
