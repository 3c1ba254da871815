"""Configurations as mappings: written the same each time, merged, compared."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

Config = Mapping[str, Any]


def canonical(settings: Any) -> str:
    """Return settings as JSON with sorted keys: equal settings give equal text."""
    return json.dumps(settings, sort_keys=True, separators=(",", ":"))


def part_of(entry: Config, statement: type[BaseModel]) -> dict[str, Any]:
    """Return the keys of a mapping that a stage's statement of settings has; optional ones may be absent."""
    fields = statement.model_fields.items()
    return {key: entry[key] for key, field in fields if key in entry or field.is_required()}


def merged(base: Config, changes: Config) -> dict[str, Any]:
    """Return ``base`` with ``changes`` put over it, key by key at every depth."""
    result = dict(base)
    for key, value in changes.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def differences(paper: Config, run: Config, prefix: str = "") -> dict[str, dict[str, Any]]:
    """Return where two mappings differ: dotted key to ``paper`` and ``run`` values, None where absent."""
    found: dict[str, dict[str, Any]] = {}
    for key in dict.fromkeys((*paper, *run)):
        before, after = paper.get(key), run.get(key)
        if all(value is None or isinstance(value, dict) for value in (before, after)):
            found |= differences(before or {}, after or {}, f"{prefix}{key}.")
        elif before != after:
            found[f"{prefix}{key}"] = {"paper": before, "run": after}
    return found
