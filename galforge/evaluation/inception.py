"""Features of Inception-v3, from the TorchScript file with which published Frechet distances were computed.

The user provides the file: ``inception-2015-12-05.pt``, as NVIDIA publishes it for StyleGAN. It is called as
its authors call it, ``module(images, return_features=True)``, with 8-bit pictures of three channels, which it
enlarges itself.

A TorchScript file is a program, which can write files. None is run but the published one, which is known by
its SHA-256.
"""

import hashlib
import io
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from galforge.core.errors import InputError

BATCH = 64
WHITE = 255  # of 8 bits
COLOURS = 3
# 95,607,719 bytes from nvlabs-fi-cdn.nvidia.com, below stylegan2-ada-pytorch/pretrained/metrics.
PUBLISHED_SHA256 = "f58cb9b6ec323ed63459aa4fb441fe750cfe39fafad6da5cb504a16f19e958f4"


class InceptionFeatures:
    """The published TorchScript module that returns features of pictures.

    Parameters
    ----------
    path : Path

    Raises
    ------
    InputError
        If the file is another.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        content = path.read_bytes()
        # Of the bytes that are run, not of a file that may be another by then.
        digest = hashlib.sha256(content).hexdigest()
        if digest != PUBLISHED_SHA256:
            raise InputError(
                f"{path}: its SHA-256 is {digest}; allowed: {PUBLISHED_SHA256} alone, that of "
                "inception-2015-12-05.pt as NVIDIA publishes it, since a TorchScript file is a program"
            )
        try:
            module = torch.jit.load(io.BytesIO(content), map_location="cpu")  # type: ignore[no-untyped-call]  # torch's
        except (RuntimeError, ValueError) as error:
            raise InputError(f"{path}: is not a TorchScript module ({_words(error)})") from error
        self._module = module.eval()

    def __call__(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the features, (N, F), of stamps (N, C, H, W) in [0, 1].

        Raises
        ------
        InputError
            If the module takes no pictures, or returns anything else.
        """
        pictures = as_pictures(images)
        # No stamps still have a number of features that only the module knows: it gets a black picture.
        shown = pictures if len(pictures) else torch.zeros((1, *pictures.shape[1:]), dtype=torch.uint8)
        features = torch.cat([self._features(part) for part in torch.split(shown, BATCH)])
        return np.asarray(features[: len(pictures)].numpy())

    def _features(self, pictures: Tensor) -> Tensor:
        try:
            with torch.no_grad():
                features = self._module(pictures, return_features=True)
        except RuntimeError as error:
            raise InputError(
                f"{self.path}: cannot be called as module(images, return_features=True) ({_words(error)})"
            ) from error
        if not isinstance(features, Tensor) or features.ndim != 2 or len(features) != len(pictures):
            raise InputError(f"{self.path}: does not return one row of features per picture")
        return features.float()


def as_pictures(images: NDArray[np.float32]) -> Tensor:
    """Return stamps (N, C, H, W) in [0, 1] as 8-bit pictures (N, 3, H, W); all but colour ones are grey."""
    if images.shape[1] != COLOURS:
        images = images.mean(axis=1, keepdims=True).repeat(COLOURS, axis=1)
    return torch.from_numpy(np.rint(images * WHITE).astype(np.uint8))


def _words(error: Exception) -> str:
    """Return what an error of torch says: the first sentence of its last line; the rest is torch's own."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[-1].partition(". ")[0]
