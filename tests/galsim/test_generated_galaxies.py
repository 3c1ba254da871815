"""Galaxies of a model as GalSim profiles: their flux, what is done to them, what they can be asked for."""

import galsim
import numpy as np
import pandas as pd
import pytest
import torch
from astropy.table import Table

import galforge
from galforge.core.errors import InputError
from galforge.core.files import read_json, write_json
from galforge.datasets.conditions import Condition, encode_conditions
from galforge.galsim import GeneratedGalaxies
from galforge.galsim.galaxies import BLOCK, tapered
from tests.helpers.published_model import IN_FLUX, UNITS, publish_model

CONDITIONS = (
    Condition("mag_auto", "number", 22.0, 0.5, 19.0, 23.5, 0),
    Condition("flux_radius", "number", 10.0, 5.0, 3.0, 40.0, 0),
)
ASKED = {"mag_auto": 21.5, "flux_radius": 8.0}
SIZE = 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("model")
    publish_model(path, (1, SIZE, SIZE), conditions=CONDITIONS, family="deconvolving_vae", settings=IN_FLUX)
    return path


@pytest.fixture(scope="module")
def galaxies(folder):
    return GeneratedGalaxies(folder)


def as_pixels(profile):
    return profile.drawImage(nx=SIZE, ny=SIZE, scale=UNITS["pixel_scale"], method="no_pixel").array


def light_of(folder, seed, asked=ASKED):
    """Return what the model itself draws from a seed, in flux."""
    model = galforge.load_model(folder)
    condition = torch.from_numpy(encode_conditions(CONDITIONS, pd.DataFrame([asked])))
    with torch.no_grad():
        light = model.galaxies(1, torch.Generator().manual_seed(seed), condition)
    return light[0, 0].numpy() * UNITS["flux_scale"]


def test_a_profile_has_flux_and_pixels_of_the_models_own_galaxy(folder, galaxies):
    profile = galaxies.galaxy(ASKED, galsim.BaseDeviate(5))
    light = light_of(folder, galsim.BaseDeviate(5).raw())
    assert profile.flux == pytest.approx(light.sum(), rel=1e-5)
    np.testing.assert_allclose(as_pixels(profile), tapered(light), rtol=1e-4, atol=1e-5 * light.max())


def test_light_that_ends_with_the_stamp_has_no_corners():
    flat = tapered(np.ones((32, 32)))
    y, x = np.indices((32, 32)) - 15.5
    radius = np.hypot(x, y)
    assert flat.sum() == pytest.approx(32**2)
    assert (flat[radius > 16] == 0).all()
    inner = flat[radius < 8]
    assert inner == pytest.approx(np.full(inner.shape, inner[0]))
    ring = flat[(radius > 11.5) & (radius < 12.5)]
    assert ring == pytest.approx(np.full(ring.shape, inner[0] / 2), rel=0.3)
    small = galsim.Gaussian(sigma=2).drawImage(nx=32, ny=32, scale=1).array.astype(float)
    np.testing.assert_allclose(tapered(small), small, atol=1e-6)
    assert (tapered(np.zeros((32, 32))) == 0).all()


def test_flux_is_that_of_the_table_that_the_model_draws(folder):
    """The pipeline's own way to a table of galaxies, with one generator for all of them."""
    drawn = galforge.draw(galforge.load_model(folder), 1, 7, conditions=pd.DataFrame([ASKED]))
    assert drawn.sum() == pytest.approx(light_of(folder, 7).sum(), rel=1e-5)


def test_all_chance_is_that_of_the_generator_that_is_given(galaxies):
    first, again, other = (galaxies.galaxy(ASKED, galsim.BaseDeviate(seed)) for seed in (3, 3, 4))
    assert first == again
    assert first != other
    rng = galsim.BaseDeviate(3)
    assert galaxies.galaxy(ASKED, rng) != galaxies.galaxy(ASKED, rng)


def test_it_transforms_as_any_profile(galaxies):
    profile = galaxies.galaxy(ASKED, galsim.BaseDeviate(5))
    psf = galsim.Gaussian(fwhm=0.3)
    seen = galsim.Convolve(profile.shear(g1=0.1).rotate(30 * galsim.degrees).magnify(1.1), psf)
    image = seen.drawImage(nx=128, ny=128, scale=0.05)
    assert image.array.sum() == pytest.approx(1.1 * profile.flux, rel=0.01)
    # Opposite shears of one galaxy are measured with opposite signs.
    moments = [
        galsim.hsm.FindAdaptiveMom(
            galsim.Convolve(profile.shear(g1=g), psf).drawImage(nx=128, ny=128, scale=0.05)
        )
        for g in (0.05, -0.05)
    ]
    shear = (moments[0].observed_shape.g1 - moments[1].observed_shape.g1) / 2
    assert 0.01 < shear < 0.06


def test_a_fainter_zero_point_gives_more_flux(folder, galaxies):
    own = galaxies.galaxy(ASKED, galsim.BaseDeviate(5))
    rescaled = GeneratedGalaxies(folder, zero_point=UNITS["zero_point"] + 2.5)
    assert galaxies.zero_point == UNITS["zero_point"]
    assert rescaled.zero_point == UNITS["zero_point"] + 2.5
    assert rescaled.galaxy(ASKED, galsim.BaseDeviate(5)).flux == pytest.approx(10 * own.flux)


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        ({"mag_auto": 24.0}, "mag_auto is 24; the model was trained on 19 to 23.5"),
        ({"flux_radius": 1.0}, "flux_radius is 1; the model was trained on 3 to 40"),
        ({"zphot": 1.0}, "the model is not asked for 'zphot'; its conditions: mag_auto, flux_radius"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_with_the_range(folder, galaxies, asked, seen):
    rng = galsim.BaseDeviate(1)
    with pytest.raises(InputError, match=seen):
        galaxies.galaxy(asked, rng)
    with pytest.raises(InputError, match=seen):
        galaxies.numbered(0, asked)
    if "zphot" not in asked:
        assert GeneratedGalaxies(folder, beyond=True).galaxy(asked, rng).flux > 0


def test_a_number_repeats_a_galaxy_and_keeps_its_chance_under_other_conditions(galaxies):
    first = galaxies.numbered(3, ASKED)
    assert galaxies.numbered(3, ASKED) == first
    assert galaxies.numbered(4, ASKED) != first
    assert galaxies.numbered(3, ASKED, seed=9) != first
    brighter = galaxies.numbered(3, ASKED | {"mag_auto": 21.49})
    assert brighter != first
    assert as_pixels(brighter) == pytest.approx(as_pixels(first), rel=0.05)


@pytest.mark.parametrize("suffix", ["csv", "fits", "ecsv"])
def test_a_catalogue_has_a_galaxy_per_row_whatever_is_drawn_before(folder, tmp_path, suffix):
    count = BLOCK + 6
    table = pd.DataFrame({"ra": 0.0, "mag_auto": np.linspace(20, 23, count), "flux_radius": 8.0})
    path = tmp_path / f"catalog.{suffix}"
    if suffix == "csv":
        table.to_csv(path, index=False)
    else:
        Table.from_pandas(table).write(path)
    forward, backward = GeneratedGalaxies(folder, catalog=path), GeneratedGalaxies(folder, catalog=str(path))
    assert len(forward) == count
    fluxes = [forward.numbered(row).flux for row in range(count)]
    assert [backward.numbered(row).flux for row in reversed(range(count))] == fluxes[::-1]
    assert len(set(fluxes)) == count
    alone = GeneratedGalaxies(folder).numbered(
        BLOCK + 2, table.iloc[BLOCK + 2][["mag_auto", "flux_radius"]].to_dict()
    )
    assert alone.flux == pytest.approx(fluxes[BLOCK + 2], rel=1e-5)
    with pytest.raises(InputError, match=f"index is {count}; allowed: 0 to {count - 1}"):
        forward.numbered(count)


def test_a_catalogue_is_refused_as_a_whole_before_anything_is_drawn(folder):
    beyond = pd.DataFrame({"mag_auto": [21.0, 22.0, 25.0]})
    with pytest.raises(InputError, match=r"mag_auto is 25; the model was trained on 19 to 23\.5"):
        GeneratedGalaxies(folder, catalog=beyond)
    with pytest.raises(InputError, match=r"none of the model's conditions \(mag_auto, flux_radius\)"):
        GeneratedGalaxies(folder, catalog=pd.DataFrame({"ra": [1.0]}))


def test_a_model_of_stamps_in_their_own_range_is_refused_with_what_to_train(tmp_path):
    publish_model(tmp_path)
    with pytest.raises(
        InputError, match=r"have no flux; train a model of galaxies in flux instead, such as flow_vae"
    ):
        GeneratedGalaxies(tmp_path)


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere/weights\.safetensors: does not exist"):
        GeneratedGalaxies(tmp_path / "nowhere")


def test_damage_names_the_file(folder, tmp_path):
    publish_model(tmp_path, (1, SIZE, SIZE), family="deconvolving_vae", settings=IN_FLUX)
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match=r"weights\.safetensors: is damaged"):
        GeneratedGalaxies(tmp_path)


def test_a_record_of_another_version_that_does_not_fit_names_the_version(tmp_path):
    publish_model(tmp_path, (1, SIZE, SIZE), family="deconvolving_vae", settings=IN_FLUX)
    record = tmp_path / "model.json"
    changed = IN_FLUX | {"stretching": 1.0}
    write_json(record, read_json(record) | {"settings": changed, "versions": {"galforge": "9.9.9"}})
    with pytest.raises(InputError, match=r"model\.json: .*stretching.*made by galforge '9\.9\.9', this is"):
        GeneratedGalaxies(tmp_path)


def test_without_a_zero_point_none_can_be_asked_for(tmp_path):
    publish_model(tmp_path, (1, SIZE, SIZE), family="deconvolving_vae", settings=IN_FLUX)
    record = read_json(tmp_path / "model.json")
    del record["observed"]["zero_point"]
    write_json(tmp_path / "model.json", record)
    assert GeneratedGalaxies(tmp_path).zero_point is None
    with pytest.raises(InputError, match="zero_point is 30, but the model's own is not known"):
        GeneratedGalaxies(tmp_path, zero_point=30.0)


def test_threads_of_torch_are_as_before(galaxies):
    threads = torch.get_num_threads()
    galaxies.galaxy(ASKED, galsim.BaseDeviate(1))
    assert torch.get_num_threads() == threads
