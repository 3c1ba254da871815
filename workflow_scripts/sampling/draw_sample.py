"""Draw new stamps from a trained model."""

from dataclasses import dataclass

import torch

from galforge.core.command_line import parse_settings, run_entry, strict
from galforge.core.seeds import derive_seed
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.models.trained import BATCH, Placement, load_trained, model_parser


@strict
@dataclass(frozen=True)
class Settings(Placement):
    """How many stamps, from which seed."""

    count: int
    seed: int


def main() -> None:
    """Run the stage."""
    arguments = model_parser(__doc__).parse_args()
    settings = parse_settings(Settings, arguments.settings)

    trained = load_trained(arguments.weights, arguments.record, settings)
    images = trained.no_images()
    if trained.model is not None:
        seed = derive_seed(settings.seed, "sample", trained.record["model"])
        generator = torch.Generator(trained.device).manual_seed(seed)
        with torch.no_grad():
            batches = [
                trained.model.sample(min(BATCH, settings.count - start), generator).cpu()
                for start in range(0, settings.count, BATCH)
            ]
        images = torch.cat(batches).float().numpy()
    write_stamps(arguments.output, [Stamps.plain(images)], trained.attributes)


if __name__ == "__main__":
    run_entry(main)
