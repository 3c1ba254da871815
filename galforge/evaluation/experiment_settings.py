"""What is measured of the trainings of an experiment. Imports nothing heavy: the Snakefile reads this."""

from typing import Final, Literal

from galforge.core.settings import Section

RECONSTRUCTION_RMS: Final = "reconstruction_rms"  # measured where reconstructions are pictured
JUDGED: Final = "judged"

Epoch = Literal["last", "lowest", "highest"]
Measured = Literal["last", "lowest", "highest", "judged"]


class VariantContent(Section):
    """A variant of an experiment: as it is called, and its value of each key of the grid."""

    label: str
    point: dict[str, str]


class TrainingContent(Section):
    """One training: number of its variant, and of the repeat from 1."""

    variant: int
    repeat: int
    dataset: str
    model: str


class ExperimentContent(Section):
    """What is compared, and what is measured of it.

    ``measures`` has a column of the histories with the epoch that counts, or a score with "judged".
    """

    experiment: str
    measures: dict[str, Measured]
    variants: list[VariantContent]
    trainings: list[TrainingContent]

    def followed(self) -> dict[str, Epoch]:
        """Return the measures that are columns of the histories, each with the epoch that counts."""
        return {name: how for name, how in self.measures.items() if how != "judged"}

    def judged(self) -> list[str]:
        """Return the measures that are scores of the judge."""
        return [name for name, how in self.measures.items() if how == JUDGED]
