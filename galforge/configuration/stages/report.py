"""Settings of the report and of the figures of models: the keys that each uses, and no others."""

from typing import Any

from galforge.configuration.datasets import is_simulated, of_pictures
from galforge.configuration.mappings import Config
from galforge.configuration.report_files import dataset_report_files
from galforge.configuration.runs import (
    bounded_models,
    controls_of,
    further_of,
    model_label,
    model_position,
    models_of,
    overrides_of,
    recipe_of,
    run_datasets,
    run_of,
    run_surveys,
)


def model_figure_settings(config: Config, model: str) -> dict[str, Any]:
    """Return the settings of ``plot_model``."""
    return {"columns": config["report"]["columns"], **model_style_settings(config, model)}


def evaluation_figure_settings(config: Config, model: str) -> dict[str, Any]:
    """Return the settings of ``plot_evaluation``: a control has no colour of its own."""
    if model in config["models"]:
        return model_style_settings(config, model)
    return {"label": model, "position": None}


def model_style_settings(config: Config, model: str) -> dict[str, Any]:
    """Return the settings of ``plot_latents`` and of the like, of one model each."""
    return {"label": model_label(config, model), "position": model_position(config, model)}


def comparison_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of the figures that compare models: ``compare_samples`` and the like."""
    models = [{"name": name, **model_style_settings(config, name)} for name in models_of(config, dataset)]
    return {"dataset": dataset, "models": models}


def bound_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of ``compare_bounds``."""
    return {
        "models": [
            {"name": model, **model_style_settings(config, model), "bound": bound}
            for model, bound in bounded_models(config, dataset).items()
        ]
    }


def report_settings(config: Config, default: Config) -> dict[str, Any]:
    """Return what the report says beside the files that it shows.

    Parameters
    ----------
    config : mapping
        As run.
    default : mapping
        The project's own configuration, which the recipes are compared with.
    """
    datasets = []
    for dataset in run_datasets(config):
        entry = config["datasets"][dataset]
        models = []
        for model in models_of(config, dataset):
            published = config["models"][model]
            models.append(
                {
                    "name": model,
                    **model_style_settings(config, model),
                    "description": published["description"],
                    "paper": published.get("paper", ""),
                    "recipe": recipe_of(config, dataset, model),
                    "overrides": overrides_of(config, default, dataset, model),
                    "reason": run_of(config, dataset, model).get("reason", ""),
                    "further": further_of(config, dataset, model),
                }
            )
        datasets.append(
            {
                "name": dataset,
                "survey": entry["survey"],
                "simulated": is_simulated(config, dataset),
                "pictures": of_pictures(config, dataset),
                "description": entry["description"],
                "models": models,
                "controls": controls_of(config, dataset),
                "bounded": bool(bounded_models(config, dataset)),
            }
        )
    # What the models' own sections do not say.
    configuration = {
        "seed": config["seed"],
        "surveys": {name: config["surveys"][name] for name in run_surveys(config)},
        "datasets": {name: config["datasets"][name] for name in run_datasets(config)},
        **{key: config[key] for key in ("runs", "training", "evaluation", "latents")},
    }
    return {
        "title": config["report"]["title"],
        "datasets": datasets,
        "configuration": configuration,
    }


def report_files(config: Config) -> list[str]:
    """Return every file that the report is made from, in terms of the results."""
    return [
        file
        for dataset in run_datasets(config)
        for file in dataset_report_files(
            dataset,
            {model: further_of(config, dataset, model) for model in models_of(config, dataset)},
            controls_of(config, dataset),
            bool(bounded_models(config, dataset)),
            of_pictures(config, dataset),
        )
    ]
