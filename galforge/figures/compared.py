"""What the entries that draw the models of a dataset together share."""

from dataclasses import dataclass

from galforge.core.command_line import strict


@strict
@dataclass(frozen=True)
class ComparedModels:
    """The dataset; each of its models with its place among those of the run, from 0."""

    dataset: str
    models: list[tuple[str, int]]
