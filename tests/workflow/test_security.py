"""What Snakemake is asked to do to results that are not to be touched."""

import pytest

from galforge.core.locking import hold_lock


@pytest.mark.parametrize("option", ["--delete-all-output", "--delete-temp-output", "--delete-all"])
def test_results_of_a_live_run_are_not_deleted(fresh, option):
    """Before: ``snakemake --delete-all-output`` deleted the files of a run that was going on."""
    card = fresh.path / "results/dataset/simulated_cosmos.md"
    card.parent.mkdir(parents=True)
    card.write_text("of the live run")
    with hold_lock(fresh.path / "results/.lock", "is running"):
        status, output = fresh.run(option, "datasets")
    assert status != 0
    assert "is running on these results; wait for it or stop it" in output
    assert "Traceback" not in output
    assert card.exists()
    if option == "--delete-all":
        fresh.make("--delete-all", "datasets")
        assert not card.exists()


def test_a_link_among_the_results_stops_the_run_before_any_job(fresh, tmp_path):
    (fresh.path / "results/state").mkdir(parents=True)
    (fresh.path / "results/state/simulated_cosmos").symlink_to(tmp_path)
    status, output = fresh.run("surveys")
    assert status != 0
    assert "results/state/simulated_cosmos: is a symbolic link" in output
    assert "Traceback" not in output
    assert not (fresh.path / "results/survey").exists()


@pytest.mark.parametrize("results", ["out{x}", "out{", "<out>", "o\\nut"])
def test_a_name_of_results_that_snakemake_reads_as_its_own_is_refused(fresh, results):
    """Before, braces: NameError."""
    status, output = fresh.run("-n", "surveys", overlay=f'results: "{results}"')
    assert status != 0
    assert "configuration: results is" in output
    assert "Traceback" not in output and "NameError" not in output


def test_a_module_in_the_working_directory_is_not_imported(fresh, tmp_path):
    """Before: an ``h5py.py`` that lies where Snakemake runs was imported by every job that reads stamps."""
    elsewhere = tmp_path / "theirs"
    elsewhere.mkdir()
    for name in ("h5py", "numpy", "galsim", "yaml", "snakemake", "galforge", "workflow_scripts"):
        (elsewhere / f"{name}.py").write_text(
            "from pathlib import Path\nPath(__file__ + '.imported').touch()\n"
        )
    places = ("-s", fresh.path / "Snakefile", "--directory", elsewhere)
    fresh.make(*places, "surveys", configfile=fresh.path / "tests/helpers/tiny.yaml")
    assert (elsewhere / "results/survey/simulated_cosmos/survey.json").is_file()
    assert not list(elsewhere.glob("*.imported"))
