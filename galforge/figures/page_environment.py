"""What every page that galforge writes is filled in by."""

import jinja2


def page_environment() -> jinja2.Environment:
    """Return an environment for templates of HTML: text is escaped, a name that is not given is an error."""
    return jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
