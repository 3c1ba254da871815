"""Types of values that several sections share."""

from typing import Annotated

from pydantic import StringConstraints

FilePath = Annotated[str, StringConstraints(min_length=1)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+/\S+$")]
Hash = Annotated[str, StringConstraints(pattern="^(md5:[0-9a-f]{32}|sha256:[0-9a-f]{64})$")]
