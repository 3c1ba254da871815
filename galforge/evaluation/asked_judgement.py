"""All numbers of what a model was asked for, and of its galaxies in flux, beside floor and baseline."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

import pandas as pd

from galforge.core.settings import Section
from galforge.evaluation.asked import Galaxies, Measure, asked_relations, measures_of
from galforge.evaluation.galaxy_distances import OF_STAMPS, PHYSICAL, Sides, physical_scores, within_thirds
from galforge.evaluation.scales import Scale
from galforge.evaluation.variants import BASELINE, FAILED, MODEL, OK, SURVEY

ON_TRUTH: Final = "the survey's light without noise, through the galaxies' own PSFs"
ON_STAMPS: Final = "the survey's stamps, with their noise"


class AskedSettings(Section):
    """What a model is asked for, how many galaxies are measured, and what is behind the errors.

    Attributes
    ----------
    conditions : list of str
        Columns of the dataset's catalogue.
    count : int
        Galaxies of a sample; of the survey twice as many.
    resamples : int
        Bootstrap samples, or random halves, behind each error.
    seed : int
    """

    conditions: list[str]
    count: int
    resamples: int
    seed: int


class Judged(NamedTuple):
    """Galaxies that are judged, and those that stand beside them.

    Attributes
    ----------
    model : Galaxies
        As the model makes them.
    survey : Galaxies
        2 N held-out ones: the reference half, then the floor's.
    baseline : Galaxies or None
        Of the parametric control.
    compared : dict of str to Galaxies
        What is compared with the survey, by group: as in ``model`` and ``baseline`` where the survey's
        galaxies were measured without noise, else with the survey's noise.
    """

    model: Galaxies
    survey: Galaxies
    baseline: Galaxies | None
    compared: Mapping[str, Galaxies]

    def groups(self) -> dict[str, Galaxies | None]:
        """Return the galaxies of which it is known what they should be."""
        return {MODEL: self.model, SURVEY: self.survey, BASELINE: self.baseline}


def failed_numbers(reason: str, conditions: list[str]) -> dict[str, Any]:
    """Return what is said of a model without galaxies."""
    return {
        "status": FAILED,
        "reason": reason,
        "count": {MODEL: 0, SURVEY: 0, BASELINE: 0},
        "columns": {},
        "not_measured": dict.fromkeys(conditions, "there are no galaxies"),
        "thirds": {},
        "physical": {},
    }


def judge_asked(judged: Judged, settings: AskedSettings) -> dict[str, Any]:
    """Return the numbers, as JSON values.

    Returns
    -------
    dict
        ``columns``, of :func:`galforge.evaluation.asked.asked_relations`; ``not_measured``, column to reason;
        ``thirds``, column to :func:`galforge.evaluation.galaxy_distances.within_thirds`; ``physical``, of
        galaxies in flux; ``count`` of galaxies by group.
    """
    measures, missing = measures_of(judged.model)
    draws, seed = settings.resamples, settings.seed
    sides, in_flux = sides_of(judged), judged.model.units.in_flux
    quantities = compared_quantities(measures, in_flux)
    thirds = {
        column: within_thirds(column, sides, quantities, draws, seed)
        for column in judged.model.asked
        if _is_ordered(judged.model.asked[column], measures.get(column))
    }
    return {
        "status": OK,
        "reason": "",
        "count": {name: len(galaxies) if galaxies else 0 for name, galaxies in judged.groups().items()},
        "columns": asked_relations(judged.groups(), measures, draws, seed),
        "not_measured": missing,
        "thirds": {column: rows for column, rows in thirds.items() if rows},
        "physical": physical_scores(sides, draws, seed) if in_flux else {},
    }


def compared_quantities(measures: Mapping[str, Measure], in_flux: bool) -> dict[str, Scale]:
    """Return what is compared within thirds: what all galaxies have, and what measures the conditions."""
    own: dict[str, Scale] = {each.quantity: each.scale for each in measures.values()}
    quantities = {**(PHYSICAL if in_flux else OF_STAMPS), **own}
    # A magnitude is the flux again, and thirds of angles have no distance.
    return {name: scale for name, scale in quantities.items() if name != "magnitude" and scale != "angle"}


def _is_ordered(column: "pd.Series[Any]", measure: Measure | None) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not (measure and measure.scale == "angle")


def sides_of(judged: Judged) -> Sides:
    """Return the halves of the survey's galaxies, and as many of the model and of a baseline in its units."""
    half = len(judged.survey) // 2
    model, baseline = judged.compared[MODEL], judged.compared.get(BASELINE)
    comparable = baseline is not None and baseline.units.in_flux == model.units.in_flux
    return Sides(
        _rows(judged.survey, slice(half)),
        _rows(judged.survey, slice(half, 2 * half)),
        _rows(model, slice(half)),
        _rows(baseline, slice(half)) if baseline is not None and comparable else None,
    )


def _rows(galaxies: Galaxies, rows: slice) -> Galaxies:
    return replace(galaxies, asked=galaxies.asked[rows], measured=galaxies.measured[rows])
