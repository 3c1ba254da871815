"""Reconstruct the test stamps with a model that encodes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from workflow_scripts.command_line import argument_parser, parse_settings, run_entry, strict
from workflow_scripts.datasets.stamp_file import Stamps, read_stamps, write_stamps
from workflow_scripts.files import read_json
from workflow_scripts.models.building import load_model
from workflow_scripts.training.data import stamp_tensor
from workflow_scripts.training.device import choose_device

BATCH = 64  # a fixed one: batches of another size may differ in the last bits
SPLIT = "test"


@strict
@dataclass(frozen=True)
class Settings:
    """Where it runs."""

    device: str
    threads: int


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    record = read_json(arguments.record)
    reason = record["reason"]
    images = np.zeros((0, *record["image_shape"]), dtype=np.float32)
    if record["status"] == "ok":
        torch.set_num_threads(settings.threads)
        device = choose_device(settings.device)
        model = load_model(arguments.weights, arguments.record).to(device)
        if model.encodes:
            with torch.no_grad():
                stamps = stamp_tensor(arguments.dataset, SPLIT, device)
                batches = [model.reconstruct(batch).cpu() for batch in torch.split(stamps, BATCH)]
            images = torch.cat(batches).float().numpy()
        else:
            reason = f"{record['model']} has no encoder"
    attributes = {
        "dataset": record["dataset"], "model": record["model"], "split": SPLIT, "reason": reason,
    }  # fmt: skip
    write_stamps(arguments.output, [_of_originals(images, arguments.dataset)], attributes)


def _of_originals(images: NDArray[np.float32], dataset: Path) -> Stamps:
    """Return reconstructions with the names, offsets and scales of their originals, so in their flux."""
    if not len(images):
        return Stamps.plain(images)
    real = read_stamps(dataset, SPLIT)
    names = [column for column in ("identifier",) if column in real.catalog]
    catalog = pd.DataFrame(real.catalog[names], index=range(len(images)))
    return Stamps(images, real.offset, real.scale, catalog, real.split)


if __name__ == "__main__":
    run_entry(main)
