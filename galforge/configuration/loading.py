"""The project's own configuration: config.yaml, and the catalogue of models beside it."""

import re
from pathlib import Path
from typing import Any

import yaml

from galforge.configuration.mappings import Config, merged
from galforge.core.errors import ConfigurationError

try:
    from yaml import CSafeLoader as Loader  # ten times as fast
except ImportError:
    from yaml import SafeLoader as Loader


def configuration_files(project: Path) -> list[Path]:
    """Return the files of the project's own configuration: one for all but the models, then one per paper."""
    return [project / "config.yaml", *sorted((project / "config" / "models").glob("*.yaml"))]


# A number of YAML 1.2 with an exponent. YAML 1.1, which PyYAML and so Snakemake read, takes it as text if
# it lacks the point or the exponent's sign: 1e-4, 2.5e6.
_EXPONENT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+")


def with_numbers(value: Any) -> Any:
    """Return a configuration in which ``1e-4`` is the number that its author meant, not a text."""
    if isinstance(value, dict):
        return {key: with_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_numbers(inner) for inner in value]
    return float(value) if isinstance(value, str) and _EXPONENT.fullmatch(value) else value


def read_yaml(path: Path) -> dict[str, Any]:
    """Return a YAML file that holds a mapping.

    Raises
    ------
    ConfigurationError
        If it is no YAML, or holds something else; in one line with the file and the place in it.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ConfigurationError(f"{path}: is not YAML ({line}{error.problem})") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: is not YAML ({' '.join(str(error).split())})") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: is not text in UTF-8 ({error})") from error
    if not isinstance(content, dict):
        kind = "nothing" if content is None else f"a {type(content).__name__}"
        raise ConfigurationError(f"{path}: holds {kind}; allowed: a mapping, lines of the form 'key: value'")
    return dict(with_numbers(content))


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


def known_experiments(project: Path) -> dict[str, Any]:
    """Return the papers' experiments, by name; a configuration runs those that it names."""
    known: dict[str, Any] = {}
    for path in sorted((project / "config" / "experiments" / "papers").glob("*.yaml")):
        known |= read_yaml(path)["experiments"]
    return known


def run_configuration(default: Config, changes: Config, known: Config | None = None) -> dict[str, Any]:
    """Return what is run: the default with a user's changes over it, key by key at every depth.

    Parameters
    ----------
    default, changes : mapping
    known : mapping, optional
        Experiments by name, of :func:`known_experiments`: under such a name ``changes`` has what differs.
    """
    config = merged(default, with_numbers(dict(changes)))
    named = config.get("experiments")
    if known and isinstance(named, dict):
        config["experiments"] = {
            name: merged(known.get(name, {}), entry or {}) if isinstance(entry, dict | None) else entry
            for name, entry in named.items()
        }
    return config
