"""The quality of a catalogue's stamps, as columns beside what is known of them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.imaging.catalog_noise import noise_amplification
from galforge.imaging.quality import measure_quality, stamp_statuses


def quality_table(flux: NDArray[np.floating], catalog: pd.DataFrame) -> pd.DataFrame:
    """Return a catalogue with the quality of its stamps; of colour stamps, on the mean over their channels.

    Parameters
    ----------
    flux : ndarray, shape (N, C, H, W)
    catalog : DataFrame of N rows
        With ``render_status``; of rendered stamps also with ``pixel_scale``, ``survey_pixel_scale`` and
        ``noise_variance``; of FITS pictures with ``pixel_scale``.
    """
    given = catalog["render_status"]
    # Whoever made the stamps: what cannot be normalized is no stamp, and counts as not drawn.
    table = catalog.assign(render_status=np.where(given == "ok", stamp_statuses(flux), given))
    drawn = (table["render_status"] == "ok").to_numpy()
    quality = measure_quality(flux.mean(axis=1))
    # Few pictures have an angular scale, none the noise that a catalogue promises.
    if "pixel_scale" in table:
        quality["width_arcsec"] = quality["width"] * table["pixel_scale"].to_numpy()
    if "noise_variance" in table:
        quality["catalog_noise"] = np.sqrt(table["noise_variance"].to_numpy()) * noise_amplification(
            (table["pixel_scale"] / table["survey_pixel_scale"]).to_numpy()
        )
    for name, values in quality.items():
        missing = "not drawn" if values.dtype.kind == "U" else np.nan
        table = table.assign(**{name: np.where(drawn, values, missing)})
    return table
