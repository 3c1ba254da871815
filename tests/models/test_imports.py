"""What models and networks may import: nothing of the training, and settings no torch."""

import ast

import pytest

from tests.conftest import PROJECT

FILES = sorted(
    path for part in ("models", "networks") for path in (PROJECT / "galforge" / part).rglob("*.py")
)


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PROJECT / "galforge").as_posix())
def test_imports_stay_on_their_floor(path):
    allowed = {"core", "networks"} | ({"models"} if "models" in path.relative_to(PROJECT).parts else set())
    of_project = {name.split(".")[1] for name in imported(path) if name.startswith("galforge.")}
    assert of_project <= allowed
    assert not any(name.startswith("workflow_scripts") for name in imported(path))
    if path.stem.endswith("settings") or path.stem == "registry":
        assert not any(name.partition(".")[0] == "torch" for name in imported(path))
