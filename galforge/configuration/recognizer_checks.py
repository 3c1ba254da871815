"""Whether the recognizers of a configuration can be trained, and its upscalers fitted."""

from typing import Any, Final

from galforge.configuration.datasets import PICTURES, has_labels, image_shape, in_flux, of_pictures
from galforge.configuration.faults import Faults
from galforge.configuration.known_names import check_known
from galforge.configuration.mappings import Config
from galforge.configuration.messages import Inherited, shown
from galforge.configuration.recognizers import recognizer_of, variants_of
from galforge.configuration.run_checks import check_known_phases, refusal_of
from galforge.configuration.runs import run_pairs
from galforge.configuration.stated import check_stated
from galforge.core.errors import ConfigurationError
from galforge.datasets.columns import COLUMNS, TEXT
from galforge.networks import registry as networks
from galforge.networks.base_settings import RecognizerSettings

PHASES: Final = ("model",)  # of a training in which one optimizer has all weights


def check_recognizers(config: Config, inherited: Inherited, faults: Faults) -> None:
    """Note what keeps recognizers from being trained, and from being asked."""
    for name, entry in config.get("recognizers", {}).items():
        key = f"recognizers.{name}"
        target = entry["target"]
        with faults.noted():
            _check_dataset(config, f"{key}.dataset", entry["dataset"])
            _check_columns(
                config, f"{key}.target.columns", entry["dataset"], target["columns"], target["kind"]
            )
        with faults.noted():
            known = [each for each in networks.names() if _recognizes(each)]
            check_known(f"{key}.network", entry["network"], known)
            for variant in variants_of(config, name):
                _check_variant(config, name, variant, inherited)
        with faults.noted():
            if entry.get("pictures") and not of_pictures(config, entry["dataset"]):
                raise ConfigurationError(
                    f"{key}.pictures is given, but dataset {entry['dataset']!r} is not made from pictures; "
                    "allowed: none, or a dataset of pictures, which says how they become stamps"
                )
        with faults.noted():
            for place, trained in _models_of(entry):
                _check_trained(config, f"{key}.{place}", trained)
            for number, trained in enumerate(entry.get("samples", [])):
                _check_asked(config, f"{key}.samples[{number}]", entry["dataset"], trained["dataset"])
            if "discriminator" in entry:
                _check_discriminator(config, f"{key}.discriminator", entry)


def _recognizes(network: str) -> bool:
    return issubclass(networks.settings_class(network), RecognizerSettings)


def _check_dataset(config: Config, key: str, dataset: str) -> None:
    check_known(key, dataset, config["datasets"])
    if in_flux(config, dataset):
        raise ConfigurationError(f"{key} is {dataset!r}, which is in flux; allowed: datasets in [0, 1]")
    augmentation = config["datasets"][dataset].get("augmentation")
    if augmentation:
        raise ConfigurationError(
            f"{key} is {dataset!r}, with augmentation {shown(augmentation)}, which recognizers do not have; "
            "allowed: datasets without augmentation"
        )


def _check_columns(config: Config, key: str, dataset: str, columns: list[str], kind: str) -> None:
    # The columns of a survey's own table are known once it is read: the jobs name them.
    if not has_labels(config, dataset):
        known = [column for column in COLUMNS if kind == "class" or column not in TEXT]
        for column in columns:
            check_known(key, column, known)


def _check_variant(config: Config, name: str, variant: str, inherited: Inherited) -> None:
    entry, own = recognizer_of(config, name, variant), config["recognizers"][name]
    key = f"recognizers.{name}" + (f".variants.{variant}" if "variants" in own else "")
    statement = networks.settings_class(entry["network"])
    check_stated(entry["network_settings"], statement, (key, "network_settings"), inherited)
    _check_recipe(key, entry["recipe"])
    shape = channels, side, _ = image_shape(config, entry["dataset"])
    refusal = refusal_of(statement, channels, side)
    refusal = refusal or networks.settings(entry["network"], entry["network_settings"]).refusal(side)
    if refusal:
        raise ConfigurationError(
            f"{key}.network is {entry['network']!r}, which cannot take the stamps of dataset "
            f"{entry['dataset']!r}, {shape} (channels, height, width); allowed: {refusal}"
        )
    labelled = entry.get("labelled")
    if labelled:
        _check_dataset(config, f"{key}.labelled.dataset", labelled["dataset"])
        column = f"{key}.labelled.column"
        _check_columns(config, column, labelled["dataset"], [labelled["column"]], "number")
        if entry["target"]["kind"] != "number":
            raise ConfigurationError(f"{key}.labelled is given; allowed: only where target.kind is number")
        if image_shape(config, labelled["dataset"]) != shape:
            raise ConfigurationError(
                f"{key}.labelled.dataset is {labelled['dataset']!r}, whose stamps are "
                f"{image_shape(config, labelled['dataset'])}; allowed: {shape}, as those of the dataset"
            )


def _check_recipe(key: str, recipe: Config) -> None:
    """Refuse what belongs to generative models alone: a film, and phases of the training."""
    if recipe.get("film") is not None:
        raise ConfigurationError(f"{key}.recipe.film is given; allowed: none, it draws no samples")
    check_known_phases(key, PHASES, recipe)


def _models_of(entry: Config) -> list[tuple[str, Config]]:
    trained = [(f"samples[{number}]", each) for number, each in enumerate(entry.get("samples", []))]
    return trained + ([("discriminator", entry["discriminator"])] if "discriminator" in entry else [])


def _check_trained(config: Config, key: str, trained: Config) -> None:
    pair = (trained["dataset"], trained["model"])
    if pair not in run_pairs(config):
        there = ", ".join(f"{model} on {dataset}" for dataset, model in run_pairs(config))
        raise ConfigurationError(f"{key}: nothing trains {pair[1]} on {pair[0]}; allowed: {there}")


def _check_asked(config: Config, key: str, own: str, dataset: str) -> None:
    """Refuse samples of another number of channels than the stamps that are trained on, and those in flux."""
    if own not in config["datasets"]:
        return  # told in its place
    there, wanted = (image_shape(config, each)[0] for each in (dataset, own))
    if there != wanted or in_flux(config, dataset):
        unit = "flux" if in_flux(config, dataset) else "[0, 1]"
        raise ConfigurationError(
            f"{key} is of dataset {dataset!r}, whose stamps have {there} channels in {unit}; allowed: "
            f"{wanted} channels in [0, 1], as those of dataset {own!r}"
        )


def _check_discriminator(config: Config, key: str, entry: dict[str, Any]) -> None:
    family = config["models"][entry["discriminator"]["model"]]["family"]
    if family != "gan" or entry["target"]["kind"] != "number":
        raise ConfigurationError(
            f"{key} is a model of family {family!r}, target.kind is {entry['target']['kind']!r}; allowed: a "
            "model of family 'gan', and target.kind number"
        )
    dataset, columns = entry["discriminator"]["dataset"], entry["target"]["columns"]
    _check_columns(config, f"{key}: target.columns on dataset {dataset}", dataset, columns, "number")


def check_upscalers(config: Config, faults: Faults) -> None:
    """Note what keeps upscalers from being fitted."""
    for name, entry in (config.get("upscalers") or {}).items():
        key = f"upscalers.{name}"
        with faults.noted():
            if entry["drawn_size"] <= entry["size"]:
                raise ConfigurationError(
                    f"{key}.drawn_size is {entry['drawn_size']}; allowed: more than its size, {entry['size']}"
                )
            _check_recipe(key, entry["recipe"])
        for picture, source in entry["pictures"].items():
            with faults.noted():
                if (survey := source.get("survey")) is not None:
                    there = [each for each, found in config["surveys"].items() if found["source"] in PICTURES]
                    check_known(f"{key}.pictures.{picture}.survey", survey, there)
