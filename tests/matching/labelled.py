"""The labelled pairs come in; as offers of two sources, ready to be matched, they go out.

A cell `=` repeats the first offer's. A place `kiez~` is written another way and has no point, `kiez°` has a point some metres off
and no address. `di,do 15:00` is weekly, `2026-12-05 14:00` a single date.
"""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from catalogue.snapshot import polars_schema
from schemas.identity import to_organisation_id
from schemas.match import find_matches
from tests.rows import Row, location, offer, organisation, session

HERE = Path(__file__).parent
DAYS = {"mo": "mo", "di": "tu", "mi": "we", "do": "th", "fr": "fr", "sa": "sa", "so": "su"}
MORE = {"tel": "contact_phone", "mail": "contact_email", "url": "url", "mode": "attendance_mode", "cefr": "cefr_from", "gender": "gender",
        "age_min": "age_min", "age_max": "age_max", "kind": "offer_type", "from": "start_date", "to": "end_date",
        "taught": "taught_language"}  # fmt: skip
TABLES = ("offers", "sessions", "locations", "organisations")


@dataclass(frozen=True, slots=True)
class Pair:
    """One line: whether the two are the same offer, and both of them."""

    number: int
    same: bool
    sides: tuple[dict[str, str], dict[str, str]]


def read_pairs(name: str) -> list[Pair]:
    """Read the pairs of a file: pairs.csv and heldout.csv, from which the rules were learnt, unseen.csv or unseen2.csv.

    The unseen ones were measured once, on 2026-11-23: P 0.906, R 0.967 of 61, and after one more change P 1.0, R 1.0 of 60 others.
    Whoever learns from them needs new ones.
    """
    found = []
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        for number, line in enumerate(csv.DictReader(file, delimiter=";"), 2):
            a = {name: line[f"{name}_a"] or "" for name in ("title", "where", "when", "who", "more")}
            b = {name: line[f"{name}_b"] or "" for name in a}
            found.append(Pair(number, line["same"] == "1", (a, {name: a[name] if b[name] == "=" else b[name] for name in b})))
    return found


def to_frames(*sides: dict[str, str]) -> dict[str, pl.DataFrame]:
    """Make tables of some sides, each from a source of its own."""
    rows: dict[str, list[Row]] = {table: [] for table in TABLES}
    for number, side in enumerate(sides):
        _add(rows, f"bsp-quelle-{number}", side)
    return {table: pl.DataFrame(rows[table], polars_schema(table), orient="row") for table in TABLES}


def matched(pair: Pair) -> bool:
    """Whether the pair is found to be one offer."""
    frames = to_frames(*pair.sides)
    return not find_matches(frames["offers"], frames["sessions"], frames["locations"], frames["organisations"]).is_empty()


def _add(rows: dict[str, list[Row]], source: str, side: dict[str, str]) -> None:
    offer_id = f"{source}:1"
    more = dict(item.split("=", 1) for item in side["more"].split())
    values = {MORE[name]: int(value) if name.startswith("age") else value for name, value in more.items()}
    if "cefr" in more:
        values["cefr_to"] = more["cefr"]
    place = _place(source, side["where"]) if side["where"] else None
    provider = side["who"]
    silent = dict.fromkeys(("cefr_from", "cefr_to", "age_min", "age_max", "taught_language", "start_date", "end_date", "contact_phone",
                            "contact_email", "url", "record_url", "offer_type", "attendance_mode", "gender"))  # fmt: skip
    rows["offers"].append(offer(**silent | {
        "offer_id": offer_id, "source_key": source, "title": side["title"], "location_id": place and place["location_id"],
        "organisation_id": to_organisation_id(provider) if provider else None,
    } | values))  # fmt: skip
    if place:
        rows["locations"].append(place)
    if provider and to_organisation_id(provider) not in [row["organisation_id"] for row in rows["organisations"]]:
        rows["organisations"].append(organisation(organisation_id=to_organisation_id(provider), name=provider))
    rows["sessions"] += _sessions(offer_id, side["when"])


def _place(source: str, where: str) -> Row:
    with (HERE / "places.csv").open(encoding="utf-8", newline="") as file:
        known = {row["key"]: row for row in csv.DictReader(file, delimiter=";")}
    there = known[where.rstrip("~°")]
    street, number, lat, lon = there["street"], there["house_number"], float(there["latitude"]), float(there["longitude"])
    values: dict[str, object] = {"street": street, "house_number": number, "latitude": lat, "longitude": lon}
    if where.endswith("~"):
        values = {"street": street.replace("Straße", "Str.").replace("straße", "str."), "house_number": number.upper(),
                  "latitude": None, "longitude": None, "place_quality": None}  # fmt: skip
    elif where.endswith("°"):
        values = {"street": None, "house_number": None, "latitude": lat + 0.0003, "longitude": lon - 0.0002}
    return location(location_id=f"{source}:{hash_of(where)}", name=there["name"], organisation_id=None, **values)


def hash_of(text: str) -> str:
    return text.encode().hex()[:16].ljust(16, "0")


def _sessions(offer_id: str, when: str) -> list[Row]:
    if not when:
        return []
    days, _, clock = when.partition(" ")
    if days[0].isdigit():
        moment = f"{date.fromisoformat(days)}T{clock}:00+01:00"
        return [session(session_id=f"{offer_id}@{moment}", offer_id=offer_id, start=moment, end=None)]
    return [
        session(
            session_id=f"{offer_id}@{DAYS[day]}",
            offer_id=offer_id,
            start=None,
            end=None,
            weekday=DAYS[day],
            start_time=clock or None,
        )
        for day in days.split(",")
    ]
