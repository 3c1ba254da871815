"""Draw what the variants of an experiment come to, and the courses of their trainings."""

from dataclasses import dataclass, field
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.tables import read_table
from galforge.evaluation.experiment_settings import RECONSTRUCTION_RMS, ExperimentContent
from galforge.figures.experiment import curve_figure, variant_figure
from galforge.figures.style import save_figures

WITHOUT_COLUMNS = "validation_loss"  # whose course is drawn where scores alone are measured


@dataclass(frozen=True)
class Files:
    """The tables of the trainings and of the variants, the history of each training; the figures."""

    trainings: Path
    variants: Path
    history: tuple[Path, ...]
    figures: tuple[Path, ...]


class Settings(ExperimentContent):
    """The experiment, and the paper's numbers for one of its measures."""

    numbers: dict[str, float] = field(default_factory=dict)
    measure: str | None = None


def main(files: Files, settings: Settings) -> None:
    """Draw both figures."""
    trainings, variants = (read_table(path, text=("variant",)) for path in (files.trainings, files.variants))
    measures = [name for name in (*settings.measures, RECONSTRUCTION_RMS) if name in variants]
    histories = [
        (training.variant, read_table(path))
        for training, path in zip(settings.trainings, files.history, strict=True)
    ]
    save_figures(
        {
            "variants": lambda: variant_figure(
                trainings,
                variants,
                measures,
                f"Variants of {settings.experiment}",
                settings.numbers,
                settings.measure,
            ),
            "variant_curves": lambda: curve_figure(
                histories,
                [each.label for each in settings.variants],
                list(settings.followed()) or [WITHOUT_COLUMNS],
                f"Trainings of {settings.experiment}",
            ),
        },
        files.figures,
    )


if __name__ == "__main__":
    run_entry(main)
