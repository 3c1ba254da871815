"""``galforge doctor``: what is installed, what the machine has, whether surveys are whole."""

import re

import pytest

import galforge
from galforge.commands.command import main
from galforge.core import provenance
from galforge.core.files import file_digest
from galforge.survey.manifest import SurveyManifest, write_manifest


@pytest.fixture
def results(tmp_path):
    folder = tmp_path / "results/survey/mine"
    (folder / "files").mkdir(parents=True)
    for name in ("catalog.fits", "images.fits"):
        (folder / "files" / name).write_text(name)
    digests = {path.name: file_digest(path) for path in (folder / "files").iterdir()}
    manifest = SurveyManifest(
        source="local", simulated=False, directory="files", catalog="catalog.fits", exclusion_level="none",
        count=3, credit="", files=digests,
    )  # fmt: skip
    write_manifest(folder / "survey.json", manifest)
    return tmp_path / "results"


def test_a_whole_survey_and_the_machine_are_described(results, capsys):
    main(["doctor", "--results", str(results)])
    said = capsys.readouterr().out
    assert re.search(rf"galforge +{galforge.__version__}, ", said)
    assert re.search(r"torch +2\.", said) and re.search(r"cores +\d+\n", said)
    assert re.search(r"memory +[\d.]+ of [\d.]+ GiB free", said) and re.search(r"disk +[\d.]+ of", said)
    assert re.search(r"survey mine +whole: 2 files\n", said)


def test_results_that_are_not_there_are_no_fault(tmp_path, capsys):
    main(["doctor", "--results", str(tmp_path / "nowhere/results")])
    assert "survey" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.unlink(), "images.fits is missing"),
        (lambda path: path.write_text("other"), "images.fits has changed"),
        (lambda path: (path.parents[1] / "survey.json").write_text("{"), "survey.json"),
    ],
)
def test_a_survey_that_is_not_whole_is_named_with_its_file(results, capsys, spoil, words):
    spoil(results / "survey/mine/files/images.fits")
    with pytest.raises(SystemExit, match="1"):
        main(["doctor", "--results", str(results)])
    said = capsys.readouterr()
    assert words in said.out
    assert "ERROR: not as it should be: survey mine" in said.err


def test_a_missing_library_is_a_fault_and_a_missing_snakemake_is_none(results, capsys, monkeypatch):
    whole = provenance.versions()
    monkeypatch.setattr(provenance, "versions", lambda: {k: v for k, v in whole.items() if k != "snakemake"})
    main(["doctor", "--results", str(results)])
    assert "not installed; pip install snakemake" in capsys.readouterr().out
    monkeypatch.setattr(provenance, "versions", lambda: {k: v for k, v in whole.items() if k != "h5py"})
    with pytest.raises(SystemExit, match="1"):
        main(["doctor", "--results", str(results)])
    assert "not as it should be: h5py" in capsys.readouterr().err
