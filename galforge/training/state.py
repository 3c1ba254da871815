"""Training state that survives a kill at any moment, and that no two processes share.

Snakemake deletes the declared outputs of a failed job, so the state lies in a directory of its own.
Two files take turns: while one is written the other is whole, and a file counts only if its checksum,
written after it, agrees.
"""

import contextlib
import json
import os
import re
from pathlib import Path
from typing import Any, TextIO

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from galforge.core.files import file_digest, replacing
from galforge.core.locking import hold_lock
from galforge.core.progress import announce

_SLOTS = ("a", "b")
_LOCK = "lock"
_DIGITS = 18  # of the number of a state


class StateStore:
    """The saved states of one training.

    Parameters
    ----------
    directory : Path
        Created if need be; nothing else may be in it.
    key : str
        Digest of all that the training depends on: settings, stamps, code. States of another key are
        discarded, with a line saying so.
    """

    def __init__(self, directory: Path, key: str) -> None:
        self.directory, self.key = directory, key
        self._next_slot, self._serial = _SLOTS[0], 0

    def locked(self) -> TextIO:
        """Hold the directory while the returned stream is open; see :func:`hold_lock` for errors."""
        return hold_lock(self.directory / _LOCK, "is training this model")

    def load(self) -> dict[str, Any] | None:
        """Return the newest whole state of this key, or None; states of other keys are removed."""
        whole: list[tuple[int, str, Path]] = []
        for slot in _SLOTS:
            path = self._path(slot)
            if not path.exists():
                continue
            checksum = path.with_suffix(".sha256")
            if not checksum.exists() or checksum.read_text().strip() != file_digest(path):
                announce(f"{path}: saved state is damaged or incomplete; the one before it is used")
                continue
            facts = _facts(path)
            if facts is None:
                announce(f"{path}: is not a saved state; it is not used")
                continue
            if facts["key"] != self.key:
                announce(f"{path}: discarded, its settings, stamps or code are no longer the present ones")
                self._remove(slot)
                continue
            if not facts["serial"].isdecimal() or len(facts["serial"]) > _DIGITS:
                announce(f"{path}: is not a saved state; it is not used")
                continue
            whole.append((int(facts["serial"]), slot, path))
        if not whole:
            return None
        self._serial, slot, path = max(whole)
        self._next_slot = _SLOTS[1 - _SLOTS.index(slot)]
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no dict)
            try:
                tree: dict[str, Any] = _unpacked(json.loads(file.metadata()["tree"]), tensors)
            except (ValueError, TypeError, LookupError, RecursionError):
                # Its checksum is right, so it was written so: not by a training.
                announce(f"{path}: is not a saved state; it is not used")
                return None
        return tree

    def save(self, tree: dict[str, Any]) -> None:
        """Save a nested structure of dicts, lists, tensors and JSON values."""
        tensors: dict[str, Tensor] = {}
        structure = json.dumps(_packed(tree, tensors))
        path = self._path(self._next_slot)
        checksum = path.with_suffix(".sha256")
        self._serial += 1
        checksum.unlink(missing_ok=True)
        with replacing(path) as temporary:
            facts = {"key": self.key, "serial": str(self._serial), "tree": structure}
            _write(tensors, temporary, facts)
            digest = file_digest(temporary)
        with replacing(checksum) as temporary:
            temporary.write_text(f"{digest}\n")
        self._next_slot = _SLOTS[1 - _SLOTS.index(self._next_slot)]

    def discard(self) -> None:
        """Remove all states: the training has ended and its results are published.

        Only the files that a training has here: a link on the way may have led to someone's folder.
        """
        for slot in _SLOTS:
            self._remove(slot)
            for left in self.directory.glob(f".{slot}.*"):
                left.unlink(missing_ok=True)
        (self.directory / _LOCK).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.directory.rmdir()

    def _path(self, slot: str) -> Path:
        return self.directory / f"{slot}.safetensors"

    def _remove(self, slot: str) -> None:
        self._path(slot).unlink(missing_ok=True)
        self._path(slot).with_suffix(".sha256").unlink(missing_ok=True)


def _write(tensors: dict[str, Tensor], path: Path, facts: dict[str, str]) -> None:
    try:
        save_file(tensors, path, metadata=facts)
    except SafetensorError as error:
        # The number of a system's error (a full disk) stands in its message alone.
        number = re.search(r"os error (\d+)", str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1]))) from error


def _facts(path: Path) -> dict[str, str] | None:
    """Return what a state says of itself; None if the file is something else. No code in it is run."""
    try:
        with safe_open(path, framework="pt") as file:
            facts: dict[str, str] = file.metadata() or {}
    except SafetensorError:
        return None
    return facts if {"key", "serial", "tree"} <= facts.keys() else None


def _packed(value: Any, tensors: dict[str, Tensor]) -> Any:
    """Return the structure as JSON values, its tensors moved into ``tensors``."""
    if isinstance(value, Tensor):
        name = str(len(tensors))
        # A copy: safetensors refuses tensors that share memory, and wants them contiguous.
        tensors[name] = value.detach().to("cpu", copy=True).contiguous()
        return {"tensor": name}
    if isinstance(value, dict):
        return {"items": [[key, _packed(item, tensors)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        return {"list": [_packed(item, tensors) for item in value]}
    return {"value": value}


def _unpacked(value: Any, tensors: dict[str, Tensor]) -> Any:
    if "tensor" in value:
        return tensors[value["tensor"]]
    if "items" in value:
        return {key: _unpacked(item, tensors) for key, item in value["items"]}
    if "list" in value:
        return [_unpacked(item, tensors) for item in value["list"]]
    return value["value"]


def restore_optimizer(optimizer: torch.optim.Optimizer, saved: dict[str, Any]) -> None:
    """Load an optimizer's state with each moment laid out in memory as its parameter is.

    Saving makes tensors contiguous; a moment in another layout than its parameter would take another
    code path, and the resumed run would differ in the last bits.
    """
    optimizer.load_state_dict(saved)
    for parameter, moments in optimizer.state.items():
        for name, value in moments.items():
            if isinstance(value, Tensor) and value.shape == parameter.shape:
                moments[name] = torch.empty_like(parameter).copy_(value)
