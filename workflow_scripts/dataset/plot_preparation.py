"""Draw pictures of a survey beside the stamps that they became."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from galforge.core.command_line import run_entry
from galforge.core.errors import InputError
from galforge.core.settings import Section
from galforge.datasets.stamp_file import read_attributes, read_catalog
from galforge.datasets.stamp_rows import read_images
from galforge.figures.preparation import Triple, preparation_figure
from galforge.figures.style import save_figure
from galforge.pictures.decoding import decode_picture
from galforge.pictures.preprocessing import crop_box
from galforge.pictures.preprocessing_settings import PreprocessingSettings
from galforge.pictures.store import opened_store
from galforge.survey.manifest import read_manifest

SHOWN = 12


@dataclass(frozen=True)
class Files:
    """The survey's manifest, the dataset, and the figure."""

    survey: Path
    dataset: Path
    figures: tuple[Path]


class Settings(Section):
    """How the stamps were made; ``recipe`` is the name of the preprocessing."""

    recipe: str
    preprocessing: PreprocessingSettings


def triples_of(files: Files, preprocessing: PreprocessingSettings) -> list[Triple]:
    """Return pictures evenly spaced in the dataset, each with its crop and its stamp.

    Raises
    ------
    InputError
        If a picture is not what its stamp was made from.
    """
    names = read_catalog(files.dataset)["file"]
    manifest = read_manifest(files.survey)
    rows = np.unique(np.linspace(0, len(names) - 1, SHOWN).round().astype(int))
    triples = []
    with opened_store(manifest.location / manifest.pictures) as store:
        for name, stamp in zip(names.iloc[rows], read_images(files.dataset, rows), strict=True):
            decoded = decode_picture(store.read(name), preprocessing.channels)
            pixels = decoded.pixels
            if pixels is None:
                raise InputError(f"{name}: has changed since the stamps were made ({decoded.status})")
            height, width, _ = pixels.shape
            box = crop_box(width, height, preprocessing)
            if box is None:
                raise InputError(f"{name}: has changed since the stamps were made ({width} x {height} px)")
            triples.append(Triple(pixels, box, stamp, f"{width} x {height} px"))
    return triples


def main(files: Files, settings: Settings) -> None:
    """Write the figure."""
    attributes = read_attributes(files.dataset)
    kind = "Simulated" if attributes["simulated"] else "Observed"
    title = f"{kind} galaxies of {attributes['dataset']}, prepared with the recipe {settings.recipe}"
    save_figure(preparation_figure(triples_of(files, settings.preprocessing), title), files.figures[0])


if __name__ == "__main__":
    run_entry(main)
