"""The GalSim configurations of ``examples/``: each asks for what config/flux.yaml trains, and draws it."""

import galsim
import pytest
import yaml

from galforge.datasets.conditions import Condition
from tests.conftest import PROJECT
from tests.helpers.published_model import IN_FLUX, UNITS, publish_model

EXAMPLES = sorted((PROJECT / "examples").glob("*.yaml"))
MAGNITUDE = 21.0
CONDITIONS = [
    Condition("mag_auto", "number", 22.5, 0.9, 18.0, 23.5, 0),
    Condition("flux_radius", "number", 12.0, 6.0, 3.0, 60.0, 0),
    Condition("sersic_axis_ratio", "number", 0.6, 0.2, 0.1, 1.0, 0),
    Condition("position_angle", "cosine", 0.0, 1.0, -1.57, 1.57, 0),
    Condition("position_angle", "sine", 0.0, 1.0, -1.57, 1.57, 0),
]


def test_there_is_a_field_and_one_each_of_the_ground_and_of_space():
    assert {path.stem for path in EXAMPLES} == {"euclid", "field", "lsst"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_shows_galaxies_of_21_mag_far_above_its_noise(path, tmp_path):
    publish_model(tmp_path, (1, 32, 32), conditions=CONDITIONS, family="deconvolving_vae", settings=IN_FLUX)
    config = yaml.safe_load(path.read_text())
    assert config["output"]["dir"] == "examples/output"
    config["input"]["generative_model"]["model"] = str(tmp_path)
    config["image"] |= {"nobjects": 3, "size": 200}
    # The model is not trained: its galaxies are given the flux that their magnitude has.
    zero_point = config["input"]["generative_model"].get("zero_point", UNITS["zero_point"])
    config["gal"]["flux"] = 10 ** (0.4 * (zero_point - MAGNITUDE))
    for axis in "xy":
        config["image"]["image_pos"][axis] = {"type": "Random", "min": 50, "max": 150}
    galsim.config.ImportModules(config)
    drawn = galsim.config.BuildImage(config).array
    empty = [drawn[:30, :30], drawn[-30:, -30:]]
    assert drawn.max() - empty[0].mean() > 10 * empty[0].std() > 0
    assert empty[1].std() == pytest.approx(empty[0].std(), rel=0.2)
