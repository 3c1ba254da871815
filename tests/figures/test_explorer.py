"""The explorer: which stamps are drawn for which values, and that the page shows just these."""

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from galforge.configuration import layout
from galforge.core.files import read_json
from galforge.datasets.conditions import Condition, encode_conditions
from galforge.datasets.latent_file import Latents, write_latents
from galforge.evaluation.latent_explorer import (
    Slider,
    combinations,
    condition_sliders,
    latent_sliders,
    latents_along,
    latents_around,
)
from galforge.evaluation.latents import summarize_latents
from galforge.figures.explorer_sheet import explorer_sheet
from galforge.figures.report_explorer import explorer
from galforge.figures.stamp_pictures import stamp_pictures
from tests.helpers.browser import BROWSER, Page, told_by
from tests.helpers.published_model import publish_model
from tests.helpers.report_inputs import DATASET, FAILED
from workflow_scripts.sampling import explore_latents

MODEL = "danilov_beta_vae"


def test_latents_are_moved_by_their_own_scatter_around_the_average():
    random = np.random.default_rng(1)
    mean = random.normal([1, -2, 0.5], [2, 0.1, 1], (400, 3))
    table = summarize_latents(mean, np.array([[1.0, 0.001, 0.1]]).repeat(400, 0))
    sliders = latent_sliders(table, 2)
    assert [slider.name for slider in sliders] == ["z1", "z2"], "the highest SNR first"
    latents = latents_around(table, sliders)
    assert latents.shape == (49, 3)
    for vector, (first, second) in zip(latents, combinations(sliders), strict=True):
        expected = mean.mean(0) + np.array([0, first, second]) * mean.std(0)
        assert vector == pytest.approx(expected)


def test_coordinates_along_slanting_directions_are_what_the_sliders_say():
    directions = np.array([[1, 0, 0, 0], [0.6, 0.8, 0, 0]])
    start = np.array([3.0, 1.0, -2.0, 5.0])
    sliders = [Slider("direction 1", [-1, 0.5], "σ"), Slider("direction 2", [0, 2, 4], "σ")]
    latents = latents_along(start, directions, sliders)
    assert latents @ directions.T == pytest.approx(np.array(combinations(sliders)))
    assert latents[:, 2:] == pytest.approx(np.tile([-2.0, 5.0], (6, 1))), "the rest of the draw stays"


def test_conditions_stay_within_what_was_trained_on():
    conditions = [
        Condition("mag_auto", "number", mean=22.0, deviation=1.0, minimum=21.0, maximum=25.0, missing=0),
        Condition("position_angle", "cosine", 0.0, 1.0, -1.6, 1.6, 0),
        Condition("position_angle", "sine", 0.0, 1.0, -1.6, 1.6, 0),
        Condition("kind", "class", 0.0, 1.0, 0.0, 1.0, 0, "disc"),
        Condition("kind", "class", 0.0, 1.0, 0.0, 1.0, 0, "spheroid"),
    ]
    magnitude, angle, kind = condition_sliders(conditions, 3)
    assert magnitude.choices == pytest.approx(np.linspace(21, 24, 7))
    assert angle.choices == pytest.approx(np.arange(7) * np.pi / 7), "half a turn, no end twice"
    assert kind.choices == ["disc", "spheroid"]
    assert [slider.name for slider in condition_sliders(conditions, 1)] == ["mag_auto"]


def test_a_sheet_that_a_webp_cannot_hold_is_reduced():
    images = np.random.default_rng(1).random((49, 1, 402, 402))
    sheet = explorer_sheet(images, 1)
    assert sheet.shape == (49 * 201, 201, 3)
    mean = images[3, 0].reshape(201, 2, 201, 2).mean((1, 3))
    assert (sheet[3 * 201 : 4 * 201] == np.round(255 * stamp_pictures(mean[None, None])[0])).all()


def explore(folder, sliders=2, reason="", walks=False):
    random = np.random.default_rng(2)
    mean = random.normal(0, [1, 2, 3, 4], (50, 4)).astype(np.float32)
    latents = Latents(
        mean=mean if not reason else mean[:0],
        log_variance=np.zeros_like(mean) if not reason else mean[:0],
        identifier=np.arange(50 if not reason else 0),
        split=np.full(50 if not reason else 0, "test"),
        attributes={"reason": reason},
    )
    write_latents(folder / "latents.h5", latents)
    files = explore_latents.Files(
        folder / "weights.safetensors",
        folder / "model.json",
        folder / "latents.h5",
        (folder / "explorer.webp",),
        folder / "explorer.json",
    )
    threads = torch.get_num_threads()
    settings = explore_latents.Settings(device="cpu", threads=threads, seed=1, sliders=sliders, walks=walks)
    explore_latents.main(files, settings)
    return read_json(folder / "explorer.json"), np.asarray(
        Image.open(folder / "explorer.webp").convert("RGB")
    )


def tile(sheet, place, columns, size=32):
    row, column = divmod(place, columns)
    return sheet[row * size : (row + 1) * size, column * size : (column + 1) * size].astype(int)


def test_the_sheet_has_the_stamp_of_each_combination_of_latents(tmp_path):
    model = publish_model(tmp_path, (1, 32, 32))
    described, sheet = explore(tmp_path)
    assert [slider["name"] for slider in described["sliders"]] == ["z3", "z2"]
    mean = np.random.default_rng(2).normal(0, [1, 2, 3, 4], (50, 4))
    for place in (0, 9, 24, 47):
        third, second = divmod(place, 7)
        vector = mean.mean(0)
        vector[3] += (third - 3) * mean.std(0)[3]
        vector[2] += (second - 3) * mean.std(0)[2]
        with torch.no_grad():
            image = model.decode(torch.from_numpy(vector[None].astype(np.float32))).numpy()
        expected = np.round(255 * stamp_pictures(image)[0])
        assert np.abs(tile(sheet, place, 7) - expected).max() <= 1
    assert np.abs(tile(sheet, 0, 7) - tile(sheet, 48, 7)).max() > 2, "the ends differ"


def test_the_sheet_has_one_galaxy_under_all_conditions(tmp_path):
    magnitude = Condition("mag_auto", "number", 22.0, deviation=1.0, minimum=19.0, maximum=25.0, missing=0)
    model = publish_model(tmp_path, (1, 32, 32), conditions=[magnitude])
    described, sheet = explore(tmp_path)
    (slider,) = described["sliders"]
    assert slider["choices"] == pytest.approx(np.linspace(20, 24, 7))
    seed = explore_latents.derive_seed(1, "explorer", MODEL)
    asked = encode_conditions([magnitude], pd.DataFrame({"mag_auto": slider["choices"]}))
    with torch.no_grad():
        images = model.galaxies_of([seed] * 7, torch.from_numpy(asked)).numpy()
    for place in range(7):
        expected = np.round(255 * stamp_pictures(images[place : place + 1])[0])
        assert np.abs(tile(sheet, place, 7) - expected).max() <= 1


def test_of_a_model_without_anything_to_set_the_page_has_no_explorer(tmp_path):
    publish_model(tmp_path, (1, 32, 32))
    described, _ = explore(tmp_path, reason="its latents have no posterior")
    assert described["reason"] == "its latents have no posterior"
    assert explorer(described, []) is None
    described, _ = explore(tmp_path, reason="it has none", walks=True)
    assert described["reason"].startswith("it could not be drawn"), "a VAE has no directions"


def test_stamps_that_make_no_sheet_cost_the_explorer_alone(tmp_path, monkeypatch):
    def fail_of_stamps(images, columns):
        if len(images):
            raise ZeroDivisionError("injected")
        return explorer_sheet(images, columns)

    publish_model(tmp_path, (1, 32, 32))
    monkeypatch.setattr(explore_latents, "explorer_sheet", fail_of_stamps)
    described, sheet = explore(tmp_path)
    assert described["reason"] == "it could not be drawn (ZeroDivisionError: injected)"
    assert explorer(described, []) is None and sheet.shape == (32, 32, 3)


def test_sliders_in_words():
    sliders = [
        {"name": "z4", "choices": [-3.0, 0.0, 1.5], "unit": "σ", "start": 1},
        {"name": "mag_auto", "choices": [21.0, 22.125], "unit": "", "start": 0},
    ]
    followed = [
        {"parameter": "measured_gini", "latent": 2, "correlation": 0.9},
        {"parameter": "measured_rhalf_ellip", "latent": 4, "correlation": -0.71},
    ]
    words = explorer({"reason": "", "sliders": sliders}, followed)
    first, second = words["sliders"]
    assert first["words"] == "z4, follows half-light semi-major axis (ρ = -0.71)"
    assert first["texts"] == ["-3 σ", "0 σ", "+1.5 σ"]
    assert (second["words"], second["texts"]) == ("magnitude", ["21", "22.1"])
    assert (words["count"], words["columns"], words["rows"]) == (6, 2, 3)


def test_only_a_model_with_sliders_has_an_explorer_on_its_page(made):
    text = made[2].read_text(encoding="utf-8")
    assert text.count("<h3>Explorer</h3>") == 1
    assert f"Explorer of {MODEL}" in text
    assert f"Explorer of {FAILED}" not in text
    assert "<disc>" not in text
    assert Page(text).faults == []


PLAY = """<script>
const pixels = canvas =>
  [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]
    .filter((_, at) => at % 4 === 0);
addEventListener("load", async () => {
  const explorer = document.querySelector(".explorer");
  while (explorer.hidden) await new Promise(resolve => setTimeout(resolve, 20));
  location.hash = explorer.closest(".page").getAttribute("aria-labelledby");
  await new Promise(resolve => setTimeout(resolve, 100));
  const [first, second] = explorer.querySelectorAll("input");
  const canvas = explorer.querySelector("canvas");
  const found = { shown: {}, labels: {} };
  const note = key => {
    found.shown[key] = pixels(canvas);
    found.labels[key] = [canvas.ariaLabel ?? canvas.getAttribute("aria-label"), second.ariaValueText];
  };
  note("start");
  for (const [one, two] of [[0, 0], [2, 1], [0, 1]]) {
    first.value = one;
    second.value = two;
    first.dispatchEvent(new Event("input", { bubbles: true }));
    note(`${one} ${two}`);
  }
  explorer.querySelector("button").click();
  note("back");
  first.focus();
  found.focused = document.activeElement === first;
  found.names = [first, second].map(input => input.labels[0].textContent);
  found.wide = [document.documentElement.scrollWidth, innerWidth, canvas.getBoundingClientRect().width];
  document.body.innerHTML = "<pre></pre>";
  document.querySelector("pre").textContent = JSON.stringify(found);
});
</script></body>"""


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no chromium or chrome on this machine")
@pytest.mark.parametrize("dark", [False, True])
def test_a_slider_moved_in_a_browser_shows_the_stamp_that_was_drawn(made, tmp_path, dark):
    run = made[0]
    (tmp_path / "page.html").write_text(
        made[2].read_text(encoding="utf-8").replace("</body>", PLAY), encoding="utf-8"
    )
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    found = told_by(tmp_path / "page.html", tmp_path / "profile", (500, 900), *scheme)

    sheet = np.asarray(Image.open(run.figure("explorer", MODEL)).convert("RGB"))[..., 0]
    sliders = read_json(layout.EXPLORER.at(run.results, dataset=DATASET, model=MODEL))["sliders"]
    assert [len(slider["choices"]) for slider in sliders] == [3, 2]
    drawn = {"start": (1, 0), "0 0": (0, 0), "2 1": (2, 1), "0 1": (0, 1), "back": (1, 0)}
    for key, (row, column) in drawn.items():
        expected = sheet[64 * row : 64 * (row + 1), 64 * column : 64 * (column + 1)]
        assert found["shown"][key] == expected.ravel().tolist(), key
    label, text = found["labels"]["2 1"]
    assert text == "spheroid"
    assert label.startswith(f"Stamp of {MODEL}: z4") and label.endswith("+3 σ, morphology spheroid")
    assert found["focused"]
    assert found["names"][1] == "morphology"
    page, window, picture = found["wide"]
    assert page <= window
    assert picture > 200
