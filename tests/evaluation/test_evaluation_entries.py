"""The entries from stamps to leaderboard, on files."""

import importlib
import json
import re
import sys

import galsim
import numpy as np
import pandas as pd
import pytest
import yaml

from galforge.core.command_line import run_entry
from galforge.core.files import file_digest
from galforge.datasets.normalization import normalize
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.evaluation.reference_split import reference_order
from galforge.evaluation.scores import Sample
from galforge.evaluation.variants import KINDS, OPTIONAL_SPACES, SPACE_SCORES, SPACES, VARIANTS
from tests.conftest import PROJECT
from tests.helpers.inception_stand_in import save_stand_in
from workflow_scripts.evaluation.evaluate_model import find_fault

MORPHOLOGY = {
    "threshold": 1.5,
    "connected_pixels": 5,
    "smoothing": 10,
    "noise_floor": 0.005,
    "skybox_size": 16,
}
FEATURES = {"size": 6, "steps": 10, "batch_size": 12, "clusters": 4, "stamps": 100, "seed": 1}
SCORED = {"parameters": ["gini", "concentration", "rhalf_ellip"], "count": 24, "resamples": 20, "seed": 1}


def run(entry, settings, *arguments):
    module = importlib.import_module(f"workflow_scripts.{entry}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [entry, "--settings", json.dumps(settings), *map(str, arguments)])
        run_entry(module.main)


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


def judge(folder, name, kind="model", scored=SCORED):
    """Add noise to a sample, measure both variants and score them."""
    count = {"count": scored["count"]}
    run(
        "match_noise", {"seed": 1},
        "--dataset", folder / "dataset.h5", "--sample", folder / f"{name}.h5",
        "--output", folder / f"{name}_matched.h5",
    )  # fmt: skip
    stamps = [folder / f"{name}.h5", folder / f"{name}_matched.h5"]
    tables = [path.with_suffix(".csv") for path in stamps]
    run(
        "measure_morphology", {**count, "morphology": MORPHOLOGY},
        "--stamps", *stamps, "--output", *tables,
    )  # fmt: skip
    features = [path.with_name(f"{path.stem}_features.csv") for path in stamps]
    measure_features(folder, count, features, "--stamps", *stamps)
    training = ["--model", folder / f"{name}.json"]
    training += ["--reconstruction", folder / f"{name}_reconstruction.h5"]
    training += ["--reconstructed", folder / f"{name}_reconstruction.csv"]
    if kind == "model":
        run(
            "measure_morphology", {**count, "morphology": MORPHOLOGY}, "--split", "test",
            "--stamps", folder / f"{name}_reconstruction.h5", "--output", training[-1],
        )  # fmt: skip
    run(
        "evaluate_model", scored,
        "--dataset", folder / "dataset.h5", "--real", folder / "real.csv",
        "--real-features", folder / "real_features.csv", "--floor", folder / "floor.json",
        "--stamps", *stamps, "--morphology", *tables, "--features", *features,
        *(training if kind == "model" else []), "--output", folder / f"{name}_metrics.json",
    )  # fmt: skip


def measure_features(folder, settings, output, *arguments):
    run(
        "measure_features", settings, "--dataset", folder / "dataset.h5", *arguments,
        "--weights", folder / "weights.safetensors", "--record", folder / "network.json", "--output", *output,
    )  # fmt: skip


def rank(folder, names, output):
    run(
        "build_leaderboard", {"dataset": "drawn"}, "--floor", folder / "floor.json",
        "--metrics", *[folder / f"{name}_metrics.json" for name in names],
        "--scores", folder / "scores.csv", "--output", folder / output,
    )  # fmt: skip


def set_up(folder, real, scored, features):
    """Make a dataset of the stamps, the first to train on, and score its floor; return it."""
    count = scored["count"]
    dataset = Stamps(
        image=real,
        offset=np.full(len(real), 5.0),
        scale=np.full(len(real), 2.0),
        catalog=pd.DataFrame({"identifier": np.arange(len(real)) + 500}),
        split=np.array(["train"] * count + ["test"] * (len(real) - count)),
    )
    write_stamps(folder / "dataset.h5", [dataset], {"simulated": True, "dataset": "drawn"})
    run(
        "measure_morphology", {"count": 2 * count, "morphology": MORPHOLOGY},
        "--stamps", folder / "dataset.h5", "--split", "test", "--threads", 2, "--output", folder / "real.csv",
    )  # fmt: skip
    run(
        "train_feature_network", features, "--code", __file__, "--dataset", folder / "dataset.h5",
        "--weights", folder / "weights.safetensors", "--record", folder / "network.json",
    )  # fmt: skip
    measure_features(folder, {"count": 2 * count}, [folder / "real_features.csv"], "--split", "test")
    run(
        "evaluate_floor", scored, "--dataset", folder / "dataset.h5", "--real", folder / "real.csv",
        "--real-features", folder / "real_features.csv", "--output", folder / "floor.json",
    )  # fmt: skip
    return dataset


def draw_controls(folder, scored):
    """Draw and judge each control."""
    for name in CONTROLS:
        run(
            "draw_control", {"control": name, "count": scored["count"], "seed": 1},
            "--dataset", folder / "dataset.h5", "--output", folder / f"{name}.h5",
        )  # fmt: skip
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
            "training_seconds": 3.0, "parameters": 10,
        }  # fmt: skip
        (folder / f"{name}.json").write_text(json.dumps(record))
        judge(folder, name)
    draw_controls(folder, SCORED)
    rank(folder, [*MODELS, *CONTROLS], "leaderboard.csv")
    (folder / "scores.csv").rename(folder / "scores_all.csv")
    return folder


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
    run(
        "measure_morphology", {"count": 8, "morphology": MORPHOLOGY},
        "--stamps", board / "dataset.h5", "--split", "test", "--output", board / "some.csv",
    )  # fmt: skip
    some = pd.read_csv(board / "some.csv")["row"].tolist()
    assert some != list(range(24, 32))
    stamps = read_stamps(board / "dataset.h5", "test")
    first = stamps.catalog["identifier"].to_numpy()[reference_order(stamps.catalog)][:8]
    assert sorted(some) == sorted(first - 500)


def test_metrics_hold_what_the_report_needs(board):
    metrics = json.loads((board / "alike_metrics.json").read_text())
    assert metrics["status"] == "ok"
    assert metrics["kind"] == "model"
    assert metrics["simulated"] is True
    assert metrics["count"] == {
        "real": 48, "generated": 24, "reference": 24, "compared": 24, "reconstructed": 50,
        "measured_again": 24,
    }  # fmt: skip
    assert (metrics["dataset"], metrics["model"]) == ("drawn", "alike")
    assert (metrics["training_seconds"], metrics["parameters"]) == (3.0, 10)
    assert metrics["mean_distance"]["tied"] is True
    assert set(metrics["scores"]) == {"raw", "noise_matched", "reconstructed"}
    shown = metrics["scores"]["reconstructed"]
    assert 0 < shown["reconstruction_mse"]["value"] < 0.05
    assert shown["reconstruction_mse"]["error"] > 0
    # The reconstruction is the stamp with another sky.
    assert shown["reconstruction_correlation_gini"]["value"] > 0.9
    assert abs(shown["reconstruction_flux_median"]["value"]) < 0.05
    assert all((score["floor"], score["tied"]) == (None, None) for score in shown.values())
    assert (
        metrics["distance"]["gini"]["model"] == metrics["scores"]["noise_matched"]["distance_gini"]["value"]
    )
    failed = json.loads((board / "diverged_metrics.json").read_text())
    assert failed["count"]["reconstructed"] == failed["count"]["measured_again"] == 0
    assert failed["scores"]["reconstructed"] == {}
    assert failed["distance"]["gini"]["model"] is None
    assert failed["distance"]["gini"]["floor"] == metrics["distance"]["gini"]["floor"]
    control = json.loads((board / "control_memorizer_metrics.json").read_text())
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
    "classifier_accuracy", "recall_pca", "coverage_pca",
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
        assert scores.loc[("control_memorizer", name), "tied"] == 1, name
    distances = [name for name in scores.loc["alike"].index if name.startswith("distance_")]
    assert all(scores.loc[("control_memorizer", name), "tied"] == 1 for name in distances)


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
        "classifier_accuracy", *IN_SPACES["frechet"], *IN_SPACES["kid"], *IN_SPACES["coverage"], "recall_pca",
    )
} | {
    **{name: {SHUFFLED} for name in ("precision_pca", *IN_SPACES["density"])},
    **{f"precision_{space}": set() for space in ("network", "inception")},
    **{f"recall_{space}": {REPEATED} for space in ("network", "inception")},
    **{name: {SHUFFLED} for name in ("failure_fraction", "distance_intensity")},
    **{name: {REPEATED} for name in ("moments_e1", "moments_e2", "distance_ellipticity_asymmetry")},
    "memorized_fraction": {REPEATED},
    "neighbour_distance": set(),
}  # fmt: skip


def test_every_score_says_which_controls_it_tells_from_the_floor():
    of_samples = {name for name, kind in KINDS.items() if kind.group != "reconstruction"}
    assert TELLS.keys() == of_samples | {f"distance_{name}" for name in PARAMETERS}


def test_the_controls_that_a_score_cannot_tell_are_in_the_docs_with_the_reason():
    text = (PROJECT / "docs/evaluation.md").read_text()
    table = text.partition("| score | cannot tell | why |")[2].partition("\n\n")[0]
    found = {}
    for line in table.splitlines()[2:]:
        scores, controls, why = line.strip("| ").split(" | ")
        assert why
        for name in re.findall("`(.+?)`", scores):
            base = name.removesuffix("_<space>")
            for score in [name] if base == name else IN_SPACES[base]:
                found.setdefault(score, set()).update(re.findall("`(.+?)`", controls))
    both = {SHUFFLED, REPEATED}
    assert found == {name: both - told for name, told in TELLS.items() if told != both}


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
def told(tmp_path_factory):
    """Return every score of the controls on stamps that have all of the configuration's parameters."""
    folder = tmp_path_factory.mktemp("controls")
    scored = {**SCORED, "parameters": PARAMETERS, "count": 40}
    set_up(folder, clumpy_galaxies(120, seed=1), scored, {**FEATURES, "steps": 60})
    draw_controls(folder, scored)
    rank(folder, CONTROLS, "leaderboard.csv")
    return pd.read_csv(folder / "scores.csv").query("kind == 'control'").set_index(["model", "score"])


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_score_puts_the_floor_before_the_controls_that_it_tells(told, variant):
    scores = told[told["variant"] == variant]
    # Inception's are there only for those who have its weights.
    assert set(scores.loc[MEMORIZER].index) == {name for name in TELLS if not name.endswith("_inception")}
    worse = np.where(scores["better"] == "higher", -1, 1) * (scores["value"] - scores["floor"])
    for (control, name), difference in worse.items():
        if control != MEMORIZER and control in TELLS[name]:
            assert difference > 0, (name, control)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_memorizer_ties_with_the_floor_on_every_score_that_does_not_look_for_it(told, variant):
    scores = (
        told[told["variant"] == variant].loc[MEMORIZER].drop(["memorized_fraction", "neighbour_distance"])
    )
    worse = np.where(scores["better"] == "higher", -1, 1) * (scores["value"] - scores["floor"])
    assert (worse < 4 * np.hypot(scores["error"], scores["floor_error"])).all()
    # Of forty scores one is beyond twice its error by chance.
    assert (scores["tied"] == 0).sum() <= 2


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


def test_with_inception_there_are_its_scores_beside_the_same_others(board):
    inception = save_stand_in(board / "inception.pt")
    names = ["real", "alike", "alike_matched"]
    real, *features = (board / f"{name}_inception.csv" for name in names)
    stamps = [board / "alike.h5", board / "alike_matched.h5"]
    measure_features(board, {"count": 48}, [real], "--split", "test", "--inception", inception)
    measure_features(board, {"count": 24}, features, "--inception", inception, "--stamps", *stamps)
    shared = [
        "--dataset", board / "dataset.h5", "--real", board / "real.csv", "--real-features", real,
    ]  # fmt: skip
    floor, metrics = board / "floor_inception.json", board / "alike_inception.json"
    run("evaluate_floor", SCORED, *shared, "--inception", inception, "--output", floor)
    run(
        "evaluate_model", SCORED, *shared, "--floor", floor, "--stamps", *stamps,
        "--morphology", board / "alike.csv", board / "alike_matched.csv", "--features", *features,
        "--output", metrics,
    )  # fmt: skip
    before, after = (json.loads((board / name).read_text()) for name in ("floor.json", floor.name))
    assert before["inception_digest"] is None
    assert after["inception_digest"] == file_digest(inception)
    plain, more = (
        json.loads(path.read_text())["scores"]["noise_matched"]
        for path in (board / "alike_metrics.json", metrics)
    )
    assert {name: more[name] for name in plain} == plain
    added = {f"{name}_inception" for name in ("frechet", "kid", "precision", "recall", "density", "coverage")}
    assert more.keys() - plain.keys() == added
    assert all(more[name]["value"] is not None and more[name]["floor"] is not None for name in added)


def test_faults_are_one_line(board, capsys):
    def fault(entry, settings, *arguments):
        with pytest.raises(SystemExit, match="1"):
            run(entry, settings, *arguments)
        return capsys.readouterr().err

    arguments = [
        "--dataset", board / "dataset.h5", "--real", board / "real.csv",
        "--real-features", board / "real_features.csv", "--floor", board / "floor.json",
        "--stamps", board / "alike.h5", board / "alike_matched.h5",
        "--morphology", board / "alike.csv", board / "alike_matched.csv",
        "--features", board / "alike_features.csv", board / "alike_matched_features.csv",
        "--model", board / "alike.json", "--reconstruction", board / "alike.h5",
        "--reconstructed", board / "alike.csv",
        "--output", board / "unused.json",
    ]  # fmt: skip
    unknown = fault("evaluate_floor", SCORED | {"parameters": ["ginni"]}, *arguments[:6], *arguments[-2:])
    assert unknown.startswith("ERROR: evaluation.parameters: 'ginni' is not measured; there are row, ")
    other = fault("evaluate_model", SCORED, *arguments)
    assert other == f"ERROR: {board}/alike.h5: its attribute split is None, not 'test'\n"
    mixed = fault(
        "build_leaderboard", {"dataset": "another"}, "--floor", board / "floor.json",
        "--metrics", board / "alike_metrics.json", "--scores", board / "unused.csv",
        "--output", board / "unused.csv",
    )  # fmt: skip
    assert mixed == f"ERROR: {board}/alike_metrics.json: is of the dataset drawn, not another\n"
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


def test_a_control_that_the_survey_does_not_allow_is_failed_with_the_reason(board):
    run(
        "draw_control", {"control": "control_parametric", "count": 24, "seed": 1},
        "--dataset", board / "dataset.h5", "--output", board / "control_parametric.h5",
    )  # fmt: skip
    judge(board, "control_parametric", "control")
    metrics = json.loads((board / "control_parametric_metrics.json").read_text())
    assert metrics["status"] == "failed"
    assert metrics["reason"] == "the survey has no images in one band to draw fits as"
