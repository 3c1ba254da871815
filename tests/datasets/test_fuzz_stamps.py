"""Galaxies, stamps and files that nobody would make: flagged and counted, never a NaN in a dataset."""

import galsim
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from galforge.core.errors import InputError
from galforge.core.tables import read_table
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.datasets.stamp_parts import storable
from galforge.imaging.rendering import Frame, render_galaxy
from galforge.survey.manifest import SurveyManifest, write_manifest
from galforge.survey.observation import Observation, UnusableGalaxyError
from tests.helpers.entries import run_stage
from workflow_scripts.dataset import build_dataset, select_stamps
from workflow_scripts.stamps import measure_quality

FUZZ = settings(derandomize=True, deadline=None, database=None)
# From nothing to more than float32 holds.
FLUXES = st.sampled_from([0.0, 1e-300, 1e-42, 1e-20, 1e-3, 1.0, 1e6, 1e20, 1e37, 1e39, 1e300, -1.0])
PSF = galsim.Gaussian(fwhm=0.12)
SCALE = 0.03


class OneGalaxy:
    """Stands for the reader of a survey: one observation, whatever the row."""

    def __init__(self, observation):
        self.observation = observation

    def read(self, row):
        if not np.isfinite(self.observation.image.array).all():
            raise UnusableGalaxyError("galaxy image: has pixels that are not finite")
        return self.observation


def observed(width, height, flux, noise, seed, bad):
    """Return an observation of a blob, with some bad pixels."""
    draw = np.random.default_rng(seed)
    y, x = np.indices((height, width))
    pixels = flux * np.exp(-((x - width / 2) ** 2 + (y - height / 2) ** 2) / 18) + noise * draw.normal(
        size=(height, width)
    )
    for value in bad:
        pixels[draw.integers(height), draw.integers(width)] = value
    with np.errstate(all="ignore"):
        image = galsim.Image(pixels, scale=SCALE)
    correlated = galsim.UncorrelatedNoise(1.0, rng=galsim.BaseDeviate(1), scale=SCALE)
    return Observation(image, PSF, correlated, max(noise, 1e-9) ** 2)


OBSERVATIONS = st.builds(
    observed,
    width=st.integers(1, 200), height=st.integers(1, 200), flux=FLUXES,
    noise=st.sampled_from([0.0, 1e-30, 1e-3, 1.0, 1e10]), seed=st.integers(0, 9),
    bad=st.lists(st.sampled_from([np.nan, np.inf, -np.inf, 1e30, -1e30]), max_size=2),
)  # fmt: skip
FRAMES = st.sampled_from([Frame(16), Frame(64), Frame(33), Frame(64, 0.03), Frame(32, 0.1, 0.2)])


@settings(FUZZ, max_examples=60)
@given(OBSERVATIONS, FRAMES)
@pytest.mark.filterwarnings("ignore")
def test_a_galaxy_is_drawn_finite_or_flagged(observation, frame):
    stamp = render_galaxy(OneGalaxy(observation), 0, frame, seed=3)
    assert stamp.image.shape == (frame.size, frame.size)
    assert stamp.image.dtype == np.float32
    assert np.isfinite(stamp.image).all()
    if stamp.status == "ok":
        assert stamp.image.min() < stamp.image.max()
        assert np.isfinite([stamp.pixel_scale, stamp.padding_noise]).all()
    else:
        assert not stamp.image.any()
        assert "\n" not in stamp.status


def stamp_of(size, kind, flux, seed):
    """Return one stamp with a fault."""
    draw = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        image = (flux * draw.normal(1, 0.2, (size, size))).astype(np.float32)
    if kind == "constant":
        image[:] = np.float32(1)
    elif kind == "nan":
        image[draw.integers(size), draw.integers(size)] = np.nan
    elif kind == "infinite":
        image[draw.integers(size), draw.integers(size)] = np.inf
    elif kind == "one pixel":
        image[:] = 0
        image[size // 2, size // 2] = np.float32(min(abs(flux), 3e38))
    elif kind == "wide":
        # From the least to the largest that float32 holds: their difference it does not.
        image[0, 0], image[1, 1] = np.finfo(np.float32).min, np.finfo(np.float32).max
    return image


KINDS = st.sampled_from(["plain", "constant", "nan", "infinite", "one pixel", "wide"])


@settings(FUZZ, max_examples=15)
@given(
    st.integers(16, 200),
    st.lists(st.tuples(KINDS, FLUXES, st.integers(0, 9)), max_size=6),
)
@example(16, [("wide", 1.0, 0), ("nan", 1.0, 0), ("infinite", 1.0, 1), ("constant", 1.0, 0)])
@example(64, [("one pixel", 1e-42, 0), ("plain", 1e39, 0), ("plain", 1e-42, 0)])
@pytest.mark.filterwarnings("ignore")
def test_no_stamp_whatever_it_holds_brings_a_nan_into_a_dataset(tmp_path_factory, size, bad):
    folder = tmp_path_factory.mktemp("fuzz")
    forms = [*bad, *(("plain", 1.0, seed) for seed in range(20, 60))]
    image = np.array([stamp_of(size, *form) for form in forms])[:, None]
    count = len(image)
    catalog = pd.DataFrame({
        "identifier": np.arange(count), "render_status": ["ok"] * count, "pixel_scale": np.full(count, 0.03),
        "survey_pixel_scale": np.full(count, 0.03), "noise_variance": np.full(count, 1e-4),
    })  # fmt: skip
    shard = Stamps(image, np.zeros(count), np.ones(count), catalog, np.full(count, ""))
    write_stamps(folder / "stamps.h5", [shard], {"labels": []})
    run_stage(measure_quality, stamps=folder / "stamps.h5", quality=folder / "quality.csv")
    limits = {"limits": [], "maximum_failed_fraction": 1.0}
    selection, attrition = folder / "selection.csv", folder / "attrition.csv"
    chosen = {"selection": selection, "attrition": attrition}
    run_stage(
        select_stamps, limits, quality=(folder / "quality.csv",), percentiles=folder / "p.csv", **chosen
    )
    manifest = SurveyManifest("local", False, ".", "a.fits", "none", count, "nobody", {})
    write_manifest(folder / "survey.json", manifest)
    made = {
        "dataset": "fuzz", "survey": "fuzz", "value_range": None, "seed": 1, "recipe": {}, "minimum_count": 3,
        "split": {"validation": 0.2, "test": 0.3},
    }  # fmt: skip
    files = {"survey": folder / "survey.json", "stamps": (folder / "stamps.h5",)}
    run_stage(build_dataset, made, **files, **chosen, dataset=folder / "dataset.h5")
    dataset = read_stamps(folder / "dataset.h5")
    assert np.isfinite(dataset.image).all()
    assert (dataset.image.min(axis=(1, 2, 3)) == 0).all()
    assert (dataset.image.max(axis=(1, 2, 3)) == 1).all()
    assert np.isfinite(dataset.scale).all()
    assert (dataset.scale > 0).all()
    table = read_table(selection)
    assert len(dataset) == table["kept"].sum()
    useless = [kind in ("constant", "nan", "infinite") for kind, _, _ in forms]
    assert not table["kept"][useless].any()
    assert (table["rejected_by"][useless] != "").all()
    assert table["kept"][len(bad) :].all(), "a sound stamp was left out"
    cuts = read_table(attrition)
    assert cuts["remaining"].iloc[-1] == len(dataset)
    assert cuts["removed_in_sequence"].sum() == count - len(dataset)


# Names that HDF5 takes for paths, and values of which some are missing, in whatever type pandas has them.
LABELS = st.dictionaries(
    st.sampled_from(["b/a", "S/N", "a/b/c", "90 %", "é", "x|y", "a b", "..", "$m_r$"]),
    st.sampled_from(["boolean", "Int64", "Float64", "string", "bool", "int64", "float64", "object"]),
    max_size=5,
)


def label(kind, missing, count):
    """Return a column of a type, and what must be read back; None where a value is missing."""
    draw = np.random.default_rng(1)
    values = {
        "boolean": draw.random(count) > 0.5, "Int64": draw.integers(0, 99, count),
        "Float64": draw.random(count), "string": np.array([f"w{n}" for n in range(count)], dtype=object),
    }  # fmt: skip
    values |= {"bool": values["boolean"], "int64": values["Int64"], "float64": values["Float64"]}
    values["object"] = values["boolean"]
    column = pd.Series(values[kind], dtype="object" if kind == "object" else None)
    if kind not in ("bool", "int64"):
        column = column.astype(kind)
        column[missing] = np.nan if kind in ("object", "float64") else pd.NA
    else:
        missing = np.zeros(count, dtype=bool)
    absent = "" if kind == "string" else np.nan
    return column, [absent if gone else value for gone, value in zip(missing, values[kind], strict=True)]


@settings(FUZZ, max_examples=20)
@given(LABELS, st.integers(0, 9), st.booleans())
@example({"b/a": "float64", "S/N": "int64"}, 0, False)
@example({"bar": "object"}, 1, True)
def test_a_column_of_any_name_and_type_is_read_back_with_its_missing_values(
    tmp_path_factory, kinds, seed, two
):
    count = 8
    missing = np.random.default_rng(seed).random(count) < 0.4
    missing[[0, count - 1]] = False
    made = {name: label(kind, missing, count) for name, kind in kinds.items()}
    catalog = pd.DataFrame({name: column for name, (column, _) in made.items()}, index=range(count))
    stamps = Stamps(
        np.random.default_rng(2).random((count, 1, 8, 8), dtype=np.float32), np.zeros(count), np.ones(count),
        catalog, np.full(count, ""),
    )  # fmt: skip
    path = tmp_path_factory.mktemp("labels") / "stamps.h5"
    # A block in which nothing is missing has other types in memory than one with missing values.
    cuts = [slice(0, 1), slice(1, count)] if two else [slice(0, count)]
    types = [{storable(catalog[name].iloc[cut].to_numpy()).dtype for cut in cuts} for name in catalog]
    if any(len(of_column) > 1 for of_column in types):
        with pytest.raises(ValueError, match=r"in one block and .* in an earlier one"):
            write_stamps(path, [stamps.take(cut) for cut in cuts], {"labels": list(kinds)})
        return
    write_stamps(path, [stamps.take(cut) for cut in cuts], {"labels": list(kinds)})
    read_back = read_stamps(path).catalog
    assert set(read_back) == set(kinds)
    for name, (_, expected) in made.items():
        assert read_back[name].equals(pd.Series(expected).astype(read_back[name].dtype)), name


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A stamp file with text, numbers and attributes, and what it holds."""
    path = tmp_path_factory.mktemp("sound") / "stamps.h5"
    count = 6
    image = np.random.default_rng(1).random((count, 1, 8, 8), dtype=np.float32)
    catalog = pd.DataFrame(
        {
            "identifier": np.arange(count),
            "file": [f"galaxy {n}.png" for n in range(count)],
            "snr": np.ones(count),
        }
    )
    split = np.array(["train", "train", "test"] * 2)
    write_stamps(path, [Stamps(image, np.zeros(count), np.ones(count), catalog, split)], {"dataset": "sound"})
    return path, path.read_bytes(), read_stamps(path)


@settings(FUZZ, max_examples=150)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_is_found_or_changes_nothing(sound, place, bit):
    path, whole, stamps = sound
    content = bytearray(whole)
    content[int(place * len(whole))] ^= 1 << bit
    damaged = path.with_name("damaged.h5")
    damaged.write_bytes(content)
    try:
        read_back = read_stamps(damaged)
    except InputError as error:
        assert "damaged.h5: is damaged" in str(error) or "is not a stamp file" in str(error)
        assert "\n" not in str(error)
        return
    assert np.array_equal(read_back.image, stamps.image)
    assert read_back.catalog.equals(stamps.catalog)
    assert list(read_back.split) == list(stamps.split)
    assert read_back.attributes == stamps.attributes
