"""Reconstructions of a model in flux, in the range of their originals: what they are compared in."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.models.batch import Batch
from galforge.models.placement import Placement
from tests.helpers.published_model import IN_FLUX, UNITS, publish_model
from workflow_scripts.sampling import reconstruct_stamps

COUNT, SIZE = 12, 16


@pytest.fixture
def dataset(tmp_path):
    """Stamps in flux with noise of 1, sky about 0, and a point as their PSF."""
    random = np.random.default_rng(1)
    image = random.standard_normal((COUNT, 1, SIZE, SIZE)).astype(np.float32)
    image[:, :, 6:10, 6:10] += random.uniform(20, 60, (COUNT, 1, 1, 1)).astype(np.float32)
    stamps = Stamps.in_flux(image, UNITS["flux_scale"])
    psf = np.zeros((1, 5, 5), dtype=np.float32)
    psf[0, 2, 2] = 1
    parts = {"psf/index": np.zeros(COUNT, np.int64), "noise/standard_deviation": np.full(COUNT, 0.01)}
    catalog = pd.DataFrame({"identifier": np.arange(COUNT)})
    block = replace(stamps, catalog=catalog, split=np.full(COUNT, "test"), parts=parts)
    shared = {"psf/image": psf, "noise/correlation": np.eye(3)}
    write_stamps(tmp_path / "dataset.h5", [block], stamps.attributes, shared=shared)
    return tmp_path / "dataset.h5", image


def test_an_original_and_its_reconstruction_have_one_offset_and_scale(dataset, tmp_path):
    path, image = dataset
    model = publish_model(tmp_path, (1, SIZE, SIZE), family="deconvolving_vae", settings=IN_FLUX)
    files = reconstruct_stamps.Files(
        tmp_path / "weights.safetensors", tmp_path / "model.json", path, tmp_path / "reconstruction.h5"
    )
    reconstruct_stamps.main(files, Placement(device="cpu", threads=1))
    original, made = read_stamps(path), read_stamps(files.stamps)
    assert np.array_equal(made.offset, original.offset)
    assert np.array_equal(made.scale, original.scale)
    psf = torch.zeros(COUNT, 1, 5, 5)
    psf[:, :, 2, 2] = 1
    with torch.no_grad():
        expected = model.reconstruct(Batch(torch.from_numpy(image), None, psf, torch.ones(COUNT))).numpy()
    assert made.flux() == pytest.approx(expected * UNITS["flux_scale"], rel=1e-4, abs=1e-6)
    # So their difference is that of the fluxes, in the range of the original.
    residual = (made.flux() - original.flux()) / original.scale[:, None, None, None]
    assert made.image - original.image == pytest.approx(residual, abs=1e-4)
