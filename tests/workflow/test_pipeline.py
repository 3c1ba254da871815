"""From survey to report, and what runs again when something changes."""

import csv
import json
import os
import zipfile

import pytest

import galforge
from galforge.core.files import file_digest
from galforge.datasets.stamp_file import read_attributes, read_stamps

AFTER_THE_SAMPLE = {
    "match_noise", "measure_morphology", "measure_features", "evaluate_model", "plot_model", "plot_thumbnail",
    "plot_evaluation", "compare_samples", "compare_scores", "build_leaderboard", "build_report",
}  # fmt: skip
OF_THE_LATENTS = {"analyse_latents", "plot_latents", "compare_latents"}
AFTER_THE_MODEL = (
    {
        "draw_sample",
        "reconstruct_stamps",
        "encode_stamps",
        "measure_reconstructed_morphology",
        "interpolate_stamps",
        "probe_latents",
        "explore_latents",
        "compare_curves",
        "draw_grid",
        "relate_physics",
        "plot_physics",
    }
    | OF_THE_LATENTS
    | AFTER_THE_SAMPLE
)
OF_THE_DATASET = {"plot_dataset", "plot_survey_stamps", "build_data_card"}
AFTER_THE_DATASET = (
    {
        "train_model",
        "measure_real_morphology",
        "evaluate_floor",
        "draw_control",
        "train_feature_network",
        "measure_real_features",
    }
    | OF_THE_DATASET
    | AFTER_THE_MODEL
)
DATASET = "results/dataset/simulated_cosmos.h5"
MODEL = "results/model/simulated_cosmos/danilov_beta_vae"


def test_the_pipeline_ends_with_a_leaderboard_and_a_report(made):
    with (made.path / "results/leaderboard/simulated_cosmos.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["model"] == "survey stamps (floor)"
    assert {row["model"] for row in rows[1:]} == {
        "danilov_beta_vae", "control_memorizer", "control_parametric", "control_shuffled_phases",
        "control_repeated_stamp",
    }  # fmt: skip
    page = (made.path / "results/report/index.html").read_text()
    assert "simulated" in page
    assert "danilov_beta_vae" in page
    record = json.loads((made.path / MODEL / "model.json").read_text())
    assert record["status"] == "ok"
    assert record["dataset_digest"] == read_attributes(made.path / DATASET)["digest"]
    assert record["weights_digest"] == file_digest(made.path / MODEL / "weights.safetensors")
    assert not (made.path / "results/state/simulated_cosmos/danilov_beta_vae").exists()


def test_snakemake_gathers_the_same_figures_with_their_captions(made):
    made.make("--report", "gathered.html")
    page = (made.path / "gathered.html").read_text()
    for words in (
        "Models on simulated_cosmos", "Leaderboards", "score_comparison.png", "traversals.png", "stamps.png",
        "open marks are stamps as the model gives them",
    ):  # fmt: skip
        assert words in page, words


def test_the_zoo_has_each_model_with_its_card(made):
    made.make("zoo")
    folder = made.path / "results/zoo/simulated_cosmos/danilov_beta_vae"
    assert {path.name for path in folder.iterdir()} == {
        "README.md", "model.json", "weights.safetensors", "scores.json", "samples.png",
    }  # fmt: skip
    card = (folder / "README.md").read_text()
    attributes = read_attributes(made.path / DATASET)
    assert attributes["digest"] in card and file_digest(folder / "weights.safetensors") in card
    assert "license: unknown" in card and "**Trained on simulated galaxies**" in card
    assert galforge.load_model(folder).draw(2, seed=1).image.shape == (2, 1, 64, 64)
    assert made.planned("zoo") <= {"zoo"}


def test_the_dataset_is_normalized_split_and_described(made):
    attributes = read_attributes(made.path / DATASET)
    stamps = read_stamps(made.path / DATASET)
    assert attributes["simulated"] == 1
    assert stamps.image.shape[1:] == (1, 64, 64)
    assert stamps.image.min() == 0
    assert stamps.image.max() == 1
    counts = json.loads(attributes["counts"])
    assert sum(counts.values()) == len(stamps) == json.loads(attributes["attrition"])[-1]["remaining"]
    assert (stamps.catalog["border_noise"] > 0).all(), "a stamp without noise on its border"
    assert stamps.catalog["snr"].min() >= 5
    assert json.loads(attributes["versions"])["galsim"]
    card = (made.path / DATASET).with_suffix(".md").read_text()
    assert f"{len(stamps)} stamps of 1 x 64 x 64 pixels" in card
    assert "**Simulated galaxies**" in card


def test_progress_is_seen_on_the_terminal(made):
    assert "train_model simulated_cosmos/danilov_beta_vae: " in made.output
    assert "Stamps that remain after each cut: all galaxies: 80" in made.output


def test_made_again_nothing_runs(made):
    assert made.planned() == set()


def test_touching_every_file_runs_nothing(made):
    for path in made.path.rglob("*"):
        if path.is_file() and ".snakemake" not in path.parts:
            os.utime(path)
    assert made.planned() == set()


def test_an_edited_loss_trains_again_and_what_follows(made):
    with made.edited("galforge/models/vae/losses.py", "-0.5 * (1 +", "-0.50 * (1 +"):
        assert made.planned() == {"train_model"} | AFTER_THE_MODEL
    assert made.planned() == set()


def test_an_edited_evaluation_evaluates_again_and_writes_the_report(made):
    with made.edited("galforge/evaluation/distances.py", '"""', '"""Edited. '):
        assert made.planned() == {
            "evaluate_floor", "evaluate_model", "plot_model", "plot_evaluation", "compare_samples",
            "compare_scores", "build_leaderboard", "build_report",
        }  # fmt: skip


def test_an_edited_rule_runs_again(made):
    with made.edited(
        "rules/evaluation.smk",
        '"Drawing {wildcards.model} on {wildcards.dataset}"\n    shell:\n        COMMAND',
        '"Drawing {wildcards.model} on {wildcards.dataset}"\n    shell:\n        "true; " + COMMAND',
    ):
        assert "draw_control" in made.planned()
        assert "draw_sample" not in made.planned()


def test_an_edited_page_writes_the_report_alone(made):
    with made.edited("galforge/figures/report.html.j2", "</html>", "<!-- edited --></html>"):
        assert made.planned() == {"build_report"}


def test_a_changed_limit_selects_again_and_draws_nothing(made):
    with made.edited("tests/helpers/tiny.yaml", "snr: { minimum: 5", "snr: { minimum: 6"):
        assert made.planned() == {"select_stamps", "build_dataset", "plot_rendering"} | AFTER_THE_DATASET


def test_a_changed_budget_trains_again(made):
    with made.edited("tests/helpers/tiny.yaml", "epochs: 12", "epochs: 13"):
        assert made.planned() == {"train_model"} | AFTER_THE_MODEL


def test_other_probes_of_the_latents_train_nothing(made):
    planned = made.planned(overlay="latents: { angles: [30] }")
    assert planned == {"probe_latents", "build_report"} | OF_THE_LATENTS


def test_classes_are_learnt_where_they_are_asked_for_and_nothing_else_runs(made):
    overlay = "latents: { classes: { simulated_cosmos: [use_bulge_fit] } }"
    assert made.planned(overlay=overlay) == {"learn_classes", "plot_classes", "build_report"}
    folder = "results/evaluation/simulated_cosmos/danilov_beta_vae"
    before = made.digests(folder)
    made.make(f"{folder}/classes.png", overlay=overlay)
    (found,) = json.loads((made.path / folder / "classes.json").read_text())["columns"]
    assert found["column"] == "use_bulge_fit"
    after = made.digests(folder)
    assert after.keys() - before.keys() == {
        f"{folder}/classes.{name}" for name in ("csv", "json", "png", "pdf")
    }
    assert {name: after[name] for name in before} == before
    status, output = made.run("-n", overlay=overlay.replace("use_bulge_fit", "class_folder"))
    assert status != 0
    assert "latents.classes.simulated_cosmos is 'class_folder'" in output


def test_inception_measures_features_again_and_trains_nothing(made):
    path = made.path / "inception.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("constants.pkl", b"")
    overlay = "evaluation: { features: { inception: inception.pt } }"
    assert made.planned(overlay=overlay) == {
        "measure_real_features", "measure_features", "evaluate_floor", "evaluate_model", "plot_model",
        "plot_evaluation", "compare_samples", "compare_scores", "build_leaderboard", "build_report",
    }  # fmt: skip
    _, output = made.run("-n", "-p", "results/evaluation/simulated_cosmos/floor.json", overlay=overlay)
    assert output.count(" --inception inception.pt ") == 2
    path.unlink()


def test_a_new_title_writes_the_report_alone(made):
    assert made.planned(overlay="report: { title: another }") == {"build_report"}


def test_edited_rendering_draws_again(made):
    with made.edited("galforge/imaging/rendering.py", '"""', '"""Edited. '):
        assert {"render_stamps", "measure_quality", "train_model"} <= made.planned()
        assert "simulate_survey" not in made.planned()


def test_one_core_and_other_shards_give_the_identical_dataset(made, fresh):
    fresh.make("datasets", cores=1, overlay="datasets: {simulated_cosmos: {stamps: {shards: 5}}}")
    one, other = (read_stamps(project.path / DATASET) for project in (made, fresh))
    assert one.attributes["digest"] == other.attributes["digest"]
    assert (one.image == other.image).all()
    assert one.catalog.equals(other.catalog)
    assert list(one.split) == list(other.split)
    assert len(list((fresh.path / "results/stamps/simulated_cosmos").glob("*-of-5.h5"))) == 5


def test_it_runs_from_another_directory(made, tmp_path):
    """The project elsewhere, results here: what was made is found wherever Snakemake is started."""
    arguments = ("-s", made.path / "Snakefile", "--directory", made.path)
    profile = ("--workflow-profile", made.path / "profiles/default")
    status, output = made.run(
        *arguments, *profile, "-n", configfile=made.path / "tests/helpers/tiny.yaml", cwd=tmp_path
    )
    assert status == 0, output
    assert "Nothing to be done" in output


def test_lint_finds_nothing(made):
    status, output = made.run("--lint")
    assert status == 0, output
    assert "good condition" in output


@pytest.mark.slow
def test_the_whole_pipeline_on_real_galaxies(cosmos_btk, fresh):
    """A hundred galaxies of HST COSMOS, from catalogue to report."""
    overlay = fresh.path / "config/cosmos_btk.yaml"
    overlay.write_text(overlay.read_text().replace("BlendingToolKit/data/cosmos", str(cosmos_btk)))
    fresh.make(configfile=overlay)
    results = fresh.path / "results_cosmos_btk"
    stamps = read_stamps(results / "dataset/cosmos_btk.h5")
    assert stamps.attributes["simulated"] == 0
    assert len(stamps) > 80
    assert (stamps.catalog["border_noise"] > 0).all()
    assert set(stamps.catalog["automatic_size"]) == {62, 64}
    assert stamps.image.shape[1:] == (1, 64, 64)
    assert (results / "report/index.html").stat().st_size > 100_000
    page = (results / "report/index.html").read_text()
    assert "BlendingToolKit" in page
