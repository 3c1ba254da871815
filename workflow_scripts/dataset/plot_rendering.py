"""Draw one galaxy of a dataset rescaled and cropped: why stamps are drawn by Eq. 1 of Danilov (2020)."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from galforge.core.command_line import run_entry
from galforge.core.errors import InputError
from galforge.core.seeds import derive_seed
from galforge.core.settings import Section
from galforge.core.tables import read_table
from galforge.figures.scale_and_crop import scale_and_crop_figure
from galforge.figures.style import save_drawn, save_figure, words_figure
from galforge.imaging.rendering import Frame, render_galaxy
from galforge.survey.manifest import read_manifest
from galforge.survey.observation import ObservationReader
from galforge.survey.reading import open_survey


@dataclass(frozen=True)
class Files:
    """The survey's manifest, what was selected, and the figure."""

    survey: Path
    selection: Path
    figures: tuple[Path]


class Settings(Section):
    """Side of the stamps in pixels, and the seed that the noise padding's is derived from."""

    size: int
    seed: int


def largest_galaxy(table: pd.DataFrame) -> tuple[int, int]:
    """Return identifier and survey's row of the kept galaxy that fills most of the survey's pixels."""
    kept = table[table["kept"].astype(bool)]
    largest = kept.loc[kept["original_size"].idxmax()]
    return int(largest["identifier"]), int(largest["survey_row"])


def main(files: Files, settings: Settings) -> None:
    """Write the figure."""
    manifest, selection = read_manifest(files.survey), read_table(files.selection)
    if not selection["kept"].astype(bool).any():
        save_figure(words_figure("No galaxy", "No stamp passes the selection."), files.figures[0])
        return
    survey = open_survey(manifest)
    survey.check_same(selection)
    catalog = survey.real_cat
    identifier, row = largest_galaxy(selection)
    observations = ObservationReader(catalog, manifest.files)
    seed = derive_seed(settings.seed, "noise padding", identifier)  # that of the dataset's own stamp
    fitted = render_galaxy(observations, row, Frame(settings.size), seed)
    if fitted.status != "ok":  # it was when the dataset was made
        raise InputError(f"{files.survey}: row {row} cannot be drawn ({fitted.status})")

    def draw() -> Figure:
        frame = Frame(settings.size, float(catalog.pixel_scale[row]))
        cropped = render_galaxy(observations, row, frame, seed)
        if cropped.status != "ok":
            raise ValueError(f"the galaxy cannot be cropped ({cropped.status})")
        return scale_and_crop_figure(fitted, cropped)

    save_drawn(draw, files.figures[0])


if __name__ == "__main__":
    run_entry(main)
