"""A configuration is checked whole before any job runs; an error names key, value and what is allowed."""

import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from galforge.configuration.dataset_checks import check_datasets
from galforge.configuration.datasets import has_labels, image_shape, in_flux
from galforge.configuration.faults import Faults
from galforge.configuration.known_names import check_known
from galforge.configuration.mappings import Config, merged
from galforge.configuration.messages import Inherited, Location, faults_of
from galforge.configuration.plain_values import check_plain
from galforge.configuration.run_samples import check_samples
from galforge.configuration.runs import CONTROL_PREFIX, model_label, run_model, run_pairs
from galforge.configuration.sections.project import Project
from galforge.core.errors import ConfigurationError
from galforge.core.registry import opt_in
from galforge.datasets.columns import COLUMNS, TEXT
from galforge.models import registry as models
from galforge.networks import registry as networks


def validate_configuration(config: Config, default: Config | None = None) -> None:
    """Check a configuration: keys, types, bounds, then what refers to what.

    Parameters
    ----------
    config : mapping
        As run.
    default : mapping, optional
        The project's own, over which the user's was merged: a fault that is in a key of it says so.

    Raises
    ------
    ConfigurationError
        With all faults, each in one line.
    """
    faults = Faults()
    check_plain(config, (), faults)
    faults.refuse()
    inherited = Inherited(
        default or {},
        "the project's config.yaml or config/models",
        "give what is yours a name that is not there",
    )
    with faults.noted():
        _check(config, Project, (), inherited)
    with faults.noted():
        check_datasets(config, faults)
    with faults.noted():
        _check_plugins(config.get("plugins", []))
    sound: set[str] = set()
    with faults.noted():
        sound = _check_models(config, inherited, faults)
    with faults.noted():
        _check_runs(config, sound, faults)
    with faults.noted():
        _check_inception(config["evaluation"]["features"]["inception"])
    faults.refuse()


def _check(value: Any, statement: type[BaseModel], prefix: Location, inherited: Inherited) -> None:
    try:
        # As JSON, in which settings travel, a list will do for a tuple, while 16.0 is still no integer.
        statement.model_validate_json(json.dumps(value), strict=True)
    except ValidationError as invalid:
        raise ConfigurationError("\n".join(faults_of(invalid, statement, prefix, inherited))) from None


def _check_plugins(plugins: Sequence[str]) -> None:
    opt_in(plugins)
    for name in plugins:
        if name not in (*models.names(), *networks.names()):
            raise ConfigurationError(
                f"plugins: {name!r} is no model or network of an installed package; allowed: names of entry "
                "points galforge.models and galforge.networks"
            )


def _check_models(config: Config, inherited: Inherited, faults: Faults) -> set[str]:
    """Note faults of models, and return those that have none."""
    sound = set()
    for name, model in config["models"].items():
        before = len(faults)
        with faults.noted():
            if name.startswith(CONTROL_PREFIX):
                raise ConfigurationError(
                    f"models: {name!r} is not allowed; allowed: names that do not begin with "
                    f"{CONTROL_PREFIX!r}"
                )
            _check_model(f"models.{name}", model["family"], model["settings"], inherited)
            _check_phases(f"models.{name}", model["family"], model["recipe"])
        if len(faults) == before:
            sound.add(name)
    return sound


def _check_phases(key: str, family: str, recipe: Mapping[str, Any]) -> None:
    for phase in recipe.get("optimizer", {}).get("phases", {}):
        check_known(f"{key}.recipe.optimizer.phases", phase, models.settings_class(family).phases)


def _check_model(key: str, family: str, settings: dict[str, Any], inherited: Inherited) -> None:
    check_known(f"{key}.family", family, models.names())
    statement = models.settings_class(family)
    # A network's settings first, by what states them: of the family's statement they are a mapping, no more.
    network, own = settings.get("network"), settings.get("network_settings")
    if "network" in statement.model_fields and isinstance(network, str) and isinstance(own, Mapping):
        check_known(f"{key}.settings.network", network, networks.names())
        _check(own, networks.settings_class(network), (key, "settings", "network_settings"), inherited)
    _check(settings, statement, (key, "settings"), inherited)


def _check_labels(config: Config) -> None:
    """Refuse two models of the runs that people could not tell apart."""
    called: dict[str, str] = {}
    for _, name in run_pairs(config):
        if name not in config["models"]:
            continue  # told in its place
        label = model_label(config, name)
        if called.setdefault(label, name) != name:
            raise ConfigurationError(
                f"models.{name}.label is {label!r}, which is what {called[label]} is called, too; allowed: "
                "another label for each model"
            )


def _check_inception(path: str | None) -> None:
    """Check what can be seen of a TorchScript file without torch, which takes seconds to import."""
    if path is not None and not zipfile.is_zipfile(path):
        fault = "is no TorchScript file" if Path(path).exists() else "does not exist"
        raise ConfigurationError(
            f"evaluation.features.inception is {path!r}, which {fault}; allowed: null, or a TorchScript file "
            "of Inception (inception-2015-12-05.pt)"
        )


def _check_runs(config: Config, sound: Iterable[str], faults: Faults) -> None:
    for index, run in enumerate(config["runs"]):
        with faults.noted():
            check_known(f"runs[{index}].dataset", run["dataset"], config["datasets"])
        for model in run["models"]:
            with faults.noted():
                check_known(f"runs[{index}].models", model, config["models"])
                if model in sound:  # a fault of the model's own is told in its place
                    _check_run_of(config, index, model)
    with faults.noted():
        _check_labels(config)
    if faults:
        return  # what follows asks whether models and stamps that are known and sound fit each other
    pairs = run_pairs(config)
    if not pairs:
        raise ConfigurationError("runs names no model; allowed: at least one model on one dataset")
    for index in range(len(config["runs"])):
        with faults.noted():
            check_samples(config, index)
    for pair in dict.fromkeys(pairs):
        with faults.noted():
            if pairs.count(pair) > 1:
                raise ConfigurationError(
                    f"runs: model {pair[1]!r} on dataset {pair[0]!r} is named twice; allowed: once"
                )
            _check_supported(config, *pair)


def _check_run_of(config: Config, index: int, model: str) -> None:
    run, entry = config["runs"][index], config["models"][model]
    if "settings" in run:  # without any, they are the model's own, which were checked in its place
        inherited = Inherited(
            {f"runs[{index}]": entry}, f"models.{model}", "add a model of your own to models instead"
        )
        _check_model(f"runs[{index}]", entry["family"], merged(entry["settings"], run["settings"]), inherited)
    _check_phases(f"runs[{index}]", entry["family"], run.get("recipe", {}))
    if run.get("conditions"):
        _check_conditions(config, index, model)


def _check_conditions(config: Config, index: int, model: str) -> None:
    run, family = config["runs"][index], config["models"][model]["family"]
    key = f"runs[{index}].conditions"
    if not models.settings_class(family).takes_conditions:
        raise ConfigurationError(
            f"{key} is {run['conditions']}, but model {model!r} is asked for nothing; allowed: none, or "
            f"models of another family than {family!r}"
        )
    # The columns of a survey's own table are known once it is read: train_model names them.
    if run["dataset"] in config["datasets"] and not has_labels(config, run["dataset"]):
        for column in run["conditions"]:
            check_known(key, column, [known for known in COLUMNS if known not in TEXT])


def _check_supported(config: Config, dataset: str, model: str) -> None:
    channels, height, _ = image_shape(config, dataset)
    settings = run_model(config, dataset, model)["settings"]
    network = settings.get("network")
    statements: list[Any] = [models.settings_class(config["models"][model]["family"])]
    statements += [networks.settings_class(network)] if network else []
    if statements[0].in_flux and not in_flux(config, dataset):
        raise ConfigurationError(
            f"runs: model {model!r} learns stamps in flux, which dataset {dataset!r} has not; allowed: a "
            "dataset with normalization: flux"
        )
    for statement in statements:
        sizes, depths = statement.stamp_sizes, statement.stamp_channels
        if (sizes is None or height in sizes) and (depths is None or channels in depths):
            continue
        allowed = [f"{' or '.join(map(str, depths))} channels"] if depths else []
        allowed += [" or ".join(f"{size} x {size}" for size in sizes)] if sizes else []
        _refuse_stamps(config, dataset, model, ", ".join(allowed))
    if network:
        refusal = networks.settings(network, settings["network_settings"]).refusal(height)
        if refusal:
            _refuse_stamps(config, dataset, model, refusal)


def _refuse_stamps(config: Config, dataset: str, model: str, allowed: str) -> NoReturn:
    channels, height, width = image_shape(config, dataset)
    raise ConfigurationError(
        f"runs: model {model!r} cannot be trained on dataset {dataset!r}, whose stamps are "
        f"{channels} x {height} x {width} (channels, height, width); allowed: {allowed}"
    )
