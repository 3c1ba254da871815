"""Configurations that nobody would write: refused in one line that names the key, or fit to be run."""

import copy
import json
import math
from typing import get_type_hints

from hypothesis import example, given, settings
from hypothesis import strategies as st

from galforge.configuration import datasets, mappings, runs
from galforge.configuration.stages import dataset as dataset_stages
from galforge.configuration.stages import survey as survey_stages
from galforge.configuration.stages import training as training_stages
from galforge.configuration.validation import validate_configuration
from galforge.core.command_line import parse_settings
from galforge.core.errors import ConfigurationError
from galforge.datasets.columns import COLUMNS
from galforge.models.building import build_model
from tests.helpers.configurations import with_pictures
from workflow_scripts.dataset import build_dataset, select_stamps
from workflow_scripts.stamps import render_stamps
from workflow_scripts.survey import simulate_survey
from workflow_scripts.training import train_model

DEFAULT = with_pictures()
# One of each kind is enough to be wrong in, and checked in a tenth of the time of all.
DEFAULT["models"] = {
    name: DEFAULT["models"][name] for name in ("danilov_beta_vae", "goupil_two_stage_vae", "eth_dcgan")
}
DEFAULT["runs"] = [{"dataset": "simulated_cosmos", "models": ["danilov_beta_vae", "goupil_two_stage_vae"]}]
# What hypothesis is to change; names that mean something elsewhere are worth a try, too.
WORDS = ["simulated_cosmos", "danilov_beta_vae", "fit", "auto", "none", "cosmos", *list(COLUMNS)[:5]]
NUMBERS = st.one_of(
    st.integers(-3, 300), st.sampled_from([0, 1, 2**31, 2**63, 10**400]),
    st.floats(allow_nan=True, allow_infinity=True, width=32), st.sampled_from([0.5, 1e-300, 1e300, 16.0]),
)  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), NUMBERS, st.sampled_from(WORDS), st.text(max_size=8), st.just("x" * 5000)
)
KEYS = st.one_of(
    st.sampled_from([*WORDS, "minimum", "size", "seed"]), st.text(max_size=5), st.integers(-1, 3)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    """Yield the path of every key and entry of a configuration."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inner:
        yield (*path, key)
        yield from places(below, (*path, key))


PLACES = sorted(places(DEFAULT), key=str)


def changed(change):
    """Return the default with one change: a value put in the place of another, beside it, or taken away."""
    what, path, key, value = change
    config = copy.deepcopy(DEFAULT)
    target = config
    for part in path[:-1]:
        target = target[part]
    if what == "remove":
        del target[path[-1]]
    elif what == "add" and isinstance(target[path[-1]], dict):
        target[path[-1]][key] = value
    else:
        target[path[-1]] = value
    return config


CHANGES = st.tuples(st.sampled_from(["replace", "add", "remove"]), st.sampled_from(PLACES), KEYS, VALUES)
SIZE = ("models", "danilov_beta_vae", "settings", "network_settings", "latent_size")


@settings(derandomize=True, deadline=None, max_examples=200, database=None)
@given(st.lists(CHANGES, min_size=1, max_size=1) | st.lists(CHANGES, min_size=2, max_size=2))
@example([("replace", SIZE, 0, 16.0)])
@example(
    [("replace", ("datasets", "simulated_cosmos", "selection", "limits", "snr", "minimum"), 0, math.nan)]
)
@example([("replace", ("datasets", "simulated_cosmos", "split", "test"), 0, math.inf)])
@example([("add", ("surveys",), 1, {})])
@example([("add", ("datasets", "simulated_cosmos", "selection", "limits"), 1, {"minimum": 1})])
@example([("add", ("models", "danilov_beta_vae", "recipe", "optimizer"), "phases", {1: {}})])
@example([("replace", ("runs", 0, "models"), 0, [["danilov_beta_vae"]])])
@example([("replace", ("seed",), 0, 10**400)])
@example([("replace", ("results",), 0, "a\0b")])
def test_a_configuration_is_refused_with_its_key_or_fit_to_be_run(changes):
    config = changed(changes[0])
    try:
        for change in changes[1:]:
            try:
                config = merge_of(config, change)
            except (KeyError, IndexError, TypeError):
                return  # the first change took its place away
        validate_configuration(config)
    except ConfigurationError as error:
        message = str(error)
        assert all(len(line) < 1500 for line in message.split("\n")), "a line that no one reads"
        assert len(message.split("\n")) <= 22, "more than a screen"
        assert message
        # The key that was changed, or one that refers to what is no longer there.
        named = [str(part) for _, path, key, _ in changes for part in (*path, key)]
        assert any(part and part in message for part in [*named, *DEFAULT]), (message, changes)
    else:
        check_fit(config)


def merge_of(config, change):
    global DEFAULT
    before, DEFAULT = DEFAULT, config
    try:
        return changed(change)
    finally:
        DEFAULT = before


def taken_by(entry):
    """Return the type of the settings that an entry takes."""
    return get_type_hints(entry.main)["settings"]


def check_fit(config):
    """What is accepted reaches every stage: as JSON that its own type takes, and as a model that is built."""
    for dataset in runs.run_datasets(config):
        survey = config["datasets"][dataset]["survey"]
        if config["surveys"][survey]["source"] != "simulated":
            continue
        for entry, made in (
            (simulate_survey, survey_stages.survey_settings(config, survey)),
            (render_stamps, dataset_stages.render_settings(config, dataset, 0, 4)),
            (select_stamps, dataset_stages.selection_settings(config, dataset)),
            (build_dataset, dataset_stages.dataset_settings(config, dataset)),
        ):
            text = mappings.canonical(made)
            json.loads(text, parse_constant=_not_json)
            assert parse_settings(taken_by(entry), text)
        for model in runs.models_of(config, dataset):
            made = training_stages.training_settings(config, dataset, model)
            text = mappings.canonical(made)
            json.loads(text, parse_constant=_not_json)
            trained = parse_settings(taken_by(train_model), text)
            sizes = json.dumps(trained.settings)
            if all(number < 2000 for number in _numbers(trained.settings)):
                shape = datasets.image_shape(config, dataset)
                assert build_model(trained.family, trained.settings, shape), sizes


def _not_json(name):
    raise AssertionError(f"{name} is no JSON")


def _numbers(value):
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _numbers(inner)
    elif isinstance(value, int | float):
        yield value
