"""The training of one network that recognizes: from settings and a dataset to an outcome and its measures."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from galforge.core.device import choose_device, keep_freed_memory
from galforge.core.errors import InputError
from galforge.core.progress import announce
from galforge.core.seeds import derive_seed
from galforge.datasets.stamp_file import read_catalog
from galforge.datasets.stamp_rows import read_images
from galforge.models.base import describe
from galforge.networks import registry as networks
from galforge.recognition.recognizer import Recognizer, answers
from galforge.recognition.settings import Labelled, RecognizerTraining
from galforge.recognition.targets import Targets, drawn_scores, targets_of
from galforge.training.data import ResidentStamps
from galforge.training.known import Known
from galforge.training.loop import Watch, train
from galforge.training.outcome import Outcome
from galforge.training.state import StateStore

SIDES = ("train", "validation", "test")


@dataclass(frozen=True)
class Side:
    """The stamps of a side of the split of which there is something to be predicted.

    Attributes
    ----------
    identifiers : ndarray, shape (N,)
    images : Tensor, shape (N, C, H, W)
        In [0, 1], on the CPU.
    targets : Tensor, shape (N, K)
    """

    identifiers: NDArray[Any]
    images: Tensor
    targets: Tensor

    def source(self, device: torch.device) -> ResidentStamps:
        """Return them as the training loop takes them."""
        return ResidentStamps(self.images.to(device), Known(target=self.targets.to(device)))


@dataclass(frozen=True)
class PreparedRecognizer:
    """A network with new weights on its device, and the sides of its dataset.

    Attributes
    ----------
    settings : RecognizerTraining
    recognizer : Recognizer
    names : tuple of str
        Of what it predicts: classes or columns.
    sides : dict of str to Side
    device : torch.device
    """

    settings: RecognizerTraining
    recognizer: Recognizer
    names: tuple[str, ...]
    sides: dict[str, Side]
    device: torch.device

    def key(self, code: str, *digests: str) -> str:
        """Return a digest of all that the weights depend on: settings, code, and the datasets' digests."""
        parts = [self.settings.model_dump(), code, digests, self.device.type, torch.__version__]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def run(self, store: StateStore, watch: Watch | None = None) -> Outcome:
        """Train from the saved state, if there is one, to the end; the recognizer then has the weights."""
        settings = self.settings
        outcome = train(
            self.recognizer,
            self.sides["train"].source(self.device),
            self.sides["validation"].source(self.device),
            settings.recipe,
            derive_seed(settings.seed, "training", settings.recognizer, settings.repeat),
            store,
            settings.label,
            watch=watch,
            validate_every=settings.validate_every,
        )
        if outcome.weights:
            self.recognizer.load_state_dict(outcome.weights)
        return outcome

    def answers(self, recognizer: Recognizer) -> dict[str, Tensor]:
        """Return what a network predicts of validation and of test stamps, (N, K) of each."""
        return {split: answers(recognizer, self.sides[split].images) for split in SIDES[1:]}

    def predictions(self, said: Mapping[str, Tensor]) -> pd.DataFrame:
        """Return the answers of :meth:`answers` beside the true values, a row each.

        Columns ``identifier``, ``split``, and ``actual`` and ``predicted``, a number or the name of a class;
        such a pair of each of several votes.
        """
        parts = []
        for split, numbers in said.items():
            side = self.sides[split]
            columns = said_of(self.settings.target.kind, self.names, side.targets.numpy(), "actual")
            columns |= said_of(self.settings.target.kind, self.names, numbers.numpy(), "predicted")
            parts.append(pd.DataFrame({"identifier": side.identifiers, "split": split, **columns}))
        return pd.concat(parts, ignore_index=True)

    def measures(self, said: Mapping[str, Tensor]) -> dict[str, dict[str, float]]:
        """Return how well the answers of :meth:`answers` are, on validation and on test stamps."""
        kind = self.settings.target.kind
        return {split: measured(kind, numbers, self.sides[split].targets) for split, numbers in said.items()}


def prepare_recognizer(
    settings: RecognizerTraining, dataset: Path, labelled: Path | None
) -> PreparedRecognizer:
    """Return the network, as the seed of its repeat makes it, and the stamps of its dataset.

    Raises
    ------
    InputError
        If the catalogue does not hold what the network is to predict, or a side has no stamp with it.
    """
    torch.set_num_threads(settings.threads)
    keep_freed_memory()
    device = choose_device(settings.device)
    names, sides = _sides(settings, dataset)
    if settings.labelled is not None and labelled is not None:
        more = labelled_side(settings.labelled, labelled, derive_seed(settings.seed, "labelled"))
        announce(f"{settings.label}: {len(more.images):,} further stamps with labels")
        sides["train"] = _together(sides["train"], more)
    torch.manual_seed(derive_seed(settings.seed, "weights", settings.recognizer, settings.repeat))
    channels, height, width = sides["train"].images.shape[1:]
    network = networks.build(
        settings.network, settings.network_settings, (channels, height, width), len(names)
    )
    recognizer = Recognizer(network, settings.target.kind).to(device)
    counts = ", ".join(f"{len(side.images):,} {split}" for split, side in sides.items())
    announce(
        f"{settings.label}: {describe(recognizer)['parameters']:,} parameters, {counts} stamps, {device.type}"
    )
    return PreparedRecognizer(settings, recognizer, names, sides, device)


def _sides(settings: RecognizerTraining, dataset: Path) -> tuple[tuple[str, ...], dict[str, Side]]:
    catalog = read_catalog(dataset)
    targets = targets_of(catalog, settings.target)
    if unknown := int((~targets.known & catalog["split"].isin(SIDES)).sum()):
        announce(f"{settings.label}: {unknown:,} stamps have no {', '.join(settings.target.columns)}")
    sides = {split: _side(dataset, catalog, targets, catalog["split"] == split) for split in SIDES}
    if empty := [split for split, side in sides.items() if not len(side.images)]:
        raise InputError(
            f"{dataset}: has no {empty[0]} stamps with {', '.join(settings.target.columns)}; "
            "widen the selection or the split"
        )
    return targets.names, sides


def _side(dataset: Path, catalog: pd.DataFrame, targets: Targets, wanted: pd.Series) -> Side:
    rows = np.flatnonzero(wanted.to_numpy(dtype=bool) & targets.known)
    return Side(
        catalog["identifier"].to_numpy()[rows],
        torch.from_numpy(read_images(dataset, rows)),
        torch.from_numpy(targets.numbers[rows]),
    )


def labelled_side(labelled: Labelled, dataset: Path, seed: int) -> Side:
    """Return the training stamps of a dataset with labels, each with a number drawn for its label."""
    catalog = read_catalog(dataset)
    if labelled.column not in catalog:
        raise InputError(f"{dataset}: has no column {labelled.column}, which labelled.column names")
    values, known = drawn_scores(catalog[labelled.column], labelled.scores, np.random.default_rng(seed))
    targets = Targets((labelled.column,), values, known)
    return _side(dataset, catalog, targets, catalog["split"] == "train")


def _together(first: Side, second: Side) -> Side:
    if first.images.shape[1:] != second.images.shape[1:]:
        shapes = " and ".join(str(tuple(side.images.shape[1:])) for side in (first, second))
        raise InputError(f"labelled.dataset: its stamps and those of the dataset have shapes {shapes}")
    return Side(
        np.concatenate([first.identifiers, second.identifiers]),
        torch.cat([first.images, second.images]),
        torch.cat([first.targets, second.targets]),
    )


def said_of(kind: str, names: tuple[str, ...], values: NDArray[np.float32], word: str) -> dict[str, Any]:
    """Return values of N stamps, (N, K), as columns of a table whose names begin with a word."""
    if kind == "number":
        return {word: values[:, 0].astype(np.float64)}
    if kind == "class":
        return {word: np.array(names, dtype=object)[values.argmax(axis=1)]}
    return {f"{word}_{name}": values[:, place].astype(np.float64) for place, name in enumerate(names)}


def measured(kind: str, predicted: Tensor, true: Tensor) -> dict[str, float]:
    """Return mean absolute error, or accuracy and cross-entropy, of predictions (N, K) of true values."""
    predicted, true = predicted.double(), true.double()
    if kind == "number":
        return {"absolute_error": float((predicted - true).abs().mean())}
    return {
        "accuracy": float((predicted.argmax(dim=1) == true.argmax(dim=1)).double().mean()),
        "cross_entropy": float(-(true * predicted.clamp_min(1e-12).log()).sum(dim=1).mean()),
    }
