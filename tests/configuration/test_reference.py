"""The schema and the reference are those of the statement; each setting is described."""

import json
import re

import pytest

from galforge.commands.check import check
from galforge.configuration import experiment_reference
from galforge.configuration.loading import configuration_files, known_experiments, read_yaml
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


def test_the_page_of_the_experiments_is_up_to_date():
    page = (PROJECT / experiment_reference.PAGE).read_text(encoding="utf-8")
    assert page == experiment_reference.written(), "run python -m galforge.configuration.experiment_reference"


def test_the_page_has_every_experiment_with_the_papers_words_and_what_was_measured():
    known = known_experiments(PROJECT)
    lines = read_yaml(PROJECT / experiment_reference.LINES)
    row = {"experiment": "goupil_latent_size", "budget": "quick", "measure": "validation_loss", "count": "2"}
    measured = [
        row | {"variant": "5", "mean": "0.52", "deviation": "0.034", "failed": "1"},
        row | {"variant": "20", "mean": "", "deviation": "", "failed": "2"},
    ]
    page = experiment_reference.reference_table(lines, known, measured)
    for name, experiment in known.items():
        assert f"| `{name}` | {experiment['paper']['text']}" in page
    assert "| quick: validation loss 5: 0.52 ± 0.03 (1 failed), 20: none (2 failed) |" in page
    assert "Numbers: 20: 61.79." in page
    with pytest.raises(ValueError, match="there are"):
        experiment_reference.reference_table(lines, known | {"another": {}}, measured)


def test_what_was_measured_is_taken_over_from_results(tmp_path):
    folder = tmp_path / "experiment" / "goupil_latent_size"
    folder.mkdir(parents=True)
    (folder / "variants.csv").write_text(
        "variant,trainings,failed,validation_loss,validation_loss_deviation,validation_loss_count\n5,2,0,0.5,0.1,2\n"
    )
    assert experiment_reference.measured_in(tmp_path, "quick", known_experiments(PROJECT)) == [
        {
            "experiment": "goupil_latent_size", "budget": "quick", "measure": "validation_loss",
            "variant": "5", "mean": "0.5", "deviation": "0.1", "count": "2", "failed": "0",
        }
    ]  # fmt: skip
