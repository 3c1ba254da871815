"""The data card of a dataset: what it is and what to beware of, in plain words."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import jinja2
import numpy as np
import pandas as pd

from galforge.datasets.columns import COLUMNS, describe_column
from galforge.datasets.stamp_file import SPLITS
from galforge.survey.manifest import SurveyManifest


def render_card(
    template: str,
    description: str,
    manifest: SurveyManifest,
    attributes: Mapping[str, Any],
    catalog: pd.DataFrame,
    shape: tuple[int, ...],
) -> str:
    """Return the card as Markdown.

    Parameters
    ----------
    template : str
        Jinja2 source.
    description : str
        What the dataset is, from the configuration.
    manifest : SurveyManifest
        Of the survey that the stamps were drawn from.
    attributes : mapping
        Root attributes of the dataset's file.
    catalog : DataFrame
        Its catalogue, with ``split``.
    shape : tuple of int
        (C, H, W) of a stamp.
    """
    counts = json.loads(attributes["counts"])
    labels = json.loads(attributes.get("labels", "[]"))
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return environment.from_string(template).render(
        name=attributes["dataset"],
        description=description.strip(),
        simulated=manifest.simulated,
        survey=attributes["survey"],
        survey_count=f"{manifest.count:,}",
        exclusion_level=manifest.exclusion_level,
        pictures=bool(manifest.pictures),
        value_range=[f"{end:g}" for end in json.loads(attributes.get("value_range", "[0, 1]"))],
        duplicates=json.loads(attributes.get("duplicates", "{}")),
        credit=manifest.credit,
        total=f"{len(catalog):,}",
        shape=" x ".join(str(side) for side in shape),
        counts={side: f"{counts[side]:,}" for side in SPLITS},
        unused=f"{unused:,}" if (unused := len(catalog) - sum(counts.values())) else "",
        attrition=json.loads(attributes["attrition"]),
        biases=list(known_biases(json.loads(attributes["settings"]), manifest.simulated)),
        columns=[
            described(name, catalog[name], labels)
            for name in dict.fromkeys((*COLUMNS, *labels))
            if name in catalog
        ],
        digest=attributes["digest"],
    )


def described(name: str, values: pd.Series, labels: Collection[str] = ()) -> dict[str, str]:
    """Return name, unit, meaning, median and range of a catalogue column; dashes where it is text."""
    column = describe_column(name, labels)
    # A table's cells end at a bar.
    cells = {"name": name, "unit": column.unit, "meaning": column.description.replace("|", "\\|")}
    numbers = values.to_numpy(dtype=np.float64) if pd.api.types.is_numeric_dtype(values) else np.array([])
    finite = numbers[np.isfinite(numbers)]
    if not finite.size or name in ("identifier", "survey_row"):
        return {**cells, "median": "–", "range": "–"}
    low, middle, high = np.percentile(finite, [10, 50, 90])
    return {**cells, "median": f"{middle:.4g}", "range": f"{low:.4g} to {high:.4g}"}


def known_biases(settings: Mapping[str, Any], simulated: bool) -> Iterator[str]:
    """Yield what a user of the stamps must know, from the settings recorded in the file.

    Parameters
    ----------
    settings : mapping
        ``stamps`` (of the rendering) and ``selection``.
    simulated : bool
        Whether the galaxies are drawn, not observed.
    """
    if settings["stamps"].get("mode") == "picture":
        yield from _picture_biases(settings)
        return
    if settings["stamps"].get("mode", "fit") == "fit":
        yield (
            "Each galaxy is rescaled to fill its stamp: apparent sizes cannot be compared between stamps. "
            "`pixel_scale` brings them back to arcsec, as `width_arcsec` has it. Resolution in PSF widths "
            "varies with it, and shrinking averages small structure and noise of large galaxies."
        )
    yield (
        "Each stamp is scaled to [0, 1] by its own minimum and maximum, of which the minimum is noise: "
        "brightness is in `offset` and `scale`, not in the image, and the sky is not at zero."
    )
    if limited := _limited(settings):
        yield f"{limited} Weights of the survey (`weight`) do not undo it."
    yield (
        "`border_noise` is the least of the deviations of many regions, each with few independent pixels: it "
        "lies below the noise that the catalogue promises (`catalog_noise`), and `snr` above what that noise "
        "would give, as the noise figure shows."
    )
    if settings["stamps"].get("psf", {}).get("kind") == "gaussian":
        yield (
            "`catalog_noise` holds for galaxies drawn with the survey's own PSF. The one that these stamps "
            "have instead smooths the noise further, which it leaves out."
        )
    yield (
        "Noise is correlated between neighbouring pixels. Beyond the survey's own stamp it is continued by "
        "simulated noise of the same correlation, so the border of a small galaxy is not observed sky."
    )
    yield "Neighbours that the survey left on its stamps are still there. One band; no colours."
    if simulated:
        yield (
            "Drawn from distributions of 100 real galaxies of F814W 16.5 to 22.5; fainter ones extrapolate "
            "them. Spiral arms and knots are chosen by eye: no statistics of structure should be trusted."
        )


def _limited(settings: Mapping[str, Any]) -> str:
    limited = ", ".join(f"`{column}`" for column, _ in settings["selection"]["limits"])
    if not limited:
        return ""
    return (
        f"Limits on {limited} make this no fair sample of the sky: faint, small, blended or extended "
        "galaxies are missing as the table above counts."
    )


def _picture_biases(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a user must know of stamps that were prepared from pictures."""
    yield (
        "JPEG and PNG pictures are 8-bit and non-linear: they were stretched, and often clipped, for the "
        "eye. Their values are no flux, colours are no magnitudes, and a ratio of two values means nothing. "
        "(FITS cutouts keep the survey's values, each stamp scaled by its own minimum and maximum.)"
    )
    yield (
        "`snr`, `width`, `non_uniformity` and all morphology are measured on the mean over the colours, in "
        "the picture's values: they compare pictures of one kind with each other, and with no stamp of flux. "
        "`snr` is a contrast over the border, infinite where the sky is clipped to one value, and not a "
        "signal-to-noise ratio of a detector."
    )
    side, size = settings["stamps"]["preprocessing"]["side"], settings["stamps"]["size"]
    yield (
        "Pictures of different widths are all resized to one: apparent sizes cannot be compared between "
        "stamps then. Enlarged ones hold no more detail than their picture."
        if side is None
        else f"The central {side} x {side} px of each picture became {size} x {size}: a galaxy that reaches "
        "beyond them is cut off."
    )
    yield "Neighbours and artefacts of the pictures are still there."
    if limited := _limited(settings):
        yield limited
