"""Components named by their folders: found, checked before anything is imported, and built."""

import subprocess
import sys

import pytest

from galforge.configuration.validation import validate_configuration
from galforge.core.errors import ConfigurationError
from galforge.core.registry import PLUGINS_VARIABLE, Registry, opt_in
from galforge.models import registry as models
from galforge.models.registry import modules_of
from galforge.models.vae.settings import Posterior
from galforge.networks import registry as networks
from galforge.networks.base_settings import NetworkSettings
from tests.conftest import PROJECT
from tests.helpers.configurations import default

REGISTRIES = pytest.mark.parametrize("registry", [models, networks], ids=["models", "networks"])


def test_the_papers_models_and_networks_are_there():
    assert models.names() == ("deconvolving_vae", "edm", "gan", "progressive_gan", "two_stage_vae", "vae")
    assert networks.names() == (
        "danilov", "dcgan", "eth_cppn", "eth_mlp", "eth_scorer", "folded_unet", "goupil", "goupil_classifier",
        "laisney_cnn", "laisney_cnn_3conv", "laisney_gan", "laisney_mlp", "lanusse", "progressive",
    )  # fmt: skip


POSTERIOR = Posterior(noise="normal", largest_log_variance=6.0)
# Switches of the papers' experiments: without them a model is as its paper has it.
SWITCHES = {
    ("vae", "posterior"): POSTERIOR,
    ("two_stage_vae", "posterior"): POSTERIOR,
    ("two_stage_vae", "second_input"): "draws",
    ("two_stage_vae", "second_layers"): 3,
    ("danilov", "batch_normalization"): True,
    ("danilov", "initialization"): "he",
    ("progressive", "resampling"): "pixels",
}


def test_a_configuration_states_what_there_is_but_for_the_switches():
    found = {
        (name, key): field.default
        for registry in (models, networks)
        for name in registry.names()
        for key, field in registry.settings_class(name).model_fields.items()
        if not field.is_required() and field.default is not None
    }
    assert found == SWITCHES


@REGISTRIES
def test_every_component_has_a_module_and_one_class_of_settings(registry):
    for name in registry.names():
        path = PROJECT.joinpath(*registry.module(name).split(".")).with_suffix(".py")
        assert path.is_file()
        assert all(field.description for field in registry.settings_class(name).model_fields.values())


@REGISTRIES
@pytest.mark.parametrize("name", ["../vae", "os", "vae.model", "", "no", None])
def test_an_unknown_name_imports_nothing_and_names_what_there_is(registry, name):
    before = set(sys.modules)
    for ask in (registry.module, registry.settings_class, lambda name: registry.build(name, {}, (1, 64, 64))):
        with pytest.raises(ConfigurationError, match=registry.names()[0]):
            ask(name)
    assert set(sys.modules) == before


def test_a_close_name_is_suggested():
    with pytest.raises(ConfigurationError, match=r"family is 'vea'; allowed: .* \(did you mean 'vae'\?\)"):
        models.module("vea")
    with pytest.raises(ConfigurationError, match="did you mean 'goupil'"):
        networks.settings_class("goupill")


def test_settings_cost_no_torch():
    script = (
        "import sys\n"
        "from galforge.models import registry as models\n"
        "from galforge.networks import registry as networks\n"
        "for each in (models, networks): [each.settings_class(name) for name in each.names()]\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True)


def test_a_folder_is_a_component_as_soon_as_it_has_both_modules(tmp_path, monkeypatch):
    package = tmp_path / "drawer"
    (package / "spoon").mkdir(parents=True)
    registry = Registry("drawer", package, "network", NetworkSettings, "network")
    monkeypatch.syspath_prepend(tmp_path)
    (package / "spoon" / "settings.py").write_text(
        "from galforge.networks.base_settings import NetworkSettings\n"
        "class SpoonSettings(NetworkSettings):\n    pass\n"
    )
    assert registry.names() == ()
    (package / "spoon" / "network.py").write_text(
        "def build(image_shape, settings):\n    return image_shape, settings.latent_size\n"
    )
    assert registry.names() == ("spoon",)
    assert registry.build("spoon", {"latent_size": 3}, (1, 8, 8)) == ((1, 8, 8), 3)
    with pytest.raises(
        ConfigurationError, match=r"network spoon: settings.latent_size is 0: .* greater than"
    ):
        registry.build("spoon", {"latent_size": 0}, (1, 8, 8))


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Another person's package, installed, with a network; importing it leaves a trace."""
    package = tmp_path / "someones"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from pathlib import Path\nPath(__file__).with_name('trace').touch()\n"
    )
    (package / "settings.py").write_text(
        "from galforge.networks.base_settings import NetworkSettings\n"
        "class SpoonSettings(NetworkSettings):\n    pass\n"
    )
    (package / "network.py").write_text(
        "def build(image_shape, settings):\n    return settings.latent_size\n"
    )
    facts = tmp_path / "someones-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: someones\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(
        "[galforge.networks]\nspoon = someones\ndanilov = someones\nfork = someones\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv(PLUGINS_VARIABLE, "")  # and back as it was
    yield package
    for name in [name for name in sys.modules if name.partition(".")[0] == "someones"]:
        del sys.modules[name]


def test_a_network_of_another_package_is_there_only_for_those_who_name_it(installed):
    """A record or configuration that names it is not enough."""
    with pytest.raises(ConfigurationError, match="network is 'spoon'; allowed: danilov"):
        networks.build("spoon", {"latent_size": 3}, (1, 8, 8))
    opt_in(["spoon"])
    assert "spoon" in networks.names() and "spoon" not in models.names()
    assert "fork" not in networks.names()
    assert not (installed / "trace").exists(), "being listed imports nothing"
    assert networks.build("spoon", {"latent_size": 3}, (1, 8, 8)) == 3
    assert (installed / "trace").exists()


def test_another_package_never_stands_in_for_one_of_the_projects(installed):
    opt_in(["danilov", "spoon"])
    assert networks.module("danilov") == "galforge.networks.danilov.network"
    assert modules_of("vae", {"network": "spoon"}) == ["galforge.models.vae.model"]


def test_a_configuration_opts_in_by_name_and_a_name_that_is_not_installed_is_refused(installed):
    configuration = default()
    configuration["plugins"] = ["spoon"]
    validate_configuration(configuration)
    assert "spoon" in networks.names()
    configuration["plugins"] = ["knife"]
    with pytest.raises(ConfigurationError, match="plugins: 'knife' is no model or network of an installed"):
        validate_configuration(configuration)
