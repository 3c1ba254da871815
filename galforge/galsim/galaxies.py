"""Galaxies of a trained model as GalSim profiles."""

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import galsim
import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.core.seeds import derive_seed
from galforge.datasets.condition_table import read_conditions
from galforge.datasets.conditions import (
    Condition,
    asked_columns,
    check_asked,
    conditions_of,
    encode_conditions,
)
from galforge.galsim.flux_models import load_flux_model
from galforge.galsim.single_thread import single_thread
from galforge.publication.places import EMBEDDED

BLOCK: Final = 64  # rows of a catalogue that are drawn at once, always the same ones together
BLOCKS_KEPT: Final = 8
TAPER: Final = 8  # px


class GeneratedGalaxies:
    """Galaxies of a trained model in flux, as GalSim profiles: without PSF, noise and sky.

    Their light falls to nothing towards the circle that fits a stamp (:func:`tapered`).

    In a GalSim configuration these are the fields of ``input.generative_model``.

    Parameters
    ----------
    model : Path or str
        Folder of a model, with ``weights.safetensors`` and ``model.json``, a zip of one, or the address of a
        zip with its hash; by default ``simulated_galaxies``, the model that comes with galforge.
    catalog : Path, str or DataFrame, optional
        Conditions, one row per galaxy: FITS, ECSV or CSV. Columns that are none of the model's conditions are
        left alone; an empty value is left to the model.
    zero_point : float, optional
        Magnitude of flux 1 of the profiles; that of the model by default.
    seed : int, optional
        With which :meth:`numbered` draws where it is given none.
    beyond : bool
        Allow conditions outside the range of the training.

    Attributes
    ----------
    conditions : tuple of Condition
        What can be asked for, with the range of each.
    pixel_scale : float
        Width of the model's pixels, arcsec.
    zero_point : float or None
        Magnitude of flux 1 of the profiles, where it is known.
    catalog : DataFrame or None
        The columns of the catalogue that are conditions.

    Raises
    ------
    InputError
        If there is no such model, it is not of galaxies in flux, or its magnitudes are not known; and if a
        row of the catalogue asks for what is outside the range of the training.

    Examples
    --------
    >>> import galsim, galforge.galsim
    >>> galaxies = galforge.galsim.GeneratedGalaxies()
    >>> galaxy = galaxies.galaxy({"mag_auto": 22.5}, galsim.BaseDeviate(1))
    >>> seen = galsim.Convolve(galaxy.shear(g1=0.02), galsim.Moffat(3, fwhm=0.7))
    >>> image = seen.drawImage(scale=0.2)
    """

    # What GalSim reads from a class that builds an input of a configuration.
    _req_params: ClassVar[dict[str, type]] = {}
    _opt_params: ClassVar[dict[str, type]] = {
        "model": str,
        "catalog": str,
        "zero_point": float,
        "seed": int,
        "beyond": bool,
    }
    _single_params: ClassVar[list[dict[str, type]]] = []
    _takes_rng: ClassVar[bool] = False

    def __init__(
        self,
        model: Path | str = EMBEDDED,
        catalog: "Path | str | pd.DataFrame | None" = None,
        zero_point: float | None = None,
        seed: int | None = None,
        beyond: bool = False,
    ) -> None:
        self._model = load_flux_model(model)
        self.conditions: tuple[Condition, ...] = conditions_of(self._model.record.get("conditions", ()))
        units = self._model.record["observed"]
        self.pixel_scale = float(units["pixel_scale"])
        own = units.get("zero_point")
        if zero_point is not None and own is None:
            raise InputError(f"{model}: zero_point is {zero_point:g}, but the model's own is not known")
        self.zero_point: float | None = own if zero_point is None else zero_point
        # Flux that is 10**0.4 times larger for a zero point that is a magnitude fainter.
        rescaled = 1.0 if zero_point is None or own is None else 10 ** (0.4 * (zero_point - own))
        self._flux_scale = float(units["flux_scale"]) * rescaled
        self.seed, self.beyond = seed, beyond
        self.catalog = None if catalog is None else self._asked_of(catalog)
        self._block = functools.lru_cache(BLOCKS_KEPT)(self._drawn_block)

    def _asked_of(self, catalog: "Path | str | pd.DataFrame") -> pd.DataFrame:
        table = catalog if isinstance(catalog, pd.DataFrame) else read_conditions(Path(catalog))
        asked = asked_columns(self.conditions, table)
        if not len(asked.columns) or not len(asked):
            known = ", ".join(self.columns) or "none"
            raise InputError(f"catalog: holds none of the model's conditions ({known}), or no row")
        self.check(asked)
        return asked

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the conditions."""
        return tuple(dict.fromkeys(each.column for each in self.conditions))

    def __len__(self) -> int:
        """Return the number of rows of the catalogue; 0 without one."""
        return 0 if self.catalog is None else len(self.catalog)

    def check(self, asked: pd.DataFrame) -> None:
        """Refuse what the model cannot be asked for; outside of the range of its training unless ``beyond``.

        Raises
        ------
        InputError
            With the column, the value, and the range or the classes.
        """
        outside = check_asked(self.conditions, asked)
        if outside and not self.beyond:
            raise InputError(f"{outside}; beyond: true allows more")

    def galaxy(
        self,
        conditions: Mapping[str, float | str] | None = None,
        rng: "galsim.BaseDeviate | None" = None,
        gsparams: "galsim.GSParams | None" = None,
    ) -> "galsim.InterpolatedImage":
        """Return a new galaxy.

        Parameters
        ----------
        conditions : mapping, optional
            What is asked of it, by column; the model fills in the rest.
        rng : galsim.BaseDeviate, optional
            All chance comes from one number of it. From the system by default.
        gsparams : galsim.GSParams, optional

        Returns
        -------
        galsim.InterpolatedImage
            Flux in the unit of ``zero_point``; the image is the light that falls on the model's pixels.
        """
        seed = (galsim.BaseDeviate() if rng is None else rng).raw()
        return self._profile(self._drawn([int(seed)], self._table(conditions))[0], gsparams)

    def numbered(
        self,
        index: int,
        conditions: Mapping[str, float | str] | None = None,
        seed: int | None = None,
        gsparams: "galsim.GSParams | None" = None,
    ) -> "galsim.InterpolatedImage":
        """Return a galaxy that comes again with its number, the row of the catalogue where there is one.

        Parameters
        ----------
        index : int
            From 0.
        conditions : mapping, optional
            What is asked of it, in addition to its row of the catalogue. With other conditions the chance of
            a galaxy is the same.
        seed : int, optional
            Another has other galaxies; that of this object by default, or 0.
        gsparams : galsim.GSParams, optional

        Raises
        ------
        InputError
            If the catalogue has no such row.
        """
        if index < 0 or (self.catalog is not None and index >= len(self)):
            allowed = "0 or more" if self.catalog is None else f"0 to {len(self) - 1:,}, the catalogue's rows"
            raise InputError(f"index is {index}; allowed: {allowed}")
        chance = next(each for each in (seed, self.seed, 0) if each is not None)
        if self.catalog is not None and not conditions:
            return self._profile(self._block(chance, index // BLOCK)[index % BLOCK], gsparams)
        row = {} if self.catalog is None else self.catalog.iloc[index].to_dict()
        asked = self._table({**row, **(conditions or {})})
        return self._profile(self._drawn([_seed_of(chance, index)], asked)[0], gsparams)

    def _table(self, conditions: Mapping[str, float | str] | None) -> pd.DataFrame:
        asked = pd.DataFrame(dict(conditions or {}), index=[0])
        self.check(asked)
        return asked

    def _drawn_block(self, seed: int, block: int) -> NDArray[np.float64]:
        assert self.catalog is not None
        rows = self.catalog.iloc[block * BLOCK : (block + 1) * BLOCK]
        return self._drawn([_seed_of(seed, index) for index in rows.index], rows)

    def _drawn(self, seeds: Sequence[int], asked: pd.DataFrame) -> NDArray[np.float64]:
        """Return images (N, H, W) in flux."""
        condition = torch.from_numpy(encode_conditions(self.conditions, asked)) if self.conditions else None
        with single_thread(), torch.no_grad():
            light = self._model.galaxies_of(seeds, condition)[:, 0]
        return light.double().numpy() * self._flux_scale

    def _profile(self, image: NDArray[np.float64], gsparams: Any) -> "galsim.InterpolatedImage":
        return galsim.InterpolatedImage(
            galsim.Image(tapered(image), scale=self.pixel_scale), gsparams=gsparams
        )


def tapered(image: NDArray[np.float64], width: int = TAPER) -> NDArray[np.float64]:
    """Return a galaxy of the same flux whose light falls to nothing towards the circle that fits its stamp.

    Light that is cut off at the edges of a stamp shows as a square where a bright galaxy lies in a field.

    Parameters
    ----------
    image : ndarray of float64, shape (H, W)
    width : int
        Over so many pixels within the circle the light falls, as the square of a cosine.
    """
    y, x = (np.arange(side) - (side - 1) / 2 for side in image.shape)
    inside = (min(image.shape) / 2 - np.hypot(y[:, None], x)) / width
    shown = image * np.sin(0.5 * np.pi * np.clip(inside, 0, 1)) ** 2
    kept = shown.sum()
    return shown * (image.sum() / kept) if kept > 0 else image


def _seed_of(seed: int, index: int) -> int:
    return derive_seed(seed, "galaxy", index)
