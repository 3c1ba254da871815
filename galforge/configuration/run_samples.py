"""Stamps that no model here made, in a run: whether they can be judged beside its dataset's models."""

from galforge.configuration.mappings import Config
from galforge.configuration.runs import CONTROL_PREFIX, models_of
from galforge.core.errors import ConfigurationError


def check_samples(config: Config, index: int) -> None:
    """Refuse names that are another's, and stamps on a dataset without a model.

    Parameters
    ----------
    config : mapping
        The whole configuration.
    index : int
        The run's place in ``runs``.

    Raises
    ------
    ConfigurationError
        With the key, the name, and what is allowed.
    """
    run, key = config["runs"][index], f"runs[{index}].samples"
    given = run.get("samples") or {}
    earlier = [name for before in config["runs"][:index] for name in before.get("samples") or {}]
    for name in given:
        if name in config["models"] or name in earlier or name.startswith(CONTROL_PREFIX):
            raise ConfigurationError(
                f"{key}: {name!r} is the name of a model, a control or other samples; allowed: another name"
            )
    if given and not models_of(config, run["dataset"]):
        raise ConfigurationError(
            f"{key}: no model is trained on dataset {run['dataset']!r}; allowed: a dataset with one, or "
            "galforge.evaluate for samples alone"
        )
