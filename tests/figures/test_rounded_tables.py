"""Leaderboards for people: rounded to the errors, as CSV, Markdown and LaTeX."""

import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from galforge.figures.rounded_tables import as_latex, as_markdown, in_latex, rounded_table

TABLE = pd.DataFrame(
    {
        "rank": pd.array([pd.NA, 1, pd.NA, pd.NA], dtype="Int64"),
        "model": ["survey stamps (floor)", "vae", "control_memorizer", "gan"],
        "kind": ["floor", "model", "control", "model"],
        "status": ["ok", "ok", "ok", "failed"],
        "gate": ["", "", "93% are copies", ""],
        "mean_distance": [0.18123, 0.42512, 0.1749, np.nan],
        "mean_distance_error": [0.0351, 0.0463, 0.0381, np.nan],
        "failure_fraction": [0.0, 0.0312, 0.0, np.nan],
        "failure_fraction_error": [0.0, 0.0191, 0.0, np.nan],
    }
)
LABEL = r"β-VAE | 100 % of $x_1$ & \co"


@pytest.fixture
def rounded():
    return rounded_table(TABLE, {"vae": LABEL})


def test_values_have_the_decimals_of_their_errors(rounded):
    assert rounded["Mean distance"].tolist() == ["0.181 ± 0.035", "0.425 ± 0.046", "0.175 ± 0.038", "failed"]
    assert rounded["Not measurable"].tolist() == ["0.0 %", "3.1 ± 1.9 %", "0.0 %", "–"]
    assert rounded["Rank"].tolist() == ["–", "1", "–", "–"]
    assert rounded["Model"].tolist() == [
        "survey stamps (floor)",
        LABEL,
        "control_memorizer (held back)",
        "gan",
    ]


def test_markdown_keeps_its_columns_whatever_a_label_says(rounded):
    lines = as_markdown(rounded).splitlines()
    assert lines[0] == "| Rank | Model | Mean distance | Not measurable |"
    assert lines[1] == "| --: | :-- | --: | --: |"
    assert lines[3] == r"| 1 | β-VAE \| 100 % of \$x\_1\$ & \\co | 0.425 ± 0.046 | 3.1 ± 1.9 % |"
    bars = [line.replace(r"\\", "").replace(r"\|", "").count("|") for line in lines]
    assert bars == [5] * len(lines)


def test_latex_prints_what_a_label_says(rounded):
    text = as_latex(rounded)
    assert text.startswith("\\begin{tabular}{rlrr}\n\\toprule\n")
    assert r"1 & $\beta$-VAE \textbar{} 100 \% of \$x\_1\$ \& \textbackslash{}co & 0.425 $\pm$ 0.046" in text
    assert text.count(r"\\") == 5, "a head and four rows"
    assert text.isascii()
    assert in_latex("a < b > c") == r"a \textless{} b \textgreater{} c"
    assert in_latex("λ ο") == r"$\lambda$ ο"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine")
def test_latex_compiles(rounded, tmp_path):
    head = "\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n"
    (tmp_path / "table.tex").write_text(f"{head}{as_latex(rounded)}\\end{{document}}\n")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "table.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]
