"""Classes from latents in the configuration: what is refused before any job, and what they add to a run."""

import pytest

from galforge.configuration.figures import FIGURES, model_figures, sections
from galforge.configuration.mappings import canonical, merged
from galforge.configuration.report_files import dataset_report_files
from galforge.configuration.runs import further_of
from galforge.configuration.stages.evaluation import class_settings
from galforge.configuration.stages.report import report_files, report_settings
from galforge.configuration.stages.training import probe_settings
from galforge.configuration.validation import validate_configuration
from galforge.core.command_line import parse_settings
from galforge.core.errors import ConfigurationError
from tests.helpers.configurations import default, overlaid
from workflow_scripts.latents import learn_classes
from workflow_scripts.sampling import probe_latents

DATASET, MODEL = "simulated_cosmos", "danilov_beta_vae"


def asked(classes):
    return merged(default(), {"latents": {"classes": classes}})


def test_classes_of_a_known_dataset_are_taken():
    config = asked({DATASET: ["use_bulge_fit", "larger_than_frame"]})
    validate_configuration(config)
    settings = parse_settings(learn_classes.Settings, canonical(class_settings(config, DATASET)))
    assert settings == learn_classes.Settings(
        columns=["use_bulge_fit", "larger_than_frame"], seed=config["seed"]
    )


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        ({"simulated_cosmo": ["x"]}, ["latents.classes is 'simulated_cosmo'", f"did you mean '{DATASET}'"]),
        (
            {DATASET: ["class_folder"]},
            [f"latents.classes.{DATASET} is 'class_folder'", "allowed: use_bulge_fit, larger_than_frame"],
        ),
        ({DATASET: "use_bulge_fit"}, [f"latents.classes.{DATASET} is 'use_bulge_fit'", "allowed: "]),
        ({DATASET: ["use_bulge_fit"] * 2}, [f"latents.classes.{DATASET}", "allowed: each entry once"]),
        (["use_bulge_fit"], ["latents.classes is ['use_bulge_fit']", "allowed: "]),
    ],
)
def test_what_cannot_be_learnt_is_refused_before_any_job(classes, words):
    with pytest.raises(ConfigurationError) as refused:
        validate_configuration(asked(classes))
    for part in words:
        assert part in str(refused.value)


def test_columns_of_a_table_that_is_not_read_yet_are_left_to_the_stage():
    validate_configuration(merged(overlaid("config/paper_galaxy_zoo.yaml"), {}))
    config = overlaid("config/colour.yaml")
    validate_configuration(merged(config, {"latents": {"classes": {"hubble_deep_field": []}}}))
    with pytest.raises(ConfigurationError, match=r"latents\.classes\.hubble_deep_field is 'Class1'"):
        validate_configuration(merged(config, {"latents": {"classes": {"hubble_deep_field": ["Class1"]}}}))


def test_the_papers_on_galaxy_zoo_have_the_first_question_where_there_are_votes():
    config = overlaid("config/paper_galaxy_zoo.yaml")
    votes = {"gz_goupil", "gz_goupil_128"}
    for run in config["runs"]:
        for model in run["models"]:
            further = further_of(config, run["dataset"], model)
            assert ("classes" in further) == (run["dataset"] in votes)
    assert class_settings(config, "gz_goupil")["columns"] == ["Class1"]


def test_a_dataset_without_classes_has_what_it_had():
    plain, other = default(), asked({"hubble_deep_field": []})
    for config in (plain, other):
        assert "classes" not in further_of(config, DATASET, MODEL)
        assert report_files(config) == report_files(plain)
        assert canonical(probe_settings(config)) == canonical(probe_settings(plain))
    assert "classes" not in canonical(report_settings(plain, default())["configuration"]["latents"])
    assert not [file for file in report_files(plain) if "/classes." in file]
    assert parse_settings(
        probe_latents.Settings, canonical(probe_settings(asked({DATASET: ["use_bulge_fit"]})))
    )


def test_a_dataset_with_classes_has_a_figure_among_those_of_the_latents():
    config = asked({DATASET: ["use_bulge_fit"]})
    assert further_of(config, DATASET, MODEL) == ["explorer", "classes"]
    files = dataset_report_files(DATASET, {"vae": ["classes"]}, [], bounded=False, pictures=False)
    assert [file for file in files if "/classes." in file] == [
        f"<results>/evaluation/{DATASET}/vae/classes.{suffix}" for suffix in ("csv", "json", "png", "pdf")
    ]
    assert sections(model_figures(["classes"]))["Latents"][-1] == FIGURES["classes"]
