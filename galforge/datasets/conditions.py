"""What a galaxy can be asked for with: columns of a dataset's catalogue, as numbers that a model is given."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.datasets.columns import COLUMNS

MOST_CLASSES = 20  # of a column of text; more are no classes but names
ANGLE_UNIT = "rad"  # of a column that is the same half a turn on


@dataclass(frozen=True)
class Condition:
    """One number that a model is given of a galaxy.

    A column of numbers is one; a position angle is two, cosine and sine of its double, which are the same
    half a turn on; a column of text is one per class, 1 for the galaxy's own and 0 for the others.

    Attributes
    ----------
    column : str
        Column of the catalogue.
    kind : {"number", "cosine", "sine", "class"}
    mean, deviation : float
        What is subtracted, and what the rest is divided by; of the training stamps where ``kind`` is number.
    minimum, maximum : float
        Of the column among the training stamps, in its own unit.
    missing : int
        Training stamps without a value.
    value : str
        The class, where ``kind`` is class.
    """

    column: str
    kind: Literal["number", "cosine", "sine", "class"]
    mean: float
    deviation: float
    minimum: float
    maximum: float
    missing: int
    value: str = ""

    def standardised(self, column: "pd.Series[Any]") -> NDArray[np.float32]:
        """Return the numbers (N,) that a model is given for a column of values, NaN where one is missing."""
        if self.kind == "class":
            text = column.astype(object)
            known = text.notna() & (text != "")
            return np.where(known, text == self.value, np.nan).astype(np.float32)
        values = column.to_numpy(dtype=np.float64)
        values = np.where(np.isfinite(values), values, np.nan)
        if self.kind != "number":
            values = np.cos(2 * values) if self.kind == "cosine" else np.sin(2 * values)
            return np.asarray(values, dtype=np.float32)
        return np.asarray((values - self.mean) / self.deviation, dtype=np.float32)


def fit_conditions(columns: Sequence[str], catalog: pd.DataFrame) -> tuple[Condition, ...]:
    """Return the conditions of some columns, with the numbers of the training stamps.

    Parameters
    ----------
    columns : sequence of str
    catalog : DataFrame
        Of the training stamps.

    Raises
    ------
    InputError
        If a column is not there, has one value alone or none, or is text without classes.
    """
    conditions: list[Condition] = []
    for name in columns:
        if name not in catalog:
            raise InputError(f"conditions: there is no column {name!r}; there are: {_listed(catalog)}")
        if _is_text(catalog[name]):
            conditions += _classes(name, catalog[name])
        else:
            conditions += _numbers(name, catalog[name].to_numpy(dtype=np.float64))
    return tuple(conditions)


def _numbers(name: str, values: NDArray[np.float64]) -> list[Condition]:
    known = values[np.isfinite(values)]
    if not len(known):
        raise InputError(f"conditions: column {name!r} has no value for any training stamp")
    if known.min() == known.max():
        raise InputError(f"conditions: column {name!r} is {known[0]:g} for every training stamp")
    extent = float(known.min()), float(known.max()), len(values) - len(known)
    if is_angle(name):
        return [Condition(name, "cosine", 0.0, 1.0, *extent), Condition(name, "sine", 0.0, 1.0, *extent)]
    return [Condition(name, "number", float(known.mean()), float(known.std()), *extent)]


def _classes(name: str, column: "pd.Series[Any]") -> list[Condition]:
    missing = column.isna() | (column == "")
    classes = sorted(column[~missing].unique())
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise InputError(
            f"conditions: column {name!r} is text with {len(classes):,} different values, and classes are "
            f"2 to {MOST_CLASSES}"
        )
    count = int(missing.sum())
    return [Condition(name, "class", 0.0, 1.0, 0.0, 1.0, count, value) for value in classes]


def is_angle(column: str) -> bool:
    """Return whether a column is an angle of a galaxy's axis."""
    return column in COLUMNS and COLUMNS[column].unit == ANGLE_UNIT


def encode_conditions(conditions: Sequence[Condition], catalog: pd.DataFrame) -> NDArray[np.float32]:
    """Return what a model is given of each row of a table, (N, K), NaN for what the table does not say."""
    missing = np.full(len(catalog), np.nan, dtype=np.float32)
    parts = [
        each.standardised(catalog[each.column]) if each.column in catalog else missing for each in conditions
    ]
    return np.stack(parts, axis=1) if parts else np.zeros((len(catalog), 0), dtype=np.float32)


def drawn_rows(candidates: NDArray[np.integer[Any]], count: int, seed: int) -> NDArray[np.integer[Any]]:
    """Return ``count`` of the candidates at random, each once before any comes again.

    New galaxies are asked for as training stamps are, not as test stamps: a model that is judged on these is
    told nothing of them.
    """
    generator = np.random.default_rng(seed)
    rounds = [generator.permutation(len(candidates)) for _ in range(-(-count // len(candidates)))]
    return np.asarray(candidates[np.concatenate([np.zeros(0, dtype=np.int64), *rounds])[:count]])


def asked_columns(conditions: Sequence[Condition], catalog: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of a table that are conditions."""
    columns = dict.fromkeys(each.column for each in conditions if each.column in catalog)
    return catalog[list(columns)].reset_index(drop=True)


def check_asked(conditions: Sequence[Condition], catalog: pd.DataFrame) -> str:
    """Refuse what a model cannot be asked for, and return what lies beyond the range of its training.

    Parameters
    ----------
    conditions : sequence of Condition
    catalog : DataFrame
        Values that are asked for, NaN or an empty text where one is left to the model.

    Returns
    -------
    str
        The first column with values outside of the training's range, with that range; empty if there is none.

    Raises
    ------
    InputError
        For a column that is no condition, a class that there is not, and what is no finite number.
    """
    known = {each.column for each in conditions}
    for name in catalog:
        if name not in known:
            asked = ", ".join(dict.fromkeys(each.column for each in conditions)) or "none"
            raise InputError(f"conditions: the model is not asked for {name!r}; its conditions: {asked}")
    for column in dict.fromkeys(each.column for each in conditions if each.kind == "class"):
        if column in catalog:
            _check_classes(column, [each.value for each in conditions if each.column == column], catalog)
    beyond = [
        _beyond(each, _as_numbers(each.column, catalog[each.column]))
        for each in conditions
        if each.column in catalog and each.kind in ("number", "cosine")
    ]
    return next(filter(None, beyond), "")


def _as_numbers(name: str, column: "pd.Series[Any]") -> NDArray[np.float64]:
    try:
        return np.asarray(column, dtype=np.float64)
    except ValueError:
        text = next(value for value in column if isinstance(value, str))
        raise InputError(f"conditions: {name} is {text!r}; allowed: a number") from None


def _beyond(condition: Condition, values: NDArray[np.float64]) -> str:
    if np.isinf(values).any():
        raise InputError(f"conditions: {condition.column} is infinite")
    if condition.kind != "number":
        return ""  # an angle has no range
    outside = values[(values < condition.minimum) | (values > condition.maximum)]
    if not len(outside):
        return ""
    more = f" (and {len(outside) - 1:,} more)" if len(outside) > 1 else ""
    return (
        f"conditions: {condition.column} is {outside[0]:g}{more}; the model was trained on "
        f"{condition.minimum:g} to {condition.maximum:g}"
    )


def _check_classes(column: str, classes: Sequence[str], catalog: pd.DataFrame) -> None:
    asked = catalog[column].astype(object)
    unknown = asked[asked.notna() & (asked != "") & ~asked.isin(list(classes))]
    if len(unknown):
        raise InputError(f"conditions: {column} is {unknown.iloc[0]!r}; classes: {', '.join(classes)}")


def records_of(conditions: Sequence[Condition]) -> list[dict[str, Any]]:
    """Return conditions as a record has them."""
    return [asdict(condition) for condition in conditions]


def conditions_of(records: Sequence[dict[str, Any]]) -> tuple[Condition, ...]:
    """Return the conditions of a record."""
    return tuple(Condition(**record) for record in records)


def _is_text(column: "pd.Series[Any]") -> bool:
    return not pd.api.types.is_numeric_dtype(column)


def _listed(catalog: pd.DataFrame) -> str:
    return ", ".join(sorted(str(name) for name in catalog if not _is_text(catalog[name])))
