"""With what the judge works, where a user calls it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from galforge.core.errors import ConfigurationError
from galforge.core.settings import Section
from galforge.evaluation.feature_settings import FeatureSpaceSettings
from galforge.evaluation.sample_files import Scoring
from galforge.evaluation.segmentation import Segmentation

# A link to the project's own configuration; an installed library has the file in its place.
DEFAULT = Path(__file__).parents[1] / "config.yaml"


class JudgeSettings(Section):
    """What the section ``evaluation`` of a configuration says of the judge, and the configuration's seed."""

    count: int
    resamples: int
    parameters: list[str]
    segmentation: Segmentation
    features: FeatureSpaceSettings
    seed: int

    def scoring(self) -> Scoring:
        """Return what scores are computed with."""
        return Scoring(parameters=self.parameters, count=self.count, resamples=self.resamples, seed=self.seed)


def _of_configuration(path: Path) -> dict[str, Any]:
    """Return what a configuration says of the judge, without what belongs to a run alone."""
    whole = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    said = {key: value for key, value in whole.get("evaluation", {}).items() if key != "controls"}
    if "features" in said:
        said["features"] = {key: value for key, value in said["features"].items() if key != "inception"}
    return said | {key: whole[key] for key in ("seed",) if key in whole}


def judge_settings(given: Path | str | Mapping[str, Any] | None = None) -> JudgeSettings:
    """Return the judge's settings: the project's own, with what is given over them.

    Parameters
    ----------
    given : Path, str or mapping, optional
        The configuration of a run, of which the section ``evaluation`` and the key ``seed`` are read, or keys
        of that section and ``seed``.

    Raises
    ------
    ConfigurationError
        For an unknown key, and a value that is not allowed.
    """
    own, over, where = _of_configuration(DEFAULT), {}, "settings"
    if isinstance(given, Mapping):
        over = dict(given)
    elif given is not None:
        over, where = _of_configuration(Path(given)), str(given)
    for part in ("features", "segmentation"):
        over[part] = {**own[part], **over.get(part, {})}
    try:
        return JudgeSettings.model_validate({**own, **over})
    except ValidationError as invalid:
        error = invalid.errors(include_url=False)[0]
        key = ".".join(map(str, error["loc"]))
        raise ConfigurationError(f"{where}: {key} is {error['input']!r:.80}: {error['msg']}") from None
