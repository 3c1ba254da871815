"""A TorchScript module of Inception's signature, in which features are means over a grid of the picture."""

import torch
from torch import Tensor, nn

SIZE = 48  # features: 3 channels of 4 x 4


class StandIn(nn.Module):
    def forward(self, images: Tensor, return_features: bool = False) -> Tensor:
        assert images.dtype == torch.uint8
        assert images.shape[1] == 3
        features = nn.functional.adaptive_avg_pool2d(images.float(), 4).flatten(1)
        return features if return_features else features.softmax(1)


def save_stand_in(path, module=None):
    torch.jit.script(module or StandIn()).save(path)
    return path
