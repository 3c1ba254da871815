"""A grid of galaxies that are asked for by size and axis ratio: what is asked, and what is measured of it."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.datasets.stamp_file import Stamps

STEPS: Final = 5  # sizes and axis ratios
DRAWS: Final = 8  # galaxies of each
ENDS: Final = (10, 90)  # percentiles of the training galaxies between which they lie
FURTHER: Final = ("position_angle", "sersic_index")  # what the flow is given besides, where it is there

GRID_COLUMNS: Final = (
    "row", "column", "asked_size", "asked_axis_ratio", "size", "size_scatter", "axis_ratio",
    "axis_ratio_scatter", "measured",
)  # fmt: skip


class Axes(NamedTuple):
    """Columns of the catalogue that stand for size and shape, or why there is no grid."""

    size: str = ""
    shape: str = ""
    reason: str = ""


def axes_of(catalog: pd.DataFrame) -> Axes:
    """Return the columns of a dataset's training stamps that galaxies are asked for by.

    The survey's radius, ``flux_radius``, says how large a galaxy is on its stamp only where all stamps have
    one pixel scale; where each galaxy has its own, the size is ``width``, which is measured on the stamp.
    The shape is the axis ratio of the survey's fit, else that of the segment of a picture
    (1 - ``ellipticity``).
    """
    one_scale = "pixel_scale" in catalog and len(catalog["pixel_scale"].unique()) == 1
    size = _first(catalog, ("flux_radius", "width") if one_scale else ("width",))
    shape = _first(catalog, ("sersic_axis_ratio", "ellipticity"))
    missing = [name for name, column in (("size", size), ("axis ratio", shape)) if not column]
    if missing:
        return Axes(reason=f"the dataset says no {' and no '.join(missing)} of its galaxies")
    return Axes(size, shape)


def _first(catalog: pd.DataFrame, names: tuple[str, ...]) -> str:
    return next((name for name in names if name in catalog and _varies(catalog[name])), "")


def _varies(column: "pd.Series[Any]") -> bool:
    if not pd.api.types.is_numeric_dtype(column):
        return False
    values = column.to_numpy(dtype=np.float64)
    values = values[np.isfinite(values)]
    return len(values) > 1 and bool(values.min() < values.max())


def given_columns(axes: Axes, catalog: pd.DataFrame) -> list[str]:
    """Return all columns that the distribution of latents is given."""
    return [axes.size, axes.shape, *(name for name in FURTHER if name in catalog and _varies(catalog[name]))]


def asked_grid(axes: Axes, catalog: pd.DataFrame) -> pd.DataFrame:
    """Return what is asked of STEPS x STEPS x DRAWS galaxies, row by row, draw by draw.

    The size grows along a row, the axis ratio from row to row, both in equal steps between percentiles of the
    training galaxies; the position angle is 0, and what else there is, is left to the model.
    """
    sizes, shapes = _steps(catalog[axes.size]), _steps(catalog[axes.shape])
    if axes.shape == "ellipticity":
        shapes = shapes[::-1]
    table = pd.DataFrame(
        {axes.size: np.tile(np.repeat(sizes, DRAWS), STEPS), axes.shape: np.repeat(shapes, STEPS * DRAWS)}
    )
    if "position_angle" in given_columns(axes, catalog):
        table["position_angle"] = 0.0
    return table


def _steps(column: "pd.Series[Any]") -> NDArray[np.float64]:
    low, high = np.nanpercentile(column.to_numpy(dtype=np.float64), ENDS)
    return np.linspace(float(low), float(high), STEPS)


def asked_values(stamps: Stamps, axes: Axes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the size and the axis ratio that was asked of each stamp, (N,) each."""
    shape = stamps.catalog[axes.shape].to_numpy(dtype=np.float64)
    size = stamps.catalog[axes.size].to_numpy(dtype=np.float64)
    return size, 1 - shape if axes.shape == "ellipticity" else shape


def grid_table(
    asked: tuple[NDArray[np.float64], NDArray[np.float64]],
    size: NDArray[np.float64],
    axis_ratio: NDArray[np.float64],
) -> pd.DataFrame:
    """Return one row per cell: what was asked, mean and scatter over its draws of what is measured.

    Parameters
    ----------
    asked : tuple of ndarray, shape (STEPS * STEPS * DRAWS,)
        From :func:`asked_values`.
    size, axis_ratio : ndarray, of the same shape
        NaN where not measured.
    """
    cells = np.arange(STEPS * STEPS)
    table = pd.DataFrame(
        {
            "cell": np.repeat(cells, DRAWS),
            "asked_size": asked[0],
            "asked_axis_ratio": asked[1],
            "size": np.where(np.isfinite(axis_ratio), size, np.nan),
            "axis_ratio": axis_ratio,
        }
    ).groupby("cell")
    means, scatter = table.mean(), table[["size", "axis_ratio"]].std()
    return means.assign(
        row=cells // STEPS,
        column=cells % STEPS,
        size_scatter=scatter["size"],
        axis_ratio_scatter=scatter["axis_ratio"],
        measured=table["size"].count(),
    )[list(GRID_COLUMNS)].reset_index(drop=True)


def follow(table: pd.DataFrame) -> dict[str, Mapping[str, float | None]]:
    """Return how what is measured over the grid follows what was asked.

    Returns
    -------
    dict
        For ``size`` and ``axis_ratio``: Pearson's ``correlation`` of what is measured with what was asked
        over the cells, and with the ``other`` that was asked, which is 0 where each changes by itself; the
        mean correlation ``along`` the lines of the grid on which it alone is asked to change; and the
        ``slope`` of the least-squares line. A correlation near 1 may come with next to no change: the slope
        says how much. None where something is not defined.
    """
    lines = {"size": "row", "axis_ratio": "column"}
    others = {"size": "axis_ratio", "axis_ratio": "size"}
    return {
        name: {
            "correlation": _pearson(table[f"asked_{name}"], table[name]),
            "other": _pearson(table[f"asked_{others[name]}"], table[name]),
            "along": _mean([_pearson(part[f"asked_{name}"], part[name]) for _, part in table.groupby(line)]),
            "slope": _slope(table[f"asked_{name}"], table[name]),
        }
        for name, line in lines.items()
    }


def _known(first: "pd.Series[Any]", second: "pd.Series[Any]") -> NDArray[np.float64]:
    pairs = np.stack([first.to_numpy(dtype=np.float64), second.to_numpy(dtype=np.float64)])
    return pairs[:, np.isfinite(pairs).all(axis=0)]


def _pearson(first: "pd.Series[Any]", second: "pd.Series[Any]") -> float | None:
    pairs = _known(first, second)
    if pairs.shape[1] < 3 or not (np.ptp(pairs, axis=1) > 0).all():
        return None
    deviations = pairs - pairs.mean(axis=1, keepdims=True)
    return float((deviations[0] * deviations[1]).sum() / np.sqrt((deviations**2).sum(axis=1).prod()))


def _slope(asked: "pd.Series[Any]", measured: "pd.Series[Any]") -> float | None:
    pairs = _known(asked, measured)
    if pairs.shape[1] < 3 or not np.ptp(pairs[0]) > 0:
        return None
    deviations = pairs - pairs.mean(axis=1, keepdims=True)
    return float((deviations[0] * deviations[1]).sum() / (deviations[0] ** 2).sum())


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
