"""``galforge.load_model(...).draw(...)``: galaxies with flux and catalogue in five lines."""

import numpy as np
import pandas as pd
import pytest

import galforge
from galforge.core.errors import InputError
from galforge.datasets.conditions import Condition
from tests.helpers.published_model import IN_FLUX, UNITS, publish_model

MAGNITUDE = Condition("mag_auto", "number", 22.0, 0.5, 19.0, 23.5, 0)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    publish_model(folder, (1, 16, 16), conditions=(MAGNITUDE,), family="deconvolving_vae", settings=IN_FLUX)
    return galforge.load_model(folder)


def test_a_table_has_images_fluxes_and_a_catalogue(model):
    catalog = pd.DataFrame({"ra": [1.0, 2.0, 3.0], "mag_auto": [20.0, 21.0, np.nan]})
    table = model.draw(3, conditions=catalog, seed=4)
    assert len(table) == 3
    assert table.image.shape == (3, 1, 16, 16)
    np.testing.assert_allclose(table.flux, table.image.sum((1, 2, 3)), rtol=1e-5)
    assert list(table.catalog) == ["mag_auto", "flux", "pixel_scale", "noise_level"]
    np.testing.assert_array_equal(table.catalog["flux"], table.flux)
    assert table.attributes["zero_point"] == UNITS["zero_point"]
    images = galforge.draw(model, 3, 4, conditions=catalog[["mag_auto"]])
    np.testing.assert_array_equal(table.image, images)


def test_a_value_is_asked_of_all_and_a_table_has_its_own_count(model):
    table = model.draw(4, conditions={"mag_auto": 20.5})
    assert table.catalog["mag_auto"].tolist() == [20.5] * 4
    assert len(model.draw(conditions=table.catalog)) == 4
    assert len(model.draw(2)) == 2
    assert model.draw(0).image.shape == (0, 1, 16, 16)


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        (
            {"count": 3, "conditions": pd.DataFrame({"mag_auto": [20.0]})},
            "count is 3, but the conditions have 1 rows",
        ),
        (
            {"count": 1, "conditions": {"mag_auto": 24.0}},
            r"mag_auto is 24; the model was trained on 19 to 23\.5",
        ),
        ({"conditions": pd.DataFrame({"ra": [1.0]})}, "no column is one of the model's conditions: mag_auto"),
        ({}, "count is missing"),
    ],
)
def test_what_cannot_be_drawn_is_said(model, asked, seen):
    with pytest.raises(InputError, match=seen):
        model.draw(**asked)


def test_beyond_the_range_on_request_and_it_says_so(model):
    table = model.draw(1, conditions={"mag_auto": 24.0}, beyond=True)
    assert "mag_auto is 24" in table.attributes["warning"]


def test_a_model_of_stamps_in_their_own_range_has_no_flux(tmp_path):
    publish_model(tmp_path)
    table = galforge.load_model(tmp_path).draw(2)
    assert table.image.max() <= 1
    assert list(table.catalog) == ["noise_level"]
    with pytest.raises(InputError, match="have no flux"):
        _ = table.flux


def test_what_it_has_besides_is_the_networks(model):
    assert model.image_shape == (1, 16, 16)
    assert model.record["model"] == "danilov_beta_vae"
    assert sum(weight.numel() for weight in model.parameters()) > 0
    with pytest.raises(AttributeError, match="brightest"):
        _ = model.brightest
