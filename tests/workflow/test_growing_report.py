"""The report in the making, as a run that is going on leaves it."""

import os
import signal

from tests.workflow.conftest import job_of, wait_for, wait_until_gone

PAGE = "results/report/index.html"
IN_THE_MAKING = "<!-- galforge: a report in the making -->"


def page_with(project, words):
    """Return the page of a run that is going on, once it has some words, else None."""
    path = project.path / PAGE
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return text if words in text else None


def test_the_report_grows_while_a_model_is_trained_and_is_no_report_to_snakemake(victim):
    (victim.path / PAGE).unlink()
    running = victim.start("--forcerun", "train_model")
    trainer = wait_for(lambda: job_of(running, "train_model")).pid
    os.kill(trainer, signal.SIGSTOP)
    try:
        page = wait_for(lambda: page_with(victim, "<td>in training</td>"))
        assert page.startswith(IN_THE_MAKING)
        assert "Still to come: danilov_beta_vae." in page
        assert "<td>judged</td>" in page, "the controls are as they were"
        assert 'alt="Stamps of simulated_cosmos"' in page
    finally:
        os.killpg(running.pid, signal.SIGCONT)
        os.killpg(running.pid, signal.SIGINT)
    output, _ = running.communicate(timeout=180)
    wait_until_gone(trainer)
    assert f"grows while the run goes on: {(victim.path / PAGE).as_uri()}" in output
    assert "The same command goes on from here" in output
    assert page_with(victim, IN_THE_MAKING), "what there is to see stays"
    assert "build_report" in victim.planned()

    output = victim.make()
    assert not page_with(victim, IN_THE_MAKING)
    lines = output.splitlines()
    assert lines[-1] == f"The report: {(victim.path / PAGE).as_uri()}"
    # Of twelve stamps of a model that was hardly trained, too few can be measured.
    assert lines[-2] == "No model of simulated_cosmos could be ranked; the report says why."
    assert victim.planned() == set()


def test_a_whole_report_stays_until_the_next_is_made(victim):
    before = (victim.path / PAGE).read_bytes()
    running = victim.start("--forcerun", "train_model")
    os.kill(wait_for(lambda: job_of(running, "train_model")).pid, signal.SIGKILL)
    output, _ = running.communicate(timeout=180)
    assert "is made anew at the end" in output
    assert (victim.path / PAGE).read_bytes() == before
    assert "Error in rule train_model: Training danilov_beta_vae on simulated_cosmos" in output
    assert output.splitlines()[-2].startswith("What to do: ")
    assert "galforge/core" not in output, "a source file on the screen"
    assert "Building DAG of jobs" in victim.make("--no-hooks"), "Snakemake shows what no hook begins"
