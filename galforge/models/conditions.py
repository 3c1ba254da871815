"""Conditions as networks are given them: numbers about each galaxy, some of which may be missing (NaN)."""

import torch
from torch import Tensor


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
