"""The section ``recognizers``: networks that predict something of stamps."""

from typing import Annotated, Any

from galforge.configuration.sections.common import FilePath
from galforge.configuration.sections.models import PartialRecipe
from galforge.core.names import Name
from galforge.core.settings import EachOnce, Section, setting
from galforge.recognition.settings import Labelled, Target
from galforge.training.recipe import Recipe


class Published(Section):
    """What a paper says of a variant."""

    mean: float = setting("over the trainings: accuracy, or mean absolute error")
    deviation: float = setting("standard deviation over the trainings", ge=0, default=None)


class Variant(Section):
    """In what a variant differs from its recognizer."""

    network_settings: dict[str, Any] = setting("what differs from the network's settings", default=None)
    recipe: PartialRecipe = setting("what differs from the recipe", default=None)
    labelled: Labelled = setting("further training stamps with labels; none by default", default=None)
    published: Published = setting("what the paper says of it, shown beside it", default=None)


class TrainedOn(Section):
    """A model of ``runs``."""

    dataset: str = setting("that the model is trained on")
    model: str = setting("name of the model")


class Recognizer(Section):
    """A network that predicts something of a dataset's stamps, in variants, each trained several times."""

    description: str = setting("what it is, and where the paper is silent or something is ours")
    paper: str = setting("where it is published; nowhere by default", default="")
    dataset: str = setting("one of the section datasets; not one in flux")
    target: Target = setting("what is to be predicted of a stamp")
    network: str = setting("a folder of galforge/networks: goupil_classifier, eth_scorer")
    network_settings: dict[str, Any] = setting("those of the network, as it states them")
    recipe: Recipe = setting("how it is trained")
    validate_every: int = setting(
        "also validate after so many steps; at the ends of epochs alone by default",
        unit="steps",
        source="200 in Goupil (2020)",
        ge=1,
        default=None,
    )
    predict_step: int = setting(
        "write what it predicts of held-out stamps every so many epochs; after the last alone by default",
        unit="epochs",
        source="predict_step in the ETH report",
        ge=1,
        default=None,
    )
    repeats: int = setting("trainings of each variant, which differ in their seeds", ge=1, le=100)
    variants: dict[Name, Variant] = setting(
        "what is compared; the recognizer as it is, under the name base, by default",
        min_length=1,
        default=None,
    )
    pictures: dict[Name, FilePath] = setting(
        "folders or archives of pictures that the first variant's first training is asked about; a CSV each",
        default=None,
    )
    samples: Annotated[list[TrainedOn], EachOnce] = setting(
        "models of runs whose samples it is asked about", default=None
    )
    discriminator: TrainedOn = setting(
        "a GAN of runs, on a dataset with the same column, whose discriminator's answer is compared with the "
        "scores; none by default",
        source="ETH report: 1.2 against 0.63485",
        default=None,
    )
