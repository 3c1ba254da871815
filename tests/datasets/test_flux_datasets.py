"""Datasets in one unit of flux, from a simulated survey to what is read back, and samples in that unit."""

import json
import re
from dataclasses import replace

import galsim
import h5py
import numpy as np
import pandas as pd
import pytest
from astropy.io import fits

from galforge.core.errors import InputError
from galforge.core.tables import read_table, write_table
from galforge.datasets import observing_conditions
from galforge.datasets.flux_building import gather_conditions
from galforge.datasets.normalization import each_in_its_range, normalize
from galforge.datasets.stamp_file import Stamps, read_attributes, read_stamps, write_stamps
from galforge.datasets.stamp_rows import gather_stamps, image_blocks, read_images
from galforge.imaging.stamp_psf import central, draw_stamp_psf, side_that_holds
from galforge.simulation.drawing import Simulation
from galforge.simulation.galaxy_light import draw_galaxy_light
from galforge.simulation.population import ZERO_POINT
from galforge.survey.manifest import read_manifest
from galforge.survey.observation import ObservationReader
from galforge.survey.reading import open_survey
from galforge.survey.zero_point import flux_unit
from tests.conftest import PROJECT
from tests.helpers.entries import run_stage
from workflow_scripts.dataset import build_data_card, build_dataset, select_stamps
from workflow_scripts.stamps import measure_quality, render_stamps
from workflow_scripts.survey import simulate_survey

SURVEY = {"count": 36, "magnitude_limit": 22.5, "companion_fraction": 0.3, "psf_count": 3, "seed": 7}
STAMPS = {"size": 48, "mode": "fixed", "pixel_scale": 0.06, "psf": {"kind": "original"}, "seed": 7}
FLUX = {**STAMPS, "conditions": True, "truth": SURVEY}
BROKEN = 5  # a galaxy whose PSF cannot be read


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    folder = tmp_path_factory.mktemp("survey")
    run_stage(simulate_survey, SURVEY, threads=1, manifest=folder / "survey.json", folder=folder)
    manifest = read_manifest(folder / "survey.json")
    with fits.open(folder / manifest.catalog, mode="update") as catalog:
        catalog[1].data["PSF_HDU"][BROKEN] = 99
    return folder / "survey.json"


def build(survey, folder, stamps, shards=1, measured=(), **settings):
    """Make a dataset as the rules do, and return its path, which lies beside its shards and tables."""
    folder.mkdir()
    rendered = tuple(folder / f"{shard}.h5" for shard in range(shards))
    tables = tuple(folder / f"{shard}.csv" for shard in range(shards))
    for shard, (path, table) in enumerate(zip(rendered, tables, strict=True)):
        run_stage(render_stamps, {**stamps, "shard": shard, "shards": shards}, survey=survey, stamps=path)
        run_stage(measure_quality, stamps=path, quality=table)
    made = {name: folder / f"{name}.csv" for name in ("selection", "attrition", "percentiles")}
    limits = [["snr", {"minimum": 8}], ["flux_fraction", {"minimum": 0.9, "maximum": 1.1}]]
    run_stage(select_stamps, {"limits": limits, "maximum_failed_fraction": 0.1}, quality=tables, **made)
    run_stage(
        build_dataset,
        {
            "dataset": "made", "survey": "simulated", "value_range": None, "minimum_count": 10, "seed": 7,
            "split": {"validation": 0.2, "test": 0.3},
            "recipe": {"stamps": stamps, "selection": {"limits": limits}}, **settings,
        },
        survey=survey, stamps=rendered, selection=made["selection"], attrition=made["attrition"],
        dataset=folder / "made.h5", morphology=measured,
    )  # fmt: skip
    return folder / "made.h5"


@pytest.fixture(scope="module")
def dataset(survey, tmp_path_factory):
    return build(survey, tmp_path_factory.mktemp("flux") / "one", FLUX, normalization="flux")


def rows_of(path):
    return np.arange(len(read_stamps(path)))


def shard_of(dataset):
    """Return the stamps of the shard that a dataset's stamps were taken from."""
    shard = read_stamps(dataset.parent / "0.h5")
    return shard.take(np.isin(shard.catalog["identifier"], read_stamps(dataset).catalog["identifier"]))


def test_flux_gives_back_what_was_drawn(dataset):
    drawn, stamps = shard_of(dataset).flux(), read_stamps(dataset)
    assert 15 < len(stamps) < SURVEY["count"]
    assert np.abs(stamps.flux() - drawn).max() < 1e-6 * np.abs(drawn).max()
    assert (drawn < 0).any(), "sky that is negative"
    with h5py.File(dataset) as file:
        assert not file["offset"][:].any()
        assert (file["scale"][:] == file.attrs["flux_scale"]).all()
        stored = file["image"][:]
    assert stored * observing_conditions.flux_scale(dataset) == pytest.approx(drawn, rel=1e-6)


def test_readers_scale_each_stamp_to_its_range(dataset):
    rows = rows_of(dataset)[::-3]
    expected = normalize(shard_of(dataset).flux())
    assert read_stamps(dataset).image == pytest.approx(expected.image, abs=1e-5)
    assert read_images(dataset, rows) == pytest.approx(expected.image[rows], abs=1e-5)
    assert np.concatenate(list(image_blocks(dataset, 7))) == pytest.approx(expected.image, abs=1e-5)
    gathered = gather_stamps([dataset], rows)
    assert gathered.image == pytest.approx(expected.image[rows], abs=1e-5)
    assert gathered.flux() == pytest.approx(shard_of(dataset).flux()[rows], abs=1e-4)
    with h5py.File(dataset) as file:
        stored = file["image"][:]
    assert np.array_equal(read_images(dataset, rows, stored=True), stored[rows])
    assert np.array_equal(np.concatenate(list(image_blocks(dataset, 7, stored=True))), stored)


def test_unit_is_the_noise_of_the_training_stamps(dataset):
    stamps, attributes = read_stamps(dataset), read_attributes(dataset)
    with h5py.File(dataset) as file:
        deviation = file["noise/standard_deviation"][:]
    assert attributes["flux_scale"] == np.median(deviation[stamps.split == "train"])
    assert attributes["normalization"] == "flux"
    assert (attributes["zero_point"], attributes["flux_unit"]) == (ZERO_POINT, "counts/s")
    assert attributes["pixel_scale"] == STAMPS["pixel_scale"]
    rows = rows_of(dataset)
    assert observing_conditions.read_noise(dataset, rows) == pytest.approx(
        deviation / attributes["flux_scale"]
    )
    # The catalogue's promise is up to 5 per cent more, since drawing interpolates.
    assert deviation == pytest.approx(0.975 * stamps.catalog["catalog_noise"].to_numpy(), rel=0.025)
    corners = read_images(dataset, rows, stored=True)[:, 0, :8, :8]
    assert np.median(corners.std(axis=(1, 2)) / (deviation / attributes["flux_scale"])) == pytest.approx(
        1, abs=0.1
    )


def test_each_stamp_has_the_psf_of_its_observation(survey, dataset):
    manifest = read_manifest(survey)
    catalog = open_survey(manifest).real_cat
    stamps = read_stamps(dataset)
    psfs = observing_conditions.read_psfs(dataset, rows_of(dataset))
    assert psfs.dtype == np.float32
    assert psfs.shape[-1] % 2 == 1 and psfs.shape[-1] < STAMPS["size"]
    assert psfs.sum(axis=(1, 2)) == pytest.approx(np.ones(len(stamps)), abs=1e-5)
    reader = ObservationReader(catalog)
    for row in range(len(stamps)):
        psf = reader.read(int(stamps.catalog["survey_row"][row])).psf
        side = psfs.shape[-1]
        expected = psf.drawImage(nx=side, ny=side, scale=0.06, method="no_pixel").array
        assert psfs[row] == pytest.approx(expected / expected.sum(), abs=1e-5)
    with h5py.File(dataset) as file:
        assert len(file["psf/image"]) == SURVEY["psf_count"]
        assert file["psf/index"].dtype == np.int64


def test_only_what_a_selected_stamp_has_is_gathered_in_their_order(tmp_path):
    """Two shards of which each numbers its PSFs by itself, and a PSF that no selected stamp has."""
    psfs = [draw_stamp_psf(galsim.Gaussian(fwhm=fwhm), 32, 0.06) for fwhm in (0.2, 0.3, 0.5)]
    lag = np.abs(np.arange(-4, 5))
    flat, steep = (np.exp(-np.hypot(lag[:, None], lag) / length) * 9 for length in (1.0, 0.2))
    paths = [tmp_path / "0.h5", tmp_path / "1.h5"]
    for path, bank, index in zip(paths, ([2, 0, 1], [1, 0]), ([0, 1, 2], [1, 0]), strict=True):
        parts = {
            "psf/index": np.array(index),
            "noise/index": np.array([number % 2 for number in index]),
            "noise/standard_deviation": np.arange(len(index)) + 1.0,
        }
        stamps = replace(Stamps.plain(np.zeros((len(index), 1, 32, 32), np.float32)), parts=parts)
        shared = {
            "psf/image": np.array([psfs[number] for number in bank], np.float32),
            "noise/covariance": np.array([flat, steep]),
        }
        write_stamps(path, [stamps], {}, shared=shared)
    kept = np.array([False, True, True, True, True])
    selection = pd.DataFrame({"kept": kept, "side": ["", "train", "test", "train", "train"]})
    conditions = gather_conditions(paths, selection)
    # PSFs 0 and 1 of the first shard, then 0 and 1 of the second, whose numbers are its own.
    assert list(conditions.psf_index) == [0, 1, 0, 1]
    assert list(conditions.standard_deviation) == [2, 3, 1, 2]
    assert conditions.flux_scale == 2
    side = side_that_holds(psfs[1])
    assert conditions.psfs.shape == (2, side, side), "as large as the wider of the two asks"
    for stored, psf in zip(conditions.psfs, psfs, strict=False):
        assert stored == pytest.approx(central(psf, side) / central(psf, side).sum(), abs=1e-6)
    # Noise 1, 0, 1, 0 of the four.
    expected = (flat + steep) / 18
    lags = len(conditions.correlation) // 2
    assert conditions.correlation == pytest.approx(expected[4 - lags : 5 + lags, 4 - lags : 5 + lags])
    assert expected[4, 4 + lags] >= 0.01 > expected[4, 5 + lags : 6 + lags].sum()


def test_truth_is_the_light_of_the_same_galaxies(dataset):
    stamps, rows = read_stamps(dataset), rows_of(dataset)[[1, 7, 3]]
    truth = observing_conditions.read_truth(dataset, rows)
    simulation = Simulation(**SURVEY)
    for light, row in zip(truth, rows, strict=True):
        galaxy = simulation.galaxy(int(stamps.catalog["identifier"][row]))
        expected = draw_galaxy_light(SURVEY["seed"], galaxy, 48, 0.06)
        scale = observing_conditions.flux_scale(dataset)
        assert light[0] * scale == pytest.approx(expected, rel=1e-5, abs=1e-6)
        if galaxy.companion is None:
            magnitude = ZERO_POINT - 2.5 * np.log10(light.sum() * scale)
            assert magnitude == pytest.approx(stamps.catalog["mag_auto"][row], abs=0.3)


def test_no_part_depends_on_the_shards_and_each_has_a_digest(survey, dataset, tmp_path):
    other = build(survey, tmp_path / "three", FLUX, shards=3, normalization="flux")
    one, three = (json.loads(read_attributes(path)["parts"]) for path in (dataset, other))
    assert one == three
    assert {"psf/image", "psf/index", "noise/standard_deviation", "noise/correlation", "truth/image"} <= set(
        one
    )
    with h5py.File(other, "r+") as file:
        file["psf/image"][0, 3, 3] += 0.1
    with pytest.raises(InputError, match="psf/image does not have its digest"):
        observing_conditions.read_psfs(other, np.array([0]))


def test_a_galaxy_without_a_psf_is_counted_and_not_kept(dataset):
    selection = read_table(dataset.parent / "selection.csv")
    status = selection.set_index("identifier")["render_status"]
    assert status[BROKEN].startswith("PSF: ")
    assert (status == "ok").sum() == SURVEY["count"] - 1
    assert BROKEN not in set(read_stamps(dataset).catalog["identifier"])
    assert "PSF" in read_attributes(dataset)["left_out"]
    with h5py.File(dataset.parent / "0.h5") as file:
        assert file["psf/index"][BROKEN] == -1
        assert not file["truth/image"][BROKEN].any()


def test_datasets_of_range_hold_what_they_always_did(survey, dataset, tmp_path):
    path = build(survey, tmp_path / "range", STAMPS)
    attributes = read_attributes(path)
    assert not {"normalization", "flux_scale", "zero_point", "pixel_scale"} & set(attributes)
    others = {name for name in json.loads(attributes["parts"]) if not name.startswith("catalog/")}
    assert others == {"image", "offset", "scale", "split"}
    assert set(read_stamps(path).catalog) == set(read_stamps(dataset).catalog)
    expected = normalize(shard_of(path).flux())
    assert np.array_equal(read_stamps(path).image, expected.image)
    with pytest.raises(InputError, match="normalization: flux"):
        observing_conditions.flux_scale(path)
    assert not observing_conditions.has_psf(path)
    with pytest.raises(InputError, match="has no truth/image"):
        observing_conditions.read_truth(path, np.array([0]))


def power_by_frequency(fields):
    """Return the power of noise in five rings of frequency, mean over fields (N, H, W), over its variance."""
    side = fields.shape[-1]
    window = np.outer(np.hanning(side), np.hanning(side))
    power = (np.abs(np.fft.fft2(fields * window)) ** 2).mean(axis=0) / (window**2).sum()
    frequency = np.fft.fftfreq(side)
    ring = np.digitize(np.hypot(frequency[:, None], frequency), np.linspace(0.02, 0.5, 6))
    return np.array([power[ring == number].mean() for number in range(1, 6)])


def test_noise_blanks_have_the_power_spectrum_of_the_surveys_noise(dataset):
    """The survey's noise is drawn by GalSim on the survey's pixels, then on the stamp's."""
    noise, drawn, side = galsim.getCOSMOSNoise(cosmos_scale=0.03, variance=1.0), [], STAMPS["size"]
    catalog = read_stamps(dataset).catalog
    psf = galsim.InterpolatedImage(galsim.Image(Simulation(**SURVEY).point_spread_functions()[0], scale=0.03))
    for seed in range(1, 41):
        noise.rng.reset(seed)
        field = galsim.Image(160, 160, scale=0.03, dtype=float)
        noise.applyTo(field)
        profile = galsim.InterpolatedImage(field, calculate_stepk=False, calculate_maxk=psf.maxk)
        drawn.append(profile.drawImage(nx=side, ny=side, scale=0.06, dtype=np.float64).array)
    rows = np.zeros(300, dtype=np.intp)
    blanks = observing_conditions.draw_noise_blanks(dataset, rows, seed=3)
    assert blanks.shape == (300, 1, side, side)
    unit = np.sqrt(catalog["noise_variance"][0]) / observing_conditions.flux_scale(dataset)
    ratio = power_by_frequency(blanks[:, 0] / unit) / power_by_frequency(np.array(drawn))
    assert ratio == pytest.approx(np.ones(5), abs=0.12)
    assert len(np.unique(blanks[:, 0, 0, 0])) == 300
    again = observing_conditions.draw_noise_blanks(dataset, rows, seed=3)
    assert np.array_equal(blanks, again)
    # No trace of the period of a Fourier transform: opposite edges are independent.
    assert abs(np.corrcoef(blanks[:, 0, :, 0].ravel(), blanks[:, 0, :, -1].ravel())[0, 1]) < 0.04


@pytest.mark.filterwarnings("ignore:invalid value encountered in multiply")  # of the broken stamps
def test_samples_in_flux_are_read_back(dataset, tmp_path):
    """A model's constant or broken stamps are told later, and spoil no other."""
    scale = observing_conditions.flux_scale(dataset)
    image = np.random.default_rng(1).normal(size=(6, 1, 8, 8)).astype(np.float32)
    image[3] = 2.5
    image[4, 0, 0, 0], image[5, 0, 0, 0] = np.nan, np.inf
    psfs = np.full((2, 3, 3), 1 / 9, dtype=np.float32)
    sample = Stamps.in_flux(image, scale)
    sample = replace(
        sample,
        catalog=pd.DataFrame({"mag_auto": np.arange(6.0)}),
        parts={"psf/index": np.array([0, 1, 1, 0, 0, 1])},
    )
    stated = {"model": "a", "normalization": "flux", "flux_scale": scale, "zero_point": 26.02}
    write_stamps(tmp_path / "a.h5", [sample], stated, shared={"psf/image": psfs})
    back = read_stamps(tmp_path / "a.h5")
    assert back.has_flux
    assert back.flux()[:4] == pytest.approx(image[:4] * scale, rel=1e-5, abs=1e-7)
    assert (back.image[3] == 0).all(), "a constant stamp"
    assert not np.isfinite(back.image[4]).all()
    assert not np.isfinite(back.image[5]).all()
    assert back.image[:3].min() == 0 and back.image[:3].max() == 1
    assert np.array_equal(read_images(tmp_path / "a.h5", np.arange(4), stored=True), image[:4])
    assert observing_conditions.read_psfs(tmp_path / "a.h5", np.arange(6)).shape == (6, 3, 3)
    # What was read in [0, 1] is written in flux again.
    write_stamps(tmp_path / "b.h5", [back.take(slice(0, 4))], stated)
    assert read_images(tmp_path / "b.h5", np.arange(4), stored=True) == pytest.approx(image[:4], abs=1e-5)


def test_a_unit_of_one_is_flux_all_the_same(tmp_path):
    sample = Stamps.in_flux(np.ones((2, 1, 8, 8), np.float32), 1.0, model="a")
    assert sample.has_flux
    assert not Stamps.plain(sample.image, model="a").has_flux
    write_stamps(tmp_path / "a.h5", [sample], sample.attributes)
    assert (read_stamps(tmp_path / "a.h5").flux() == 1).all()


def test_ranges_keep_the_flux():
    image = np.random.default_rng(2).normal(size=(4, 3, 8, 8)).astype(np.float32)
    offset, scale = np.arange(4.0), np.arange(4.0) + 1
    unit = each_in_its_range(image, offset, scale)
    expand = (slice(None), None, None, None)
    flux = image * scale[expand] + offset[expand]
    assert unit.image * unit.scale[expand] + unit.offset[expand] == pytest.approx(flux, abs=1e-5)
    assert unit.image.min(axis=(1, 2, 3)) == pytest.approx(np.zeros(4))
    assert unit.image.max(axis=(1, 2, 3)) == pytest.approx(np.ones(4))


def test_data_card_shows_unit_zero_point_psfs_and_noise_and_its_examples_run(survey, dataset, monkeypatch):
    card = dataset.with_suffix(".md")
    template = PROJECT / "galforge" / "datasets" / "data_card.md.j2"
    files = {"template": template, "survey": survey, "dataset": dataset, "card": card}
    run_stage(build_data_card, {"description": "In flux."}, **files)
    text = card.read_text(encoding="utf-8")
    scale, side = (
        observing_conditions.flux_scale(dataset),
        observing_conditions.read_psfs(dataset, np.array([0])).shape[-1],
    )
    assert f"| {scale:.6g} counts/s: the median noise" in text
    assert "| 26.02 mag, of the simulation |" in text
    assert f"| 3 of {side} x {side} pixels" in text
    assert "in [0, 1]]" not in text
    assert "truth/image" in text
    monkeypatch.chdir(dataset.parent)
    names = {}
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(code, names)
    light = read_stamps(dataset, "test").flux().sum(axis=(1, 2, 3))
    assert names["magnitude"] == pytest.approx(ZERO_POINT - 2.5 * np.log10(light))
    assert names["image"].shape == (len(light), 1, 48, 48)


def test_zero_point_is_told_only_where_it_is_known():
    magnitude = np.linspace(20, 25, 50)
    flux = 10 ** (-0.4 * (magnitude - 27.3))
    catalog = pd.DataFrame({"mag_auto": magnitude, "stamp_flux": flux})
    assert flux_unit("cosmos", catalog)[:2] == ("counts/s", 25.94)
    assert flux_unit("simulated", catalog)[:2] == ("counts/s", ZERO_POINT)
    assert flux_unit("local", catalog).zero_point == pytest.approx(27.3)
    scattered = catalog.assign(stamp_flux=flux * np.exp(np.random.default_rng(1).normal(0, 1, 50)))
    for unknown in (catalog[:5], catalog[["mag_auto"]], scattered, catalog.assign(stamp_flux=np.nan)):
        assert flux_unit("local", unknown).zero_point is None


def test_what_statmorph_measured_is_in_the_catalogue_by_identifier(survey, dataset, tmp_path):
    identifiers = read_stamps(dataset.parent / "0.h5").catalog["identifier"]
    table = pd.DataFrame(
        {
            "identifier": identifiers,
            "status": "ok",
            "flag_sersic": 0,
            "gini": identifiers / 7,
            "sersic_n": 2.0,
        }
    )
    bad, unfitted = read_stamps(dataset).catalog["identifier"].iloc[[2, 4]]
    table.loc[table["identifier"] == bad, "status"] = "no source"
    table.loc[table["identifier"] == unfitted, "flag_sersic"] = 2
    write_table(tmp_path / "first.csv", table.iloc[20:][::-1])
    write_table(tmp_path / "second.csv", table.iloc[:20])
    tables = (tmp_path / "first.csv", tmp_path / "second.csv")
    settings = {"normalization": "flux", "morphology": ["gini", "sersic_n"]}
    made = read_stamps(build(survey, tmp_path / "measured", FLUX, measured=tables, **settings)).catalog
    assert made["identifier"].tolist() == read_stamps(dataset).catalog["identifier"].tolist()
    expected = (made["identifier"] / 7).where(made["identifier"] != bad)
    assert made["statmorph_gini"].to_numpy() == pytest.approx(expected.to_numpy(), nan_ok=True)
    assert made["identifier"][made["statmorph_sersic_n"].isna()].tolist() == [bad, unfitted]
