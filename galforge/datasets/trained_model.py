"""A trained model as a user of the library has it: draw galaxies, look at its record."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from galforge.core.errors import InputError
from galforge.datasets.catalogued import Galaxies, catalogued
from galforge.datasets.conditions import asked_columns, conditions_of
from galforge.datasets.drawing import draw_galaxies
from galforge.models.base import GenerativeModel


class TrainedModel:
    """A trained model, on the CPU and in evaluation mode.

    All that is not here is the network's own: ``model.record``, ``model.image_shape``, ``model.to("cuda")``.

    Attributes
    ----------
    network : GenerativeModel
        The torch module.
    """

    def __init__(self, network: GenerativeModel) -> None:
        self.network = network

    def __getattr__(self, name: str) -> Any:
        if name == "network":  # before it is set, as in a copy
            raise AttributeError(name)
        return getattr(self.network, name)

    def draw(
        self,
        count: int | None = None,
        conditions: "pd.DataFrame | Mapping[str, Any] | None" = None,
        seed: int = 1,
        beyond: bool = False,
    ) -> Galaxies:
        """Return new galaxies with what is known of each.

        Parameters
        ----------
        count : int, optional
            The rows of ``conditions`` by default.
        conditions : DataFrame or mapping, optional
            What is asked: a row per galaxy, of which columns that are none of the model's conditions are left
            alone and NaN leaves a value to the model; or a value per condition for all galaxies.
        seed : int
            The same seed gives the same galaxies, on the same kind of device.
        beyond : bool, optional
            Allow values outside the range of the training.

        Returns
        -------
        Galaxies
            ``image`` (N, C, H, W), ``flux`` (N,) where the model is in flux, ``catalog``.

        Raises
        ------
        InputError
            If a value is outside the range of the training, nothing that is given is a condition of the
            model, or the table has another number of rows.
        """
        if isinstance(conditions, pd.DataFrame):
            asked = self._asked_of(conditions)
        elif count is None:
            raise InputError("count is missing; allowed: a number, or a table of conditions")
        else:
            asked = pd.DataFrame(dict(conditions or {}), index=range(count))
        if count not in (None, len(asked)):
            raise InputError(f"count is {count:,}, but the conditions have {len(asked):,} rows")
        return Galaxies(catalogued(draw_galaxies(self.network, len(asked), seed, asked, beyond=beyond)))

    def _asked_of(self, table: pd.DataFrame) -> pd.DataFrame:
        known = conditions_of(self.network.record.get("conditions", ()))
        asked = asked_columns(known, table)
        if not len(asked.columns):
            names = ", ".join(dict.fromkeys(each.column for each in known)) or "none"
            raise InputError(f"conditions: no column is one of the model's conditions: {names}")
        return asked
