"""What the report says, as the configuration has it, and what it shows, as earlier stages made it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from galforge.core.settings import Section


class Override(Section):
    """A value in which this run differs from the recipe that the project has of a paper."""

    paper: Any
    run: Any


class ModelContent(Section):
    """What the report says of one model.

    Attributes
    ----------
    name, label, description : str
        The label is what people call it.
    position : int
        Place among the models of the run, from 0: its colour.
    paper : str
        Where the model was published; empty where it was not.
    recipe : dict
        How it was trained.
    overrides : dict of str to Override, or None
        Where this run leaves the project's recipe, whoever changed it; None of a model that the project
        does not have.
    reason : str
        Why it does; empty where nothing is to be said.
    further : list of str
        Figures that not every model has.
    """

    name: str
    label: str
    position: int
    description: str
    paper: str
    recipe: dict[str, Any]
    overrides: dict[str, Override] | None
    reason: str
    further: list[str] = field(default_factory=list)


class DatasetContent(Section):
    """What the report says of one dataset, the models trained on it, and the controls judged beside them.

    ``bounded`` says whether models with a bound on the divergence are among them, ``pictures`` whether the
    stamps were prepared from pictures, not rendered from a survey in the COSMOS layout.
    """

    name: str
    survey: str
    simulated: bool
    description: str
    models: list[ModelContent]
    controls: list[str]
    bounded: bool
    pictures: bool = False


class ReportContent(Section):
    """What belongs to the report; ``configuration`` is what its other parts do not show."""

    title: str
    datasets: list[DatasetContent]
    configuration: dict[str, Any]


@dataclass(frozen=True)
class ModelMaterials:
    """What earlier stages made of one model on one dataset.

    Attributes
    ----------
    scores, record, analysis : dict
        The JSON of its scores, of its training and of its latents.
    physics : dict
        The JSON of how its latents and galaxies are related.
    figures : mapping of str to bytes
        PNG, of films WebP, by the figure's name.
    asked : dict
        The JSON of what it was asked for and what is measured; empty for a model without.
    classes : dict
        The JSON of classes from its latents; empty for a model without.
    explorer : dict
        The JSON of the explorer's sliders; empty for a model without.
    """

    scores: dict[str, Any]
    record: dict[str, Any]
    analysis: dict[str, Any]
    physics: dict[str, Any]
    figures: Mapping[str, bytes]
    asked: dict[str, Any] = field(default_factory=dict)
    classes: dict[str, Any] = field(default_factory=dict)
    explorer: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DatasetMaterials:
    """What earlier stages made of one dataset.

    Attributes
    ----------
    leaderboard, scores, attrition : DataFrame
    attributes : dict
        Attributes of the dataset's file.
    network : dict
        The record of its feature network.
    figures : mapping of str to bytes
        PNG, by the figure's name; those that compare models, too.
    strip : bytes
        Stamps of the survey, PNG.
    strips : mapping of str to bytes
        Samples of each model and control, PNG.
    models : mapping of str to ModelMaterials
    """

    leaderboard: pd.DataFrame
    scores: pd.DataFrame
    attrition: pd.DataFrame
    attributes: dict[str, Any]
    network: dict[str, Any]
    figures: Mapping[str, bytes]
    strip: bytes
    strips: Mapping[str, bytes]
    models: Mapping[str, ModelMaterials]
