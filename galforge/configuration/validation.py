"""A configuration is checked whole before any job runs; an error names key, value and what is allowed."""

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from galforge.configuration.dataset_checks import check_datasets
from galforge.configuration.experiment_checks import check_experiments
from galforge.configuration.faults import Faults
from galforge.configuration.known_names import check_known
from galforge.configuration.latent_checks import check_latents
from galforge.configuration.mappings import Config
from galforge.configuration.messages import Inherited
from galforge.configuration.plain_values import check_plain
from galforge.configuration.recognizer_checks import check_recognizers, check_upscalers
from galforge.configuration.run_checks import (
    check_model,
    check_phases,
    check_run,
    check_supported,
)
from galforge.configuration.run_samples import check_samples
from galforge.configuration.runs import CONTROL_PREFIX, model_label, run_model, run_pairs
from galforge.configuration.sections.project import Project
from galforge.configuration.stated import check_stated
from galforge.core.errors import ConfigurationError
from galforge.core.registry import opt_in
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
        check_stated(config, Project, (), inherited)
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
        check_latents(config, faults)
    with faults.noted():
        check_recognizers(config, inherited, faults)
    with faults.noted():
        check_upscalers(config, faults)
    with faults.noted():
        check_experiments(config, sound, faults)
    with faults.noted():
        _check_inception(config["evaluation"]["features"]["inception"])
    faults.refuse()


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
            check_model(f"models.{name}", model["family"], model["settings"], inherited)
            check_phases(f"models.{name}", model["family"], model["recipe"])
        if len(faults) == before:
            sound.add(name)
    return sound


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
                    check_run(config, f"runs[{index}]", run, model)
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
            check_supported(config, "runs", *pair, run_model(config, *pair)["settings"])
