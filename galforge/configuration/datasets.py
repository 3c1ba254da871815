"""What a configuration says of its surveys and datasets."""

from collections.abc import Iterable
from typing import Any, Final

from galforge.configuration.mappings import Config

DOWNLOADED: Final = ("cosmos", "url")  # the sources of surveys that are downloaded
# Sources of pictures: those that a user has on disk, and all of them.
LOCAL_PICTURES: Final = ("image_folder", "galaxy_zoo_kaggle", "cosmology_images")
PICTURES: Final = (
    *LOCAL_PICTURES, "galaxy_zoo_2", "hubble_deep_field", "simulated_cosmology", "fashion_mnist",
)  # fmt: skip
SIMULATED: Final = ("simulated", "simulated_cosmology")


def of_pictures(config: Config, dataset: str) -> bool:
    """Return whether a dataset is made from pictures, not rendered from a survey in the COSMOS layout."""
    return config["surveys"][config["datasets"][dataset]["survey"]]["source"] in PICTURES


def simulated_surveys(config: Config, surveys: Iterable[str]) -> list[str]:
    """Return those of some surveys that are simulated, each once and in their order."""
    return [name for name in dict.fromkeys(surveys) if config["surveys"][name]["source"] in SIMULATED]


def is_simulated(config: Config, dataset: str) -> bool:
    """Return whether a dataset's survey is simulated."""
    return bool(simulated_surveys(config, [config["datasets"][dataset]["survey"]]))


def in_flux(config: Config, dataset: str) -> bool:
    """Return whether a dataset's stamps are all in one unit of flux, not each scaled to [0, 1]."""
    return bool(config["datasets"][dataset].get("normalization") == "flux")


def has_labels(config: Config, dataset: str) -> bool:
    """Return whether a dataset's survey brings columns of its own, which nobody knows before it is read."""
    survey = config["surveys"][config["datasets"][dataset]["survey"]]
    return survey["source"] in PICTURES and survey["source"] != "hubble_deep_field"


def classes_of(config: Config, dataset: str) -> list[str]:
    """Return which classes are learnt from the latents of a dataset: columns, or questions of votes."""
    return list((config["latents"].get("classes") or {}).get(dataset, []))


def image_shape(config: Config, dataset: str) -> tuple[int, int, int]:
    """Return (C, H, W) of a dataset's stamps; those of pictures have the channels of their preprocessing."""
    stamps = config["datasets"][dataset]["stamps"]
    recipe = config.get("preprocessing", {}).get(stamps.get("preprocessing"), {})
    return recipe.get("channels", 1), stamps["size"], stamps["size"]


def selection_limits(config: Config, dataset: str) -> list[list[Any]]:
    """Return pairs of a column and its limits: a list, because their order is that of the cuts."""
    return [[column, limit] for column, limit in config["datasets"][dataset]["selection"]["limits"].items()]
