"""Matrix products against torch's convolutions, values and gradients, in both memory formats."""

import pytest
import torch
from torch.nn import functional as F

from galforge.networks.whole_convolutions import CoveringConv2d, PointConvTranspose2d


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(
    ("layer", "reference", "size"),
    [
        (CoveringConv2d(6, 20, 4, 2, bias=False), F.conv2d, 4),
        (PointConvTranspose2d(6, 20, 4, 2, bias=False), F.conv_transpose2d, 1),
    ],
)
def test_they_are_convolutions(layer, reference, size, memory_format):
    layer = layer.to(memory_format=memory_format)
    images = torch.randn(5, 6, size, size, generator=torch.Generator().manual_seed(1))
    images = images.to(memory_format=memory_format)
    results = []
    for function in (layer, lambda x: reference(x, layer.weight, stride=2)):
        x = images.clone().requires_grad_()
        layer.zero_grad()
        output = function(x)
        (output * torch.linspace(-1, 1, output.numel()).view_as(output)).sum().backward()
        results.append((output.detach(), x.grad, layer.weight.grad.clone()))
    for ours, torchs in zip(*results, strict=True):
        assert ours.shape == torchs.shape
        torch.testing.assert_close(ours, torchs)


def test_another_size_is_refused():
    with pytest.raises(ValueError, match=r"\(5, 5\) is not as large"):
        CoveringConv2d(6, 20, 4, bias=False)(torch.zeros(1, 6, 5, 5))
    with pytest.raises(ValueError, match=r"\(2, 2\) is not a point"):
        PointConvTranspose2d(6, 20, 4, bias=False)(torch.zeros(1, 6, 2, 2))
