"""Datasets in flux in the configuration: what is refused before any job, and what reaches the stages."""

from typing import get_args

import pytest

from galforge.configuration.mappings import canonical, merged
from galforge.configuration.sections.common import Parameter
from galforge.configuration.stages.dataset import dataset_settings, render_settings
from galforge.configuration.validation import validate_configuration
from galforge.core.command_line import parse_settings
from galforge.core.errors import ConfigurationError
from galforge.datasets.columns import MORPHOLOGY
from tests.helpers.configurations import default, overlaid
from workflow_scripts.dataset import build_dataset
from workflow_scripts.stamps import render_stamps

DATASET = "flux_cosmos"
FLUX = overlaid("config/flux.yaml")
LOCAL = {"source": "local", "directory": "a", "catalog": "b.fits", "exclusion_level": "none", "credit": "c"}


def with_dataset(**changes):
    return merged(FLUX, {"datasets": {DATASET: changes}})


def test_the_overlay_is_valid_and_in_flux():
    validate_configuration(FLUX)
    settings = render_settings(FLUX, DATASET, 0, 4)
    assert settings["conditions"] is True
    assert settings["truth"] == {
        "count": 12000, "magnitude_limit": 23.5, "companion_fraction": 0.0, "psf_count": 20,
        "seed": FLUX["seed"],
    }  # fmt: skip
    rendering = parse_settings(render_stamps.Settings, canonical(settings))
    assert rendering.frame.even_noise
    assert rendering.truth.galaxy(3) == rendering.truth.galaxies()[3]
    built = parse_settings(build_dataset.Settings, canonical(dataset_settings(FLUX, DATASET)))
    assert built.in_flux
    assert "truth" in built.recipe["stamps"]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (
            with_dataset(normalization="log"),
            ["datasets.flux_cosmos.normalization is 'log'", "allowed: range, flux"],
        ),
        (
            with_dataset(stamps={"truth": "maybe"}),
            ["datasets.flux_cosmos.stamps.truth is 'maybe'", "allowed: boolean"],
        ),
        (
            merged(FLUX, {"datasets": {"simulated_cosmos": {"normalization": "flux"}}}),
            ["simulated_cosmos.normalization is 'flux'", "stamps.mode is 'fit'", "allowed: range", "fixed"],
        ),
        (
            merged(FLUX, {"datasets": {"simulated_cosmos": {"stamps": {"truth": True}}}}),
            ["datasets.simulated_cosmos.stamps.truth", "allowed"],
        ),
        (
            with_dataset(normalization="range"),
            ["flux_cosmos.stamps.truth is true", "normalization is 'range'", "allowed: false"],
        ),
        (
            merged(FLUX, {"surveys": {"mine": LOCAL}, "datasets": {DATASET: {"survey": "mine"}}}),
            ["flux_cosmos.stamps.truth is true", "'mine' has source 'local'", "source simulated"],
        ),
    ],
)
def test_what_is_refused_names_key_value_and_what_is_allowed(config, words):
    with pytest.raises(ConfigurationError) as caught:
        validate_configuration(config)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_observed_surveys_can_be_in_flux():
    config = merged(
        FLUX,
        {"surveys": {"mine": LOCAL}, "datasets": {DATASET: {"survey": "mine", "stamps": {"truth": False}}}},
    )
    validate_configuration(config)
    assert "truth" not in render_settings(config, DATASET, 0, 1)


def test_datasets_of_range_are_asked_for_in_the_same_words_as_ever():
    """A further key would draw every stamp again."""
    for config in (
        default(),
        merged(default(), {"datasets": {"simulated_cosmos": {"normalization": "range"}}}),
    ):
        assert set(render_settings(config, "simulated_cosmos", 0, 4)) == {
            "size", "mode", "psf", "seed", "shard", "shards",
        }  # fmt: skip
        assert "normalization" not in dataset_settings(config, "simulated_cosmos")


def test_models_are_asked_for_the_morphology_that_a_dataset_measures_alone():
    def asked(*columns, **changes):
        run = {"dataset": DATASET, "models": ["flow_vae"], "conditions": list(columns)}
        return {**with_dataset(**changes), "runs": [run]}

    config = asked("mag_auto", "statmorph_gini", morphology=["gini", "m20"])
    validate_configuration(config)
    assert dataset_settings(config, DATASET)["morphology"] == ["gini", "m20"]
    assert dataset_settings(config, DATASET)["recipe"]["morphology"]["segmentation"]["threshold"] == 1.5
    assert "morphology" not in dataset_settings(FLUX, DATASET), "nothing of it where none is asked for"
    with pytest.raises(ConfigurationError, match=r"datasets\.flux_cosmos\.morphology.* is 'hue'"):
        validate_configuration(asked("mag_auto", morphology=["hue"]))
    words = r"is 'statmorph_asymmetry', but datasets\.flux_cosmos\.morphology is \['gini'\]; allowed"
    with pytest.raises(ConfigurationError, match=words):
        validate_configuration(asked("statmorph_asymmetry", morphology=["gini"]))


def test_every_parameter_of_statmorph_has_its_column():
    assert set(MORPHOLOGY) == set(get_args(Parameter))
