"""Using a trained network that recognizes: reading it, and asking it about stamps and pictures."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from galforge.core import records
from galforge.core.device import choose_device
from galforge.core.errors import InputError
from galforge.core.files import check_digest
from galforge.models.placement import Placement
from galforge.networks import registry as networks
from galforge.recognition.recognizer import Recognizer, answers
from galforge.recognition.record import RecognizerRecord
from galforge.recognition.training import said_of


@dataclass(frozen=True)
class TrainedRecognizer:
    """A network after its training.

    Attributes
    ----------
    recognizer : Recognizer
        On its device.
    names : tuple of str
        Of what it predicts: classes or columns.
    image_shape : tuple of int
        (C, H, W) of the stamps that it was trained on.
    """

    recognizer: Recognizer
    names: tuple[str, ...]
    image_shape: tuple[int, int, int]

    def ask(self, images: NDArray[np.float32]) -> pd.DataFrame:
        """Return what it predicts of stamps (N, C, H, W) in [0, 1], of any size: ``Predicted`` of each.

        The name of a class, with its ``Probability``; a number; or a share of each of several columns.

        Raises
        ------
        InputError
            If they have other channels than the stamps that it was trained on.
        """
        said = answers(self.recognizer, resized(torch.from_numpy(images), self.image_shape)).numpy()
        table = pd.DataFrame(said_of(self.recognizer.kind, self.names, said, "Predicted"))
        return table.assign(Probability=said.max(axis=1)) if self.recognizer.kind == "class" else table


def load_recognizer(weights: Path, record: Path, placement: Placement) -> TrainedRecognizer:
    """Return a trained network where it is to run.

    Raises
    ------
    InputError
        If the record is none, its training failed, or the weights are not those that it describes.
    """
    facts = records.read_record(record, RecognizerRecord)
    if facts["status"] != "ok":
        raise InputError(f"{record}: the training failed ({facts['reason']}); ask another variant, or repeat")
    check_digest(weights, facts["weights_digest"], record)
    torch.set_num_threads(placement.threads)
    channels, height, width = facts["image_shape"]
    network = networks.build(
        facts["network"], facts["network_settings"], (channels, height, width), len(facts["names"])
    )
    recognizer = Recognizer(network, facts["target"]["kind"])
    try:
        recognizer.load_state_dict(load_file(weights))
    except (SafetensorError, RuntimeError) as error:
        raise InputError(f"{weights}: does not fit the network of {record} ({error})") from error
    device = choose_device(placement.device)
    return TrainedRecognizer(recognizer.to(device), tuple(facts["names"]), (channels, height, width))


def resized(images: Tensor, image_shape: tuple[int, int, int]) -> Tensor:
    """Return stamps (N, C, H, W) at the size that a network was trained on, antialiased."""
    channels, height, width = image_shape
    if images.shape[1] != channels:
        raise InputError(
            f"the network was trained on stamps of {channels} channels, these have {images.shape[1]}"
        )
    if tuple(images.shape[2:]) == (height, width):
        return images
    return functional.interpolate(images, (height, width), mode="bilinear", antialias=True).clamp(0, 1)
