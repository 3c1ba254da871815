"""Records that are read back from JSON: whoever wrote them, each field is checked before it is used."""

import json
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from galforge.core.errors import InputError
from galforge.core.files import read_json

MOST_BYTES: Final = 1 << 24  # of a record; one of ours has a few thousand


class Statement(BaseModel):
    """What is used of a record, with values taken as they are; what else it says is shown at most."""

    model_config = ConfigDict(extra="allow", strict=True)


def read_record(path: Path, statement: type[Statement]) -> dict[str, Any]:
    """Return the content of a JSON file, checked.

    Raises
    ------
    InputError
        In one line, for the first field that is not as stated.
    """
    if (size := path.stat().st_size) > MOST_BYTES:
        raise InputError(f"{path}: has {size:,} bytes; a record has at most {MOST_BYTES:,}")
    facts = read_json(path)
    try:
        # As JSON, where a list is a tuple and 16.0 is still no integer.
        statement.model_validate_json(json.dumps(facts, allow_nan=False))
    except ValidationError as invalid:
        raise InputError(f"{path}: {_first_fault(invalid)}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: holds what is no record ({error})") from None
    return dict(facts)


def _first_fault(invalid: ValidationError) -> str:
    error = invalid.errors(include_url=False)[0]
    field = ".".join(map(str, error["loc"])) or "the record"
    if error["type"] == "missing":
        return f"has no {field}"
    return f"{field} is {error['input']!r:.80}: {error['msg']}"
