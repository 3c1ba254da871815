import json

import numpy as np
import pandas as pd
import pytest

from workflow_scripts.evaluation.scores import score_morphology, score_reconstruction

PARAMETERS = ("gini", "sersic_n")


def morphology(count, seed, shift=0.0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "row": range(count),
            "status": "ok",
            "flag_sersic": 0,
            "gini": rng.normal(0.5, 0.05, count) + 0.05 * shift,
            "sersic_n": rng.lognormal(0, 0.5, count),
        }
    )


@pytest.fixture
def real():
    return morphology(200, seed=1)


def test_floor_and_model_beside_each_other(real):
    near = score_morphology(real, morphology(100, 2), PARAMETERS, 100)
    far = score_morphology(real, morphology(100, 2, shift=2.0), PARAMETERS, 100)
    assert near["status"] == far["status"] == "ok"
    assert near["count"] == {"real": 200, "generated": 100, "reference": 100}
    assert near["failures"] == {"reference": 0.0, "floor": 0.0, "generated": 0.0}
    assert far["distance"]["gini"]["model"] == pytest.approx(2.0, abs=0.4)
    assert far["mean_distance"]["floor"] == near["mean_distance"]["floor"] < 0.3
    assert near["mean_distance"]["model"] < far["mean_distance"]["model"]
    values = [far["distance"][name]["model"] for name in PARAMETERS]
    assert far["mean_distance"]["model"] == pytest.approx(np.mean(values))
    json.dumps(near, allow_nan=False)


def test_only_as_many_generated_as_the_reference_has(real):
    # 200 real stamps make halves of 100, so a model's further stamps are not used.
    generated = pd.concat([morphology(100, 2), morphology(50, 3, shift=50)])
    score = score_morphology(real, generated, PARAMETERS, 120)
    assert score["distance"]["gini"]["model"] < 1
    assert score["count"]["generated"] == 150


def test_failures_are_counted_and_left_out(real):
    generated = morphology(100, 2)
    clean = score_morphology(real, generated, PARAMETERS, 100)
    spoilt = generated.assign(gini=generated["gini"].where(generated["row"] >= 20, 1e6))
    spoilt["status"] = np.where(spoilt["row"] < 20, "no source", "ok")
    score = score_morphology(real, spoilt, PARAMETERS, 100)
    assert score["failures"]["generated"] == pytest.approx(0.2)
    assert score["distance"]["gini"]["model"] == pytest.approx(clean["distance"]["gini"]["model"], abs=0.2)


@pytest.mark.parametrize(
    ("generated", "fault", "reason"),
    [
        (morphology(100, 2), "loss is NaN at step 12", "loss is NaN at step 12"),
        (morphology(3, 2), "", "returned 3 of 100 stamps"),
        (morphology(0, 2), "", "returned 0 of 100 stamps"),
        (
            morphology(100, 2).assign(status=["not finite"] * 60 + ["constant"] * 40),
            "",
            "no stamp of 100 could be measured: 60 not finite, 40 constant",
        ),
        (
            morphology(100, 2).assign(status=["ok"] * 4 + ["constant"] * 96),
            "",
            "no distance of gini: the sample has 4 usable values, not 10",
        ),
        (
            morphology(100, 2).assign(flag_sersic=2),
            "",
            "no distance of sersic_n: the sample has 0 usable values, not 10",
        ),
    ],
)
def test_failed_model_says_why_and_keeps_the_floor(real, generated, fault, reason):
    score = score_morphology(real, generated, PARAMETERS, 100, fault)
    good = score_morphology(real, morphology(100, 2), PARAMETERS, 100)
    assert (score["status"], score["reason"]) == ("failed", reason)
    assert score["mean_distance"] == {"model": None, "floor": good["mean_distance"]["floor"]}
    assert score["distance"]["gini"]["floor"] == good["distance"]["gini"]["floor"]
    json.dumps(score, allow_nan=False)


def test_parameter_that_the_real_stamps_lack_is_left_out_for_all(real):
    score = score_morphology(real.assign(sersic_n=1.0), morphology(100, 2), PARAMETERS, 100)
    assert score["status"] == "ok"
    assert score["distance"]["sersic_n"] == {
        "model": None,
        "floor": None,
        "reason": "the reference does not vary",
    }
    assert score["mean_distance"]["model"] == score["distance"]["gini"]["model"]


def test_too_few_real_stamps_score_nothing():
    score = score_morphology(morphology(12, 1), morphology(20, 2), PARAMETERS, 20)
    assert score["status"] == "failed"
    assert score["reason"] == (
        "no parameter can be scored on 12 real stamps: the reference has 6 usable values, not 10"
    )
    assert score["mean_distance"] == {"model": None, "floor": None}


def test_reconstructions_that_are_not_finite_are_left_out_of_the_mean():
    image = np.random.default_rng(1).random((4, 1, 8, 8))
    reconstruction = image + 0.1
    reconstruction[1, 0, 3, 3] = np.nan
    score = score_reconstruction(image, reconstruction)
    assert score["count"] == 3
    assert score["mse"] == pytest.approx(0.01)
    none = score_reconstruction(image, np.full_like(image, np.nan))
    assert none == {"mse": None, "bce": None, "residual_fraction": None, "count": 0}
