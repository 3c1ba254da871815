"""Stamps turned and made noisier, and what a model whose answer is known makes of them."""

import numpy as np
import pandas as pd
import pytest

from galforge.datasets.normalization import normalize
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.evaluation.latents import summarize_latents
from galforge.evaluation.probing import (
    STEPS,
    Coder,
    noisier,
    probe_around,
    probe_galaxies,
    score_noise,
    score_rotation,
    signal_to_noise,
    turned,
)
from galforge.imaging.border_noise import border_noise
from galforge.imaging.quality import measure_quality
from tests.helpers.report_inputs import galaxies

SIZE = 32


def coder(decode=lambda latents: latents.reshape(-1, 1, SIZE, SIZE).astype(np.float32)):
    """Return a model whose latents are the pixels."""
    return Coder(lambda images: images.reshape(len(images), -1), decode)


def held_out(count=12, noise=0.004):
    flux, _ = galaxies(count, 4, noise=noise, size=SIZE)
    image, offset, scale = normalize(10 * flux)
    return Stamps(image, offset, scale, pd.DataFrame(index=range(count)), np.full(count, "test"))


def probed(stamps, model, **options):
    settings = {"count": 5, "angles": [90, 45], "targets": [60, 20], "seed": 3, **options}
    blocks = list(probe_galaxies(stamps, np.ones(SIZE * SIZE), model, **settings))
    catalog = pd.concat([block.catalog for block in blocks], ignore_index=True)
    return Stamps(
        *(
            np.concatenate([getattr(block, name) for block in blocks])
            for name in ("image", "offset", "scale")
        ),
        catalog,
        np.concatenate([block.split for block in blocks]),
    )


def test_quarter_turns_move_pixels_counter_clockwise():
    image = np.zeros((1, 1, 4, 4))
    image[0, 0, 0, 3] = 1  # upper right
    assert np.argwhere(turned(image, 90)[0, 0]).tolist() == [[0, 0]]
    assert np.argwhere(turned(image, -90)[0, 0]).tolist() == [[3, 3]]
    assert (turned(turned(image, 270), 90) == image).all()


def test_other_angles_interpolate_in_the_same_direction():
    # Off the middle: an ellipse would look the same after half a turn.
    flux = np.roll(galaxies(3, 1, noise=0, size=SIZE)[0], 4, axis=-1)
    twice = turned(turned(flux, 45), 45)
    inside = np.hypot(*(np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2)) < 10
    assert np.abs(twice - turned(flux, 90))[..., inside].max() < 0.03
    assert np.abs(twice - turned(flux, -90))[..., inside].max() > 0.1
    # A hair beside a quarter turn is that quarter turn.
    assert turned(flux, 90 + 1e-9) == pytest.approx(turned(flux, 90), abs=1e-6)


def test_signal_to_noise_is_that_of_the_selection():
    flux, _ = galaxies(6, 2, noise=0.02)
    assert signal_to_noise(flux) == pytest.approx(measure_quality(flux[:, 0])["snr"])


@pytest.mark.parametrize("channels", [1, 3])
def test_noise_is_added_down_to_the_snr(channels):
    flux, _ = galaxies(40, 5, noise=0.002, channels=channels)
    noisy = noisier(flux, 20, np.random.default_rng(6))
    added = (noisy - flux).mean(axis=1)
    wanted = np.sqrt((signal_to_noise(flux) / 20) ** 2 - 1) * border_noise(flux.mean(axis=1))
    assert added.std(axis=(1, 2)) / wanted == pytest.approx(1, abs=0.06)  # 64 x 64 draws: 1.1 %, five times
    with pytest.raises(ValueError, match="below 60"):
        noisier(noisy, 60, np.random.default_rng(6))


def test_traversals_and_the_average_galaxy_are_decoded():
    random = np.random.default_rng(7)
    mean = random.uniform(0.3, 0.6, (30, SIZE * SIZE)) * np.linspace(1, 0.5, SIZE * SIZE)
    table = summarize_latents(mean, np.full_like(mean, 0.01))
    average, traversed = probe_around(table, 2, coder())
    assert average.image.ravel() == pytest.approx(mean.mean(axis=0), rel=1e-6)
    strongest = table["latent"][0]
    assert traversed.catalog["probe_latent"][: len(STEPS)].tolist() == [strongest] * len(STEPS)
    pixel = traversed.image.reshape(2, len(STEPS), -1)[0, :, strongest]
    assert pixel == pytest.approx(mean[:, strongest].mean() + STEPS * mean[:, strongest].std(), rel=1e-5)
    others = np.delete(traversed.image.reshape(2, len(STEPS), -1)[0], strongest, axis=1)
    assert np.ptp(others, axis=0).max() == 0


def test_a_perfect_model_passes_all_noise_and_turns_along(tmp_path):
    stamps = held_out()
    found = probed(stamps, coder())
    write_stamps(tmp_path / "probe.h5", [found], {})
    found = read_stamps(tmp_path / "probe.h5")
    rotation = score_rotation(found)
    assert [entry["angle"] for entry in rotation] == [0, 90, 45]
    assert [entry["count"] for entry in rotation] == [5, 5, 5]
    assert [entry["error"] for entry in rotation] == pytest.approx([0, 0, 0], abs=1e-6)
    assert rotation[1]["turned_difference"] == pytest.approx(0, abs=1e-6)
    assert rotation[0]["latent_shift"] == 0
    assert rotation[1]["latent_shift"] > 0.01
    noise = score_noise(found, [60, 20])
    brightest = np.sort(signal_to_noise(stamps.flux()))[-5:]
    assert [entry["count"] for entry in noise] == [int((brightest > 60).sum()), 5]
    for entry in noise:
        assert entry["passed_fraction"] == pytest.approx(1, abs=1e-4)
        assert entry["error"] == pytest.approx(entry["added"], rel=1e-4)
        assert entry["added"] == pytest.approx(entry["passed"], rel=1e-4)


def test_a_model_that_gives_one_stamp_passes_none():
    def decode(latents):
        return np.full((len(latents), 1, SIZE, SIZE), 0.5, np.float32)

    found = probed(held_out(), coder(decode))
    # Half of the range of the stamp, which the noise has widened: the middle of the range is all that moves.
    middle, units = found.offset + 0.5 * found.scale, found.scale
    catalog = found.catalog[found.catalog["probe_output"] == 1]
    upright = catalog[(catalog["probe"] == "rotation") & (catalog["probe_angle"] == 0)].index
    for entry in score_noise(found, [60, 20]):
        noisy = catalog[catalog["probe_snr"] == entry["snr"]]
        before = upright[noisy["probe_galaxy"]]
        moved = np.abs(middle[noisy.index] - middle[before]) / units[before]
        assert entry["passed"] == pytest.approx(moved.mean(), rel=1e-4)
    rotation = score_rotation(found)
    assert rotation[1]["turned_difference"] == pytest.approx(0, abs=1e-6)
    assert rotation[1]["error"] == pytest.approx(rotation[0]["error"], rel=1e-5)


def test_the_brightest_are_tried_and_noise_only_added():
    stamps = held_out(noise=0.02)
    snr = signal_to_noise(stamps.flux())
    target = float(np.sort(snr)[-3])  # two lie above
    found = probed(stamps, coder(), targets=[target, 1e6])
    assert [entry["count"] for entry in score_noise(found, [target, 1e6])] == [2, 0]
    assert score_noise(found, [1e6])[0]["added"] is None
    upright = found.take(
        ((found.catalog["probe_angle"] == 0) & (found.catalog["probe"] == "rotation")).to_numpy()
    )
    order = np.argsort(-snr)[:5]
    assert upright.image[:5] == pytest.approx(stamps.image[order], abs=1e-6)


def test_the_same_noise_every_time():
    one, other = (probed(held_out(), coder()) for _ in range(2))
    assert (one.image == other.image).all()
