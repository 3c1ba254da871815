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
from galforge.configuration.validation import validate_configuration
from galforge.core.errors import ConfigurationError
from tests.helpers.configurations import overlaid

CONFIG = overlaid("config/recognition.yaml")
SCORER, CLASSIFIER = ("recognizers", "eth_scorer"), ("recognizers", "goupil_classifier")
UPSCALER = ("upscalers", "eth_upscaler_fields")


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
    ],
)
def test_what_cannot_be_run_is_refused_before_any_job(path, value, words):
    with pytest.raises(ConfigurationError) as error:
        validate_configuration(changed(path, value))
    text = str(error.value)
    assert all(word in text for word in words), text


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
