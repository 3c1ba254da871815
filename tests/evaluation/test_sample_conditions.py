"""What the sample that is judged is asked for: galaxies of the training, never those that it is judged on."""

import numpy as np
import pandas as pd

import galforge
from galforge.core.seeds import derive_seed
from galforge.datasets.conditions import Condition
from galforge.datasets.drawing import draw_galaxies
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from tests.helpers.published_model import publish_model
from workflow_scripts.sampling import draw_sample

COUNT = 60
CONDITION = Condition("mag_auto", "number", 22.0, 1.0, 20.0, 24.0, 0)


def test_a_sample_is_asked_for_as_training_galaxies_are(tmp_path):
    split = np.resize(["train", "validation", "test"], COUNT)
    level = {"train": 20.5, "validation": 22.5, "test": 23.5}
    magnitude = np.array([level[side] for side in split]) + np.linspace(-0.4, 0.4, COUNT)
    image = np.random.default_rng(1).random((COUNT, 1, 16, 16), dtype=np.float32)
    catalog = pd.DataFrame({"mag_auto": magnitude})
    stamps = Stamps(image, np.zeros(COUNT), np.ones(COUNT), catalog, split)
    write_stamps(tmp_path / "dataset.h5", [stamps], {})
    publish_model(tmp_path, (1, 16, 16), conditions=(CONDITION,))
    files = draw_sample.Files(
        tmp_path / "weights.safetensors",
        tmp_path / "model.json",
        tmp_path / "sample.h5",
        tmp_path / "dataset.h5",
    )
    draw_sample.main(files, draw_sample.Settings(device="cpu", threads=1, count=30, seed=5))
    sample = read_stamps(files.stamps)
    asked = sample.catalog["mag_auto"].to_numpy()
    assert set(asked) <= set(magnitude[split == "train"])
    assert len(set(asked)) == 20, "each of the twenty comes before any comes again"
    seed = derive_seed(5, "sample", "danilov_beta_vae")
    alike, turned = (
        draw_galaxies(
            galforge.load_model(tmp_path).network, 30, seed, pd.DataFrame({"mag_auto": values})
        ).image
        for values in (asked, asked[::-1])
    )
    assert np.array_equal(sample.image, alike), "and so is each galaxy drawn"
    assert not np.allclose(sample.image, turned)
