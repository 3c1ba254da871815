"""Walks through latents and films of trainings: what is decoded, drawn and written."""

import base64

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from galforge.configuration.figures import FIGURES
from galforge.configuration.report_files import dataset_report_files
from galforge.configuration.runs import further_of
from galforge.core.errors import InputError
from galforge.core.files import file_digest, read_json, write_json
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.figures.film import FRAME_MS, LAST_FRAME_MS, film_frames, save_film
from galforge.figures.report import picture
from galforge.figures.shown import Shown
from galforge.models.batch import Batch
from galforge.models.building import build_model, load_model
from tests.helpers.configurations import default
from tests.helpers.published_model import TRAINED
from workflow_scripts.sampling import plot_film, plot_walk, walk_latents

FAMILY = "progressive_gan"
SETTINGS = {
    "network": "progressive",
    "network_settings": {"latent_size": 8, "channels": 16},
    "growth_share": 0.5,
    "penalty": 10,
    "drift": 0.001,
    "discriminator_steps": 1,
}


@pytest.fixture
def published(tmp_path):
    torch.manual_seed(1)
    model = build_model(FAMILY, SETTINGS, (1, 32, 32))
    save_file(model.published_state(), tmp_path / "weights.safetensors")
    record = {
        "family": FAMILY, "settings": SETTINGS, "image_shape": [1, 32, 32], "dataset": "simulated",
        "model": "progressive_wgan", "status": "ok", "reason": "",
        "weights_digest": file_digest(tmp_path / "weights.safetensors"),
    }  # fmt: skip
    write_json(tmp_path / "model.json", record)
    return tmp_path, model.eval()


def test_walks_end_at_their_galaxies_and_directions_pass_through_their_middle():
    torch.manual_seed(1)
    model = build_model(FAMILY, SETTINGS, (1, 32, 32)).eval()
    with torch.no_grad():
        latents = walk_latents.walks(model, torch.Generator().manual_seed(2))
    ends = model.draw_latents(4, torch.Generator().manual_seed(2))
    assert latents.shape == (7, 9, 8)
    for pair in (0, 1):
        assert torch.allclose(latents[pair, 0], ends[2 * pair], atol=1e-5)
        assert torch.allclose(latents[pair, -1], ends[2 * pair + 1], atol=1e-5)
    for line in latents[2:]:
        direction = torch.nn.functional.normalize(line[-1] - line[0], dim=0)
        assert torch.allclose(line @ direction, torch.linspace(-3, 3, 9), atol=1e-4)
        # Across the direction the first galaxy is left as it is.
        beside = line - (line @ direction)[:, None] * direction
        assert torch.allclose(beside, (ends[0] - (ends[0] @ direction) * direction).expand(9, -1), atol=1e-4)


def test_a_discriminator_is_there_for_scores_where_its_weights_are_given(published):
    folder, model = published
    images = torch.rand(4, 1, 32, 32)
    places = folder / "weights.safetensors", folder / "model.json"
    with torch.no_grad():
        assert load_model(*places).score(Batch(images)).isnan().all()
        rest = {f"remainder/{name}": value for name, value in model.state_dict().items()
                if name.startswith("discriminator.")}  # fmt: skip
        save_file(rest, folder / "extras.safetensors")
        facts = read_json(folder / "model.json")
        write_json(
            folder / "model.json", {**facts, "extras_digest": file_digest(folder / "extras.safetensors")}
        )
        whole = load_model(*places, extras=folder / "extras.safetensors")
        assert torch.equal(whole.score(Batch(images)), model.score(Batch(images)))


def test_the_entries_decode_and_draw_the_walks(published):
    folder, model = published
    # As many threads as here: directions of a network that learnt nothing hang on the last bits.
    settings = walk_latents.Settings(device="cpu", threads=torch.get_num_threads(), seed=1)
    files = walk_latents.Files(folder / "weights.safetensors", folder / "model.json", folder / "walk.h5")
    walk_latents.main(files, settings)
    walk = read_stamps(folder / "walk.h5")
    assert walk.image.shape == (63, 1, 32, 32)
    generator = torch.Generator().manual_seed(walk_latents.derive_seed(1, "walk", "progressive_wgan"))
    with torch.no_grad():
        expected = model.decode(walk_latents.walks(model, generator).flatten(0, 1))
    assert np.allclose(walk.image, expected.numpy(), atol=1e-5)
    plot_walk.main(
        plot_walk.Files(folder / "walk.h5", (folder / "walk.png",)), Shown(label="a walk", position=0)
    )
    assert Image.open(folder / "walk.png").width > 9 * 32


def test_of_a_failed_training_the_figure_says_why(tmp_path):
    empty = np.zeros((0, 1, 32, 32), dtype=np.float32)
    attributes = {
        "model": "progressive_wgan",
        "reason": "training term 'loss' is nan",
        "pairs": 2,
        "reach": "[]",
    }
    write_stamps(tmp_path / "walk.h5", [Stamps.plain(empty)], attributes)
    words = [
        text.get_text()
        for text in plot_walk.draw_walk(read_stamps(tmp_path / "walk.h5"), "progressive_wgan").texts
    ]
    assert "training term 'loss' is nan" in words


def test_a_film_has_one_picture_per_frame_and_rests_on_its_last(tmp_path):
    frames = np.zeros((3, 5, 1, 32, 32), dtype=np.uint8)
    frames[1], frames[2] = 100, 255
    pictures = film_frames(frames, [0, 50, 1000], columns=4)
    assert {picture.size for picture in pictures} == {(2 * (4 * 36 - 4), 2 * (2 * 36 - 4) + 20)}
    save_film(pictures, tmp_path / "film.webp")
    with Image.open(tmp_path / "film.webp") as film:
        assert film.n_frames == 3
        assert film.info["loop"] == 0
        brightness, durations = [], []
        for number in range(3):
            film.seek(number)
            film.load()
            durations.append(film.info["duration"])
            brightness.append(np.asarray(film.convert("L"))[40, 20])
    assert durations == [FRAME_MS, FRAME_MS, LAST_FRAME_MS]
    assert brightness[0] < 10
    assert brightness[1] == pytest.approx(255 * np.arcsinh(100 / 255 / 0.2) / np.arcsinh(5), abs=6)
    assert brightness[2] > 245


def test_the_film_of_a_training_without_frames_says_so(tmp_path):
    extras, record = tmp_path / "extras.safetensors", tmp_path / "model.json"
    save_file({}, extras)
    facts = {**TRAINED, "family": FAMILY, "settings": SETTINGS, "image_shape": [1, 32, 32]}
    write_json(record, {**facts, "weights_digest": "0f" * 32, "extras_digest": file_digest(extras)})
    files = plot_film.Files(extras, record, (tmp_path / "film.webp",))
    plot_film.main(files, plot_film.Settings(columns=8))
    with Image.open(tmp_path / "film.webp") as film:
        assert getattr(film, "n_frames", 1) == 1
        assert np.asarray(film.convert("L")).min() < 128
    extras.write_bytes(extras.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"extras\.safetensors: is damaged"):
        plot_film.main(files, plot_film.Settings(columns=8))


def test_the_report_has_the_further_figures_of_the_models_that_have_them():
    models = {"vae": [], "progressive_wgan": ["walk", "film"]}
    files = dataset_report_files("d", models, [], bounded=False, pictures=False)
    assert [file for file in files if "/walk." in file or "/film." in file] == [
        f"<results>/evaluation/d/progressive_wgan/{name}" for name in ("walk.png", "walk.pdf", "film.webp")
    ]
    assert FIGURES["film"].vectors is None
    config = default()
    config["runs"] = [{"dataset": "simulated_cosmos", "models": ["eth_dcgan", "danilov_beta_vae"]}]
    assert further_of(config, "simulated_cosmos", "eth_dcgan") == ["explorer", "walk", "film"]
    assert further_of(config, "simulated_cosmos", "danilov_beta_vae") == ["explorer"]
    config["report"]["explorer"] = 0
    assert further_of(config, "simulated_cosmos", "danilov_beta_vae") == []
    config["runs"][0]["conditions"] = ["mag_auto"]
    assert further_of(config, "simulated_cosmos", "danilov_beta_vae") == ["asked"]
    asked = dataset_report_files("d", {"vae": ["asked"]}, [], bounded=False, pictures=False)
    assert [file for file in asked if "/asked." in file] == [
        f"<results>/evaluation/d/vae/asked.{suffix}" for suffix in ("csv", "json", "png", "pdf")
    ]


def test_the_page_holds_a_film_as_it_is_with_all_its_pictures(tmp_path):
    save_film(
        film_frames(np.full((4, 2, 1, 32, 32), 9, dtype=np.uint8), [0, 1, 2, 3], 8), tmp_path / "f.webp"
    )
    embedded = picture((tmp_path / "f.webp").read_bytes())
    kind, _, text = embedded.source.partition(",")
    assert kind == "data:image/webp;base64"
    assert base64.b64decode(text) == (tmp_path / "f.webp").read_bytes()
    assert (embedded.width, embedded.height) == (2 * (2 * 36 - 4), 2 * 32 + 20)
