"""The data card of a dataset: what it is and what to be aware of, in plain words."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from galforge.core.cards import card_environment, cell
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
    flux: Mapping[str, str] | None = None,
) -> str:
    """Return the card as Markdown.

    Parameters
    ----------
    template : str
        Jinja2 source.
    description : str
        Description of the dataset, from the configuration.
    manifest : SurveyManifest
        Manifest of the survey that the stamps were drawn from.
    attributes : mapping
        Root attributes of the dataset's file.
    catalog : DataFrame
        The dataset's catalogue, with ``split``.
    shape : tuple of int, (C, H, W)
    flux : mapping of str to str, optional
        The dataset's :func:`galforge.datasets.flux_facts.flux_facts`.
    """
    counts = json.loads(attributes["counts"])
    labels = json.loads(attributes.get("labels", "[]"))
    return (
        card_environment()
        .from_string(template)
        .render(
            name=attributes["dataset"],
            description=description.strip(),
            simulated=manifest.simulated,
            survey=attributes["survey"],
            survey_count=f"{manifest.count:,}",
            exclusion_level=manifest.exclusion_level,
            unmatched=_grouped(manifest.unmatched),
            pictures=bool(manifest.pictures),
            flux=flux or {},
            value_range=[f"{end:g}" for end in json.loads(attributes.get("value_range", "[0, 1]"))],
            duplicates=json.loads(attributes.get("duplicates", "{}")),
            credit=manifest.credit,
            total=f"{len(catalog):,}",
            shape=" x ".join(str(side) for side in shape),
            counts={side: f"{counts[side]:,}" for side in SPLITS},
            unused=f"{unused:,}" if (unused := len(catalog) - sum(counts.values())) else "",
            attrition=json.loads(attributes["attrition"]),
            left_out=_grouped(json.loads(attributes.get("left_out", "{}"))),
            biases=list(known_biases(json.loads(attributes["settings"]), manifest.simulated)),
            columns=[
                described(name, catalog[name], labels, manifest.labels.get(name, ""))
                for name in dict.fromkeys((*COLUMNS, *labels))
                if name in catalog
            ],
            digest=attributes["digest"],
        )
    )


def _grouped(counts: Mapping[str, int]) -> dict[str, str]:
    """Return numbers as text, their digits in groups, by what they count."""
    return {cell(name): f"{count:,}" for name, count in counts.items()}


def described(name: str, values: pd.Series, labels: Collection[str] = (), note: str = "") -> dict[str, str]:
    """Return name, unit, meaning, median and range of a catalogue column; dashes where it holds text.

    ``note`` says what was done to a label on its way into the catalogue.
    """
    column = describe_column(name, labels)
    meaning = f"{column.description}; {note}" if note else column.description
    cells = {"name": cell(name), "unit": column.unit, "meaning": cell(meaning)}
    numbers = values.to_numpy(dtype=np.float64) if pd.api.types.is_numeric_dtype(values) else np.array([])
    finite = numbers[np.isfinite(numbers)]
    if not finite.size or name in ("identifier", "survey_row"):
        return {**cells, "median": "–", "range": "–"}
    low, middle, high = np.percentile(finite, [10, 50, 90])
    return {**cells, "median": f"{middle:.4g}", "range": f"{low:.4g} to {high:.4g}"}


def known_biases(settings: Mapping[str, Any], simulated: bool) -> Iterator[str]:
    """Yield what a user of the stamps must know, derived from the settings recorded in the file.

    Parameters
    ----------
    settings : mapping
        ``stamps`` (settings of the rendering) and ``selection``.
    simulated : bool
        Whether the galaxies are drawn rather than observed.
    """
    if settings["stamps"].get("mode") == "picture":
        yield from _picture_biases(settings)
        return
    if settings["stamps"].get("mode", "fit") == "fit":
        yield (
            "Each galaxy is rescaled to fill its stamp: apparent sizes cannot be compared between stamps. "
            "`pixel_scale` converts them to arcsec, as in `width_arcsec`. Resolution in PSF widths varies "
            "with it, and shrinking averages over small structure and noise of large galaxies."
        )
    yield (
        "All stamps are in one unit, that of the noise: some pixels of bright galaxies are hundreds, most of "
        "faint ones about one. The noise itself differs between stamps (`noise/standard_deviation`)."
        if settings["stamps"].get("conditions")
        else "Each stamp is scaled to [0, 1] by its own minimum and maximum, and the minimum is noise: "
        "brightness is in `offset` and `scale`, not in the image, and the sky is not at zero."
    )
    if settings["stamps"].get("truth"):
        yield (
            "The light in `truth/image` goes on beyond the survey's own stamp of a galaxy, where `image` has "
            "noise alone. Cores and knots are finer than the pixels: there, `truth/image` convolved with the "
            "PSF differs from the stamp by a few per cent of the peak."
        )
    if limited := _limited(settings):
        yield f"{limited} The survey's weights (`weight`) do not correct for that."
    yield (
        "`border_noise` is the least of the deviations of many regions, each with few independent pixels: it "
        "lies below the noise that the catalogue states (`catalog_noise`), and `snr` above what that noise "
        "would give, as the noise figure shows."
    )
    if settings["stamps"].get("psf", {}).get("kind") == "gaussian":
        yield (
            "`catalog_noise` holds for galaxies drawn with the survey's own PSF. The PSF of these stamps "
            "smooths the noise further, which `catalog_noise` does not include."
        )
    yield (
        "Noise is correlated between neighbouring pixels. Beyond the survey's own stamp it is continued by "
        "simulated noise of the same correlation, so the border around a small galaxy is not observed sky."
    )
    yield "Neighbours that the survey left on its stamps are still there. There is one band, without colours."
    if simulated:
        yield (
            "The galaxies are drawn from distributions of 100 real ones of F814W 16.5 to 22.5; fainter ones "
            "extrapolate them. Spiral arms and knots were chosen by eye: no statistics of structure should "
            "be trusted."
        )


def _limited(settings: Mapping[str, Any]) -> str:
    limited = ", ".join(f"`{column}`" for column, _ in settings["selection"]["limits"])
    if not limited:
        return ""
    return (
        f"Limits on {limited} make this an unfair sample of the sky: faint, small, blended or extended "
        "galaxies are missing, as counted in the table above."
    )


def _picture_biases(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a user must know about stamps that were prepared from pictures."""
    yield (
        "JPEG and PNG pictures are 8-bit and non-linear: they were stretched, and often clipped, for the "
        "eye. Their values are not flux, their colours are not magnitudes, and a ratio of two values means "
        "nothing. (FITS cutouts keep the survey's values, each stamp scaled by its own minimum and maximum.)"
    )
    yield (
        "`snr`, `width`, `non_uniformity` and all morphology are measured on the mean over the colours, in "
        "the picture's values: they compare pictures of one kind with each other, not with stamps of flux. "
        "`snr` is a contrast over the border, infinite where the sky is clipped to one value, and not a "
        "signal-to-noise ratio of a detector."
    )
    side, size = settings["stamps"]["preprocessing"]["side"], settings["stamps"]["size"]
    yield (
        "Pictures of different widths are all resized to one: apparent sizes cannot be compared between "
        "such stamps. Enlarged ones hold no more detail than their picture."
        if side is None
        else f"The central {side} x {side} px of each picture became {size} x {size}: a galaxy that reaches "
        "beyond them is cut off."
    )
    yield "Neighbours and artefacts of the pictures are still there."
    if limited := _limited(settings):
        yield limited
