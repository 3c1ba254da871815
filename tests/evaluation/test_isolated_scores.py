"""A score that fails costs its own place alone, and says why; so does one that cannot be had."""

import json

import numpy as np
import pandas as pd
import pytest

from galforge.configuration import layout
from galforge.core.files import read_json
from galforge.evaluation import asked, galaxy_distances, judgement, reconstruction, score_table
from galforge.evaluation.comparison import Sample
from galforge.evaluation.floor import judge_floor
from galforge.evaluation.judgement import Reconstruction, judge, score_reconstruction
from galforge.evaluation.leaderboard import list_scores, rank_models
from galforge.evaluation.sample_files import Scoring
from galforge.evaluation.scores import score_sample
from galforge.figures import style
from tests.evaluation.test_scores import PARAMETERS, sample
from tests.helpers.report_inputs import ASKED, Run, ask

SETTINGS = Scoring(parameters=PARAMETERS, count=20, resamples=5, seed=1)
FUNCTIONS = list(dict.fromkeys(entry.function for entry in score_table.SCORES.values() if entry.function))
NAMES = [
    next(name for name, entry in score_table.SCORES.items() if entry.function == function)
    for function in FUNCTIONS
]
FAULT = "could not be computed (ZeroDivisionError: injected)"


def fail(*_, **__):
    raise ZeroDivisionError("injected")


def scored(seed):
    return score_sample(sample(20, 1), sample(20, seed), PARAMETERS, 5, 1)


@pytest.fixture(scope="module")
def whole():
    return scored(2)


def judged(generated, floor, **rest):
    variants = {"raw": generated, "noise_matched": generated}
    scores = judge(variants, sample(20, 1), floor, SETTINGS, Reconstruction(), **rest)
    return scores | {"model": "vae", "kind": "model", "training_seconds": 1.0, "parameters": 2}


def floor_of(reference, other):
    return {"dataset": "drawn", "simulated": True, **judge_floor(reference, other, SETTINGS)}


def broken(monkeypatch, function):
    """Let a function of the table fail; return the names of its scores."""
    names = [name for name, entry in score_table.SCORES.items() if entry.function == function]
    for table in (score_table.SCORES, score_table.OF_PARAMETERS):
        for name, entry in table.items():
            if entry.function == function:
                monkeypatch.setitem(table, name, entry._replace(function=fail))
    if "mean_distance" in names:
        names += [f"distance_{name}" for name in PARAMETERS]
    return names


@pytest.mark.parametrize("function", FUNCTIONS, ids=NAMES)
def test_a_score_that_fails_is_absent_with_its_reason_and_costs_no_other(monkeypatch, whole, function):
    names = broken(monkeypatch, function)
    scores = scored(2)
    assert {name for name in scores if scores[name].reason == FAULT} == set(names)
    assert all(scores[name] == whole[name] for name in whole if name not in names)


@pytest.mark.parametrize("function", FUNCTIONS[:1] + FUNCTIONS[-1:], ids=["the ranking score", "another"])
@pytest.mark.parametrize("where", ["floor", "model"])
def test_the_leaderboard_has_every_other_score(monkeypatch, whole, function, where):
    floor = floor_of(sample(20, 1), sample(20, 3))
    names = broken(monkeypatch, function)
    if where == "floor":
        floor = floor_of(sample(20, 1), sample(20, 3))
    entry = json.loads(json.dumps(judged(sample(20, 2), json.loads(json.dumps(floor))), allow_nan=False))
    matched = entry["scores"]["noise_matched"]
    assert {name for name, score in matched.items() if score["reason"] == FAULT} == set(names)
    if where == "floor":  # these look at the parameters that real stamps have a distance of
        names = [*names, "missing_tails", "classifier_morphology", "pqmass_morphology"]
    assert all(score["value"] == whole[name].value for name, score in matched.items() if name not in names)
    ranks = "mean_distance" not in names
    assert entry["status"] == ("ok" if ranks else "not scored")
    assert entry["reason"] == ("" if ranks else FAULT)
    assert rank_models([entry], floor)["rank"].notna().tolist() == [False, ranks]
    assert len(list_scores([entry], floor)) == 3 * len(floor["scores"])


def with_failures(table, count):
    table.morphology.loc[: count - 1, "status"] = "no source"
    return table


def test_too_few_usable_values_cost_the_mean_alone_and_are_not_scored():
    """Ten stamps of which nine can be measured: the model had "failed", and none of its scores was left."""
    few = Scoring(parameters=PARAMETERS, count=10, resamples=5, seed=1)
    reference = sample(10, 1)
    floor = {"dataset": "drawn", "simulated": True, **judge_floor(reference, sample(10, 3), few)}
    generated = with_failures(sample(10, 2), 1)
    variants = {"raw": generated, "noise_matched": generated}
    scores = judge(variants, reference, floor, few, Reconstruction())
    reason = "no distance of sersic_n: the sample has 9 usable values, not 10"
    assert (scores["status"], scores["reason"]) == ("not scored", reason)
    matched = scores["scores"]["noise_matched"]
    assert matched["mean_distance"]["reason"] == reason
    assert matched["failure_fraction"]["value"] == 0.1
    assert matched["frechet_network"]["value"] is not None
    assert matched["distance_gini"]["reason"] == "the sample has 9 usable values, not 10"


def test_a_floor_without_a_mean_leaves_the_other_scores():
    floor = floor_of(with_failures(sample(20, 1), 11), sample(20, 3))
    assert floor["scores"]["mean_distance"]["value"] is None
    scores = judged(sample(20, 2), floor)
    assert scores["status"] == "not scored"
    assert scores["reason"].startswith("no parameter can be scored on 40 real stamps: the reference has 9")
    assert scores["scores"]["noise_matched"]["frechet_network"]["value"] is not None
    table = rank_models([scores], floor)
    assert table["status"].tolist() == ["not scored", "not scored"]
    assert table["frechet_network"].notna().all()


def test_a_training_that_diverged_has_failed_and_a_control_that_is_not_drawn_has_not():
    floor = floor_of(sample(20, 1), sample(20, 3))
    nothing = Sample(*(part[:0] for part in vars(sample(20, 2)).values()))
    assert judged(nothing, floor, reason="loss is nan")["status"] == "failed"
    assert judged(nothing, floor)["status"] == "failed"
    control = judged(nothing, floor, reason="the survey has no fits", is_model=False)
    assert (control["status"], control["reason"]) == ("not scored", "the survey has no fits")


@pytest.mark.parametrize("name", [*reconstruction.ERRORS, "kept_morphology_scores"])
def test_a_score_of_reconstructions_that_fails_costs_no_other(monkeypatch, name):
    images = np.random.default_rng(1).random((20, 1, 16, 16)).astype(np.float32)
    table = sample(20, 1).morphology.assign(row=range(20), flux_ellip=1.0, rhalf_ellip=2.0)

    def scores():
        return score_reconstruction(images, 0.9 * images, table, pd.DataFrame(table), SETTINGS).scores

    before = scores()
    if name in reconstruction.ERRORS:
        monkeypatch.setitem(reconstruction.ERRORS, name, fail)
        lost = {f"reconstruction_{name}"}
    else:
        monkeypatch.setattr(judgement, name, fail)
        lost = {key for key in before if key.removeprefix("reconstruction_") not in reconstruction.ERRORS}
    after = scores()
    assert after.keys() == before.keys()
    assert {key for key in after if after[key].reason == FAULT} == lost
    assert all(after[key] == before[key] for key in before if key not in lost)


def rows_of(numbers, path=()):
    """Yield each row of numbers of what was asked, with its place: those that have a reason of their own."""
    for key, inner in numbers.items() if isinstance(numbers, dict) else enumerate(numbers):
        if isinstance(inner, dict) and "reason" in inner:
            yield (*path, key), inner
        elif isinstance(inner, dict | list):
            yield from rows_of(inner, (*path, key))


@pytest.mark.parametrize(
    ("module", "name", "lost"),
    [
        (asked, "relation", {"columns"}),
        (galaxy_distances, "energy_distance", {"physical", "thirds"}),
        (galaxy_distances, "distances_with_failures", {"physical", "thirds"}),
        (galaxy_distances, "floor_of", {"physical", "thirds"}),
    ],
)
def test_a_number_of_what_was_asked_that_fails_costs_no_other(monkeypatch, tmp_path, module, name, lost):
    """One that failed ended the job, and with it the report."""
    run, faults = Run(tmp_path), {}
    monkeypatch.setattr(style, "save_figure", lambda _, path, fault="": faults.setdefault(path, fault))

    def numbers():
        ask(run, ASKED[0])
        return dict(rows_of(read_json(run.path(layout.ASKED_NUMBERS, ASKED[0]))))

    before = numbers()
    monkeypatch.setattr(module, name, fail)
    after = numbers()
    assert after.keys() == before.keys()
    changed = {place for place in before if after[place] != before[place]}
    assert {place[0] for place in changed} == lost
    assert all(after[place]["reason"] == FAULT for place in changed)
    assert set(faults.values()) == {""}, "the figure shows what there is"
