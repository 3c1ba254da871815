"""Conditions of stamps: numbers about each, such as its magnitude, some of which may be missing (NaN)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from galforge.core.errors import ConfigurationError


def condition_features(condition: Tensor) -> Tensor:
    """Return what a network is given of conditions: each value, 0 where it is missing, then what is known.

    Parameters
    ----------
    condition : Tensor, shape (N, K)
        Standardised, NaN where a value is missing.

    Returns
    -------
    Tensor, shape (N, 2 K)
        The K values, then K numbers: 1 where the value is known, 0 where it is missing.
    """
    missing = condition.isnan()
    return torch.cat([condition.masked_fill(missing, 0), (~missing).to(condition.dtype)], 1)


def masked_at_random(condition: Tensor, probability: float, generator: torch.Generator) -> Tensor:
    """Return conditions (N, K) of which each value is forgotten (NaN) with a probability, independently.

    A model that is trained so can be asked for some of its conditions; the others it fills in.
    """
    draws = torch.rand(condition.shape, generator=generator, device=condition.device)
    return condition.masked_fill(draws < probability, torch.nan)


@dataclass(frozen=True)
class Standardisation:
    """The numbers that conditions are standardised with, saved with a model's weights.

    Attributes
    ----------
    names : tuple of str
        Of the K conditions.
    mean, deviation : tuple of float
        Of the known values of each in the training stamps; the deviation is that of the values themselves
        (divided by N, not N - 1).
    minimum, maximum : tuple of float
        Range of these values, outside of which a model has learnt nothing.
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    minimum: tuple[float, ...]
    maximum: tuple[float, ...]

    @classmethod
    def of(cls, names: Sequence[str], values: Tensor) -> "Standardisation":
        """Return that of the training stamps' values (N, K), leaving out those that are missing (NaN).

        Raises
        ------
        ValueError
            If a condition is missing everywhere, has the same value everywhere, or an infinite one.
        """
        if values.ndim != 2 or values.shape[1] != len(names):
            raise ValueError(f"values of {tuple(values.shape)} are not those of {len(names)} conditions")
        rows = [_moments(name, column) for name, column in zip(names, values.double().T, strict=True)]
        mean, deviation, minimum, maximum = zip(*rows, strict=True)
        return cls(tuple(names), mean, deviation, minimum, maximum)

    def standardised(self, values: Tensor) -> Tensor:
        """Return values (N, K) less the mean, by the deviation, float32; NaN stays NaN."""
        mean, deviation = self._numbers(values)
        # In float64: of a value that is large beside its deviation the digits matter.
        return ((values.double() - mean) / deviation).float()

    def raw(self, values: Tensor) -> Tensor:
        """Return what :meth:`standardised` was given, (N, K), float32."""
        mean, deviation = self._numbers(values)
        return (values.double() * deviation + mean).float()

    def check_inside(self, name: str, values: Tensor) -> None:
        """Compare values of a condition, of any shape, with the range of the training; NaN is inside.

        Raises
        ------
        ConfigurationError
            For a condition that there is not, or the first value that is outside.
        """
        if name not in self.names:
            raise ConfigurationError(f"condition is {name!r}; allowed: {', '.join(self.names)}")
        index = self.names.index(name)
        least, most = self.minimum[index], self.maximum[index]
        # Compared as float32, which conditions are kept in.
        bounds = torch.tensor([least, most], dtype=torch.float32)
        asked = values.float().reshape(-1)
        outside = asked[(asked < bounds[0]) | (asked > bounds[1])]
        if len(outside):
            raise ConfigurationError(
                f"condition {name} is {outside[0].item():g}; allowed: {least:g} to {most:g}, "
                "the range of the training stamps"
            )

    def _numbers(self, values: Tensor) -> tuple[Tensor, Tensor]:
        mean, deviation = torch.tensor([self.mean, self.deviation], dtype=torch.float64, device=values.device)
        return mean, deviation


def _moments(name: str, column: Tensor) -> tuple[float, float, float, float]:
    """Return mean, deviation, minimum and maximum of the known values of a condition, (N,)."""
    known = column[~column.isnan()]
    if not len(known):
        raise ValueError(f"condition {name} is missing in all of the training stamps")
    minimum, maximum = known.min().item(), known.max().item()
    if minimum == maximum:
        raise ValueError(f"condition {name} is {minimum:g} in all of the training stamps")
    if not known.isfinite().all():
        raise ValueError(f"condition {name} is infinite in some of the training stamps")
    return known.mean().item(), known.std(correction=0).item(), minimum, maximum
