"""What a model's galaxies are explored by: conditions, the strongest latents, or directions through them."""

import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.datasets.conditions import Condition, is_angle
from galforge.evaluation.latents import traversal

STEPS = 7  # values of a slider
REACH = 3.0  # of a latent or a direction, to either side, in standard deviations


@dataclass(frozen=True)
class Slider:
    """One quantity that is set.

    Attributes
    ----------
    name : str
        A column of the catalogue, ``z<number>`` of a latent, or ``direction <number>``, from 1.
    choices : list of float, or of str for classes
    unit : str
        Of the choices where the name does not say it: standard deviations.
    start : int
        The place of the value that is shown first.
    """

    name: str
    choices: list[Any]
    unit: str = ""
    start: int = STEPS // 2


def reach() -> NDArray[np.float64]:
    """Return the values of a latent or a direction, in standard deviations, (STEPS,)."""
    return np.linspace(-REACH, REACH, STEPS)


def condition_sliders(conditions: Sequence[Condition], count: int) -> list[Slider]:
    """Return sliders of the first conditions of a model, within what it was trained on.

    Numbers lie within two standard deviations of their mean over the training stamps, angles on half a turn;
    of text there is a value per class.
    """
    columns = list(dict.fromkeys(condition.column for condition in conditions))[:count]
    return [_condition_slider([each for each in conditions if each.column == name]) for name in columns]


def _condition_slider(parts: Sequence[Condition]) -> Slider:
    first = parts[0]
    if first.kind == "class":
        return Slider(first.column, [part.value for part in parts], start=0)
    if is_angle(first.column):
        return Slider(first.column, np.linspace(0, np.pi, STEPS, endpoint=False).tolist(), start=0)
    low = max(first.minimum, first.mean - 2 * first.deviation)
    high = min(first.maximum, first.mean + 2 * first.deviation)
    return Slider(first.column, np.linspace(low, high, STEPS).tolist())


def latent_sliders(table: pd.DataFrame, count: int) -> list[Slider]:
    """Return sliders of the latents of the highest signal-to-noise ratio.

    Parameters
    ----------
    table : DataFrame
        From :func:`galforge.evaluation.latents.summarize_latents`.
    count : int
    """
    return [Slider(f"z{latent}", reach().tolist(), "σ") for latent in table["latent"][:count]]


def direction_sliders(count: int) -> list[Slider]:
    """Return sliders of directions through the latents."""
    return [Slider(f"direction {number}", reach().tolist(), "σ") for number in range(1, count + 1)]


def combinations(sliders: Sequence[Slider]) -> list[tuple[Any, ...]]:
    """Return all combinations of the sliders' values; the last slider's change first."""
    return list(itertools.product(*(slider.choices for slider in sliders)))


def latents_around(table: pd.DataFrame, sliders: Sequence[Slider]) -> NDArray[np.float64]:
    """Return the latents (N, L) of all combinations, the average galaxy's where no slider sets them.

    As in a traversal of single latents: mean over the galaxies, plus so many of their standard deviations.
    """
    center = traversal(table, [0], np.zeros(1))[0, 0]  # (L,)
    steps = reach()
    moves = [
        traversal(table, [int(slider.name.removeprefix("z"))], steps)[0] - center for slider in sliders
    ]  # (STEPS, L) each
    sums = [np.sum(parts, axis=0) for parts in itertools.product(*moves)]
    return np.asarray(center + np.array(sums))


def latents_along(
    start: NDArray[np.floating], directions: NDArray[np.floating], sliders: Sequence[Slider]
) -> NDArray[np.float64]:
    """Return a latent (L,) with its coordinates along directions set to all combinations, (N, L).

    Parameters
    ----------
    start : ndarray, shape (L,)
    directions : ndarray, shape (K, L)
        Linearly independent; they need not be at right angles.
    sliders : sequence of Slider
        One per direction.
    """
    axes = np.asarray(directions, dtype=np.float64)
    wanted = np.array(combinations(sliders))  # (N, K)
    # The least change of the latent that brings all coordinates to what is wanted at once.
    change = np.linalg.solve(axes @ axes.T, (wanted - axes @ start).T)  # (K, N)
    return np.asarray(start + change.T @ axes)


def describe(sliders: Sequence[Slider], reason: str = "") -> dict[str, Any]:
    """Return sliders as the report's page is given them, or why a model has none."""
    return {"reason": reason, "sliders": [asdict(slider) for slider in sliders]}
