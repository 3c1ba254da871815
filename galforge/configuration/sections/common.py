"""Types of values that several sections share."""

from typing import Annotated, Any, Final

from pydantic import AfterValidator, StringConstraints

from galforge.core.settings import refuse

NAME_PATTERN: Final = "^[a-z][a-z0-9_]*$"

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
"""The name of a survey, dataset or model; it becomes part of file names."""

FilePath = Annotated[str, StringConstraints(min_length=1)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+/\S+$")]
Hash = Annotated[str, StringConstraints(pattern="^(md5:[0-9a-f]{32}|sha256:[0-9a-f]{64})$")]


def _each_once(entries: list[Any]) -> list[Any]:
    if any(entry in entries[:index] for index, entry in enumerate(entries)):
        refuse("each entry once")
    return entries


EachOnce = AfterValidator(_each_once)
