"""How a setting is stated: type, bounds, unit, description and source, once, as a field of a model."""

from typing import Any, NoReturn

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """A mapping of the configuration whose keys are all known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def setting(description: str, *, unit: str = "", source: str = "", **rest: Any) -> Any:
    """Return the field of a setting.

    Parameters
    ----------
    description : str
        For the reference of the settings and for editors.
    unit : str, optional
        Of a number.
    source : str, optional
        The paper or program that the setting is taken from.
    rest
        Bounds and default, as pydantic's ``Field`` takes them.
    """
    notes: Any = {key: value for key, value in (("unit", unit), ("source", source)) if value}
    return Field(description=description, json_schema_extra=notes or None, **rest)


def refuse(allowed: str, *, key: str = "", value: Any = None) -> NoReturn:
    """Refuse a value, from a validator.

    Parameters
    ----------
    allowed : str
        What would be allowed, for the message.
    key, value : optional
        The key inside the validated mapping, and its value; by default what is validated itself.

    Raises
    ------
    PydanticCustomError
        Always.
    """
    raise PydanticCustomError(
        "refused", "allowed: {allowed}", {"allowed": allowed, "key": key, "value": value}
    )


def _each_once(entries: list[Any]) -> list[Any]:
    if any(entry in entries[:index] for index, entry in enumerate(entries)):
        refuse("each entry once")
    return entries


EachOnce = AfterValidator(_each_once)
"""Of a list."""
