"""Stamps of a dataset beside those of the survey they were drawn from, and the noise of both."""

import galsim
import numpy as np
from numpy.typing import NDArray

from galforge.datasets.stamp_file import Stamps
from galforge.figures.originals import Pair
from galforge.imaging.border_noise import BORDER_REGION, border_noise, edge_noise


def evenly(count: int, wanted: int) -> NDArray[np.intp]:
    """Return at most ``wanted`` of the numbers below ``count``, evenly spaced from first to last."""
    return np.unique(np.linspace(0, count - 1, min(wanted, count)).round().astype(np.intp))


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
