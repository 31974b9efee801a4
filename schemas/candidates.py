"""Offers with place, institution and contact come in; pairs of different sources that are worth comparing go out.

Two offers are compared where they share a square of one of four shifted grids, an address, an institution or a contact. Where many
do (a whole school at one address), a word of the title must agree too, and where still many do, the title as a whole.
"""

import math

import numpy as np
import polars as pl

SQUARE = 170.0  # metres; four grids shifted by half of it bring together whatever is 85 metres apart
FEW, SOME, MANY = 24, 60, 400  # offers that are compared each with each: at all, with a word in common, with the same title


def find_candidates(frame: pl.DataFrame) -> pl.DataFrame:
    """Give the pairs (`a` < `b`, row numbers) to compare; the frame has n, source, latitude, longitude, address, organisation,
    contacts (a list), folded."""
    keys = _keys(frame)
    pairs = []
    for most, wider in ((FEW, "word"), (SOME, "title"), (MANY, "")):
        blocks = (
            keys.group_by("key")
            .agg(pl.len(), low=pl.col("source").min(), high=pl.col("source").max())
            .filter(pl.col("low") != pl.col("high"))
        )
        here = keys.join(blocks.select("key", "len"), on="key")
        pairs.append(_pairs(here.filter(pl.col("len") <= most)))
        keys = _wider(here.filter(pl.col("len") > most), frame, wider)
        if keys.is_empty():
            break
    return pl.concat(pairs).unique().sort("a", "b")


def _keys(frame: pl.DataFrame) -> pl.DataFrame:
    """Every reason to compare an offer, as a number; `placed` where the reason only counts for another without a place."""
    place = pl.col("latitude").is_not_null() | (pl.col("address") != "")
    point = frame.filter(pl.col("latitude").is_not_null() & pl.col("longitude").is_not_null())
    north = pl.col("latitude") * 111_320
    east = pl.col("longitude") * 111_320 * (pl.col("latitude") * math.pi / 180).cos()
    found = [
        point.select(
            "n",
            "source",
            placed=pl.lit(False),
            key=pl.struct(
                kind=pl.lit(f"{shift_n}{shift_e}"),
                y=(north / SQUARE + shift_n / 2).floor().cast(pl.Int64),
                x=(east / SQUARE + shift_e / 2).floor().cast(pl.Int64),
            ).hash(),
        )
        for shift_n in (0, 1)
        for shift_e in (0, 1)
    ]
    for column, placed in (("address", pl.lit(False)), ("organisation", place)):
        named = frame.filter(pl.col(column) != "")
        found.append(named.select("n", "source", placed=placed, key=pl.concat_str(pl.lit(f"{column} "), column).hash()))
    contacts = frame.select("n", "source", "contacts", placed=place).explode("contacts", empty_as_null=True)
    ways = contacts.filter(pl.col("contacts").is_not_null())
    found.append(ways.select("n", "source", "placed", key=pl.concat_str(pl.lit("contact "), "contacts").hash()))
    return pl.concat(found)


def _wider(keys: pl.DataFrame, frame: pl.DataFrame, wider: str) -> pl.DataFrame:
    """The same reasons, each together with a beginning of a word of the title, or with the whole title."""
    if keys.is_empty() or not wider:
        return keys.clear()
    titles = keys.select("n").unique().join(frame.select("n", "folded"), on="n")
    if wider == "word":
        titles = titles.with_columns(pl.col("folded").str.extract_all(r"\w{4}\w*").list.eval(pl.element().str.slice(0, 4)))
        titles = titles.explode("folded", empty_as_null=True).unique()
    return keys.join(titles, on="n").select("n", "source", "placed", key=pl.struct("key", pl.col("folded").fill_null("")).hash())


def _pairs(keys: pl.DataFrame) -> pl.DataFrame:
    """All pairs of different sources within a block."""
    keys = keys.select("key", "n", "source", "placed")
    both = keys.join(keys, on="key", suffix="_b").filter(
        (pl.col("n") < pl.col("n_b")) & (pl.col("source") != pl.col("source_b")) & ~(pl.col("placed") & pl.col("placed_b"))
    )
    packed = np.unique((both["n"].to_numpy().astype(np.uint64) << np.uint64(32)) | both["n_b"].to_numpy().astype(np.uint64))
    return pl.DataFrame({"a": (packed >> np.uint64(32)).astype(np.uint32), "b": packed.astype(np.uint32)})
