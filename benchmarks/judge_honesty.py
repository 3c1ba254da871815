"""How often the judge accuses real stamps, and what it sees of samples that cheat.

    export DATASET=results_judge/dataset/simulated_cosmos.h5
    export SERSIC=results_judge/sample/simulated_cosmos/control_parametric.h5
    snakemake $DATASET $SERSIC --configfile config/judge.yaml
    python -m benchmarks.judge_honesty $DATASET --sersic $SERSIC --folder honesty

Real stamps are judged as if a model had made them, again and again: a score should be flagged once in twenty
times, and its error should be the scatter that is seen. Then cheats are judged: what catches each, and by how
many of the floor's errors. What was measured stays in the folder, so that a second run only judges. Two
tables are printed, and written as JSON.
"""

import argparse
import json
import multiprocessing
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.cheats import CHEATS, GAPS, Images, make, picked
from benchmarks.inputs import configuration
from galforge.core.seeds import derive_seed
from galforge.core.tables import read_table, write_table
from galforge.datasets.stamp_file import read_stamps
from galforge.evaluation.comparable import comparable, grey
from galforge.evaluation.comparison import Sample
from galforge.evaluation.feature_space import FeatureSpace, measure_features
from galforge.evaluation.feature_training import Settings as FeatureSettings
from galforge.evaluation.feature_training import train_feature_space
from galforge.evaluation.floor import average_floor
from galforge.evaluation.gates import closed_gates
from galforge.evaluation.morphology_table import measure_all
from galforge.evaluation.noise_matching import match_noise
from galforge.evaluation.resampling import Score
from galforge.evaluation.sample_files import Scoring
from galforge.evaluation.scores import beside_floor, score_sample
from galforge.evaluation.segmentation import Segmentation
from galforge.evaluation.variants import RANKED

MEASURED = 200  # stamps of a cheat; of more, only those samples that need no new measurement
NARROW, DIM = "real, without the widest tenth", "real, without the 30 % of lowest SNR"
ROTATED = "rotated by 20 degrees"
PICKED, OFFERED = "Sersic profiles, picked by the mean distance", 4.5  # of so many times what is picked
POWERS = (NARROW, DIM, ROTATED)  # the cheats for which each score's power is stated


class Pool(NamedTuple):
    """Training stamps, held-out stamps with their catalogue, Sersic profiles, and the space of features."""

    train: Images
    test: Sample
    catalog: pd.DataFrame
    sersic: Sample | None
    space: FeatureSpace


def measure(images: Images, pool_train: Images, space: FeatureSpace, folder: Path, name: str) -> Sample:
    """Return stamps, (N, H, W), with their morphology and features, from the folder where they are there."""
    tables = []
    for kind in ("morphology", "features"):
        path = folder / f"{name.replace(' ', '_').replace('/', '_')}_{kind}.csv"
        if not path.is_file():
            print(f"{name}: {kind} of {len(images)} stamps", file=sys.stderr)
            found = (
                measure_all(images[:, None], Segmentation(**configuration()["evaluation"]["segmentation"]), 2)
                if kind == "morphology"
                else measure_features(images[:, None], pool_train[:, None], space)
            )
            write_table(path, found)
        tables.append(read_table(path))
    return Sample(tables[0], tables[1], images)


def read_pool(dataset: Path, sersic: Path | None, folder: Path) -> Pool:
    """Return the stamps of a dataset, and the Sersic profiles that were fitted to them, measured."""
    stamps = read_stamps(dataset)
    train, test = (grey(stamps.image[stamps.split == name]) for name in ("train", "test"))
    settings = {**configuration()["evaluation"]["features"], "seed": 1}
    settings.pop("inception")
    space_settings = FeatureSettings(**settings)
    images = torch.from_numpy(comparable(train[:, None]))
    tensors, _ = train_feature_space(images, space_settings)
    space = FeatureSpace(tensors, {"image_shape": images.shape[1:], "size": space_settings.size})
    catalog = stamps.catalog[stamps.split == "test"].reset_index(drop=True)

    def measured(images: Images, name: str) -> Sample:
        return measure(images, train, space, folder, name)

    profiles = (
        measured(matched(grey(read_stamps(sersic).image), train), "Sersic profiles") if sersic else None
    )
    return Pool(train, measured(test, "held-out stamps"), catalog, profiles, space)


def matched(images: Images, train: Images) -> Images:
    """Return stamps, (N, H, W), with the noise of training stamps, as the judge sees them."""
    return comparable(match_noise(images[:, None], train[:, None], 1))[:, 0]


_POOL: list[Any] = []  # the pool, the settings and the cheat of training stamps, for forked processes


def floor_of(rows: NDArray[np.intp], pool: Pool, settings: Scoring) -> tuple[Sample, dict[str, Score]]:
    """Return the reference among 2 n held-out stamps, and the floor's scores."""
    reference, floor = (pool.test.take(half) for half in np.split(rows, 2))
    return reference, average_floor(reference.joined(floor), settings.parameters, settings.seed)


def judged(
    sample: Sample, reference: Sample, floor: dict[str, Score], settings: Scoring
) -> dict[str, dict[str, Any]]:
    """Return every score of a sample beside the floor's, and the gates that it does not pass."""
    scores = score_sample(reference, sample, settings.parameters, settings.resamples, settings.seed)
    beside = beside_floor(scores, floor)
    gates = closed_gates({"raw": {}, RANKED: beside})
    with_errors = {name: {**row, "error": scores[name].error} for name, row in beside.items()}
    return {"scores": with_errors, "gates": gates}


def real_against_real(seed: int) -> dict[str, Any]:
    """Return the scores of n real stamps and of the :data:`POWERS`, from disjoint draws of the pool."""
    pool, settings, rotated = _POOL
    threadpool_limits(1)  # of this process, from now on
    n = settings.count
    generator = np.random.default_rng(derive_seed(seed, "split"))
    rows = generator.permutation(len(pool.test))
    real, spare = rows[: 2 * n], rows[2 * n :]
    samples = {
        "real": pool.test.take(spare[:n]),
        **{
            name: pool.test.take(spare[GAPS[name].rows(pool.catalog.iloc[spare], n)])
            for name in (NARROW, DIM)
        },
    }
    if rotated:
        samples[ROTATED] = rotated.take(generator.permutation(len(rotated))[:n])
    reference, floor = floor_of(real, pool, settings)
    return {name: judged(sample, reference, floor, settings) for name, sample in samples.items()}


def calibration(splits: list[dict[str, Any]]) -> pd.DataFrame:
    """Return for every score: how often real stamps are flagged, and its error over the scatter seen."""
    rows = []
    for name in splits[0]["real"]["scores"]:
        found = [split["real"]["scores"][name] for split in splits]
        known = [row for row in found if row["value"] is not None]
        if len(known) < 2:
            continue
        scatter = float(np.std([row["value"] for row in known], ddof=1))
        errors = [row["error"] for row in known if row["error"] is not None]
        ties = [row["tied"] for row in known if row["tied"] is not None]
        powers = {
            f"seen: {cheat}": float(
                np.mean([split[cheat]["scores"][name]["tied"] is False for split in splits])
            )
            for cheat in POWERS
            if cheat in splits[0]
        }
        rows.append(
            {
                "score": name,
                "flagged": 1 - float(np.mean(ties)) if ties else np.nan,
                "error_over_scatter": float(np.mean(errors)) / scatter if errors and scatter > 0 else np.nan,
                **powers,
            }
        )
    return pd.DataFrame(rows)


def caught(name: str, judgement: dict[str, Any]) -> dict[str, Any]:
    """Return what catches a cheat: gates, and the scores that lie furthest from the floor in its errors."""
    apart = {}
    for score, row in judgement["scores"].items():
        if row["tied"] is False and row["floor_error"] is not None:
            apart[score] = abs(row["value"] - row["floor"]) / (row["floor_error"] or np.inf)
    most = sorted(apart, key=lambda score: -apart[score])
    mean = judgement["scores"]["mean_distance"]
    return {
        "cheat": name,
        "mean_distance": mean["value"],
        "error": mean["error"],
        "floor": mean["floor"],
        "gates": "; ".join(judgement["gates"].values()),
        "scores": ", ".join(f"{score} {apart[score]:.1f}" for score in most[:3]),
        "flagged": len(apart),
    }


def judge_cheats(
    pool: Pool, count: int, folder: Path, settings: Scoring
) -> tuple[pd.DataFrame, dict[str, Sample]]:
    """Return what catches each cheat of ``count`` stamps, and the cheats measured.

    Held-out stamps that a cheat uses are none of those that it is compared with.
    """
    order = np.random.default_rng(count).permutation(len(pool.test))
    rows, spare = order[: 2 * count], order[2 * count :]
    samples = {
        name: pool.test.take(spare[gap.rows(pool.catalog.iloc[spare], count)]) for name, gap in GAPS.items()
    }
    sources = {"train": pool.train, "test": pool.test.image[spare]}
    for name, cheat in CHEATS.items() if count <= MEASURED else ():
        images = make(cheat, sources[cheat.of], count, np.random.default_rng(derive_seed(count, name)))
        seen = matched(images, pool.train)
        samples[name] = measure(seen, pool.train, pool.space, folder, f"{name}_{count}")
    reference, floor = floor_of(rows, pool, settings)
    if pool.sersic and count <= MEASURED:
        offered = pool.sersic.first(int(OFFERED * count))
        generator = np.random.default_rng(derive_seed(count, PICKED))
        samples[PICKED] = picked(offered, reference, settings.parameters, generator)
    found = [caught(name, judged(sample, reference, floor, settings)) for name, sample in samples.items()]
    return pd.DataFrame(found), samples


def main() -> None:
    """Measure, judge, print and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--sersic", type=Path, help="stamps of control_parametric of this dataset")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--counts", type=int, nargs="+", default=[100, 200, 500], help="n of the cheats")
    parser.add_argument("--splits", type=int, default=200)
    parser.add_argument("--count", type=int, default=100, help="n of real against real")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.folder.mkdir(parents=True, exist_ok=True)
    pool = read_pool(options.dataset, options.sersic, options.folder)
    evaluation = configuration()["evaluation"]

    def scoring(count: int) -> Scoring:
        return Scoring(
            parameters=evaluation["parameters"], count=count, resamples=evaluation["resamples"], seed=1
        )

    rotated: Sample | None = None
    for count in sorted(options.counts):
        table, samples = judge_cheats(pool, count, options.folder, scoring(count))
        rotated = samples.get(ROTATED, rotated)
        write_table(options.folder / f"cheats_{count}.csv", table)
        print(f"\nn = {count}\n\n{table.to_markdown(index=False, floatfmt='.3f')}", flush=True)
    _POOL[:] = [pool, scoring(options.count), rotated]
    with ProcessPoolExecutor(options.processes, mp_context=multiprocessing.get_context("fork")) as processes:
        splits = list(processes.map(real_against_real, range(options.splits)))
    (options.folder / "splits.json").write_text(json.dumps(splits))
    table = calibration(splits)
    write_table(options.folder / "calibration.csv", table)
    print(
        f"\n{options.splits} splits, n = {options.count}\n\n{table.to_markdown(index=False, floatfmt='.2f')}"
    )
    flags = Counter(sum(row["tied"] is False for row in split["real"]["scores"].values()) for split in splits)
    any_flag = 1 - flags[0] / len(splits)
    gated = np.mean([bool(split["real"]["gates"]) for split in splits])
    print(f"\nTables of real stamps with any flag: {any_flag:.0%}; behind a gate: {gated:.1%}")


if __name__ == "__main__":
    main()
