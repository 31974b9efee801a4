"""A package and the hour come in; everything the pages count, sort and look up goes out, made once for each publication.

The offers are put into the order in which they are shown, and bit n of every mask stands for the n-th of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from landkarte.package import Package
from landkarte.web import bits, occurrences, search
from landkarte.web.places import Places, find_places
from landkarte.web.query import FACETS

LISTED = ("active", "full", "temporarily_closed")  # cancelled and ended offers keep their page, not their place in the list
SOON = timedelta(days=14)
STALE = timedelta(days=365)  # confirmed longer ago than this: better call first
HAPPENS = ("scheduled", "full")
LABELS = {facet.name: facet.vocabulary for facet in FACETS if facet.vocabulary and facet.name != "attendance"}


@dataclass(frozen=True, slots=True)
class Children:
    """The rows of a table that belong to an offer, found without a search: offer_id to first row and number of rows."""

    frame: pl.DataFrame
    spans: Mapping[str, tuple[int, int]]

    def of(self, offer_id: str) -> list[dict[str, Any]]:
        if (span := self.spans.get(offer_id)) is None:
            return []
        return self.frame.slice(*span).to_dicts()


@dataclass(frozen=True, slots=True)
class Index:
    """One publication, ready to be asked. `moment` is the city's local time it was made for."""

    package: Package
    moment: datetime
    zone: ZoneInfo
    offers: pl.DataFrame
    rows: Mapping[str, int]
    listed: int
    masks: Mapping[str, Mapping[str, int]]
    silent: Mapping[str, int]
    ages: tuple[tuple[int, ...], tuple[int, ...]]
    words: search.TextIndex
    places: Places
    sessions: Children
    translations: Children
    organisations: Mapping[str, Mapping[str, Any]]
    locations: Mapping[str, Mapping[str, Any]]
    sources: Mapping[str, Mapping[str, Any]]
    districts: Mapping[str, str]
    subdistricts: Mapping[str, tuple[str, str]]
    labels: Mapping[str, Mapping[str, Mapping[str, str]]]
    withdrawn: Mapping[str, Mapping[str, str]]

    @property
    def today(self) -> date:
        return self.moment.date()

    def offer(self, offer_id: str) -> dict[str, Any] | None:
        """Give an offer's row."""
        row = self.rows.get(offer_id)
        return None if row is None else self.offers.row(row, named=True)

    def of_age(self, age: int) -> int:
        """Give the offers whose stated ages take this one in."""
        low, high = self.ages
        return low[age] & high[age]


def build(package: Package, moment: datetime) -> Index:
    """Build the index for a moment with zone; the package's city says in which zone the dates are meant."""
    zone = city_zone(package)
    local = moment.astimezone(zone).replace(tzinfo=None)
    sessions = children(package.tables, "sessions")
    offers = _ranked(package, local, zone)
    size = offers.height
    codes = offers["offer_id"].to_list()
    rows = {offer_id: row for row, offer_id in enumerate(codes)}
    locations = _by(package, "locations", "location_id")
    districts = {row["code"]: row["name"] or row["code"] for row in package.rows("districts")}
    subdistricts = {row["code"]: (row["name"] or row["code"], row["parent_code"] or "") for row in package.rows("subdistricts")}
    places = find_places(offers, package.tables, locations)
    masks, silent = _masks(offers, places, districts, subdistricts)
    labels = _labels(package)
    return Index(
        package=package,
        moment=local,
        zone=zone,
        offers=offers,
        rows=rows,
        listed=bits.to_mask(offers.with_row_index("row").filter(pl.col("status").is_in(LISTED))["row"].to_list(), size),
        masks=masks,
        silent=silent,
        ages=_ages(offers),
        words=_words(package, offers, masks, labels, districts, subdistricts),
        places=places,
        sessions=sessions,
        translations=children(package.tables, "translations"),
        organisations=_by(package, "organisations", "organisation_id"),
        locations=locations,
        sources=_by(package, "sources", "source_key"),
        districts=districts,
        subdistricts=subdistricts,
        labels=labels,
        withdrawn=_by(package, "withdrawn", "offer_id"),
    )


def city_zone(package: Package) -> ZoneInfo:
    """Give the time zone the package names, else Germany's."""
    city = package.descriptor.get("city")
    named = city.get("time_zone") if isinstance(city, dict) else None
    try:
        return ZoneInfo(str(named or "Europe/Berlin"))
    except (KeyError, ValueError):  # ZoneInfoNotFoundError is a KeyError
        return ZoneInfo("Europe/Berlin")


def children(tables: Mapping[str, pl.DataFrame], table: str) -> Children:
    """Sort a table by offer and remember where each offer's rows lie."""
    if table not in tables:
        return Children(pl.DataFrame(), {})
    frame = tables[table].filter(pl.col("offer_id").is_not_null()).sort("offer_id", maintain_order=True)
    lengths = frame.group_by("offer_id", maintain_order=True).len()
    spans: dict[str, tuple[int, int]] = {}
    first = 0
    for offer_id, length in lengths.iter_rows():
        spans[offer_id] = (first, length)
        first += length
    return Children(frame, spans)


def _ranked(package: Package, now: datetime, zone: ZoneInfo) -> pl.DataFrame:
    """Sort the offers: dates within a fortnight first, then by title; closed and long unconfirmed ones last."""
    offers = package.tables["offers"].filter(pl.col("offer_id").is_not_null() & pl.col("title").is_not_null())
    nexts = next_starts(package.tables.get("sessions"), offers, now, zone)
    soon = (now + SOON).isoformat()
    stale = (now.date() - STALE).isoformat()
    return (
        offers.join(nexts, on="offer_id", how="left")
        .with_columns(
            stale=(pl.col("last_confirmed") < stale).fill_null(False),
            _sinks=pl.col("status").is_in(LISTED).not_().cast(pl.Int8) * 4
            + (pl.col("status") == "temporarily_closed").cast(pl.Int8) * 2
            + (pl.col("last_confirmed") < stale).fill_null(False).cast(pl.Int8),
            _soon=pl.when(pl.col("next_start") <= soon).then(pl.col("next_start")).otherwise(pl.lit("9")),
            _title=search.fold(pl.col("title")),
        )
        .sort("_sinks", "_soon", "_title", "offer_id", nulls_last=True)
        .drop("_sinks", "_soon", "_title")
    )


def next_starts(sessions: pl.DataFrame | None, offers: pl.DataFrame, now: datetime, zone: ZoneInfo) -> pl.DataFrame:
    """Give each offer's next date that is not cancelled: columns offer_id, next_start (local, as text)."""
    empty = pl.DataFrame(schema={"offer_id": pl.String, "next_start": pl.String})
    if sessions is None or sessions.is_empty():
        return empty
    real = sessions.filter(pl.col("status").is_in(HAPPENS) | pl.col("status").is_null())
    single = real.filter(pl.col("start").is_not_null() & pl.col("rrule").is_null())
    start = _local("start", zone)
    end = pl.when(pl.col("end").is_null()).then(start.dt.truncate("1d") + pl.duration(days=1)).otherwise(_local("end", zone))
    dated = (
        single.select("offer_id", start=start, end=end)
        .filter(pl.col("end") >= now)
        .select("offer_id", next_start=pl.col("start").dt.strftime("%Y-%m-%dT%H:%M:%S"))
    )
    days = {row[0]: row[1:] for row in offers.select("offer_id", "start_date", "end_date").iter_rows()}
    repeated: dict[str, list[str]] = {"offer_id": [], "next_start": []}
    for session in real.filter(pl.col("start").is_null() | pl.col("rrule").is_not_null()).iter_rows(named=True):
        first, last = map(occurrences.to_date, days.get(session["offer_id"], (None, None)))
        for occurrence in occurrences.upcoming(session, now=now, zone=zone, first=first, last=last):
            repeated["offer_id"].append(session["offer_id"])
            repeated["next_start"].append(occurrence.start.isoformat())
            break
    found = pl.concat([empty, dated, pl.DataFrame(repeated, schema=empty.schema)])
    return found.group_by("offer_id").agg(pl.col("next_start").min())


def _local(column: str, zone: ZoneInfo) -> pl.Expr:
    text = pl.col(column).str.replace("Z$", "+00:00")
    moment = text.str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_unit="us", strict=False)
    return moment.dt.convert_time_zone(zone.key).dt.replace_time_zone(None)


def _masks(
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


def _ages(offers: pl.DataFrame) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Give for each age the rows that begin by then, and the rows that do not end before; rows without any age are in neither."""
    size = offers.height
    begins: dict[int, list[int]] = defaultdict(list)
    ends: dict[int, list[int]] = defaultdict(list)
    for row, (low, high) in enumerate(offers.select("age_min", "age_max").iter_rows()):
        if low is not None or high is not None:
            begins[max(low or 0, 0)].append(row)
            ends[120 if high is None else max(min(high, 120), 0)].append(row)
    low_masks, high_masks = [], []
    so_far = 0
    for age in range(121):
        so_far |= bits.to_mask(begins[age], size) if age in begins else 0
        low_masks.append(so_far)
    so_far = 0
    for age in range(120, -1, -1):
        so_far |= bits.to_mask(ends[age], size) if age in ends else 0
        high_masks.append(so_far)
    return tuple(low_masks), tuple(reversed(high_masks))


def _words(
    package: Package,
    offers: pl.DataFrame,
    masks: Mapping[str, Mapping[str, int]],
    labels: Mapping[str, Mapping[str, Mapping[str, str]]],
    districts: Mapping[str, str],
    subdistricts: Mapping[str, tuple[str, str]],
) -> search.TextIndex:
    """Index titles, texts, translations, providers and places; and the words of the vocabularies in every language."""
    frame = offers.select("offer_id", "organisation_id", "location_id", "title", "summary", "description", "keywords")
    if (translations := package.tables.get("translations")) is not None:
        joined = translations.group_by("offer_id").agg(
            other_titles=pl.col("title").str.join(" "),
            other_texts=pl.concat_str(["summary", "description"], separator=" ", ignore_nulls=True).str.join(" "),
        )
        frame = frame.join(joined, on="offer_id", how="left", maintain_order="left")
    for table, key, columns in (
        ("organisations", "organisation_id", ["name", "short_name"]),
        ("locations", "location_id", ["name", "street"]),
    ):
        if (further := package.tables.get(table)) is not None:
            words = further.select(key, pl.concat_str(columns, separator=" ", ignore_nulls=True).alias(f"_{table}"))
            frame = frame.join(words, on=key, how="left", maintain_order="left")
    texts = [
        name for name in frame.columns if name in ("summary", "description", "keywords", "other_texts") or name.startswith("_")
    ]
    titles = [name for name in ("title", "other_titles") if name in frame.columns]
    known: dict[tuple[str, str], Iterable[str]] = {
        (facet, code): labels.get(vocabulary, {}).get(code, {}).values()
        for facet, vocabulary in LABELS.items()
        for code in masks[facet]
    }
    known |= {("district", code): (name,) for code, name in districts.items()}
    known |= {("subdistrict", code): (name,) for code, (name, _) in subdistricts.items()}
    return search.build(_joined(frame, texts), _joined(frame, titles), search.label_words(known, masks))


def _joined(frame: pl.DataFrame, columns: Sequence[str]) -> list[str]:
    return frame.select(pl.concat_str(columns, separator=" ", ignore_nulls=True).fill_null("")).to_series().to_list()


def _labels(package: Package) -> dict[str, dict[str, dict[str, str]]]:
    """Read the published word lists: vocabulary, code, language to label."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in package.rows("vocabularies"):
        words = {column.removeprefix("label_"): text for column, text in row.items() if column.startswith("label_") and text}
        if row.get("vocabulary") and row.get("code"):
            found.setdefault(row["vocabulary"], {})[row["code"]] = words
    return found


def _by(package: Package, table: str, key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in package.rows(table) if row.get(key)}


def _union(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def _merged(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return one | {code: one.get(code, 0) | rows for code, rows in other.items()}
