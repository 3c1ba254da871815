"""A configuration is checked whole before any job runs; an error names key, value and what is allowed."""

import difflib
import functools
import math
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from galforge.configuration.configuration import (
    CONTROL_PREFIX,
    has_labels,
    image_shape,
    merged,
    model_targets,
    of_pictures,
    run_pairs,
)
from galforge.core.errors import ConfigurationError
from galforge.core.targets import declared
from galforge.datasets.columns import COLUMNS, TEXT

SCHEMA_PATH = Path(__file__).parent / "config.schema.yaml"

_BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "minLength": "at least {} characters",
    "pattern": "text that matches {}",
    "const": "{}",
}


_INTEGER_BITS = 63  # and a sign

# JSON's 16.0 is an integer, but it is none to what is built with it.
_VALIDATOR = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)


def validate_configuration(config: Mapping[str, Any]) -> None:
    """Check a configuration: keys, types, bounds, then what refers to what.

    Parameters
    ----------
    config : mapping
        As merged by Snakemake.

    Raises
    ------
    ConfigurationError
        For the first fault, in one line.
    """
    _check_plain(config, ())
    _check(config, _schema())
    _check_datasets(config)
    _check_models(config)
    _check_runs(config)
    _check_inception(config["evaluation"]["features"]["inception"])


@functools.cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = yaml.safe_load(SCHEMA_PATH.read_text(encoding="utf-8"))
    return schema


def _check_plain(value: Any, path: tuple[str | int, ...]) -> None:
    """Refuse what YAML can say and no setting can be: keys that are not text, numbers without bound."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                where = _dotted(path) or "configuration"
                raise ConfigurationError(
                    f"{where}: the key {_shown(key)} is not text; allowed: text, in quotes"
                )
            _check_plain(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check_plain(inner, (*path, index))
    elif isinstance(value, float) and not math.isfinite(value):
        raise ConfigurationError(f"{_dotted(path)} is {value}; allowed: a finite number")
    elif isinstance(value, int) and value.bit_length() > _INTEGER_BITS:
        raise ConfigurationError(f"{_dotted(path)} is {_shown(value)}; allowed: integers of 64 bits")
    elif isinstance(value, str) and "\0" in value:
        raise ConfigurationError(f"{_dotted(path)} is {_shown(value)}; allowed: text without zero bytes")


def _check(value: Any, schema: dict[str, Any], prefix: str = "") -> None:
    validator = _VALIDATOR(schema)
    # The deepest error is the most to the point: that of the key itself, not of what holds it.
    errors = sorted(
        validator.iter_errors(value), key=lambda error: (-len(error.absolute_path), error.message)
    )
    if errors:
        raise ConfigurationError(_explained(errors[0], prefix))


def _explained(error: jsonschema.ValidationError, prefix: str) -> str:
    key = _dotted([*prefix.split(".")] * bool(prefix) + list(error.absolute_path))
    rule, limit, value = error.validator, error.validator_value, error.instance
    if rule == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        unknown = next(name for name in value if name not in known)
        close = difflib.get_close_matches(str(unknown), known, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        where = f"{key}.{unknown}" if key else unknown
        return f"unknown key {where!r} with value {_shown(value[unknown])}{hint}; allowed: {', '.join(known)}"
    if rule == "required":
        missing = next(name for name in limit if name not in value)
        return f"missing key {f'{key}.{missing}' if key else missing!r}"
    if "propertyNames" in error.absolute_schema_path:
        return (
            f"{key or 'configuration'}: the name {value!r} is not allowed; allowed: {error.schema['pattern']}"
        )
    if rule == "enum":
        # Each once: a number may be written as text, too.
        allowed = ", ".join(dict.fromkeys(str(item) for item in limit))
        if reason := error.schema.get("refused", {}).get(str(value).lower()):
            allowed += f" ({reason})"
    elif rule == "type":
        allowed = " or ".join(limit) if isinstance(limit, list) else limit
    elif rule == "pattern" and "allowed" in error.schema:
        allowed = error.schema["allowed"]
    elif rule in _BOUNDS:
        allowed = _BOUNDS[rule].format(limit)
    else:
        return f"{key} is {_shown(value)}: {error.message}"
    return f"{key} is {_shown(value)}; allowed: {allowed}"


def _dotted(path: Iterable[str | int]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _check_known(key: str, name: str, known: Iterable[str]) -> None:
    known = list(known)
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise ConfigurationError(f"{key} is {name!r}{hint}; allowed: {', '.join(known) or 'none defined'}")


def _check_datasets(config: Mapping[str, Any]) -> None:
    for name, dataset in config["datasets"].items():
        key = f"datasets.{name}"
        _check_known(f"{key}.survey", dataset["survey"], config["surveys"])
        _check_stamps(config, name)
        for column, limit in dataset["selection"]["limits"].items():
            numeric = [known for known in COLUMNS if known not in TEXT and not known.endswith("_status")]
            # The columns of a survey's own table are known once it is read: select_stamps names them.
            if not has_labels(config, name):
                _check_known(f"{key}.selection.limits", column, numeric)
            lowest, highest = limit.get("minimum"), limit.get("maximum")
            if lowest is not None and highest is not None and lowest > highest:
                raise ConfigurationError(
                    f"{key}.selection.limits.{column}.minimum is {lowest}; "
                    f"allowed: at most its maximum, {highest}"
                )
        _check_split(f"{key}.split", dataset["split"])


def _check_stamps(config: Mapping[str, Any], dataset: str) -> None:
    entry = config["datasets"][dataset]
    key, mode, survey = f"datasets.{dataset}.stamps", entry["stamps"]["mode"], entry["survey"]
    pictures = of_pictures(config, dataset)
    if (mode == "picture") != pictures:
        allowed = "picture" if pictures else "fit, fixed"
        raise ConfigurationError(
            f"{key}.mode is {mode!r}, but survey {survey!r} has source "
            f"{config['surveys'][survey]['source']!r}; allowed: {allowed}"
        )
    if pictures:
        _check_known(f"{key}.preprocessing", entry["stamps"]["preprocessing"], config["preprocessing"])
        recipe = config["preprocessing"][entry["stamps"]["preprocessing"]]
        if recipe["side"] is not None and recipe["border"]:
            raise ConfigurationError(
                f"preprocessing.{entry['stamps']['preprocessing']}.border is {recipe['border']}; "
                "allowed: 0 where side says what is kept"
            )


def _check_split(key: str, split: Mapping[str, Any]) -> None:
    if any(value >= 1 for value in split.values()):
        for side, value in split.items():
            if value < 1 or value != int(value):
                raise ConfigurationError(
                    f"{key}.{side} is {value}; allowed: a whole number of stamps, as the others are, "
                    "or fractions less than 1 for both validation and test"
                )
    elif split["validation"] + split["test"] >= 1:
        raise ConfigurationError(
            f"{key}: validation + test is {split['validation'] + split['test']:g}; "
            "allowed: less than 1, the rest is for training"
        )


def _check_models(config: Mapping[str, Any]) -> None:
    for name, model in config["models"].items():
        if name.startswith(CONTROL_PREFIX):
            raise ConfigurationError(
                f"models: {name!r} is not allowed; allowed: names that do not begin with {CONTROL_PREFIX!r}"
            )
        _check_model(f"models.{name}", model["target"], model["settings"])
        _check_phases(f"models.{name}", model["target"], model["recipe"])


def _check_phases(key: str, target: str, recipe: Mapping[str, Any]) -> None:
    for phase in recipe.get("optimizer", {}).get("phases", {}):
        _check_known(f"{key}.recipe.optimizer.phases", phase, declared(target).get("PHASES", ("model",)))


def _check_model(key: str, target: str, settings: dict[str, Any]) -> None:
    _check(settings, _declaration(f"{key}.target", target), f"{key}.settings")
    network = settings.get("network")
    if network is not None:
        _check(
            settings["network_settings"],
            _declaration(f"{key}.settings.network", network),
            f"{key}.settings.network_settings",
        )


def _declaration(key: str, target: str) -> dict[str, Any]:
    try:
        literals = declared(target)
    except FileNotFoundError as error:
        raise ConfigurationError(f"{key} is {target!r}; allowed: a module of this project") from error
    name = target.partition(":")[2]
    if name not in literals["defines"] or "SETTINGS_SCHEMA" not in literals:
        candidates = ", ".join(sorted(literals["defines"])) or "nothing"
        raise ConfigurationError(
            f"{key} is {target!r}; allowed: a component, its module defines {candidates}"
        )
    schema: dict[str, Any] = literals["SETTINGS_SCHEMA"]
    # What a component hands on to another is declared there.
    properties = {
        name: declared(value["as_in"])["SETTINGS_SCHEMA"]["properties"][name] if "as_in" in value else value
        for name, value in schema["properties"].items()
    }
    return {**schema, "properties": properties}


def _check_inception(path: str | None) -> None:
    """Check what can be seen of a TorchScript file without torch, which takes seconds to import."""
    if path is not None and not zipfile.is_zipfile(path):
        fault = "is no TorchScript file" if Path(path).exists() else "does not exist"
        raise ConfigurationError(
            f"evaluation.features.inception is {path!r}, which {fault}; allowed: null, or a TorchScript file "
            "of Inception (inception-2015-12-05.pt)"
        )


def _check_runs(config: Mapping[str, Any]) -> None:
    for index, run in enumerate(config["runs"]):
        _check_known(f"runs[{index}].dataset", run["dataset"], config["datasets"])
        for model in run["models"]:
            _check_known(f"runs[{index}].models", model, config["models"])
            entry = config["models"][model]
            settings = merged(entry["settings"], run.get("settings", {}))
            _check_model(f"runs[{index}]", entry["target"], settings)
            _check_phases(f"runs[{index}]", entry["target"], run.get("recipe", {}))
    pairs = run_pairs(config)
    if not pairs:
        raise ConfigurationError("runs names no model; allowed: at least one model on one dataset")
    for pair in pairs:
        if pairs.count(pair) > 1:
            raise ConfigurationError(
                f"runs: model {pair[1]!r} on dataset {pair[0]!r} is named twice; allowed: once"
            )
        _check_supported(config, *pair)


def _check_supported(config: Mapping[str, Any], dataset: str, model: str) -> None:
    channels, height, width = image_shape(config, dataset)
    for target in model_targets(config, dataset, model):
        declaration = declared(target)
        sizes, depths = declaration.get("IMAGE_SIZES"), declaration.get("CHANNELS")
        if (sizes is None or height in sizes) and (depths is None or channels in depths):
            continue
        allowed = [f"{' or '.join(map(str, depths))} channels"] if depths else []
        allowed += [" or ".join(f"{size} x {size}" for size in sizes)] if sizes else []
        raise ConfigurationError(
            f"runs: model {model!r} cannot be trained on dataset {dataset!r}, whose stamps are "
            f"{channels} x {height} x {width} (channels, height, width); allowed: {', '.join(allowed)}"
        )
