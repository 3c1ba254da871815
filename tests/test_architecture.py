"""What may import what, and how large a piece of code may grow."""

import ast
from graphlib import CycleError, TopologicalSorter
from itertools import chain

import pytest

from tests.conftest import PROJECT

LIBRARY = sorted((PROJECT / "galforge").rglob("*.py"))
ENTRIES = sorted((PROJECT / "workflow_scripts").rglob("*.py"))
IGNORED = {"__init__.py", "__pycache__"}

# From where to where no import may run: an entry is a thin shell over the library; a model knows nothing of
# how it is trained, a survey nothing of the datasets that come of it, the configuration nothing of drawing.
FORBIDDEN = [
    ("galforge", "workflow_scripts"),
    ("galforge.models", "galforge.training"),
    ("galforge.survey", "galforge.datasets"),
    ("galforge.configuration", "galforge.figures"),
]


def module_name(path):
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts)


def imports(path):
    """Yield the modules that a file imports, those inside functions and for type checkers too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inside(module, package):
    return f"{module}.".startswith(f"{package}.")


@pytest.mark.parametrize(("importer", "imported"), FORBIDDEN)
def test_no_import_runs_upwards(importer, imported):
    upwards = [
        f"{module_name(path)} imports {module}"
        for path in LIBRARY
        if inside(module_name(path), importer)
        for module in imports(path)
        if inside(module, imported)
    ]
    assert not upwards


def test_packages_of_the_library_import_each_other_in_no_circle():
    needs = {}
    for path in LIBRARY:
        package = module_name(path).split(".")[1]
        modules = (module.split(".") for module in imports(path))
        needed = {parts[1] for parts in modules if parts[0] == "galforge" and len(parts) > 1}
        needs.setdefault(package, set()).update(needed - {package})
    try:
        tuple(TopologicalSorter(needs).static_order())
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(error.args[1])}")


def test_only_folders_of_entries_lie_in_workflow_scripts():
    top = {path for path in (PROJECT / "workflow_scripts").iterdir() if path.name not in IGNORED}
    assert not [path.name for path in top if not path.is_dir()]
    entries = [path for path in ENTRIES if path.name != "__init__.py"]
    assert not [module_name(path) for path in entries if "run_entry(main)" not in path.read_text()]
    assert {path.parent for path in entries} == top


def test_no_file_of_the_library_is_large():
    sizes = {module_name(path): path.stat().st_size for path in LIBRARY}
    assert not {name: size for name, size in sizes.items() if size > 13 * 1024}


def functions(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_function_is_long():
    lengths = {
        f"{module_name(path)}.{function.name}": function.end_lineno - function.lineno + 1
        for path in chain(LIBRARY, ENTRIES)
        for function in functions(path)
    }
    assert not {name: length for name, length in lengths.items() if length > 60}


def test_command_lines_are_built_from_dataclasses():
    """An option is stated once: as a field of an entry's files, or a parameter of a command."""
    for paths in (LIBRARY, ENTRIES):
        calls = [module_name(path) for path in paths for _ in range(path.read_text().count("add_argument"))]
        assert len(calls) < 10, calls


def test_a_docstring_says_what_a_function_does():
    empty = [
        f"{module_name(path)}.{function.name}"
        for path in chain(LIBRARY, ENTRIES)
        for function in functions(path)
        if (ast.get_docstring(function) or "").startswith(("Run the stage", "Run the entry"))
    ]
    assert not empty
