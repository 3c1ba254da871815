"""Components named in the configuration as ``package.module:name``."""

import ast
import functools
import importlib
from collections.abc import Mapping
from typing import Any

from galforge.core.provenance import ROOT


def module_of(target: str) -> str:
    """Return the module of a target: ``"a.b"`` of ``"a.b:C"``."""
    return target.partition(":")[0]


def modules_of(target: str, settings: Mapping[str, Any]) -> list[str]:
    """Return the modules of a model: its own and, if its settings name one, that of its network."""
    network = settings.get("network")
    return [module_of(name) for name in (target, network) if name]


def resolve(target: str) -> Any:
    """Return the object that a target names, importing its module."""
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


@functools.cache
def declared(target: str) -> dict[str, Any]:
    """Return the upper-case literals of a target's module, without importing it.

    The Snakefile reads what can be set this way: importing a model would import torch, which takes
    seconds each time that Snakemake looks at the workflow.

    Returns
    -------
    dict
        Name to value, e.g. ``SETTINGS_SCHEMA``; ``defines`` holds all top-level names.

    Raises
    ------
    FileNotFoundError
        If there is no such module.
    """
    path = ROOT.joinpath(*module_of(target).split(".")).with_suffix(".py")
    literals: dict[str, Any] = {"defines": set()}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            literals["defines"].add(node.name)
        elif isinstance(node, ast.AnnAssign | ast.Assign) and node.value is not None:
            name = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            if isinstance(name, ast.Name) and name.id.isupper():
                try:
                    literals[name.id] = ast.literal_eval(node.value)
                except ValueError:
                    continue  # computed, so not a declaration
    return literals
