"""The project's own configuration: config.yaml, and the catalogue of models beside it."""

from pathlib import Path
from typing import Any

import yaml

from galforge.configuration.mappings import merged

try:
    from yaml import CSafeLoader as Loader  # ten times as fast
except ImportError:
    from yaml import SafeLoader as Loader


def configuration_files(project: Path) -> list[Path]:
    """Return the files of the project's own configuration: one for all but the models, then one per paper."""
    return [project / "config.yaml", *sorted((project / "config" / "models").glob("*.yaml"))]


def read_yaml(path: Path) -> dict[str, Any]:
    """Return a YAML file that holds a mapping."""
    content: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader)
    return content


def default_configuration(project: Path) -> dict[str, Any]:
    """Return what is run where the user changes nothing.

    Parameters
    ----------
    project : Path
        The folder that holds ``config.yaml``.
    """
    configuration: dict[str, Any] = {}
    for path in configuration_files(project):
        configuration = merged(configuration, read_yaml(path))
    return configuration
