"""The latents of a dataset under one model, in the order of the dataset.

An HDF5 file with

- ``mean`` and ``log_variance`` float32 (N, L) of each stamp's posterior,
- ``identifier`` (N,) and ``split`` (N,), as in the dataset,
- root attributes: ``digest`` of all the above, and whatever the stage that made the file states.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from galforge.core.hdf5_files import damaged, opened_hdf5, writing_hdf5

_PARTS = ("mean", "log_variance", "identifier", "split")


@dataclass(frozen=True)
class Latents:
    """Posteriors of N stamps in a latent space of L dimensions.

    Attributes
    ----------
    mean, log_variance : ndarray of float32, shape (N, L)
        Mean and log variance of the normal posterior of each latent; the logarithm is natural.
    identifier : ndarray, shape (N,)
        Identifier of the galaxy, as in the dataset's catalogue.
    split : ndarray of str, shape (N,)
        ``train``, ``validation`` or ``test``.
    attributes : mapping of str to str
        Root attributes. Where there is no model to encode with (N = 0), ``reason`` says why.
    """

    mean: NDArray[np.float32]
    log_variance: NDArray[np.float32]
    identifier: NDArray[Any]
    split: NDArray[np.str_]
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.mean.ndim != 2 or self.log_variance.shape != self.mean.shape:
            raise ValueError(
                f"mean {self.mean.shape} and log variance {self.log_variance.shape} differ in shape"
            )
        if not len(self.mean) == len(self.identifier) == len(self.split):
            raise ValueError(
                f"{len(self.mean)} latents, {len(self.identifier)} identifiers, {len(self.split)} splits"
            )

    def __len__(self) -> int:
        return len(self.mean)


def write_latents(path: Path, latents: Latents) -> str:
    """Write latents, whole or not at all; return their digest."""
    digest = _digest(latents)
    with writing_hdf5(path) as (file, _):
        for name in _PARTS:
            values = np.ascontiguousarray(getattr(latents, name))
            if _is_text(values):
                file.create_dataset(name, data=values.astype(object), dtype=h5py.string_dtype())
            else:
                file.create_dataset(name, data=values)
        file.attrs.update({**latents.attributes, "digest": digest})
    return digest


def _is_text(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "UOT"


def _digest(latents: Latents) -> str:
    total = hashlib.sha256()
    for name in _PARTS:
        values = np.ascontiguousarray(getattr(latents, name))
        content = "\x1f".join(map(str, values)).encode() if _is_text(values) else values.tobytes()
        total.update(f"{name} {values.shape} {hashlib.sha256(content).hexdigest()}\n".encode())
    return total.hexdigest()


def read_latents(path: Path | str) -> Latents:
    """Return the latents of a file.

    Raises
    ------
    InputError
        If it is not a file of latents, or is damaged.

    Examples
    --------
    >>> latents = read_latents("results/latent/simulated_cosmos/danilov_beta_vae.h5")  # doctest: +SKIP
    >>> latents.mean[latents.split == "test"].shape  # doctest: +SKIP
    (187, 64)
    """
    with opened_hdf5(path, "a file of latents", _PARTS) as file:
        identifier = file["identifier"]
        latents = Latents(
            mean=file["mean"][:],
            log_variance=file["log_variance"][:],
            identifier=(
                identifier.asstr()[:].astype(str)
                if h5py.check_string_dtype(identifier.dtype)
                else identifier[:]
            ),
            split=file["split"].asstr()[:].astype(str),
            attributes=dict(file.attrs),
        )
    if _digest(latents) != latents.attributes.get("digest"):
        raise damaged(path, "its content does not have its digest")
    return latents
