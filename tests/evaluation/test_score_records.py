"""What the judge wrote is checked when it is read back: a hostile value is refused in one line."""

import json

import pytest

from galforge.core.errors import InputError
from galforge.core.files import write_json
from galforge.evaluation.score_records import read_floor, read_scores
from tests.evaluation.test_isolated_scores import floor_of, judged, sample
from workflow_scripts.evaluation import build_leaderboard

HOSTILE = ("subprocess:run", "<script>", "../../x", {"a": [1]}, [[]], 1e400, float("nan"), -1, True)


@pytest.fixture(scope="module")
def floor():
    return json.loads(json.dumps(floor_of(sample(20, 1), sample(20, 3))))


@pytest.fixture(scope="module")
def scores(floor):
    return json.loads(json.dumps(judged(sample(20, 2), floor)))


def written(path, content):
    path.write_text(json.dumps(content))
    return path


def test_what_the_judge_writes_is_read(tmp_path, floor, scores):
    write_json(tmp_path / "floor.json", floor)
    write_json(tmp_path / "scores.json", scores)
    assert read_floor(tmp_path / "floor.json")["scores"] == floor["scores"]
    assert read_scores(tmp_path / "scores.json")["scores"] == scores["scores"]


def fields(value, path=()):
    """Yield the place of every field but those of many scores, of which one stands for all."""
    yield path
    if isinstance(value, dict):
        names = list(value)
        for name in names[:1] if path[:1] == ("scores",) and len(path) == 2 else names:
            yield from fields(value[name], (*path, name))


def changed(content, path, value):
    content = json.loads(json.dumps(content))
    inner = content
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return content


TEXT = {"reason"}  # any text: it is shown, escaped
NUMBERS = {"value", "error", "floor", "floor_error", "model", "training_seconds"}  # any finite number
FREE = {"reference", "floor", "generated"}


def allowed(path, value):
    name = path[-1]
    if isinstance(value, str):
        return name in TEXT or path[0] == "gates"
    if isinstance(value, bool):
        return name in {"tied", "simulated"}
    if isinstance(value, int):
        return (name in NUMBERS and len(path) > 1) or name == "training_seconds" or path[0] == "failures"
    return False


@pytest.mark.parametrize("which", ["floor", "scores"])
def test_no_field_takes_a_hostile_value(tmp_path, request, which):
    content = request.getfixturevalue(which)
    read = {"floor": read_floor, "scores": read_scores}[which]
    known = {"parameters"} if which == "floor" else set()  # of the floor: shown, and used by nothing
    taken = []
    for path in filter(None, fields(content)):
        for value in HOSTILE:
            file = written(tmp_path / f"{which}.json", changed(content, path, value))
            try:
                read(file)
            except InputError as error:
                assert str(error).startswith(f"{file}: ") and "\n" not in str(error)
            else:
                taken.append((path, value))
    assert not [each for each in taken if not allowed(*each) and each[0][0] not in known]


def test_a_missing_field_is_named(tmp_path, scores):
    file = written(tmp_path / "scores.json", {k: v for k, v in scores.items() if k != "mean_distance"})
    with pytest.raises(InputError, match=r"scores\.json: has no mean_distance"):
        read_scores(file)


def test_the_leaderboard_refuses_hostile_scores_in_one_line(tmp_path, floor, scores):
    write_json(tmp_path / "floor.json", floor)
    hostile = written(tmp_path / "scores.json", changed(scores, ("status",), "subprocess:run"))
    files = build_leaderboard.Files(
        tmp_path / "floor.json", (hostile,), tmp_path / "leaderboard.csv", tmp_path / "scores.csv",
        tuple(tmp_path / f"rounded.{suffix}" for suffix in ("csv", "md", "tex")),
    )  # fmt: skip
    with pytest.raises(InputError, match=r"scores\.json: status is 'subprocess:run'"):
        build_leaderboard.main(files, build_leaderboard.Settings(dataset="drawn", labels={}))
    assert not files.leaderboard.exists() and not files.all_scores.exists()
