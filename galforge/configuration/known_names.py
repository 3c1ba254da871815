"""Names that a configuration may refer to."""

from collections.abc import Iterable

from galforge.configuration.messages import hint, shown
from galforge.core.errors import ConfigurationError

_LISTED = 30  # names that are allowed, where one of them may have been meant


def check_known(key: str, name: str, known: Iterable[str]) -> None:
    """Refuse a name that is none of those known; ``key`` is where it stands."""
    known = list(known)
    if name not in known:
        meant = hint(name, known)
        # A list that no one reads hides what was meant.
        listed = "" if meant and len(known) > _LISTED else f"; allowed: {', '.join(known) or 'none defined'}"
        raise ConfigurationError(f"{key} is {shown(name)}{meant}{listed}")
