"""Draw the walks through a generator's latents."""

import json
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from galforge.core.command_line import run_entry
from galforge.datasets.stamp_file import Stamps, read_stamps
from galforge.figures.latent_walk import latent_walk
from galforge.figures.shown import Shown
from galforge.figures.style import save_drawn, words_figure


@dataclass(frozen=True)
class Files:
    """Stamp file of the walks, and their figure."""

    walk: Path
    figures: tuple[Path]


def draw_walk(walk: Stamps, name: str) -> Figure:
    """Return the walks, or the reason if the training failed."""
    if not len(walk):
        return words_figure("No walks through the latents", str(walk.attributes["reason"]))
    title = f"{name}: between galaxies, and along the strongest directions"
    return latent_walk(walk.image, int(walk.attributes["pairs"]), json.loads(walk.attributes["reach"]), title)


def main(files: Files, settings: Shown) -> None:
    """Draw the figure."""
    save_drawn(lambda: draw_walk(read_stamps(files.walk), settings.title), files.figures[0])


if __name__ == "__main__":
    run_entry(main)
