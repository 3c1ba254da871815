"""Normalization, split and selection, each against its definition."""

import numpy as np
import pandas as pd
import pytest

from galforge.core.errors import InputError
from galforge.core.tables import read_table
from galforge.datasets.limits import Limits
from galforge.datasets.normalization import normalize
from galforge.datasets.selection import percentiles_of, select
from galforge.datasets.selection_checks import check_count
from galforge.datasets.split import Split
from galforge.datasets.splitting import published_tests, split_by_identifier
from tests.helpers.entries import run_stage
from workflow_scripts.dataset import select_stamps


def test_normalization_fills_the_unit_range_and_can_be_undone():
    flux = np.random.default_rng(1).normal(3.0, 50.0, (5, 1, 16, 16)).astype(np.float32)
    normalized = normalize(flux)
    assert normalized.image.dtype == np.float32
    assert normalized.image.min(axis=(1, 2, 3)) == pytest.approx(np.zeros(5))
    assert normalized.image.max(axis=(1, 2, 3)) == pytest.approx(np.ones(5))
    expand = (slice(None), None, None, None)
    back = normalized.image * normalized.scale[expand] + normalized.offset[expand]
    assert back == pytest.approx(flux, abs=1e-6 * float(np.ptp(flux)))


def test_channels_share_one_normalization_so_colours_stay():
    flux = np.random.default_rng(2).random((1, 3, 8, 8)).astype(np.float32)
    flux[0, 1] *= 0.1
    image = normalize(flux).image
    ratio = (flux[0, 0] - flux.min()) / (flux[0, 1] - flux.min() + 1e-9)
    assert (image[0, 0] / (image[0, 1] + 1e-9))[flux[0, 1] > 0.01] == pytest.approx(
        ratio[flux[0, 1] > 0.01], rel=1e-3
    )


def test_split_has_the_fractions_and_never_moves_a_galaxy():
    identifiers = np.arange(20_000)
    sides = split_by_identifier(identifiers, Split(validation=0.1, test=0.2), seed=5)
    assert (sides == "validation").mean() == pytest.approx(0.1, abs=0.01)
    assert (sides == "test").mean() == pytest.approx(0.2, abs=0.01)
    assert (sides == "train").mean() == pytest.approx(0.7, abs=0.015)
    shuffled = np.random.default_rng(1).permutation(identifiers)[:500]
    assert (split_by_identifier(shuffled, Split(validation=0.1, test=0.2), seed=5) == sides[shuffled]).all()
    # A larger test fraction takes galaxies in; it sends none of those that were there away.
    larger = split_by_identifier(identifiers, Split(validation=0.1, test=0.3), seed=5)
    assert (larger[sides == "test"] == "test").all()
    assert (split_by_identifier(identifiers, Split(validation=0.1, test=0.2), seed=6) != sides).mean() > 0.3


def counted(sides):
    return {str(side): int((sides == side).sum()) for side in np.unique(sides)}


def test_the_published_test_part_is_for_test_and_the_rest_as_without():
    identifiers = np.arange(100)
    catalog = pd.DataFrame({"part": np.where(identifiers % 5 == 0, "test", "train")})
    published = published_tests(catalog, "part")
    split = Split(validation=30, test=20, train=50, published="part")
    sides = split_by_identifier(identifiers, split, seed=5, published=published)
    assert (sides[published] == "test").all()
    assert [int((sides == side).sum()) for side in ("train", "validation", "test")] == [50, 30, 20]
    others = split_by_identifier(identifiers[~published], Split(validation=30, test=0.5, train=50), seed=5)
    assert (others == "validation").sum() == 30
    assert (sides[~published] == others).all(), "in the order of the hash"
    assert published_tests(catalog, None) is None
    with pytest.raises(InputError, match=r"split\.published is 'year'"):
        published_tests(catalog, "year")


@pytest.mark.parametrize("counts", [{"train": 50}, {}])
def test_a_published_test_stamp_is_never_trained_on_or_validated_with(counts):
    identifiers = np.arange(200)
    published = identifiers % 4 == 0  # 50
    split = Split(validation=30, test=20, published="part", **counts)
    sides = split_by_identifier(identifiers, split, seed=5, published=published)
    assert set(sides[published]) == {"test", ""}
    assert (sides[published] == "test").sum() == 20
    assert counted(sides[~published]) == {
        "validation": 30,
        **({"train": 50, "": 70} if counts else {"train": 120}),
    }

    # Copies of a published stamp are on no other side, and no published one moves up for them.
    groups = np.where(identifiers < 40, identifiers // 4 * 4, identifiers)
    grouped = split_by_identifier(identifiers, split, 5, groups, published)
    assert set(grouped[published]) == {"test", ""}
    assert counted(grouped)["test"] == 20 and counted(grouped)["validation"] == 30
    assert all(len(set(grouped[groups == group]) - {""}) < 2 for group in groups)


def test_too_few_stamps_beside_the_published_ones_are_counted_without_them():
    published = np.arange(100) % 2 == 0  # 50
    split = Split(validation=30, test=20, train=25, published="part")
    words = (
        r"asks for 75 stamps, 70 are selected besides 30 of the published test part .* 5 too few; train: 20 w"
    )
    with pytest.raises(InputError, match=words):
        split_by_identifier(np.arange(100), split, 5, published=published)
    # Where there are fewer than asked for, the others fill the test side.
    split = Split(validation=10, test=60, published="part")
    sides = split_by_identifier(np.arange(100), split, 5, published=published)
    assert (sides[published] == "test").all() and counted(sides) == {
        "test": 60,
        "train": 30,
        "validation": 10,
    }


def test_split_by_counts_is_exact_and_leaves_the_rest_on_no_side():
    identifiers = np.arange(22_515) + 3
    paper = Split(validation=1248, test=512, train=15520)
    sides = split_by_identifier(identifiers, paper, seed=5)
    assert counted(sides) == {"train": 15520, "validation": 1248, "test": 512, "": 22515 - 17280}
    rest = split_by_identifier(identifiers, Split(validation=1248, test=512), seed=5)
    assert counted(rest) == {"train": 22515 - 1760, "validation": 1248, "test": 512}
    held_out = np.isin(sides, ["validation", "test"])
    assert (rest[held_out] == sides[held_out]).all()
    # Both kinds of split follow one order: the fraction's test side fills the count's first.
    fractions = split_by_identifier(identifiers, Split(validation=0.05, test=0.01), seed=5)
    assert (sides[fractions == "test"] == "test").all()


def test_counts_move_a_galaxy_only_where_sides_meet():
    identifiers = np.random.default_rng(2).permutation(3000)
    sides = split_by_identifier(identifiers, Split(validation=300, test=200, train=2000), seed=5)
    fewer = split_by_identifier(identifiers[100:], Split(validation=300, test=200, train=2000), seed=5)
    moved = fewer != sides[100:]
    # 100 galaxies that leave make room for no more than those before each of the three borders.
    assert moved.mean() < 0.07
    order = ["test", "validation", "train", ""]
    for before, after in zip(sides[100:][moved], fewer[moved], strict=True):
        assert order.index(before) - order.index(after) == 1, "only up, to the next side"
    with pytest.raises(InputError, match=r"2,500 stamps, 2,400 are selected, 100 too few; train: 1900 would"):
        split_by_identifier(identifiers[:2400], Split(validation=300, test=200, train=2000), seed=5)


def catalog():
    return pd.DataFrame(
        {
            "render_status": ["ok", "ok", "ok", "missing PSF", "ok", "ok"],
            "snr": [5.0, 20.0, 100.0, 50.0, 150.0, np.nan],
            "width": [3.0, 1.0, 5.0, 5.0, 1.0, 4.0],
        }
    )


def test_selection_keeps_what_lies_within_both_ends():
    limits = {"snr": Limits(minimum=20.0, maximum=100.0), "width": Limits(minimum=2.0)}
    selection = select(catalog(), limits)
    assert list(selection.kept) == [False, False, True, False, False, False]
    assert list(selection.rejected_by) == [
        "snr in [20, 100]", "width ≥ 2", "", "drawn", "snr in [20, 100]", "snr in [20, 100]",
    ]  # fmt: skip


def test_attrition_counts_each_cut_alone_and_in_sequence():
    limits = {"snr": Limits(minimum=20.0, maximum=100.0), "width": Limits(minimum=2.0)}
    table = select(catalog(), limits).attrition
    assert list(table["cut"]) == ["all galaxies", "drawn", "snr in [20, 100]", "width ≥ 2"]
    assert list(table["removed_alone"]) == [0, 1, 3, 2]
    assert list(table["removed_in_sequence"]) == [0, 1, 3, 1]
    assert list(table["remaining"]) == [6, 5, 2, 1]


def test_open_ends_admit_everything_but_what_is_not_a_number():
    assert list(Limits().admits(pd.Series([-1e30, 1e30, np.nan]))) == [True, True, False]
    assert str(Limits(maximum=3.0)) == "≤ 3"


def test_percentiles_are_those_of_the_stamps_that_were_drawn():
    table = percentiles_of(catalog().assign(identifier=range(6))).set_index("quantity")
    assert list(table.index) == ["snr", "width"]
    assert list(table.loc["snr", ["stamps", "missing", "p0", "p50", "p100"]]) == [4, 1, 5, 60, 150]
    assert percentiles_of(catalog()[3:4])["p50"].isna().all()


def test_too_few_stamps_are_told_by_the_stage_after_the_one_that_keeps_the_tables(tmp_path):
    """Snakemake deletes what a failed job wrote: the attrition table was gone when it was needed."""
    catalog().assign(identifier=range(6)).to_csv(tmp_path / "quality.csv", index=False)
    files = {name: tmp_path / f"{name}.csv" for name in ("selection", "attrition", "percentiles")}
    settings = {"limits": [["snr", {"minimum": 1e9}]], "maximum_failed_fraction": 0.5}
    run_stage(select_stamps, settings, quality=(tmp_path / "quality.csv",), **files)
    with pytest.raises(InputError) as caught:
        check_count(read_table(files["attrition"]), 3, tmp_path)
    assert str(caught.value).startswith("0 stamps pass the selection, fewer than selection.minimum_count = 3")
    assert "all galaxies: 6, drawn: 5, snr ≥ 1e+09: 0" in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert len(read_table(files["percentiles"])) == 2
