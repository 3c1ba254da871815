"""Datasets in flux in the configuration: what is refused before any job, and what reaches the stages."""

import pytest

from galforge.configuration.mappings import canonical, merged
from galforge.configuration.stages.dataset import dataset_settings, render_settings
from galforge.configuration.validation import validate_configuration
from galforge.core.command_line import parse_settings
from galforge.core.errors import ConfigurationError
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
