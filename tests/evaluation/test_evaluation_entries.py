"""The entries from stamps to leaderboard, on files."""

import json
import re
from dataclasses import replace

import galsim
import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.ndimage import uniform_filter

from galforge.core.errors import ConfigurationError, InputError
from galforge.core.files import file_digest
from galforge.datasets.normalization import normalize
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.evaluation.comparison import Sample
from galforge.evaluation.judgement import find_fault
from galforge.evaluation.reference_split import reference_order
from galforge.evaluation.sample_files import Scoring
from galforge.evaluation.score_table import SCORES
from galforge.evaluation.segmentation import Segmentation
from galforge.evaluation.variants import OPTIONAL_SPACES, SPACE_SCORES, SPACES, VARIANTS
from tests.conftest import PROJECT
from tests.helpers.inception_stand_in import save_stand_in
from workflow_scripts.evaluation import (
    build_leaderboard,
    draw_control,
    evaluate_floor,
    evaluate_model,
    match_noise,
    measure_features,
    measure_morphology,
    train_feature_network,
)

MORPHOLOGY = Segmentation(threshold=1.5, connected_pixels=5, smoothing=10, noise_floor=0.005, skybox_size=16)
FEATURES = train_feature_network.Settings(size=6, steps=10, batch_size=12, clusters=4, stamps=100, seed=1)
SCORED = Scoring(parameters=["gini", "concentration", "rhalf_ellip"], count=24, resamples=20, seed=1)


def galaxies(count, seed, radius):
    rng = np.random.default_rng(seed)
    stamps = []
    for _ in range(count):
        galaxy = galsim.Sersic(
            n=rng.uniform(0.7, 2), half_light_radius=radius * rng.uniform(0.7, 1.4), flux=2000
        ).shear(g1=rng.uniform(-0.4, 0.4), g2=rng.uniform(-0.4, 0.4))
        image = galaxy.drawImage(nx=48, ny=48, scale=1.0).array
        stamps.append((image + rng.standard_normal(image.shape)) / 100)
    return np.clip(np.stack(stamps)[:, None], -1, 1).astype(np.float32)


MODELS = {
    "alike": (galaxies(24, 2, radius=4), "ok", ""),
    "too_large": (galaxies(24, 3, radius=9), "ok", ""),
    "constant": (np.full((24, 1, 48, 48), 0.5, np.float32), "ok", ""),
    "not_finite": (np.full((24, 1, 48, 48), np.nan, np.float32), "ok", ""),
    "three": (galaxies(3, 2, radius=4), "ok", ""),
    "diverged": (np.empty((0, 1, 48, 48), np.float32), "failed", "loss is NaN at step 7"),
}


MEMORIZER, SHUFFLED, REPEATED = CONTROLS = (
    "control_memorizer", "control_shuffled_phases", "control_repeated_stamp",
)  # fmt: skip


def measure(stamps, tables, count, split=None, threads=1):
    """Measure the morphology of files of stamps."""
    measure_morphology.main(
        measure_morphology.Files(stamps=tuple(stamps), morphology=tuple(tables)),
        measure_morphology.Settings(count=count, morphology=MORPHOLOGY, split=split),
        threads,
    )


def features_in(folder, output, count, split=None, **files):
    """Measure the features of files of stamps, or of a split, in the space of the folder's dataset."""
    measure_features.main(
        measure_features.Files(
            dataset=folder / "dataset.h5",
            weights=folder / "weights.safetensors",
            record=folder / "network.json",
            features=tuple(output),
            **files,
        ),
        measure_features.Settings(count=count, split=split),
    )


def reference_in(folder, features="real_features.csv"):
    """Return the files of the reference that samples are compared with."""
    return {
        "dataset": folder / "dataset.h5",
        "real": folder / "real.csv",
        "real_features": folder / features,
    }


def variants_in(folder, name):
    """Return the files of a sample, raw and with noise: its stamps, their morphology and their features."""
    stamps = (folder / f"{name}.h5", folder / f"{name}_matched.h5")
    return {
        "stamps": stamps,
        "morphology": tuple(path.with_suffix(".csv") for path in stamps),
        "features": tuple(path.with_name(f"{path.stem}_features.csv") for path in stamps),
    }


def judge(folder, name, kind="model", scored=SCORED):
    """Add noise to a sample, measure both variants and score them."""
    files = variants_in(folder, name)
    raw, matched = files["stamps"]
    match_noise.main(
        match_noise.Files(dataset=folder / "dataset.h5", sample=raw, matched=matched),
        match_noise.Settings(seed=1),
    )
    measure(files["stamps"], files["morphology"], scored.count)
    features_in(folder, files["features"], scored.count, stamps=files["stamps"])
    if kind == "model":
        files |= {
            "record": folder / f"{name}.json",
            "reconstruction": folder / f"{name}_reconstruction.h5",
            "reconstructed": folder / f"{name}_reconstruction.csv",
        }
        measure([files["reconstruction"]], [files["reconstructed"]], scored.count, split="test")
    evaluate_model.main(
        evaluate_model.Files(
            **reference_in(folder),
            **files,
            floor=folder / "floor.json",
            scores=folder / f"{name}_scores.json",
        ),
        scored,
    )


def rank(folder, names, output, dataset="drawn"):
    build_leaderboard.main(
        build_leaderboard.Files(
            floor=folder / "floor.json",
            scores=tuple(folder / f"{name}_scores.json" for name in names),
            leaderboard=folder / output,
            all_scores=folder / "scores.csv",
            rounded=tuple(folder / f"rounded.{suffix}" for suffix in ("csv", "md", "tex")),
        ),
        build_leaderboard.Settings(dataset=dataset, labels={}),
    )


def set_up(folder, real, scored, features):
    """Make a dataset of the stamps, the first to train on, and score its floor; return it."""
    count = scored.count
    dataset = Stamps(
        image=real,
        offset=np.full(len(real), 5.0),
        scale=np.full(len(real), 2.0),
        catalog=pd.DataFrame({"identifier": np.arange(len(real)) + 500}),
        split=np.array(["train"] * count + ["test"] * (len(real) - count)),
    )
    write_stamps(folder / "dataset.h5", [dataset], {"simulated": True, "dataset": "drawn"})
    measure([folder / "dataset.h5"], [folder / "real.csv"], 2 * count, split="test", threads=2)
    train_feature_network.main(
        train_feature_network.Files(
            dataset=folder / "dataset.h5",
            weights=folder / "weights.safetensors",
            record=folder / "network.json",
        ),
        features,
    )
    features_in(folder, [folder / "real_features.csv"], 2 * count, split="test")
    evaluate_floor.main(evaluate_floor.Files(**reference_in(folder), floor=folder / "floor.json"), scored)
    return dataset


def draw(folder, name, count):
    draw_control.main(
        draw_control.Files(dataset=folder / "dataset.h5", sample=folder / f"{name}.h5"),
        draw_control.Settings(control=name, count=count, seed=1),
    )


def draw_controls(folder, scored):
    """Draw and judge each control."""
    for name in CONTROLS:
        draw(folder, name, scored.count)
        judge(folder, name, "control", scored)


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    """Run every stage on a dataset, on models and on a control; return the folder."""
    folder = tmp_path_factory.mktemp("evaluation")
    real = galaxies(74, seed=1, radius=4)
    dataset = set_up(folder, real, SCORED, FEATURES)
    for name, (samples, status, reason) in MODELS.items():
        attributes = {"dataset": "drawn", "model": name, "reason": reason}
        write_stamps(folder / f"{name}.h5", [Stamps.plain(samples)], attributes)
        shown = np.clip(real[24:] + 0.1, 0, 1) if name == "alike" else real[:0]
        reconstruction = Stamps(
            shown, np.full(len(shown), 5.0), np.full(len(shown), 2.0),
            dataset.catalog[24 : 24 + len(shown)].reset_index(drop=True), np.full(len(shown), "test"),
        )  # fmt: skip
        write_stamps(folder / f"{name}_reconstruction.h5", [reconstruction], {"split": "test"})
        record = {
            "dataset": "drawn", "model": name, "status": status, "reason": reason,
            "training_seconds": 3.0, "parameters": 10, "family": "vae", "settings": {},
            "image_shape": dataset.image.shape[1:], "weights_digest": "0" * 64,
        }  # fmt: skip
        (folder / f"{name}.json").write_text(json.dumps(record))
        judge(folder, name)
    draw_controls(folder, SCORED)
    rank(folder, [*MODELS, *CONTROLS], "leaderboard.csv")
    (folder / "scores.csv").rename(folder / "scores_all.csv")
    return folder


def test_a_score_does_not_depend_on_what_the_model_is_called(tmp_path):
    """The noise that is matched was seeded by the name: the same samples had 0.356 instead of 0.386."""
    real = Stamps.plain(galaxies(12, 1, radius=4))
    smooth = Stamps.plain(uniform_filter(galaxies(6, 2, radius=4), (0, 0, 5, 5)))
    train = replace(real, split=np.full(len(real), "train"))
    write_stamps(tmp_path / "dataset.h5", [train], {"dataset": "drawn"})
    for name in ("one", "other"):
        write_stamps(tmp_path / f"{name}.h5", [smooth], {"dataset": "drawn", "model": name})
        match_noise.main(
            match_noise.Files(
                dataset=tmp_path / "dataset.h5",
                sample=tmp_path / f"{name}.h5",
                matched=tmp_path / f"{name}_matched.h5",
            ),
            match_noise.Settings(seed=1),
        )
    one, other = (read_stamps(tmp_path / f"{name}_matched.h5").image for name in ("one", "other"))
    assert (one != smooth.image).any(axis=(1, 2, 3)).all(), "each has noise added"
    assert (one == other).all()


def test_morphology_names_its_stamps(board):
    real = pd.read_csv(board / "real.csv")
    assert len(real) == 48
    assert (real["identifier"] == real["row"] + 500).all()
    assert set(real["row"]) < set(range(24, 74))
    assert real["row"].is_monotonic_increasing
    assert (real["status"] == "ok").all()
    generated = pd.read_csv(board / "alike.csv")
    assert "identifier" not in generated
    assert generated["row"].tolist() == list(range(24))
    empty = pd.read_csv(board / "diverged.csv")
    assert len(empty) == 0
    assert list(empty.columns) == list(generated.columns)


def test_the_stamps_that_are_measured_do_not_follow_the_order_of_the_survey(board):
    """The first of a survey that is sorted by brightness would be its brightest."""
    measure([board / "dataset.h5"], [board / "eight.csv"], 8, split="test")
    rows = pd.read_csv(board / "eight.csv")["row"].tolist()
    assert rows != list(range(24, 32))
    stamps = read_stamps(board / "dataset.h5", "test")
    first = stamps.catalog["identifier"].to_numpy()[reference_order(stamps.catalog)][:8]
    assert sorted(rows) == sorted(first - 500)


def test_scores_hold_what_the_report_needs(board):
    scores = json.loads((board / "alike_scores.json").read_text())
    assert scores["status"] == "ok"
    assert scores["kind"] == "model"
    assert scores["simulated"] is True
    assert scores["count"] == {
        "real": 48, "generated": 24, "reference": 24, "compared": 24, "reconstructed": 50,
        "measured_again": 24,
    }  # fmt: skip
    assert (scores["dataset"], scores["model"]) == ("drawn", "alike")
    assert (scores["training_seconds"], scores["parameters"]) == (3.0, 10)
    assert scores["mean_distance"]["tied"] is True
    assert set(scores["scores"]) == {"raw", "noise_matched", "reconstructed"}
    shown = scores["scores"]["reconstructed"]
    assert 0 < shown["reconstruction_mse"]["value"] < 0.05
    assert shown["reconstruction_mse"]["error"] > 0
    # The reconstruction is the stamp with another sky.
    assert shown["reconstruction_correlation_gini"]["value"] > 0.9
    assert abs(shown["reconstruction_flux_median"]["value"]) < 0.05
    assert all((score["floor"], score["tied"]) == (None, None) for score in shown.values())
    assert scores["distance"]["gini"]["model"] == scores["scores"]["noise_matched"]["distance_gini"]["value"]
    failed = json.loads((board / "diverged_scores.json").read_text())
    assert failed["count"]["reconstructed"] == failed["count"]["measured_again"] == 0
    assert failed["scores"]["reconstructed"] == {}
    assert failed["distance"]["gini"]["model"] is None
    assert failed["distance"]["gini"]["floor"] == scores["distance"]["gini"]["floor"]
    control = json.loads((board / "control_memorizer_scores.json").read_text())
    assert (control["kind"], control["training_seconds"]) == ("control", None)


def test_leaderboard_has_the_models_in_order(board):
    table = pd.read_csv(board / "leaderboard.csv")
    assert table["model"][0] == "survey stamps (floor)"
    by_model = table.set_index("model")
    assert by_model["rank"].dropna().to_dict() == {"alike": 1, "too_large": 2}
    assert by_model["tied"].dropna().to_dict() == {
        "alike": 1, "control_memorizer": 1, "too_large": 0, "control_shuffled_phases": 0,
        "control_repeated_stamp": 0,
    }  # fmt: skip
    assert table["distance_rhalf_ellip"][0] < 1 < by_model["distance_rhalf_ellip"]["too_large"]
    assert by_model["error_rhalf_ellip"]["too_large"] < 1


# By each of these the controls that are no galaxies of the survey are told from the floor of 24 stamps, too.
TELLING = (
    "mean_distance", "sliced_cas", "sliced_gini_m20", "frechet_network", "frechet_pca", "kid_pca",
    "classifier_light", "recall_pca", "coverage_pca",
)  # fmt: skip


@pytest.mark.parametrize("variant", ["raw", "noise_matched"])
def test_a_score_puts_the_floor_first_and_the_other_controls_last(board, variant):
    scores = pd.read_csv(board / "scores_all.csv").query("variant == @variant").set_index(["model", "score"])
    for name in TELLING:
        higher = scores.loc[("alike", name), "better"] == "higher"
        floor = scores.loc[("alike", name), "floor"]
        for control in ("control_shuffled_phases", "control_repeated_stamp"):
            value = scores.loc[(control, name), "value"]
            assert (value < floor) if higher else (value > floor), (name, control)
            assert scores.loc[(control, name), "tied"] == 0, (name, control)
    distances = [name for name in scores.loc["alike"].index if name.startswith("distance_")]
    tied = scores.loc["control_memorizer", "tied"].loc[[*TELLING, *distances]]
    assert tied["mean_distance"] == 1
    # One in twenty real samples is worse than the floor by each of these.
    assert (tied == 0).sum() <= 3, tied


PARAMETERS = yaml.safe_load((PROJECT / "config.yaml").read_text())["evaluation"]["parameters"]
IN_SPACES = {name: [f"{name}_{space}" for space in SPACES + OPTIONAL_SPACES] for name in SPACE_SCORES}

# Which of the two controls that are no galaxies of the survey a score must put behind the floor. What is not
# here for both is in the table of docs/evaluation.md, with the reason.
TELLS = {
    name: {SHUFFLED, REPEATED}
    for name in (
        "mean_distance", "distance_concentration", "distance_asymmetry", "distance_smoothness",
        "distance_gini", "distance_m20", "distance_multimode", "distance_deviation", "distance_sersic_n",
        "distance_rhalf_ellip", "sliced_cas", "sliced_mid", "sliced_gini_m20", "sliced_shape",
        "moments_size", "moments_rho4", "radial_profile", "power_spectrum", "cluster_error",
        "classifier_light", "classifier_pixels", "classifier_morphology", "classifier_features",
        "pqmass_light", "pqmass_pixels", "pqmass_morphology", "pqmass_features",
        *IN_SPACES["frechet"], *IN_SPACES["kid"], *IN_SPACES["coverage"], "recall_pca",
    )
} | {
    **{name: {SHUFFLED} for name in ("precision_pca", *IN_SPACES["density"])},
    **{f"precision_{space}": set() for space in ("network", "inception")},
    **{f"recall_{space}": {REPEATED} for space in ("network", "inception")},
    **{name: {SHUFFLED} for name in ("failure_fraction", "distance_intensity")},
    **{name: {REPEATED} for name in ("moments_e1", "moments_e2", "distance_ellipticity_asymmetry")},
    **{name: {REPEATED} for name in ("memorized_fraction", "mixed_fraction")},
    "missing_tails": set(),
    "neighbour_distance": set(),
}  # fmt: skip


def test_every_score_says_which_controls_it_tells_from_the_floor():
    of_samples = {name for name, kind in SCORES.items() if kind.group != "reconstruction"}
    assert TELLS.keys() == of_samples | {f"distance_{name}" for name in PARAMETERS}


def test_the_controls_that_a_score_cannot_tell_are_in_the_docs_with_the_reason():
    text = (PROJECT / "docs/evaluation.md").read_text()
    table = text.partition("| score | cannot tell | why |")[2].partition("\n\n")[0]
    documented = {}
    for line in table.splitlines()[2:]:
        scores, controls, why = line.strip("| ").split(" | ")
        assert why
        for name in re.findall("`(.+?)`", scores):
            base = name.removesuffix("_<space>")
            for score in [name] if base == name else IN_SPACES[base]:
                documented.setdefault(score, set()).update(re.findall("`(.+?)`", controls))
    both = {SHUFFLED, REPEATED}
    assert documented == {name: both - apart for name, apart in TELLS.items() if apart != both}


def clumpy_galaxies(count, seed):
    """Return stamps on which every parameter varies: what has no clumps has no multimode or intensity."""
    rng = np.random.default_rng(seed)
    stamps = []
    for _ in range(count):
        radius = 3.5 * rng.uniform(0.6, 1.5)
        disc = galsim.Sersic(
            n=rng.uniform(0.7, 3), half_light_radius=radius, flux=2000 * rng.uniform(0.6, 1.6)
        ).shear(g1=rng.uniform(-0.4, 0.4), g2=rng.uniform(-0.4, 0.4))
        clumps = galsim.RandomKnots(8, profile=disc, rng=galsim.BaseDeviate(int(rng.integers(1, 2**30))))
        galaxy = galsim.Convolve(disc + clumps.withFlux(rng.uniform(0, 800)), galsim.Gaussian(sigma=1))
        image = galaxy.drawImage(nx=40, ny=40, scale=1.0).array
        stamps.append(image + 2 * rng.standard_normal(image.shape))
    return normalize(np.stack(stamps)[:, None]).image


@pytest.fixture(scope="module")
def control_scores(tmp_path_factory):
    """Return every score of the controls on stamps that have all of the configuration's parameters."""
    folder = tmp_path_factory.mktemp("controls")
    scored = SCORED.model_copy(update={"parameters": PARAMETERS, "count": 40})
    set_up(folder, clumpy_galaxies(120, seed=1), scored, FEATURES.model_copy(update={"steps": 60}))
    draw_controls(folder, scored)
    rank(folder, CONTROLS, "leaderboard.csv")
    return pd.read_csv(folder / "scores.csv").query("kind == 'control'").set_index(["model", "score"])


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_score_puts_the_floor_before_the_controls_that_it_tells(control_scores, variant):
    scores = control_scores[control_scores["variant"] == variant]
    # Inception's are there only for those who have its weights.
    assert set(scores.loc[MEMORIZER].index) == {name for name in TELLS if not name.endswith("_inception")}
    worse = np.where(scores["better"] == "higher", -1, 1) * (scores["value"] - scores["floor"])
    for (control, name), difference in worse.items():
        if control != MEMORIZER and control in TELLS[name]:
            assert difference > 0, (name, control)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_memorizer_ties_with_the_floor_on_every_score_that_does_not_look_for_it(control_scores, variant):
    scores = (
        control_scores[control_scores["variant"] == variant]
        .loc[MEMORIZER]
        .drop(["memorized_fraction", "mixed_fraction", "neighbour_distance"])
    )
    worse = np.where(scores["better"] == "higher", -1, 1) * (scores["value"] - scores["floor"])
    assert (worse <= 4 * np.hypot(scores["error"].fillna(0), scores["floor_error"])).all()
    # One in twenty real samples is worse than the floor by each of forty scores; they go together.
    assert (scores["tied"] == 0).sum() <= 9


def test_the_memorizer_is_caught_by_the_memorization_test_alone(board):
    scores = pd.read_csv(board / "scores_all.csv").set_index(["model", "variant", "score"])
    caught = scores.loc[("control_memorizer", "noise_matched", "memorized_fraction")]
    assert caught["value"] > 0.8
    assert caught["tied"] == 0
    assert caught["floor"] < 0.2
    assert scores.loc[("control_memorizer", "noise_matched", "neighbour_distance"), "value"] < 0.2
    assert scores.loc[("alike", "noise_matched", "memorized_fraction"), "value"] < 0.4


def test_broken_models_are_failed_with_their_reason_and_change_nothing_else(board):
    table = pd.read_csv(board / "leaderboard.csv", keep_default_na=False, dtype=str)
    failed = table[table["status"] == "failed"].set_index("model")["reason"].to_dict()
    assert failed == {
        "constant": "no stamp of 24 could be measured: 24 constant",
        "diverged": "loss is NaN at step 7",
        "not_finite": "no stamp of 24 could be measured: 24 not finite",
        "three": "returned 3 of 24 stamps",
    }
    assert list(table["model"][-4:]) == sorted(failed)
    rank(board, ["alike", "too_large", *CONTROLS], "without.csv")
    without = pd.read_csv(board / "without.csv", keep_default_na=False, dtype=str)
    pd.testing.assert_frame_equal(table.iloc[:-4], without)


def test_with_inception_there_are_its_scores_beside_the_same_others(board, monkeypatch):
    inception = save_stand_in(board / "inception.pt", monkeypatch)
    real, *features = (board / f"{name}_inception.csv" for name in ("real", "alike", "alike_matched"))
    files = variants_in(board, "alike") | {"features": tuple(features)}
    features_in(board, [real], 48, split="test", inception=inception)
    features_in(board, features, 24, stamps=files["stamps"], inception=inception)
    reference = reference_in(board, real.name)
    floor, scores = board / "floor_inception.json", board / "alike_inception.json"
    evaluate_floor.main(evaluate_floor.Files(**reference, floor=floor, inception=inception), SCORED)
    evaluate_model.main(evaluate_model.Files(**reference, **files, floor=floor, scores=scores), SCORED)
    before, after = (json.loads((board / name).read_text()) for name in ("floor.json", floor.name))
    assert before["inception_digest"] is None
    assert after["inception_digest"] == file_digest(inception)
    plain, more = (
        json.loads(path.read_text())["scores"]["noise_matched"]
        for path in (board / "alike_scores.json", scores)
    )
    assert {name: more[name] for name in plain} == plain
    added = {f"{name}_inception" for name in ("frechet", "kid", "precision", "recall", "density", "coverage")}
    assert more.keys() - plain.keys() == added
    assert all(more[name]["value"] is not None and more[name]["floor"] is not None for name in added)


def test_faults_are_named(board):
    floor = evaluate_floor.Files(**reference_in(board), floor=board / "unused.json")
    words = "evaluation.parameters: 'ginni' is not measured; there are row, "
    with pytest.raises(ConfigurationError, match=f"^{words}"):
        evaluate_floor.main(floor, SCORED.model_copy(update={"parameters": ["ginni"]}))
    model = evaluate_model.Files(
        **reference_in(board),
        **variants_in(board, "alike"),
        floor=board / "floor.json",
        record=board / "alike.json",
        reconstruction=board / "alike.h5",
        reconstructed=board / "alike.csv",
        scores=board / "unused.json",
    )
    with pytest.raises(InputError) as other:
        evaluate_model.main(model, SCORED)
    assert str(other.value) == f"{board}/alike.h5: its attribute split is None, not 'test'"
    with pytest.raises(InputError) as mixed:
        rank(board, ["alike"], "unused.csv", dataset="another")
    assert str(mixed.value) == f"{board}/alike_scores.json: is of the dataset drawn, not another"
    assert not (board / "unused.json").exists()


@pytest.mark.parametrize(
    ("raw", "matched", "reason"),
    [
        ("statmorph flag 2: no sky", "ok", ""),
        ("no source", "statmorph flag 2: no sky", "no stamp of 5 could be measured: 5 statmorph flag 2"),
        ("constant", "ok", "no stamp of 5 could be measured: 5 constant"),
    ],
)
def test_what_statmorph_can_measure_with_noise_is_judged_unless_it_is_noise_alone(raw, matched, reason):
    tables = (pd.DataFrame({"status": [status] * 5}) for status in (raw, matched))
    samples = {
        variant: Sample(table, pd.DataFrame(index=range(5)), np.zeros((5, 8, 8)))
        for variant, table in zip(VARIANTS, tables, strict=True)
    }
    assert find_fault(samples, 5) == reason


def test_a_control_that_the_survey_does_not_allow_is_not_scored_with_the_reason(board):
    draw(board, "control_parametric", 24)
    judge(board, "control_parametric", "control")
    scores = json.loads((board / "control_parametric_scores.json").read_text())
    assert scores["status"] == "not scored"
    assert scores["reason"] == "the survey has no images in one band to draw fits as"
