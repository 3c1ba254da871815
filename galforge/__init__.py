"""Generative models of galaxies, from a survey's stamps to scores that can be trusted.

The names of :data:`__all__` are the public interface. They are loaded when they are first used, so that
``import galforge`` takes milliseconds and needs no torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from galforge.api import draw, evaluate, load_model, open_dataset

__version__ = "0.1.0"
__all__ = ["__version__", "draw", "evaluate", "load_model", "open_dataset"]


def __getattr__(name: str) -> Any:
    """Return a public name from the module that holds them, as PEP 562 has it."""
    if name not in __all__:
        raise AttributeError(f"module 'galforge' has no attribute {name!r}")
    return getattr(importlib.import_module("galforge.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
