"""Fit a network from places to pixels to one picture, and draw it large."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from galforge.core.command_line import run_entry
from galforge.core.errors import GalforgeError
from galforge.core.files import file_digest, replacing, write_json
from galforge.core.provenance import code_digest, source_closure, versions
from galforge.core.tables import write_table
from galforge.core.tensor_files import write_tensors
from galforge.figures.style import save_figures
from galforge.figures.upscaling import upscaled_figure
from galforge.models.base import describe
from galforge.training.state import StateStore
from galforge.upscaling.fitting import fit, fit_key, measures
from galforge.upscaling.pictures import Pixels, enlarged, picture_content, read_pair
from galforge.upscaling.settings import UpscalerTraining


@dataclass(frozen=True)
class Files:
    """What is published of the network, picture and figure, the folder of the state; the picture's survey."""

    weights: Path
    history: Path
    record: Path
    drawn: Path
    figures: tuple[Path, ...]
    state: Path
    survey: Path | None = None


def main(files: Files, settings: UpscalerTraining) -> None:
    """Fit from where the last try was, and draw."""
    content = picture_content(settings.source, files.survey)
    pair = read_pair(content, settings.label, settings.settings)
    code = code_digest(source_closure("upscaling.fit_upscaler"))
    store = StateStore(files.state, fit_key(settings, pair, code))
    with store.locked():
        painter, outcome = fit(settings, pair, store)
        if outcome.status != "ok":
            raise GalforgeError(f"{settings.label}: {outcome.reason}; lower recipe.optimizer.learning_rate")
        decibels = measures(painter, pair)
        side = settings.settings.drawn_size
        drawn = painter.drawn(side).numpy()
        write_tensors(files.weights, outcome.weights)
        write_table(files.history, pd.DataFrame(outcome.history))
        write_picture(files.drawn, drawn)
        bicubic = enlarged(pair.fitted, side)
        title = f"{settings.upscaler}: {settings.picture}"
        save_figures(
            {"upscaled": lambda: upscaled_figure(pair.fitted, drawn, bicubic, pair.truth, decibels, title)},
            files.figures,
        )
        write_json(
            files.record,
            {
                **settings.model_dump(),
                **describe(painter),
                "sides": {"fitted": len(pair.fitted), "truth": len(pair.truth), "drawn": side},
                "decibels": decibels,
                "seconds": outcome.seconds,
                "weights_digest": file_digest(files.weights),
                "code": code,
                "versions": versions(),
            },
        )
        store.discard()


def write_picture(path: Path, pixels: Pixels) -> None:
    """Write pixels in [0, 1], (H, W, C), as PNG."""
    bytes_ = (255 * pixels).round().astype(np.uint8)
    with replacing(path) as temporary:
        Image.fromarray(bytes_ if bytes_.shape[2] == 3 else bytes_[..., 0]).save(temporary, format="PNG")


if __name__ == "__main__":
    run_entry(main)
