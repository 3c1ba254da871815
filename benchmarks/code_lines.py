"""Count lines of code: no blank lines, comments or docstrings.

    python -m benchmarks.code_lines [PROJECT]

Python is counted by its tokens, Snakemake and YAML by their lines. Tests, benchmarks and documentation are
left out, and what is generated.
"""

import ast
import io
import sys
import tokenize
from pathlib import Path

GROUPS = {
    "rules": ("Snakefile", "rules/*.smk"),
    "entries and library": ("workflow_scripts/**/*.py", "galforge/**/*.py"),
    "configuration": ("*.yaml", "config/**/*.yaml", "docs/*.yaml", "workflow_scripts/schemas/*.yaml"),
}
_LAYOUT = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
)


def python_lines(source: str) -> int:
    """Return the lines of Python that hold code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _LAYOUT:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body:
                case [ast.Expr(value=ast.Constant(value=str())) as docstring, *_]:
                    lines.difference_update(range(docstring.lineno, (docstring.end_lineno or 0) + 1))
    return len(lines)


def plain_lines(source: str) -> int:
    """Return the lines of Snakemake or YAML that are neither blank nor a comment."""
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in source.splitlines())


def count(project: Path) -> dict[str, int]:
    """Return the lines of code per group of files."""
    totals = {}
    for group, patterns in GROUPS.items():
        files = sorted({path for pattern in patterns for path in project.glob(pattern)})
        totals[group] = sum(
            (python_lines if path.suffix == ".py" else plain_lines)(path.read_text(encoding="utf-8"))
            for path in files
        )
    return totals


if __name__ == "__main__":
    totals = count(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    for group, lines in totals.items():
        print(f"{lines:7,}  {group}")
    print(f"{sum(totals.values()):7,}  in all")
