import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from galforge.core.errors import InputError
from galforge.core.files import file_digest
from galforge.evaluation import copies, inception
from galforge.evaluation.comparison import Comparison, Sample
from galforge.evaluation.feature_distances import frechet_distance
from galforge.evaluation.inception import InceptionFeatures, as_pictures
from galforge.evaluation.resampling import Resamples
from galforge.evaluation.score_table import all_scores, stated
from galforge.evaluation.variants import SPACE_SCORES
from tests.evaluation.test_scores import COLUMNS
from tests.helpers.inception_stand_in import SIZE, save_stand_in


@pytest.fixture
def rng():
    return np.random.default_rng(3)


class NoOptions(nn.Module):
    def forward(self, images: Tensor) -> Tensor:
        return images


class WholePictures(nn.Module):
    def forward(self, images: Tensor, return_features: bool = False) -> Tensor:
        return images


def test_stamps_are_pictures_of_eight_bits_and_three_channels(rng):
    grey = np.array([0.0, 0.2, 0.5, 1.0], np.float32).reshape(1, 1, 2, 2)
    pictures = as_pictures(grey)
    assert pictures.dtype == torch.uint8
    assert pictures.shape == (1, 3, 2, 2)
    assert pictures[0, 2].flatten().tolist() == [0, 51, 128, 255]
    colour = rng.random((2, 3, 4, 4)).astype(np.float32)
    assert np.abs(as_pictures(colour).numpy() / 255 - colour).max() <= 0.5 / 255 + 1e-6


def test_features_are_the_modules_in_batches(rng, tmp_path, monkeypatch):
    features = InceptionFeatures(save_stand_in(tmp_path / "inception.pt", monkeypatch))
    stamps = rng.random((70, 1, 16, 16)).astype(np.float32)
    found = features(stamps)
    assert found.shape == (70, SIZE)
    levels = as_pictures(stamps).numpy().reshape(70, 3, 4, 4, 4, 4).mean(axis=(3, 5))
    np.testing.assert_allclose(found, levels.reshape(70, SIZE), rtol=1e-5)
    assert features(stamps[:0]).shape == (0, SIZE)


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (None, "is not a TorchScript module (PytorchStreamReader failed"),
        (NoOptions(), "cannot be called as module(images, return_features=True) (forward() expected at most"),
        (WholePictures(), "does not return one row of features per picture"),
    ],
)
def test_a_file_that_is_no_inception_is_one_line(module, words, tmp_path, monkeypatch):
    path = tmp_path / "inception.pt"
    if module is None:
        path.write_bytes(b"PK\x03\x04 no archive")
        monkeypatch.setattr(inception, "PUBLISHED_SHA256", file_digest(path))
    else:
        save_stand_in(path, monkeypatch, module)
    with pytest.raises(InputError) as caught:
        InceptionFeatures(path)(np.zeros((2, 1, 8, 8), np.float32))
    message = str(caught.value)
    assert message.startswith(f"{path}: {words}")
    assert "\n" not in message


class Writer(nn.Module):
    def __init__(self, path: str):
        super().__init__()
        self.path = path

    def forward(self, images: Tensor, return_features: bool = False) -> Tensor:
        torch.save(images, self.path)
        return images.float().flatten(1)


def test_a_program_that_is_not_the_published_one_is_not_run(tmp_path):
    """Before: it wrote a file of its author's choice."""
    proof = tmp_path / "owned"
    path = tmp_path / "inception-2015-12-05.pt"
    torch.jit.script(Writer(str(proof))).save(path)
    with pytest.raises(InputError, match=r"its SHA-256 is [0-9a-f]{64}; allowed: f58cb9b6.* is a program"):
        InceptionFeatures(path)(np.zeros((2, 1, 8, 8), np.float32))
    assert not proof.exists()


def test_of_fewer_stamps_than_features_the_frechet_distance_is_the_same(rng):
    first, second = rng.normal(size=(30, 12)), rng.normal(0.3, 2, size=(25, 12))
    # Twenty more features that are zero change no distance, but the way it is taken.
    wide = [np.concatenate([sample, np.zeros((len(sample), 20))], axis=1) for sample in (first, second)]
    assert frechet_distance(*wide) == pytest.approx(frechet_distance(first, second), rel=1e-9)
    assert frechet_distance(wide[0], wide[0]) == pytest.approx(0, abs=1e-9)


def test_inception_adds_its_scores_and_changes_no_other(rng):
    def table(shift):
        columns = {f"{space}_{n:02d}": rng.normal(size=40) for space in ("network", "pca") for n in range(3)}
        own = {f"inception_{n:04d}": rng.normal(shift, size=40) for n in range(60)}
        others = {
            "cluster": rng.integers(0, 3, 40),
            "neighbour_distance": 1.0,
            **dict.fromkeys(copies.COLUMNS, 1.0),
        }
        return pd.DataFrame({**columns, **others}), pd.DataFrame({**columns, **others, **own})

    (reference, with_inception), (sample, far) = table(0), table(3)

    def scores(*tables):
        morphology = pd.DataFrame(1.0, index=range(40), columns=COLUMNS).assign(status="ok", flag_sersic=0)
        samples = [Sample(morphology, features, np.zeros((40, 8, 8))) for features in tables]
        return all_scores(Comparison(*samples, [], Resamples.draw(40, 40, 10, 1), 1))

    plain, more = scores(reference, sample), scores(with_inception, far)
    added = {f"{name}_inception" for name in SPACE_SCORES}
    assert more.keys() - plain.keys() == added
    assert {name: more[name] for name in plain} == plain
    assert all(stated(name).group == "features" for name in added)
    assert more["frechet_inception"].value > 60 * 9 * 0.8
    assert more["precision_inception"].value == more["coverage_inception"].value == 0
