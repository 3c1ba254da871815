"""What a model was asked for against what is measured of its galaxies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.isolation import isolated
from galforge.core.seeds import derive_seed
from galforge.datasets.columns import STATMORPH
from galforge.evaluation.distances import MINIMUM_COUNT
from galforge.evaluation.measured_galaxies import NOT_MEASURED, Units
from galforge.evaluation.resampling import uncomputed
from galforge.evaluation.scales import Scale, coordinates


class Measure(NamedTuple):
    """How a column of a catalogue is measured.

    Attributes
    ----------
    quantity : str
        Column of :func:`galforge.evaluation.measured_galaxies.measure_galaxies`.
    scale : str
        ``logarithm``, to base 10, of positive quantities that galaxies have over a decade or more; ``angle``
        of an axis, in radians, the same half a turn on; ``linear`` of all others.
    needs : tuple of str
        Fields of :class:`~galforge.evaluation.measured_galaxies.Units` without which it cannot be measured.
    """

    quantity: str
    scale: Scale
    needs: tuple[str, ...] = ()


MEASURES: Final[Mapping[str, Measure]] = {
    "mag_auto": Measure("magnitude", "linear", ("in_flux", "zero_point")),
    "stamp_flux": Measure("flux", "logarithm", ("in_flux",)),
    "sersic_flux": Measure("flux", "logarithm", ("in_flux",)),
    "flux_radius": Measure("half_light_radius", "logarithm", ("pixel_scale", "survey_pixel_scale")),
    "sersic_half_light_radius": Measure("half_light_radius", "logarithm", ("pixel_scale",)),
    "sersic_axis_ratio": Measure("axis_ratio", "linear"),
    "position_angle": Measure("position_angle", "angle"),
    "sersic_index": Measure("sersic_n", "logarithm"),
    "width": Measure("width", "logarithm"),
    "width_arcsec": Measure("width_arcsec", "logarithm", ("pixel_scale",)),
    "non_uniformity": Measure("non_uniformity", "logarithm"),
}

_LACKING = {
    "in_flux": "the model's galaxies have no flux, each is in [0, 1] by itself",
    "zero_point": "the zero point of the flux is not known",
    "pixel_scale": "the stamps have no common pixel scale",
    "survey_pixel_scale": "the survey's pixel scale is not known, or not one",
}


@dataclass(frozen=True)
class Galaxies:
    """Galaxies with what was asked of them, or what a catalogue says of them, and what was measured.

    Attributes
    ----------
    asked : DataFrame of N rows
        Columns of the catalogue, NaN or an empty text where a value was left to the model.
    measured : DataFrame of N rows
        From :func:`galforge.evaluation.measured_galaxies.measure_galaxies`.
    units : Units
    """

    asked: pd.DataFrame
    measured: pd.DataFrame
    units: Units

    def __len__(self) -> int:
        return len(self.measured)

    def value(self, column: str, measure: Measure) -> NDArray[np.float64]:
        """Return what was measured, in the unit of a column of the catalogue, (N,)."""
        values = self.measured[measure.quantity].to_numpy(dtype=np.float64)
        # The survey's radius is in its own pixels.
        return np.asarray(values / self.units.survey_pixel_scale if column == "flux_radius" else values)


def measures_of(galaxies: Galaxies) -> tuple[dict[str, Measure], dict[str, str]]:
    """Return how each column that was asked for is measured, and for the others why it is not."""
    measured: dict[str, Measure] = {}
    missing: dict[str, str] = {}
    for column in galaxies.asked:
        measure = MEASURES.get(column)
        quantity = column.removeprefix(STATMORPH)
        if measure is None and quantity in galaxies.measured and quantity not in NOT_MEASURED:
            measure = Measure(quantity, "linear")
        if not pd.api.types.is_numeric_dtype(galaxies.asked[column]):
            missing[column] = "a class, which nothing here measures"
        elif measure is None:
            missing[column] = "nothing here measures it on a stamp"
        elif lacking := [name for name in measure.needs if not _known(getattr(galaxies.units, name))]:
            missing[column] = _LACKING[lacking[0]]
        else:
            measured[column] = measure
    return measured, missing


def _known(value: float | bool) -> bool:
    return value if isinstance(value, bool) else bool(np.isfinite(value))


def relation(asked: NDArray[np.float64], measured: NDArray[np.float64], scale: Scale) -> dict[str, float]:
    """Return how what is measured follows what was asked.

    Parameters
    ----------
    asked, measured : ndarray of float64, shape (N,)
        Finite, and positive where ``scale`` is ``logarithm``.
    scale : str

    Returns
    -------
    dict of str to float
        With a and m the coordinates of the two (:func:`coordinates`) and sums over galaxies, of angles also
        over the two components, each around a mean of its own:

        - ``slope`` of the least-squares line of m on a, sum (a - <a>)(m - <m>) / sum (a - <a>)^2, and
          ``intercept``, at a = 0 (NaN of angles),
        - ``scatter``, root mean square of m about that line; of angles half of it, which is radians,
        - ``r_squared_of_identity``, 1 - sum (m - a)^2 / sum (a - <a>)^2: the share of the variance of what
          was asked that is met without any calibration, negative where the mean would be nearer,
        - ``squared_correlation``, which forgives a slope and an offset,
        - ``median_offset``, median of m - a; of angles of the angle between the two, from -pi / 2 to pi / 2.

        NaN where what was asked, or what is measured, does not vary.
    """
    a, m = coordinates(asked, scale), coordinates(measured, scale)
    around, spread = a - a.mean(axis=0), m - m.mean(axis=0)
    variance, common = float((around**2).sum()), float((around * spread).sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.float64(common) / variance
        correlation = np.float64(common) ** 2 / (variance * float((spread**2).sum()))
        identity = 1 - np.float64(((m - a) ** 2).sum()) / variance
    scatter = np.sqrt(((spread - slope * around) ** 2).sum(axis=1).mean())
    angle = scale == "angle"
    offset = np.mod(measured - asked + np.pi / 2, np.pi) - np.pi / 2 if angle else m - a
    return {
        "slope": float(slope),
        "intercept": float("nan") if angle else float(m.mean() - slope * a.mean()),
        "scatter": float(scatter / 2 if angle else scatter),
        "r_squared_of_identity": float(identity),
        "squared_correlation": float(correlation),
        "median_offset": float(np.median(offset)),
    }


def relation_with_errors(
    asked: NDArray[np.float64], measured: NDArray[np.float64], scale: Scale, draws: int, seed: int
) -> dict[str, Any]:
    """Return :func:`relation` of the galaxies that have both values, as JSON values.

    Parameters
    ----------
    asked, measured : ndarray of float64, shape (N,)
        NaN where a value was left to the model, or not measured.
    scale : str
    draws : int
        Bootstrap samples of the galaxies behind each error, with replacement.
    seed : int

    Returns
    -------
    dict
        ``count`` of galaxies; how many were ``left_to_the_model``, and how many were ``not_measured`` of the
        others; ``reason`` why there are no numbers, else empty; and each number with its standard error, as
        ``<name>_error``; None where it is not defined.
    """
    known, found = (np.isfinite(coordinates(values, scale)).all(axis=1) for values in (asked, measured))
    both = known & found
    counts = {
        "count": int(both.sum()),
        "left_to_the_model": int((~known).sum()),
        "not_measured": int((known & ~found).sum()),
    }
    asked, measured = asked[both], measured[both]
    if len(asked) < MINIMUM_COUNT:
        return {**counts, "reason": f"{len(asked)} galaxies have both values, not {MINIMUM_COUNT}"}
    return counts | isolated(
        "relation of what was asked and what is measured",
        lambda: {"reason": "", **_bootstrapped(asked, measured, scale, draws, seed)},
        lambda fault: {"reason": uncomputed(fault)},
    )


def _bootstrapped(
    asked: NDArray[np.float64], measured: NDArray[np.float64], scale: Scale, draws: int, seed: int
) -> dict[str, float | None]:
    """Return :func:`relation` with its errors, None where one is not defined."""
    numbers = relation(asked, measured, scale)
    generator = np.random.default_rng(derive_seed(seed, "bootstrap of what was asked"))
    drawn: Any = pd.DataFrame(
        relation(asked[rows], measured[rows], scale)
        for rows in generator.integers(len(asked), size=(draws, len(asked)))
    )
    drawn = drawn.where(np.isfinite(drawn))
    errors = {f"{name}_error": drawn[name].std() for name in numbers}
    return {name: _finite(value) for name, value in (numbers | errors).items()}


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def asked_relations(
    groups: Mapping[str, Galaxies | None], measures: Mapping[str, Measure], draws: int, seed: int
) -> dict[str, dict[str, Any]]:
    """Return, for each column, how what is measured follows it in each group of galaxies.

    Parameters
    ----------
    groups : mapping of str to Galaxies
        The model's, and those that stand beside it; None for one that there is not.
    measures : mapping of str to Measure
        By column, of the model's galaxies.
    draws, seed : int
    """
    return {
        column: {
            "quantity": measure.quantity,
            "scale": measure.scale,
            **{
                name: relation_with_errors(
                    galaxies.asked[column].to_numpy(dtype=np.float64),
                    galaxies.value(column, measure),
                    measure.scale,
                    draws,
                    derive_seed(seed, column),
                )
                for name, galaxies in groups.items()
                if galaxies is not None
            },
        }
        for column, measure in measures.items()
    }


def asked_table(groups: Mapping[str, Galaxies | None], conditions: Sequence[str]) -> pd.DataFrame:
    """Return one row per galaxy of each group: what was asked, the same as measured, all that was measured.

    Parameters
    ----------
    groups : mapping of str to Galaxies
    conditions : sequence of str
        What the model is asked for.

    Returns
    -------
    DataFrame
        ``galaxies``, the group; ``asked_<column>``; ``measured_<column>``, in the column's unit, where it can
        be measured; then the quantities.
    """
    parts = []
    for name, galaxies in groups.items():
        if galaxies is None:
            continue
        measures, _ = measures_of(galaxies)
        columns = {f"asked_{column}": galaxies.asked[column] for column in conditions}
        for column, measure in measures.items():
            columns[f"measured_{column}"] = pd.Series(galaxies.value(column, measure))
        parts.append(pd.concat([pd.DataFrame(columns), galaxies.measured], axis=1))
        parts[-1].insert(0, "galaxies", name)
    if not parts:
        return pd.DataFrame(columns=["galaxies", *(f"asked_{column}" for column in conditions)])
    return pd.concat(parts, ignore_index=True)
