"""The section ``experiments``: comparisons of trainings that differ in a setting or two."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from galforge.configuration.sections.models import PartialRecipe
from galforge.core.settings import EachOnce, Section, refuse, setting
from galforge.evaluation.experiment_settings import JUDGED, RECONSTRUCTION_RMS, Measured
from galforge.training.augmentation_settings import Augmentation


def _with_values(values: Any) -> Any:
    if not isinstance(values, list | dict) or not values:
        refuse("one or more values, as a list or by names")
    return values


class PaperStatement(Section):
    """What a paper reports of the same comparison."""

    source: str = setting("the paper, and where in it")
    text: str = setting("what it says")
    measure: str = setting("which of the measures its numbers are comparable with", default=None)
    numbers: dict[str, float] | None = setting("its numbers, by the variant's name", default=None)


class Experiment(Section):
    """A base run, a grid of what is changed in it, and how often each variant is trained."""

    description: str = setting("what is compared; where the paper is silent, what is ours")
    dataset: str = setting("one of the section datasets")
    model: str = setting("one of the section models, trained in every variant")
    settings: dict[str, Any] = setting("what differs from the model's own settings", default=None)
    recipe: PartialRecipe = setting("what differs from the model's own recipe", default=None)
    conditions: Annotated[list[str], EachOnce] = setting("as in a run", default=None)
    forgotten: float = setting("as in a run", ge=0, lt=1, default=None)
    augmentation: Augmentation | None = setting(
        "in place of the dataset's; null: none; the dataset's by default", default=None
    )
    grid: dict[str, Annotated[Any, AfterValidator(_with_values)]] = setting(
        "dotted key of this section (settings.network_settings.latent_size, recipe.batch_size, augmentation, "
        "model, dataset) to its values: a list, or names with a value each, which may be mappings; every "
        "combination is a variant",
        min_length=1,
    )
    repeats: int = setting(
        "trainings of each variant, which differ in the draws of the training alone", ge=1, le=100
    )
    measures: dict[str, Measured] = setting(
        "column of the trainings' history.csv to which of its epochs counts, or score of the leaderboard's "
        f"judge (mean_distance) to {JUDGED}, and then every training is judged; where reconstructions are "
        f"pictured, their error ({RECONSTRUCTION_RMS}) is measured besides",
        min_length=1,
    )
    pictures: Annotated[list[Literal["samples", "reconstructions"]], EachOnce] = setting(
        "what is shown of the first training of each variant"
    )
    paper: PaperStatement = setting("what the paper says; nothing by default", default=None)
    reason: str = setting("where this differs from the paper, and why", default=None)
