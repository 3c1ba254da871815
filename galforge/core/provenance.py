"""What a result was made with: the source files, their digest, and the libraries' versions.

The standard library alone: the Snakefile imports this module, and so does every stage.
"""

import ast
import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable, Iterator
from pathlib import Path

ENTRIES = "workflow_scripts"
PACKAGES = ("galforge", ENTRIES)
ROOT = Path(__file__).resolve().parents[2]

LIBRARIES = (
    "snakemake", "torch", "galsim", "astropy", "numpy", "scipy", "pandas", "h5py", "photutils", "statmorph",
)  # fmt: skip


def source_closure(entry: str, modules: Iterable[str] = ()) -> list[Path]:
    """Return the project's files that an entry imports, directly or through others.

    Snakemake sees a rule's own script change but not the modules which that script imports. Handing
    the rule all of them as inputs makes an edit rerun exactly the stages that use the edited file.

    Parameters
    ----------
    entry : str
        Stage and name of an entry: ``"stamps.render_stamps"`` is
        ``workflow_scripts/stamps/render_stamps.py``.
    modules : iterable of str
        Dotted names of modules that the entry imports by name at run time (a model's).

    Returns
    -------
    list of Path
        Sorted absolute paths.

    Raises
    ------
    FileNotFoundError
        If a module of the project that is imported does not exist.
    """
    pending = [f"{ENTRIES}.{entry}", *modules]
    found: set[Path] = set()
    while pending:
        path = _module_path(pending.pop())
        if path not in found:
            found.add(path)
            pending.extend(_imported_modules(path))
    return sorted(found)


@functools.cache
def _module_path(module: str) -> Path:
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    if not path.is_file():
        raise FileNotFoundError(f"{module}: there is no {path.relative_to(ROOT)}")
    return path


@functools.cache
def _imported_modules(path: Path) -> tuple[str, ...]:
    modules = []
    for node in _statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            raise ValueError(f"{path}: imports of the project are absolute, line {node.lineno} is not")
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names if _is_ours(alias.name)]
        elif isinstance(node, ast.ImportFrom) and node.module and _is_ours(node.module):
            # ``from package import module`` names a module; ``from module import name`` does not.
            for alias in node.names:
                submodule = ROOT.joinpath(*node.module.split("."), alias.name).with_suffix(".py")
                modules.append(f"{node.module}.{alias.name}" if submodule.is_file() else node.module)
    return tuple(name for name in modules if "." in name)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements below a node, at any depth, but not the expressions, which hold no import."""
    for field in ("body", "orelse", "handlers", "finalbody", "cases"):
        # An expression has such a field, too: the body of a lambda.
        for child in below if isinstance(below := getattr(node, field, ()), list) else ():
            yield child
            yield from _statements(child)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in PACKAGES


def code_digest(paths: Iterable[Path]) -> str:
    """Return the SHA-256 of source files, in hexadecimal; where they lie does not matter."""
    digest = hashlib.sha256()
    for path in sorted(Path(path).resolve() for path in paths):
        digest.update(f"{path.relative_to(ROOT)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that numbers depend on."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            # A stage's environment need not hold every library.
            continue
    return found
