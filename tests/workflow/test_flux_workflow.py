"""A model in flux through Snakemake, from the survey to its lenses and shears, with tiny budgets."""

import pandas as pd
import pytest
import yaml

from galforge.core.files import read_json
from galforge.core.tables import read_table
from galforge.datasets.stamp_file import read_catalog
from tests.workflow.conftest import copy_project

CONFIGFILE = ("tests/helpers/tiny.yaml", "config/lenses.yaml")
PLACE = "flux_cosmos/flow_vae"


def overlay(**dataset):
    return yaml.safe_dump(
        {
            "results": "results",
            "surveys": {"simulated_cosmos_4000": {"count": 150, "psf_count": 2}},
            "datasets": {
                "flux_cosmos": {
                    "stamps": {"shards": 2},
                    "selection": {"minimum_count": 40},
                    "split": {"validation": 0.15, "test": 0.4},
                    "morphology": ["gini"],
                    **dataset,
                }
            },
            "runs": [
                {
                    "dataset": "flux_cosmos",
                    "models": ["flow_vae"],
                    "conditions": ["mag_auto", "statmorph_gini"],
                    "settings": {"network_settings": {"latent_size": 4}},
                    "recipe": {"batch_size": 16, "epochs": 2},
                }
            ],
            "evaluation": {"controls": []},
            "lenses": {"count": 20, "held_out": 4, "epochs": 1},
            "shear": {"count": 12},
        }
    )


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lensed(tmp_path_factory):
    project = copy_project(tmp_path_factory.mktemp("lensed") / "a prüject")
    project.make(configfile=CONFIGFILE, overlay=overlay())
    return project


def test_a_model_in_flux_is_asked_sheared_and_lensed(lensed):
    results = lensed.path / "results"
    page = (results / "report/index.html").read_text()
    assert "could not be drawn" not in page and "Lensed sources" in page
    shears = read_table(results / f"evaluation/{PLACE}/shear.csv")
    assert set(shears["kind"]) == {"survey", "generated", "parametric"}
    lenses = read_table(results / f"evaluation/{PLACE}/lenses.csv")
    assert set(lenses["reconstruction"]) == {"model", "survey", "sersic", "unlensed", "mean"}
    assert (lenses["lenses"] == 4).all() and lenses["psnr"].between(5, 60).all()


def test_what_statmorph_measured_of_the_stamps_is_asked_for_and_measured_again(lensed):
    results = lensed.path / "results"
    catalog = read_catalog(results / "dataset/flux_cosmos.h5")
    assert catalog["statmorph_gini"].between(0.2, 0.9).mean() > 0.9
    measured = pd.concat(read_table(path) for path in (results / "morphology/flux_cosmos").glob("*.csv"))
    expected = catalog["identifier"].map(measured.set_index("identifier")["gini"])
    known = catalog["statmorph_gini"].notna()
    assert catalog["statmorph_gini"][known].tolist() == expected[known].tolist()
    asked = read_json(results / f"evaluation/{PLACE}/asked.json")
    assert set(asked["columns"]) == {"mag_auto", "statmorph_gini"}


@pytest.mark.parametrize(
    "changed",
    [
        {"morphology": ["gini", "m20"]},
        {"selection": {"minimum_count": 40, "limits": {"snr": {"minimum": 12, "maximum": None}}}},
    ],
)
def test_another_parameter_or_limit_measures_no_stamp_again(lensed, changed):
    planned = lensed.planned("datasets", configfile=CONFIGFILE, overlay=overlay(**changed))
    assert "build_dataset" in planned and "measure_stamps" not in planned
