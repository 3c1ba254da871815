"""The library as a package: what it says that it needs, and a wheel of it in an empty environment."""

import ast
import shutil
import subprocess
import sys
import tomllib
from itertools import chain

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import PROJECT
from tests.helpers.further_packages import install, run_tests_with

# Packages that are imported by another name, or come with the one that is named.
DISTRIBUTIONS = {
    "yaml": "pyyaml",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "PIL": "pillow",
    "pydantic_core": "pydantic",
}

METADATA = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
NEEDED = {canonicalize_name(each.name): each for each in map(Requirement, METADATA["dependencies"])}
EXTRAS = {
    extra: [Requirement(text) for text in texts] for extra, texts in METADATA["optional-dependencies"].items()
}
# Not in the environment of the pipeline, which they would make larger for what one command may want.
NOT_PINNED = {"pre-commit", *(each.name for each in EXTRAS["parquet"])}


def pins():
    lines = (PROJECT / "requirements.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def imported_packages(path):
    """Yield the packages that a file of the library imports, by the names that pip knows."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
        for package in (name.partition(".")[0] for name in names):
            if package not in sys.stdlib_module_names and package != "galforge":
                yield canonicalize_name(DISTRIBUTIONS.get(package, package))


def test_the_package_names_all_that_the_library_imports_and_nothing_else():
    imported = {name for path in (PROJECT / "galforge").rglob("*.py") for name in imported_packages(path)}
    assert imported == {*NEEDED, *(canonicalize_name(each.name) for each in EXTRAS["parquet"])}


@pytest.mark.parametrize("requirement", [*NEEDED.values(), *chain(*EXTRAS.values())], ids=str)
def test_the_tested_version_lies_in_the_range_that_is_stated(requirement):
    pinned = pins().get(canonicalize_name(requirement.name))
    if pinned is None:
        assert requirement.name in NOT_PINNED, "no target of make needs them"
    else:
        assert requirement.specifier.contains(pinned)


def run(*words):
    ended = subprocess.run([*map(str, words)], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def copy_of_the_library(target):
    """Copy what a wheel is built from, since setuptools writes beside it; return the library's files."""
    listed = run("git", "-C", PROJECT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    present = [name for name in listed.split("\0") if (PROJECT / name).is_file()]
    present = [name for name in present if name.startswith("galforge/") or "/" not in name]
    for name in present:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / name, target / name)
    return [name for name in present if name.startswith("galforge/")]


@pytest.mark.slow
def test_a_wheel_works_in_an_empty_environment(tmp_path, monkeypatch):
    """Every file is in it, every module can be imported, the command runs."""
    monkeypatch.chdir(tmp_path)
    files = copy_of_the_library(tmp_path / "source")
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", tmp_path, tmp_path / "source")
    [wheel] = tmp_path.glob("galforge-*.whl")
    run(sys.executable, "-m", "venv", "empty")
    run("empty/bin/pip", "install", "--constraint", PROJECT / "requirements.txt", wheel)

    [installed] = tmp_path.glob("empty/lib/python*/site-packages")
    assert not [name for name in files if not (installed / name).is_file()]
    modules = [name.removesuffix(".py").replace("/", ".") for name in files if name.endswith(".py")]
    imports = [f"import {name.removesuffix('.__init__')}" for name in modules if "__main__" not in name]
    run("empty/bin/python", "-c", "\n".join(imports))
    assert run("empty/bin/galforge", "--version").startswith("galforge ")


@pytest.mark.slow
def test_the_parquet_extra_writes_a_table(tmp_path):
    """The tests of Parquet, with what the extra installs beside the environment of the other tests."""
    install(tmp_path, *EXTRAS["parquet"], dependencies=False)
    assert "2 passed" in run_tests_with(tmp_path, PROJECT / "tests/test_draw_command.py", "parquet")
    layout = PROJECT / "tests/datasets/test_multimodal_universe.py"
    assert "1 passed" in run_tests_with(tmp_path, layout, "parquet")
