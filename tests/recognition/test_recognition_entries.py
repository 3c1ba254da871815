"""The entries of recognition on files: training on scores and votes, asking, and the page."""

import numpy as np
import pandas as pd
import pytest
import torch

from galforge.core.errors import InputError
from galforge.core.files import file_digest, read_json, write_json
from galforge.core.tables import read_table, write_table
from galforge.core.tensor_files import write_tensors
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.figures.recognizers import confusion_figure
from galforge.models.building import load_model
from galforge.recognition.recognizer import answers
from tests.conftest import PROJECT
from tests.helpers.entries import run_stage
from tests.helpers.published_model import publish_model
from workflow_scripts.recognition import (
    compare_recognizers,
    score_by_discriminator,
    score_samples,
    train_recognizer,
)

CPU = {"device": "cpu", "threads": 1}
GAN = {
    "network": "dcgan",
    "network_settings": {"latent_size": 8, "filters": 4},
    "output": "tanh",
    "fake": "generator",
    "smoothing": 0,
    "instance_noise": 0,
    "discriminator_steps": 1,
}


def write_fields(path, count=60, size=32, seed=3):
    """Write fields whose score is the number of their bright pixels; a tenth have none."""
    random = np.random.default_rng(seed)
    score = random.integers(0, 9, count).astype(float)
    image = np.zeros((count, 1, size, size), dtype=np.float32)
    for field, bright in zip(image[:, 0], score, strict=True):
        places = random.choice(size * size, int(20 * bright), replace=False)
        field.flat[places] = 1
    score[::10] = np.nan
    catalog = pd.DataFrame(
        {
            "identifier": np.arange(count),
            "Actual": score,
            "few": np.where(score < 4, 8, 1),
            "many": np.where(score < 4, 2, 9),
        }
    )
    split = np.array((["train"] * 4 + ["validation", "test"]) * (count // 6))
    stamps = Stamps(image, np.zeros(count), np.ones(count), catalog, split)
    write_stamps(path, [stamps], {"dataset": "fields", "labels": ["Actual", "few", "many"]})
    return catalog.assign(split=split)


def training(folder, dataset, variant="xavier", beside=None, **changes):
    """Train a small scorer; return its files by name."""
    settings = {
        "recognizer": "scorer", "variant": variant, "repeat": 1,
        "target": {"kind": "number", "columns": ["Actual"]}, "network": "eth_scorer",
        "network_settings": {"filters": [4], "dense": 8, "start": "xavier"},
        "recipe": {"batch_size": 8, "epochs": 40, "optimizer": {"learning_rate": 3e-3}}, "seed": 2, **CPU,
        **changes,
    }  # fmt: skip
    folder = folder / variant
    files = {
        "weights": folder / "weights.safetensors", "record": folder / "record.json",
        "history": folder / "history.csv", "steps": folder / "steps.csv",
        "predictions": folder / "predictions.csv",
    }  # fmt: skip
    folder.mkdir()
    further = {"labelled": beside} if beside else {}
    undeclared = {"state": folder / "state", "interim": folder / "interim"}
    run_stage(train_recognizer, settings, dataset=dataset, **files, **undeclared, **further)
    return files


@pytest.fixture(scope="module")
def fields(tmp_path_factory):
    path = tmp_path_factory.mktemp("fields") / "fields.h5"
    return path, write_fields(path)


@pytest.fixture(scope="module")
def scorer(fields, tmp_path_factory):
    return training(tmp_path_factory.mktemp("scorer"), fields[0])


def test_a_scorer_is_measured_on_the_stamps_with_scores_alone(fields, scorer):
    _, catalog = fields
    said = read_table(scorer["predictions"])
    so = catalog[catalog["Actual"].notna() & (catalog["split"] == "test")]
    tested = said[said["split"] == "test"]
    assert tested["identifier"].tolist() == so["identifier"].tolist()
    assert tested["actual"].tolist() == so["Actual"].tolist()
    record = read_json(scorer["record"])
    error = (tested["actual"] - tested["predicted"]).abs().mean()
    assert record["measures"]["test"]["absolute_error"] == pytest.approx(error)
    assert record["stamps"]["train"] == int((catalog["Actual"].notna() & (catalog["split"] == "train")).sum())
    history = read_table(scorer["history"])
    # The summed error of a batch of 8, in validation too.
    ratio = history["validation_loss"] / history["validation_absolute_error"]
    np.testing.assert_allclose(ratio, 8, rtol=1e-5)
    spread = so["Actual"].sub(so["Actual"].median()).abs().mean()
    assert error < 0.8 * spread, "better than the same score for all"


def test_labelled_stamps_are_trained_on_beside_the_scored(fields, tmp_path):
    path = tmp_path / "labelled.h5"
    image = np.zeros((30, 1, 32, 32), dtype=np.float32)
    catalog = pd.DataFrame({"identifier": np.arange(30), "Actual": [0.0, 1.0, 5.0] * 10})
    split = np.array(["train"] * 24 + ["validation"] * 3 + ["test"] * 3)
    stamps = Stamps(image, np.zeros(30), np.ones(30), catalog, split)
    write_stamps(path, [stamps], {"dataset": "labelled", "labels": ["Actual"]})
    labelled = {
        "dataset": "labelled",
        "column": "Actual",
        "scores": [{"label": 0, "minimum": 0, "maximum": 0}, {"label": 1, "minimum": 2.5, "maximum": 6}],
    }
    recipe = {"batch_size": 8, "epochs": 1, "optimizer": {"learning_rate": 1e-3}}
    files = training(tmp_path, fields[0], "labelled", path, labelled=labelled, recipe=recipe)
    trained = int((fields[1]["Actual"].notna() & (fields[1]["split"] == "train")).sum())
    assert read_json(files["record"])["stamps"]["train"] == trained + 16, "two labels of three, of 24"
    labelled["column"] = "Score"
    with pytest.raises(InputError, match=r"has no column Score, which labelled.column names"):
        training(tmp_path, fields[0], "again", path, labelled=labelled, recipe=recipe)


def test_the_average_of_the_weights_is_what_is_asked_during_the_training_too(fields, tmp_path):
    recipe = {"batch_size": 8, "epochs": 4, "ema": 0.9, "optimizer": {"learning_rate": 3e-3}}
    files = training(tmp_path, fields[0], recipe=recipe, predict_step=2)
    interim = files["record"].parent / "interim"
    assert sorted(path.name for path in interim.iterdir()) == ["epoch_2.csv", "epoch_4.csv"]
    pd.testing.assert_frame_equal(read_table(interim / "epoch_4.csv"), read_table(files["predictions"]))
    followed = read_table(files["history"])["validation_absolute_error"]
    for epoch in (2, 4):
        said = read_table(interim / f"epoch_{epoch}.csv").query("split == 'validation'")
        assert (said["actual"] - said["predicted"]).abs().mean() == pytest.approx(
            followed[epoch - 1], rel=1e-5
        )


def test_published_stamps_are_asked_about_once(fields, tmp_path, monkeypatch):
    asked = []
    counted = lambda recognizer, images: asked.append(len(images)) or answers(recognizer, images)  # noqa: E731
    monkeypatch.setattr("galforge.recognition.training.answers", counted)
    recipe = {"batch_size": 8, "epochs": 1, "optimizer": {"learning_rate": 1e-3}}
    files = training(tmp_path, fields[0], recipe=recipe)
    held_out = read_table(files["predictions"])["split"].value_counts()
    assert asked == [held_out["validation"], held_out["test"]]


def test_samples_of_any_size_are_scored(scorer, tmp_path):
    image = np.random.default_rng(1).random((5, 1, 64, 64)).astype(np.float32)
    write_stamps(tmp_path / "sample.h5", [Stamps.plain(image, model="gan")], {"model": "gan"})
    asked = {name: scorer[name] for name in ("weights", "record")}
    run_stage(score_samples, CPU, **asked, sample=tmp_path / "sample.h5", scores=tmp_path / "scores.csv")
    scores = read_table(tmp_path / "scores.csv")
    assert scores["Id"].tolist() == [0, 1, 2, 3, 4]
    assert np.isfinite(scores["Predicted"]).all()
    write_stamps(tmp_path / "colour.h5", [Stamps.plain(np.repeat(image, 3, axis=1))], {})
    with pytest.raises(InputError, match="trained on stamps of 1 channels, these have 3"):
        run_stage(score_samples, CPU, **asked, sample=tmp_path / "colour.h5", scores=tmp_path / "no.csv")


def test_weights_of_another_training_are_refused(scorer, tmp_path):
    write_tensors(tmp_path / "weights.safetensors", {"network.layers.0.weight": torch.zeros(2)})
    asked = {"weights": tmp_path / "weights.safetensors", "record": scorer["record"]}
    with pytest.raises(InputError, match=r"weights.safetensors"):
        run_stage(score_samples, CPU, **asked, sample=tmp_path / "none.h5", scores=tmp_path / "no.csv")
    facts = read_json(scorer["record"]) | {"status": "failed", "reason": "training term 'loss' is nan"}
    write_json(tmp_path / "record.json", facts)
    asked["record"] = tmp_path / "record.json"
    with pytest.raises(InputError, match="the training failed \\(training term 'loss' is nan\\)"):
        run_stage(score_samples, CPU, **asked, sample=tmp_path / "none.h5", scores=tmp_path / "no.csv")


@pytest.fixture(scope="module")
def discriminator(tmp_path_factory):
    """The answers of a GAN's discriminator on fields of 64 px."""
    folder = tmp_path_factory.mktemp("gan")
    write_fields(folder / "fields.h5", count=30, size=64)
    model = publish_model(folder, (1, 64, 64), "eth_dcgan", family="gan", settings=GAN)
    published = model.published_state()
    rest = {f"remainder/{name}": value for name, value in model.state_dict().items() if name not in published}
    write_tensors(folder / "extras.safetensors", rest)
    record = read_json(folder / "model.json") | {"extras_digest": file_digest(folder / "extras.safetensors")}
    write_json(folder / "model.json", record)
    files = {
        "weights": folder / "weights.safetensors", "extras": folder / "extras.safetensors",
        "model": folder / "model.json", "dataset": folder / "fields.h5", "scores": folder / "scores.csv",
    }  # fmt: skip
    run_stage(score_by_discriminator, {"column": "Actual", **CPU}, **files)
    return files


def test_the_discriminators_answers_are_its_own(discriminator):
    scores = read_table(discriminator["scores"])
    assert len(scores) == 30
    assert scores["answer"].between(0, 1).all() and scores["answer"].nunique() > 20
    model = load_model(discriminator["weights"], discriminator["model"], discriminator["extras"])
    logits = model.discriminator(torch.full((1, 1, 64, 64), -1.0))  # a black field
    black = scores[scores["actual"] == 0]
    assert len(black)
    np.testing.assert_allclose(black["answer"], torch.sigmoid(logits).item(), rtol=1e-4)


def test_a_gan_that_failed_gives_no_answers(discriminator, tmp_path):
    facts = read_json(discriminator["model"]) | {"status": "failed", "reason": "x"}
    write_json(tmp_path / "model.json", facts)
    files = discriminator | {"model": tmp_path / "model.json", "scores": tmp_path / "scores.csv"}
    run_stage(score_by_discriminator, {"column": "Actual", **CPU}, **files)
    assert len(read_table(tmp_path / "scores.csv")) == 0


def compared(folder, dataset, kind, trainings, **further):
    """Compare trainings of variants; return the page, and the table of the variants."""
    names = ["trainings", "variants", "page"]
    columns = {"number": ["Actual"], "votes": ["few", "many"]}[kind]
    settings = {
        "name": "scorer", "description": "What <it> is.", "paper": "ETH", "dataset": "fields",
        "target": {"kind": kind, "columns": columns}, "network": "eth_scorer",
        "network_settings": {"dense": 8}, "repeats": 1, "simulated": ["fields"] * (kind == "number"),
        "variants": [
            {"name": name, "changes": {}, "recipe": {"optimizer": {"learning_rate": 1e-3}}, "published": None}
            for name in trainings
        ],
    }  # fmt: skip
    gathered = {
        plural: tuple(files[one] for files in trainings.values())
        for plural, one in (
            ("records", "record"), ("histories", "history"), ("steps", "steps"),
            ("predictions", "predictions"),
        )
    }  # fmt: skip
    run_stage(
        compare_recognizers,
        settings,
        template=PROJECT / "galforge/figures/comparison.html.j2",
        dataset=dataset,
        trainings=folder / f"{names[0]}.csv",
        table=folder / "table.csv",
        figures=tuple(folder / f"{name}.png" for name in ("variants", "curves", "answers")),
        page=folder / "page.html",
        **gathered,
        **further,
    )
    return (folder / "page.html").read_text(), read_table(folder / "table.csv")


def test_a_page_compares_scores_with_a_constant_and_a_discriminator(fields, scorer, discriminator, tmp_path):
    (tmp_path / "fields_64").mkdir()
    samples = tmp_path / "fields_64/gan.csv"
    pd.DataFrame({"Id": [0, 1], "Predicted": [2.0, 4.0]}).to_csv(samples, index=False)
    page, table = compared(
        tmp_path, fields[0], "number", {"xavier": scorer},
        discriminator=(discriminator["scores"],), samples=(samples,),
    )  # fmt: skip
    assert table["test"][0] == read_json(scorer["record"])["measures"]["test"]["absolute_error"]
    assert "What &lt;it&gt; is." in page and "simulated galaxies" in page and "survey fields" in page
    for words in ("the same answer for every stamp", "its probability times 8", "gan on fields_64", "3.00"):
        assert words in page
    assert page.count("data:image/webp;base64") == 3
    assert "could not be drawn" not in page


def test_votes_are_trained_and_compared_and_a_failed_training_is_named(fields, tmp_path):
    target = {"kind": "votes", "columns": ["few", "many"]}
    whole = training(tmp_path, fields[0], "whole", target=target)
    record = read_json(whole["record"])
    assert record["measures"]["test"]["accuracy"] > 0.7
    said = read_table(whole["predictions"])
    np.testing.assert_allclose(said["predicted_few"] + said["predicted_many"], 1, rtol=1e-5)
    failed = whole | {
        name: tmp_path / f"wild_{name}" for name in ("record", "history", "steps", "predictions")
    }
    facts = {"variant": "wild", "status": "failed", "reason": "training term 'loss' is nan", "measures": {}}
    write_json(failed["record"], record | facts)
    for name, columns in (
        ("history", ["epoch"]),
        ("steps", ["step"]),
        ("predictions", ["identifier", "split"]),
    ):
        write_table(failed[name], pd.DataFrame(columns=columns))
    page, table = compared(tmp_path, fields[0], "votes", {"whole": whole, "wild": failed})
    assert table["failed"].tolist() == [0, 1] and table["trained"].tolist() == [1, 0]
    assert (
        "wild, 1" in page
        and "0, 1 failed" in page
        and "simulated" not in page
        and "could not be drawn" not in page
    )


def test_classes_that_are_called_as_numbers_keep_their_names_and_their_order(scorer, tmp_path):
    table = pd.DataFrame({"split": "test", "actual": ["10", "2", "1e-3"], "predicted": ["10", "2", "2"]})
    write_table(tmp_path / "predictions.csv", table)
    gathered = {
        "records": (scorer["record"],), "histories": (scorer["history"],), "steps": (scorer["steps"],),
        "predictions": (tmp_path / "predictions.csv",),
    }  # fmt: skip
    made = {name: tmp_path / name for name in ("template", "dataset", "trainings", "table", "page")}
    files = compare_recognizers.Files(**gathered, **made, figures=())
    (training,) = compare_recognizers.read_trainings(files, "class")
    assert training.predictions["actual"].tolist() == ["10", "2", "1e-3"]
    figure = confusion_figure(training.predictions, "t")
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["1e-3", "2", "10"]
