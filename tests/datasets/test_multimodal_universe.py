"""`galforge export`: the layout of the Multimodal Universe, read back as that project's loaders read it."""

import json

import h5py
import numpy as np
import pandas as pd
import pytest

import galforge
from galforge.commands.command import main
from galforge.datasets import multimodal_universe
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.datasets.stamp_parts import opened_stamps
from tests.helpers.flux_survey import FLUX_SCALE, SCALE, write_dataset
from tests.helpers.published_model import IN_FLUX, publish_model

# Other numbers of rows than one block has, and a block that is not full.
COUNT = 7


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(multimodal_universe, "BLOCK", 3)


@pytest.fixture
def dataset(tmp_path):
    path = tmp_path / "dataset.h5"
    return path, write_dataset(path, train=COUNT - 2, test=2)


def examples_of(path):
    """Yield examples as scripts/hsc/hsc.py of the Multimodal Universe makes them, by their identifiers."""
    with h5py.File(path) as data:
        order = np.argsort(data["object_id"])
        identifiers = data["object_id"][:][order]
        for key in data["object_id"]:
            i = order[np.searchsorted(identifiers, key)]
            image = [
                {
                    "band": data["image_band"][i][j].decode("utf-8"),
                    "flux": data["image_array"][i][j],
                    "ivar": data["image_ivar"][i][j],
                    "mask": data["image_mask"][i][j],
                    "psf_fwhm": data["image_psf_fwhm"][i][j],
                    "scale": data["image_scale"][i][j],
                }
                for j in range(data["image_band"].shape[1])
            ]
            yield str(data["object_id"][i]), image, float(data["mag_auto"][i])


def test_a_dataset_in_flux_is_what_a_loader_of_the_multimodal_universe_reads(dataset, tmp_path, capsys):
    path, catalog = dataset
    main(["export", str(path), str(tmp_path / "out.hdf5"), "--band", "f814w"])
    assert "7 images in f814w, in counts/s" in capsys.readouterr().out
    with opened_stamps(path) as file:
        flux = file["image"][:] * FLUX_SCALE
    examples = list(examples_of(tmp_path / "out.hdf5"))
    assert [each[0] for each in examples] == catalog["identifier"].astype(str).tolist()
    assert [each[2] for each in examples] == catalog["mag_auto"].tolist()
    for row, (_, [image], _) in enumerate(examples):
        np.testing.assert_allclose(image["flux"], flux[row, 0], rtol=1e-6)
        assert image["ivar"] == pytest.approx(np.full((48, 48), FLUX_SCALE**-2), rel=1e-5)
        assert image["mask"].dtype == bool and image["mask"].all()
        assert image["band"] == "f814w"
        assert image["scale"] == pytest.approx(SCALE)
        sigma = (0.9, 1.1)[row % 2]  # px, of the Gaussian PSFs
        assert image["psf_fwhm"] == pytest.approx(2.3548 * sigma * SCALE, rel=0.02)


def test_the_file_states_units_origin_and_the_meaning_of_columns(dataset, tmp_path):
    path, _ = dataset
    main(["export", str(path), str(tmp_path / "out.h5"), "--band", "f814w"])
    with h5py.File(tmp_path / "out.h5") as file, opened_stamps(path) as source:
        assert file["image_array"].attrs["units"] == "counts/s"
        assert file.attrs["source_digest"] == source.attrs["digest"]
        assert file.attrs["simulated"] == 1
        assert file["mag_auto"].attrs["unit"] == "mag"
        assert [each.decode() for each in file["split"]] == ["train"] * 5 + ["test"] * 2
        assert file["image_noise_std"][:] == pytest.approx(np.full((COUNT, 1), FLUX_SCALE))


def test_stamps_in_their_own_range_are_exported_in_flux_with_the_noise_of_their_borders(tmp_path):
    images = np.random.default_rng(1).random((COUNT, 3, 16, 16)).astype(np.float32)
    low, span = np.linspace(-2, 1, COUNT), np.linspace(1, 9, COUNT)
    noise = np.array([0.5, np.nan, 1, 2, 3, 4, 5])
    # A label may have a name of the layout.
    catalog = pd.DataFrame({"border_noise": noise, "image_array": np.arange(COUNT)})
    stamps = Stamps(images, low, span, catalog, np.full(COUNT, "train"))
    attributes = {"dataset": "made", "labels": ["image_array"], "value_range": [-1, 1]}
    write_stamps(tmp_path / "range.h5", [stamps], attributes)
    main(["export", str(tmp_path / "range.h5"), str(tmp_path / "out.h5"), "--band", "g", "r", "i"])
    with h5py.File(tmp_path / "out.h5") as file:
        expected = images * span[:, None, None, None] + low[:, None, None, None]
        np.testing.assert_allclose(file["image_array"][:], expected, rtol=1e-4, atol=1e-5)
        assert file["image_band"][0].tolist() == [b"g", b"r", b"i"]
        assert file["image_ivar"][0, 2] == pytest.approx(np.full((16, 16), 4.0))
        assert (file["image_ivar"][1] == 0).all(), "not known"
        assert np.isnan(file["image_psf_fwhm"][:]).all() and np.isnan(file["image_scale"][:]).all()
        assert file["object_id"][:].tolist() == list(range(COUNT))
        assert file["catalog_image_array"][:].tolist() == list(range(COUNT))
        assert file["image_array"].attrs["units"] == "flux of the survey"


def test_galaxies_of_a_model_in_flux_have_neither_psf_nor_noise(tmp_path):
    publish_model(tmp_path, (1, 16, 16), family="deconvolving_vae", settings=IN_FLUX)
    main(["draw", str(tmp_path), "--output", str(tmp_path / "drawn.h5"), "--count", "4"])
    main(["export", str(tmp_path / "drawn.h5"), str(tmp_path / "out.h5"), "--band", "f814w"])
    light = galforge.draw(galforge.load_model(tmp_path), 4, 1)
    with h5py.File(tmp_path / "out.h5") as file:
        np.testing.assert_allclose(file["image_array"][:], light, rtol=1e-5, atol=1e-6 * light.max())
        assert (file["image_psf_fwhm"][:] == 0).all()
        assert (file["image_noise_std"][:] == 0).all()
        assert file["image_scale"][:] == pytest.approx(np.full((4, 1), 0.06))
        assert "image_ivar" not in file


LABELS = ("image", "image_quality", "band", "object_id")


@pytest.mark.parametrize("ending", ["h5", "parquet"])
def test_labels_named_as_parts_of_the_layout_are_kept_under_other_names(tmp_path, ending):
    images = np.random.default_rng(1).random((COUNT, 1, 16, 16)).astype(np.float32)
    catalog = pd.DataFrame({name: np.arange(COUNT) + place for place, name in enumerate(LABELS)})
    stamps = Stamps(images, np.zeros(COUNT), np.ones(COUNT), catalog, np.full(COUNT, "train"))
    write_stamps(tmp_path / "made.h5", [stamps], {"dataset": "made", "labels": list(LABELS)})
    out = tmp_path / f"out.{ending}"
    if ending == "parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
    main(["export", str(tmp_path / "made.h5"), str(out), "--band", "g"])
    if ending == "parquet":
        table = parquet.read_table(out)
        found = {name: table[f"catalog_{name}"].to_pylist() for name in LABELS}
        assert np.float32(table["image"][0].as_py()["flux"]).shape == (1, 16, 16)
    else:
        with h5py.File(out) as file:
            found = {name: file[f"catalog_{name}"][:].tolist() for name in LABELS}
    assert found == {name: catalog[name].tolist() for name in LABELS}


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        (["out.h5", "--band", "g", "r"], "--band names 2 (g r); allowed: 1, one per channel"),
        (["out.fits", "--band", "g"], "ends in '.fits'; allowed: .h5, .hdf5, .parquet"),
        (["dataset.h5", "--band", "g"], "is the file that is read"),
    ],
)
def test_what_cannot_be_exported_is_one_line(dataset, tmp_path, capsys, monkeypatch, words, seen):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(SystemExit):
        main(["export", str(dataset[0]), *words])
    error = capsys.readouterr().err
    assert seen in error and error.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_parquet_has_the_image_as_a_struct_of_lists(dataset, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    path, catalog = dataset
    main(["export", str(path), str(tmp_path / "out.parquet"), "--band", "f814w"])
    main(["export", str(path), str(tmp_path / "out.h5"), "--band", "f814w"])
    table = parquet.read_table(tmp_path / "out.parquet")
    assert json.loads(table.schema.metadata[b"galforge"])["units"] == "counts/s"
    assert table["object_id"].to_pylist() == catalog["identifier"].astype(str).tolist()
    assert table["mag_auto"].to_pylist() == catalog["mag_auto"].tolist()
    with h5py.File(tmp_path / "out.h5") as file:
        for row, image in enumerate(table["image"].to_pylist()):
            assert image["band"] == ["f814w"]
            assert np.array_equal(np.float32(image["flux"]), file["image_array"][row])
            for name in ("ivar", "mask", "psf_fwhm", "scale", "noise_std"):
                assert np.array_equal(np.float32(image[name]), np.float32(file[f"image_{name}"][row]))
