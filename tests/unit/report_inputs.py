"""A small made-up pipeline run: Gaussian galaxies, two models of which one failed."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_scripts.datasets.normalization import normalize
from workflow_scripts.datasets.selection import Limits, select
from workflow_scripts.datasets.stamp_file import Stamps, write_stamps
from workflow_scripts.figures.noise import noise_figure
from workflow_scripts.figures.originals import Pair, originals_figure
from workflow_scripts.figures.report import DATASET_FIGURES, MODEL_FIGURES
from workflow_scripts.figures.scale_and_crop import scale_and_crop_figure
from workflow_scripts.figures.style import save_figure
from workflow_scripts.files import write_json
from workflow_scripts.imaging.rendering import RenderedStamp

PARAMETERS = ("concentration", "asymmetry", "gini", "m20", "sersic_n", "rhalf_ellip")
LIMITS = {"snr": (12.0, 90.0), "width": (1.5, 12.0), "non_uniformity": (None, 60.0)}
REASON = "loss became NaN at epoch 2 <stopped>"


def galaxies(count: int, seed: int, noise: float = 0.03, channels: int = 1, size: int = 64):
    """Return flux (N, C, H, W) of elliptical Gaussians with an exponential core, and their sigma."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    widths = random.uniform(3, 11, count)
    stamps = []
    for width in widths:
        angle, axis_ratio = random.uniform(0, np.pi), random.uniform(0.3, 1)
        u = x * np.cos(angle) + y * np.sin(angle)
        v = (y * np.cos(angle) - x * np.sin(angle)) / axis_ratio
        radius = np.hypot(u, v) / width
        light = np.exp(-(radius**2) / 2) + 0.6 * np.exp(-3 * radius)
        stamps.append([light * shade for shade in np.linspace(1, 0.6, channels)])
    flux = np.asarray(stamps) + noise * random.standard_normal((count, channels, size, size))
    return flux.astype(np.float32), widths


@dataclass
class Run:
    """Where the made-up files lie."""

    folder: Path
    dataset: Path
    selection: Path
    attrition: Path
    leaderboard: Path
    shards: tuple[Path, Path]

    def model(self, name: str, file: str) -> Path:
        return self.folder / name / file


def morphology(count: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    table = pd.DataFrame(
        {name: random.normal(2 + shift, 0.5, count) for name in PARAMETERS}, index=range(count)
    )
    table.insert(0, "row", range(count))
    table["status"] = "ok"
    table["flag_sersic"] = 0
    table.loc[: count // 20, "status"] = "no source"
    table.loc[table["status"] != "ok", list(PARAMETERS)] = np.nan
    return table


def make_run(folder: Path, count: int = 120, channels: int = 1, extra_models: int = 0) -> Run:
    run = Run(
        folder,
        folder / "dataset.h5",
        folder / "selection.csv",
        folder / "attrition.csv",
        folder / "tables" / "leader board.csv",
        (folder / "0-of-2.h5", folder / "1-of-2.h5"),
    )
    flux, widths = galaxies(count, 1, channels=channels)
    random = np.random.default_rng(2)
    table = pd.DataFrame(
        {
            "identifier": np.arange(count) + 7000,
            "survey_row": np.arange(count),
            "render_status": "ok",
            "border_noise": 0.03,
            "snr": random.lognormal(3.4, 0.7, count),
            "width": widths,
            "width_status": "ok",
            "non_uniformity": flux.max((1, 2, 3)) / flux.mean((1, 2, 3)),
        }
    )
    table.loc[0, ["snr", "width", "non_uniformity"]] = np.nan
    table.loc[0, "render_status"] = "galsim: no image"
    selection = select(table, {name: Limits(*ends) for name, ends in LIMITS.items()})
    table.assign(kept=selection.kept, rejected_by=selection.rejected_by).to_csv(run.selection, index=False)
    selection.attrition.to_csv(run.attrition, index=False)

    drawn = Stamps.plain(flux)
    for path, part in zip(run.shards, (slice(0, count // 3), slice(count // 3, count)), strict=True):
        write_stamps(path, [drawn.take(part)], {})

    kept = table[selection.kept].reset_index(drop=True)
    split = np.where(np.arange(len(kept)) % 5 == 0, "test", "train")
    stamps = Stamps(*normalize(flux[selection.kept]), catalog=kept[["identifier", "snr"]], split=split)
    write_stamps(
        run.dataset,
        [stamps],
        {
            "dataset": "simulated_cosmos",
            "survey": "simulated_cosmos",
            "simulated": 1,
            "credit": "made with GalSim",
            "survey_files": {"catalog.fits": "ab" * 32},
            "settings": {"render_stamps": {"size": 64}, "split": {"seed": 7}},
            "counts": {"train": int((split == "train").sum()), "test": int((split == "test").sum())},
            "code": "cd" * 32,
            "versions": {"python": "3.11.2", "galsim": "2.8.5"},
        },
    )

    rows = [{"rank": np.nan, "model": "survey stamps (floor)", "status": "ok", "mean_distance": 0.06}]
    test = stamps.take(split == "test")
    good = ["danilov_beta_vae"] + [f"other_model_{number}" for number in range(extra_models)]
    for number, name in enumerate(good):
        samples, _ = galaxies(70, 3 + number, noise=0.0, channels=channels)
        write_stamps(run.model(name, "sample.h5"), [Stamps.plain(normalize(samples).image)], {})
        blurred = 0.5 * (np.roll(test.image, 2, axis=-1) + np.roll(test.image, -2, axis=-2))
        write_stamps(run.model(name, "reconstruction.h5"), [Stamps.plain(blurred)], {"split": "test"})
        way = np.linspace(blurred[0], blurred[1], 6)
        write_stamps(run.model(name, "interpolation.h5"), [Stamps.plain(way)], {"split": "test", "steps": 6})
        epochs = np.arange(1, 31)
        loss = 0.2 + 0.5 * np.exp(-epochs / 6)
        pd.DataFrame(
            {
                "epoch": epochs,
                "step": epochs * 40,
                "train_loss": loss,
                "train_reconstruction": loss - 0.05,
                "train_divergence": 40 * (1 - np.exp(-epochs / 4)),
                "validation_loss": loss + 0.02,
                "validation_reconstruction": loss - 0.03,
                "validation_divergence": 38 * (1 - np.exp(-epochs / 4)),
                "learning_rate": np.where(epochs < 20, 1e-3, 1e-4),
                "images_per_second": 900.0,
                "gradient_norm": 1.0,
            }
        ).to_csv(run.model(name, "history.csv"), index=False)
        morphology(100, 4, shift=0.3 * number + 0.3).to_csv(run.model(name, "morphology.csv"), index=False)
        distance = {p: {"model": 0.3 + 0.1 * number, "floor": 0.06, "reason": ""} for p in PARAMETERS}
        _describe(run, name, "ok", "", distance, 0.3 + 0.1 * number)
        rows.append(
            {
                "rank": number + 1,
                "model": name,
                "status": "ok",
                "mean_distance": 0.3 + 0.1 * number,
                **{f"distance_{p}": 0.3 + 0.1 * number for p in PARAMETERS},
                "failure_fraction": 0.06,
                "reconstruction_mse": 0.0021,
                "reconstruction_bce": 0.241,
                "training_seconds": 321.0,
                "parameters": 40_100_000,
                "stamps": 100,
            }
        )
    rows[0] |= {f"distance_{p}": 0.06 for p in PARAMETERS} | {"failure_fraction": 0.05, "stamps": 100}

    name = "danilov_flow_vae_40"
    empty = Stamps.plain(np.zeros((0, channels, 64, 64), np.float32))
    write_stamps(run.model(name, "sample.h5"), [empty], {"reason": REASON})
    for kind in ("reconstruction", "interpolation"):
        write_stamps(run.model(name, f"{kind}.h5"), [empty], {"reason": REASON, "split": "test"})
    pd.DataFrame({"epoch": [1, 2], "train_loss": [0.7, np.nan]}).to_csv(
        run.model(name, "history.csv"), index=False
    )
    morphology(0, 5).to_csv(run.model(name, "morphology.csv"), index=False)
    nothing = {p: {"model": None, "floor": 0.06, "reason": REASON} for p in PARAMETERS}
    _describe(run, name, "failed", REASON, nothing, None)
    rows.append({"model": name, "status": "failed", "reason": REASON})
    morphology(200, 6).to_csv(folder / "real.csv", index=False)
    run.leaderboard.parent.mkdir()
    pd.DataFrame(rows).to_csv(run.leaderboard, index=False)
    return run


def _describe(run: Run, name: str, status: str, reason: str, distance: dict, mean: float | None) -> None:
    write_json(
        run.model(name, "metrics.json"),
        {
            "status": status,
            "reason": reason,
            "dataset": "simulated_cosmos",
            "model": name,
            "simulated": True,
            "count": {"real": 100, "generated": 100 if mean else 0, "reference": 100},
            "failures": {"reference": 0.05, "floor": 0.05, "generated": 0.06 if mean else None},
            "distance": distance,
            "mean_distance": {"model": mean, "floor": 0.06},
            "reconstruction": {"mse": 0.0021, "bce": 0.241, "count": 20} if mean else None,
            "training_seconds": 321.0,
            "parameters": 40_100_000,
        },
    )
    write_json(
        run.model(name, "model.json"),
        {
            "status": status,
            "reason": reason,
            "model": name,
            "dataset": "simulated_cosmos",
            "target": "workflow_scripts.models.vae:VAE",
            "settings": {"seed": 7, "network": {"latent_size": 64}},
            "dataset_digest": "ef" * 32,
        },
    )


def plot_settings() -> str:
    limits = [[name, {"minimum": low, "maximum": high}] for name, (low, high) in LIMITS.items()]
    return json.dumps({"columns": 8, "limits": limits})


MODELS = ("danilov_beta_vae", "danilov_flow_vae_40")


def figures(run: Run, models: tuple[str, ...] = MODELS) -> dict[str, Path]:
    """Return where the figures of the run go, by their keys in the report."""
    keys = [f"simulated_cosmos/{name}" for name in DATASET_FIGURES]
    keys += [f"simulated_cosmos/{model}/{name}" for model in models for name in MODEL_FIGURES]
    return {f"figure/{key}": run.folder / "figures" / f"{key}.png" for key in keys}


def draw_rendering(places: dict[str, Path]) -> None:
    """Draw what plot_rendering does, of a made-up galaxy."""
    flux, _ = galaxies(1, 3)
    fitted = RenderedStamp(flux[0, 0], "ok", pixel_scale=0.09, flux_fraction=1.0)
    cropped = RenderedStamp(flux[0, 0], "ok", pixel_scale=0.03, flux_fraction=0.6)
    save_figure(scale_and_crop_figure(fitted, cropped), places["figure/simulated_cosmos/rendering"])


def dataset_arguments(run: Run, places: dict[str, Path]) -> list[str]:
    """Return the command line of plot_dataset."""
    arguments = ["--settings", plot_settings(), "--dataset", run.dataset, "--selection", run.selection]
    arguments += ["--stamps", *run.shards]
    for name in ("stamps", "selection", "outside", "thumbnail"):
        arguments += [f"--{name}-figure", places[f"figure/simulated_cosmos/{name}"]]
    return [str(argument) for argument in arguments]


def write_survey_figures(run: Run, places: dict[str, Path]) -> None:
    """Write what plot_survey_stamps makes, of galaxies without a survey; and a data card."""
    flux, _ = galaxies(3, 8)
    pairs = [Pair(image[0, 8:-8, 8:-8], 0.03, image[0], 0.03, "a galaxy") for image in flux]
    save_figure(originals_figure(pairs, "pairs"), places["figure/simulated_cosmos/originals"])
    ones = {"drawn stamps": np.linspace(0.8, 1.1, 30), "survey's own stamps": np.linspace(0.9, 1.2, 30)}
    table = pd.DataFrame({"pixel_scale": [0.03, 0.06], "border_noise": [1.0, 2.0], "noise_variance": 1.0})
    scales = np.array([0.03, 0.06])
    save_figure(
        noise_figure(table, (scales, scales / 0.03), ones, ones, "noise"),
        places["figure/simulated_cosmos/noise"],
    )
    (run.folder / "card.md").write_text("# card")


def model_arguments(run: Run, model: str, places: dict[str, Path]) -> list[str]:
    """Return the command line of plot_model."""
    arguments = ["--settings", '{"columns": 8}', "--dataset", run.dataset, "--real", run.folder / "real.csv"]
    arguments += ["--sample", run.model(model, "sample.h5")]
    arguments += ["--reconstruction", run.model(model, "reconstruction.h5")]
    arguments += ["--history", run.model(model, "history.csv")]
    arguments += ["--generated", run.model(model, "morphology.csv")]
    arguments += ["--metrics", run.model(model, "metrics.json")]
    arguments += ["--interpolation", run.model(model, "interpolation.h5")]
    for name in MODEL_FIGURES:
        arguments += [f"--{name}-figure", places[f"figure/simulated_cosmos/{model}/{name}"]]
    return [str(argument) for argument in arguments]


def report_settings(models: tuple[str, ...] = MODELS) -> dict:
    described = [
        {
            "name": name,
            "description": "Convolutional variational autoencoder, loss of Eq. 7 with beta < 1.",
            "paper": "Danilov (2020), Tables 1 and 2, Eq. 7",
            "reason": "Minutes on a laptop instead of hours on a GPU.",
            "recipe": {"batch_size": 32, "optimizer": {"name": "Adam", "betas": [0.5, 0.999]}},
            "overrides": {
                "epochs": {"paper": 150, "run": 30},
                "dataset.stamps": {"paper": 22515, "run": 300},
            },
        }
        for name in models
    ]
    return {
        "title": "galforge: which model makes the most realistic galaxies?",
        "datasets": [
            {
                "name": "simulated_cosmos",
                "survey": "simulated_cosmos",
                "simulated": True,
                "description": "Galaxies of a simulated HST COSMOS survey at 64 x 64 pixels.",
                "models": described,
            }
        ],
    }


def report_arguments(
    run: Run, settings: dict, places: dict[str, Path], template: Path, output: Path
) -> list[str]:
    """Return the command line of build_report."""
    models = [model["name"] for model in settings["datasets"][0]["models"]]
    files = {
        "leaderboard/simulated_cosmos": run.leaderboard,
        "attrition/simulated_cosmos": run.attrition,
        "dataset/simulated_cosmos": run.dataset,
        "card/simulated_cosmos": run.folder / "card.md",
        **places,
    }
    for model in models:
        files[f"metrics/simulated_cosmos/{model}"] = run.model(model, "metrics.json")
        files[f"model/simulated_cosmos/{model}"] = run.model(model, "model.json")
    arguments = ["--settings", json.dumps(settings), "--template", str(template), "--output", str(output)]
    for key, path in files.items():
        arguments += ["--file", f"{key}={path}"]
    return arguments
