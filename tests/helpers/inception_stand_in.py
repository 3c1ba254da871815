"""A TorchScript module of Inception's signature, in which features are means over a grid of the picture."""

import torch
from torch import Tensor, nn

from galforge.core.files import file_digest
from galforge.evaluation import inception

SIZE = 48  # features: 3 channels of 4 x 4


class StandIn(nn.Module):
    def forward(self, images: Tensor, return_features: bool = False) -> Tensor:
        assert images.dtype == torch.uint8
        assert images.shape[1] == 3
        features = nn.functional.adaptive_avg_pool2d(images.float(), 4).flatten(1)
        return features if return_features else features.softmax(1)


def save_stand_in(path, monkeypatch, module=None):
    """Write a module, and let its file pass for the published one."""
    torch.jit.script(module or StandIn()).save(path)
    monkeypatch.setattr(inception, "PUBLISHED_SHA256", file_digest(path))
    return path
