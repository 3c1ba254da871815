"""Broken files of a survey on disk: the galaxy is flagged with its reason and counted, the rest is drawn."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from astropy.io import fits

from galforge.core.errors import InputError
from galforge.core.files import file_digest
from galforge.core.tables import read_table
from galforge.datasets.stamp_file import read_stamps
from galforge.simulation.drawing import Simulation
from galforge.survey.layout import CATALOG, NOISE_CORRELATION, PSF_IMAGES, image_file_name
from galforge.survey.manifest import read_manifest, write_manifest
from galforge.survey.simulated import simulate_survey
from tests.helpers.entries import run_stage
from workflow_scripts.dataset import select_stamps
from workflow_scripts.stamps import measure_quality, render_stamps

COUNT = 6
IMAGES = image_file_name(1)
FRAME = {"size": 64, "mode": "fit", "psf": {"kind": "original"}, "seed": 1, "shard": 0, "shards": 1}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    settings = Simulation(seed=3, count=COUNT, magnitude_limit=22.0, companion_fraction=0.0, psf_count=2)
    manifest = simulate_survey(settings, tmp_path_factory.mktemp("survey"), processes=1)
    write_manifest(manifest.path / "survey.json", replace(manifest, directory="."))
    return manifest.path


@pytest.fixture
def directory(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "survey")


def described_anew(directory):
    """The files as they are now are those that the survey is described with."""
    manifest = read_manifest(directory / "survey.json")
    files = {name: file_digest(directory / name) for name in manifest.files if (directory / name).exists()}
    write_manifest(directory / "survey.json", replace(manifest, files=files))


def drawn(directory):
    output = directory / "stamps.h5"
    run_stage(render_stamps, FRAME, survey=directory / "survey.json", stamps=output)
    return read_stamps(output)


def rewritten(path, number, data):
    with fits.open(path) as units:
        images = [unit.data.copy() for unit in units]
    images[number] = data(images[number])
    fits.HDUList([fits.PrimaryHDU(images[0]), *map(fits.ImageHDU, images[1:])]).writeto(path, overwrite=True)


def truncated(directory):
    """Cut in the middle of an image: astropy opens the file with fewer HDUs."""
    with fits.open(directory / IMAGES) as units:
        end = units[3].fileinfo()["datLoc"]
    (directory / IMAGES).write_bytes((directory / IMAGES).read_bytes()[: end + 100])


def hurt_by_nan(directory):
    def hurt(image):
        image[4, 5] = np.nan
        return image

    rewritten(directory / IMAGES, 2, hurt)


def missing_psf_unit(directory):
    rewritten_catalog = fits.open(directory / CATALOG)
    rewritten_catalog[1].data["PSF_HDU"][1] = 7
    rewritten_catalog.writeto(directory / CATALOG, overwrite=True)


def without_light(directory):
    rewritten(directory / IMAGES, 4, np.zeros_like)


def oversized(directory):
    rewritten(directory / IMAGES, 5, lambda image: np.ones((2100, 2100), np.float32))


def psf_of_nan(directory):
    rewritten(directory / PSF_IMAGES, 0, lambda image: np.full_like(image, np.nan))


def text_for_noise(directory):
    (directory / NOISE_CORRELATION).write_text("no image")


@pytest.mark.parametrize(
    ("breaks", "bad", "reason"),
    [
        (truncated, [3, 4, 5], "galaxy image: "),
        (hurt_by_nan, [2], "galaxy image: ValueError: has pixels that are not finite"),
        (missing_psf_unit, [1], "PSF: IndexError"),
        (without_light, [4], "drawing: GalSim"),
        (oversized, [5], "drawing: GalSimFFTSizeError"),
        (text_for_noise, range(COUNT), "noise: OSError"),
    ],
)
def test_a_broken_file_flags_its_galaxies_and_no_others(whole, directory, breaks, bad, reason):
    breaks(directory)
    described_anew(directory)
    stamps, reference = drawn(directory), drawn(whole)
    bad = np.isin(np.arange(COUNT), list(bad))
    status = stamps.catalog["render_status"]
    assert (reference.catalog["render_status"] == "ok").all()
    assert ((status != "ok") == bad).all(), list(status)
    assert status[bad].str.startswith(reason).all(), list(status)
    assert not status.str.contains("\n").any()
    assert not stamps.image[bad].any()
    assert np.array_equal(stamps.image[~bad], reference.image[~bad])


def test_a_flipped_bit_shows_though_the_image_can_be_read(whole, directory):
    content = bytearray((directory / IMAGES).read_bytes())
    with fits.open(directory / IMAGES) as units:
        # The lowest bit of a pixel's mantissa: nothing that a look at the image would find.
        content[units[0].fileinfo()["datLoc"] + 4 * 50 + 3] ^= 1
    (directory / IMAGES).write_bytes(content)
    status = drawn(directory).catalog["render_status"]
    assert set(status) == {
        f"galaxy image: OSError: {IMAGES} is not the file that the survey was described with"
    }


@pytest.mark.parametrize("breaks", [psf_of_nan, lambda directory: (directory / PSF_IMAGES).unlink()])
def test_a_bad_psf_flags_every_galaxy_that_has_it(directory, breaks):
    with fits.open(directory / CATALOG) as units:
        first = units[1].data["PSF_HDU"] == 0
    breaks(directory)
    described_anew(directory)
    status = drawn(directory).catalog["render_status"].to_numpy()
    missing = not (directory / PSF_IMAGES).exists()
    assert ((status != "ok") == (first | missing)).all()
    assert all(reason.startswith("PSF: ") for reason in status[status != "ok"])


@pytest.mark.parametrize(("fraction", "stops"), [(0.5, False), (0.4, True)])
def test_the_failed_are_counted_and_too_many_stop_the_stage(directory, fraction, stops):
    truncated(directory)
    described_anew(directory)
    drawn(directory)
    quality, selection, attrition = (directory / f"{name}.csv" for name in ("q", "s", "a"))
    run_stage(measure_quality, stamps=directory / "stamps.h5", quality=quality)
    settings = {"limits": [], "maximum_failed_fraction": fraction}
    files = {"quality": (quality,), "selection": selection, "attrition": attrition}
    files["percentiles"] = directory / "percentiles.csv"
    if stops:
        with pytest.raises(InputError) as caught:
            run_stage(select_stamps, settings, **files)
        line = str(caught.value)
        assert line.startswith("3 of 6 galaxies could not be drawn")
        assert "maximum_failed_fraction" in line
        assert "galaxy image" in line
        assert not selection.exists()
    else:
        run_stage(select_stamps, settings, **files)
        table = read_table(attrition).set_index("cut")
        assert table.loc["drawn", "removed_alone"] == 3
        assert (read_table(selection)["rejected_by"].fillna("") == "drawn").sum() == 3
