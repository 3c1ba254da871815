"""What a user sees when something is wrong, and that nothing finished is lost."""

import html
import json
import os
import re
import signal
import time

import pytest

from workflow_scripts.files import file_digest


@pytest.fixture(scope="module")
def made(made, tmp_path_factory):
    """A copy of what was made, for faults to be done to."""
    return made.copied_to(tmp_path_factory.mktemp("faults") / "a prüject")


STATE = "results/state/simulated_cosmos/danilov_beta_vae"
WEIGHTS = "results/model/simulated_cosmos/danilov_beta_vae/weights.safetensors"


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("sede: 1", ["unknown key 'sede'", "did you mean 'seed'"]),
        ("seed: -1", ["seed is -1", "at least 0"]),
        ("datasets: {simulated_cosmos: {survey: no_such}}", ["'no_such'", "allowed: simulated_cosmos"]),
        ("runs: [{dataset: simulated_cosmos, models: [gan]}]", ["'gan'", "allowed: danilov_beta_vae"]),
    ],
)
def test_a_bad_configuration_stops_before_any_job(made, change, words):
    status, output = made.run(overlay=change)
    assert status != 0
    assert "Traceback" not in output
    line = next(line for line in output.splitlines() if "configuration: " in line)
    assert all(word in line for word in words), line
    assert "Job stats" not in output


def test_a_survey_that_lacks_a_file_is_named_in_one_line(fresh, tmp_path):
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
    assert "none.fits: is missing from the survey" in output
    assert "Traceback" not in output


def test_too_few_stamps_stop_the_run_before_training_with_the_counts(made):
    limit = "datasets: {simulated_cosmos: {selection: {minimum_count: 79, limits: {snr: {minimum: 80}}}}}"
    status, output = made.run("datasets", overlay=limit)
    assert status != 0
    line = next(line for line in output.splitlines() if line.startswith("ERROR: "))
    assert "fewer than selection.minimum_count = 79" in line
    assert "all galaxies: 80, drawn: 80, " in line
    assert "Traceback" not in output
    assert "Training" not in output


def trainer_of(project):
    """Return the process of the training once it has saved a state, else None."""
    state = project.path / STATE
    # Only whole checksums: what is being written has another name.
    if list(state.glob("[ab].sha256")):
        return int((state / "lock").read_text().split()[1])
    return None


def wait_until_gone(pid):
    def gone():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False

    wait_for(gone)


@pytest.mark.parametrize("fault", ["kill -9 of the training", "kill -9 of everything", "Ctrl-C"])
def test_an_interrupted_training_resumes_to_the_same_weights_bit_for_bit(made, fault):
    whole = file_digest(made.path / WEIGHTS)
    (made.path / WEIGHTS).unlink()
    running = made.start("models")
    trainer = wait_for(lambda: trainer_of(made))
    if fault == "kill -9 of the training":
        os.kill(trainer, signal.SIGKILL)
    elif fault == "kill -9 of everything":
        os.killpg(running.pid, signal.SIGKILL)
    else:
        os.killpg(running.pid, signal.SIGINT)
    running.communicate(timeout=120)
    assert running.returncode != 0
    wait_until_gone(trainer)
    assert not (made.path / WEIGHTS).exists(), "the training ended before the fault"
    output = made.make("models")
    assert "resumed at step" in output
    assert file_digest(made.path / WEIGHTS) == whole
    assert "train_model" not in made.planned()


def test_two_runs_on_the_same_results_the_second_refuses_and_names_the_first(made):
    (made.path / WEIGHTS).unlink()
    first = made.start("models")
    wait_for(lambda: trainer_of(made))
    status, output = made.run("models")
    assert status != 0
    assert f"process {first.pid} on" in output
    assert "is running on these results" in output
    assert "Traceback" not in output
    first.communicate(timeout=300)
    assert first.returncode == 0
    assert "train_model" not in made.planned()


def test_a_trainer_that_outlives_its_run_is_named_not_doubled(made):
    (made.path / WEIGHTS).unlink()
    first = made.start("models")
    trainer = wait_for(lambda: trainer_of(made))
    os.kill(trainer, signal.SIGSTOP)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    try:
        status, output = made.run("models")
        assert status != 0
        assert f"process {trainer} on" in output
        assert "is training this model" in output
    finally:
        os.kill(trainer, signal.SIGKILL)
        first.stdout.close()
    wait_until_gone(trainer)
    assert "resumed at step" in made.make("models")


def test_a_training_that_diverges_is_shown_as_failed_and_the_run_ends_well(made):
    undo = made.edit("tests/config.tiny.yaml", "learning_rate: 2.0e-4", "learning_rate: 9.0")
    try:
        made.make()
        record = json.loads((made.path / WEIGHTS).with_name("model.json").read_text())
        assert record["status"] == "failed"
        # Whether the step or the validation after it overflows first depends on the processor.
        assert re.match(r"(training|validation) term \w+ is (nan|inf)", record["reason"])
        leaderboard = (made.path / "results/leaderboard/simulated_cosmos.csv").read_text()
        assert record["reason"] in leaderboard
        page = html.unescape((made.path / "results/report/index.html").read_text())
        assert record["reason"] in page
    finally:
        undo()
