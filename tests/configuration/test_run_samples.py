"""``samples`` of a run: stamps of others, judged beside a dataset's models."""

import numpy as np
import pytest

from galforge.configuration.runs import judged_of, models_of, samples_of
from galforge.configuration.stages.evaluation import import_settings
from galforge.configuration.validation import validate_configuration
from galforge.core.errors import ConfigurationError, InputError
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from tests.helpers.configurations import default
from workflow_scripts.sampling import import_sample

DATASET = "simulated_cosmos"


def with_samples(samples, dataset=DATASET):
    config = default()
    run = {"dataset": dataset, "models": [], "samples": samples}
    return config | {"runs": [*config["runs"], run]}


def test_samples_are_judged_and_not_trained():
    config = with_samples({"theirs": "theirs.h5"})
    validate_configuration(config)
    assert "theirs" not in models_of(config, DATASET)
    assert "theirs" in judged_of(config, DATASET)
    assert samples_of(config, DATASET) == {"theirs": "theirs.h5"}
    assert import_settings(config, "theirs") == {"name": "theirs"}


@pytest.mark.parametrize(
    ("config", "seen"),
    [
        (with_samples({"danilov_beta_vae": "a.h5"}), "'danilov_beta_vae' is the name of a model"),
        (with_samples({"control_theirs": "a.h5"}), "'control_theirs' is the name of a model, a control"),
        (with_samples({"Theirs": "a.h5"}), "Theirs"),
        (with_samples({"theirs": 3}), "theirs is 3"),
    ],
)
def test_a_name_or_file_that_cannot_be_is_refused(config, seen):
    with pytest.raises(ConfigurationError, match=seen):
        validate_configuration(config)


def test_samples_need_a_dataset_with_a_model():
    config = with_samples({"theirs": "a.h5"})
    config["runs"] = [run for run in config["runs"] if run["dataset"] != DATASET or not run["models"]]
    others = [name for name in config["datasets"] if name != DATASET]
    config["runs"].append({"dataset": others[0], "models": []})
    with pytest.raises(ConfigurationError, match=r"at least one model|no model is trained on dataset"):
        validate_configuration(config)


def test_the_entry_takes_over_stamps_of_the_datasets_size(tmp_path):
    real = Stamps.plain(np.random.default_rng(1).random((3, 1, 16, 16), dtype=np.float32))
    write_stamps(tmp_path / "dataset.h5", [real], {"dataset": "drawn"})
    write_stamps(tmp_path / "own.h5", [real], {"dataset": "elsewhere", "model": "theirs"})
    files = import_sample.Files(
        own=tmp_path / "own.h5", dataset=tmp_path / "dataset.h5", stamps=tmp_path / "sample.h5"
    )
    import_sample.main(files, import_sample.Settings(name="theirs"))
    sample = read_stamps(tmp_path / "sample.h5")
    np.testing.assert_array_equal(sample.image, real.image)
    stated = {name: sample.attributes[name] for name in ("dataset", "model", "source")}
    assert stated == {"dataset": "drawn", "model": "theirs", "source": "samples"}
    small = Stamps.plain(real.image[:, :, :8, :8])
    write_stamps(tmp_path / "own.h5", [small], {"model": "theirs"})
    with pytest.raises(InputError, match=r"shape \(1, 8, 8\); allowed: \(1, 16, 16\)"):
        import_sample.main(files, import_sample.Settings(name="theirs"))
