"""Decode the ways between the latents of pairs of test stamps, with a model that encodes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from workflow_scripts.command_line import argument_parser, parse_settings, run_entry, strict
from workflow_scripts.datasets.stamp_file import Stamps, write_stamps
from workflow_scripts.files import read_json
from workflow_scripts.models.building import load_model
from workflow_scripts.training.data import stamp_tensor
from workflow_scripts.training.device import choose_device

SPLIT = "test"
PAIRS = 4  # of the first test stamps: the first with the second, the third with the fourth, ...
STEPS = 6  # stamps a way, with the reconstructions at its ends


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
                latents = model.encode(stamp_tensor(arguments.dataset, SPLIT, device)[: 2 * PAIRS])  # (2P, L)
                ways = [
                    model.interpolate(first, second, STEPS)
                    for first, second in zip(latents[::2], latents[1::2], strict=False)
                ]
            if ways:
                images = torch.cat(ways).float().cpu().numpy()  # (P * STEPS, C, H, W)
            else:
                reason = f"the {SPLIT} split has no two stamps"
        else:
            reason = f"{record['model']} has no encoder"
    attributes = {
        "dataset": record["dataset"], "model": record["model"], "split": SPLIT, "steps": STEPS,
        "reason": reason,
    }  # fmt: skip
    write_stamps(arguments.output, [Stamps.plain(images)], attributes)


if __name__ == "__main__":
    run_entry(main)
