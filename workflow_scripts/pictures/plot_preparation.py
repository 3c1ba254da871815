"""Draw pictures of a survey beside the stamps that they became."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.errors import InputError
from galforge.datasets.stamp_file import read_attributes, read_catalog
from galforge.datasets.stamp_rows import read_images
from galforge.figures.preparation import Triple, preparation_figure
from galforge.figures.style import save_figure
from galforge.pictures.decoding import decode_picture
from galforge.pictures.preprocessing import Preprocessing, crop_box
from galforge.pictures.store import opened_store
from galforge.survey.manifest import read_manifest

SHOWN = 12


@strict
@dataclass(frozen=True)
class Settings:
    """How the stamps were made; ``recipe`` is the name of the preprocessing."""

    recipe: str
    preprocessing: Preprocessing


def main() -> None:
    """Read dataset and survey, write the figure."""
    parser = argument_parser(__doc__)
    parser.add_argument("--survey", required=True, type=Path, help="the survey's manifest")
    parser.add_argument("--dataset", required=True, type=Path, help="stamp file of the dataset")
    parser.add_argument("--output", required=True, type=Path, help="the figure, PNG")
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    attributes, files = read_attributes(arguments.dataset), read_catalog(arguments.dataset)["file"]
    manifest = read_manifest(arguments.survey)
    rows = np.unique(np.linspace(0, len(files) - 1, SHOWN).round().astype(int))
    triples = []
    with opened_store(manifest.location / manifest.pictures) as store:
        for name, stamp in zip(files.iloc[rows], read_images(arguments.dataset, rows), strict=True):
            decoded = decode_picture(store.read(name), settings.preprocessing.channels)
            pixels = decoded.pixels
            if pixels is None:
                raise InputError(f"{name}: has changed since the stamps were made ({decoded.status})")
            height, width, _ = pixels.shape
            box = crop_box(width, height, settings.preprocessing)
            if box is None:
                raise InputError(f"{name}: has changed since the stamps were made ({width} x {height} px)")
            triples.append(Triple(pixels, box, stamp, f"{width} x {height} px"))
    kind = "Simulated" if attributes["simulated"] else "Observed"
    title = f"{kind} galaxies of {attributes['dataset']}, prepared with the recipe {settings.recipe}"
    save_figure(preparation_figure(triples, title), arguments.output)


if __name__ == "__main__":
    run_entry(main)
