"""The section ``experiments``: what it is expanded to, and what is refused before any job."""

import pytest

from galforge.configuration.experiments import trials, variants, with_experiments
from galforge.configuration.layout import SAMPLE
from galforge.configuration.mappings import canonical, differences, merged
from galforge.configuration.runs import is_trained, models_of, run_model
from galforge.configuration.stages.evaluation import leaderboard_settings
from galforge.configuration.stages.experiments import (
    gathering_settings,
    judged,
    page_settings,
    training_files,
)
from galforge.configuration.stages.report import report_settings
from galforge.configuration.stages.training import training_settings
from galforge.configuration.validation import validate_configuration
from galforge.core.errors import ConfigurationError
from galforge.evaluation.reconstruction import kept_names
from galforge.evaluation.score_names import score_names
from galforge.evaluation.score_table import SCORES
from tests.helpers.configurations import default, overlaid

DATASET, MODEL = "simulated_cosmos", "laisney_mlp_vae_2"
DROPOUT = "settings.network_settings.dropout"
FLIPS = {"flips": True, "rotation": "none", "translation": 0}


def config_with(**changes):
    experiment = {
        "description": "How much of the input is dropped.",
        "dataset": DATASET,
        "model": MODEL,
        "recipe": {"epochs": 3},
        "grid": {DROPOUT: [0.1, 0.2]},
        "repeats": 2,
        "measures": {"validation_loss": "lowest"},
        "pictures": ["samples"],
    }
    return {**default(), "experiments": {"dropout": {**experiment, **changes}}}


def settings_of(config, name="dropout"):
    """Return the settings of each training, by the name of its model."""
    expanded = with_experiments(config)
    return {
        trial.model: training_settings(expanded, trial.dataset, trial.model) for trial in trials(config, name)
    }


def test_each_point_and_repeat_is_a_training_with_the_grids_value():
    config = config_with()
    validate_configuration(config)
    settings = settings_of(config)
    assert len(settings) == 4
    dropped = [each["settings"]["network_settings"]["dropout"] for each in settings.values()]
    assert dropped == [0.1, 0.1, 0.2, 0.2]
    paper = config["models"][MODEL]
    for each in settings.values():
        assert each["recipe"] == {**paper["recipe"], "epochs": 3}
        assert set(differences(paper["settings"], each["settings"])) <= {"network_settings.dropout"}


def test_repeats_differ_in_the_name_that_their_seeds_come_from_and_in_nothing_else():
    first, second, *_ = settings_of(config_with()).values()
    assert first.pop("model") != second.pop("model")
    assert first == second


def test_several_keys_make_every_combination():
    config = config_with(grid={DROPOUT: [0.1, 0.2], "recipe.batch_size": [8, 16, 32]}, repeats=1)
    validate_configuration(config)
    assert [variant.label for variant in variants(config, "dropout")] == [
        "0.1, 8", "0.1, 16", "0.1, 32", "0.2, 8", "0.2, 16", "0.2, 32",
    ]  # fmt: skip
    batches = [each["recipe"]["batch_size"] for each in settings_of(config).values()]
    assert batches == [8, 16, 32] * 2


def test_named_values_change_several_keys_at_once():
    grid = {
        "recipe": {
            "fixed": {"optimizer": {"learning_rate": 1e-3}},
            "decay": {"schedule": {"name": "exponential", "factor": 0.97}},
        }
    }
    config = config_with(grid=grid, repeats=1)
    validate_configuration(config)
    fixed, decay = (each["recipe"] for each in settings_of(config).values())
    assert fixed["optimizer"]["learning_rate"] == 1e-3 and fixed["schedule"]["name"] == "constant"
    assert decay["schedule"] == {"name": "exponential", "factor": 0.97}
    assert fixed["epochs"] == decay["epochs"] == 3


def test_models_datasets_and_augmentations_can_be_compared():
    config = config_with(grid={"model": [MODEL, "eth_mlp_vae"]}, repeats=1)
    validate_configuration(config)
    assert [each["family"] for each in settings_of(config).values()] == ["vae", "vae"]
    networks = [each["settings"]["network"] for each in settings_of(config).values()]
    assert networks == ["laisney_mlp", "eth_mlp"]

    config = config_with(grid={"dataset": [DATASET, "simulated_cosmos_28"]}, repeats=1)
    validate_configuration(config)
    assert [each["dataset"] for each in settings_of(config).values()] == [DATASET, "simulated_cosmos_28"]

    config = config_with(grid={"augmentation": {"without": None, "with": FLIPS}}, repeats=1)
    validate_configuration(config)
    without, augmented = settings_of(config).values()
    assert "augmentation" not in without and augmented["augmentation"] == FLIPS


def test_null_takes_a_datasets_own_augmentation_away():
    config = merged(config_with(), {"datasets": {DATASET: {"augmentation": FLIPS}}})
    assert all(each["augmentation"] == FLIPS for each in settings_of(config).values())
    config = merged(config, {"experiments": {"dropout": {"augmentation": None}}})
    assert not any("augmentation" in each for each in settings_of(config).values())


def test_a_value_that_is_added_leaves_the_other_trainings_as_they_are():
    before, after = (
        settings_of(config_with(grid={DROPOUT: grid})) for grid in ([0.1, 0.2], [0.05, 0.1, 0.2])
    )
    assert len(after) == len(before) + 2
    assert {name: canonical(after[name]) for name in before} == {
        name: canonical(each) for name, each in before.items()
    }


def test_more_repeats_leave_the_first_as_they_are():
    before, after = settings_of(config_with()), settings_of(config_with(repeats=3))
    assert before.items() <= after.items() and len(after) == 6


def test_a_changed_setting_leaves_the_earlier_models_where_they_are():
    assert not settings_of(config_with()).keys() & settings_of(config_with(recipe={"epochs": 4})).keys()
    retold = config_with(description="In other words.", reason="Another reason.")
    assert settings_of(config_with()).keys() == settings_of(retold).keys()


def test_no_leaderboard_and_no_report_knows_of_the_trainings():
    config = with_experiments(config_with())
    assert report_settings(config, default()) == report_settings(default(), default())
    names = [trial.model for trial in trials(config_with(), "dropout")]
    assert not set(names) & set(models_of(config, DATASET))
    assert all(is_trained(config, DATASET, name) for name in names)
    assert not is_trained(config, DATASET, "control_memorizer")
    assert run_model(config, DATASET, names[0])["recipe"]["epochs"] == 3
    assert list(config["models"])[: len(default()["models"])] == list(default()["models"]), "colours stay"


def test_the_page_says_where_the_base_run_leaves_the_paper():
    paper = {
        "source": "Fig. 8",
        "text": "0.2 is kept.",
        "measure": "validation_loss",
        "numbers": {"0.1": 5.7},
    }
    config = config_with(paper=paper)
    validate_configuration(config)
    settings = page_settings(config, "dropout")
    assert settings["overrides"] == {"recipe.epochs": {"paper": 20, "run": 3}}
    assert settings["numbers"] == {"0.1": 5.7} and settings["simulated"]
    assert settings["figures"] == ["variants", "variant_curves", "variant_samples"]


def test_a_page_with_any_simulated_galaxies_says_so():
    observed = {**default()["surveys"]["simulated_cosmos"], "source": "local"}
    config = merged(config_with(grid={"dataset": ["seen", DATASET]}, dataset="seen"), {
        "surveys": {"observed": observed},
        "datasets": {"seen": {**default()["datasets"][DATASET], "survey": "observed"}},
    })  # fmt: skip
    assert page_settings(config, "dropout")["simulated"]
    config["experiments"]["dropout"]["grid"] = {"dataset": ["seen"]}
    assert not page_settings(config, "dropout")["simulated"]


def test_what_is_gathered_does_not_depend_on_words():
    words = config_with(description="In other words.", paper={"source": "a", "text": "b"})
    assert gathering_settings(words, "dropout") == gathering_settings(config_with(), "dropout")


def test_pictures_are_those_of_the_first_repeats():
    every = training_files(config_with(), "dropout", SAMPLE)
    first = training_files(config_with(), "dropout", SAMPLE, first_alone=True)
    assert len(every) == 4 and first == every[::2]


def test_repeats_of_a_run_are_trainings_under_further_names_that_the_leaderboard_is_given():
    config = {
        **default(),
        "runs": [{"dataset": DATASET, "models": [MODEL], "recipe": {"epochs": 3}, "repeats": 3}],
    }
    validate_configuration(config)
    expanded = with_experiments(config)
    further = [f"{MODEL}__r2", f"{MODEL}__r3"]
    assert leaderboard_settings(expanded, DATASET)["repeated"] == {MODEL: further}
    assert leaderboard_settings(expanded, DATASET)["labels"] == {MODEL: MODEL}
    assert models_of(expanded, DATASET) == [MODEL], "they are no rows of their own"
    first, *others = (training_settings(expanded, DATASET, name) for name in (MODEL, *further))
    once = {**config, "runs": [{key: value for key, value in config["runs"][0].items() if key != "repeats"}]}
    assert first == training_settings(once, DATASET, MODEL), "the first is the one without repeats"
    assert [{**each, "model": MODEL} for each in others] == [first, first]
    assert "repeated" not in leaderboard_settings(once, DATASET)
    taken = merged(config, {"models": {further[0]: config["models"][MODEL]}})
    with pytest.raises(
        ConfigurationError, match=f"models: '{further[0]}' is a name that galforge gives to a repeat"
    ):
        validate_configuration(taken)


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({"grid": {}}, "experiments.dropout.grid is {}; allowed: 1 or more entries"),
        ({"grid": {"recipe.batch_size": []}}, "experiments.dropout.grid.recipe.batch_size is .*; allowed: "),
        ({"grid": {"recipe.batch_size": 8}}, "experiments.dropout.grid.recipe.batch_size is 8; allowed: o"),
        ({"grid": {"recipe.batch_size": [1]}}, "experiments.dropout.grid.recipe.batch_size is 1; allowed: a"),
        ({"grid": {"recipe.batchsize": [8]}}, "'experiments.dropout.grid.recipe.batchsize' .*'batch_size'"),
        ({"grid": {DROPOUT: [1.5]}}, f"experiments.dropout.grid.{DROPOUT} is 1.5; allowed: less than 1"),
        ({"grid": {f"{DROPOUT}s": [0.5]}}, f"'experiments.dropout.grid.{DROPOUT}s' .* mean 'dropout'"),
        ({"grid": {"training.device": ["cpu"]}}, "experiments.dropout.grid is 'training'; allowed: dataset"),
        ({"grid": {"recipe": [{"epochs": 3}]}}, "experiments.dropout.grid.recipe is .* allowed: names w"),
        ({"grid": {DROPOUT: [0.1, 0.1]}}, "experiments.dropout.grid: '0.1' is there twice; allowed: once"),
        ({"grid": {"model": ["danilov"]}}, "experiments.dropout.grid.model is 'danilov' .*'danilov_vae'"),
        ({"grid": {"dataset": ["x"]}}, "experiments.dropout.grid.dataset is 'x'; allowed: simulated_cosmos"),
        ({"grid": {"augmentation": {"on": {"flips": 1}}}}, "experiments.dropout.grid.augmentation.flips is"),
        ({"grid": {"dataset": ["simulated_cosmos_28"]}, "model": "danilov_vae"},
         "experiments.dropout.grid: model 'danilov_vae' cannot be trained on dataset 'simulated_cosmos_28'"),
        ({"model": "nobodys"}, "experiments.dropout.model is 'nobodys'"),
        ({"settings": {"network_settings": {"dropout": 2.0}}},
         f"experiments.dropout.{DROPOUT} is 2.0; allowed: less than 1"),
        ({"recipe": {"epochs": 0}}, "experiments.dropout.recipe.epochs is 0; allowed: at least 1"),
        ({"conditions": ["magnitude"]}, "experiments.dropout.conditions is 'magnitude'"),
        ({"repeats": 0}, "experiments.dropout.repeats is 0; allowed: at least 1"),
        ({"measures": {}}, "experiments.dropout.measures is {}; allowed: 1 or more entries"),
        ({"measures": {"validation_loss": "mean"}}, "measures.validation_loss is 'mean'; allowed: last"),
        ({"measures": {"mean_distanc": "judged"}},
         r"experiments.dropout.measures \(judged\) is 'mean_distanc' \(did you mean 'mean_distance'\?\)"),
        ({"measures": {"validation_loss": "judged"}},
         r"experiments.dropout.measures \(judged\) is 'validation_loss'"),
        ({"measures": {"frechet_inception": "judged"}},
         r"experiments.dropout.measures \(judged\) is 'frechet_inception'"),
        ({"measures": {"distance_sersic_n": "lowest"}},
         "measures.distance_sersic_n is 'lowest', but it is a score and has no epochs; allowed: judged"),
        ({"pictures": ["films"]}, r"experiments.dropout.pictures\[0\] is 'films'"),
        ({"paper": {"source": "a", "text": "b", "numbers": {"0.7": 1.0}}},
         "experiments.dropout.paper.numbers is of '0.7', which is none of .*; allowed: 0.1, 0.2, or null"),
        ({"grid": {DROPOUT: {"a b": 0.1, "a-b": 0.1}}},
         "experiments.dropout.grid: 'a b' and 'a-b' are the same training; allowed: once"),
        ({"paper": {"source": "a", "text": "b", "measure": "loss"}}, "experiments.dropout.paper.measure is"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_refused_and_names_the_experiment(changes, seen):
    with pytest.raises(ConfigurationError, match=seen):
        validate_configuration(config_with(**changes))


def test_scores_of_the_judge_are_measured_beside_columns_of_histories():
    measures = {"mean_distance": "judged", "validation_loss": "last", "recall_network": "judged"}
    config = config_with(measures=measures)
    config["experiments"]["other"] = config_with()["experiments"]["dropout"]
    validate_configuration(config)
    assert gathering_settings(config, "dropout")["measures"] == measures
    assert [judged(config, name) for name in ("dropout", "other")] == [True, False]
    paper = {"source": "a", "text": "b", "measure": "mean_distance", "numbers": {"0.1": 1.0}}
    validate_configuration(config_with(measures={"mean_distance": "judged"}, paper=paper))


@pytest.mark.parametrize("with_inception", [False, True])
def test_the_names_of_the_scores_are_those_that_are_computed(with_inception):
    parameters = ["gini", "rhalf_ellip"]
    computed = {*SCORES, *(f"distance_{name}" for name in parameters), *kept_names(parameters)}
    optional = {name for name in computed if name.endswith("_inception")}
    names = score_names(parameters, with_inception)
    assert len(names) == len(set(names)) and optional
    assert set(names) == (computed if with_inception else computed - optional)


def test_the_samplers_of_every_vae_of_the_papers_are_compared():
    config = overlaid("config/experiments/samplers.yaml")
    grid = config["experiments"]["samplers"]["grid"]
    families = {name: entry["family"] for name, entry in default()["models"].items()}
    assert set(grid["model"]) == {name for name, family in families.items() if family == "vae"}
    assert grid["settings.sampler"] == ["prior", "gaussian", "flow"]
    second = config["experiments"]["samplers_two_stage"]["grid"]["model"]
    assert set(second) == {name for name, family in families.items() if family == "two_stage_vae"}
    settings = settings_of(config, "samplers")
    assert len(settings) == 18 * 3 * 2
    assert {each["settings"]["sampler"] for each in settings.values()} == {"prior", "gaussian", "flow"}


def test_a_narrower_grid_can_do_without_the_papers_numbers():
    paper = {"source": "a", "text": "b", "measure": "validation_loss", "numbers": None}
    config = config_with(paper=paper)
    validate_configuration(config)
    assert page_settings(config, "dropout")["numbers"] == {}


def test_a_model_of_the_catalogue_keeps_its_name_from_trainings():
    config = config_with()
    name = trials(config, "dropout")[0].model
    config["models"] = {**config["models"], name: config["models"][MODEL]}
    seen = f"models: '{name}' is a name that galforge gives to a training of experiments.dropout; allowed: an"
    with pytest.raises(ConfigurationError, match=seen):
        validate_configuration(config)
