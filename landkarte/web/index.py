"""A package and the hour come in; everything the pages count, sort and look up goes out, made once for each publication.

The offers are put into the order in which they are shown, and bit n of every mask stands for the n-th of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from landkarte.package import Package
from landkarte.web import bits, search
from landkarte.web.alike import same_offers
from landkarte.web.masks import age_masks, facet_masks
from landkarte.web.places import Places, find_places
from landkarte.web.query import FACETS
from landkarte.web.ranking import LISTED, ranked

# how people call a German course, and no label does: the whole phrase, in the forms they type
GERMAN_COURSE = (
    "Deutschkurs Deutschkurse Deutschunterricht", "German lessons classes", "курси уроки німецької німецьку мови",
    "دروس تعلم اللغة الألمانية", "Almanca dersi", "курс по немски език", "curs de germană", "cours d’allemand",
    "курсы уроки немецкого немецкий языка",
)  # fmt: skip
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
    alike: Mapping[str, Sequence[str]]

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
    offers = ranked(package, local, zone)
    size = offers.height
    codes = offers["offer_id"].to_list()
    open_rows = offers.with_row_index("row").filter(pl.col("status").is_in(LISTED))["row"].to_list()
    alike, hidden = same_offers(package, {codes[row] for row in open_rows})
    rows = {offer_id: row for row, offer_id in enumerate(codes)}
    locations = _by(package, "locations", "location_id")
    districts = {row["code"]: row["name"] or row["code"] for row in package.rows("districts")}
    subdistricts = {row["code"]: (row["name"] or row["code"], row["parent_code"] or "") for row in package.rows("subdistricts")}
    places = find_places(offers, package.tables, locations)
    masks, silent = facet_masks(offers, places, districts, subdistricts)
    labels = _labels(package)
    return Index(
        package=package,
        moment=local,
        zone=zone,
        offers=offers,
        rows=rows,
        listed=bits.to_mask([row for row in open_rows if codes[row] not in hidden], size),
        masks=masks,
        silent=silent,
        ages=age_masks(offers),
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
        alike=alike,
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
    known[("need", "childcare")] = ("Kinderbetreuung", *labels.get("offer_types", {}).get("childcare", {}).values())
    known[("taught", "de")] = GERMAN_COURSE
    masks = {**masks, "taught": {"de": _german_courses(offers)}}
    return search.build(_joined(frame, texts), _joined(frame, titles), search.label_words(known, masks))


def _german_courses(offers: pl.DataFrame) -> int:
    spoken = pl.col("taught_language").is_null() & pl.col("languages").str.split(";").list.contains("de")
    german = (pl.col("offer_type") == "language_course") & ((pl.col("taught_language") == "de") | spoken)
    return bits.to_mask(offers.select(german=german)["german"].arg_true().to_list(), offers.height)


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
