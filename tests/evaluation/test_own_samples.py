"""``galforge.evaluate``: the user's own stamps get the numbers that the pipeline's rules give them."""

import h5py
import numpy as np
import pandas as pd
import pytest
import yaml

import galforge
from galforge.core.errors import ConfigurationError, InputError
from galforge.core.files import read_json
from galforge.datasets.own_stamps import own_stamps
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.evaluation.judge_settings import judge_settings
from tests.conftest import PROJECT
from tests.evaluation.test_evaluation_entries import (
    FEATURES,
    MORPHOLOGY,
    SCORED,
    galaxies,
    judge,
    rank,
    set_up,
)

COUNT = SCORED.count
SETTINGS = {
    "count": COUNT,
    "resamples": SCORED.resamples,
    "parameters": SCORED.parameters,
    "segmentation": MORPHOLOGY.model_dump(),
    "features": FEATURES.model_dump(exclude={"seed"}),
    "seed": 1,
}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    """The rules' own way: a dataset, its floor, and samples that are judged; return folder and samples."""
    folder = tmp_path_factory.mktemp("pipeline")
    samples = np.clip(galaxies(COUNT + 3, 2, radius=4) / 2 + 0.3, 0, 1)
    set_up(folder, galaxies(74, seed=1, radius=4), SCORED, FEATURES)
    attributes = {"dataset": "drawn", "model": "theirs", "source": "samples"}
    write_stamps(folder / "theirs.h5", [Stamps.plain(samples)], attributes)
    judge(folder, "theirs", kind="samples")
    rank(folder, ["theirs"], "leaderboard.csv")
    return folder, samples


@pytest.fixture(scope="module")
def judged(pipeline):
    folder, samples = pipeline
    return galforge.evaluate(samples, folder / "dataset.h5", name="theirs", settings=SETTINGS)


def test_every_score_is_the_pipelines(pipeline, judged):
    folder, _ = pipeline
    pipelines = read_json(folder / "theirs_scores.json")
    assert len(pipelines["scores"]["noise_matched"]) > 20
    assert pipelines["scores"] == judged.scores["scores"]
    assert pipelines == judged.scores
    assert read_json(folder / "floor.json") == judged.floor


def test_the_leaderboard_ranks_them_as_a_model(pipeline, judged):
    folder, _ = pipeline
    assert list(judged.leaderboard) == list(pd.read_csv(folder / "leaderboard.csv"))
    row = judged.leaderboard.set_index("model").loc["theirs"]
    assert row["rank"] == 1
    assert row["mean_distance"] == judged.scores["mean_distance"]["model"]
    assert set(judged.table["variant"]) == {"real", "raw", "noise_matched"}


def test_a_configuration_of_a_run_says_with_what_several_samples_are_judged(pipeline, judged, tmp_path):
    folder, samples = pipeline
    section = {key: value for key, value in SETTINGS.items() if key != "seed"}
    section |= {"controls": [], "features": section["features"] | {"inception": None}}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"seed": 1, "evaluation": section, "results": "x"}))
    with h5py.File(tmp_path / "theirs.hdf5", "w") as file:
        file["images"] = samples[:, 0]
    # Several samples share a leaderboard, and have the numbers of each alone.
    both = galforge.evaluate(
        {"theirs": tmp_path / "theirs.hdf5", "dim": samples**2}, folder / "dataset.h5",
        settings=tmp_path / "mine.yaml",
    )  # fmt: skip
    assert set(both.leaderboard["model"]) == {"survey stamps (floor)", "theirs", "dim"}
    assert both.by_name["theirs"] == judged.scores
    assert both.by_name["dim"]["scores"] != judged.scores["scores"]
    with pytest.raises(InputError, match="by_name has the scores of each of theirs, dim"):
        _ = both.scores


def test_the_defaults_are_those_of_the_project():
    whole = yaml.safe_load((PROJECT / "config.yaml").read_text())
    own = judge_settings()
    assert (own.count, own.seed) == (whole["evaluation"]["count"], whole["seed"])
    assert own.segmentation.model_dump() == whole["evaluation"]["segmentation"]
    assert judge_settings(PROJECT / "config.yaml") == own
    assert judge_settings({"features": {"steps": 7}}).features.size == own.features.size


def test_values_beyond_0_and_1_are_scaled_each_by_its_own_range():
    counts = np.array([[[0, 50], [100, 25]], [[-4, 0], [4, 0]]])
    np.testing.assert_allclose(own_stamps(counts)[:, 0], [[[0, 0.5], [1, 0.25]], [[0, 0.5], [1, 0.5]]])
    within = counts / 200 + 0.1
    np.testing.assert_allclose(own_stamps(within)[:, 0], within)


@pytest.mark.parametrize(
    ("samples", "settings", "seen"),
    [
        (np.zeros((30, 20, 20)), SETTINGS, r"the shape \(1, 20, 20\); allowed: \(1, 48, 48\)"),
        (np.zeros((30, 48)), SETTINGS, r"of shape \(30, 48\); allowed: numbers"),
        (np.full((30, 48, 48), "x"), SETTINGS, "allowed: numbers"),
        (np.zeros((5, 48, 48)), SETTINGS, r"are 5 stamps; allowed: 24 \(count\) or more"),
        (np.zeros((30, 48, 48)), {"counts": 3}, "settings: counts is 3"),
    ],
)
def test_what_cannot_be_judged_is_one_sentence(pipeline, samples, settings, seen):
    with pytest.raises((InputError, ConfigurationError), match=seen):
        galforge.evaluate(samples, pipeline[0] / "dataset.h5", settings=settings)


def test_files_without_images_or_psf_are_refused(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["weights"] = np.zeros(3)
    with pytest.raises(InputError, match="has none of image, images, stamps, samples"):
        own_stamps(tmp_path / "other.h5")
    light = Stamps.in_flux(np.ones((2, 1, 8, 8), np.float32), 0.01, has_psf=False)
    write_stamps(tmp_path / "light.h5", [light], light.attributes)
    with pytest.raises(InputError, match="its galaxies have no PSF"):
        own_stamps(tmp_path / "light.h5")
