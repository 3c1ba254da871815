"""The multi-layer perceptrons of Laisney, Lalou & Marmet, Tables I and II."""

import math
from typing import Any, Final

from torch import Tensor, nn

SETTINGS_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "hidden_sizes": {
            "type": "array",
            "minItems": 2,
            "maxItems": 2,
            "items": {"type": "integer", "minimum": 1},
            "description": "10 and 5 in Table I, 40 and 20 in Table II",
        },
        "latent_size": {"type": "integer", "minimum": 1, "description": "2 in Table I, 10 in Table II"},
        "dropout": {"type": "number", "minimum": 0, "exclusiveMaximum": 1, "description": "of the input"},
    },
    "required": ["hidden_sizes", "latent_size", "dropout"],
    "additionalProperties": False,
}


class Encoder(nn.Module):
    """Stamp to mean and log variance: dropout, linear, ReLU, linear, then a linear layer each.

    There is no activation after the second layer, as the tables have it.
    """

    def __init__(self, pixels: int, hidden_sizes: list[int], latent_size: int, dropout: float) -> None:
        super().__init__()
        first, second = hidden_sizes
        self.layers = nn.Sequential(
            nn.Flatten(),  # (N, C H W)
            nn.Dropout(dropout),
            nn.Linear(pixels, first),
            nn.ReLU(),
            nn.Linear(first, second),
        )
        self.mean = nn.Linear(second, latent_size)
        self.log_variance = nn.Linear(second, latent_size)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance, (N, latent_size) each, of images (N, C, H, W)."""
        features = self.layers(images)
        return self.mean(features), self.log_variance(features)


def build(
    image_shape: tuple[int, int, int], hidden_sizes: list[int], latent_size: int, dropout: float
) -> tuple[nn.Module, nn.Module]:
    """Return encoder and decoder for stamps of any shape; the tables' sigmoid is the model's."""
    first, second = hidden_sizes
    pixels = math.prod(image_shape)
    decoder = nn.Sequential(
        nn.Linear(latent_size, second),
        nn.Linear(second, first),
        nn.ReLU(),
        nn.Linear(first, pixels),
        nn.Unflatten(1, image_shape),  # (N, C, H, W)
    )
    return Encoder(pixels, hidden_sizes, latent_size, dropout), decoder
