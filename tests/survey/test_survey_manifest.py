import json

import pytest

from galforge.core.errors import InputError
from galforge.survey.layout import survey_file_names
from galforge.survey.manifest import SurveyManifest, read_manifest, write_manifest

MANIFEST = SurveyManifest("local", False, "data", "catalog.fits", "none", 7, "somebody", {"a.fits": "00"})


def test_round_trip_and_directory_next_to_the_manifest(tmp_path):
    path = tmp_path / "survey" / "survey.json"
    write_manifest(path, MANIFEST)
    manifest = read_manifest(path)
    assert manifest == MANIFEST
    assert manifest.path == tmp_path / "survey" / "data"
    assert "location" not in json.loads(path.read_text())


@pytest.mark.parametrize(
    ("text", "reason"),
    [("{", "damaged or not JSON"), ("[]", "not a JSON object"), ('{"source": "moon"}', "source")],
)
def test_what_is_no_manifest_is_named(tmp_path, text, reason):
    path = tmp_path / "survey.json"
    path.write_text(text)
    with pytest.raises(InputError, match=reason) as caught:
        read_manifest(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_damaged_manifest_is_named_as_such(tmp_path):
    path = tmp_path / "survey.json"
    write_manifest(path, MANIFEST)
    path.write_text(path.read_text().replace("7", "8"))
    with pytest.raises(InputError, match=r"survey\.json: is damaged or was edited"):
        read_manifest(path)


def test_file_names_depend_on_the_count_alone():
    names = survey_file_names(1001)
    assert [name for name in names if "galaxy_images" in name] == [
        "real_galaxy_images_simulated_n1.fits",
        "real_galaxy_images_simulated_n2.fits",
    ]
    assert len(survey_file_names(1000)) == len(names) - 1
