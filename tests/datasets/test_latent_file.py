"""The file of latents, and the entry that writes it."""

import dataclasses
import json

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file

from galforge.core.errors import InputError
from galforge.core.files import file_digest
from galforge.datasets.latent_file import Latents, read_latents, write_latents
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.datasets.stamp_rows import image_blocks
from galforge.models.batch import Batch
from galforge.models.building import build_model
from galforge.models.placement import Placement
from workflow_scripts.sampling import encode_stamps

SETTINGS = {
    "network": "eth_mlp",
    "network_settings": {"hidden_size": 8, "latent_size": 3},
    "reconstruction": {"loss": "bernoulli", "pixel_range": 1, "output": "sigmoid"},
    "divergence": {"weight": 1.0, "per": "pixel", "bound": None},
    "sampler": "prior",
}
FAMILY = "vae"


def latents(count=7, **changes):
    random = np.random.default_rng(1)
    mean, log_variance = random.standard_normal((2, count, 3)).astype(np.float32)
    split = np.array(["train", "validation", "test"])[random.integers(0, 3, count)]
    made = Latents(mean, log_variance, np.arange(count) + 40, split, {"model": "a", "reason": ""})
    return dataclasses.replace(made, **changes)


def test_what_is_written_is_read_back(tmp_path):
    for made in (latents(), latents(0), latents(identifier=np.array([f"zoo {n}" for n in range(7)]))):
        digest = write_latents(tmp_path / "a.h5", made)
        read_back = read_latents(tmp_path / "a.h5")
        for name in ("mean", "log_variance", "identifier", "split"):
            assert np.array_equal(getattr(read_back, name), getattr(made, name)), name
        stated = {"model": "a", "reason": "", "digest": digest}
        assert stated.items() <= read_back.attributes.items()
    assert write_latents(tmp_path / "b.h5", latents()) != digest


def test_parts_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="7 latents, 6 identifiers"):
        latents(identifier=np.arange(6))
    with pytest.raises(ValueError, match="differ in shape"):
        latents(log_variance=np.zeros((7, 2), np.float32))


def test_another_file_is_refused_in_one_line(tmp_path):
    (tmp_path / "text.h5").write_text("no")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["mean"] = [1.0]
    for name, words in (
        ("text", "is damaged or not HDF5"),
        ("other", "it has no log_variance, identifier, split"),
    ):
        with pytest.raises(InputError, match=words):
            read_latents(tmp_path / f"{name}.h5")


def encoded(folder, status="ok"):
    """Write a dataset of 150 stamps and a model, run the entry; return images, model and what it wrote."""
    random = np.random.default_rng(2)
    stamps = Stamps(
        image=random.random((150, 1, 16, 16)).astype(np.float32),
        offset=np.zeros(150),
        scale=np.ones(150),
        catalog=pd.DataFrame({"identifier": np.arange(150) * 3}),
        split=np.array(["train", "validation", "test"])[random.integers(0, 3, 150)],
    )
    write_stamps(folder / "dataset.h5", [stamps], {})
    torch.manual_seed(3)
    model = build_model(FAMILY, SETTINGS, (1, 16, 16)).eval()
    save_file(model.state_dict(), folder / "weights.safetensors")
    (folder / "model.json").write_text(
        json.dumps(
            {"status": status, "reason": "loss is NaN" if status == "failed" else ""}
            | {"dataset": "drawn", "model": "mlp", "family": FAMILY, "settings": SETTINGS}
            | {"image_shape": [1, 16, 16], "weights_digest": file_digest(folder / "weights.safetensors")}
        )
    )
    files = encode_stamps.Files(
        dataset=folder / "dataset.h5",
        weights=folder / "weights.safetensors",
        record=folder / "model.json",
        latents=folder / "latent.h5",
    )
    encode_stamps.main(files, Placement(device="cpu", threads=1))
    return stamps, model, read_latents(folder / "latent.h5")


def test_every_stamp_of_the_dataset_is_encoded_in_its_order(tmp_path):
    stamps, model, latents = encoded(tmp_path)
    with torch.no_grad():
        mean, log_variance = model.posterior(Batch(torch.from_numpy(stamps.image)))
    assert latents.mean == pytest.approx(mean.numpy(), abs=1e-5)
    assert latents.log_variance == pytest.approx(log_variance.numpy(), abs=1e-5)
    assert list(latents.identifier) == list(np.arange(150) * 3)
    assert list(latents.split) == list(stamps.split)
    assert latents.attributes["weights_digest"] == file_digest(tmp_path / "weights.safetensors")


def test_a_training_that_failed_has_no_latents_and_says_why(tmp_path):
    _, _, latents = encoded(tmp_path, status="failed")
    assert len(latents) == 0
    assert latents.attributes["reason"] == "loss is NaN"


def test_blocks_are_the_images_in_order(tmp_path):
    stamps, *_ = encoded(tmp_path)
    blocks = list(image_blocks(tmp_path / "dataset.h5", 64))
    assert [len(block) for block in blocks] == [64, 64, 22]
    assert np.array_equal(np.concatenate(blocks), stamps.image)
