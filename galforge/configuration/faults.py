"""All that is wrong with a configuration, told in one go: a check that fails costs its own place alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from galforge.core.errors import ConfigurationError

_SHOWN = 20  # a screen of them

# What a check raises that reads what is missing or of another type.
_CONSEQUENCES = (LookupError, TypeError, AttributeError, ValueError)


class Faults:
    """The faults so far, one line each, in the order in which they were found."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def __len__(self) -> int:
        return len(self._lines)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note the fault that the block raises, and go on after it.

        A check that stumbles over what is noted already adds nothing.
        """
        try:
            yield
        except ConfigurationError as error:
            self._lines += [line for line in str(error).splitlines() if line not in self._lines]
        except _CONSEQUENCES:
            if not self:
                raise

    def refuse(self) -> None:
        """Raise a ConfigurationError with all faults, where there are any."""
        if len(self._lines) == 1:
            raise ConfigurationError(self._lines[0])
        if self:
            shown = [f"  {line}" for line in self._lines[:_SHOWN]]
            more = [f"  and {len(self._lines) - _SHOWN} more"] * (len(self._lines) > _SHOWN)
            raise ConfigurationError("\n".join([f"{len(self._lines)} faults:", *shown, *more]))
