"""A score is added by one function and one line of a table."""

import shutil
import subprocess
import sys

from tests.conftest import PROJECT

FUNCTION = """

def _brightness(pair: Comparison) -> dict[str, Score]:
    def difference(reference, sample):
        return {"brightness": abs(sample.mean() - reference.mean())}

    return scores_of(difference, pair.reference.image, pair.sample.image, pair.resamples)


SCORES = {"""
LINE = '    "brightness": StatedScore("light", "lower", _brightness),\n'

# The floor, a model as bright as the survey and one that is brighter, judged and listed.
JUDGE = """
import dataclasses
import galforge
from galforge.evaluation.leaderboard import list_scores
from galforge.evaluation.scores import as_row, beside_floor
from tests.evaluation.test_scores import sample, scores_of

reference = sample(40, seed=1)
real = scores_of(reference, sample(40, seed=2))
bright = sample(40, seed=3)
bright = dataclasses.replace(bright, image=bright.image + 0.5)
entries = [
    {"model": name, "kind": "model", "status": "ok", "gates": {}, "mean_distance": {"model": 1.0},
     "scores": {"raw": scores, "noise_matched": scores, "reconstructed": {}}}
    for name, other in (("good", sample(40, seed=4)), ("bright", bright))
    for scores in [beside_floor(scores_of(reference, other), real)]
]
table = list_scores(entries, {"scores": {name: as_row(name, score) for name, score in real.items()}})
rows = table[(table["score"] == "brightness") & (table["variant"] == "raw")]
print(galforge.__file__)
for row in rows.to_dict("records"):
    print(row["model"], row["group"], row["better"], row["tied"], round(row["value"], 1))
"""


def test_one_function_and_one_line_of_the_table_take_a_score_to_the_list_of_scores(tmp_path):
    shutil.copytree(PROJECT / "galforge", tmp_path / "galforge")
    shutil.copytree(PROJECT / "tests", tmp_path / "tests")
    path = tmp_path / "galforge" / "evaluation" / "score_table.py"
    source = path.read_text().replace("\n\nSCORES = {", FUNCTION, 1)
    source = source.replace('    "cluster_error"', f'{LINE}    "cluster_error"', 1)
    source = source.replace("resampling import Score, ", "resampling import Score, scores_of, ", 1)
    path.write_text(source)
    command = [sys.executable, "-P", "-c", JUDGE]
    ended = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    where, *rows = ended.stdout.splitlines()
    assert where.startswith(str(tmp_path))
    assert sorted(rows) == ["bright light lower 0 0.5", "good light lower 1 0.0"]
