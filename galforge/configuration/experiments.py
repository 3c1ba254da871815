"""What the section ``experiments`` comes to: variants, each trained several times, as ordinary runs.

A training of an experiment is a model of the catalogue with a name of its own, and an entry of ``trials``:
runs that no leaderboard and no report of a dataset knows of. The name ends with a digest of all that the
training is asked for, and with the number of the repeat. So a value that is added to a grid trains one
variant, a setting that is changed leaves the earlier model where it is, and repeats differ in the draws of
the training, which are named after the model, and in nothing else.
"""

import hashlib
import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from galforge.configuration.mappings import Config, canonical, merged
from galforge.configuration.messages import shown
from galforge.configuration.runs import repeated_of, run_datasets, run_of
from galforge.core.errors import ConfigurationError

# The keys of an experiment that say how a variant is trained: what a grid may change.
RUN_KEYS: Final = ("dataset", "model", "settings", "recipe", "conditions", "forgotten", "augmentation")
_AS_IN_RUNS: Final[tuple[str, ...]] = ("conditions", "forgotten", "augmentation")
_DIGITS: Final = 8  # of a digest in a name
_LONGEST: Final = 60  # characters of a name that say which variant it is


class Variant(NamedTuple):
    """A point of an experiment's grid.

    Attributes
    ----------
    label : str
        As people read it: its values with commas.
    values : dict of str to str
        Each key of the grid with its value as it is written.
    run : dict
        The experiment's base run with these values: keys of :data:`RUN_KEYS`.
    name : str
        The first part of its models' names.
    """

    label: str
    values: dict[str, str]
    run: dict[str, Any]
    name: str


class Trial(NamedTuple):
    """One training of an experiment: number of the variant and of the repeat from 1, dataset and model."""

    variant: int
    repeat: int
    dataset: str
    model: str


def experiments_of(config: Config) -> Mapping[str, Config]:
    """Return the experiments of a configuration, by name."""
    return config.get("experiments") or {}


def base_run(experiment: Config) -> dict[str, Any]:
    """Return what all variants of an experiment have in common."""
    return {key: experiment[key] for key in RUN_KEYS if key in experiment}


def variants(config: Config, name: str) -> list[Variant]:
    """Return the variants of an experiment, in the order of its grid.

    Raises
    ------
    ConfigurationError
        If a value has no name and is a mapping, or two variants are the same.
    """
    experiment = experiments_of(config)[name]
    grid: Config = experiment["grid"]
    result = []
    for point in itertools.product(*(_named(name, key, values) for key, values in grid.items())):
        run = base_run(experiment)
        for key, (_, value) in zip(grid, point, strict=True):
            for part in reversed(key.split(".")):
                value = {part: value}
            run = merged(run, value)
        values = {key: label for key, (label, _) in zip(grid, point, strict=True)}
        result.append(Variant(", ".join(values.values()), values, run, _name(config, name, values, run)))
    labels = [variant.label for variant in result]
    for label in labels:
        if labels.count(label) > 1:
            raise ConfigurationError(f"experiments.{name}.grid: {shown(label)} is there twice; allowed: once")
    return result


def trials(config: Config, name: str) -> list[Trial]:
    """Return the trainings of an experiment: all repeats of the first variant, then those of the next."""
    return [
        Trial(number, repeat, variant.run["dataset"], f"{variant.name}__r{repeat}")
        for number, variant in enumerate(variants(config, name))
        for repeat in range(1, experiments_of(config)[name]["repeats"] + 1)
    ]


def with_experiments(config: Config) -> dict[str, Any]:
    """Return a configuration, valid, with further trainings as models of the catalogue and as ``trials``.

    They are those of its experiments, and of its runs with ``repeats``.
    """
    models = dict(config["models"])
    runs: list[dict[str, Any]] = []
    for dataset in run_datasets(config):
        for model, repeated in repeated_of(config, dataset).items():
            models |= dict.fromkeys(repeated, config["models"][model])
            runs.append({**run_of(config, dataset, model), "models": repeated, "samples": {}})
    for name in experiments_of(config):
        points = variants(config, name)
        for trial in trials(config, name):
            run = points[trial.variant].run
            models[trial.model] = {**config["models"][run["model"]], **trained_as(config, run)}
            entry = {key: run[key] for key in _AS_IN_RUNS if key in run}
            runs.append({**entry, "dataset": trial.dataset, "models": [trial.model]})
    return {**config, "models": models, "trials": runs}


def trained_as(config: Config, run: Config) -> dict[str, Any]:
    """Return ``settings`` and ``recipe`` of a variant: its model's with its own over them."""
    entry = config["models"][run["model"]]
    return {part: merged(entry[part], run.get(part) or {}) for part in ("settings", "recipe")}


def _named(experiment: str, key: str, values: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(values, dict):
        yield from values.items()
        return
    for value in values:
        if isinstance(value, dict):
            raise ConfigurationError(
                f"experiments.{experiment}.grid.{key} is {shown(value)}; allowed: names with a value each, "
                "where values are mappings"
            )
        yield written(value), value


def written(value: Any) -> str:
    """Return a value of a grid as it is read in tables: ``1e-05``, ``none``, ``10 x 5``."""
    if isinstance(value, list):
        return " x ".join(map(written, value))
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _name(config: Config, experiment: str, values: Mapping[str, str], run: Config) -> str:
    words = "__".join(f"{key.rpartition('.')[2]}_{value}" for key, value in values.items())
    slug = re.sub("[^a-z0-9_]+", "_", words.lower())[:_LONGEST].strip("_")
    facts = {"family": None, **run}
    if run["model"] in config["models"]:  # otherwise it is about to be refused
        facts |= {"family": config["models"][run["model"]]["family"], **trained_as(config, run)}
    digest = hashlib.sha256(canonical(facts).encode()).hexdigest()
    return f"{experiment}__{slug}__{digest[:_DIGITS]}"
