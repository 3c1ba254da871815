"""The sections ``models``, a catalogue of models as papers have them, and ``runs``, what is trained."""

from typing import TYPE_CHECKING, Annotated, Any

from galforge.configuration.sections.partial import partial_of
from galforge.core.names import Name
from galforge.core.settings import EachOnce, Section, setting
from galforge.training.augmentation_settings import Augmentation
from galforge.training.recipe import Recipe

# The statement is made at run time; to the type checker its keys are any.
if TYPE_CHECKING:
    PartialRecipe = dict[str, Any]
else:
    PartialRecipe = partial_of(Recipe)


class Model(Section):
    """A model as its paper has it; ``runs`` may override settings and recipe."""

    description: str = setting("what it is, and where the paper is silent or something is ours")
    label: str = setting(
        "what it is called in the figures, tables and headings of the report, such as β-VAE (Danilov 2020); "
        "files keep its name, which is used by default",
        min_length=1,
        max_length=60,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        default=None,
    )
    paper: str = setting("where the model is published; nowhere by default", default="")
    family: str = setting("what kind of model it is: one of galforge.models.registry")
    settings: dict[str, Any] = setting("settings of the model, as its family states them")
    recipe: Recipe = setting("how it is trained")


class Run(Section):
    """Models that are trained on a dataset, and where that differs from the papers."""

    dataset: str = setting("one of the section datasets")
    models: Annotated[list[str], EachOnce] = setting("names of models of the catalogue")
    samples: dict[Name, str] = setting(
        "files of stamps that no model here made, by their names; they are judged beside the models of "
        "the dataset: HDF5 with images in [0, 1]",
        default=None,
    )
    settings: dict[str, Any] = setting("what differs from the models' own settings", default=None)
    recipe: PartialRecipe = setting("what differs from the models' own recipes", default=None)
    conditions: Annotated[list[str], EachOnce] = setting(
        "columns of the dataset's catalogue that the models' galaxies can be asked for with; none by default",
        default=None,
    )
    forgotten: float = setting(
        "probability that a condition of a stamp is withheld in training, so that a galaxy can be asked for "
        "with some of them alone; 0.1 by default, where there are conditions",
        ge=0,
        lt=1,
        default=None,
    )
    augmentation: Augmentation | None = setting(
        "in place of the dataset's; null: none; the dataset's by default", default=None
    )
    repeats: int = setting(
        "trainings of each model, which differ in the draws of the training alone: all are judged, and the "
        "leaderboard has the scatter of their distances beside the first one's; 1 by default",
        ge=1,
        le=100,
        default=None,
    )
    reason: str = setting("why it differs; shown in the report", default=None)
