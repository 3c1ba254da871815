"""A configuration of someone else, read as data: nothing in it is run, and its size has a bound.

Snakemake reads a configuration with yte, which runs Python where the file says ``__use_yte__: true``. This
reader knows YAML's plain values alone.
"""

from pathlib import Path
from typing import Any, Final

import yaml

from galforge.configuration.extent import check_extent
from galforge.core.errors import ConfigurationError

MOST_BYTES: Final = 1 << 20


def read_foreign(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file.

    Raises
    ------
    ConfigurationError
        In one line: if it is no YAML, asks for code to be run, is too large, or is no mapping.
    """
    if (size := path.stat().st_size) > MOST_BYTES:
        raise ConfigurationError(f"{path}: has {size:,} bytes; allowed: {MOST_BYTES:,}")
    try:
        # Not the loader in C: it does not notice how deep it is.
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        if node is not None:
            check_extent(node, _parts)
        content = loader.construct_document(node) if node is not None else {}
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise ConfigurationError(f"{path}: is not YAML that can be read ({_words(error)})") from error
    except RecursionError:
        raise ConfigurationError(f"{path}: is nested too deeply") from None
    if not isinstance(content, dict):
        raise ConfigurationError(
            f"{path}: is no mapping; allowed: keys of a configuration, with their values"
        )
    if "__use_yte__" in content:
        raise ConfigurationError(
            f"{path}: has the key '__use_yte__', with which Snakemake runs the Python in a configuration; "
            "remove it, and whatever begins with a question mark"
        )
    return content


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if not isinstance(node, yaml.CollectionNode):
        return []
    return [inner for part in node.value for inner in (part if isinstance(part, tuple) else (part,))]


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
