"""Types of values that several sections share."""

from typing import Annotated, Final

from pydantic import StringConstraints

NAME_PATTERN: Final = "^[a-z][a-z0-9_]*$"

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
"""The name of a survey, dataset or model; it becomes part of file names."""

FilePath = Annotated[str, StringConstraints(min_length=1)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+/\S+$")]
Hash = Annotated[str, StringConstraints(pattern="^(md5:[0-9a-f]{32}|sha256:[0-9a-f]{64})$")]
