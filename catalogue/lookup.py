"""The ids of some offers in, their rows out, from a Parquet file that never stands in memory whole.

An index of hashes says in which row groups the offers lie; the last few row groups that were read stay at hand, because the
sessions of a source come about in the order of its offers.
"""

from functools import lru_cache

import numpy as np
import polars as pl

from catalogue.snapshot import GROUP

AT_HAND = 4  # row groups


class Lookup:
    """Finds rows by `offer_id`."""

    def __init__(self, rows: pl.LazyFrame) -> None:
        hashes = rows.select(pl.col("offer_id").hash()).collect(engine="streaming").to_series().to_numpy()
        self._place = np.argsort(hashes, kind="stable").astype(np.uint32)
        self._sorted = hashes[self._place]
        self._rows = rows
        self._group = lru_cache(AT_HAND)(self._read)

    def of(self, offer_ids: pl.Series) -> pl.DataFrame:
        """Give the row groups that hold these offers; an id that is not there has no row."""
        hashes = offer_ids.unique().hash().to_numpy()
        found = np.searchsorted(self._sorted, hashes)
        found = found[found < len(self._sorted)]
        groups = np.unique(self._place[found] // GROUP)
        if len(groups) > AT_HAND:  # far apart: only what is wanted is kept of each
            return pl.concat([self._read(group).filter(pl.col("offer_id").is_in(offer_ids.implode())) for group in groups])
        return pl.concat([self._rows.clear().collect(), *(self._group(int(group)) for group in groups)])

    def _read(self, group: int) -> pl.DataFrame:
        return self._rows.slice(int(group) * GROUP, GROUP).collect()
