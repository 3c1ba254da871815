"""The inverse of masked autoregressive layers, in half of zuko's time for one galaxy, and with its bits.

zuko builds the masked weights and a distribution's parts again in each of the passes; for a batch of one that
is most of the time.
"""

import math
from collections.abc import Iterable
from typing import Any, Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_LOG_SLOPE: Final = math.log(1e-3)  # zuko's bound of a layer's scale


def affine_inverse(layers: Iterable[Any], values: Tensor, features: Tensor | None) -> Tensor:
    """Return what layers in turn make values (N, L) of, from the last layer to the first.

    With shift b and unbounded scale a of each component, which depend on the components before it and on the
    features, x = (y - b) / exp(a / (1 + |a / ln(1/1000)|)). L passes find them one after the other.

    Parameters
    ----------
    layers : iterable of zuko.flows.MaskedAutoregressiveTransform
        Of affine transforms, in their order from data to noise.
    values : Tensor, shape (N, L)
    features : Tensor, shape (N, F), optional
    """
    given = [] if features is None else [features]
    for layer in reversed(list(layers)):
        weights = [
            (part.mask * part.weight, part.bias) if hasattr(part, "mask") else part for part in layer.hyper
        ]
        found = torch.zeros_like(values)
        for _ in range(layer.passes):
            shift, scale = _network(weights, torch.cat([found, *given], 1)).view(*found.shape, 2).unbind(2)
            found = (values - shift) / (scale / (1 + (scale / _LOG_SLOPE).abs())).exp()
        values = found
    return values


def _network(parts: list[tuple[Tensor, Tensor] | nn.Module], values: Tensor) -> Tensor:
    for part in parts:
        values = F.linear(values, *part) if isinstance(part, tuple) else part(values)
    return values
