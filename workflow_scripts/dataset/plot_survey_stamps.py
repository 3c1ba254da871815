"""Draw a dataset's stamps beside the survey's own, and their noise against the catalogue's."""

from dataclasses import dataclass
from pathlib import Path

import galsim
import numpy as np
from matplotlib.figure import Figure

from galforge.core.command_line import run_entry
from galforge.core.errors import InputError
from galforge.core.progress import remark
from galforge.datasets.stamp_file import Stamps, read_stamps
from galforge.figures.noise import noise_figure, summary
from galforge.figures.originals import PAIRS_PER_ROW, originals_figure
from galforge.figures.style import save_figures
from galforge.figures.survey_stamps import evenly, noise_ratios, pairs
from galforge.imaging.catalog_noise import noise_amplification
from galforge.survey.manifest import read_manifest
from galforge.survey.reading import open_survey

PAIRS = 6 * PAIRS_PER_ROW
NOISE_GALAXIES = 400  # whose survey stamps are read for the noise figure


@dataclass(frozen=True)
class Files:
    """The survey's manifest, the dataset, and the figures."""

    survey: Path
    dataset: Path
    figures: tuple[Path, Path]


def main(files: Files) -> None:
    """Write the figures."""
    stamps = read_stamps(files.dataset)
    if not len(stamps):
        raise InputError(f"{files.dataset}: holds no stamps")
    opened = open_survey(read_manifest(files.survey))
    opened.check_same(stamps.catalog)
    survey = opened.real_cat
    kind = "Simulated" if stamps.attributes["simulated"] else "Observed"

    by_size = np.argsort(stamps.catalog["original_size"].to_numpy(), kind="stable")
    shown = stamps.take(by_size[evenly(len(stamps), PAIRS)])
    originals_title = f"{kind} galaxies of {stamps.attributes['dataset']}: the survey's stamp, the drawn one"

    drawings = {
        "originals": lambda: originals_figure(pairs(shown, survey), originals_title),
        "noise": lambda: draw_noise(stamps.take(evenly(len(stamps), NOISE_GALAXIES)), survey, kind),
    }
    save_figures(drawings, files.figures)


def draw_noise(stamps: Stamps, survey: galsim.RealGalaxyCatalog, kind: str) -> Figure:
    """Return the noise of stamps of a survey beside its catalogue's."""
    edge, border = noise_ratios(stamps, survey)
    for rule, ratios in (("edge", edge), ("border rule", border)):
        for name, values in ratios.items():
            remark(f"Noise of {name}, {rule} over catalogue, median (10 to 90 %): {summary(values)}")
    scales = np.geomspace(stamps.catalog["pixel_scale"].min(), stamps.catalog["pixel_scale"].max(), 60)
    native = float(stamps.catalog["survey_pixel_scale"].median())
    title = f"Noise of {len(stamps):,} {kind.lower()} galaxies of {stamps.attributes['dataset']}"
    expected = (scales, noise_amplification(scales / native))
    return noise_figure(stamps.catalog, expected, edge, border, title)


if __name__ == "__main__":
    run_entry(main)
