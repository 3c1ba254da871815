"""From files to a configuration: numbers, files that are none, what comes by merging."""

import pytest
import yaml

from galforge.configuration.loading import read_yaml, run_configuration
from galforge.configuration.validation import validate_configuration
from galforge.core.errors import ConfigurationError
from tests.helpers.configurations import default

RECIPE = """
models:
  danilov_beta_vae:
    recipe:
      optimizer: {learning_rate: %s}
"""


@pytest.mark.parametrize("written", ["1e-4", "1E-4", "1.0e-4", "100e-6", ".1e-3"])
def test_a_number_with_an_exponent_is_a_number_however_it_is_written(tmp_path, written):
    # It was: "models...learning_rate is '1e-4'; allowed: number".
    as_snakemake_reads_it = yaml.safe_load(RECIPE % written)
    (tmp_path / "mine.yaml").write_text(RECIPE % written)
    for changes in (as_snakemake_reads_it, read_yaml(tmp_path / "mine.yaml")):
        config = run_configuration(default(), changes)
        validate_configuration(config, default())
        assert config["models"]["danilov_beta_vae"]["recipe"]["optimizer"]["learning_rate"] == 1e-4


def test_numbers_are_taken_as_such_at_every_depth_and_texts_stay():
    changes = {"a": [{"b": "2.5e6"}], "c": ["1e3", "e5", "1e", "1e5x", "0x1e5", "2026-01-01"], "1e5": "x"}
    assert run_configuration({}, changes) == {
        "a": [{"b": 2.5e6}], "c": [1000.0, "e5", "1e", "1e5x", "0x1e5", "2026-01-01"], "1e5": "x",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"seed: [1", "is not YAML (line 2: did not find expected ',' or ']')"),
        (b"seed: 1\n\tcount: 2", "is not YAML"),
        (b"\xff\xfe", "is not"),
        (b"", "holds nothing; allowed: a mapping"),
        (b"- seed", "holds a list; allowed: a mapping"),
    ],
)
def test_a_file_that_is_no_configuration_is_one_line_that_names_it(tmp_path, content, words):
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as raised:
        read_yaml(path)
    assert str(raised.value).startswith(f"{path}: {words}")
    assert "\n" not in str(raised.value)


def fault(changes):
    project = default()
    with pytest.raises(ConfigurationError) as raised:
        validate_configuration(run_configuration(project, changes), project)
    return str(raised.value)


OF_THE_PROJECT = "which comes from the project's config.yaml or config/models by merging"
OTHER_NETWORK = {"network": "eth_mlp", "network_settings": {"hidden_size": 9}}
LOCAL = {
    "source": "local",
    "directory": "mine",
    "catalog": "c.fits",
    "exclusion_level": "none",
    "credit": "me",
}


@pytest.mark.parametrize(
    ("changes", "key", "origin"),
    [
        (
            # It was: "unknown key 'surveys.simulated_cosmos.count' with value 2000", which nobody wrote.
            {"surveys": {"simulated_cosmos": LOCAL}},
            "'surveys.simulated_cosmos.count' with value 2000",
            OF_THE_PROJECT,
        ),
        (
            {"models": {"laisney_mlp_vae_1": {"settings": OTHER_NETWORK}}},
            "'models.laisney_mlp_vae_1.settings.network_settings.",
            OF_THE_PROJECT,
        ),
        (
            {"runs": [{"dataset": "simulated_cosmos", "models": ["laisney_mlp_vae_1"],
                       "settings": OTHER_NETWORK}]},
            "'runs[0].settings.network_settings.",
            "which comes from models.laisney_mlp_vae_1 by merging",
        ),
    ],
)  # fmt: skip
def test_an_unknown_key_that_comes_by_merging_says_where_from(changes, key, origin):
    said = fault(changes)
    assert f"unknown key {key}" in said
    assert origin in said
    assert all(key in line or line[:2] == "  " for line in said.split("\n")[1:])


def test_an_unknown_key_of_the_users_own_is_the_users():
    said = fault({"surveys": {"simulated_cosmos": {"cuont": 2000}}})
    assert said.startswith(
        "unknown key 'surveys.simulated_cosmos.cuont' with value 2000 (did you mean 'count'?)"
    )
    assert "merging" not in said


def test_an_experiment_that_is_known_by_name_needs_what_differs_alone():
    known = {"one": {"dataset": "a", "grid": {"x": [1, 2]}}, "two": {"dataset": "b"}}
    changes = {"experiments": {"one": {"grid": {"x": [3]}}, "mine": {"dataset": "c"}}}
    assert run_configuration({}, changes, known)["experiments"] == {
        "one": {"dataset": "a", "grid": {"x": [3]}},
        "mine": {"dataset": "c"},
    }
    assert run_configuration({}, {"experiments": {"two": None}}, known)["experiments"] == {
        "two": {"dataset": "b"}
    }
    assert "experiments" not in run_configuration({}, {}, known), "known ones are run where they are named"
