"""Another workflow takes this one as a module."""

import subprocess
import sys

from galforge.datasets.stamp_file import read_stamps
from tests.conftest import PROJECT

FOREIGN = f"""
configfile: "{PROJECT}/tests/helpers/tiny.yaml"

module galforge:
    snakefile: "{PROJECT}/Snakefile"
    config: config

use rule * from galforge

rule count_stamps:
    default_target: True
    input: "results/dataset/simulated_cosmos.h5"
    output: "count.txt"
    shell: "wc -c < {{input}} > {{output}}"
"""


def test_a_workflow_of_others_runs_rules_of_ours_up_to_a_rule_of_theirs(tmp_path):
    (tmp_path / "Snakefile").write_text(FOREIGN)
    command = [sys.executable, "-m", "snakemake", "--cores", "2"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    dataset = tmp_path / "results/dataset/simulated_cosmos.h5"
    assert int((tmp_path / "count.txt").read_text()) == dataset.stat().st_size
    assert len(read_stamps(dataset)) > 20
