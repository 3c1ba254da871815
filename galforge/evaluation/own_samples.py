"""Judging stamps that no model here made, by the pipeline's own steps and with its numbers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from galforge.core.errors import InputError
from galforge.core.seeds import derive_seed
from galforge.datasets.stamp_file import read_stamps
from galforge.evaluation.comparable import comparable, grey
from galforge.evaluation.comparison import Sample
from galforge.evaluation.feature_space import FeatureSpace, measure_features
from galforge.evaluation.feature_training import Settings as FeatureTraining
from galforge.evaluation.feature_training import train_feature_space
from galforge.evaluation.floor import judge_floor
from galforge.evaluation.judge_settings import JudgeSettings
from galforge.evaluation.judgement import Reconstruction, judge
from galforge.evaluation.leaderboard import list_scores, rank_models
from galforge.evaluation.measured_stamps import measured_rows
from galforge.evaluation.morphology_table import measure_all
from galforge.evaluation.noise_matching import match_noise
from galforge.evaluation.reference_split import hashed_order, stamp_names
from galforge.evaluation.sample_files import split_sample
from galforge.evaluation.variants import VARIANTS


@dataclass(frozen=True)
class Judgement:
    """How samples were judged.

    Attributes
    ----------
    by_name : dict of str to dict
        Of each sample what ``scores.json`` says of a model: every score with error and floor, for stamps as
        they are (``raw``) and with the survey's noise (``noise_matched``); ``status`` and ``reason``.
    floor : dict
        As ``floor.json``: what the survey's own held-out stamps score against each other.
    """

    by_name: dict[str, dict[str, Any]]
    floor: dict[str, Any]

    @property
    def scores(self) -> dict[str, Any]:
        """What is said of the sample, where there is one."""
        if len(self.by_name) > 1:
            raise InputError(f"by_name has the scores of each of {', '.join(self.by_name)}")
        return next(iter(self.by_name.values()))

    @cached_property
    def leaderboard(self) -> pd.DataFrame:
        """The floor's row and one per sample, with the columns of ``leaderboard/<dataset>.csv``."""
        return rank_models([*self.by_name.values()], self.floor)

    @cached_property
    def table(self) -> pd.DataFrame:
        """Every score in a row, with the columns of ``scores/<dataset>.csv``."""
        return list_scores([*self.by_name.values()], self.floor)


class Judge:
    """A dataset's reference, floor and feature space, which all samples share.

    Parameters
    ----------
    dataset : Path
        A dataset, with its test stamps.
    settings : JudgeSettings
    threads : int
        Processes that measure morphology side by side.
    """

    def __init__(self, dataset: Path, settings: JudgeSettings, threads: int = 1) -> None:
        self._settings, self._threads = settings, threads
        stamps = read_stamps(dataset)
        self.image_shape = stamps.image.shape[1:]
        self._train = stamps.take(stamps.split == "train")
        self._space = self._trained_space()
        rows = measured_rows(stamps, 2 * settings.count, "test")
        if len(rows) < 4:
            raise InputError(f"{dataset}: has {len(rows)} test stamps; models are judged on at least 4")
        morphology = self._morphology(stamps.take(rows).flux())
        morphology.insert(0, "row", rows)
        if "identifier" in stamps.catalog:
            morphology.insert(0, "identifier", stamps.catalog["identifier"].to_numpy()[rows])
        features = self._features(stamps.image[rows]).assign(row=rows).set_index("row")
        self._reference, other = split_sample(stamps.image, morphology, features, settings.count)
        floor = {
            "dataset": str(stamps.attributes["dataset"]),
            "simulated": bool(stamps.attributes["simulated"]),
            "inception_digest": None,
            **judge_floor(self._reference, other, settings.scoring()),
        }
        self.floor = _as_read(floor)

    def judge(self, images: NDArray[np.float32], name: str) -> dict[str, Any]:
        """Return the scores of stamps (N, C, H, W) in [0, 1], of which the first ``count`` are judged."""
        count = self._settings.count
        noisy = match_noise(images, self._train.image, derive_seed(self._settings.seed, "matched noise"))
        variants = [images[:count], noisy[:count]]
        tables = self._morphology(np.concatenate(variants))
        samples = {
            variant: Sample(
                tables.iloc[number * len(stamps) : (number + 1) * len(stamps)].reset_index(drop=True),
                self._features(stamps),
                grey(stamps),
            )
            for number, (variant, stamps) in enumerate(zip(VARIANTS, variants, strict=True))
        }
        judged = judge(samples, self._reference, self.floor, self._settings.scoring(), Reconstruction())
        untrained = {"training_seconds": None, "parameters": None}
        return _as_read({**judged, "model": name, "kind": "model", **untrained})

    def _trained_space(self) -> FeatureSpace:
        settings = FeatureTraining(**self._settings.features.model_dump(), seed=self._settings.seed)
        rows = hashed_order(stamp_names(self._train.catalog), "feature network")[: settings.stamps]
        images = torch.from_numpy(comparable(self._train.image[rows]))
        tensors, _ = train_feature_space(images, settings)
        return FeatureSpace(tensors, {"image_shape": list(images.shape[1:]), "size": settings.size})

    def _morphology(self, images: NDArray[np.float32]) -> pd.DataFrame:
        return measure_all(images, self._settings.segmentation, self._threads)

    def _features(self, images: NDArray[np.float32]) -> pd.DataFrame:
        return measure_features(images, self._train.image, self._space)


def _as_read(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as the pipeline reads it from its file: the order of keys is that of columns."""
    read: dict[str, Any] = json.loads(json.dumps(record, sort_keys=True))
    return read


def judge_samples(
    samples: Mapping[str, NDArray[np.float32]], dataset: Path, settings: JudgeSettings, threads: int = 1
) -> Judgement:
    """Return how samples of stamps (N, C, H, W) in [0, 1], by name, are judged beside those of a dataset.

    Raises
    ------
    InputError
        If one has fewer stamps than are judged.
    """
    for name, images in samples.items():
        if len(images) < settings.count:
            raise InputError(
                f"{name}: are {len(images):,} stamps; allowed: {settings.count:,} (count) or more"
            )
    # One thread, as in the pipeline: the last bits of sums depend on their number, and several would wait for
    # each other at the many small sums of the scores.
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            bench = Judge(dataset, settings, threads)
            scores = {name: bench.judge(images, name) for name, images in samples.items()}
        return Judgement(scores, bench.floor)
    finally:
        torch.set_num_threads(before)
