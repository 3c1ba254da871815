"""A saved state that someone else wrote, with the right key and checksum: not used, and never run."""

import json

import pytest
import torch
from safetensors.torch import save_file

from galforge.core.files import file_digest
from galforge.training.state import StateStore


@pytest.mark.parametrize(
    "changes",
    [
        {"serial": "x"},
        {"serial": "-1"},
        {"serial": "9" * 5000},
        {"tree": "no JSON"},
        {"tree": "[" * 100_000},
        {"tree": "1"},
        {"tree": json.dumps({"tensor": "../../etc/passwd"})},
        {"tree": json.dumps({"items": [1, 2]})},
        {"tree": json.dumps({"items": [[["unhashable"], {"value": 1}]]})},
        {"tree": json.dumps({"__reduce__": ["os.system", ["true"]]})},
    ],
    ids=lambda changes: next(f"{name} {value[:12]}" for name, value in changes.items()),
)
def test_a_state_that_no_training_wrote_is_not_used(tmp_path, capsys, changes):
    facts = {"key": "key", "serial": "1", "tree": json.dumps({"items": [["step", {"value": 3}]]})}
    path = tmp_path / "a.safetensors"

    def written(facts):
        save_file({"0": torch.zeros(2)}, path, metadata=facts)
        path.with_suffix(".sha256").write_text(file_digest(path))
        return StateStore(tmp_path, "key").load()

    assert written(facts) == {"step": 3}
    assert written(facts | changes) is None
    assert f"{path}: is not a saved state; it is not used" in capsys.readouterr().err
