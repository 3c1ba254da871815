"""Fit a network from places to pixels to one picture, and draw it large."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from galforge.core.command_line import run_entry
from galforge.core.errors import GalforgeError
from galforge.core.files import file_digest, write_json
from galforge.core.provenance import code_digest, source_closure, versions
from galforge.core.tables import write_table
from galforge.core.tensor_files import write_tensors
from galforge.models.base import describe
from galforge.training.state import StateStore
from galforge.upscaling.fitting import fit, fit_key, measures
from galforge.upscaling.pictures import picture_content, read_pair, write_picture
from galforge.upscaling.settings import UpscalerTraining


@dataclass(frozen=True)
class Files:
    """What is published of the network, its picture, the folder of the state; the given picture's survey."""

    weights: Path
    history: Path
    record: Path
    drawn: Path
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
        write_tensors(files.weights, outcome.weights)
        write_table(files.history, pd.DataFrame(outcome.history))
        write_picture(files.drawn, painter.drawn(side).numpy())
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


if __name__ == "__main__":
    run_entry(main)
