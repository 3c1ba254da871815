"""``modules: [galforge.galsim]`` in a GalSim configuration, run by GalSim's own command and functions."""

import copy
import os
import subprocess
import sys
from pathlib import Path

import galsim
import numpy as np
import pandas as pd
import pytest
import yaml

from galforge.core.errors import InputError
from galforge.datasets.conditions import Condition
from galforge.galsim import GeneratedGalaxies
from tests.conftest import PROJECT
from tests.helpers.published_model import IN_FLUX, publish_model

CONDITIONS = (
    Condition("mag_auto", "number", 22.0, 0.5, 19.0, 23.5, 0),
    Condition("position_angle", "cosine", 0.0, 1.0, -1.5, 1.5, 0),
    Condition("position_angle", "sine", 0.0, 1.0, -1.5, 1.5, 0),
    Condition("kind", "class", 0.0, 1.0, 0.0, 1.0, 0, "smooth"),
    Condition("kind", "class", 0.0, 1.0, 0.0, 1.0, 0, "spiral"),
)
RANDOM = {"type": "Random", "min": 20.0, "max": 23.0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("model")
    publish_model(path, (1, 32, 32), conditions=CONDITIONS, family="deconvolving_vae", settings=IN_FLUX)
    return path


def configuration(folder, gal=None, **model):
    """Return a field of twelve galaxies, as a GalSim configuration."""
    place = {"type": "Random", "min": 10, "max": 110}
    return {
        "modules": ["galforge.galsim"],
        "input": {"generative_model": {"model": str(folder), **model}},
        "psf": {"type": "Gaussian", "fwhm": 0.5},
        "gal": {"type": "GeneratedGalaxy", **({"mag_auto": dict(RANDOM)} if gal is None else gal)},
        "image": {
            "type": "Scattered",
            "size": 120,
            "pixel_scale": 0.2,
            "nobjects": 12,
            "random_seed": 1234,
            "noise": {"type": "Gaussian", "sigma": 1e-3},
            "image_pos": {"type": "XY", "x": place, "y": place},
        },
        "output": {"file_name": "field.fits"},
    }


def stamps_of(config, numbers=range(12)):
    """Return the galaxies of these numbers as GalSim draws them, without noise."""
    config = copy.deepcopy(config)
    galsim.config.ImportModules(config)
    config["image"] |= {"type": "Single", "stamp_size": 32}
    for unused in ("noise", "image_pos", "size", "nobjects"):
        config["image"].pop(unused)
    galsim.config.ProcessInput(config)
    return [galsim.config.BuildStamp(config, obj_num=number)[0].array for number in numbers]


def run_galsim(folder, config, *words):
    """Run GalSim's command in a folder, which the images are written to."""
    (folder / "field.yaml").write_text(yaml.safe_dump(config))
    command = [str(Path(sys.executable).with_name("galsim")), "field.yaml", *words]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_field_is_the_same_to_the_byte_from_one_process_and_from_two(folder, tmp_path):
    alone = run_galsim(tmp_path, configuration(folder), "output.file_name=one.fits")
    assert alone.returncode == 0, alone.stderr
    both = run_galsim(tmp_path, configuration(folder), "output.file_name=two.fits", "image.nproc=2")
    assert "Using 2 processes for stamp processing" in both.stdout
    assert (tmp_path / "one.fits").read_bytes() == (tmp_path / "two.fits").read_bytes()
    assert galsim.fits.read(str(tmp_path / "one.fits")).array.max() > 5e-3  # five times the noise


def test_jobs_that_share_the_files_of_a_run_make_the_same_files(folder, tmp_path):
    config = configuration(folder, gal={"mag_auto": dict(RANDOM), "kind": "spiral"})
    config["output"] = {"file_name": "$'field_%d.fits' % file_num", "nfiles": 2, "dir": "whole"}
    assert run_galsim(tmp_path, config).returncode == 0
    assert run_galsim(tmp_path, config, "output.dir=shared", "-n", "2", "-j", "2").returncode == 0
    assert [path.name for path in (tmp_path / "shared").iterdir()] == ["field_1.fits"]
    first, second = ((tmp_path / "whole" / f"field_{number}.fits").read_bytes() for number in (0, 1))
    assert (tmp_path / "shared" / "field_1.fits").read_bytes() == second != first


def test_a_galaxy_is_the_same_whichever_are_drawn_before(folder):
    config = configuration(folder)
    forward, backward = stamps_of(config), stamps_of(config, reversed(range(12)))
    np.testing.assert_array_equal(forward, backward[::-1])
    assert len({stamp.sum() for stamp in forward}) == 12
    other = configuration(folder)
    other["image"]["random_seed"] = 99
    assert not np.array_equal(forward[0], stamps_of(other, [0])[0])


def test_a_profile_of_the_configuration_is_that_of_the_class(folder):
    config = configuration(folder, gal={"mag_auto": 21.0, "position_angle": "30 deg", "kind": "spiral"})
    galsim.config.ImportModules(config)
    galsim.config.ProcessInput(config)
    config["rng"] = galsim.BaseDeviate(5)
    profile, safe = galsim.config.BuildGSObject(config, "gal")
    asked = {"mag_auto": 21.0, "position_angle": np.pi / 6, "kind": "spiral"}
    assert profile == GeneratedGalaxies(folder).galaxy(asked, galsim.BaseDeviate(5))
    assert not safe


def test_galsims_own_transforms_flux_and_catalogues_apply(folder, tmp_path):
    pd.DataFrame({"mag": [20.0, 23.0]}).to_csv(tmp_path / "mags.txt", sep=" ", index=False, header=False)
    gal = {
        "mag_auto": {"type": "Catalog", "col": 0},
        "flux": 7.0,
        "shear": {"type": "G1G2", "g1": 0.1, "g2": 0},
    }
    config = configuration(folder, gal=gal)
    config["input"]["catalog"] = {"dir": str(tmp_path), "file_name": "mags.txt"}
    first, second = stamps_of(config, [0, 1])
    assert first.sum() == pytest.approx(7, rel=0.2)
    assert not np.array_equal(first, second)


@pytest.mark.parametrize(
    ("gal", "seen"),
    [
        ({"mag_auto": 25.0}, r"mag_auto is 25; the model was trained on 19 to 23\.5"),
        ({"mag_auto": {"type": "Random", "min": 20, "max": 24}}, r"mag_auto is 24; the model was trained on"),
        ({"mag_auto": [20, 21, 30]}, r"mag_auto is 30; the model was trained on"),
        ({"mag_auto": "$20 + 9"}, r"mag_auto is 29; the model was trained on"),
        ({"kind": "merger"}, r"kind is 'merger'; classes: smooth, spiral"),
        ({"magnitude": 20}, r"magnitude found; the model's conditions: mag_auto, position_angle, kind"),
        ({"index": -1}, r"index is -1; allowed: 0 or more"),
    ],
)
def test_what_cannot_be_asked_for_stops_the_run_before_a_file(folder, tmp_path, monkeypatch, gal, seen):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((InputError, galsim.GalSimConfigError), match=seen):
        galsim.config.Process(configuration(folder, gal=gal))
    assert not list(tmp_path.iterdir())


def test_known_values_are_checked_before_the_first_galaxy(folder, monkeypatch):
    """A galaxy of a long list, or from the end of a distribution, may come hours after the first."""
    monkeypatch.setattr(GeneratedGalaxies, "_drawn", lambda *_: pytest.fail("a galaxy was drawn"))
    with pytest.raises(InputError, match="mag_auto is 30"):
        galsim.config.Process(configuration(folder, gal={"mag_auto": [20.0] * 11 + [30.0]}))


def test_beyond_the_range_on_request(folder):
    assert stamps_of(configuration(folder, gal={"mag_auto": 25.0}, beyond=True), [0])[0].sum() > 0


def test_an_index_repeats_a_galaxy_within_a_file(folder):
    gal = {"mag_auto": 21.0, "index": {"type": "Sequence", "nitems": 2}}
    stamps = stamps_of(configuration(folder, gal=gal), range(4))
    np.testing.assert_array_equal(stamps[0], stamps[2])
    np.testing.assert_array_equal(stamps[1], stamps[3])
    assert not np.array_equal(stamps[0], stamps[1])
    other_psf = configuration(folder, gal=gal)
    other_psf["psf"]["fwhm"] = 1.0
    assert stamps_of(other_psf, [0])[0].sum() == pytest.approx(stamps[0].sum(), rel=0.15)


def test_a_seed_of_the_model_has_the_same_numbered_galaxies_in_every_run(folder):
    gal = {"mag_auto": 21.0, "index": 3}
    drawn = []
    for random_seed in (1, 2):
        config = configuration(folder, gal=gal, seed=8)
        config["image"]["random_seed"] = random_seed
        drawn.append(stamps_of(config, [0])[0])
    np.testing.assert_array_equal(*drawn)


def test_the_models_catalogue_is_followed_row_by_row(folder, tmp_path):
    catalog = pd.DataFrame({"mag_auto": [20.0, 21.5, 23.0], "kind": ["smooth", "spiral", ""]})
    catalog.to_csv(tmp_path / "asked.csv", index=False)
    config = configuration(folder, gal={}, catalog=str(tmp_path / "asked.csv"), seed=4)
    drawn = stamps_of(config, range(4))
    np.testing.assert_array_equal(drawn[0], drawn[3])
    rows = [GeneratedGalaxies(folder, catalog=catalog).numbered(row, seed=4) for row in range(3)]
    seen = [
        galsim.Convolve(row, galsim.Gaussian(fwhm=0.5)).drawImage(nx=32, ny=32, scale=0.2) for row in rows
    ]
    np.testing.assert_allclose(drawn[:3], [image.array for image in seen], rtol=1e-4, atol=1e-6)


def test_models_side_by_side_are_told_apart_by_their_number(folder, tmp_path):
    narrow = (Condition("mag_auto", "number", 20.0, 0.5, 19.0, 20.5, 0),)
    publish_model(tmp_path, (1, 32, 32), conditions=narrow, family="deconvolving_vae", settings=IN_FLUX)
    config = configuration(folder, gal={"mag_auto": 22.0, "num": 0})
    config["input"]["generative_model"] = [{"model": str(folder)}, {"model": str(tmp_path)}]
    config["output"]["dir"] = str(tmp_path)
    galsim.config.Process(copy.deepcopy(config))
    config["gal"]["num"] = 1
    with pytest.raises(InputError, match=r"mag_auto is 22; the model was trained on 19 to 20\.5"):
        galsim.config.Process(config)


def test_a_model_of_stamps_in_their_own_range_is_refused(tmp_path, monkeypatch):
    publish_model(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="have no flux; train a model of galaxies in flux instead"):
        galsim.config.Process(configuration(tmp_path, gal={}))
