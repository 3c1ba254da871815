"""The environments hold the same versions: conda's files and requirements.txt."""

import ast
import re
import sys

import yaml

from galforge.core.provenance import PACKAGES, source_closure
from tests.conftest import PROJECT
from tests.helpers.rules import read_rules
from tests.test_installation import DISTRIBUTIONS

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
    rules = read_rules().values()
    assert len(rules) > 40
    assert [rule.name for rule in rules if not (PROJECT / (rule.environment or "none")).is_file()] == []


def test_the_lock_pins_the_same_versions_each_with_hashes():
    text = (PROJECT / "requirements.lock.txt").read_text()
    entries = re.findall(
        r"^([a-z0-9.\-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.M
    )
    locked = {name: version for name, version, _ in entries}
    assert len(entries) == len(re.findall(r"^[a-z0-9]", text, flags=re.MULTILINE)), "an entry without hashes"
    required = {name.replace(".", "-"): version for name, version in REQUIREMENTS.items()}
    assert required.items() <= locked.items(), required.items() - locked.items()
    # What it has besides comes with torch's CUDA build.
    more = locked.keys() - required.keys()
    assert all(name.startswith(("nvidia-", "cuda-", "triton", "setuptools")) for name in more), more


def test_the_container_is_made_of_files_that_exist():
    lines = (PROJECT / "Dockerfile").read_text().splitlines()
    copied = next(line for line in lines if line.startswith("COPY requirements")).split()[1:-1]
    assert len(copied) == 3
    assert all((PROJECT / name).is_file() for name in copied)
    assert "python=3.11" in (PROJECT / "envs/training.yaml").read_text()
    assert any(line.startswith("FROM python:3.11") for line in lines)


def test_an_environment_holds_what_its_rules_entries_import():
    """What an entry's sources import directly; what models bring along is in the training environment."""
    lacking = []
    for rule in read_rules().values():
        held = set(re.findall(r"- ([a-z0-9_-]+)==", (PROJECT / rule.environment).read_text()))
        imported = {name for source in source_closure(rule.entry) for name in imported_packages(source)}
        lacking += [f"{rule.environment} for {rule.entry}: {name}" for name in sorted(imported - held)]
    assert not lacking


def imported_packages(source):
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        for name in names:
            package = name.partition(".")[0]
            if package not in sys.stdlib_module_names and package not in PACKAGES:
                yield DISTRIBUTIONS.get(package, package)
