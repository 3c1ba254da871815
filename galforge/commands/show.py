"""What a file or folder of galforge holds, in a few lines."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from galforge.core.errors import InputError
from galforge.models.record import read_record

_WIDTH = 18  # characters of the column of names
# For programs: digests of parts and of sources, and what tables beside the file say better.
_LEFT_OUT = {
    "parts", "attributes_digest", "code", "weights_digest", "extras_digest", "dataset_digest", "survey_files",
    "attrition", "counts", "versions",
}  # fmt: skip


def show(path: Path) -> None:
    """Say what a stamp file or a model's folder holds: counts, shape and settings."""
    from galforge.publication.places import model_place

    path = model_place(path)
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder")
    facts = _model_facts(path) if path.is_dir() else _stamp_facts(path)
    print(path)
    for name, value in facts.items():
        print(f"  {name.replace('_', ' '):{_WIDTH}} {_text(value)}")


def _model_facts(folder: Path) -> dict[str, Any]:
    record = read_record(folder / "model.json")
    return {name: value for name, value in record.items() if name not in _LEFT_OUT}


def _stamp_facts(path: Path) -> dict[str, Any]:
    from galforge.datasets.stamp_file import image_shape, read_attributes, read_catalog

    channels, height, width = image_shape(path)
    catalog = read_catalog(path)
    splits = Counter(split for split in catalog.pop("split") if split)
    attributes = {name: value for name, value in read_attributes(path).items() if name not in _LEFT_OUT}
    return {
        "stamps": f"{len(catalog):,} of {width} x {height} px, {channels} channel{'s' * (channels > 1)}",
        "split": dict(splits),
        "catalogue": list(catalog),
        **{name: _decoded(value) for name, value in attributes.items()},
    }


def _decoded(value: Any) -> Any:
    """Return the value of an HDF5 attribute: what is neither text nor a number is stored as JSON."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError:
        return value


def _text(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(part, str | int) for part in value):
        return ", ".join(map(str, value))
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return str(value)
