"""The catalogue columns of a survey, against GalSim's own reading of the same arrays."""

from typing import get_args

import galsim
import numpy as np
import pytest

from galforge.datasets.columns import COLUMNS
from galforge.survey.local import ExclusionLevel
from galforge.survey.manifest import SurveyManifest
from galforge.survey.reading import open_survey, survey_catalog


@pytest.fixture(scope="module")
def example(cosmos_example):
    # Its images are missing; the catalogue opens without.
    name = "real_galaxy_catalog_23.5_example.fits"
    return galsim.COSMOSCatalog(name, dir=str(cosmos_example), exclusion_level="none", preload=False)


def opened(folder, name, level="none"):
    return open_survey(SurveyManifest("local", False, ".", name, level, 0, "", {}, location=folder))


@pytest.fixture(scope="module")
def catalog(cosmos_example):
    return survey_catalog(opened(cosmos_example, "real_galaxy_catalog_23.5_example.fits"))


def axis_ratio_and_angle(profile):
    """Return q and position angle (rad) of a sheared round profile, from its Jacobian."""
    axes, lengths, _ = np.linalg.svd(profile.jac)
    return lengths[1] / lengths[0], np.arctan2(axes[1, 0], axes[0, 0])


def test_bulge_and_disc_are_those_that_galsim_draws(example, catalog):
    assert set(catalog) <= set(COLUMNS)
    composite = np.flatnonzero(catalog["use_bulge_fit"] == 1)
    assert len(composite) > 20
    for row in composite[:12]:
        parts = example.makeGalaxy(int(row), gal_type="parametric").obj_list
        galaxy = catalog.iloc[row]
        for name, part in zip(("bulge", "disc"), parts, strict=True):
            ratio, angle = axis_ratio_and_angle(part)
            assert galaxy[f"{name}_flux"] == pytest.approx(part.flux)
            assert galaxy[f"{name}_half_light_radius"] == pytest.approx(part.original.half_light_radius)
            assert galaxy[f"{name}_axis_ratio"] == pytest.approx(ratio)
            assert np.cos(2 * (galaxy[f"{name}_position_angle"] - angle)) == pytest.approx(1)
        assert galaxy["bulge_fraction"] == pytest.approx(parts[0].flux / (parts[0].flux + parts[1].flux))


def test_sersic_columns_are_those_that_galsim_draws(example, catalog):
    single = np.flatnonzero(catalog["use_bulge_fit"] == 0)
    for row in single[:12]:
        profile = example.makeGalaxy(int(row), gal_type="parametric", sersic_prec=0)
        galaxy = catalog.iloc[row]
        ratio, angle = axis_ratio_and_angle(profile)
        assert galaxy["sersic_flux"] == pytest.approx(profile.flux)
        assert galaxy["sersic_half_light_radius"] == pytest.approx(profile.original.half_light_radius)
        assert galaxy["sersic_index"] == pytest.approx(profile.original.n)
        assert galaxy["sersic_axis_ratio"] == pytest.approx(ratio)
        assert np.cos(2 * (galaxy["position_angle"] - angle)) == pytest.approx(1)
        # Circularized: the geometric mean of the two axes.
        semi_major = galaxy["sersic_semi_major_axis"] * galaxy["survey_pixel_scale"]
        assert semi_major * np.sqrt(ratio) == pytest.approx(galaxy["sersic_half_light_radius"])
        assert np.isnan(galaxy["bulge_flux"])
    assert set(catalog["sersic_fit_status"]) <= {0, 1, 2, 3, 4, 5}


def test_the_one_table_layout_has_what_it_has(cosmos_btk):
    survey = opened(cosmos_btk, "real_galaxy_catalog_26_extension_example.fits")
    catalog = survey_catalog(survey)
    assert len(catalog) == 100
    assert set(catalog) <= set(COLUMNS)
    assert {"flux_radius", "zphot", "hsc_g", "hsc_y", "stamp_flux"} <= set(catalog)
    assert "sersic_index" not in catalog
    row = 40
    assert catalog["stamp_flux"][row] == pytest.approx(survey.real_cat.getGalImage(row).array.sum(), rel=0.05)
    assert set(catalog["survey_pixel_scale"]) == {0.03}


@pytest.mark.parametrize("level", get_args(ExclusionLevel))
def test_the_galaxies_that_pass_a_level_are_those_that_pass_galsims(cosmos_example, level):
    name = "real_galaxy_catalog_23.5_example.fits"
    galsims = galsim.COSMOSCatalog(name, dir=str(cosmos_example), exclusion_level=level, preload=False)
    assert list(opened(cosmos_example, name, level).rows) == list(galsims.orig_index)
