"""Settings and files of the stages that compare the trainings of an experiment."""

from typing import Any

from galforge.configuration.datasets import is_simulated
from galforge.configuration.experiments import experiments_of, trained_as, trials, variants
from galforge.configuration.figures import experiment_figures
from galforge.configuration.layout import DATASET, EXPERIMENT_FIGURE, ResultFile
from galforge.configuration.mappings import Config, differences
from galforge.configuration.report_files import figure_files
from galforge.evaluation.experiment_settings import JUDGED


def gathering_settings(config: Config, name: str) -> dict[str, Any]:
    """Return the settings of ``gather_trainings``."""
    experiment = experiments_of(config)[name]
    return {
        "experiment": name,
        "measures": experiment["measures"],
        "variants": [{"label": each.label, "point": each.values} for each in variants(config, name)],
        "trainings": [trial._asdict() for trial in trials(config, name)],
    }


def variant_figure_settings(config: Config, name: str) -> dict[str, Any]:
    """Return the settings of ``plot_variants``."""
    paper = experiments_of(config)[name].get("paper") or {}
    return {
        **gathering_settings(config, name),
        "numbers": paper.get("numbers") or {},
        "measure": paper.get("measure"),
    }


def variant_picture_settings(config: Config, name: str) -> dict[str, Any]:
    """Return the settings of ``show_variant_samples`` and ``show_variant_reconstructions``."""
    return {"experiment": name, "variants": [each.label for each in variants(config, name)]}


def page_settings(config: Config, name: str) -> dict[str, Any]:
    """Return the settings of ``build_experiment_page``."""
    experiment = experiments_of(config)[name]
    published = config["models"][experiment["model"]]
    kept = {part: published[part] for part in ("settings", "recipe")}
    return {
        **variant_figure_settings(config, name),
        "description": experiment["description"],
        "reason": experiment.get("reason", ""),
        "model": experiment["model"],
        "dataset": experiment["dataset"],
        "repeats": experiment["repeats"],
        "grid": list(experiment["grid"]),
        "paper": experiment.get("paper"),
        "overrides": differences(kept, trained_as(config, experiment)),
        "simulated": any(is_simulated(config, trial.dataset) for trial in trials(config, name)),
        "figures": [figure.name for figure in experiment_figures(experiment["pictures"])],
    }


def training_files(config: Config, name: str, file: ResultFile, first_alone: bool = False) -> list[str]:
    """Return this file of each training of an experiment, or of the first of each variant."""
    return [
        file.of(dataset=trial.dataset, model=trial.model)
        for trial in trials(config, name)
        if trial.repeat == 1 or not first_alone
    ]


def experiment_dataset(config: Config, name: str) -> str:
    """Return the dataset of an experiment's base run, whose held-out stamps are shown beside."""
    return DATASET.of(dataset=experiments_of(config)[name]["dataset"])


def reconstructed(config: Config, name: str) -> bool:
    """Return whether an experiment compares reconstructions."""
    return "reconstructions" in experiments_of(config)[name]["pictures"]


def judged(config: Config, name: str) -> bool:
    """Return whether the trainings of an experiment are judged."""
    return JUDGED in experiments_of(config)[name]["measures"].values()


def page_figures(config: Config, name: str) -> list[str]:
    """Return the figures of an experiment's page, pictures and PDFs."""
    figures = experiment_figures(experiments_of(config)[name]["pictures"])
    assert all(figure.place == EXPERIMENT_FIGURE for figure in figures)
    return [file.of(experiment=name) for file in figure_files(figures)]
