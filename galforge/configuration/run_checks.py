"""Whether models can be trained as they are asked for: settings, conditions, the stamps of a dataset."""

from collections.abc import Mapping, Sequence
from typing import Any

from galforge.configuration.datasets import has_labels, image_shape, in_flux
from galforge.configuration.known_names import check_known
from galforge.configuration.mappings import Config, merged
from galforge.configuration.messages import Inherited
from galforge.configuration.stated import check_stated
from galforge.core.errors import ConfigurationError
from galforge.datasets.columns import COLUMNS, STATMORPH, TEXT
from galforge.models import registry as models
from galforge.networks import registry as networks


def check_phases(key: str, family: str, recipe: Mapping[str, Any]) -> None:
    """Refuse a recipe that names a phase which its family has not."""
    check_known_phases(key, models.settings_class(family).phases, recipe)


def check_known_phases(key: str, phases: Sequence[str], recipe: Mapping[str, Any]) -> None:
    """Refuse a recipe, of what stands at ``key``, that names a phase which is none of these."""
    for phase in recipe.get("optimizer", {}).get("phases", {}):
        check_known(f"{key}.recipe.optimizer.phases", phase, phases)


def check_model(key: str, family: str, settings: dict[str, Any], inherited: Inherited) -> None:
    """Refuse settings that are not as the family and its network state them."""
    check_known(f"{key}.family", family, models.names())
    statement = models.settings_class(family)
    # A network's settings first, by what states them: of the family's statement they are a mapping, no more.
    network, own = settings.get("network"), settings.get("network_settings")
    if "network" in statement.model_fields and isinstance(network, str) and isinstance(own, Mapping):
        check_known(f"{key}.settings.network", network, networks.names())
        check_stated(own, networks.settings_class(network), (key, "settings", "network_settings"), inherited)
    check_stated(settings, statement, (key, "settings"), inherited)


def check_run(config: Config, key: str, run: Config, model: str) -> None:
    """Refuse a run whose changes do not fit a model of it.

    Parameters
    ----------
    config : mapping
    key : str
        Where the run stands.
    run : mapping
        With ``dataset``, and ``settings``, ``recipe`` and ``conditions`` where it has them.
    model : str
        One of the catalogue that has no fault of its own.
    """
    entry = config["models"][model]
    if "settings" in run:  # without any, they are the model's own, which were checked in its place
        inherited = Inherited({key: entry}, f"models.{model}", "add a model of your own to models instead")
        check_model(key, entry["family"], merged(entry["settings"], run["settings"]), inherited)
    check_phases(key, entry["family"], run.get("recipe", {}))
    if run.get("conditions"):
        _check_conditions(config, f"{key}.conditions", run, model)


def _check_conditions(config: Config, key: str, run: Config, model: str) -> None:
    family = config["models"][model]["family"]
    if not models.settings_class(family).takes_conditions:
        raise ConfigurationError(
            f"{key} is {run['conditions']}, but model {model!r} is asked for nothing; allowed: none, or "
            f"models of another family than {family!r}"
        )
    if run["dataset"] not in config["datasets"]:
        return
    measured = config["datasets"][run["dataset"]].get("morphology", [])
    for column in run["conditions"]:
        parameter = column.removeprefix(STATMORPH)
        if parameter != column and parameter not in measured:
            raise ConfigurationError(
                f"{key} is {column!r}, but datasets.{run['dataset']}.morphology is {measured}; allowed: "
                f"what it lists, after {STATMORPH}"
            )
        # The columns of a survey's own table are known once it is read: train_model names them.
        if not has_labels(config, run["dataset"]):
            check_known(key, column, [known for known in COLUMNS if known not in TEXT])


def check_supported(config: Config, key: str, dataset: str, model: str, settings: Config) -> None:
    """Refuse a model with these settings that cannot be trained on the stamps of a dataset."""
    channels, height, width = image_shape(config, dataset)
    network = settings.get("network")
    statements: list[Any] = [models.settings_class(config["models"][model]["family"])]
    statements += [networks.settings_class(network)] if network else []
    if statements[0].in_flux and not in_flux(config, dataset):
        raise ConfigurationError(
            f"{key}: model {model!r} learns stamps in flux, but those of dataset {dataset!r} are not; "
            "allowed: a dataset with normalization: flux"
        )
    refusals = [refusal_of(statement, channels, height) for statement in statements]
    if network and not any(refusals):
        refusals = [networks.settings(network, settings["network_settings"]).refusal(height)]
    for allowed in filter(None, refusals):
        raise ConfigurationError(
            f"{key}: model {model!r} cannot be trained on dataset {dataset!r}, whose stamps are "
            f"{channels} x {height} x {width} (channels, height, width); allowed: {allowed}"
        )


def refusal_of(statement: Any, channels: int, side: int) -> str:
    """Return which stamps whatever is stated so takes, where it does not take these; empty if it does."""
    sizes, depths = statement.stamp_sizes, statement.stamp_channels
    if (sizes is None or side in sizes) and (depths is None or channels in depths):
        return ""
    allowed = [f"{' or '.join(map(str, depths))} channels"] if depths else []
    allowed += [" or ".join(f"{size} x {size}" for size in sizes)] if sizes else []
    return ", ".join(allowed)
