"""What is generated from the statement of the settings: a JSON schema for editors, and a page of reference.

    python -m galforge.configuration.reference

writes both, ``config/schema.json`` and ``docs/settings.md``.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from galforge.configuration.loading import default_configuration
from galforge.configuration.mappings import Config
from galforge.configuration.sections.project import Project
from galforge.models import registry as models
from galforge.models.base_settings import ChosenNetworkSettings
from galforge.networks import registry as networks
from galforge.networks.base_settings import RecognizerSettings

ROOT: Final = Path(__file__).resolve().parents[2]
SCHEMA: Final = "config/schema.json"
PAGE: Final = "docs/settings.md"

Schema = dict[str, Any]


def editor_schema() -> Schema:
    """Return the JSON schema of config.yaml and the files of models, for editors.

    No section is required, since these files share them.
    """
    schema = _without_titles(Project.model_json_schema())
    definitions = schema["$defs"]
    for registry, prefix in ((models, "family"), (networks, "network")):
        for name in registry.names():
            own = _without_titles(registry.settings_class(name).model_json_schema())
            definitions |= own.pop("$defs", {})
            definitions[f"{prefix}_{name}"] = own
    properties = definitions["Model"]["properties"]
    properties["family"] |= {"enum": list(models.names())}
    definitions["Model"]["allOf"] = [
        _chosen("family", name, {"settings": {"$ref": f"#/$defs/family_{name}"}}) for name in models.names()
    ]
    for family in models.names():
        own, statement = definitions[f"family_{family}"], models.settings_class(family)
        if issubclass(statement, ChosenNetworkSettings):
            own["properties"]["network"] |= {"enum": list(statement.networks())}
            own["allOf"] = [
                _chosen("network", name, {"network_settings": {"$ref": f"#/$defs/network_{name}"}})
                for name in statement.networks()
            ]
    recognizing = [n for n in networks.names() if issubclass(networks.settings_class(n), RecognizerSettings)]
    definitions["Recognizer"]["properties"]["network"] |= {"enum": recognizing}
    definitions["Recognizer"]["allOf"] = [
        _chosen("network", name, {"network_settings": {"$ref": f"#/$defs/network_{name}"}})
        for name in recognizing
    ]
    del schema["required"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "galforge", **schema}


def _chosen(key: str, value: str, properties: Schema) -> Schema:
    """Return a rule: where ``key`` has this value, these properties are as stated here."""
    return {
        "if": {"properties": {key: {"const": value}}, "required": [key]},
        "then": {"properties": properties},
    }


def _without_titles(schema: Any) -> Any:
    """Return a schema without pydantic's titles, which repeat the keys, and without defaults of null."""
    if isinstance(schema, list):
        return [_without_titles(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {}
    for key, value in schema.items():
        if (key == "title" and isinstance(value, str)) or (key == "default" and value is None):
            continue
        # The names of keys are no words of the schema: a setting may be called title.
        names = key in ("properties", "$defs") and isinstance(value, dict)
        kept[key] = (
            {name: _without_titles(inner) for name, inner in value.items()}
            if names
            else _without_titles(value)
        )
    return kept


class Table(NamedTuple):
    """The settings of one mapping of the configuration.

    Attributes
    ----------
    place : str
        Where it stands: ``"training"``, ``"surveys.<name>, source: local"``.
    description : str
    rows : list of tuple of str
        Key, type, what is allowed, unit, default, description and source of each.
    """

    place: str
    description: str
    rows: list[tuple[str, ...]]


LONGEST_DEFAULT: Final = 60  # characters
HEAD: Final = ("key", "type", "allowed", "unit", "default", "what it is", "source")


def reference_page(default: Config) -> str:
    """Return the reference of all settings, in Markdown.

    Parameters
    ----------
    default : mapping
        The project's own configuration, for the values that it gives to settings that every run has.
    """
    definitions = editor_schema()["$defs"]
    tables = list(_tables("", _without_titles(Project.model_json_schema()), definitions, default))
    for kind, registry in (("family", models), ("network", networks)):
        for name in registry.names():
            place = _place_of_settings(registry.settings_class(name), kind)
            node = {"$ref": f"#/$defs/{kind}_{name}"}
            tables += _tables(f"{place}, {kind}: {name}", node, definitions, None)
    # What several mappings share, as the PSF of two modes, is shown once.
    shown = {(table.place, table.description): table for table in tables}
    return "\n\n".join([INTRODUCTION, *map(_written, shown.values())]) + "\n"


def _place_of_settings(statement: type, kind: str) -> str:
    if issubclass(statement, RecognizerSettings):
        return "recognizers.<name>.network_settings"
    return "models.<name>.settings" + (".network_settings" if kind == "network" else "")


INTRODUCTION: Final = """# Settings

Every setting of galforge. This page is written by `python -m galforge.configuration.reference` from the
statement of the settings, in `galforge/configuration/sections`, `galforge/training/recipe.py` and the
settings of each family of models and of each network.

`<name>` is any name: lower-case letters, digits and underscores. The default is that of
[config.yaml](../config.yaml), or what is taken where the key is left out; "optional" says that nothing is,
and a key without either must be given."""


def _tables(place: str, node: Schema, definitions: Schema, default: Any) -> Iterator[Table]:
    """Yield the table of a mapping, then those of the mappings in it."""
    node = _resolved(node, definitions)
    if "discriminator" in node:
        key = node["discriminator"]["propertyName"]
        for tag, reference in node["discriminator"]["mapping"].items():
            yield from _tables(f"{place}, {key}: {tag}", {"$ref": reference}, definitions, None)
    elif "properties" in node:
        needed, inner, rows = node.get("required", ()), [], []
        for key, stated in node["properties"].items():
            value = default.get(key) if isinstance(default, Mapping) else None
            rows.append(_row(key, stated, definitions, value, key in needed))
            # Which of several mappings this is goes without saying below it.
            inner.append((f"{place.partition(', ')[0]}.{key}".lstrip("."), stated, value))
        yield Table(place or "The whole", node.get("description", ""), rows)
        for below, stated, value in inner:
            # Every recipe is as a model's, which has its own tables.
            if below.startswith("models.") or not below.endswith(".recipe"):
                yield from _tables(below, stated, definitions, value)
    elif named := _named(node):
        yield from _tables(f"{place}.<name>", named, definitions, None)
    elif node.get("type") == "array":
        yield from _tables(f"{place}[]", _entry(node), definitions, None)


def _named(node: Schema) -> Schema | None:
    """Return what is stated of the entries of a mapping whose keys are names of the user's."""
    further = node.get("additionalProperties")
    patterns = [
        *node.get("patternProperties", {}).values(),
        *([further] if isinstance(further, dict) else []),
    ]
    return patterns[0] if patterns else None


def _resolved(node: Schema, definitions: Schema) -> Schema:
    """Return what a node of the schema refers to, with its own words over it; null beside it is left out."""
    if "anyOf" in node:
        stated = [member for member in node["anyOf"] if member.get("type") != "null"]
        node = {**{key: value for key, value in node.items() if key != "anyOf"}, **stated[0]}
    if "$ref" in node:
        referred: Schema = definitions[node["$ref"].rpartition("/")[2]]
        return referred
    return node


def _row(key: str, stated: Schema, definitions: Schema, value: Any, needed: bool) -> tuple[str, ...]:
    node = _resolved(stated, definitions)
    nullable = any(member.get("type") == "null" for member in stated.get("anyOf", ()))
    if value is None:
        value = stated.get("default")
    shown = json.dumps(value)
    if value is None or isinstance(value, Mapping) or "{" in shown:
        default = "" if needed else "optional"
    else:
        default = f"`{shown}`" if len(shown) <= LONGEST_DEFAULT else "see config.yaml"
    allowed = _allowed(node)
    if nullable:
        allowed = f"{allowed}, or null" if allowed else "or null"
    description = stated.get("description", "")
    return (
        f"`{key}`",
        _kind(node),
        allowed,
        stated.get("unit", ""),
        default,
        description,
        stated.get("source", ""),
    )


_KINDS: Final = {
    "integer": "integer",
    "number": "number",
    "string": "text",
    "boolean": "true or false",
    "object": "mapping",
}


def _kind(node: Schema) -> str:
    """Return the type of a setting, in a word or three."""
    if "enum" in node or "const" in node:
        return "choice"
    if node.get("type") != "array":
        return _KINDS.get(node.get("type", "object"), "mapping")
    kind = _kind(_entry(node))
    return f"list of {kind}" if kind == "text" else f"list of {kind}s"


def _entry(node: Schema) -> Schema:
    """Return what is stated of the entries of a list."""
    entry: Schema = node["items"] if "items" in node else node["prefixItems"][0]
    return entry


_BOUNDS: Final = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minItems": "{} or more entries",
    "maxItems": "{} or fewer entries",
    "pattern": "matches `{}`",
}


def _allowed(node: Schema) -> str:
    """Return what values are allowed, in words."""
    if "const" in node:
        return f"`{node['const']}`"
    if "enum" in node:
        # Each once: a number may be written as text, too.
        values = dict.fromkeys(json.dumps(value).strip('"') for value in node["enum"])
        return ", ".join(f"`{value}`" for value in values)
    bounds = [words.format(node[rule]) for rule, words in _BOUNDS.items() if rule in node]
    if node.get("minItems") == node.get("maxItems") and "minItems" in node:
        bounds = [f"{node['minItems']} entries"]
    if node.get("type") == "array" and (entries := _allowed(_entry(node))):
        bounds.append(f"each {entries}" if "enum" not in _entry(node) else entries)
    return ", ".join(bounds)


def _written(table: Table) -> str:
    """Return a table in Markdown, without the columns that it leaves empty."""
    columns = [index for index in range(len(HEAD)) if index == 0 or any(row[index] for row in table.rows)]
    lines = [[HEAD[index] for index in columns], ["---"] * len(columns)]
    lines += [[row[index].replace("|", "\\|") for index in columns] for row in table.rows]
    title = table.place if table.place == "The whole" else f"`{table.place}`"
    text = [f"## {title}", " ".join(table.description.split("\n\n")[0].split())]
    return "\n\n".join([*filter(None, text), "\n".join(f"| {' | '.join(line)} |" for line in lines)])


def generated(project: Path = ROOT) -> dict[str, str]:
    """Return what is generated: path inside the project to text."""
    return {
        SCHEMA: json.dumps(editor_schema(), indent=1, ensure_ascii=False) + "\n",
        PAGE: reference_page(default_configuration(project)),
    }


def main() -> None:
    """Write all that is generated into the project."""
    for path, text in generated().items():
        (ROOT / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
