"""Draw a dataset's stamps beside the survey's own, and their noise against the catalogue's."""

from dataclasses import dataclass
from pathlib import Path

import galsim
import numpy as np
from numpy.typing import NDArray

from galforge.core.command_line import run_entry
from galforge.core.errors import InputError
from galforge.core.progress import announce
from galforge.datasets.stamp_file import Stamps, read_stamps
from galforge.figures.noise import noise_figure, summary
from galforge.figures.originals import PAIRS_PER_ROW, Pair, originals_figure
from galforge.figures.style import save_figure
from galforge.imaging.border_noise import BORDER_REGION, border_noise, edge_noise
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


def evenly(count: int, wanted: int) -> NDArray[np.intp]:
    """Return at most ``wanted`` of the numbers below ``count``, evenly spaced from first to last."""
    return np.unique(np.linspace(0, count - 1, min(wanted, count)).round().astype(np.intp))


def main(files: Files) -> None:
    """Write the figures."""
    stamps = read_stamps(files.dataset)
    if not len(stamps):
        raise InputError(f"{files.dataset}: holds no stamps")
    survey = open_survey(read_manifest(files.survey)).real_cat
    kind = "Simulated" if stamps.attributes["simulated"] else "Observed"
    originals_path, noise_path = files.figures

    by_size = np.argsort(stamps.catalog["original_size"].to_numpy(), kind="stable")
    shown = stamps.take(by_size[evenly(len(stamps), PAIRS)])
    title = f"{kind} galaxies of {stamps.attributes['dataset']}: the survey's stamp, the drawn one"
    save_figure(originals_figure(pairs(shown, survey), title), originals_path)

    stamps = stamps.take(evenly(len(stamps), NOISE_GALAXIES))
    edge, border = noise_ratios(stamps, survey)
    for rule, ratios in (("edge", edge), ("border rule", border)):
        for name, values in ratios.items():
            announce(f"Noise of {name}, {rule} over catalogue, median (10 to 90 %): {summary(values)}")
    scales = np.geomspace(stamps.catalog["pixel_scale"].min(), stamps.catalog["pixel_scale"].max(), 60)
    native = float(stamps.catalog["survey_pixel_scale"].median())
    title = f"Noise of {len(stamps):,} {kind.lower()} galaxies of {stamps.attributes['dataset']}"
    expected = (scales, noise_amplification(scales / native))
    save_figure(noise_figure(stamps.catalog, expected, edge, border, title), noise_path)


def pairs(stamps: Stamps, survey: galsim.RealGalaxyCatalog) -> list[Pair]:
    """Return each galaxy as the survey has it and as it was drawn."""
    return [
        Pair(
            original=survey.getGalImage(int(row.survey_row)).array,
            original_scale=row.survey_pixel_scale,
            drawn=flux.mean(axis=0),
            drawn_scale=row.pixel_scale,
            name=str(row.identifier),
        )
        for row, flux in zip(stamps.catalog.itertuples(), stamps.flux(), strict=True)
    ]


def noise_ratios(
    stamps: Stamps, survey: galsim.RealGalaxyCatalog
) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
    """Return measured over expected noise, by edge and by border rule, of drawn and of survey stamps."""
    drawn = stamps.flux().mean(axis=1)
    expected = stamps.catalog["catalog_noise"].to_numpy()
    native = np.sqrt(stamps.catalog["noise_variance"].to_numpy())
    originals = [survey.getGalImage(int(row)).array for row in stamps.catalog["survey_row"]]
    regions = [
        float(border_noise(image[None])[0]) if min(image.shape) >= BORDER_REGION else np.nan
        for image in originals
    ]
    edge = {
        "drawn stamps": np.array([edge_noise(image) for image in drawn]) / expected,
        "survey's own stamps": np.array([edge_noise(image) for image in originals]) / native,
    }
    border = {
        "drawn stamps": stamps.catalog["border_noise"].to_numpy() / expected,
        "survey's own stamps": np.array(regions) / native,
    }
    return edge, border


if __name__ == "__main__":
    run_entry(main)
