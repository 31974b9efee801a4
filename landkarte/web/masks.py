"""Offers and their places come in; for every facet and every code the set of offers goes out, and who says nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import polars as pl

from landkarte.web import bits
from landkarte.web.places import Places
from landkarte.web.query import FACETS, MAX_AGE


def facet_masks(
    offers: pl.DataFrame, places: Places, districts: Mapping[str, str], subdistricts: Mapping[str, tuple[str, str]]
) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """Give for each facet the rows of each code, and the rows that say nothing about it."""
    size = offers.height
    masks: dict[str, dict[str, int]] = {}
    for facet in FACETS:
        if facet.column:
            masks[facet.name] = _column_masks(offers, facet.column, facet.listed)
    masks["attendance"].pop("unknown", None)
    masks["organisation"] = _merged(
        _column_masks(offers, "organisation_id", False), _column_masks(offers, "partner_organisation_ids", True)
    )
    masks["source"] = _column_masks(offers, "source_key", False)
    masks["need"] = _needs(offers, places)
    masks["district"], masks["subdistrict"] = _areas(offers, places, districts, subdistricts)
    masks["place"] = {}  # looked up in places: there may be as many as offers
    silent = {name: bits.everything(size) & ~_union(found.values()) for name, found in masks.items()}
    low, high = offers["age_min"], offers["age_max"]
    silent["age"] = bits.to_mask(pl.DataFrame({"none": low.is_null() & high.is_null()})["none"].arg_true().to_list(), size)
    return masks, silent


def _column_masks(offers: pl.DataFrame, column: str, listed: bool) -> dict[str, int]:
    found = offers.select(code=pl.col(column).str.split(";") if listed else pl.col(column)).with_row_index("row").drop_nulls()
    grouped = (found.explode("code") if listed else found).group_by("code").agg("row")
    return {code: bits.to_mask(rows, offers.height) for code, rows in grouped.iter_rows() if code}


def _needs(offers: pl.DataFrame, places: Places) -> dict[str, int]:
    tests = {
        "free": pl.col("cost_type") == "free",
        "no_registration": pl.col("registration") == "none",
        "places_free": pl.col("places_free") > 0,
        "childcare": pl.col("childcare"),
        "interpreter": pl.col("interpreter"),
    }
    size = offers.height
    true = offers.select(test.fill_null(False).alias(name) for name, test in tests.items())
    found = {name: bits.to_mask(true[name].arg_true().to_list(), size) for name in tests}
    stated = offers.select(pl.col("accessibility").str.split(";").list.contains("wheelchair").fill_null(False)).to_series()
    return found | {"wheelchair": bits.to_mask({*stated.arg_true().to_list(), *places.wheelchair}, size)}


def _areas(
    offers: pl.DataFrame, places: Places, districts: Mapping[str, str], subdistricts: Mapping[str, tuple[str, str]]
) -> tuple[dict[str, int], dict[str, int]]:
    """Give the rows in or serving each district and subdistrict; who serves the whole city has no district."""
    upper: dict[str, set[int]] = defaultdict(set)
    lower: dict[str, set[int]] = defaultdict(set)
    for row, district, subdistrict in places.areas:
        if subdistrict in subdistricts:
            lower[subdistrict].add(row)
            district = district or subdistricts[subdistrict][1]
        if district in districts:
            upper[district].add(row)
    served = offers.select("area_served").with_row_index("row").drop_nulls()
    for row, codes in served.iter_rows():
        for code in codes.split(";"):
            if code in districts:
                upper[code].add(row)
            elif code in subdistricts:
                lower[code].add(row)
                upper[subdistricts[code][1]].add(row)
    size = offers.height
    return (
        {code: bits.to_mask(upper.get(code, ()), size) for code in districts},
        {code: bits.to_mask(lower.get(code, ()), size) for code in subdistricts},
    )


def age_masks(offers: pl.DataFrame) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Give for each age the rows that begin by then, and the rows that do not end before; rows without any age are in neither."""
    size = offers.height
    begins: dict[int, list[int]] = defaultdict(list)
    ends: dict[int, list[int]] = defaultdict(list)
    for row, (low, high) in enumerate(offers.select("age_min", "age_max").iter_rows()):
        if low is not None or high is not None:
            begins[max(low or 0, 0)].append(row)
            ends[MAX_AGE if high is None else max(min(high, MAX_AGE), 0)].append(row)
    low_masks, high_masks = [], []
    so_far = 0
    for age in range(MAX_AGE + 1):
        so_far |= bits.to_mask(begins[age], size) if age in begins else 0
        low_masks.append(so_far)
    so_far = 0
    for age in range(MAX_AGE, -1, -1):
        so_far |= bits.to_mask(ends[age], size) if age in ends else 0
        high_masks.append(so_far)
    return tuple(low_masks), tuple(reversed(high_masks))


def _union(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def _merged(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return one | {code: one.get(code, 0) | rows for code, rows in other.items()}
