"""The environments hold the same versions: conda's files and requirements.txt."""

import re

import yaml

from tests.conftest import PROJECT

REQUIREMENTS = dict(
    line.split("==")
    for line in (PROJECT / "requirements.txt").read_text().splitlines()
    if line and not line.startswith("#")
)


def test_every_requirement_is_pinned():
    lines = (PROJECT / "requirements.txt").read_text().splitlines()
    for line in lines:
        assert not line or line.startswith("#") or re.fullmatch(r"[a-z0-9.\-]+==[^=]+", line), line


def test_conda_environments_have_the_pins_of_requirements():
    files = sorted((PROJECT / "envs").glob("*.yaml"))
    assert len(files) == 4
    for path in files:
        dependencies = yaml.safe_load(path.read_text())["dependencies"]
        pins = next(item["pip"] for item in dependencies if isinstance(item, dict))
        for pin in pins:
            name, version = pin.split("==")
            assert REQUIREMENTS[name] == version, f"{path.name}: {pin}"


def test_every_rule_has_an_environment_that_exists():
    for path in (PROJECT / "rules").glob("*.smk"):
        text = path.read_text()
        named = re.findall(r'conda:\s+"\.\./(envs/\w+\.yaml)"', text)
        assert len(named) == len(re.findall(r"^rule ", text, flags=re.MULTILINE)), path.name
        assert all((PROJECT / name).is_file() for name in named)
