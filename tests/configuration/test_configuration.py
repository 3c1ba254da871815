import copy
import json
from typing import get_type_hints

import pytest

from galforge.configuration import run_checks, runs
from galforge.configuration.loading import known_experiments, read_yaml
from galforge.configuration.mappings import canonical, differences, merged
from galforge.configuration.stages.dataset import (
    augmentation_figure_settings,
    data_card_settings,
    dataset_figure_settings,
    dataset_settings,
    picture_settings,
    preparation_figure_settings,
    render_settings,
    rendering_figure_settings,
    selection_settings,
)
from galforge.configuration.stages.evaluation import (
    control_settings,
    evaluation_settings,
    feature_network_settings,
    feature_settings,
    latent_settings,
    leaderboard_settings,
    morphology_settings,
    noise_matching_settings,
    physics_settings,
    real_feature_settings,
    real_morphology_settings,
)
from galforge.configuration.stages.report import (
    bound_settings,
    comparison_settings,
    evaluation_figure_settings,
    model_figure_settings,
    model_style_settings,
    report_files,
    report_settings,
)
from galforge.configuration.stages.survey import (
    survey_settings,
)
from galforge.configuration.stages.training import (
    device_settings,
    grid_settings,
    probe_settings,
    sample_settings,
    training_settings,
)
from galforge.configuration.validation import validate_configuration
from galforge.core.command_line import parse_settings
from galforge.core.errors import ConfigurationError
from galforge.imaging.rendering import Frame
from galforge.models import registry as models
from tests.conftest import PROJECT
from tests.helpers.configurations import default, overlaid, with_pictures
from workflow_scripts.stamps import render_stamps

DEFAULT = with_pictures()
DATASET, SURVEY, MODEL = "simulated_cosmos", "simulated_cosmos", "danilov_beta_vae"


def changed(path, value):
    config = copy.deepcopy(DEFAULT)
    *parents, last = path
    target = config
    for key in parents:
        target = target[key]
    if value is KeyError:
        del target[last]
    else:
        target[last] = value
    return config


OVERLAYS = sorted(
    path.relative_to(PROJECT)
    for folder in ("config", "config/experiments")
    for path in (PROJECT / folder).glob("*.yaml")
)


@pytest.mark.parametrize(
    "overlays",
    [
        (),
        *[(path,) for path in OVERLAYS],
        ("tests/helpers/tiny.yaml",),
        ("config/paper_galaxy_zoo.yaml", "tests/helpers/galaxy_zoo.yaml"),
    ],
)
def test_the_default_and_every_overlay_are_valid(overlays):
    validate_configuration(overlaid(*overlays))


def test_every_experiment_of_the_papers_is_run_at_its_papers_budget_and_in_seconds():
    named = [
        overlaid(f"config/{name}.yaml").get("experiments", {})
        for name in ("paper", "paper_galaxy_zoo", "experiments/quick")
    ]
    known = known_experiments(PROJECT)
    assert named[0].keys() | named[1].keys() == named[2].keys() == known.keys()
    for name in known:
        assert (named[0] | named[1])[name] == known[name], "at the paper's budget as it is stated"
        assert named[2][name]["repeats"] == 2 and named[2][name]["reason"]


def test_every_model_of_the_papers_is_trained_on_cosmos():
    config = overlaid("config/cosmos.yaml")
    of_papers = {name for name in default()["models"] if not name.startswith(("edm", "flow_vae"))}
    assert {model for _, model in runs.run_pairs(config)} == of_papers | {"edm_night"}
    surveys = {config["surveys"][name]["source"] for name in runs.run_surveys(config)}
    assert surveys == {"cosmos"}


def test_the_default_is_short_and_runs_no_pictures():
    assert len((PROJECT / "config.yaml").read_text().splitlines()) <= 200
    assert "preprocessing" not in default()


def trained_by(*overlays):
    """Return the models that these overlays train, each over the default."""
    return {model for overlay in overlays for _, model in runs.run_pairs(overlaid(f"config/{overlay}.yaml"))}


def test_the_overlay_of_all_models_trains_every_model_of_the_papers_on_stamps_in_0_to_1():
    families = {name: models.settings_class(entry["family"]) for name, entry in default()["models"].items()}
    in_flux = {name for name, family in families.items() if family.in_flux}
    diffusing = {name for name, entry in default()["models"].items() if entry["family"] == "edm"}
    assert trained_by("all_models") == set(families) - in_flux - diffusing
    assert trained_by("flux", "paper") >= in_flux
    assert trained_by("strong", "strong_gpu") >= diffusing


STAMPS = ("datasets", DATASET, "stamps")
RUN = {"dataset": DATASET, "models": [MODEL]}
LIMITS = ("datasets", DATASET, "selection", "limits")
RECIPE = ("models", MODEL, "recipe")

COSMOS = {"source": "cosmos", "sample": "25.2", "exclusion_level": "marginal"}
URL = {
    "source": "url",
    "url": "https://mirror.example.org/survey.tar.gz",
    "hash": f"md5:{'0' * 32}",
    "catalog": "real_galaxy_catalog_23.5.fits",
    "exclusion_level": "none",
    "credit": "somebody",
}

PICTURES = "hubble_deep_field"  # a survey and a dataset
PICTURE_STAMPS = ("datasets", PICTURES, "stamps")
FOLDER = {"source": "image_folder", "path": "pictures.zip", "credit": "somebody"}
KAGGLE = {"source": "galaxy_zoo_kaggle", "path": "images.zip", "table": "solutions.csv"}
COSMOLOGY = {"source": "cosmology_images", "directory": "images", "part": "scored"}

# Where, what is put there, and what the one line must say: key, value and what is allowed.
FAULTS = [
    (("sede",), 1, ["'sede'", "value 1", "did you mean 'seed'", "allowed: datasets"]),
    (("results",), "out/", ["results is 'out/'", "a path without a slash at its end"]),
    (("latents", "angles"), [0], ["latents.angles[0] is 0", "more than 0"]),
    (("latents", "snr"), [], ["latents.snr is []", "1 or more entries"]),
    (("latents", "traversed"), 65, ["latents.traversed is 65", "at most 64"]),
    (("seed",), -1, ["seed is -1", "at least 0"]),
    (("seed",), "one", ["seed is 'one'", "allowed: integer"]),
    (("surveys", SURVEY, "cuont"), 5, ["surveys.simulated_cosmos.cuont", "did you mean 'count'"]),
    (("surveys", SURVEY, "count"), KeyError, ["missing key 'surveys.simulated_cosmos.count'"]),
    (
        ("surveys", SURVEY, "source"),
        "zenodo",
        ["source is 'zenodo'", "allowed: simulated, local, cosmos, url"],
    ),
    (("surveys", SURVEY, "source"), KeyError, ["missing key 'surveys.simulated_cosmos.source'"]),
    (("surveys", SURVEY), COSMOS | {"sample": 24}, ["sample is 24", "allowed: 23.5, 25.2"]),
    (("surveys", SURVEY), COSMOS | {"hash": "e05c"}, ["hash is 'e05c'", "matches ^(md5:"]),
    (("surveys", SURVEY), COSMOS | {"url": "http://x/y"}, ["unknown key 'surveys.simulated_cosmos.url'"]),
    (("surveys", SURVEY), URL | {"hash": "sha1:00"}, ["hash is 'sha1:00'", "sha256:"]),
    (("surveys", SURVEY), {k: v for k, v in URL.items() if k != "hash"}, ["missing key", ".hash"]),
    (("surveys", SURVEY), URL | {"url": "ftp://x/y"}, ["url is 'ftp://x/y'", "^https?://"]),
    (("surveys", SURVEY), URL | {"catalog": "../a.fits"}, ["catalog is '../a.fits'", "real_galaxy_catalog"]),
    (("surveys", SURVEY), URL | {"unpacked_limit_gb": 0}, ["unpacked_limit_gb is 0", "more than 0"]),
    (("surveys", "Big Survey"), DEFAULT["surveys"][SURVEY], ["'Big Survey'", "allowed: ^[a-z]"]),
    # In Python a pattern's $ is before a last line break, too.
    (("surveys", "mine\n"), DEFAULT["surveys"][SURVEY], [r"'mine\n'", "allowed: ^[a-z]"]),
    (("datasets", "mine\n"), DEFAULT["datasets"][DATASET], [r"'mine\n'", "allowed: ^[a-z]"]),
    (("models", "mine\n"), DEFAULT["models"][MODEL], [r"'mine\n'", "allowed: ^[a-z]"]),
    (("plugins",), ["mine\n"], [r"plugins[0] is 'mine\n'", "matches ^[a-z]"]),
    (("results",), "out\n", [r"results is 'out\n'", "control characters"]),
    (("surveys", SURVEY), URL | {"hash": URL["hash"] + "\n"}, ["hash is 'md5:0", "sha256:"]),
    (("surveys", SURVEY), URL | {"url": URL["url"] + "\n"}, ["url is 'https://mirror", "^https?://"]),
    (("surveys", SURVEY), URL | {"catalog": URL["catalog"] + "\n"}, ["catalog is ", "real_galaxy_catalog"]),
    (("datasets", DATASET, "survey"), "cosmos", ["survey is 'cosmos'", "allowed: simulated_cosmos"]),
    (
        ("datasets", DATASET, "stamps", "size"),
        32,
        ["danilov_beta_vae", "1 x 32 x 32 (channels", "allowed: 1 or 3 channels, 64 x 64"],
    ),
    ((*STAMPS, "mode"), "crop", ["stamps.mode is 'crop'", "allowed: fit, fixed"]),
    ((*STAMPS, "mode"), "fixed", ["missing key", "stamps.pixel_scale"]),
    ((*STAMPS, "pixel_scale"), 0.03, ["stamps.pixel_scale", "value 0.03"]),
    ((*STAMPS, "psf", "kind"), "none", ["psf.kind is 'none'", "original, gaussian", "explodes"]),
    ((*STAMPS, "psf", "kind"), "gaussian", ["missing key", "stamps.psf.fwhm"]),
    ((*STAMPS, "psf"), {"kind": "gaussian", "fwhm": 0.05}, ["psf.fwhm is 0.05", "at least 0.12"]),
    (("datasets", DATASET, "split", "test"), 0.95, ["validation + test is 1.05", "less than 1"]),
    (("datasets", DATASET, "split", "test"), 512, ["split.validation is 0.1", "whole number of stamps"]),
    (("datasets", DATASET, "split", "train"), 100, ["split.validation is 0.1", "whole number of stamps"]),
    (("datasets", DATASET, "split", "train"), 0.7, ["split.train is 0.7", "allowed: integer"]),
    (("datasets", DATASET, "split", "test"), 0, ["split.test is 0", "more than 0"]),
    (
        ("datasets", DATASET, "split"),
        {"validation": 10, "test": 10.5},
        ["split.test is 10.5", "whole number of stamps"],
    ),
    ((*LIMITS, "snr", "minimum"), 200, ["limits.snr.minimum is 200", "at most its maximum, 100"]),
    ((*LIMITS, "srn"), {"minimum": 1}, ["'srn'", "did you mean 'snr'"]),
    (("models", MODEL, "settings", "divergence", "weight"), -1, ["divergence.weight is -1", "at least 0"]),
    (("models", MODEL, "settings", "smapler"), 1, ["settings.smapler", "did you mean 'sampler'"]),
    (
        ("models", MODEL, "settings", "network_settings", "latent_size"),
        0,
        ["network_settings.latent_size is 0", "at least 1"],
    ),
    (
        ("models", "goupil_vae_3conv", "settings", "network_settings", "layers"),
        4,
        ["network_settings.layers is 4; allowed: 3, 8"],
    ),
    (("models", MODEL, "settings", "network_settings", "laten_size"), 4, ["did you mean 'latent_size'"]),
    (("models", MODEL, "settings", "network"), "danilow", ["did you mean 'danilov'"]),
    (
        ("models", MODEL, "settings", "reconstruction", "output"),
        "linear",
        ["settings.reconstruction.output is 'linear'", "allowed: sigmoid"],
    ),
    # What a component hands on to another is checked as that one's.
    (
        ("models", "goupil_two_stage_vae", "settings", "reconstruction"),
        {"loss": "mse", "pixel_range": 255, "output": "linear", "los": "mse"},
        ["unknown key 'models.goupil_two_stage_vae.settings.reconstruction.los'", "did you mean 'loss'"],
    ),
    (
        ("models", "goupil_two_stage_vae", "settings", "divergence", "per"),
        "banana",
        ["settings.divergence.per is 'banana'", "allowed: pixel, image, batch"],
    ),
    (("models", MODEL, "family"), "vea", ["family is 'vea'", "did you mean 'vae'", "progressive_gan"]),
    (("models", MODEL, "settings", "network"), "danlov", ["network is 'danlov'", "did you mean 'danilov'"]),
    (("models", MODEL, "recipe", "optimizer"), {}, ["missing key", "optimizer.learning_rate"]),
    ((*RECIPE, "ema"), 1, ["recipe.ema is 1", "less than 1"]),
    ((*RECIPE, "gradient_clip"), 0, ["recipe.gradient_clip is 0", "more than 0"]),
    ((*RECIPE, "early_stopping"), 0, ["recipe.early_stopping is 0", "at least 1"]),
    ((*RECIPE, "keep"), "first", ["recipe.keep is 'first'", "allowed: last, best"]),
    ((*RECIPE, "film"), {"frames": 24}, ["missing key", "recipe.film.stamps"]),
    (
        (*RECIPE, "optimizer", "phases"),
        {"critic": {"learning_rate": 1e-4}},
        ["recipe.optimizer.phases is 'critic'", "allowed: model"],
    ),
    (
        (*RECIPE, "optimizer", "phases"),
        {"model": {"rate": 1e-4}},
        ["unknown key", "optimizer.phases.model.rate", "allowed: betas, learning_rate"],
    ),
    ((*LIMITS, "render_status"), {"minimum": 1}, ["'render_status'", "allowed: "]),
    (("models", MODEL, "recipe", "epochs"), KeyError, ["missing key", "recipe.epochs"]),
    (("runs",), [], ["runs is []", "1 or more"]),
    (("runs",), [RUN | {"models": ["danilov_betavae"]}], ["did you mean 'danilov_beta_vae'"]),
    (("runs",), [RUN | {"dataset": "cosmos"}], ["runs[0].dataset is 'cosmos'", "allowed: simulated"]),
    (("runs",), [RUN, RUN], ["'danilov_beta_vae' on dataset 'simulated_cosmos'", "allowed: once"]),
    (("runs",), [RUN | {"models": []}], ["runs names no model"]),
    (
        ("runs",),
        [RUN | {"settings": {"sampler": "normal"}}],
        ["runs[0].settings.sampler", "prior, gaussian, flow"],
    ),
    (
        ("runs",),
        [RUN | {"models": ["laisney_gan"]}],
        ["'laisney_gan'", "64 x 64", "28 x 28"],
    ),
    (
        ("models", "laisney_gan", "settings", "fake"),
        "nois",
        ["models.laisney_gan.settings.fake is 'nois'", "allowed: generator, noise"],
    ),
    (
        ("models", "progressive_wgan", "settings", "growth_share"),
        1,
        ["settings.growth_share is 1", "less than 1"],
    ),
    (
        ("models", "eth_dcgan", "recipe", "optimizer", "phases"),
        {"critic": {"learning_rate": 4e-4}},
        ["recipe.optimizer.phases is 'critic'", "allowed: discriminator, generator"],
    ),
    (("training", "device"), "gpu", ["training.device is 'gpu'", "allowed: auto, cpu, cuda"]),
    (("training", "threads"), 1.5, ["training.threads is 1.5", "allowed: integer"]),
    (("evaluation", "controls"), ["memorizer"], ["controls[0] is 'memorizer'", "control_memorizer"]),
    (
        ("evaluation", "features", "inception"),
        "no/inception.pt",
        ["evaluation.features.inception is 'no/inception.pt'", "does not exist", "allowed: null, or"],
    ),
    (
        ("evaluation", "features", "inception"),
        str(PROJECT / "README.md"),
        ["README.md'", "is no TorchScript file", "allowed: null, or"],
    ),
    (("evaluation", "resamples"), 1, ["evaluation.resamples is 1", "at least 10"]),
    (("models", "control_mine"), DEFAULT["models"][MODEL], ["models: 'control_mine'", "control_"]),
    ((*PICTURE_STAMPS, "mode"), "fit", ["missing key", "hubble_deep_field.stamps.psf"]),
    (
        (*STAMPS,),
        DEFAULT["datasets"]["hubble_deep_field"]["stamps"],
        ["stamps.mode is 'picture'", "source 'simulated'", "allowed: fit, fixed"],
    ),
    (
        ("datasets", PICTURES, "survey"),
        SURVEY,
        ["hubble_deep_field.stamps.mode is 'picture'", "'simulated_cosmos'", "allowed: fit, fixed"],
    ),
    ((*PICTURE_STAMPS, "preprocessing"), "laisny", ["is 'laisny'", "did you mean 'laisney'"]),
    ((*PICTURE_STAMPS, "value_range"), [0, 255], ["value_range is [0, 255]", "[0, 1], [-1, 1]"]),
    ((*PICTURE_STAMPS, "size"), 8, ["stamps.size is 8", "at least 16"]),
    (("preprocessing", "laisney", "side"), 0, ["preprocessing.laisney.side is 0", "at least 1"]),
    (("preprocessing", "whole", "filter"), "cubic", ["whole.filter is 'cubic'", "box, bilinear"]),
    (("preprocessing", "whole", "channels"), 4, ["whole.channels is 4", "allowed: 1, 3"]),
    (
        ("preprocessing", "whole"),
        DEFAULT["preprocessing"]["laisney"] | {"border": 5},
        ["preprocessing.whole.border is 5", "allowed: 0 where side"],
    ),
    (("datasets", PICTURES, "augmentation", "rotation"), "all", ["rotation is 'all'", "right_angles, free"]),
    (("datasets", PICTURES, "augmentation", "translation"), 4, ["translation is 4", "at most 0.25"]),
    (("datasets", PICTURES, "augmentation", "colour"), True, ["augmentation.colour", "allowed: flips"]),
    (("surveys", PICTURES, "minimum_area"), 1, ["minimum_area is 1", "at least 10"]),
    (("surveys", PICTURES), {"source": "image_folder", "credit": ""}, ["missing key", ".path"]),
    (
        ("surveys", PICTURES),
        FOLDER | {"table": "a.csv"},
        ["table is 'a.csv'", "'table' and 'key' together"],
    ),
    (("surveys", PICTURES), FOLDER | {"image_size": [424]}, ["image_size is [424]", "2 or more"]),
    (("surveys", PICTURES), KAGGLE | {"key": "Id"}, ["unknown key", "hubble_deep_field.key"]),
    (("surveys", PICTURES), COSMOLOGY | {"part": "query"}, ["part is 'query'", "labeled, scored"]),
    (("surveys", PICTURES), {"source": "galaxy_zoo_2", "images_hash": "x"}, ["images_hash is 'x'", "md5:"]),
    (
        ("surveys", "simulated_cosmology", "count"),
        1,
        ["surveys.simulated_cosmology.count is 1", "at least 2"],
    ),
    (("training", "data"), "disk", ["training.data is 'disk'", "allowed: auto, resident, streamed"]),
    (("training", "precision"), "float16", ["training.precision is 'float16'", "float32, bfloat16"]),
    (("training", "compile"), "yes", ["training.compile is 'yes'", "allowed: auto, True, False"]),
    (("training", "tensorboard"), "logs", ["training.tensorboard is 'logs'", "allowed: boolean"]),
    (("evaluation", "parameters"), ["ginni"], ["parameters[0] is 'ginni'", "gini"]),
]


@pytest.mark.parametrize(("path", "value", "words"), FAULTS)
def test_a_fault_is_one_line_with_key_value_and_what_is_allowed(path, value, words):
    with pytest.raises(ConfigurationError) as caught:
        validate_configuration(changed(path, value))
    message = str(caught.value)
    first, *others = message.split("\n")
    assert not others or first == f"{len(others)} faults:", "each in a line of its own"
    for word in words:
        assert word in message, message


def test_all_faults_are_told_in_one_go():
    """Each run told one fault; a model without paper came after all others were mended."""
    config = copy.deepcopy(DEFAULT)
    config["seed"] = "one"
    config["datasets"][DATASET]["selection"]["limits"] = {
        "mag": {"maximum": 24}, "snr": {"minimum": 9, "maximum": 3},
    }  # fmt: skip
    config["datasets"][DATASET]["stamps"]["site"] = config["datasets"][DATASET]["stamps"].pop("size")
    config["models"][MODEL]["settings"]["network"] = "danlov"
    config["runs"][0]["models"].append("nobody")
    with pytest.raises(ConfigurationError) as caught:
        validate_configuration(config)
    lines = str(caught.value).split("\n")
    assert lines[0] == "6 faults:"
    for words in (
        f"unknown key 'datasets.{DATASET}.stamps.site' with value 64 (did you mean 'size'?)",
        "seed is 'one'; allowed: integer",
        f"datasets.{DATASET}.selection.limits is 'mag' (did you mean 'mag_auto'?)",
        f"datasets.{DATASET}.selection.limits.snr.minimum is 9; allowed: at most its maximum, 3",
        f"models.{MODEL}.settings.network is 'danlov' (did you mean 'danilov'?)",
        "runs[0].models is 'nobody'",
    ):
        assert sum(words in line for line in lines) == 1, (words, lines)


def test_a_limit_that_is_half_a_name_is_told_the_whole_one_and_no_list():
    with pytest.raises(ConfigurationError) as caught:
        validate_configuration(changed(("datasets", DATASET, "selection", "limits"), {"mag": {}}))
    assert str(caught.value).endswith("selection.limits is 'mag' (did you mean 'mag_auto'?)")


def test_a_model_of_ones_own_needs_no_paper():
    config = copy.deepcopy(DEFAULT)
    del config["models"][MODEL]["paper"]
    validate_configuration(config)
    assert report_settings(config, DEFAULT)["datasets"][0]["models"][0]["paper"] == ""


def test_channels_that_a_model_does_not_take_stop_before_any_job(monkeypatch):
    monkeypatch.setattr(run_checks, "image_shape", lambda config, dataset: (2, 64, 64))
    with pytest.raises(ConfigurationError, match=r"beta_vae.* 2 x 64 x 64 .*allowed: 1 or 3 channels, 64"):
        validate_configuration(DEFAULT)


def test_one_scale_and_a_gaussian_psf_are_valid_and_reach_the_stage():
    config = changed(
        STAMPS,
        DEFAULT["datasets"][DATASET]["stamps"]
        | {"mode": "fixed", "pixel_scale": 0.03, "psf": {"kind": "gaussian", "fwhm": 0.2}},
    )
    validate_configuration(config)
    settings = parse_settings(render_stamps.Settings, canonical(render_settings(config, DATASET, 0, 4)))
    assert settings.frame == Frame(64, 0.03, 0.2, even_noise=True)
    default = parse_settings(render_stamps.Settings, canonical(render_settings(DEFAULT, DATASET, 0, 4)))
    assert default.frame == Frame(64)


@pytest.mark.parametrize("survey", [FOLDER, KAGGLE, COSMOLOGY, {"source": "galaxy_zoo_2"}])
def test_a_survey_with_a_table_of_its_own_may_be_limited_by_its_columns(survey):
    config = changed(("surveys", PICTURES), survey)
    config["datasets"][PICTURES]["selection"]["limits"] = {"Class1.1": {"minimum": 0.5}}
    validate_configuration(config)
    own = changed(("datasets", PICTURES, "selection", "limits"), {"Class1.1": {"minimum": 0.5}})
    with pytest.raises(ConfigurationError, match=r"Class1\.1"):
        validate_configuration(own)


def test_each_source_of_pictures_reaches_its_stage_in_the_same_words():
    def settings(survey):
        return survey_settings(changed(("surveys", PICTURES), survey), PICTURES)

    assert settings(KAGGLE) == {
        "source": "galaxy_zoo_kaggle", "path": "images.zip", "table": "solutions.csv", "key": "GalaxyID",
        "credit": settings(KAGGLE)["credit"],
    }  # fmt: skip
    assert "Willett" in settings(KAGGLE)["credit"]
    cosmology = settings(COSMOLOGY)
    assert (cosmology["path"], cosmology["table"], cosmology["key"]) == (
        "images/scored",
        "images/scored.csv",
        "Id",
    )
    zenodo = settings({"source": "galaxy_zoo_2"})
    assert zenodo["images_url"] == "https://zenodo.org/records/3565489/files/images_gz2.zip"
    config = changed(("surveys", PICTURES), KAGGLE)
    assert picture_settings(config, PICTURES, 0, 1)["image_size"] == (424, 424)


def test_the_papers_preprocessing_is_the_papers():
    recipes = DEFAULT["preprocessing"]
    assert (recipes["goupil"]["border"], recipes["goupil"]["side"]) == (100, None)
    assert (recipes["laisney"]["border"], recipes["laisney"]["side"]) == (0, 207)
    assert recipes["eth"]["channels"] == 1
    assert DEFAULT["datasets"][PICTURES]["augmentation"]["translation"] == pytest.approx(4 / 424, rel=0.01)


def test_settings_are_canonical():
    assert canonical({"b": 1, "a": [1.5, None]}) == '{"a":[1.5,null],"b":1}'


SAMPLED = {"sample", "control", "morphology", "evaluation", "features"}

STAGES = {
    "survey": lambda config: survey_settings(config, SURVEY),
    "render": lambda config: render_settings(config, DATASET, 0, 4),
    "selection": lambda config: selection_settings(config, DATASET),
    "dataset": lambda config: dataset_settings(config, DATASET),
    "card": lambda config: data_card_settings(config, DATASET),
    "training": lambda config: training_settings(config, DATASET, MODEL),
    "sample": sample_settings,
    "control": lambda config: control_settings(config, DATASET, runs.PARAMETRIC_CONTROL),
    "feature network": feature_network_settings,
    "features": feature_settings,
    "noise matching": noise_matching_settings,
    "morphology": morphology_settings,
    "evaluation": evaluation_settings,
    "model figures": lambda config: model_figure_settings(config, MODEL),
    "probes": probe_settings,
    "latents": latent_settings,
    "bounds": lambda config: bound_settings(config, DATASET),
    "report": lambda config: report_settings(config, DEFAULT),
    "picture survey": lambda config: survey_settings(config, PICTURES),
    "pictures": lambda config: picture_settings(config, PICTURES, 0, 1),
    "picture dataset": lambda config: dataset_settings(config, PICTURES),
    "picture training": lambda config: training_settings(
        config | {"runs": [RUN | {"dataset": PICTURES}]}, PICTURES, MODEL
    ),
    "augmentation figure": lambda config: augmentation_figure_settings(config, PICTURES),
}

SAMPLED = {"sample", "control", "morphology", "evaluation", "features"}


@pytest.mark.parametrize(
    ("path", "value", "stages"),
    [
        (("surveys", SURVEY, "count"), 7, {"survey", "dataset", "report"}),
        (("datasets", DATASET, "stamps", "shards"), 9, {"report"}),
        ((*STAMPS, "psf"), {"kind": "gaussian", "fwhm": 0.3}, {"render", "dataset", "control", "report"}),
        (("datasets", DATASET, "split", "test"), 0.3, {"dataset", "report"}),
        (("datasets", DATASET, "description"), "another", {"card", "report"}),
        ((*LIMITS, "snr", "minimum"), 9, {"selection", "dataset", "report"}),
        (
            ("models", MODEL, "settings", "divergence", "weight"),
            0.5,
            {"training", "picture training", "report"},
        ),
        (("runs", 0, "recipe", "epochs"), 3, {"training", "report"}),
        (("evaluation", "count"), 50, SAMPLED | {"report"}),
        (("evaluation", "parameters"), ["gini"], {"evaluation", "latents", "report"}),
        (("evaluation", "resamples"), 20, {"evaluation", "report"}),
        (("evaluation", "features", "size"), 20, {"feature network", "report"}),
        (("evaluation", "features", "inception"), "inception.pt", {"report"}),
        (("evaluation", "controls"), [], {"report"}),
        (("evaluation", "segmentation", "threshold"), 2.0, {"morphology", "report"}),
        (("latents", "traversed"), 3, {"probes", "report"}),
        (("latents", "snr"), [50], {"probes", "latents", "report"}),
        (("report", "title"), "another", {"report"}),
        (("results",), "elsewhere", set()),
        (("datasets", PICTURES, "augmentation", "flips"), False, {"picture training", "augmentation figure"}),
        ((*PICTURE_STAMPS, "value_range"), [-1, 1], {"picture dataset"}),
        ((*PICTURE_STAMPS, "size"), 32, {"pictures", "picture dataset"}),
        (("preprocessing", "whole", "filter"), "box", {"pictures", "picture dataset"}),
        (("preprocessing", "laisney", "side"), 200, set()),
        (("surveys", PICTURES, "threshold"), 2.0, {"picture survey", "picture dataset"}),
    ],
)
def test_a_changed_key_changes_the_stages_that_read_it_and_no_others(path, value, stages):
    config = changed(path, value)
    found = {name for name, of in STAGES.items() if canonical(of(config)) != canonical(of(DEFAULT))}
    assert found == stages


def test_the_published_samples_are_downloads_with_what_is_known_of_them():
    def settings(**changes):
        return survey_settings(changed(("surveys", SURVEY), COSMOS | changes), SURVEY)

    known = settings()
    assert known["url"] == "https://zenodo.org/records/3242143/files/COSMOS_25.2_training_sample.tar.gz"
    assert known["hash"] == "md5:e05cfe60c037c645d61ac70545cc2a99"
    assert known["catalog"] == "real_galaxy_catalog_25.2.fits"
    assert "Zenodo record 3242143" in known["credit"]
    other = settings(sample=23.5)
    assert other == settings(sample="23.5")
    assert other["hash"] is None
    assert settings(sample="23.5", hash=URL["hash"])["hash"] == URL["hash"]
    assert settings(credit="me")["credit"] == "me"


def test_a_hash_that_is_pinned_later_makes_no_dataset_again():
    plain, pinned = (changed(("surveys", SURVEY), COSMOS | extra) for extra in ({}, {"hash": URL["hash"]}))
    assert dataset_settings(plain, DATASET) == dataset_settings(pinned, DATASET)
    assert survey_settings(plain, SURVEY) != survey_settings(pinned, SURVEY)


def test_cuts_keep_the_order_in_which_they_are_written():
    limits = {"width": {"minimum": 2}, "snr": {"minimum": 20}, "mag_auto": {"maximum": 23}}
    written, sorted_limits = (
        selection_settings(changed(LIMITS, value), DATASET)
        for value in (limits, dict(sorted(limits.items())))
    )
    assert [column for column, _ in json.loads(canonical(written))["limits"]] == list(limits)
    assert canonical(written) != canonical(sorted_limits), "another order is another attrition table"


def test_the_papers_split_is_the_papers():
    paper = read_yaml(PROJECT / "config/paper.yaml")
    assert paper["datasets"]["cosmos"]["split"] == {"train": 15520, "validation": 1248, "test": 512}


def reported(config, number=0):
    return report_settings(config, DEFAULT)["datasets"][0]["models"][number]


def test_a_run_overrides_the_papers_recipe_and_the_report_says_where():
    config = changed(("runs",), [RUN | {"recipe": {"epochs": 3, "optimizer": {"learning_rate": 0.5}}}])
    recipe = training_settings(config, DATASET, MODEL)["recipe"]
    assert recipe["epochs"] == 3
    assert recipe["optimizer"] == {"learning_rate": 0.5, "betas": [0.5, 0.999]}
    assert reported(config)["overrides"] == {
        "recipe.epochs": {"paper": 150, "run": 3},
        "recipe.optimizer.learning_rate": {"paper": 1e-7, "run": 0.5},
    }


def test_whether_a_training_is_watched_is_not_among_what_its_weights_depend_on():
    for watched in (True, False):
        settings = training_settings(changed(("training", "tensorboard"), watched), DATASET, MODEL)
        assert "tensorboard" not in settings
        assert {"device", "threads", "data", "precision", "compile"} <= settings.keys()
    assert device_settings(DEFAULT).keys() == {"device", "threads"}


def test_a_recipe_that_a_user_edited_is_not_called_the_papers():
    plain = changed(("runs",), [RUN])
    assert reported(plain)["overrides"] == {}
    edited = merged(plain, {"models": {MODEL: {"recipe": {"batch_size": 16, "schedule": {"factor": 0.5}}}}})
    assert reported(edited)["overrides"] == {
        "recipe.batch_size": {"paper": 32, "run": 16},
        "recipe.schedule.factor": {"paper": None, "run": 0.5},
    }
    another = merged(plain, {"models": {MODEL: {"family": "two_stage_vae"}}})
    assert list(reported(another)["overrides"]) == ["family"]
    own = merged(plain, {"models": {"mine": plain["models"][MODEL]}, "runs": [RUN | {"models": ["mine"]}]})
    assert reported(own)["overrides"] is None


def test_a_model_keeps_its_colour_when_others_are_run_or_added():
    few = changed(("runs",), [RUN | {"models": ["goupil_vae_3conv", MODEL]}])
    more = changed(("runs",), [*few["runs"], RUN | {"models": ["eth_mlp_vae"]}])
    added = merged(more, {"models": {"mine": DEFAULT["models"][MODEL]}})
    places = [
        [runs.model_position(config, name) for name in ("goupil_vae_3conv", MODEL)]
        for config in (few, more, added)
    ]
    assert places[0] == places[1] == places[2]
    every = [runs.model_position(added, name) for name in added["models"]]
    assert every == list(range(len(added["models"])))


def test_a_label_is_for_people_and_belongs_to_one_model():
    config = changed(("models", MODEL, "label"), "β-VAE (Danilov 2020)")
    validate_configuration(config, DEFAULT)
    assert model_style_settings(config, MODEL)["label"] == "β-VAE (Danilov 2020)"
    assert model_style_settings(config, "eth_dcgan")["label"] == "eth_dcgan"
    config["models"]["eth_dcgan"]["label"] = "β-VAE (Danilov 2020)"
    with pytest.raises(ConfigurationError, match=r"label is 'β-VAE .* is what .* is called, too"):
        validate_configuration(config, DEFAULT)
    for bad in ("", "two\nlines", "x" * 61):
        with pytest.raises(ConfigurationError, match=rf"models\.{MODEL}\.label"):
            validate_configuration(changed(("models", MODEL, "label"), bad), DEFAULT)


def test_bounded_models_are_in_the_order_of_their_bounds():
    flows = ["danilov_flow_vae_64", MODEL, "danilov_flow_vae_04"]
    config = changed(("runs",), [RUN | {"models": flows}])
    assert runs.bounded_models(config, DATASET) == {"danilov_flow_vae_04": 4, "danilov_flow_vae_64": 64}
    assert [entry["position"] for entry in bound_settings(config, DATASET)["models"]] == [2, 9]
    files = report_files(config)
    assert f"<results>/comparison/{DATASET}/bound_snr.png" in files
    assert f"<results>/leaderboard/{DATASET}.csv" in files
    assert f"<results>/evaluation/{DATASET}/{MODEL}/traversals.pdf" in files
    assert f"<results>/evaluation/{DATASET}/control_memorizer/thumbnail.png" in files
    assert f"<results>/dataset/{DATASET}/stamps.png" in files
    without = changed(("runs",), [RUN])
    assert not any("bound" in path for path in report_files(without))


def test_the_papers_recipe_is_the_papers():
    recipe = DEFAULT["models"]["danilov_beta_vae"]["recipe"]
    assert recipe["batch_size"] == 32
    assert recipe["optimizer"] == {"learning_rate": 1e-7, "betas": [0.5, 0.999]}
    divergence = DEFAULT["models"]["danilov_beta_vae"]["settings"]["divergence"]
    assert divergence == {"weight": 1e-2, "per": "pixel", "bound": None}


def test_differences_are_told_setting_by_setting():
    paper = {"epochs": 100, "optimizer": {"learning_rate": 1e-3, "phases": None}, "ema": 0.999}
    run = {"epochs": 18, "optimizer": {"learning_rate": 1e-3, "phases": {"critic": {"learning_rate": 2e-3}}}}
    assert differences(paper, run) == {
        "epochs": {"paper": 100, "run": 18},
        "optimizer.phases.critic.learning_rate": {"paper": None, "run": 2e-3},
        "ema": {"paper": 0.999, "run": None},
    }


def test_every_stage_takes_the_settings_that_it_is_given():
    """Each entry's own type accepts what the configuration makes for it: the two cannot drift apart."""
    from workflow_scripts.dataset import (
        build_data_card,
        build_dataset,
        plot_augmentation,
        plot_dataset,
        plot_preparation,
        plot_rendering,
        select_stamps,
    )
    from workflow_scripts.evaluation import (
        build_leaderboard,
        compare_samples,
        draw_control,
        evaluate_model,
        match_noise,
        measure_features,
        measure_morphology,
        plot_evaluation,
        plot_model,
        train_feature_network,
    )
    from workflow_scripts.latents import analyse_latents, compare_bounds, plot_latents, relate_physics
    from workflow_scripts.report import build_report
    from workflow_scripts.sampling import draw_grid, draw_sample, probe_latents, reconstruct_stamps
    from workflow_scripts.stamps import prepare_pictures
    from workflow_scripts.survey import (
        cut_deep_field,
        download_pictures,
        download_survey,
        import_pictures,
        import_survey,
        simulate_cosmology,
        simulate_survey,
    )
    from workflow_scripts.training import train_model

    local = overlaid("config/cosmos_btk.yaml")
    pairs = [
        (simulate_survey, survey_settings(DEFAULT, SURVEY)),
        (import_survey, survey_settings(local, "cosmos_btk")),
        (
            download_survey,
            survey_settings(changed(("surveys", SURVEY), COSMOS), SURVEY),
        ),
        (download_survey, survey_settings(changed(("surveys", SURVEY), URL), SURVEY)),
        (render_stamps, render_settings(DEFAULT, DATASET, 0, 4)),
        (cut_deep_field, survey_settings(DEFAULT, PICTURES)),
        (simulate_cosmology, survey_settings(DEFAULT, "simulated_cosmology")),
        *(
            (
                import_pictures,
                survey_settings(changed(("surveys", PICTURES), survey), PICTURES),
            )
            for survey in (FOLDER, KAGGLE, COSMOLOGY)
        ),
        (
            download_pictures,
            survey_settings(changed(("surveys", PICTURES), {"source": "galaxy_zoo_2"}), PICTURES),
        ),
        (prepare_pictures, picture_settings(DEFAULT, PICTURES, 0, 1)),
        (build_dataset, dataset_settings(DEFAULT, PICTURES)),
        (plot_dataset, dataset_figure_settings(DEFAULT, PICTURES)),
        (plot_preparation, preparation_figure_settings(DEFAULT, PICTURES)),
        (plot_augmentation, augmentation_figure_settings(DEFAULT, PICTURES)),
        (
            plot_augmentation,
            augmentation_figure_settings(DEFAULT, "simulated_cosmology"),
        ),
        (
            train_model,
            training_settings(changed(("runs",), [RUN | {"dataset": PICTURES}]), PICTURES, MODEL),
        ),
        (select_stamps, selection_settings(DEFAULT, DATASET)),
        (build_dataset, dataset_settings(DEFAULT, DATASET)),
        (plot_rendering, rendering_figure_settings(DEFAULT, DATASET)),
        (build_data_card, data_card_settings(DEFAULT, DATASET)),
        (plot_dataset, dataset_figure_settings(DEFAULT, DATASET)),
        (train_model, training_settings(DEFAULT, DATASET, MODEL)),
        (draw_sample, sample_settings(DEFAULT)),
        (reconstruct_stamps, device_settings(DEFAULT)),
        (measure_morphology, real_morphology_settings(DEFAULT)),
        (
            draw_control,
            control_settings(DEFAULT, DATASET, runs.PARAMETRIC_CONTROL),
        ),
        (draw_control, control_settings(DEFAULT, DATASET, "control_memorizer")),
        (train_feature_network, feature_network_settings(DEFAULT)),
        (measure_features, feature_settings(DEFAULT)),
        (measure_features, real_feature_settings(DEFAULT)),
        (match_noise, noise_matching_settings(DEFAULT)),
        (evaluate_model, evaluation_settings(DEFAULT)),
        (build_leaderboard, leaderboard_settings(DEFAULT, DATASET)),
        (plot_model, model_figure_settings(DEFAULT, MODEL)),
        (plot_evaluation, evaluation_figure_settings(DEFAULT, MODEL)),
        (plot_evaluation, evaluation_figure_settings(DEFAULT, "control_memorizer")),
        (probe_latents, probe_settings(DEFAULT)),
        (analyse_latents, latent_settings(DEFAULT)),
        (draw_grid, grid_settings(DEFAULT)),
        (relate_physics, physics_settings(DEFAULT)),
        (plot_latents, model_style_settings(DEFAULT, MODEL)),
        (compare_samples, comparison_settings(DEFAULT, DATASET)),
        (compare_bounds, bound_settings(DEFAULT, DATASET)),
        (build_report, report_settings(DEFAULT, DEFAULT)),
    ]
    for entry, settings in pairs:
        assert parse_settings(get_type_hints(entry.main)["settings"], canonical(settings))
    with pytest.raises(ValueError, match="extra"):
        parse_settings(
            render_stamps.Settings,
            json.dumps(render_settings(DEFAULT, DATASET, 0, 4) | {"extra": 2}),
        )
