"""Where a trained model is: what a name, a path or an address means. No heavy imports."""

from pathlib import Path
from typing import Final

# What the package brings: a model of simulated galaxies in flux, made with config/embedded.yaml.
EMBEDDED: Final = "simulated_galaxies"
MODEL_FILES: Final = ("weights.safetensors", "model.json")


def is_address(where: Path | str) -> bool:
    """Return whether a model is to be downloaded."""
    return str(where).startswith(("https://", "http://"))


def model_place(where: Path | str) -> Path:
    """Return the folder or zip that a name or a path means: the package's own model, or one of the user's."""
    return Path(__file__).parent / EMBEDDED if str(where) == EMBEDDED else Path(where)
