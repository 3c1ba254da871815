"""Settings of the stages that judge models: the keys that each uses, and no others."""

from typing import Any

from galforge.configuration.datasets import classes_of
from galforge.configuration.mappings import Config, part_of
from galforge.configuration.runs import PARAMETRIC_CONTROL, model_label, models_of, repeated_of, run_of
from galforge.evaluation.feature_settings import FeatureSpaceSettings


def morphology_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``measure_morphology`` for a model's stamps."""
    entry = config["evaluation"]
    return {"count": entry["count"], "morphology": entry["segmentation"]}


def real_morphology_settings(config: Config) -> dict[str, Any]:
    """Return those for real stamps: twice as many, a reference and a floor of the same size."""
    settings = reconstructed_morphology_settings(config)
    return {**settings, "count": 2 * settings["count"]}


def reconstructed_morphology_settings(config: Config) -> dict[str, Any]:
    """Return those for the reconstructions of the test split."""
    return {**morphology_settings(config), "split": "test"}


def evaluation_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``evaluate_floor`` and ``evaluate_model``."""
    keys = ("count", "parameters", "resamples")
    return {**{key: config["evaluation"][key] for key in keys}, "seed": config["seed"]}


def control_settings(config: Config, dataset: str, control: str) -> dict[str, Any]:
    """Return the settings of ``draw_control``."""
    settings = {"control": control, "count": config["evaluation"]["count"], "seed": config["seed"]}
    if control != PARAMETRIC_CONTROL:
        return settings
    stamps = config["datasets"][dataset]["stamps"]
    return {
        **settings,
        "pixel_scale": stamps.get("pixel_scale"),
        "psf_fwhm": stamps.get("psf", {}).get("fwhm"),
    }


def feature_network_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``train_feature_network``."""
    return {**part_of(config["evaluation"]["features"], FeatureSpaceSettings), "seed": config["seed"]}


def feature_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``measure_features`` for a model's stamps."""
    return {"count": config["evaluation"]["count"]}


def real_feature_settings(config: Config) -> dict[str, Any]:
    """Return those for real stamps: twice as many, a reference and a floor of the same size."""
    return {"count": 2 * config["evaluation"]["count"], "split": "test"}


def noise_matching_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``match_noise``."""
    return {"seed": config["seed"]}


def asked_settings(config: Config, dataset: str, model: str) -> dict[str, Any]:
    """Return the settings of ``measure_asked``."""
    keys = ("count", "resamples")
    return {
        "conditions": run_of(config, dataset, model).get("conditions", []),
        **{key: config["evaluation"][key] for key in keys},
        "seed": config["seed"],
    }


def import_settings(config: Config, model: str) -> dict[str, Any]:
    """Return the settings of ``import_sample``."""
    return {"name": model}


def leaderboard_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of ``build_leaderboard``."""
    labels = {model: model_label(config, model) for model in models_of(config, dataset)}
    repeated = repeated_of(config, dataset)
    return {"dataset": dataset, "labels": labels, **({"repeated": repeated} if repeated else {})}


def latent_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``analyse_latents``."""
    return {"parameters": config["evaluation"]["parameters"], "snr": config["latents"]["snr"]}


def physics_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``relate_physics``."""
    return {"seed": config["seed"]}


def class_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of ``learn_classes``."""
    return {"columns": classes_of(config, dataset), "seed": config["seed"]}
