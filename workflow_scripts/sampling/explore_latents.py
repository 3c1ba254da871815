"""Draw what the explorer of a model's page shows: stamps for all combinations of its sliders' values."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from galforge.core.command_line import run_entry
from galforge.core.files import write_json
from galforge.core.isolation import isolated
from galforge.core.seeds import derive_seed
from galforge.core.settings import setting
from galforge.datasets.conditions import conditions_of, encode_conditions
from galforge.datasets.latent_file import read_latents
from galforge.evaluation.comparable import comparable
from galforge.evaluation.latent_explorer import (
    Slider,
    combinations,
    condition_sliders,
    describe,
    direction_sliders,
    latent_sliders,
    latents_along,
    latents_around,
)
from galforge.evaluation.latents import Posteriors, posteriors, summarize_latents
from galforge.figures.explorer_sheet import explorer_sheet, save_sheet
from galforge.models.base import GenerativeModel
from galforge.models.placement import Placement
from galforge.models.trained import BATCH, ModelFiles, load_trained


@dataclass(frozen=True)
class Files(ModelFiles):
    """The model and its latents; the stamps in one picture, WebP, and the sliders, JSON."""

    latents: Path
    figures: tuple[Path]
    explorer: Path


class Settings(Placement):
    """How many sliders at most, and which draws."""

    sliders: int = setting("sliders at most", ge=1)
    walks: bool = setting("whether the model has directions through its latents")
    seed: int


class Drawn(NamedTuple):
    """Sliders, a stamp (N, C, H, W) per combination of their values, and why there are none."""

    sliders: list[Slider]
    images: NDArray[np.float32]
    reason: str = ""


@torch.no_grad()
def draw(model: GenerativeModel, known: Posteriors, settings: Settings, seed: int) -> Drawn:
    """Return what is explored of a model: its conditions, else its latents, else directions through them."""
    if model.record.get("conditions"):
        drawn = by_conditions(model, settings, seed)
    elif not known.reason:
        drawn = by_latents(model, summarize_latents(known.mean, known.deviation), settings)
    elif settings.walks:
        drawn = by_directions(model, settings, seed)
    else:
        return Drawn([], np.zeros((0, *model.image_shape), dtype=np.float32), known.reason)
    # Those in flux as in every other figure: each on its own range.
    return drawn._replace(images=comparable(drawn.images)) if model.in_flux else drawn


def by_conditions(model: GenerativeModel, settings: Settings, seed: int) -> Drawn:
    """Return one galaxy, by chance, under all combinations of what it is asked for with."""
    conditions = conditions_of(model.record["conditions"])
    sliders = condition_sliders(conditions, settings.sliders)
    asked = pd.DataFrame(combinations(sliders), columns=[slider.name for slider in sliders])
    condition = torch.from_numpy(encode_conditions(conditions, asked))
    device = next(model.parameters()).device
    parts = [
        model.galaxies_of([seed] * len(part), part.to(device)).float().cpu().numpy()
        for part in torch.split(condition, BATCH)
    ]
    return Drawn(sliders, np.concatenate(parts))


def by_latents(model: GenerativeModel, table: pd.DataFrame, settings: Settings) -> Drawn:
    """Return galaxies around the average one, along the latents of the highest signal-to-noise ratio."""
    sliders = latent_sliders(table, settings.sliders)
    return Drawn(sliders, decoded(model, latents_around(table, sliders)))


def by_directions(model: GenerativeModel, settings: Settings, seed: int) -> Drawn:
    """Return galaxies around a draw, along the directions that matter most to the stamps."""
    generator = torch.Generator(next(model.parameters()).device).manual_seed(seed)
    start = model.draw_latents(1, generator)[0].double().cpu().numpy()
    directions = model.directions(settings.sliders, generator).double().cpu().numpy()
    sliders = direction_sliders(len(directions))
    return Drawn(sliders, decoded(model, latents_along(start, directions, sliders)))


def decoded(model: GenerativeModel, latents: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the stamps (N, C, H, W) of latents (N, L)."""
    vectors = torch.from_numpy(latents.astype(np.float32)).to(next(model.parameters()).device)
    return np.concatenate([model.decode(part).float().cpu().numpy() for part in torch.split(vectors, BATCH)])


def sheet_of(drawn: Drawn) -> NDArray[np.uint8]:
    """Return all stamps in one picture, with a column for each value of the last slider."""
    return explorer_sheet(drawn.images, len(drawn.sliders[-1].choices) if drawn.sliders else 1)


def main(files: Files, settings: Settings) -> None:
    """Draw the stamps; of a model that failed, or that has nothing to be set, none and the reason."""
    trained = load_trained(files, settings)
    known = posteriors(read_latents(files.latents))
    model = trained.model
    drawn = Drawn([], trained.no_images(), trained.reason)
    sheet = sheet_of(drawn)
    if model is not None:
        seed = derive_seed(settings.seed, "explorer", trained.record["model"])

        def explored() -> tuple[Drawn, NDArray[np.uint8]]:
            found = draw(model, known, settings, seed)
            return found, sheet_of(found)

        # Sliders without their stamps are none: what fails in either leaves neither.
        drawn, sheet = isolated(
            "explorer",
            explored,
            lambda fault: (drawn._replace(reason=f"it could not be drawn ({fault})"), sheet),
        )
    write_json(files.explorer, describe(drawn.sliders, drawn.reason))
    save_sheet(sheet, files.figures[0])


if __name__ == "__main__":
    run_entry(main)
