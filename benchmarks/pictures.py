"""Decoding, cropping and resizing of pictures, against a plain loop over Pillow."""

import io
import multiprocessing
import time
import zipfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.timing import Comparison
from galforge.pictures.blocks import Preparation, prepare_file
from galforge.pictures.preprocessing_settings import PreprocessingSettings
from galforge.pictures.store import opened_store

SIDE, CROP, SIZE = 424, 207, 64  # px, of Galaxy Zoo and of Laisney, Lalou & Marmet
SETTINGS = Preparation(
    size=SIZE,
    preprocessing=PreprocessingSettings(border=0, side=CROP, channels=3, filter="bilinear"),
    image_size=(SIDE, SIDE),
)
QUALITY = 90  # of JPEGs that are made for want of real ones


def make_archive(path: Path, count: int, folder: Path | None) -> None:
    """Write a zip archive of JPEGs: real ones of a folder again and again, or noisy blobs."""
    random = np.random.default_rng(1)
    real = sorted(folder.glob("*.jpg")) if folder is not None and folder.is_dir() else []
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            content = real[number % len(real)].read_bytes() if real else _blob(random)
            archive.writestr(f"{number}.jpg", content)


def _blob(random: np.random.Generator) -> bytes:
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    width, ratio = random.uniform(10, 40), random.uniform(0.3, 1)
    light = np.exp(-np.hypot(x, y / ratio) / width)[..., None] * 200 * random.uniform(0.5, 1, 3)
    noisy = np.clip(light + random.normal(12, 5, light.shape), 0, 255).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(noisy).save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()


def picture_names(path: Path) -> list[str]:
    """Return the pictures of an archive, sorted."""
    with zipfile.ZipFile(path) as archive:
        return sorted(archive.namelist())


def prepare_part(path: Path, part: int, parts: int) -> NDArray[np.float32]:
    """Prepare every ``parts``-th picture of an archive, as a shard does: stamps (N, 3, 64, 64)."""
    with opened_store(path) as store:
        # A shard has its names from the survey's catalogue.
        names = picture_names(path)[part::parts]
        stamps = (prepare_file(store, name, SETTINGS)[0] for name in names)
        return np.array([stamp.image for stamp in stamps if stamp is not None])


def prepare_and_keep(path: Path, part: int, parts: int) -> int:
    """Prepare a part in a process of its own; return how many: a shard hands nothing back, it writes."""
    return len(prepare_part(path, part, parts))


def plain_loop(path: Path) -> NDArray[np.float32]:
    """Prepare all pictures with Pillow, zipfile and numpy alone."""
    edge = (SIDE - CROP) // 2
    images = []
    with zipfile.ZipFile(path) as archive:
        for name in picture_names(path):
            picture = Image.open(io.BytesIO(archive.read(name)))
            cropped = picture.crop((edge, edge, edge + CROP, edge + CROP))
            small = cropped.resize((SIZE, SIZE), Image.Resampling.BILINEAR)
            images.append(np.asarray(small, dtype=np.float32).transpose(2, 0, 1) / 255)
    return np.array(images)


def compare(folder: Path, count: int, processes: int, pictures: Path | None = None) -> list[Comparison]:
    """Return the comparisons: one core against the plain loop, and several processes against it.

    Parameters
    ----------
    folder : Path
        Where the archive may be written.
    count : int
        Pictures.
    processes : int
    pictures : Path, optional
        Folder of real pictures to use; blobs without it.
    """
    path = folder / "pictures.zip"
    make_archive(path, count, pictures)
    ours, plain = prepare_part(path, 0, 1), plain_loop(path)  # files in memory, libraries loaded
    seconds = {"plain": 0.0, "one": 0.0, "several": 0.0}
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(prepare_and_keep, [path] * processes, range(processes), [count] * processes))
        for _ in range(3):  # by turns, so that what else the machine does hits all alike
            for name, work in (
                ("plain", lambda: plain_loop(path)),
                ("one", lambda: prepare_part(path, 0, 1)),
                (
                    "several",
                    lambda: list(
                        pool.map(
                            prepare_and_keep, [path] * processes, range(processes), [processes] * processes
                        )
                    ),
                ),
            ):
                start = time.perf_counter()
                work()
                seconds[name] += time.perf_counter() - start
    apart = float(np.abs(ours - plain).max())
    return [
        Comparison(
            f"prepare_pictures, {what}",
            "zipfile, Pillow and numpy in a loop",
            3 * count / seconds["plain"],
            3 * count / seconds[name],
            "pictures/s",
            f"{apart:.1g} of the range, all of {count}",
        )
        for what, name in (("one core", "one"), (f"{processes} shards", "several"))
    ]
