"""A statement of settings of which any may be left out: what a run changes of a model's recipe."""

import dataclasses
import typing
from typing import Any

from galforge.core.command_line import strict


def partial_of(statement: type) -> type:
    """Return a dataclass with the fields of another, at every depth, none of which must be given.

    A field that is left out is None there; one that is given must be as the other has it, so that null is
    allowed only where it was.
    """
    hints = typing.get_type_hints(statement, include_extras=True)
    fields: list[tuple[str, Any, Any]] = []
    for name, annotation in hints.items():
        stated, *notes = typing.get_args(annotation) if hasattr(annotation, "__metadata__") else (annotation,)
        if dataclasses.is_dataclass(stated) and isinstance(stated, type):
            annotation = typing.Annotated[partial_of(stated), *notes]
        fields.append((name, annotation, None))
    partial = dataclasses.make_dataclass(f"Partial{statement.__name__}", fields, frozen=True)
    partial.__doc__ = statement.__doc__
    return strict(partial)
