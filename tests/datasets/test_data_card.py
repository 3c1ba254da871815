"""The data card: what it says is what the file holds, and its examples run."""

import re

import numpy as np
import pandas as pd
import pytest

from galforge.datasets.data_card import described, known_biases
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.survey.manifest import SurveyManifest, write_manifest
from tests.conftest import PROJECT
from tests.helpers.entries import run_stage
from workflow_scripts.dataset import build_data_card

TEMPLATE = PROJECT / "galforge" / "datasets" / "data_card.md.j2"
SETTINGS = {"stamps": {"size": 16}, "selection": {"limits": [["snr", {"minimum": 20}]]}}


@pytest.fixture
def card(tmp_path, monkeypatch):
    random = np.random.default_rng(1)
    sides = np.array(["train"] * 6 + ["validation"] * 2 + ["test"] * 3 + [""])
    stamps = Stamps(
        image=random.random((12, 1, 16, 16)).astype(np.float32),
        offset=random.random(12),
        scale=random.random(12) + 1,
        catalog=pd.DataFrame(
            {"identifier": np.arange(12), "snr": np.arange(12) + 20.0, "width_status": "ok"}
        ),
        split=sides,
    )
    attrition = [
        {"cut": "all galaxies", "removed_alone": 0, "removed_in_sequence": 0, "remaining": 20},
        {"cut": "snr ≥ 20", "removed_alone": 8, "removed_in_sequence": 8, "remaining": 12},
    ]
    counts = {"train": 6, "validation": 2, "test": 3}
    write_stamps(
        tmp_path / "made.h5",
        [stamps],
        {
            "dataset": "made",
            "survey": "made_up",
            "settings": SETTINGS,
            "counts": counts,
            "attrition": attrition,
        },
    )
    manifest = SurveyManifest("simulated", True, ".", "c.fits", "marginal", 20, "Somebody (2020), CC BY", {})
    write_manifest(tmp_path / "survey.json", manifest)
    files = {
        "survey": tmp_path / "survey.json",
        "dataset": tmp_path / "made.h5",
        "card": tmp_path / "made.md",
    }
    run_stage(build_data_card, {"description": "Twelve galaxies."}, template=TEMPLATE, **files)
    monkeypatch.chdir(tmp_path)
    return stamps, (tmp_path / "made.md").read_text(encoding="utf-8")


def test_its_five_lines_of_python_read_the_dataset(card):
    stamps, text = card
    plain, galforge = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert len(plain.splitlines()) == 5
    test = stamps.take(stamps.split == "test")
    names = {}
    exec(plain, names)
    assert np.array_equal(names["image"], test.image)
    assert list(names["snr"]) == list(test.catalog["snr"])
    exec(galforge, names)
    assert np.array_equal(names["flux"], test.flux())


def test_it_says_where_from_how_many_and_what_was_cut(card):
    _, text = card
    for words in (
        "Twelve galaxies.",
        "**Simulated galaxies**",
        "Somebody (2020), CC BY",
        "12 stamps of 1 x 16 x 16 pixels",
        "| train | 6 |\n| validation | 2 |\n| test | 3 |\n| on no side | 1 |",
        "| snr ≥ 20 | 8 | 8 | 12 |",
        "reduced to 16 x 16 over border_noise, Eq. 2 | 25.5 | 21.1 to 29.9 |",
        "| `width_status` | – | 'ok', or why the Gaussian fit failed | – | – |",
        "Limits on `snr` make this an unfair sample",
    ):
        assert words in text, words


def test_columns_of_nothing_have_no_range():
    assert described("bulge_flux", pd.Series([np.nan, np.nan]))["range"] == "–"
    assert described("bulge_flux", pd.Series([np.nan, 2.0]))["median"] == "2"


def test_biases_are_those_of_the_settings():
    rescaled = "apparent sizes cannot be compared"
    assert any(rescaled in bias for bias in known_biases(SETTINGS, False))
    fixed = {"stamps": {"size": 16, "mode": "fixed"}, "selection": {"limits": []}}
    assert not any(rescaled in bias or "Limits" in bias for bias in known_biases(fixed, False))
    assert sum("extrapolate" in bias for bias in known_biases(fixed, True)) == 1


def test_markup_in_a_description_is_text_on_the_card(card, tmp_path):
    evil = "Galaxies <script>alert(1)</script>\n\n# Not a title\n<img src=x>"
    names = {"survey": "survey.json", "dataset": "made.h5", "card": "evil.md"}
    files = {name: tmp_path / path for name, path in names.items()}
    run_stage(build_data_card, {"description": evil}, template=TEMPLATE, **files)
    text = files["card"].read_text(encoding="utf-8")
    assert "<script" not in text and "<img" not in text
    assert "Galaxies &lt;script>alert(1)&lt;/script>  # Not a title &lt;img src=x>" in text
