"""The galaxies of a survey in shards: one job each."""

from collections.abc import Iterator

import pandas as pd

from galforge.core.settings import Section

BLOCK = 256  # stamps held in memory at once


class Shard(Section):
    """Which shard, counted from 0, of how many."""

    shard: int
    shards: int

    def of(self, catalog: pd.DataFrame) -> pd.DataFrame:
        """Return the shard's rows of a survey's catalogue."""
        first, last = (len(catalog) * shard // self.shards for shard in (self.shard, self.shard + 1))
        return catalog.iloc[first:last]


def blocks_of(catalog: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield a catalogue in blocks, at least one."""
    for start in range(0, max(len(catalog), 1), BLOCK):
        yield catalog.iloc[start : start + BLOCK].reset_index(drop=True)
