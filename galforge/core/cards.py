"""Cards: pages of Markdown, filled in from templates, in which no text of others becomes markup."""

from typing import Any

import jinja2


def card_environment() -> jinja2.Environment:
    """Return the environment of the cards' templates; what a template names and is not given is an error."""
    return jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_as_text,
    )


def cell(text: str) -> str:
    """Return a text for a cell of a table, which a bar would end."""
    return text.replace("|", "\\|")


def _as_text(value: Any) -> Any:
    """Return a value for the card without markup: a description or a label may be anyone's."""
    if not isinstance(value, str):
        return value
    return " ".join(value.splitlines()).replace("<", "&lt;")
