"""The card of a model, in all its parts."""

import pytest
import yaml

from galforge.publication.model_card import CardFacts, render_model_card
from tests.conftest import PROJECT

TEMPLATE = (PROJECT / "galforge/publication/model_card.md.j2").read_text()
RECORD = {
    "model": "flow_vae", "dataset": "flux_cosmos", "family": "deconvolving_vae", "status": "ok", "reason": "",
    "image_shape": [1, 64, 64], "parameters": 123456, "training_stamps": 2394, "training_seconds": 1380.0,
    "recipe": {"epochs": 90, "batch_size": 64}, "published_epoch": 80, "seed": 1, "device_used": "cpu",
    "versions": {"galforge": "0.1.0", "torch": "2.13.0"}, "weights_digest": "a" * 64, "warnings": [],
    "observed": {"flux_scale": 0.01, "flux_unit": "counts/s", "zero_point": 26.02, "pixel_scale": 0.06},
    "conditions": [
        {"column": "mag_auto", "kind": "number", "mean": 22.1, "deviation": 1.0, "minimum": 18.3,
         "maximum": 23.5, "missing": 0, "value": ""},
        {"column": "kind", "kind": "class", "mean": 0.0, "deviation": 1.0, "minimum": 0.0, "maximum": 1.0,
         "missing": 0, "value": "spiral"},
        {"column": "kind", "kind": "class", "mean": 0.0, "deviation": 1.0, "minimum": 0.0, "maximum": 1.0,
         "missing": 0, "value": "smooth | round"},
    ],
}  # fmt: skip
SCORE = {"value": 0.307, "error": 0.033, "floor": 0.177, "floor_error": 0.04, "better": "lower", "reason": ""}
SCORES = {
    "count": {"compared": 150},
    "gates": {},
    "scores": {"noise_matched": {"mean_distance": SCORE, "memorized_fraction": {**SCORE, "error": None}}},
}
SAID = {
    "description": "A hybrid.\nOurs, too.", "paper": "after Lanusse et al. (2021)", "reason": "",
    "dataset_description": "Galaxies | drawn", "license": "bsd-3-clause",
}  # fmt: skip


def card(record=None, scores=None, said=None, simulated=True):
    facts = CardFacts(
        {**RECORD, **(record or {})}, {**SCORES, **(scores or {})}, {"digest": "d" * 64}, simulated,
        "Cite Them (2020).", {**SAID, **(said or {})},
    )  # fmt: skip
    return render_model_card(TEMPLATE, facts)


def test_the_front_matter_is_that_of_a_model_hub():
    _, front, body = card().split("---\n", 2)
    assert yaml.safe_load(front) == {
        "library_name": "galforge",
        "license": "bsd-3-clause",
        "tags": ["astronomy", "galaxies", "generative-model", "deconvolving-vae"],
    }
    assert body.lstrip().startswith("# flow_vae, trained on flux_cosmos\n\nA hybrid. Ours, too.\n")


@pytest.mark.parametrize(
    "said",
    [
        "**Trained on simulated galaxies**",
        "in counts/s per pixel, without PSF and noise",
        "zero point of 26.02 mag",
        "Stamps of 1 x 64 x 64 (channels, rows, columns) pixels of 0.06 arcsec.",
        "| `mag_auto` | mag | magnitude in the survey's band (SExtractor MAG_AUTO) | 18.3 to 23.5 |",
        "| `kind` | – | column of the survey's own table | spiral, smooth \\| round |",
        'conditions={"mag_auto": 22.1})',
        "input: {generative_model: {model: FOLDER}}",
        "123,456 parameters",
        "| stamps | 2,394 for training |",
        "Galaxies \\| drawn",
        "90 of 64 stamps; weights of epoch 80",
        "23 min on cpu",
        f"| digest of the dataset (SHA-256) | `{'d' * 64}` |",
        f"| digest of the weights (SHA-256) | `{'a' * 64}` |",
        "| mean distance of the morphology, σ | 0.307 ± 0.033 | 0.177 ± 0.04 | lower |",
        "| fraction of copies of training stamps | 0.307 | 0.177 ± 0.04 | lower |",
        "Judged on 150 stamps",
        "Licence of the weights: bsd-3-clause.",
        "the paper of the model (after Lanusse et al. (2021)), and the survey: Cite Them (2020).",
        "no statistics of structure should be trusted",
    ],
)
def test_a_card_says(said):
    assert said in card()


def test_a_card_of_stamps_in_0_to_1_says_that_they_have_no_flux():
    text = card({"observed": {}, "conditions": []}, simulated=False)
    assert "each in [0, 1] by itself" in text and "Its stamps have no flux" in text
    assert "Galaxies can be asked for" not in text and "conditions=" not in text and "GalSim" not in text
    assert "Trained on observed galaxies." in text and "simulation" not in text


def test_a_card_hides_no_fault():
    failed = card({"status": "failed", "reason": "the loss is not finite"})
    assert "**The training failed: the loss is not finite.**" in failed
    gated = card(scores={"gates": {"copies": "copies 97 %"}})
    assert "**Held back behind all others: copies 97 %.**" in gated
    absent = {**SCORE, "value": None, "error": None, "reason": "no stamp could be measured"}
    scores = {"noise_matched": {"mean_distance": absent}}
    assert "| no stamp could be measured | 0.177 ± 0.04 |" in card(scores={"scores": scores})
    assert "Warning of the training: collapsed" in card({"warnings": ["collapsed"]})
    assert "recipe differs from the model's own: Minutes." in card(said={"reason": "Minutes."})


def test_without_a_licence_a_card_says_that_none_is_stated():
    text = card(said={"license": ""})
    assert "license: unknown\n" in text and "has stated no licence" in text


def test_no_text_of_others_becomes_markup():
    text = card({"model": "<script>alert(1)</script>"}, said={"description": "<img src=x>"})
    assert "<script" not in text and "<img" not in text
