"""Decode the ways between the latents of pairs of test stamps, with a model that encodes."""

from pathlib import Path

import torch

from galforge.core.command_line import parse_settings, run_entry
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.models.trained import Placement, load_trained, model_parser
from galforge.training.data import stamp_tensor

SPLIT = "test"
PAIRS = 4  # of the first test stamps: the first with the second, the third with the fourth, ...
STEPS = 6  # stamps a way, with the reconstructions at its ends


def main() -> None:
    """Run the stage."""
    parser = model_parser(__doc__)
    parser.add_argument("--dataset", type=Path, required=True)
    arguments = parser.parse_args()
    settings = parse_settings(Placement, arguments.settings)

    trained = load_trained(arguments.weights, arguments.record, settings, encodes=True)
    images = trained.no_images()
    attributes = {**trained.attributes, "split": SPLIT, "steps": STEPS}
    if trained.model is not None:
        pairs = stamp_tensor(arguments.dataset, SPLIT, trained.device)[: 2 * PAIRS]
        with torch.no_grad():
            latents = trained.model.encode(pairs)  # (2P, L)
            ways = [
                trained.model.interpolate(first, second, STEPS)
                for first, second in zip(latents[::2], latents[1::2], strict=False)
            ]
        if ways:
            images = torch.cat(ways).float().cpu().numpy()  # (P * STEPS, C, H, W)
        else:
            attributes["reason"] = f"the {SPLIT} split has no two stamps"
    write_stamps(arguments.output, [Stamps.plain(images)], attributes)


if __name__ == "__main__":
    run_entry(main)
