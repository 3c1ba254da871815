"""Rows of two files meet only where they are of the same galaxies."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from galforge.core.errors import InputError
from galforge.datasets.building import dataset_blocks
from galforge.datasets.same_galaxies import check_rows, check_same_galaxies
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.evaluation.sample_files import read_sample
from galforge.figures.dataset_stamps import stamps_of_rows

CATALOG = pd.DataFrame({"identifier": [11, 12, 13, 14]})


def test_the_same_galaxies_in_the_same_order_pass_and_no_others():
    check_same_galaxies(Path("a.h5"), CATALOG, CATALOG, Path("b.h5"))
    check_same_galaxies(Path("a.h5"), pd.DataFrame(index=range(4)), CATALOG, Path("b.h5"))
    for other in (CATALOG[::-1], CATALOG[:3], CATALOG + 1):
        with pytest.raises(InputError, match=r"^a\.h5: holds other galaxies than b\.h5"):
            check_same_galaxies(Path("a.h5"), other, CATALOG, Path("b.h5"))


def test_a_row_leads_to_the_galaxy_that_the_table_names():
    table = pd.DataFrame({"row": [3, 1], "identifier": [14, 12]})
    check_rows(Path("t.csv"), table, CATALOG, Path("b.h5"))
    check_rows(Path("t.csv"), table[["row"]], CATALOG, Path("b.h5"))
    with pytest.raises(InputError, match=r"^t\.csv: holds other galaxies than b\.h5"):
        check_rows(Path("t.csv"), table, CATALOG[::-1], Path("b.h5"))
    with pytest.raises(InputError, match=r"^t\.csv: has row 3, b\.h5 has 2 rows"):
        check_rows(Path("t.csv"), table, CATALOG[:2], Path("b.h5"))


@pytest.fixture
def shard(tmp_path):
    count = len(CATALOG)
    image = np.random.default_rng(1).normal(size=(count, 1, 16, 16)).astype(np.float32)
    catalog = CATALOG.assign(render_status="ok")
    stamps = Stamps(image, np.zeros(count), np.ones(count), catalog, np.full(count, ""))
    write_stamps(tmp_path / "shard.h5", [stamps], {})
    return tmp_path / "shard.h5"


@pytest.mark.parametrize("rows", [[3, 2, 1, 0], [0, 1, 2], [0, 1, 2, 3, 3]])
def test_a_selection_of_other_galaxies_makes_no_dataset(shard, rows):
    """A selection with more rows than there are stamps was accepted, and one with fewer a traceback."""
    selection = CATALOG.iloc[rows].assign(kept=True, side="train").reset_index(drop=True)
    with pytest.raises(InputError, match="selection"):
        list(dataset_blocks([shard], selection, unchanged=True))


def test_a_drawing_asks_for_the_galaxies_that_the_selection_names(shard):
    assert set(stamps_of_rows([shard], Path("s.csv"), CATALOG, [2, 0], pictures=True)) == {0, 2}
    with pytest.raises(InputError, match=r"holds other galaxies than s\.csv"):
        stamps_of_rows([shard], Path("s.csv"), CATALOG[::-1], [2, 0], pictures=True)


def test_features_and_morphology_of_other_stamps_of_a_sample_are_refused(shard, tmp_path):
    pd.DataFrame({"row": [0, 1], "status": "ok", "gini": 0.5}).to_csv(tmp_path / "m.csv", index=False)
    pd.DataFrame({"row": [0, 2], "f0": 0.5}).to_csv(tmp_path / "f.csv", index=False)
    with pytest.raises(InputError, match=r"f\.csv: was measured on other stamps of .*shard\.h5"):
        read_sample(shard, tmp_path / "m.csv", tmp_path / "f.csv", ["gini"])
