"""What the entries that draw the models of a dataset together share."""

from galforge.core.settings import Section


class ComparedModels(Section):
    """The dataset; each of its models with its place among those of the run, from 0."""

    dataset: str
    models: list[tuple[str, int]]
