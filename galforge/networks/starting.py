"""How the weights of several networks start."""

from torch import nn


def start_xavier(layer: nn.Module) -> None:
    """Start the weights of a layer uniform by Glorot & Bengio (2010), its biases at zero."""
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        assert layer.bias is not None
        nn.init.zeros_(layer.bias)
