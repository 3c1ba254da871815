"""A model's folder that comes from a stranger: each field of its record is checked before it is used.

Before, ``target: subprocess:run`` ran a command, and other values ended in tracebacks or took the memory.
"""

import importlib
import importlib.metadata
import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import galforge
from galforge.commands.command import main
from galforge.core.errors import InputError
from galforge.core.files import file_digest, read_json, write_json
from galforge.models import building
from galforge.models.building import load_model
from tests.helpers.published_model import SETTINGS, publish_model

HOSTILE = [
    None, True, -1, 0, 1.5, 10**40, float("nan"), float("inf"), "", "x", "../../outside", "/bin/sh",
    "subprocess:run", "os.system", "galforge.models.vae", "vae\n", "{}", "<script>", "\0", "=1+1",
    [], ["/bin/sh", "-c", "true"], [1, 2], {}, {"__class__": "os"}, [[[[[[[[[[]]]]]]]]]],
]  # fmt: skip

# What of these a field may hold: a reason is any text, a record may be without a digest of extras.
FITTING = {
    "dataset": ["x"],
    "model": ["x"],
    "reason": [value for value in HOSTILE if isinstance(value, str)],
    "extras_digest": [None],
}
FIELDS = ["family", "settings", "image_shape", "dataset", "model", "status", "reason", "weights_digest",
          "extras_digest"]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    publish_model(tmp_path)
    (tmp_path / "model.json").rename(tmp_path / "published.json")
    rewritten(tmp_path, {})
    return tmp_path


@pytest.fixture(autouse=True)
def only_ours_is_imported(monkeypatch):
    """By name, that is: what torch imports for itself is no matter of the record's."""
    names = []

    def watched(name):
        names.append(name)
        return importlib.import_module(name)

    watching = SimpleNamespace(import_module=watched, metadata=importlib.metadata)
    monkeypatch.setattr("galforge.core.registry.importlib", watching)
    yield
    assert all(name.startswith(("galforge.models.", "galforge.networks.")) for name in names), names


def rewritten(folder, changes):
    """Write the record anew, as a stranger would: without our digest of its content, NaN and all."""
    facts = {**read_json(folder / "published.json"), **changes}
    stated = {name: value for name, value in facts.items() if value is not ...}
    (folder / "model.json").write_text(json.dumps(stated))


def refusal_of(folder):
    with pytest.raises(InputError) as refused:
        galforge.load_model(folder)
    message = str(refused.value)
    assert message.startswith(str(folder))
    assert "\n" not in message
    assert len(message) < len(str(folder)) * 2 + 400
    return message


@pytest.mark.parametrize("field", FIELDS)
def test_no_field_takes_a_hostile_value(folder, field):
    for value in HOSTILE:
        if any(value is fitting or value == fitting for fitting in FITTING.get(field, [])):
            continue
        rewritten(folder, {field: value})
        refusal_of(folder)


@pytest.mark.parametrize("field", FIELDS[:-1])
def test_a_missing_field_is_named(folder, field):
    rewritten(folder, {field: ...})
    assert f"has no {field}" in refusal_of(folder)


def leaves(settings, path=()):
    for key, value in settings.items():
        yield (*path, key)
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))


def fits(name, value):
    """Whether a setting may have a value: some are any number, and no bound is a choice."""
    if name == "bound" and value is None:
        return True
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")
    return is_number and (name == "weight" or (name in ("bound", "pixel_range") and value > 0))


@pytest.mark.parametrize("path", list(leaves(SETTINGS)), ids=".".join)
def test_no_setting_takes_a_hostile_value(folder, path):
    for value in HOSTILE:
        settings = json.loads(json.dumps(SETTINGS))
        inner = settings
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        rewritten(folder, {"settings": settings})
        if fits(path[-1], value):
            continue
        if path[-1] in ("hidden_size", "latent_size") and value == 10**40:
            assert "cannot be built" in refusal_of(folder)
        else:
            refusal_of(folder)


def test_the_proof_of_the_report_runs_nothing(folder, tmp_path):
    """It was: target subprocess:run, and the command line as the shape of the stamps."""
    proof = tmp_path / "owned"
    command = ["/bin/sh", "-c", f"echo owned > {proof}"]
    for changes in (
        {"target": "subprocess:run", "image_shape": command},
        {"family": "subprocess:run", "image_shape": command},
        {"settings": {**SETTINGS, "network": "subprocess:run", "network_settings": {"args": command}}},
    ):
        rewritten(folder, changes)
        refusal_of(folder)
        assert not proof.exists()


def test_a_larger_model_than_its_weights_is_refused_before_it_is_made(folder, monkeypatch):
    made = []
    publish = building.build_model
    monkeypatch.setattr(
        building,
        "build_model",
        lambda *described: made.append(torch.empty(0).device.type) or publish(*described),
    )
    large = {**SETTINGS, "network_settings": {"hidden_size": 2_000, "latent_size": 4}}
    rewritten(folder, {"settings": large})
    assert "does not fit the model of" in refusal_of(folder)
    huge = {**SETTINGS, "network_settings": {"hidden_size": 1_000_000_000, "latent_size": 4}}
    rewritten(folder, {"settings": huge})
    assert "GB of memory are free" in refusal_of(folder)
    assert set(made) == {"meta"}, "no memory was taken for any of these"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 100_000, "damaged or not JSON"),
        ('{"a":' * 100_000, "damaged or not JSON"),
        ("9" * 5000, "damaged or not JSON"),
        ("1", "Input should be an object"),
        ('{"family": NaN}', "NaN is no number of JSON"),
        ('{"family": 1e999}', "holds what is no record"),
        ("\ufffe", "damaged or not JSON"),
        ("[" + " " * (1 << 24) + "]", "a record has at most"),
    ],
)
def test_a_record_that_is_no_record_is_one_line(folder, text, words):
    (folder / "model.json").write_text(text)
    assert words in refusal_of(folder)


def test_weights_of_another_shape_or_none_are_refused(folder):
    weights = folder / "weights.safetensors"
    save_file({"x": torch.zeros(3)}, weights)
    rewritten(folder, {"weights_digest": file_digest(weights)})
    assert "does not fit the model of" in refusal_of(folder)
    weights.write_bytes(b"\xff" * 64)
    rewritten(folder, {"weights_digest": file_digest(weights)})
    assert "is not a file of weights" in refusal_of(folder)


def test_the_command_shows_a_hostile_record_in_one_line(folder, capsys):
    rewritten(folder, {"image_shape": ["/bin/sh"]})
    with pytest.raises(SystemExit):
        main(["show", str(folder)])
    assert capsys.readouterr().err.count("\n") == 1


def test_what_a_record_says_besides_changes_nothing(folder):
    rewritten(folder, {"target": "subprocess:run", "note": "<script>alert(1)</script>", "parts": [[1]]})
    stamps = galforge.draw(galforge.load_model(folder), 2, seed=1)
    assert np.isfinite(stamps).all()


def test_a_record_of_ours_is_read_as_it_was_written(folder):
    write_json(folder / "model.json", read_json(folder / "published.json"))
    assert load_model(folder / "weights.safetensors", folder / "model.json").image_shape == (1, 64, 64)
