"""Whether the datasets of a configuration can be made."""

from collections.abc import Mapping
from typing import Any

from galforge.configuration.datasets import has_labels, in_flux, of_pictures
from galforge.configuration.faults import Faults
from galforge.configuration.known_names import check_known
from galforge.configuration.mappings import Config
from galforge.core.errors import ConfigurationError
from galforge.datasets.columns import COLUMNS, TEXT


def check_datasets(config: Config, faults: Faults) -> None:
    """Note what keeps datasets from being made from their surveys."""
    for name, dataset in config["datasets"].items():
        key = f"datasets.{name}"
        with faults.noted():
            check_known(f"{key}.survey", dataset["survey"], config["surveys"])
            _check_stamps(config, name)
            _check_normalization(config, name)
        for column, limit in dataset["selection"]["limits"].items():
            with faults.noted():
                _check_limit(config, name, column, limit)
        with faults.noted():
            _check_split(f"{key}.split", dataset["split"])


def _check_limit(config: Config, dataset: str, column: str, limit: Mapping[str, Any]) -> None:
    key = f"datasets.{dataset}.selection.limits"
    # The columns of a survey's own table are known once it is read: select_stamps names them.
    if not has_labels(config, dataset):
        numeric = [known for known in COLUMNS if known not in TEXT and not known.endswith("_status")]
        check_known(key, column, numeric)
    lowest, highest = limit.get("minimum"), limit.get("maximum")
    if lowest is not None and highest is not None and lowest > highest:
        raise ConfigurationError(
            f"{key}.{column}.minimum is {lowest}; allowed: at most its maximum, {highest}"
        )


def _check_stamps(config: Config, dataset: str) -> None:
    entry = config["datasets"][dataset]
    key, mode, survey = f"datasets.{dataset}.stamps", entry["stamps"]["mode"], entry["survey"]
    pictures = of_pictures(config, dataset)
    if (mode == "picture") != pictures:
        allowed = "picture" if pictures else "fit, fixed"
        raise ConfigurationError(
            f"{key}.mode is {mode!r}, but survey {survey!r} has source "
            f"{config['surveys'][survey]['source']!r}; allowed: {allowed}"
        )
    if pictures:
        name, recipes = entry["stamps"]["preprocessing"], config.get("preprocessing", {})
        check_known(f"{key}.preprocessing", name, recipes)
        if recipes[name]["side"] is not None and recipes[name]["border"]:
            raise ConfigurationError(
                f"preprocessing.{name}.border is {recipes[name]['border']}; "
                "allowed: 0 where side says what is kept"
            )


def _check_normalization(config: Config, dataset: str) -> None:
    entry = config["datasets"][dataset]
    key, mode, survey = f"datasets.{dataset}", entry["stamps"]["mode"], entry["survey"]
    if in_flux(config, dataset) and mode != "fixed":
        raise ConfigurationError(
            f"{key}.normalization is 'flux', but {key}.stamps.mode is {mode!r}; allowed: range, or "
            "stamps.mode fixed, in which all stamps have one pixel scale"
        )
    if entry["stamps"].get("truth"):
        source = config["surveys"][survey]["source"]
        if source != "simulated":
            raise ConfigurationError(
                f"{key}.stamps.truth is true, but survey {survey!r} has source {source!r}; allowed: "
                "false, or a survey with source simulated, whose galaxies are known"
            )
        if not in_flux(config, dataset):
            raise ConfigurationError(
                f"{key}.stamps.truth is true, but {key}.normalization is 'range'; allowed: false, or "
                "normalization flux, in which the light has the unit of the stamps"
            )


def _check_split(key: str, split: Mapping[str, Any]) -> None:
    sides = {side: value for side, value in split.items() if side != "published"}
    if "published" in split and not sides["validation"] >= 1:
        raise ConfigurationError(
            f"{key}.published is {split['published']!r}; allowed: none, or whole numbers of stamps for "
            "validation and test"
        )
    if any(value >= 1 for value in sides.values()):
        for side, value in sides.items():
            if value < 1 or value != int(value):
                raise ConfigurationError(
                    f"{key}.{side} is {value}; allowed: a whole number of stamps, as the others are, "
                    "or fractions less than 1 for both validation and test"
                )
    elif split["validation"] + split["test"] >= 1:
        raise ConfigurationError(
            f"{key}: validation + test is {split['validation'] + split['test']:g}; "
            "allowed: less than 1, the rest is for training"
        )
