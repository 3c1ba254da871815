"""What Snakemake is asked to do to results that are not to be touched."""

import pytest

from galforge.core.locking import hold_lock
from tests.helpers.bombs import compressed_fits
from tests.helpers.faults import fault
from tests.pictures.test_pictures import encoded, galaxy
from tests.workflow.conftest import line_with


@pytest.mark.parametrize(
    "option",
    [
        pytest.param(
            option, marks=fault(f"{option} while another run is going on", then="stop that run first")
        )
        for option in ("--delete-all-output", "--delete-temp-output")
    ],
)
def test_results_of_a_live_run_are_not_deleted(fresh, option, seen):
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
    seen(line_with(output, "is running on these results"))


def test_an_option_that_is_shortened_deletes_neither_until_the_run_is_over(fresh):
    card = fresh.path / "results/dataset/simulated_cosmos.md"
    card.parent.mkdir(parents=True)
    card.write_text("of the live run")
    with hold_lock(fresh.path / "results/.lock", "is running"):
        assert fresh.run("--delete-all", "datasets")[0] != 0
    assert card.exists()
    fresh.make("--delete-all", "datasets")
    assert not card.exists()


@fault("a symbolic link among the results", then="remove the link")
def test_a_link_among_the_results_stops_the_run_before_any_job(fresh, tmp_path, seen):
    (fresh.path / "results/state").mkdir(parents=True)
    (fresh.path / "results/state/simulated_cosmos").symlink_to(tmp_path)
    status, output = fresh.run("surveys")
    assert status != 0
    assert "results/state/simulated_cosmos: is a symbolic link" in output
    assert "Traceback" not in output
    assert not (fresh.path / "results/survey").exists()
    seen(line_with(output, "is a symbolic link"))


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


FOLDER = """
surveys:
  mine: {{source: image_folder, path: "{folder}", credit: nobody}}
preprocessing:
  grey: {{description: grey, border: 0, side: null, channels: 1, filter: box}}
datasets:
  mine:
    description: Blobs.
    survey: mine
    stamps:
      mode: picture
      size: 32
      preprocessing: grey
      value_range: [0, 1]
      shards: 1
      maximum_failed_fraction: 0.2
    selection: {{minimum_count: 10, limits: {{}}}}
    split: {{validation: 0.2, test: 0.2}}
"""


@fault(
    "a folder of pictures with files of other kinds, and with files that declare gigabytes",
    lost="those files",
    then="nothing: each is left out and counted by reason; "
    "more than `stamps.maximum_failed_fraction` of the pictures stop the run",
    slow=True,
)
def test_what_is_no_picture_is_counted_and_the_rest_is_used(fresh, tmp_path, seen):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.png").write_bytes(encoded(galaxy(number)))
    (folder / "30.fits").write_bytes(compressed_fits(40_000, 40_000))
    (folder / "31.png").write_bytes(b"<html>")
    (folder / "notes.txt").write_text("hello")
    (folder / "gone.png").symlink_to(folder / "nowhere")
    output = fresh.make("results/dataset/mine.h5", overlay=FOLDER.format(folder=folder))
    seen(line_with(output, "Not drawn: "))
    assert "'too large': 1" in output and "'not an image': 1" in output
    seen(line_with(output, "left out"))
    assert "(.txt)" in output
