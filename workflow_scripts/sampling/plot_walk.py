"""Draw the ways through a generator's latents."""

import argparse
import json
from pathlib import Path

from matplotlib.figure import Figure

from galforge.core.command_line import run_entry
from galforge.datasets.stamp_file import Stamps, read_stamps
from galforge.figures.latent_walk import latent_walk
from galforge.figures.style import save_figure, words_figure


def draw_walk(walk: Stamps) -> Figure:
    """Return the ways, or of a training that failed the reason."""
    if not len(walk):
        return words_figure("No ways through the latents", str(walk.attributes["reason"]))
    title = f"{walk.attributes['model']}: between galaxies, and along the strongest directions"
    return latent_walk(walk.image, int(walk.attributes["pairs"]), json.loads(walk.attributes["reach"]), title)


def main() -> None:
    """Run the stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--walk", type=Path, required=True, help="stamp file of the ways")
    parser.add_argument("--output", type=Path, required=True, help="PNG")
    arguments = parser.parse_args()
    save_figure(draw_walk(read_stamps(arguments.walk)), arguments.output)


if __name__ == "__main__":
    run_entry(main)
