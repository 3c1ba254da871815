"""What a configuration says of its recognizers: which variants there are, and how each is trained."""

from typing import Any, Final

from galforge.configuration import layout
from galforge.configuration.layout import ResultFile
from galforge.configuration.mappings import Config, merged
from galforge.core.errors import ConfigurationError

BASE: Final = "base"  # the variant of a recognizer that is given none


def recognizers(config: Config) -> list[str]:
    """Return the names of all recognizers."""
    return list(config.get("recognizers") or {})


def variants_of(config: Config, name: str) -> list[str]:
    """Return the variants of a recognizer, in the order of the configuration."""
    return list(_entry(config, name).get("variants") or {BASE: {}})


def repeats_of(config: Config, name: str) -> range:
    """Return the numbers of a variant's trainings, from 1."""
    return range(1, _entry(config, name)["repeats"] + 1)


def recognizer_of(config: Config, name: str, variant: str) -> dict[str, Any]:
    """Return a recognizer with what a variant of it changes.

    Raises
    ------
    ConfigurationError
        If there is none: a file was asked for that the configuration does not name.
    """
    entry = dict(_entry(config, name))
    variants = entry.pop("variants", None) or {BASE: {}}
    if variant not in variants:
        raise ConfigurationError(
            f"recognizers.{name}: has no variant {variant}; there are: {', '.join(variants)}"
        )
    return merged(entry, variants[variant])


def asked(config: Config, name: str) -> dict[ResultFile, list[dict[str, str]]]:
    """Return what is asked about the stamps of others: the wildcards of each file of scores, by its kind."""
    entry = _entry(config, name)
    return {
        layout.PICTURE_SCORES: [{"pictures": pictures} for pictures in entry.get("pictures") or {}],
        layout.SAMPLE_SCORES: [dict(each) for each in entry.get("samples") or []],
        layout.DISCRIMINATOR_SCORES: [{}] if entry.get("discriminator") else [],
    }


def _entry(config: Config, name: str) -> Config:
    there = config.get("recognizers") or {}
    if name not in there:
        raise ConfigurationError(f"recognizers: there is no {name}; there are: {', '.join(there) or 'none'}")
    entry: Config = there[name]
    return entry
