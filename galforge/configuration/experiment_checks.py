"""Whether the variants of the experiments can be trained: checked as runs are, before any job."""

import itertools
from collections.abc import Collection
from typing import Any

from galforge.configuration.experiments import (
    RUN_KEYS,
    base_run,
    experiments_of,
    trained_as,
    trials,
    variants,
)
from galforge.configuration.faults import Faults
from galforge.configuration.known_names import check_known
from galforge.configuration.mappings import Config
from galforge.configuration.messages import Inherited
from galforge.configuration.run_checks import check_run, check_supported
from galforge.configuration.runs import repeated_of, run_datasets
from galforge.configuration.sections.models import Run
from galforge.configuration.stated import check_stated
from galforge.core.errors import ConfigurationError


def check_experiments(config: Config, sound: Collection[str], faults: Faults) -> None:
    """Note what keeps experiments, and runs with repeats, from being run.

    Parameters
    ----------
    config : mapping
    sound : collection of str
        The models of the catalogue that have no fault of their own.
    faults : Faults
    """
    for dataset in run_datasets(config):
        for name in itertools.chain(*repeated_of(config, dataset).values()):
            with faults.noted():
                if name in config["models"]:
                    raise ConfigurationError(
                        f"models: {name!r} is a name that galforge gives to a repeat; allowed: another name"
                    )
    for name in experiments_of(config):
        with faults.noted():
            _check_experiment(config, name, sound)


def _check_experiment(config: Config, name: str, sound: Collection[str]) -> None:
    experiment, key = experiments_of(config)[name], f"experiments.{name}"
    for part in experiment["grid"]:
        check_known(f"{key}.grid", part.partition(".")[0], RUN_KEYS)
    _check_variant(config, key, base_run(experiment), sound)
    points = variants(config, name)
    for variant in points:
        _check_variant(config, f"{key}.grid", variant.run, sound)
    # Two values that come to the same: of names that differ, since labels are there once.
    models = [(trial.dataset, trial.model) for trial in trials(config, name)]
    if len(set(models)) < len(models) or {model for _, model in models} & config["models"].keys():
        raise ConfigurationError(f"{key}: its trainings have names of other models; allowed: another name")
    for number in (experiment.get("paper") or {}).get("numbers") or {}:
        check_known(f"{key}.paper.numbers", number, [variant.label for variant in points])
    measure = (experiment.get("paper") or {}).get("measure")
    if measure is not None:
        check_known(f"{key}.paper.measure", measure, [*experiment["measures"], "reconstruction_rms"])


def _check_variant(config: Config, key: str, run: dict[str, Any], sound: Collection[str]) -> None:
    for part, section in (("dataset", "datasets"), ("model", "models")):
        check_known(f"{key}.{part}", run[part], config[section])
    if run["model"] not in sound:
        return  # its fault is told in its place
    stated = {part: value for part, value in run.items() if part != "model"}
    check_stated({**stated, "models": [run["model"]]}, Run, (key,), Inherited({}, "", ""))
    check_run(config, key, run, run["model"])
    settings = trained_as(config, run)["settings"]
    check_supported(config, key, run["dataset"], run["model"], settings)
