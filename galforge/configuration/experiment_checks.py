"""Whether the variants of the experiments can be trained: checked as runs are, before any job."""

import itertools
from collections.abc import Collection
from typing import Any

from galforge.configuration.experiments import (
    RUN_KEYS,
    Variant,
    base_run,
    experiments_of,
    trained_as,
    trials,
    variants,
)
from galforge.configuration.faults import Faults
from galforge.configuration.known_names import check_known
from galforge.configuration.mappings import Config
from galforge.configuration.messages import Inherited, shown
from galforge.configuration.run_checks import check_run, check_supported
from galforge.configuration.runs import repeated_of, run_datasets
from galforge.configuration.sections.models import Run
from galforge.configuration.stated import check_stated
from galforge.core.errors import ConfigurationError
from galforge.evaluation.experiment_settings import JUDGED, RECONSTRUCTION_RMS
from galforge.evaluation.score_names import score_names


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
    _check_names(config, key, name, points)
    _check_measures(config, f"{key}.measures", experiment["measures"])
    _check_paper(f"{key}.paper", experiment, [variant.label for variant in points])


def _check_names(config: Config, key: str, name: str, points: list[Variant]) -> None:
    # Labels are there once, but "a b" and "a-b" are one name, and their values may be the same, too.
    called: dict[str, str] = {}
    for variant in points:
        first = called.setdefault(variant.name, variant.label)
        if first != variant.label:
            raise ConfigurationError(
                f"{key}.grid: {shown(first)} and {shown(variant.label)} are the same training; allowed: once"
            )
    for trial in trials(config, name):
        if trial.model in config["models"]:
            raise ConfigurationError(
                f"models: {trial.model!r} is a name that galforge gives to a training of {key}; allowed: "
                "another name"
            )


def _check_measures(config: Config, key: str, measures: Config) -> None:
    evaluation = config["evaluation"]
    scores = score_names(evaluation["parameters"], evaluation["features"]["inception"] is not None)
    for name, how in measures.items():
        if how == JUDGED:
            check_known(f"{key} ({JUDGED})", name, scores)
        elif name in scores:
            raise ConfigurationError(
                f"{key}.{name} is {shown(how)}, but it is a score and has no epochs; allowed: {JUDGED}"
            )


def _check_paper(key: str, experiment: Config, labels: list[str]) -> None:
    paper = experiment.get("paper") or {}
    for number in paper.get("numbers") or {}:
        if number not in labels:
            raise ConfigurationError(
                f"{key}.numbers is of {shown(number)}, which is none of the variants; allowed: "
                f"{', '.join(labels)}, or null for a grid without the paper's"
            )
    measure = paper.get("measure")
    if measure is not None:
        check_known(f"{key}.measure", measure, [*experiment["measures"], RECONSTRUCTION_RMS])


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
