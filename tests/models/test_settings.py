"""The settings of models and networks: what is refused, with the key, and what is dumped back."""

import copy
import json

import pytest
from pydantic import ValidationError

from galforge.core.errors import ConfigurationError, InputError
from galforge.core.files import file_digest, write_json
from galforge.core.tensor_files import write_tensors
from galforge.models import registry as models
from galforge.models.building import build_model, load_model
from galforge.models.vae.settings import VAESettings
from galforge.networks import registry as networks
from tests.helpers.configurations import default
from tests.helpers.published_model import TRAINED

MODELS = default()["models"]
PERCEPTRON = {
    "network": "laisney_mlp",
    "network_settings": {"hidden_sizes": [4, 3], "latent_size": 2, "dropout": 0.0},
    "reconstruction": {"loss": "bernoulli", "pixel_range": 1, "output": "sigmoid"},
    "divergence": {"weight": 1.0, "per": "pixel", "bound": None},
    "sampler": "prior",
}


def changed(path, value):
    settings = copy.deepcopy(PERCEPTRON)
    *above, last = path.split(".")
    inner = settings
    for key in above:
        inner = inner[key]
    inner[last] = value
    return settings


@pytest.mark.parametrize("name", sorted(MODELS))
def test_settings_dumped_back_are_those_of_the_configuration(name):
    entry = MODELS[name]
    statement = models.settings_class(entry["family"])
    from_python = statement.model_validate(entry["settings"])
    from_json = statement.model_validate_json(json.dumps(entry["settings"]), strict=True)
    assert from_python == from_json
    assert from_json.model_dump(mode="json", exclude_unset=True) == entry["settings"]
    assert isinstance(from_json.network_settings, networks.settings_class(entry["settings"]["network"]))
    with pytest.raises(ValidationError):
        from_json.network = "goupil"


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("network_settings.latent_size", 16.0, ("network_settings", "latent_size")),
        ("network_settings.latent_size", True, ("network_settings", "latent_size")),
        ("network_settings.latent_size", 0, ("network_settings", "latent_size")),
        ("network_settings.hidden_sizes", [4], ("network_settings", "hidden_sizes")),
        ("network_settings.hidden_sizes", [4, 3.0], ("network_settings", "hidden_sizes", 1)),
        ("network_settings.dropout", 1, ("network_settings", "dropout")),
        ("network_settings.dropout", "0.1", ("network_settings", "dropout")),
        ("network_settings.filters", 3, ("network_settings", "filters")),
        ("network", "laisney_mpl", ("network",)),
        ("network", "galforge.networks.laisney_mlp.network:build", ("network",)),
        ("divergence.weight", True, ("divergence", "weight")),
        ("divergence.bound", 0, ("divergence", "bound")),
        ("reconstruction.pixel_range", 0, ("reconstruction", "pixel_range")),
        ("reconstruction.output", "linear", ("reconstruction",)),
        ("sampler", "normal", ("sampler",)),
        ("sampler", "flow", ()),
        ("condition_size", 2, ("condition_size",)),
    ],
)
@pytest.mark.parametrize("json_text", [False, True])
def test_a_wrong_setting_is_refused_at_its_place(path, value, place, json_text):
    settings = changed(path, value)
    with pytest.raises(ValidationError) as refused:
        if json_text:
            VAESettings.model_validate_json(json.dumps(settings), strict=True)
        else:
            VAESettings.model_validate(settings)
    assert place in [error["loc"] for error in refused.value.errors()]


def test_without_a_network_that_alone_is_at_fault():
    settings = {key: value for key, value in PERCEPTRON.items() if key != "network"}
    with pytest.raises(ValidationError) as refused:
        VAESettings.model_validate(settings)
    assert [error["loc"] for error in refused.value.errors()] == [("network",)]


@pytest.mark.parametrize(("network", "key"), [("goupil", "layers"), ("laisney_gan", "kernel_size")])
@pytest.mark.parametrize("value", [3.0, True, 2])
def test_a_choice_of_numbers_takes_the_integers_themselves(network, key, value):
    settings = {"latent_size": 2, "filters": 4, key: 3}
    statement = networks.settings_class(network)
    assert statement.model_validate(settings).model_dump() == settings
    with pytest.raises(ValidationError):
        statement.model_validate(settings | {key: value})


def test_a_model_of_an_unknown_family_or_setting_is_not_built():
    with pytest.raises(
        ConfigurationError, match=r"family is 'galforge.models.vae.*'; allowed: deconvolving_vae, edm, gan"
    ):
        build_model("galforge.models.vae.model:VAE", PERCEPTRON, (1, 8, 8))
    with pytest.raises(ConfigurationError, match=r"family vae: settings.network_settings.latent_size is 0"):
        build_model("vae", changed("network_settings.latent_size", 0), (1, 8, 8))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"family": "vea"}, "did you mean 'vae'"),
        ({"family": "os:system"}, "family is 'os:system'"),
        ({"settings": changed("network", "os:system")}, "settings.network is 'os:system'"),
        ({"settings": changed("further", 1)}, "settings.further is 1"),
        ({"family": None}, "family is None"),
    ],
)
def test_a_record_of_no_model_that_there_is_is_refused_in_a_line_that_names_it(tmp_path, change, words):
    weights, record = tmp_path / "weights.safetensors", tmp_path / "model.json"
    model = build_model("vae", PERCEPTRON, (1, 8, 8))
    write_tensors(weights, model.published_state())
    facts = {**TRAINED, "family": "vae", "settings": PERCEPTRON, "image_shape": [1, 8, 8]}
    facts["weights_digest"] = file_digest(weights)
    write_json(record, facts)
    load_model(weights, record)
    write_json(record, facts | change)
    with pytest.raises(InputError) as refused:
        load_model(weights, record)
    assert str(refused.value).startswith(f"{record}: ")
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
