"""Whether a configuration, whoever wrote it, can be run; nothing in it is run to see."""

from pathlib import Path
from typing import Any

from galforge.core.errors import ConfigurationError, GalforgeError, InputError, in_one_line


def check(*files: Path) -> None:
    """Check configurations, each over config.yaml as in a run, without running what may be in them."""
    from galforge.configuration.loading import default_configuration
    from galforge.core.provenance import ROOT

    if not (ROOT / "config.yaml").is_file():
        raise InputError(f"{ROOT}: has no config.yaml; check configurations in a checkout of galforge")
    default = default_configuration(ROOT)
    faults = {path: _faults(path, default) for path in files}
    for path, found in faults.items():
        for fault in found or ["is in order"]:
            print(f"{path}: {fault.removeprefix(f'{path}: ')}")
    if wrong := sum(map(bool, faults.values())):
        raise ConfigurationError(f"{wrong} of {len(files)} configurations cannot be run")


def _faults(path: Path, default: dict[str, Any]) -> list[str]:
    from galforge.configuration.foreign import read_foreign
    from galforge.configuration.loading import known_experiments, run_configuration
    from galforge.configuration.validation import validate_configuration
    from galforge.core.provenance import ROOT

    try:
        config = run_configuration(default, read_foreign(path), known_experiments(ROOT))
        validate_configuration(config, default)
    except ConfigurationError as error:
        first, *several = str(error).splitlines()
        return [line.strip() for line in several] or [first]
    except (GalforgeError, OSError) as error:
        return [in_one_line(error)]
    return []
