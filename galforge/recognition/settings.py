"""The settings of networks that recognize: what they are to predict of stamps. No torch here."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from galforge.core.settings import EachOnce, Section, refuse, setting
from galforge.models.placement import Placement
from galforge.training.recipe import Recipe


class Target(Section):
    """What a network is to predict of a stamp."""

    kind: Literal["class", "votes", "number"] = setting(
        "class: the value of one column, whose values are the classes; votes: the shares of several columns; "
        "number: the value of one column, such as a score"
    )
    columns: Annotated[list[str], EachOnce] = setting(
        "columns of the dataset's catalogue; stamps without a value are left out", min_length=1
    )

    @model_validator(mode="after")
    def _fitting(self) -> "Target":
        if (self.kind == "votes") != (len(self.columns) > 1):
            refuse("two or more columns of votes, one column otherwise", key="columns", value=self.columns)
        return self


class ScoreRange(Section):
    """Which numbers stand for a label."""

    label: float = setting("value of the column")
    minimum: float = setting("least number that is drawn for it")
    maximum: float = setting("largest number that is drawn for it")

    @model_validator(mode="after")
    def _ascending(self) -> "ScoreRange":
        if self.minimum > self.maximum:
            refuse(f"at most its maximum, {self.maximum:g}", key="minimum", value=self.minimum)
        return self


class Labelled(Section):
    """Further training stamps that have labels in place of numbers: each is given a number at random."""

    dataset: str = setting("one of the section datasets; its training stamps are used")
    column: str = setting("column of its catalogue with the labels")
    scores: list[ScoreRange] = setting(
        "the numbers of each label; stamps of other labels are left out",
        source="ETH report: very low for negatives, 2.5 to 6 for positives",
        min_length=1,
    )


class RecognizerTraining(Placement):
    """One training of a network that recognizes.

    ``threads`` belongs to the settings, because the order of sums depends on it. The seed of a training is
    that of its repeat: variants with one number start alike as far as their networks are alike.
    """

    recognizer: str
    variant: str
    repeat: Annotated[int, Field(ge=1)]
    target: Target
    network: str
    network_settings: dict[str, Any]
    recipe: Recipe
    seed: int
    labelled: Labelled | None = None
    validate_every: int | None = None
    predict_step: int | None = None

    @property
    def label(self) -> str:
        """Who trains what, for progress lines."""
        return f"train_recognizer {self.recognizer}/{self.variant}/{self.repeat}"
