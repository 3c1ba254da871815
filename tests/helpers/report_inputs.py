"""A small made-up pipeline run: Gaussian galaxies, three models of which one failed, two controls."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from galforge.configuration import layout
from galforge.configuration.figures import FIGURES, figures_of
from galforge.configuration.report_files import dataset_report_files
from galforge.core.command_line import parse_settings
from galforge.core.files import write_json
from galforge.core.tables import write_table
from galforge.datasets.latent_file import Latents, write_latents
from galforge.datasets.limits import Limits
from galforge.datasets.normalization import normalize
from galforge.datasets.selection import select
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.evaluation.asked import Galaxies, asked_table
from galforge.evaluation.asked_judgement import (
    ON_TRUTH,
    AskedSettings,
    Judged,
    failed_numbers,
    judge_asked,
)
from galforge.evaluation.galaxy_grid import Axes, asked_grid
from galforge.evaluation.latent_explorer import Slider, describe
from galforge.evaluation.latents import summarize_latents
from galforge.evaluation.measured_galaxies import Units
from galforge.evaluation.probing import Coder, probe_around, probe_galaxies
from galforge.evaluation.score_table import stated
from galforge.figures import report
from galforge.figures.explorer_sheet import explorer_sheet, save_sheet
from galforge.figures.noise import noise_figure
from galforge.figures.originals import Pair, originals_figure
from galforge.figures.report_content import ReportContent
from galforge.figures.scale_and_crop import scale_and_crop_figure
from galforge.figures.shown import ComparedModels, Shown, ShownModel
from galforge.figures.style import save_figure, words_figure
from galforge.imaging.rendering import RenderedStamp
from tests.helpers.published_model import SETTINGS
from workflow_scripts.dataset import plot_dataset
from workflow_scripts.evaluation import (
    compare_curves,
    compare_samples,
    compare_scores,
    plot_asked,
    plot_model,
    plot_thumbnail,
)
from workflow_scripts.latents import (
    analyse_latents,
    compare_bounds,
    compare_latents,
    learn_classes,
    plot_classes,
    plot_latents,
    plot_physics,
    relate_physics,
)
from workflow_scripts.report import build_report

FIGURES_FOLDER = Path(report.__file__).parent
TEMPLATE = FIGURES_FOLDER / "report.html.j2"
CAPTIONS = tuple(sorted((FIGURES_FOLDER / "captions").glob("*.rst")))
PARAMETERS = ("concentration", "asymmetry", "gini", "m20", "sersic_n", "rhalf_ellip")
LIMITS = {"snr": (12.0, 90.0), "width": (1.5, 12.0), "non_uniformity": (None, 60.0)}
REASON = "loss became NaN at epoch 2 <stopped>"
DATASET = "simulated_cosmos"
MODELS = {"danilov_beta_vae": None, "danilov_flow_vae_08": 8.0, "danilov_flow_vae_40": 40.0}  # and bounds
FAILED = "danilov_flow_vae_40"
CONTROLS = ("control_memorizer", "control_parametric")
ASKED = ("danilov_beta_vae", FAILED)  # models with conditions
SNR = [60.0, 20.0]
LATENTS = 6


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


@dataclass
class Run:
    """Where the made-up files lie: as Snakemake has them."""

    results: Path

    def path(self, file: layout.ResultFile, model: str = "") -> Path:
        """Return where a file of the dataset, or of a model, lies."""
        return file.at(self.results, dataset=DATASET, model=model)

    def figure(self, name: str, model: str = "") -> Path:
        """Return where a figure lies."""
        return self.path(FIGURES[name].picture, model)

    def figures(self, rule: str, model: str = "") -> tuple[Path, ...]:
        """Return where the figures of a rule lie."""
        return tuple(self.path(figure.picture, model) for figure in figures_of(rule))

    @property
    def shards(self) -> tuple[Path, ...]:
        return tuple(
            layout.STAMPS.at(self.results, dataset=DATASET, shard=number, shards=2) for number in range(2)
        )


def make_run(folder: Path, count: int = 120, channels: int = 1) -> Run:
    run = Run(folder)
    stamps = _make_dataset(run, count, channels)
    test = stamps.take(stamps.split == "test")
    scores = {}
    for number, name in enumerate([*MODELS, *CONTROLS]):
        failed = name == FAILED
        samples, _ = galaxies(70, 3 + number, noise=0.0, channels=channels)
        image = normalize(samples).image[: 0 if failed else None]
        write_stamps(
            run.path(layout.SAMPLE, name), [Stamps.plain(image)], {"reason": REASON if failed else ""}
        )
        morphology(len(image), 4 + number, shift=0.3 * number + 0.3).to_csv(
            _made(run.path(layout.MATCHED_MORPHOLOGY, name)), index=False
        )
        scores[name] = None if failed else 0.3 + 0.1 * number
        _describe(run, name, REASON if failed else "", scores[name])
        if name in MODELS:
            _train(run, name, test, channels)
            _encode(run, name, stamps, test)
    names = test.catalog["identifier"].to_numpy()
    real = morphology(len(names), 6)
    real.insert(0, "identifier", names)
    write_table(run.path(layout.REAL_MORPHOLOGY), real.assign(ellipticity_asymmetry=real["gini"]))
    _rank(run, scores)
    write_json(_made(run.path(layout.FEATURE_RECORD)), {"size": 32, "weights_digest": "0f" * 32})
    write_json(_made(run.path(layout.FLOOR)), {"scores": {}})
    return run


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _make_dataset(run: Run, count: int, channels: int) -> Stamps:
    flux, widths = galaxies(count, 1, channels=channels, noise=0.006)
    random = np.random.default_rng(2)
    table = pd.DataFrame(
        {
            "identifier": np.arange(count) + 7000,
            "survey_row": np.arange(count),
            "render_status": "ok",
            "border_noise": 0.006,
            "snr": random.lognormal(3.4, 0.7, count),
            "width": widths,
            "width_status": "ok",
            "non_uniformity": flux.max((1, 2, 3)) / flux.mean((1, 2, 3)),
            "use_bulge_fit": (widths > 7).astype(int),
        }
    )
    table.loc[0, ["snr", "width", "non_uniformity"]] = np.nan
    table.loc[0, "render_status"] = "galsim: no image"
    selection = select(
        table, {name: Limits(minimum=low, maximum=high) for name, (low, high) in LIMITS.items()}
    )
    write_table(
        run.path(layout.SELECTION), table.assign(kept=selection.kept, rejected_by=selection.rejected_by)
    )
    write_table(run.path(layout.ATTRITION), selection.attrition)

    drawn = Stamps.plain(flux)
    for path, part in zip(run.shards, (slice(0, count // 3), slice(count // 3, count)), strict=True):
        write_stamps(path, [drawn.take(part)], {})

    kept = table[selection.kept].reset_index(drop=True)
    split = np.where(np.arange(len(kept)) % 2 == 0, "test", "train")
    columns = ["identifier", "snr", "width", "non_uniformity", "use_bulge_fit"]
    stamps = Stamps(*normalize(flux[selection.kept]), catalog=kept[columns], split=split)
    write_stamps(
        run.path(layout.DATASET),
        [stamps],
        {
            "dataset": DATASET,
            "survey": DATASET,
            "simulated": 1,
            "credit": "made with GalSim",
            "survey_files": {"catalog.fits": "ab" * 32},
            "settings": {"render_stamps": {"size": 64}, "split": {"seed": 7}},
            "counts": {"train": int((split == "train").sum()), "test": int((split == "test").sum())},
            "left_out": {"galsim: no image": 1},
            "code": "cd" * 32,
            "versions": {"python": "3.11.2", "galsim": "2.8.5"},
        },
    )
    return stamps


def _train(run: Run, name: str, test: Stamps, channels: int) -> None:
    reason = REASON if name == FAILED else ""
    write_json(
        run.path(layout.RECORD, name),
        {
            "status": "failed" if reason else "ok",
            "reason": reason,
            "model": name,
            "dataset": DATASET,
            "family": "vae",
            "settings": SETTINGS,
            "dataset_digest": "ef" * 32,
            "image_shape": [channels, 64, 64],
            "weights_digest": "01" * 32,
        },
    )
    blurred = 0.5 * (np.roll(test.image, 2, axis=-1) + np.roll(test.image, -2, axis=-2))
    way = np.linspace(blurred[0], blurred[1], 6)
    if reason:
        blurred = way = np.zeros((0, channels, 64, 64), np.float32)
    attributes = {"split": "test", "reason": reason}
    write_stamps(run.path(layout.RECONSTRUCTION, name), [Stamps.plain(blurred)], attributes)
    write_stamps(run.path(layout.INTERPOLATION, name), [Stamps.plain(way)], {**attributes, "steps": 6})
    epochs = np.arange(1, 31)
    loss = 0.2 + 0.5 * np.exp(-epochs / 6)
    history = {
        "epoch": epochs,
        "step": epochs * 40,
        "train_loss": loss,
        "train_divergence": 40 * (1 - np.exp(-epochs / 4)),
        "validation_loss": loss + 0.02,
        "validation_divergence": 38 * (1 - np.exp(-epochs / 4)),
        "learning_rate": np.where(epochs < 20, 1e-3, 1e-4),
    }
    if reason:
        history = {"epoch": [1, 2], "train_loss": [0.7, np.nan]}
    write_table(run.path(layout.HISTORY, name), pd.DataFrame(history))


def _encode(run: Run, name: str, stamps: Stamps, test: Stamps) -> None:
    """Write what a model whose latents are principal components makes of the stamps."""
    attributes = {"dataset": DATASET, "model": name, "reason": REASON if name == FAILED else ""}
    flat = stamps.image.reshape(len(stamps), -1).astype(np.float64)
    mean = flat.mean(axis=0)
    _, _, axes = np.linalg.svd(flat - mean, full_matrices=False)
    axes = axes[:LATENTS]

    def encode(images: np.ndarray) -> np.ndarray:
        return (images.reshape(len(images), -1) - mean) @ axes.T

    def decode(latents: np.ndarray) -> np.ndarray:
        values = np.clip(latents @ axes + mean, 0, 1)
        return values.reshape(-1, *stamps.image.shape[1:]).astype(np.float32)

    latents = encode(stamps.image).astype(np.float32)
    width = np.tile(np.log(np.geomspace(1e-4, 0.5, LATENTS)), (len(stamps), 1)).astype(np.float32)
    names = stamps.catalog["identifier"].to_numpy()
    known = Latents(latents, width, names, stamps.split, attributes)
    table = summarize_latents(latents, np.exp(0.5 * width))
    scatter = table.sort_values("latent")["scatter"].to_numpy()
    coder = Coder(encode, decode)
    blocks = [
        *probe_around(table, 3, coder),
        *probe_galaxies(test, scatter, coder, 4, [90.0], SNR, seed=1),
    ]
    if name == FAILED:
        nothing = np.zeros((0, 0), np.float32)
        known = Latents(nothing, nothing, names[:0], stamps.split[:0], attributes)
        blocks = [Stamps.plain(stamps.image[:0])]
    write_latents(_made(run.path(layout.LATENTS, name)), known)
    write_stamps(run.path(layout.PROBE, name), blocks, attributes)


def _describe(run: Run, name: str, reason: str, mean: float | None) -> None:
    def score(value: float | None) -> dict:
        return {
            "model": value, "error": value and 0.02, "floor": 0.06, "floor_error": 0.01,
            "tied": None if value is None else value < 0.1, "reason": reason,
        }  # fmt: skip

    def reconstructed(name: str, value: float | None, error: float | None) -> dict:
        how = stated(f"reconstruction_{name}")
        beside = dict.fromkeys(("floor", "floor_error", "tied"))
        row = {"value": value, "error": error, "reason": "", "group": how.group, "better": how.better}
        return {f"reconstruction_{name}": {**row, **beside}}

    write_json(
        run.path(layout.MODEL_SCORES, name),
        {
            "status": "failed" if reason else "ok",
            "reason": reason,
            "dataset": DATASET,
            "model": name,
            "kind": "model" if name in MODELS else "control",
            "simulated": True,
            "gates": {},
            "count": {
                "real": 100, "generated": 0 if reason else 100, "compared": 0 if reason else 100,
                "reference": 100, "reconstructed": 20 if mean else 0, "measured_again": 17 if mean else 0,
            },
            "failures": {"reference": 0.05, "floor": 0.05, "generated": None if reason else 0.06},
            "distance": {parameter: score(mean) for parameter in PARAMETERS},
            "mean_distance": score(mean),
            "scores": {
                "reconstructed": {
                    **reconstructed("correlation_flux_ellip", 0.95341, 0.012),
                    **reconstructed("mse", 0.0021, 0.0003),
                    **reconstructed("bce", 0.241, 0.002),
                    **reconstructed("ssim", 0.9, 0.01),
                    **reconstructed("correlation_gini", None, None),
                }
                if mean
                else {}
            },
            "training_seconds": 321.0 if name in MODELS else None,
            "parameters": 40_100_000 if name in MODELS else None,
        },
    )  # fmt: skip


GATE = "93% are copies of training stamps, 1% of held-out stamps"


def _rank(run: Run, scores: dict[str, float | None]) -> None:
    floor = {
        "model": "survey stamps (floor)", "kind": "floor", "status": "ok", "reason": "", "gate": "",
        "ranks": "", "stamps": 100,
    }  # fmt: skip
    rows = [floor | _scored(0.06)]
    for rank, (name, mean) in enumerate(scores.items(), start=1):
        kind = "model" if name in MODELS else "control"
        row = {"model": name, "kind": kind, "status": "failed" if mean is None else "ok", "stamps": 100}
        row |= {"reason": "" if mean else REASON, "gate": "", "ranks": ""}
        if mean:
            row |= _scored(mean) | {"rank": rank if kind == "model" else None, "tied": int(mean > 0.65)}
            row |= {"ranks": "1-2"} if kind == "model" else {}
            row |= {"gate": GATE} if name == "control_memorizer" else {}
        if kind == "model":
            row |= {"training_seconds": 321.0, "parameters": 40_100_000}
        rows.append(row)
    write_table(run.path(layout.LEADERBOARD), pd.DataFrame(rows))
    # All samples are tied in the Gini coefficient, their raw stamps in a score that is not shown of them.
    listed = [
        {
            "model": name,
            "status": "ok",
            "variant": variant,
            "score": score,
            "value": mean,
            "error": 0.02,
            "tied": tied,
        }
        for name, mean in scores.items()
        if mean
        for variant, score, tied in (
            ("noise_matched", "mean_distance", int(mean > 0.65)),
            ("noise_matched", "distance_gini", 1),
            ("noise_matched", "frechet_network", 0),
            ("noise_matched", "classifier_light", 0),
            ("raw", "mean_distance", 0),
            ("raw", "frechet_network", 1),
        )
    ]
    listed += [
        {"model": floor["model"], "variant": "real", "score": score, "value": 0.2, "error": 0.02}
        for score in ("mean_distance", "frechet_network", "classifier_light")
    ]
    write_table(run.path(layout.SCORES), pd.DataFrame(listed))


def _scored(mean: float) -> dict[str, float]:
    found = {"mean_distance": mean, "mean_distance_error": 0.02, "mean_distance_raw": 2 * mean}
    found |= {f"distance_{name}": mean for name in PARAMETERS} | {
        f"error_{name}": 0.03 for name in PARAMETERS
    }
    return found | {
        "mean_distance_raw_error": 0.04,
        "failure_fraction": 0.06,
        "failure_fraction_error": 0.01,
        "frechet_network": 12.5,
        "frechet_network_error": 1.5,
        "classifier_light": 0.87,
        "classifier_light_error": 0.03,
        "missing_tails": 3.0,
        "missing_tails_error": 0.0,
        "memorized_fraction": 0.02,
        "memorized_fraction_error": 0.01,
    }


def draw_dataset_figures(run: Run) -> None:
    """Draw what plot_rendering and plot_survey_stamps do, of galaxies without a survey; and a data card."""
    flux, _ = galaxies(3, 8)
    fitted = RenderedStamp(flux[0, 0], "ok", pixel_scale=0.09, flux_fraction=1.0)
    cropped = RenderedStamp(flux[0, 0], "ok", pixel_scale=0.03, flux_fraction=0.6)
    save_figure(scale_and_crop_figure(fitted, cropped), run.figure("rendering"))
    pairs = [Pair(image[0, 8:-8, 8:-8], 0.03, image[0], 0.03, "a galaxy") for image in flux]
    save_figure(originals_figure(pairs, "pairs"), run.figure("originals"))
    ones = {"drawn stamps": np.linspace(0.8, 1.1, 30), "survey's own stamps": np.linspace(0.9, 1.2, 30)}
    table = pd.DataFrame({"pixel_scale": [0.03, 0.06], "border_noise": [1.0, 2.0], "noise_variance": 1.0})
    scales = np.array([0.03, 0.06])
    save_figure(noise_figure(table, (scales, scales / 0.03), ones, ones, "noise"), run.figure("noise"))
    run.path(layout.DATA_CARD).write_text("# card")
    for file in layout.ROUNDED_TABLES:
        _made(run.path(file)).write_text("a table")


def report_files(run: Run, content: ReportContent) -> list[Path]:
    """Return all files that the page is made from."""
    return [
        layout.ResultFile(file).at(run.results)
        for dataset in content.datasets
        for file in dataset_report_files(
            dataset.name,
            {model.name: model.further for model in dataset.models},
            dataset.controls,
            dataset.bounded,
            dataset.pictures,
        )
    ]


def draw_missing_figures(run: Run, content: ReportContent) -> None:
    """Say in words what stages that are not run here would have drawn: the page is what is tested."""
    for path in report_files(run, content):
        if path.suffix == ".png" and not path.exists():
            save_figure(words_figure(path.stem, "drawn by its own stage"), path)


def draw_dataset(run: Run, **changed: Path) -> None:
    """Run plot_dataset."""
    limits = [[name, {"minimum": low, "maximum": high}] for name, (low, high) in LIMITS.items()]
    files: dict[str, Any] = {
        "dataset": run.path(layout.DATASET),
        "selection": run.path(layout.SELECTION),
        "stamps": run.shards,
        "figures": run.figures("plot_dataset"),
        "thumbnail": run.path(layout.DATASET_THUMBNAIL),
    }
    settings = {"columns": 8, "limits": limits}
    plot_dataset.main(plot_dataset.Files(**files | changed), _settings(plot_dataset.Settings, settings))


def draw_strip(run: Run, name: str) -> None:
    """Run plot_thumbnail of a model or control."""
    plot_thumbnail.main(
        plot_thumbnail.Files(
            sample=run.path(layout.SAMPLE, name), thumbnail=run.path(layout.MODEL_THUMBNAIL, name)
        )
    )


def draw_model(run: Run, model: str) -> None:
    """Run plot_model."""
    plot_model.main(
        plot_model.Files(
            dataset=run.path(layout.DATASET),
            sample=run.path(layout.SAMPLE, model),
            matched=run.path(layout.SAMPLE, model),
            reconstruction=run.path(layout.RECONSTRUCTION, model),
            interpolation=run.path(layout.INTERPOLATION, model),
            history=run.path(layout.HISTORY, model),
            real=run.path(layout.REAL_MORPHOLOGY),
            generated=run.path(layout.MATCHED_MORPHOLOGY, model),
            scores=run.path(layout.MODEL_SCORES, model),
            figures=run.figures("plot_model", model),
        ),
        plot_model.Settings(columns=8, label=model, position=1),
    )


def ask(run: Run, model: str) -> None:
    """Judge made-up measurements by what was asked, and run plot_asked."""
    conditions = ["mag_auto", "flux_radius", "position_angle", "zphot"]
    settings = AskedSettings(conditions=conditions, count=60, resamples=10, seed=1)
    numbers: dict[str, Any] = failed_numbers(REASON, conditions)
    table = asked_table({}, conditions)
    if model != FAILED:
        random = np.random.default_rng(1)
        units = Units(True, 26.0, 0.06, 0.03)

        def measured(count: int, scatter: float) -> Galaxies:
            limits = ((20, 23), (5, 20), (0, 3), (0, 1))
            known = {
                name: random.uniform(*each, count) for name, each in zip(conditions, limits, strict=True)
            }
            off = random.normal(0, scatter, (3, count))
            found = {
                "magnitude": known["mag_auto"] + off[0],
                "flux": 10 ** (0.4 * (26 - known["mag_auto"] - off[0])),
                "half_light_radius": 0.03 * known["flux_radius"] * 10 ** off[1],
                "position_angle": known["position_angle"] + off[2],
                "ellipticity": random.uniform(0, 0.9, count),
            }
            return Galaxies(pd.DataFrame(known), pd.DataFrame(found), units)

        generated, baseline = measured(60, 0.2), measured(60, 0.1)
        judged = Judged(generated, measured(120, 0.05), baseline, {"model": generated, "baseline": baseline})
        numbers, table = judge_asked(judged, settings), asked_table(judged.groups(), conditions)
    named = {"model": model, "dataset": DATASET, "survey_measured_on": ON_TRUTH}
    write_json(_made(run.path(layout.ASKED_NUMBERS, model)), {**named, **numbers})
    write_table(run.path(layout.ASKED, model), table)
    plot_asked.main(
        plot_asked.Files(
            asked=run.path(layout.ASKED, model),
            numbers=run.path(layout.ASKED_NUMBERS, model),
            figures=run.figures("plot_asked", model),
        ),
        plot_asked.Settings(label=model, position=0),
    )


def explore(run: Run, model: str) -> None:
    """Write an explorer of made-up stamps, by a latent and a class; of the failed model, why it has none."""
    sliders = [Slider("z4", [-3.0, 0.0, 3.0], "σ", 1), Slider("morphology", ["<disc>", "spheroid"], start=0)]
    images = np.random.default_rng(1).random((6, 1, 64, 64))
    if model == FAILED:
        sliders, images = [], images[:0]
    write_json(_made(run.path(layout.EXPLORER, model)), describe(sliders, REASON if model == FAILED else ""))
    save_sheet(explorer_sheet(images, 2), run.figure("explorer", model))


def draw_latents(run: Run, model: str) -> None:
    """Run analyse_latents and plot_latents."""
    inputs = {
        "dataset": run.path(layout.DATASET),
        "latents": run.path(layout.LATENTS, model),
        "probe": run.path(layout.PROBE, model),
        "morphology": run.path(layout.REAL_MORPHOLOGY),
        "summary": run.path(layout.LATENT_TABLE, model),
        "correlations": run.path(layout.LATENT_CORRELATIONS, model),
    }
    analyse_latents.main(
        analyse_latents.Files(**inputs, analysis=run.path(layout.LATENT_ANALYSIS, model)),
        analyse_latents.Settings(parameters=list(PARAMETERS), snr=SNR),
    )
    plot_latents.main(
        plot_latents.Files(**inputs, figures=run.figures("plot_latents", model)),
        plot_latents.Settings(label=model, position=1),
    )
    relate(run, model)


def relate(run: Run, model: str) -> None:
    """Run relate_physics and plot_physics, of a grid that a flow did not draw."""
    grid, attributes = Stamps.plain(np.zeros((0, 1, 64, 64), np.float32)), {"reason": REASON}
    if model != FAILED:
        axes = Axes("width", "sersic_axis_ratio")
        known = pd.DataFrame({"width": [3.0, 9.0], "sersic_axis_ratio": [0.3, 0.9]})
        asked = asked_grid(axes, known)
        y, x = np.mgrid[:64, :64] - 31.5
        widths, ratios = (asked[name].to_numpy()[:, None, None] for name in axes[:2])
        light = np.exp(-0.5 * (x**2 + (y / ratios) ** 2) / widths**2)
        grid = replace(Stamps.plain(light[:, None].astype(np.float32)), catalog=asked)
        facts = {"given": list(asked), "validation_loss": 8.0, "validation_loss_untold": 9.5}
        attributes = {
            "reason": "", "size": axes.size, "shape": axes.shape, "flow": json.dumps(facts), "in_flux": 1,
        }  # fmt: skip
    write_stamps(_made(run.path(layout.GALAXY_GRID, model)), [grid], attributes)
    made = {
        "grid": run.path(layout.GALAXY_GRID, model),
        "regression": run.path(layout.REGRESSION, model),
        "cells": run.path(layout.GRID_TABLE, model),
        "physics": run.path(layout.PHYSICS, model),
    }
    relate_physics.main(
        relate_physics.Files(
            dataset=run.path(layout.DATASET), latents=run.path(layout.LATENTS, model), **made
        ),
        relate_physics.Settings(seed=1),
    )
    plot_physics.main(
        plot_physics.Files(**made, figures=run.figures("plot_physics", model)),
        plot_physics.Settings(label=model, position=1),
    )


def learn(run: Run, model: str) -> None:
    """Run learn_classes and plot_classes."""
    made = {"places": run.path(layout.CLASS_MAP, model), "numbers": run.path(layout.CLASSES, model)}
    learn_classes.main(
        learn_classes.Files(
            dataset=run.path(layout.DATASET), latents=run.path(layout.LATENTS, model), **made
        ),
        learn_classes.Settings(columns=["use_bulge_fit"], seed=1),
    )
    plot_classes.main(
        plot_classes.Files(**made, figures=run.figures("plot_classes", model)),
        Shown(label=model, position=1),
    )


def compare(run: Run) -> None:
    """Run compare_samples, compare_scores, compare_latents and compare_bounds."""

    def of(file: layout.ResultFile, models: Mapping[str, Any] = MODELS) -> tuple[Path, ...]:
        return tuple(run.path(file, name) for name in models)

    positions = {name: place for place, name in enumerate(MODELS)}
    shown = [ShownModel(name=name, label=name, position=place) for name, place in positions.items()]
    compared = ComparedModels(dataset=DATASET, models=shown)
    compare_samples.main(
        compare_samples.Files(
            dataset=run.path(layout.DATASET),
            samples=of(layout.SAMPLE),
            scores=of(layout.MODEL_SCORES),
            figures=run.figures("compare_samples"),
        ),
        compared,
    )
    compare_curves.main(
        compare_curves.Files(
            histories=of(layout.HISTORY), records=of(layout.RECORD), figures=run.figures("compare_curves")
        ),
        compared,
    )
    compare_scores.main(
        compare_scores.Files(all_scores=run.path(layout.SCORES), figures=run.figures("compare_scores")),
        compared,
    )
    compare_latents.main(
        compare_latents.Files(summaries=of(layout.LATENT_TABLE), figures=run.figures("compare_latents")),
        compared,
    )
    bounded = {name: bound for name, bound in MODELS.items() if bound}
    compare_bounds.main(
        compare_bounds.Files(
            dataset=run.path(layout.DATASET),
            summaries=of(layout.LATENT_TABLE, bounded),
            reconstructions=of(layout.RECONSTRUCTION, bounded),
            table=run.path(layout.BOUNDS),
            figures=run.figures("compare_bounds"),
        ),
        compare_bounds.Settings(
            models=[
                compare_bounds.Bounded(name=name, label=name, position=positions[name], bound=bound)
                for name, bound in bounded.items()
            ]
        ),
    )


def write_report(run: Run, content: ReportContent, page: Path) -> None:
    """Run build_report."""
    build_report.main(build_report.Files(run.results, TEMPLATE, CAPTIONS, page), content)


def _settings(kind: type, values: dict[str, Any]) -> Any:
    return parse_settings(kind, json.dumps(values))


def report_content() -> ReportContent:
    """Return the settings of build_report: of the second model nothing differs, the third is unknown."""
    changes = [{"epochs": {"paper": 150, "run": 30}, "recipe.optimizer.betas": {"paper": [0.5], "run": None}}]
    described = [
        {
            "name": name,
            "label": name,
            "position": position,
            "description": "Convolutional variational autoencoder, loss of Eq. 7 with beta < 1.",
            "paper": "Danilov (2020), Tables 1 and 2, Eq. 7",
            "reason": "Minutes on a laptop instead of hours on a GPU.",
            "recipe": {"batch_size": 32, "optimizer": {"name": "Adam", "betas": [0.5, 0.999]}},
            "overrides": overrides,
            "further": ["explorer", "asked", "classes"] if name in ASKED else [],
        }
        for position, (name, overrides) in enumerate(zip(MODELS, [*changes, {}, None], strict=True))
    ]
    settings = {
        "title": "galforge: which model makes the most realistic galaxies?",
        "datasets": [
            {
                "name": DATASET,
                "survey": DATASET,
                "simulated": True,
                "description": "Galaxies of a simulated HST COSMOS survey at 64 x 64 pixels.",
                "models": described,
                "controls": list(CONTROLS),
                "bounded": True,
            }
        ],
        "configuration": {"seed": 20201006, "evaluation": {"count": 100}},
    }
    return _settings(ReportContent, settings)
