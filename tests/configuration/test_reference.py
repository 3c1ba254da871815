"""The schema and the reference are those of the statement; each setting is described."""

import json
import re

import pytest

from galforge.commands.check import check
from galforge.configuration.loading import configuration_files, read_yaml
from galforge.configuration.reference import editor_schema, generated
from tests.conftest import PROJECT


@pytest.mark.parametrize("path", generated())
def test_what_is_generated_is_up_to_date(path):
    written = (PROJECT / path).read_text(encoding="utf-8")
    assert written == generated()[path], "run python -m galforge.configuration.reference"


def mappings(node, path="#"):
    if isinstance(node, dict):
        if "properties" in node and "if" not in node and "additionalProperties" in node:
            yield path, node
        for key, inner in node.items():
            yield from mappings(inner, f"{path}/{key}")
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from mappings(inner, f"{path}/{index}")


def test_every_mapping_refuses_unknown_keys_and_every_setting_is_described():
    for path, node in mappings(editor_schema()):
        assert node["additionalProperties"] is False, path
        for key, stated in node["properties"].items():
            # What chooses one of several mappings is described by that mapping.
            assert stated.get("description") or "const" in stated, f"{path}: {key}"


def test_every_file_of_the_default_names_the_schema():
    for path in configuration_files(PROJECT):
        first = path.read_text().splitlines()[0]
        named = first.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / named).resolve() == PROJECT / "config" / "schema.json"
        assert read_yaml(path).keys() <= editor_schema()["properties"].keys()


def test_the_schema_is_json_that_an_editor_can_read():
    schema = json.loads((PROJECT / "config/schema.json").read_text())
    assert schema["properties"]["training"]["$ref"] == "#/$defs/Training"
    assert "required" not in schema


def blocks(page):
    return re.findall(r"^```yaml\n(.*?)^```", (PROJECT / page).read_text(), flags=re.M | re.S)


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md"])
def test_what_a_page_gives_to_be_written_can_be_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_galaxies").mkdir()
    for number, block in enumerate(blocks(page)):
        (tmp_path / f"{number}.yaml").write_text(block)
        check(tmp_path / f"{number}.yaml")
    assert list(tmp_path.glob("*.yaml"))


def test_the_readme_of_the_configurations_names_each():
    text = (PROJECT / "config/README.md").read_text()
    assert not [path.name for path in (PROJECT / "config").glob("*.yaml") if f"]({path.name})" not in text]
