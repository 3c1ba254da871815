"""What a user sees when something is wrong, and that nothing finished is lost."""

import contextlib
import html
import json
import os
import re
import signal
import time

import pytest

from galforge.core.files import file_digest
from tests.helpers.faults import fault
from tests.workflow.conftest import error_of, line_with, wait_for, wait_until_gone


@pytest.fixture(scope="module")
def made(victim):
    """A copy of what was made, for faults to be done to."""
    return victim


STATE = "results/state/simulated_cosmos/danilov_beta_vae"
WEIGHTS = "results/model/simulated_cosmos/danilov_beta_vae/weights.safetensors"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            "sede: 1",
            ["unknown key 'sede'", "did you mean 'seed'"],
            marks=fault("a misspelt key in the configuration", then="correct the named key"),
        ),
        pytest.param(
            "seed: -1",
            ["seed is -1", "at least 0"],
            marks=fault("a value out of bounds in the configuration", then="correct the named value"),
        ),
        pytest.param(
            "datasets: {simulated_cosmos: {survey: no_such}}",
            ["'no_such'", "allowed: simulated_cosmos"],
            marks=fault("a dataset of a survey that is not defined", then="name one that is defined"),
        ),
        pytest.param(
            "runs: [{dataset: simulated_cosmos, models: [gan]}]",
            ["'gan'", "allowed: danilov_beta_vae"],
            marks=fault("a run of a model that is not defined", then="name one that is defined"),
        ),
    ],
)
def test_a_bad_configuration_stops_before_any_job(made, change, words, seen):
    status, output = made.run(overlay=change)
    assert status != 0
    assert "Traceback" not in output
    line = line_with(output, "configuration: ")
    assert all(word in line for word in words), line
    assert "Job stats" not in output
    seen(line)


@fault(
    "`training: {device: cuda}` on a machine without a GPU", then="set `device: auto`, or submit to a cluster"
)
def test_a_gpu_that_is_not_there_stops_before_any_job(made, monkeypatch, seen):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    status, output = made.run(overlay="training: {device: cuda}")
    assert status != 0
    assert "Traceback" not in output
    assert not re.search(r"^(local)?rule ", output, flags=re.MULTILINE), output
    line = line_with(output, "configuration: ")
    assert "training.device is 'cuda'" in line and "allowed: auto, cpu" in line
    seen(line)


@fault("a survey that lacks a file", then="complete the survey")
def test_a_survey_that_lacks_a_file_is_named_in_one_line(fresh, tmp_path, seen):
    (tmp_path / "empty").mkdir()
    status, output = fresh.run(
        overlay=f"""
surveys:
  lacking:
    source: local
    directory: "{tmp_path / "empty"}"
    catalog: none.fits
    exclusion_level: none
    credit: nobody
datasets: {{simulated_cosmos: {{survey: lacking}}}}
"""
    )
    assert status != 0
    line = error_of(output)
    assert "none.fits: is missing from the survey" in line
    seen(line)


@pytest.mark.parametrize(
    ("limit", "count"),
    [
        pytest.param(80, "", marks=fault("too few stamps pass the selection", then="widen a limit")),
        pytest.param(
            1e9, "0 stamps", marks=fault("no stamp passes the selection", then="widen a limit", slow=True)
        ),
    ],
)
def test_too_few_stamps_stop_the_run_before_training_with_the_counts(made, tmp_path, limit, count, seen):
    # In a copy: a dataset that is built again has all trainings run again.
    project = made.copied_to(tmp_path / "a prüject")
    changed = f"selection: {{minimum_count: 79, limits: {{snr: {{minimum: {limit}}}}}}}"
    status, output = project.run("datasets", overlay=f"datasets: {{simulated_cosmos: {{{changed}}}}}")
    assert status != 0
    line = error_of(output)
    assert "fewer than selection.minimum_count = 79" in line
    assert "all galaxies: 80, drawn: 80, " in line
    assert count in line
    assert "Training" not in output
    kept = project.path / "results/selection/simulated_cosmos"
    assert {path.name for path in kept.iterdir()} == {"selection.csv", "attrition.csv", "percentiles.csv"}
    seen(line)
    project.make("datasets")
    dataset = "results/dataset/simulated_cosmos.h5"
    assert project.digests(dataset) == made.digests(dataset)


def trainer_of(project):
    """Return the process of the training once it has saved a state, else None."""
    state = project.path / STATE
    # Only whole checksums: what is being written has another name.
    if list(state.glob("[ab].sha256")):
        return int((state / "lock").read_text().split()[1])
    return None


RESUMED = {
    "lost": "what was trained since the last state, at most a twentieth of the time",
    "then": "run again: the training resumes from its state, to the same weights bit for bit",
}


@pytest.mark.parametrize(
    "done",
    [
        pytest.param(done, marks=fault(f"{done} while a model is trained", **RESUMED, slow=slow))
        for done, slow in (
            ("kill -9 of the training", True),
            ("kill -9 of Snakemake and of all that it runs", False),
            ("Ctrl-C", True),
            ("Ctrl-C twice", True),
        )
    ],
)
def test_an_interrupted_training_resumes_to_the_same_weights_bit_for_bit(made, done, seen):
    whole = file_digest(made.path / WEIGHTS)
    (made.path / WEIGHTS).unlink()
    running = made.start("models")
    trainer = wait_for(lambda: trainer_of(made))
    if done == "kill -9 of the training":
        os.kill(trainer, signal.SIGKILL)
    elif done == "kill -9 of Snakemake and of all that it runs":
        os.killpg(running.pid, signal.SIGKILL)
    else:
        os.killpg(running.pid, signal.SIGINT)
        if done == "Ctrl-C twice":
            time.sleep(0.2)
            # Snakemake may have ended by the first.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGINT)
    running.communicate(timeout=180)
    assert running.returncode != 0
    wait_until_gone(trainer)
    assert not (made.path / WEIGHTS).exists(), "the training ended before the fault"
    output = made.make("models")
    seen(line_with(output, "resumed at step"))
    assert file_digest(made.path / WEIGHTS) == whole
    assert "train_model" not in made.planned()


@fault("two runs at once on the same results", then="wait for the named process or stop it")
def test_two_runs_on_the_same_results_the_second_refuses_and_names_the_first(made, seen):
    (made.path / WEIGHTS).unlink()
    first = made.start("models")
    wait_for(lambda: trainer_of(made))
    status, output = made.run("models")
    assert status != 0
    assert f"process {first.pid} on" in output
    line = line_with(output, "is running on these results")
    assert "Traceback" not in output
    seen(line)
    first.communicate(timeout=300)
    assert first.returncode == 0
    assert "train_model" not in made.planned()


@fault(
    "kill -9 of Snakemake alone, while a training lives on",
    then="wait for the named process or stop it, then run again",
)
def test_a_trainer_that_outlives_its_run_is_named_not_doubled(made, seen):
    (made.path / WEIGHTS).unlink()
    first = made.start("models")
    trainer = wait_for(lambda: trainer_of(made))
    os.kill(trainer, signal.SIGSTOP)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    try:
        status, output = made.run("models")
        assert status != 0
        line = error_of(output)
        assert f"process {trainer} on" in line
        assert "is training this model" in line
        seen(line)
    finally:
        os.kill(trainer, signal.SIGKILL)
        first.stdout.close()
    wait_until_gone(trainer)
    assert "resumed at step" in made.make("models")


@fault(
    "a training that diverges",
    then="read the leaderboard and change the recipe",
    lost="nothing: this is an outcome, and the model is shown as failed",
)
def test_a_training_that_diverges_is_shown_as_failed_and_the_run_ends_well(made, seen):
    with made.edited("tests/helpers/tiny.yaml", "learning_rate: 2.0e-4", "learning_rate: 9.0"):
        output = made.make()
        seen(line_with(output, ": stopped, "))
        record = json.loads((made.path / WEIGHTS).with_name("model.json").read_text())
        assert record["status"] == "failed"
        # Whether the step or the validation after it overflows first depends on the processor.
        assert re.match(r"(training|validation) term \w+ is (nan|inf)", record["reason"])
        leaderboard = (made.path / "results/leaderboard/simulated_cosmos.csv").read_text()
        assert record["reason"] in leaderboard
        page = html.unescape((made.path / "results/report/index.html").read_text())
        assert record["reason"] in page
