"""Stamps as batches: each once an epoch, the same from memory and from the file, in bounded memory."""

import tracemalloc
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from galforge.core import device
from galforge.datasets.conditions import encode_conditions, fit_conditions
from galforge.datasets.stamp_file import Stamps, read_catalog, read_stamps, write_stamps
from galforge.datasets.stamp_rows import read_images
from galforge.training import data
from galforge.training.data import (
    ResidentStamps,
    StreamedStamps,
    dataset_batches,
    open_stamps,
    resident_stamps,
)
from galforge.training.known import Wanted
from galforge.training.loop import train
from galforge.training.state import StateStore
from tests.helpers.tiny_training import RECIPE, Killed, killed_after, never, new_model, same

CPU = torch.device("cpu")
COUNT = 1500


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Stamps that each have a value of their own, on both sides of a split."""
    path = tmp_path_factory.mktemp("data") / "dataset.h5"
    random = np.random.default_rng(1)
    image = random.random((COUNT, 1, 8, 8), dtype=np.float32)
    image[:, 0, 0, 0] = np.arange(COUNT) / COUNT
    split = random.choice(["train", "validation", "test"], COUNT, p=[0.7, 0.1, 0.2])
    empty = pd.DataFrame(index=range(COUNT))
    write_stamps(path, [Stamps(image, np.zeros(COUNT), np.ones(COUNT), empty, split)], {})
    return path


@pytest.fixture
def small_windows(monkeypatch):
    """Windows of two blocks: 128 stamps of 8 x 8."""
    monkeypatch.setattr(data, "WINDOW_BYTES", 2 * 64 * 64 * 4)


def identities(batches):
    return [round(float(value) * COUNT) for batch in batches for value in batch.image[:, 0, 0, 0]]


def both(dataset, split="train"):
    return resident_stamps(dataset, split, CPU), StreamedStamps(dataset, split, CPU)


def test_rows_are_read_in_the_order_that_is_asked_for(dataset):
    whole = read_stamps(dataset).image
    rows = np.random.default_rng(2).permutation(COUNT)[:400]
    assert np.array_equal(read_images(dataset, rows), whole[rows])
    assert read_images(dataset, rows[:0]).shape == (0, 1, 8, 8)


@pytest.mark.parametrize("batch_size", [7, 32, 64, 200])
def test_each_stamp_comes_at_most_once_an_epoch_and_all_but_the_last_few_do(
    dataset, small_windows, batch_size
):
    expected = np.flatnonzero(read_stamps(dataset).split == "train")
    for source in both(dataset):
        assert source.count == len(expected)
        seen = identities(source.shuffled(3, batch_size, 0))
        assert len(seen) == len(expected) // batch_size * batch_size
        assert len(set(seen)) == len(seen)
        assert set(seen) <= set(expected.tolist())
        assert identities(source.batches(batch_size)) == expected.tolist()


@pytest.mark.parametrize("batch_size", [7, 32, 64, 200])
@pytest.mark.parametrize("first", [0, 1, 4])
def test_streamed_and_resident_batches_are_the_same_from_any_batch_on(
    dataset, small_windows, batch_size, first
):
    resident, streamed = (list(source.shuffled(3, batch_size, first)) for source in both(dataset))
    assert len(resident) == len(streamed) == len(both(dataset)[0].images) // batch_size - first
    assert all(torch.equal(one.image, other.image) for one, other in zip(resident, streamed, strict=True))


def test_another_seed_is_another_order_without_traces_of_the_files(dataset, small_windows):
    _, streamed = both(dataset)
    first, other = (identities(streamed.shuffled(seed, 32, 0)) for seed in (1, 2))
    assert first != other
    # Rank correlation of order and place in the file; 0.1 is three standard deviations for 1,000 stamps.
    correlation = np.corrcoef(np.arange(len(first)), first)[0, 1]
    assert abs(correlation) < 0.3, "blocks of 64 come in a random order"
    # A batch holds stamps from both blocks of its window, not from one.
    batches = [identities([batch]) for batch in streamed.shuffled(1, 32, 0)]
    assert np.mean([len({identity // 64 for identity in batch}) for batch in batches]) > 2


def test_the_memory_of_streaming_does_not_grow_with_the_dataset(tmp_path, monkeypatch):
    window = 128 * 32 * 32 * 4  # 0.5 MiB
    monkeypatch.setattr(data, "WINDOW_BYTES", window)
    peaks = []
    for count in (1024, 8192):
        path = tmp_path / f"{count}.h5"
        random = np.random.default_rng(1)
        block = Stamps.plain(random.random((256, 1, 32, 32), dtype=np.float32))
        write_stamps(path, [replace(block, split=np.full(256, "train"))] * (count // 256), {})
        source = StreamedStamps(path, "train", CPU)
        tracemalloc.start()
        assert sum(len(batch) for batch in source.shuffled(1, 32, 0)) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks) < 4 * window, "two windows, a chunk, and the numbers of the stamps"
    assert 64 * window == 8192 * 32 * 32 * 4


def test_a_streamed_training_is_the_resident_one_and_resumes_in_mid_epoch(dataset, small_windows, tmp_path):
    def trained(name, pair, save_due=never):
        store = StateStore(tmp_path / name, "key")
        with store.locked():
            return train(new_model(), *pair, RECIPE, 7, store, "test", save_due)

    training, validation = (both(dataset, split) for split in ("train", "validation"))
    resident = trained("resident", (training[0], validation[0]))
    streamed = (training[1], validation[1])
    with pytest.raises(Killed):
        trained("streamed", streamed, killed_after({150}, 160))
    assert same(resident.weights, trained("streamed", streamed).weights)


def test_auto_goes_by_what_is_free_and_says_so(dataset, monkeypatch, capsys):
    needed = int(np.isin(read_stamps(dataset).split, ["train", "validation"]).sum()) * 64 * 4
    for free, kind in ((2 * needed, ResidentStamps), (2 * needed - 1, StreamedStamps)):
        monkeypatch.setattr(data, "free_memory", lambda device, free=free: free)
        assert all(isinstance(source, kind) for source in open_stamps("auto", dataset, CPU))
        assert f"training.data auto: {kind.__name__[:8].lower()}" in capsys.readouterr().err
        assert isinstance(open_stamps("resident", dataset, CPU)[0], ResidentStamps)
        assert isinstance(open_stamps("streamed", dataset, CPU)[0], StreamedStamps)


def test_free_memory_heeds_the_limit_of_a_job(tmp_path, monkeypatch):
    assert device.free_memory(CPU) > 0
    group = tmp_path / "job" / "step"
    group.mkdir(parents=True)
    for folder, limit, used in ((group, "max", 10), (tmp_path / "job", "1000000", 400_000)):
        (folder / "memory.max").write_text(f"{limit}\n")
        (folder / "memory.current").write_text(f"{used}\n")
    monkeypatch.setattr(device, "CONTROL_GROUPS", tmp_path)
    read_text = device.Path.read_text

    def faked(path, *arguments, **keywords):
        if str(path) == "/proc/self/cgroup":
            return "4:memory:/elsewhere\n0::/job/step\n"
        return read_text(path, *arguments, **keywords)

    monkeypatch.setattr(device.Path, "read_text", faked)
    assert device.free_memory(CPU) == 600_000


@pytest.mark.parametrize(
    ("largest", "taken"),
    [(2**30, [(-3, 2**30), (-1, 2**30)]), (2**25, [(-3, 2**30), (-3, 2**25), (-1, 2**30)]), (0, None)],
)
def test_freed_memory_is_kept_in_the_largest_blocks_that_the_c_library_takes(monkeypatch, largest, taken):
    calls = []

    def mallopt(option, size):
        calls.append((option, size))
        return int(option == -1 or size <= largest)  # glibc before 2.35 takes no threshold over 2**25

    monkeypatch.setattr(device.ctypes, "CDLL", lambda name: SimpleNamespace(mallopt=mallopt))
    device.keep_freed_memory()
    # The trim threshold alone would be worse than nothing.
    assert calls == (taken or [(-3, 2**30), (-3, 2**25)])


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(device.ctypes, "CDLL", lambda name: SimpleNamespace())
    device.keep_freed_memory()


@pytest.fixture(scope="module")
def flux_dataset(tmp_path_factory):
    """Stamps in flux, of which image, magnitude, noise and PSF all tell the row."""
    path = tmp_path_factory.mktemp("data") / "flux.h5"
    random = np.random.default_rng(1)
    rows = np.arange(COUNT)
    image = np.broadcast_to(rows[:, None, None, None], (COUNT, 1, 8, 8)).astype(np.float32)
    catalog = pd.DataFrame({"mag_auto": 20 + rows / COUNT})
    catalog.loc[7, "mag_auto"] = np.nan
    parts = {"psf/index": rows % 3, "noise/standard_deviation": 2.0 * (1 + rows)}
    stamps = Stamps.in_flux(image, 2.0)
    split = random.choice(["train", "validation", "test"], COUNT, p=[0.7, 0.1, 0.2])
    psfs = np.stack([np.full((5, 5), number, dtype=np.float32) for number in range(3)])
    write_stamps(
        path,
        [replace(stamps, catalog=catalog, split=split, parts=parts)],
        stamps.attributes,
        shared={"psf/image": psfs, "noise/correlation": np.eye(3)},
    )
    return path


@pytest.mark.parametrize("first", [0, 3])
def test_what_is_known_of_a_stamp_comes_with_it_from_memory_and_from_the_file(
    flux_dataset, small_windows, first
):
    catalog = read_catalog(flux_dataset)
    wanted = Wanted(fit_conditions(["mag_auto"], catalog[catalog["split"] == "train"]), in_flux=True)
    sources = [
        resident_stamps(flux_dataset, "train", CPU, wanted),
        StreamedStamps(flux_dataset, "train", CPU, wanted),
    ]
    expected = torch.from_numpy(encode_conditions(wanted.conditions, catalog))
    for source in sources:
        for batch in [*source.shuffled(3, 50, first), *source.batches(64)]:
            rows = batch.image[:, 0, 0, 0].long()
            assert torch.equal(batch.condition.nan_to_num(9), expected[rows].nan_to_num(9))
            assert batch.noise.tolist() == pytest.approx((1.0 + rows).tolist())
            assert torch.equal(batch.psf[:, 0, 0, 0].long(), rows % 3)
            assert batch.psf.shape == (len(batch), 1, 5, 5)
    whole = list(dataset_batches(flux_dataset, 64, CPU, wanted))
    assert torch.cat([batch.image for batch in whole])[:, 0, 0, 0].tolist() == list(range(COUNT))
    assert torch.cat([batch.psf for batch in whole])[:, 0, 0, 0].tolist() == [row % 3 for row in range(COUNT)]


def test_without_being_wanted_stamps_in_flux_come_in_their_own_range_and_alone(flux_dataset):
    batch = next(resident_stamps(flux_dataset, "train", CPU).batches(64))
    assert batch.image.min() >= 0
    assert batch.image.max() <= 1
    assert batch.condition is batch.psf is batch.noise is None
