"""Whether a part of a configuration is as its statement has it."""

import json
from typing import Any

from pydantic import BaseModel, ValidationError

from galforge.configuration.messages import Inherited, Location, faults_of
from galforge.core.errors import ConfigurationError


def check_stated(value: Any, statement: type[BaseModel], prefix: Location, inherited: Inherited) -> None:
    """Refuse a value that is not as stated, with a line for each fault.

    Parameters
    ----------
    value
        A mapping, as the configuration has it.
    statement : type
    prefix : tuple of str or int
        Where in the configuration it stands.
    inherited : Inherited
        Whose keys it was merged over.
    """
    try:
        # As JSON, in which settings travel, a list will do for a tuple, while 16.0 is still no integer.
        statement.model_validate_json(json.dumps(value), strict=True)
    except ValidationError as invalid:
        raise ConfigurationError("\n".join(faults_of(invalid, statement, prefix, inherited))) from None
