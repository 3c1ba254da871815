"""Names that become part of paths, and digests: text whose every character is known."""

from typing import Annotated, Final

from pydantic import StringConstraints

NAME_PATTERN: Final = "^[a-z][a-z0-9_]*$"

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
"""The name of a survey, dataset or model; it becomes part of file names."""

Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
"""The digest of a file, hexadecimal."""
