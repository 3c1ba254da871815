"""Recognizers and upscalers in a configuration: what is refused, by key, value and what is allowed."""

import copy

import pytest

from galforge.configuration.recognizers import recognizer_of, variants_of
from galforge.configuration.stages.recognition import (
    comparing_settings,
    recognizer_settings,
    upscaler_page_settings,
)
from galforge.configuration.stages.report import report_files, report_settings
from galforge.configuration.stages.survey import survey_settings
from galforge.configuration.validation import validate_configuration
from galforge.core.errors import ConfigurationError
from galforge.networks.goupil_classifier.settings import GoupilClassifierSettings
from galforge.pictures.fashion_sources import HASHES
from tests.helpers.configurations import overlaid

CONFIG = overlaid("config/recognition.yaml")
SCORER, CLASSIFIER = ("recognizers", "eth_scorer"), ("recognizers", "goupil_classifier")
UPSCALER = ("upscalers", "eth_upscaler_fields")
FLIPS = {"flips": True, "rotation": "none", "translation": 0}
SCORES = [{"label": 0, "minimum": 0, "maximum": 0}]


def changed(path, value):
    config = copy.deepcopy(CONFIG)
    *parents, last = path
    target = config
    for key in parents:
        target = target[key]
    target[last] = value
    return config


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ((*SCORER, "dataset"), "scored", ["recognizers.eth_scorer.dataset is 'scored'", "scored_fields"]),
        (
            (*SCORER, "network"),
            "danilov",
            ["recognizers.eth_scorer.network is 'danilov'", "allowed: eth_scorer, goupil_classifier"],
        ),
        (
            (*SCORER, "network_settings", "start"),
            "zeros",
            ["recognizers.eth_scorer.variants.xavier.network_settings.start is 'zeros'", "xavier, normal"],
        ),
        (
            (*SCORER, "variants", "larger", "network_settings", "filtres"),
            [1],
            ["recognizers.eth_scorer.variants.larger.network_settings", "filtres"],
        ),
        ((*SCORER, "variants"), {}, ["recognizers.eth_scorer.variants"]),
        (
            (*CLASSIFIER, "variants", "rate_1e_2", "recipe", "optimizer", "learning_rate"),
            20,
            ["recognizers.goupil_classifier.variants.rate_1e_2.recipe.optimizer.learning_rate is 20"],
        ),
        ((*CLASSIFIER, "repeats"), 0, ["recognizers.goupil_classifier.repeats is 0", "at least 1"]),
        (
            (*CLASSIFIER, "recipe", "film"),
            {"frames": 3, "stamps": 2},
            ["recipe.film is given; allowed: none, it draws no samples"],
        ),
        (
            (*CLASSIFIER, "target"),
            {"kind": "votes", "columns": ["label"]},
            ["recognizers.goupil_classifier.target.columns", "two or more columns of votes"],
        ),
        (
            (*SCORER, "samples"),
            [{"dataset": "scored_fields", "model": "eth_dcgan"}],
            ["recognizers.eth_scorer.samples[0]: nothing trains eth_dcgan on scored_fields"],
        ),
        (
            (*SCORER, "discriminator"),
            {"dataset": "scored_fields_128", "model": "eth_mlp_vae"},
            ["recognizers.eth_scorer.discriminator is a model of family 'vae'", "'gan'"],
        ),
        (
            (*SCORER, "variants", "labelled", "labelled", "dataset"),
            "scored_fields_128",
            ["variants.labelled.labelled.dataset is 'scored_fields_128'", "allowed: (1, 140, 140)"],
        ),
        (
            (*SCORER, "variants", "labelled", "labelled", "scores"),
            [{"label": 0, "minimum": 3, "maximum": 1}],
            ["minimum is 3", "at most its maximum, 1"],
        ),
        (
            (*SCORER, "dataset"),
            "simulated_cosmos",
            ["recognizers.eth_scorer.target.columns is 'Actual'"],
        ),
        (
            ("datasets", "labeled_fields", "augmentation"),
            FLIPS,
            [
                "recognizers.eth_scorer.variants.labelled.labelled.dataset is 'labeled_fields', with",
                "{'flips': True",
                "allowed: datasets without augmentation",
            ],
        ),
        (
            ("datasets", "scored_fields", "augmentation"),
            FLIPS,
            ["recognizers.eth_scorer.dataset is 'scored_fields', with augmentation"],
        ),
        (
            (*CLASSIFIER, "recipe", "optimizer", "phases"),
            {"critic": {"learning_rate": 1e-4}},
            ["recognizers.goupil_classifier", "recipe.optimizer.phases is 'critic'; allowed: model"],
        ),
        (
            (*UPSCALER, "recipe", "optimizer", "phases"),
            {"critic": {"learning_rate": 1e-4}},
            ["upscalers.eth_upscaler_fields.recipe.optimizer.phases is 'critic'; allowed: model"],
        ),
        (
            (*UPSCALER, "recipe", "film"),
            {"frames": 3, "stamps": 2},
            ["upscalers.eth_upscaler_fields.recipe.film is given; allowed: none"],
        ),
        (
            ("datasets", "scored_fields", "stamps", "size"),
            4,
            ["variants.larger.network is 'eth_scorer', which cannot", "(1, 4, 4)", "allowed: 8 px or more"],
        ),
        (
            (*SCORER, "variants", "labelled", "labelled"),
            {"dataset": "simulated_cosmos", "column": "class_folder", "scores": SCORES},
            ["variants.labelled.labelled.column is 'class_folder' (did you mean 'class_number'?)"],
        ),
        ((*UPSCALER, "drawn_size"), 128, ["drawn_size is 128; allowed: more than its size, 128"]),
        (
            (*UPSCALER, "pictures"),
            {"field": {"survey": "simulated_cosmos", "number": 1}},
            ["upscalers.eth_upscaler_fields.pictures.field.survey is 'simulated_cosmos'", "scored_fields"],
        ),
        ((*UPSCALER, "pictures"), {"field": {"number": 1}}, ["path, or scikit_image, or survey with number"]),
        (
            ("datasets", "fashion_mnist", "split"),
            {"validation": 0.1, "test": 0.1, "published": "part"},
            ["datasets.fashion_mnist.split.published is 'part'", "whole numbers of stamps"],
        ),
        (
            ("surveys", "fashion_mnist", "hashes"),
            {"train-images-idx3-ubyte.gz": "abc"},
            ["surveys.fashion_mnist.hashes", "'abc'"],
        ),
        (
            ("surveys", "fashion_mnist", "hashes"),
            {"../train-images-idx3-ubyte.gz": 64 * "a"},
            [
                "surveys.fashion_mnist.hashes",
                "'../train-images-idx3-ubyte.gz'",
                "allowed: train-images-idx3-ubyte.gz, ",
            ],
        ),
    ],
)
def test_what_cannot_be_run_is_refused_before_any_job(path, value, words):
    with pytest.raises(ConfigurationError) as error:
        validate_configuration(changed(path, value))
    text = str(error.value)
    assert all(word in text for word in words), text


@pytest.mark.parametrize(("name", "value"), [("stamp_sizes", (64,)), ("stamp_channels", (3,))])
def test_stamps_that_a_network_does_not_take_are_refused(monkeypatch, name, value):
    monkeypatch.setattr(GoupilClassifierSettings, name, value)
    words = "64 x 64" if name == "stamp_sizes" else "3 channels"
    seen = (
        r"recognizers\.goupil_classifier\.variants\.rate_1e_5\.network is 'goupil_classifier', which cannot "
        rf"take the stamps of dataset 'fashion_mnist', \(1, 28, 28\) \(channels, height, width\); "
        rf"allowed: {words}"
    )
    with pytest.raises(ConfigurationError, match=seen):
        validate_configuration(CONFIG)


def test_a_discriminator_is_asked_about_stamps_with_the_same_column():
    config = changed((*SCORER, "discriminator"), {"dataset": "simulated_cosmos", "model": "eth_dcgan"})
    config["runs"].append({"dataset": "simulated_cosmos", "models": ["eth_dcgan"]})
    seen = (
        r"recognizers\.eth_scorer\.discriminator: target\.columns on dataset simulated_cosmos is 'Actual'; "
    )
    with pytest.raises(ConfigurationError, match=seen):
        validate_configuration(config)


def test_samples_that_are_asked_about_have_the_channels_that_are_trained_on():
    config = changed(("preprocessing", "colour"), {**CONFIG["preprocessing"]["whole"], "channels": 3})
    config["datasets"]["scored_fields_128"]["stamps"]["preprocessing"] = "colour"
    config["recognizers"]["eth_scorer"]["samples"] = [{"dataset": "scored_fields_128", "model": "eth_dcgan"}]
    seen = (
        r"recognizers\.eth_scorer\.samples\[0\] is of dataset 'scored_fields_128', whose stamps have 3 "
        r"channels in \[0, 1\]; allowed: 1 channels in \[0, 1\], as those of dataset 'scored_fields'"
    )
    with pytest.raises(ConfigurationError, match=seen):
        validate_configuration(config)


def test_the_overlay_has_the_papers_sweeps():
    fixed = [recognizer_of(CONFIG, "goupil_classifier", name)["recipe"] for name in
             ("rate_1e_5", "rate_1e_4", "rate_1e_3", "rate_1e_2")]  # fmt: skip
    assert [recipe["optimizer"]["learning_rate"] for recipe in fixed] == [1e-5, 1e-4, 1e-3, 1e-2]
    decays = [recognizer_of(CONFIG, "goupil_classifier", f"decay_{n}")["recipe"] for n in (1, 2, 3)]
    found = [
        (r["optimizer"]["learning_rate"], r["schedule"]["factor"], r["schedule"]["every"]) for r in decays
    ]
    assert found == [(1e-2, 0.93, 200), (1e-2, 0.9, 200), (1e-3, 0.93, 200)]
    entry = CONFIG["recognizers"]["goupil_classifier"]
    assert (entry["repeats"], entry["validate_every"]) == (5, 200)
    assert (entry["recipe"]["batch_size"], entry["recipe"]["epochs"]) == (32, 5)
    assert CONFIG["datasets"]["fashion_mnist"]["split"] == {
        "train": 50000, "validation": 10000, "test": 10000, "published": "part",
    }  # fmt: skip


def test_a_training_depends_on_its_own_variant_alone():
    before = recognizer_settings(CONFIG, "eth_scorer", "xavier", "2")
    assert before["repeat"] == 2 and "labelled" not in before
    other = changed((*SCORER, "variants", "larger", "network_settings", "dense"), 300)
    assert recognizer_settings(other, "eth_scorer", "xavier", "2") == before
    more = changed((*SCORER, "repeats"), 9)
    assert recognizer_settings(more, "eth_scorer", "xavier", "2") == before
    with pytest.raises(ConfigurationError, match="has no variant spoon; there are: xavier, normal"):
        recognizer_of(CONFIG, "eth_scorer", "spoon")


def test_the_pages_say_which_of_their_surveys_are_simulated():
    assert comparing_settings(CONFIG, "eth_scorer")["simulated"] == ["scored_fields", "labeled_fields"]
    assert comparing_settings(CONFIG, "goupil_classifier")["simulated"] == []
    assert upscaler_page_settings(CONFIG, "eth_upscaler_fields")["simulated"] == ["labeled_fields"]
    assert upscaler_page_settings(CONFIG, "eth_upscaler")["simulated"] == []


def test_a_file_of_fashion_mnist_that_is_another_leaves_the_hashes_of_the_rest():
    changes = {"t10k-labels-idx1-ubyte.gz": 64 * "a"}
    config = changed(("surveys", "fashion_mnist", "hashes"), changes)
    validate_configuration(config)
    assert survey_settings(config, "fashion_mnist")["hashes"] == {**HASHES, **changes}


def test_the_report_waits_for_no_recognizer_and_no_upscaler():
    without = {**CONFIG, "recognizers": {}, "upscalers": {}}
    assert report_files(CONFIG) == report_files(without)
    assert report_settings(CONFIG, CONFIG) == report_settings(without, without)


def test_a_recognizer_without_variants_is_its_own():
    config = copy.deepcopy(CONFIG)
    del config["recognizers"]["eth_scorer"]["variants"]
    validate_configuration(config)
    assert variants_of(config, "eth_scorer") == ["base"]
    assert recognizer_settings(config, "eth_scorer", "base", 1)["network_settings"]["dense"] == 100
