"""What is measured of the trainings of an experiment. Imports nothing heavy: the Snakefile reads this."""

from typing import Final, Literal

from galforge.core.settings import Section

RECONSTRUCTION_RMS: Final = "reconstruction_rms"  # measured where reconstructions are pictured

Epoch = Literal["last", "lowest", "highest"]


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
    """What is compared, and what is measured of it: column of a history to the epoch that counts."""

    experiment: str
    measures: dict[str, Epoch]
    variants: list[VariantContent]
    trainings: list[TrainingContent]
