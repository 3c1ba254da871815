"""Decode walks between the latents of pairs of test stamps, with a model that encodes."""

from dataclasses import dataclass
from pathlib import Path

import torch

from galforge.core.command_line import run_entry
from galforge.datasets.drawing import model_stamps
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.models.placement import Placement
from galforge.models.trained import ModelFiles, load_trained
from galforge.training.data import resident_stamps
from galforge.training.known import Wanted

SPLIT = "test"
PAIRS = 4  # of the first test stamps: the first with the second, the third with the fourth, ...
STEPS = 6  # stamps per walk, with the reconstructions at its ends


@dataclass(frozen=True)
class Files(ModelFiles):
    """The dataset and the model, and the stamp file of the interpolations."""

    dataset: Path
    stamps: Path


def main(files: Files, settings: Placement) -> None:
    """Interpolate between pairs of test stamps; nothing if the model does not encode."""
    trained = load_trained(files, settings, encodes=True)
    sample = Stamps.plain(trained.no_images())
    attributes = {**trained.attributes, "split": SPLIT, "steps": STEPS}
    if trained.model is not None:
        stamps = resident_stamps(files.dataset, SPLIT, trained.device, Wanted.of_record(trained.record))
        pairs = next(stamps.batches(2 * PAIRS))
        with torch.no_grad():
            latents = trained.model.encode(pairs)  # (2P, L)
            walks = [
                trained.model.interpolate(first, second, STEPS)
                for first, second in zip(latents[::2], latents[1::2], strict=False)
            ]
        if walks:
            images = torch.cat(walks).float().cpu().numpy()  # (P * STEPS, C, H, W)
            sample = model_stamps(trained.model, images)
        else:
            attributes["reason"] = f"the {SPLIT} split has no two stamps"
    write_stamps(files.stamps, [sample], {**sample.attributes, **attributes})


if __name__ == "__main__":
    run_entry(main)
