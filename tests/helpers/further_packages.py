"""Python with packages that the environment of the tests does not have, for slow tests."""

import os
import subprocess
import sys

from tests.conftest import PROJECT


def install(folder, *packages, dependencies=True):
    """Install packages into a folder, beside the environment."""
    options = [] if dependencies else ["--no-deps"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, *options, *packages]
    subprocess.run([*map(str, command)], check=True)


def run_with(folder, *words, cwd=PROJECT, **environment):
    """Run Python with the packages of a folder and the project, which must end well; return its output."""
    path = os.pathsep.join(map(str, (PROJECT, folder)))
    ended = subprocess.run(
        [sys.executable, *map(str, words)],
        env={**os.environ, "PYTHONPATH": path, **environment},
        cwd=cwd, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def run_tests_with(folder, path, chosen):
    """Run the tests of a file that are chosen, with the packages of a folder; return what pytest printed."""
    return run_with(folder, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "-k", chosen, path)
