"""`galforge draw`: galaxies of a trained model in a file, any or those that are asked for."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from astropy.io import fits

import galforge
from galforge.commands.command import main
from galforge.core.errors import InputError
from galforge.datasets.conditions import Condition
from galforge.imaging.border_noise import border_noise
from tests.helpers.published_model import IN_FLUX, UNITS, publish_model

MAGNITUDE = Condition("mag_auto", "number", 22.0, 0.5, 19.0, 23.5, 0)
KINDS = [Condition("kind", "class", 0.0, 1.0, 0.0, 1.0, 0, value) for value in ("smooth", "spiral")]


@pytest.fixture
def folder(tmp_path):
    publish_model(tmp_path / "model", conditions=(MAGNITUDE, *KINDS))
    return tmp_path / "model"


def test_galaxies_that_are_asked_for_are_the_same_in_python_in_hdf5_and_in_fits(folder, tmp_path, capsys):
    asked = ["--condition", "mag_auto=21.5", "kind=spiral", "--count", "5", "--seed", "3"]
    for name in ("galaxies.h5", "galaxies.fits"):
        main(["draw", str(folder), "--output", str(tmp_path / name), *asked])
    assert "5 galaxies of danilov_beta_vae, each in [0, 1] by itself, with the PSF" in capsys.readouterr().out
    stamps = galforge.open_dataset(tmp_path / "galaxies.h5")
    table = pd.DataFrame({"mag_auto": [21.5] * 5, "kind": ["spiral"] * 5})
    images = galforge.draw(galforge.load_model(folder), 5, 3, conditions=table)
    assert np.array_equal(stamps.image, images)
    assert stamps.catalog["mag_auto"].tolist() == [21.5] * 5
    assert stamps.catalog["kind"].tolist() == ["spiral"] * 5
    with fits.open(tmp_path / "galaxies.fits") as units:
        assert np.array_equal(units[0].data, images[:, 0])
        assert units["GALAXIES"].data["kind"].tolist() == ["spiral"] * 5
    other = galforge.draw(galforge.load_model(folder), 5, 3, conditions=table.assign(mag_auto=23.0))
    assert not np.allclose(images, other)


def test_a_table_has_a_galaxy_per_row_and_a_gap_is_left_to_the_model(folder, tmp_path):
    pd.DataFrame({"mag_auto": [20.0, np.nan, 23.0]}).to_csv(tmp_path / "asked.csv", index=False)
    output = tmp_path / "galaxies.h5"
    main(["draw", str(folder), "--output", str(output), "--table", str(tmp_path / "asked.csv")])
    stamps = galforge.open_dataset(output)
    assert stamps.catalog["mag_auto"].to_numpy() == pytest.approx([20.0, np.nan, 23.0], nan_ok=True)


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        (["--condition", "mag_auto=25"], "mag_auto is 25 (and 63 more); the model was trained on 19 to 23.5"),
        (["--condition", "zphot=1"], "the model is not asked for 'zphot'; its conditions: mag_auto, kind"),
        (["--condition", "kind=merger"], "kind is 'merger'; classes: smooth, spiral"),
        (["--condition", "mag_auto"], "--condition is 'mag_auto'; allowed: column=value"),
        (["--condition", "mag_auto=bright"], "mag_auto is 'bright'; allowed: a number"),
        (["--condition", "mag_auto=21", "--table", "asked.csv"], "allowed: one of them"),
        (["--count", "-1"], "--count is -1; allowed: 0 or more"),
    ],
)
def test_what_cannot_be_asked_for_is_one_line_and_leaves_no_file(folder, tmp_path, capsys, words, seen):
    output = tmp_path / "galaxies.h5"
    with pytest.raises(SystemExit) as ended:
        main(["draw", str(folder), "--output", str(output), *words])
    assert ended.value.code == 1
    error = capsys.readouterr().err
    assert seen in error
    assert error.count("\n") == 1
    assert not output.exists()


def test_beyond_the_range_of_the_training_only_on_request_and_the_file_says_so(folder, tmp_path, capsys):
    output = tmp_path / "galaxies.h5"
    main(["draw", str(folder), "--output", str(output), "--condition", "mag_auto=25", "--beyond"])
    said = "mag_auto is 25 (and 63 more); the model was trained on 19 to 23.5"
    assert said in capsys.readouterr().out
    assert said in galforge.open_dataset(output).attributes["warning"]
    with pytest.raises(SystemExit):
        main(["draw", str(folder), "--output", str(output), "--condition", "kind=merger", "--beyond"])
    assert "classes: smooth, spiral" in capsys.readouterr().err


def test_another_kind_of_file_is_refused(folder, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["draw", str(folder), "--output", str(tmp_path / "galaxies.png")])
    assert "ends in '.png'; allowed: .h5, .hdf5, .fits, .parquet" in capsys.readouterr().err


def test_a_model_that_is_asked_for_nothing_says_so(tmp_path):
    publish_model(tmp_path)
    with pytest.raises(InputError, match="its conditions: none"):
        galforge.draw(galforge.load_model(tmp_path), 1, 1, conditions=pd.DataFrame({"mag_auto": [22.0]}))


def test_galaxies_in_flux_have_their_units_in_the_header(tmp_path, capsys):
    """Flux per pixel, unit, zero point and pixel scale: all that a magnitude and a size need."""
    publish_model(tmp_path, (1, 16, 16), family="deconvolving_vae", settings=IN_FLUX)
    main(["draw", str(tmp_path), "--output", str(tmp_path / "galaxies.fits"), "--count", "3"])
    assert (
        "3 galaxies of danilov_beta_vae, in counts/s per pixel, without PSF and noise"
        in capsys.readouterr().out
    )
    model = galforge.load_model(tmp_path)
    with torch.no_grad():
        light = model.galaxies(3, torch.Generator().manual_seed(1))[:, 0].numpy()
    with fits.open(tmp_path / "galaxies.fits") as units:
        assert units[0].data == pytest.approx(light * UNITS["flux_scale"], rel=1e-5)
        cards = [units[0].header[card] for card in ("BUNIT", "ZEROPNT", "PIXSCALE", "SURVNOIS")]
        table = units["GALAXIES"]
        assert table.data["flux"] == pytest.approx(light.sum((1, 2)) * UNITS["flux_scale"], rel=1e-5)
        assert table.data["pixel_scale"].tolist() == [0.06] * 3
        assert table.data["noise_level"].tolist() == [0.0] * 3
        assert table.columns["flux"].unit == "counts/s"
        assert table.columns["pixel_scale"].unit == "arcsec"
    assert cards == ["counts/s", 26.0, 0.06, 0.01]


def test_galaxies_in_flux_come_back_from_hdf5_with_flux_and_units(tmp_path):
    publish_model(tmp_path, (1, 16, 16), family="deconvolving_vae", settings=IN_FLUX)
    main(["draw", str(tmp_path), "--output", str(tmp_path / "galaxies.h5"), "--count", "3"])
    stamps = galforge.open_dataset(tmp_path / "galaxies.h5")
    drawn = galforge.draw(galforge.load_model(tmp_path), 3, 1)
    np.testing.assert_allclose(stamps.flux(), drawn, rtol=1e-5, atol=1e-5 * drawn.max())
    assert stamps.catalog["flux"].to_numpy() == pytest.approx(drawn.sum((1, 2, 3)), rel=1e-5)
    assert stamps.attributes["zero_point"] == 26.0
    assert "without sky" in stamps.attributes["stamps_are"]


def test_a_file_of_stamps_in_their_own_range_says_what_they_are_not(folder, tmp_path):
    for name in ("galaxies.h5", "galaxies.fits"):
        main(["draw", str(folder), "--output", str(tmp_path / name), "--count", "3"])
    said = galforge.open_dataset(tmp_path / "galaxies.h5")
    assert "without flux, magnitude or pixel scale" in said.attributes["stamps_are"]
    assert list(said.catalog) == ["noise_level"]
    assert said.catalog["noise_level"].to_numpy() == pytest.approx(border_noise(said.image[:, 0]), rel=1e-5)
    with fits.open(tmp_path / "galaxies.fits") as units:
        comment = "".join(str(line) for line in units[0].header["COMMENT"])
        assert "without flux, magnitude or pixel scale" in comment
        assert "BUNIT" not in units[0].header


def test_no_galaxies_are_a_file_too(folder, tmp_path):
    for name in ("galaxies.h5", "galaxies.fits"):
        main(["draw", str(folder), "--output", str(tmp_path / name), "--count", "0"])
    assert len(galforge.open_dataset(tmp_path / "galaxies.h5")) == 0


def test_parquet_has_a_row_per_galaxy(folder, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    output = tmp_path / "galaxies.parquet"
    main(["draw", str(folder), "--output", str(output), "--count", "3", "--condition", "kind=spiral"])
    table = parquet.read_table(output)
    assert table.column_names == ["image", "kind", "noise_level"]
    images = table["image"].combine_chunks().to_numpy_ndarray()
    drawn = galforge.draw(
        galforge.load_model(folder), 3, 1, conditions=pd.DataFrame({"kind": ["spiral"] * 3})
    )
    assert np.array_equal(images, drawn[:, 0])
    assert json.loads(table.schema.metadata[b"galforge"])["model"] == "danilov_beta_vae"


def test_parquet_without_pyarrow_says_which_extra_to_install(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SystemExit):
        main(["draw", str(folder), "--output", str(tmp_path / "galaxies.parquet")])
    assert "pip install 'galforge[parquet]'" in capsys.readouterr().err
