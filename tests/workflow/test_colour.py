"""Colour galaxies through Snakemake: from a picture to a trained model, and what runs again."""

import json

import pytest

from galforge.datasets.stamp_file import read_stamps
from tests.pictures.test_pictures import encoded, galaxy

RUN = """
runs:
  - dataset: hubble_deep_field
    models: [laisney_cnn_vae]
    recipe: {epochs: 1}
"""
DATASET = "results/dataset/hubble_deep_field"
MODEL = "results/model/hubble_deep_field/laisney_cnn_vae/model.json"
FIGURES = [f"{DATASET}/{name}.png" for name in ("stamps", "preparation", "augmentation")]
TARGETS = (MODEL, f"{DATASET}.md", *FIGURES)
AFTER = {"build_data_card", "plot_dataset", "plot_preparation", "plot_augmentation", "train_model"}


@pytest.fixture(scope="module")
def colour(made, tmp_path_factory):
    project = made.copied_to(tmp_path_factory.mktemp("colour") / "a prüject")
    project.make(*TARGETS, overlay=RUN)
    return project


def test_a_model_trains_on_real_colour_galaxies_by_naming_them(colour):
    record = json.loads((colour.path / MODEL).read_text())
    assert (record["status"], record["image_shape"]) == ("ok", [3, 64, 64])
    assert record["augmentation"] == {"flips": True, "rotation": "free", "translation": 0.0094}
    stamps = read_stamps(colour.path / f"{DATASET}.h5")
    assert len(stamps) > 300
    assert stamps.attributes["simulated"] == 0
    assert stamps.catalog["spike_excess"].max() <= 8
    card = (colour.path / f"{DATASET}.md").read_text()
    for words in (
        "NASA; ESA",
        "8-bit and non-linear",
        "Duplicates: ",
        f"{len(stamps)} stamps of 3 x 64 x 64",
    ):
        assert words in card
    assert all((colour.path / figure).stat().st_size > 20_000 for figure in FIGURES)


def test_what_runs_again_is_what_a_change_concerns(colour):
    def planned(change):
        return colour.planned(*TARGETS, overlay=RUN + change)

    assert planned("") == set()
    other = "datasets: {hubble_deep_field: {augmentation: {flips: false}}}"
    assert planned(other) == {"train_model", "plot_augmentation"}
    prepared = {"prepare_pictures", "measure_quality", "select_stamps", "build_dataset"} | AFTER
    assert planned("preprocessing: {whole: {filter: lanczos}}") == prepared
    assert (
        planned("datasets: {hubble_deep_field: {stamps: {value_range: [-1, 1]}}}")
        == {"build_dataset"} | AFTER
    )
    assert planned("surveys: {hubble_deep_field: {margin: 1.5}}") == {"cut_deep_field"} | prepared
    assert planned("preprocessing: {laisney: {side: 200}}") == set()


def test_a_folder_is_read_again_when_it_changes_and_bad_pictures_are_named(colour, tmp_path):
    folder = tmp_path / "my pictures"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.png").write_bytes(encoded(galaxy(number)))
    overlay = f"""
surveys:
  mine: {{source: image_folder, path: "{folder}", image_size: [96, 96], credit: nobody}}
datasets:
  mine:
    description: Blobs.
    survey: mine
    stamps:
      mode: picture
      size: 32
      preprocessing: whole
      value_range: [0, 1]
      shards: 2
      maximum_failed_fraction: 0.05
    selection: {{minimum_count: 10, limits: {{}}}}
    split: {{validation: 0.2, test: 0.2}}
"""
    dataset = "results/dataset/mine.h5"
    colour.make(dataset, overlay=overlay)
    assert len(read_stamps(colour.path / dataset)) == 30
    assert colour.planned(dataset, overlay=overlay) == set()
    for number in range(30, 34):
        (folder / f"{number}.png").write_bytes(b"<html>")
    assert "import_pictures" in colour.planned(dataset, overlay=overlay)
    status, output = colour.run(dataset, overlay=overlay)
    assert status != 0
    assert "Traceback" not in output
    line = next(line for line in output.splitlines() if line.startswith("ERROR: "))
    assert "4 of 34 galaxies" in line
    assert "30.png (not an image), 31.png (not an image)" in line
