"""How the models of a run are shown in figures: what their entries share."""

from galforge.core.settings import Section


class Shown(Section):
    """A model as figures have it.

    Attributes
    ----------
    label : str
        What it is called for people.
    position : int or None
        Place among the models of the configuration, from 0: its colour. None of what is no model.
    """

    label: str
    position: int | None

    @property
    def title(self) -> str:
        """The label as matplotlib takes it, which reads what is between dollar signs as a formula."""
        return self.label.replace("$", r"\$")


class ShownModel(Shown):
    """One of several models."""

    name: str
    position: int


class ComparedModels(Section):
    """The dataset, and each of its models."""

    dataset: str
    models: list[ShownModel]

    @property
    def titles(self) -> dict[str, str]:
        """What each model is called in a figure, by its name."""
        return {model.name: model.title for model in self.models}
