"""A model's scores beside the floor's, from morphology and reconstructions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workflow_scripts.evaluation.distances import scaled_wasserstein, split_reference, usable_values
from workflow_scripts.evaluation.reconstruction import (
    binary_cross_entropy,
    mean_squared_error,
    residual_fraction,
)
from workflow_scripts.evaluation.statuses import summarize_failures


def score_morphology(
    real: pd.DataFrame, generated: pd.DataFrame, parameters: Sequence[str], count: int, fault: str = ""
) -> dict[str, Any]:
    """Return how far generated and real stamps lie from the reference, parameter by parameter.

    Parameters
    ----------
    real, generated : DataFrame
        Morphology of real stamps that no model has seen, and of a model's.
    parameters : sequence of str
        Columns of both to be scored.
    count : int
        Stamps in the reference and in the floor, and asked of the model; see
        :func:`workflow_scripts.evaluation.distances.split_reference`.
    fault : str
        Why the model failed before it was measured; empty if it did not.

    Returns
    -------
    dict
        ``status`` (``"ok"`` or ``"failed"``) and ``reason``; ``count`` of real, generated and
        reference stamps; ``failures``, the fraction of the reference, floor and generated stamps
        without a measurement; ``distance`` of the model and of the floor for each parameter, with
        the ``reason`` where one is None; ``mean_distance`` over the parameters that the floor has. A
        failed model has the floor's distances and none of its own.
    """
    reference, floor = split_reference(real, count)
    # As many as the reference holds, so that floor and model are compared at the same sizes.
    compared = generated.iloc[: len(reference)]
    fault = fault or _sample_fault(generated, count)
    distance: dict[str, dict[str, Any]] = {}
    for parameter in parameters:
        known = usable_values(reference, parameter)
        of_floor = scaled_wasserstein(known, usable_values(floor, parameter))
        of_model = scaled_wasserstein(known, usable_values(compared, parameter))
        distance[parameter] = {
            "model": None if fault else of_model.value,
            "floor": of_floor.value,
            "reason": of_floor.reason or fault or of_model.reason,
        }
    scored = {name: entry for name, entry in distance.items() if entry["floor"] is not None}
    if not fault and not scored:
        fault = f"no parameter can be scored on {len(real)} real stamps: {distance[parameters[0]]['reason']}"
    # A mean over the parameters that happened to work would reward a model for the others.
    lacking = [name for name, entry in scored.items() if entry["model"] is None]
    if not fault and lacking:
        fault = f"no distance of {lacking[0]}: {scored[lacking[0]]['reason']}"
    return {
        "status": "failed" if fault else "ok",
        "reason": fault,
        "count": {"real": len(real), "generated": len(generated), "reference": len(reference)},
        "failures": {
            "reference": failure_fraction(reference),
            "floor": failure_fraction(floor),
            "generated": failure_fraction(compared),
        },
        "distance": distance,
        "mean_distance": {
            "model": None if fault else _mean([entry["model"] for entry in scored.values()]),
            "floor": _mean([entry["floor"] for entry in scored.values()]),
        },
    }


def failure_fraction(table: pd.DataFrame) -> float | None:
    """Return the fraction of stamps whose status is not ``"ok"``; None of no stamps."""
    return float((table["status"] != "ok").mean()) if len(table) else None


def _sample_fault(generated: pd.DataFrame, count: int) -> str:
    if len(generated) < count:
        return f"returned {len(generated)} of {count} stamps"
    failed = generated["status"][generated["status"] != "ok"]
    if len(failed) == len(generated):
        return f"no stamp of {len(generated)} could be measured: {summarize_failures(failed)}"
    return ""


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None


def score_reconstruction(
    image: NDArray[np.floating], reconstruction: NDArray[np.floating]
) -> dict[str, float | int | None]:
    """Return the mean reconstruction errors over the stamps whose reconstruction is finite.

    Parameters
    ----------
    image, reconstruction : ndarray, shape (N, C, H, W)
        In [0, 1].

    Returns
    -------
    dict
        ``mse``, ``bce`` and ``residual_fraction`` (see :mod:`.reconstruction`; None where no stamp
        has one), and ``count``, the number of stamps that they are means over.
    """
    finite = np.isfinite(reconstruction).all(axis=(1, 2, 3))
    image, reconstruction = image[finite], reconstruction[finite]
    shares = residual_fraction(image, reconstruction)
    return {
        "mse": _mean(mean_squared_error(image, reconstruction).tolist()),
        "bce": _mean(binary_cross_entropy(image, reconstruction).tolist()),
        "residual_fraction": _mean(shares[np.isfinite(shares)].tolist()),
        "count": int(finite.sum()),
    }
