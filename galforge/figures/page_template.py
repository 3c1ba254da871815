"""How the templates of pages are read."""

import jinja2


def page_environment() -> jinja2.Environment:
    """Return the environment of templates: all text is escaped, and what is not given is an error."""
    return jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
