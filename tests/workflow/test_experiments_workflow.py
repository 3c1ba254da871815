"""``snakemake experiments``: resumed, nothing is trained twice; an added value is one variant."""

import contextlib
import csv
import re
import signal
from pathlib import Path

import psutil

from tests.workflow.conftest import job_of, wait_for

EXPERIMENT = """
experiments:
  dropout:
    description: How much of the input is dropped.
    dataset: simulated_cosmos
    model: laisney_mlp_vae_2
    recipe: {{ epochs: 4 }}
    grid: {{ settings.network_settings.dropout: {values} }}
    repeats: 2
    measures: {{ validation_loss: lowest }}
    pictures: [samples]
    paper: {{ source: Fig. 8, text: It hardly matters. }}
"""
MODELS = "results/model/simulated_cosmos"


def trained(project):
    """Return the trainings of the experiment, each with the time at which it was published."""
    return {
        path.parent.name: path.stat().st_mtime_ns
        for path in (project.path / MODELS).glob("dropout__*/model.json")
    }


def ended_before(project, running):
    """Return the trainings that ended before the one that is under way; nothing where there is none."""
    job = job_of(running, "train_model")
    with contextlib.suppress(psutil.Error, ValueError):
        words = job.cmdline() if job else []
        under_way = Path(words[words.index("--record") + 1]).parent.name
        # One that has published may not have ended yet, and Snakemake would train it again.
        ended = trained(project)
        return ended if under_way not in ended else {}
    return {}


def test_an_experiment_is_trained_once_compared_and_extended(victim):
    two = EXPERIMENT.format(values=[0.1, 0.3])
    running = victim.start("experiments", overlay=two, cores=1)
    # On a busy machine after minutes.
    before = wait_for(lambda: ended_before(victim, running), seconds=900)
    running.send_signal(signal.SIGINT)
    running.communicate()
    assert 1 <= len(before) < 4

    victim.make("experiments", overlay=two)
    after = trained(victim)
    assert len(after) == 4 and before.items() <= after.items(), "trained twice"
    folder = victim.path / "results/experiment/dropout"
    with (folder / "variants.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["variant"], row["trainings"], row["failed"]) for row in rows] == [
        ("0.1", "2", "0"), ("0.3", "2", "0"),
    ]  # fmt: skip
    assert all(float(row["validation_loss_deviation"]) > 0 for row in rows), "repeats are the same training"
    page = (folder / "index.html").read_text()
    assert "It hardly matters." in page and "simulated galaxies" in page
    assert victim.failed_figures("results/experiment") == {}
    assert victim.planned("experiments", overlay=two) <= {"experiments"}

    status, output = victim.run("-n", "experiments", overlay=EXPERIMENT.format(values=[0.1, 0.2, 0.3]))
    assert status == 0, output
    assert output.count("Training dropout__") == 2  # its repeats
    assert output.count("Training dropout__dropout_0_2__") == 2


def test_a_grid_out_of_bounds_stops_before_any_job(victim):
    status, output = victim.run("-n", "experiments", overlay=EXPERIMENT.format(values=[1.5]))
    assert status != 0
    assert "experiments.dropout.grid.settings.network_settings.dropout is 1.5; allowed: less than 1" in output


def test_the_trainings_of_an_experiment_are_judged_where_it_asks_for_it_and_no_others(fresh):
    plain = EXPERIMENT.format(values=[0.1])
    planned = fresh.planned("experiments", overlay=plain)
    assert {"train_model", "draw_sample"} <= planned
    assert not planned & {"match_noise", "measure_morphology", "evaluate_floor", "evaluate_model"}

    judged = plain.partition("experiments:")[2].replace("dropout:", "judged:", 1)
    judged = judged.replace("validation_loss: lowest", "mean_distance: judged", 1)
    status, output = fresh.run("-n", "experiments", overlay=plain + judged)
    assert status == 0, output
    assert len(re.findall("^ *Job .*: Training (dropout|judged)__", output, re.MULTILINE)) == 4
    scored = re.findall(r"Scoring (\w+?)__\w+ on simulated_cosmos", output)
    assert scored == ["judged", "judged"]
    for rule in ("evaluate_floor", "measure_real_morphology", "measure_real_features"):
        assert re.search(rf"^{rule} +1$", output, re.MULTILINE), rule
    assert "control_" not in output and "build_leaderboard" not in output
