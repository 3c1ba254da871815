"""Compare two folders of results, made by different versions of the project.

    python -m benchmarks.compare_results BEFORE AFTER [OLD=NEW ...]

Weights are compared by their SHA-256, stamp files by the digest of each of their parts, tables and JSON by
their values; times, digests and versions, which differ from run to run, are left out. ``OLD=NEW`` renames a
piece of a path. The exit status is 1 if anything differs.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import pandas as pd

from galforge.core.files import file_digest

# What a run says of itself: when, how long, with which sources and libraries.
VARYING = ("seconds", "digest", "versions", "code", "execution", "images_per_second")
FOLDERS_LEFT_OUT = ("benchmarks", "logs", "state", "download", "report")


def facts(path: Path) -> Any:
    """Return what two results of the same kind must have in common."""
    if path.suffix == ".safetensors":
        return file_digest(path)
    if path.suffix == ".h5":
        with h5py.File(path) as file:
            return json.loads(file.attrs["parts"]) if "parts" in file.attrs else None
    if path.suffix == ".csv":
        table = pd.read_csv(path)
        kept = [name for name in table if not any(word in name for word in VARYING)]
        return table[kept].to_csv(index=False)
    if path.suffix == ".json":
        return dict(_leaves(json.loads(path.read_text(encoding="utf-8"))))
    return None


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if any(word in name.rpartition(".")[2] for word in VARYING):
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{name}[{index}]")
    else:
        yield name, value


def compared_files(results: Path) -> dict[str, Path]:
    """Return the files of a results folder that are compared, by their path in it."""
    return {
        str(path.relative_to(results)): path
        for path in sorted(results.rglob("*"))
        if path.is_file()
        and path.suffix in (".safetensors", ".h5", ".csv", ".json")
        and not path.name.startswith(".")
        and path.relative_to(results).parts[0] not in FOLDERS_LEFT_OUT
    }


def difference(before: Any, after: Any) -> str:
    """Return in which way two facts differ, in a line; empty where they are equal."""
    if before == after:
        return ""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        shown = [f"{key}: {before.get(key)!r} -> {after.get(key)!r}" for key in keys[:4]]
        return f"{len(keys)} values differ ({'; '.join(shown)})"
    if isinstance(before, str) and isinstance(after, str) and "\n" in before:
        lines = zip(before.splitlines(), after.splitlines(), strict=False)
        first = next(((old, new) for old, new in lines if old != new), ("", "other length"))
        return f"first row that differs: {first[0][:200]} -> {first[1][:200]}"
    return f"{before} -> {after}"


def compare(before: Path, after: Path, renamed: dict[str, str]) -> tuple[int, list[str]]:
    """Return how many files are equal, and a line per difference."""
    old = {}
    for name, path in compared_files(before).items():
        for piece, replacement in renamed.items():
            name = name.replace(piece, replacement)
        old[name] = path
    new = compared_files(after)
    lines = [f"{name}: only before" for name in sorted(old.keys() - new.keys())]
    lines += [f"{name}: only after" for name in sorted(new.keys() - old.keys())]
    equal = 0
    for name in sorted(old.keys() & new.keys()):
        if text := difference(facts(old[name]), facts(new[name])):
            lines.append(f"{name}: {text}")
        else:
            equal += 1
    return equal, lines


if __name__ == "__main__":
    pairs = dict(word.split("=", 1) for word in sys.argv[3:])
    equal, lines = compare(Path(sys.argv[1]), Path(sys.argv[2]), pairs)
    print(*lines, f"{equal} files equal, {len(lines)} lines of differences", sep="\n")
    sys.exit(bool(lines))
