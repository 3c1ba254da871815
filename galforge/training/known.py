"""What is known of each stamp beside its pixels, where a model asks for it, on the device of the model."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from galforge.datasets.conditions import Condition, conditions_of, encode_conditions
from galforge.datasets.observing_conditions import read_noise, read_psf_bank
from galforge.datasets.stamp_file import read_catalog
from galforge.models import registry as models
from galforge.models.batch import Batch


@dataclass(frozen=True)
class Wanted:
    """What a model is given of a dataset.

    Attributes
    ----------
    conditions : tuple of Condition
        Of its run.
    in_flux : bool
        Stamps as a dataset in flux has them, with the PSF and the noise of each; otherwise in [0, 1].
    """

    conditions: tuple[Condition, ...] = ()
    in_flux: bool = False

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> "Wanted":
        """Return what a trained model is given, from its record."""
        in_flux = models.settings_class(record["family"]).in_flux
        return cls(conditions_of(record.get("conditions", ())), in_flux)


IMAGES_ALONE = Wanted()


@dataclass(frozen=True)
class Known:
    """What is known of N stamps, in their order; each is None where it is not wanted.

    Attributes
    ----------
    condition : Tensor, shape (N, K), optional
    noise : Tensor, shape (N,), optional
    psf_index : Tensor of int64, shape (N,), optional
        Which of ``psfs`` is the stamp's.
    psfs : Tensor, shape (M, 1, P, P), optional
        Galaxies share them.
    target : Tensor, shape (N, K), optional
    """

    condition: Tensor | None = None
    noise: Tensor | None = None
    psf_index: Tensor | None = None
    psfs: Tensor | None = None
    target: Tensor | None = None

    def batch(self, images: Tensor, rows: slice | Tensor) -> Batch:
        """Return images as a batch, with what is known of them: those of ``rows``."""
        psf = None if self.psfs is None or self.psf_index is None else self.psfs[self.psf_index[rows]]
        condition = None if self.condition is None else self.condition[rows]
        noise = None if self.noise is None else self.noise[rows]
        return Batch(images, condition, psf, noise, None if self.target is None else self.target[rows])


NOTHING = Known()


def known_of(dataset: Path, rows: NDArray[np.intp] | None, wanted: Wanted, device: torch.device) -> Known:
    """Return what is known of some stamps of a dataset, of all of them without ``rows``."""
    chosen = slice(None) if rows is None else rows
    condition = noise = psf_index = psfs = None
    if wanted.conditions:
        table = read_catalog(dataset).iloc[chosen]
        condition = torch.from_numpy(encode_conditions(wanted.conditions, table)).to(device)
    if wanted.in_flux:
        noise = torch.from_numpy(read_noise(dataset, chosen)).to(device)
        bank, index = read_psf_bank(dataset)
        psfs = torch.from_numpy(bank)[:, None].to(device)
        psf_index = torch.from_numpy(index[chosen]).to(device)
    return Known(condition, noise, psf_index, psfs)
