"""How long Snakemake itself takes to see what is to be done."""

import subprocess
import sys
import time

from benchmarks.timing import Comparison
from galforge.core.provenance import ROOT


def seconds(*arguments: str) -> float:
    """Return the wall time of a command of this Python's Snakemake."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "snakemake", *arguments], cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start


def compare() -> Comparison:
    """Return the comparison of a dry run with Snakemake's bare start."""
    bare = seconds("--version")
    return Comparison(
        "snakemake -n of the default", "snakemake --version", 1 / bare, 1 / seconds("-n"), "runs/s", "-"
    )
