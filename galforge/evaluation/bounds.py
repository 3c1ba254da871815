"""What a bound on the divergence does to latents and reconstructions."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.evaluation.latents import count_bands
from galforge.evaluation.reconstruction import reconstruction_errors

_COLUMNS = (
    "model", "bound", "snr_min", "snr_median", "snr_max", "over-regularized", "plausible",
    "under-regularized", "reconstruction_mse", "reconstruction_bce",
)  # fmt: skip


class BoundedModel(NamedTuple):
    """A model with a bound on the divergence.

    Attributes
    ----------
    name : str
    bound : float
        In nats.
    summary : DataFrame
        The table of its latents, from :func:`galforge.evaluation.latents.summarize_latents`; empty if
        there are none.
    reconstruction : ndarray, shape (N, C, H, W)
        Reconstructions of the test stamps; empty if there is none.
    """

    name: str
    bound: float
    summary: pd.DataFrame
    reconstruction: NDArray[np.float32]


def bound_table(models: Sequence[BoundedModel], original: NDArray[np.float32]) -> pd.DataFrame:
    """Return one row per model: its bound, its latents' signal-to-noise ratios, its reconstruction errors.

    Parameters
    ----------
    models : sequence of BoundedModel
    original : ndarray, shape (N, C, H, W)
        The test stamps.
    """
    rows = []
    for model in models:
        row: dict[str, Any] = {"model": model.name, "bound": model.bound}
        if len(model.summary):
            snr = model.summary["snr"]
            row |= {"snr_min": snr.min(), "snr_median": snr.median(), "snr_max": snr.max()}
            row |= count_bands(model.summary)
        if len(model.reconstruction):
            errors = reconstruction_errors(original, model.reconstruction).mean()
            row |= {f"reconstruction_{name}": errors[name] for name in ("mse", "bce")}
        rows.append(row)
    return pd.DataFrame(rows).reindex(columns=list(_COLUMNS))
