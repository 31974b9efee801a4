"""A batch of rows comes in; the rows that may be published go out, with the problems of what fell or was changed.

Judged are the finished rows: by the Table Schemas (schemas/verdict.py), by our own rules (schemas/rules.py) and by the keys
between the tables, over all batches of a run. A value that is not fit leaves the offer its other values; an offer falls only
where a required value is missing or its values contradict each other, and then its sessions and translations fall with it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from operator import itemgetter
from typing import Any

from schemas.city import City
from schemas.explain import remedy
from schemas.judge import TableError
from schemas.problems import Problem
from schemas.rows import ROW_TABLES, Batch, Row, Value
from schemas.rules import breaches, keeper
from schemas.seen import Seen
from schemas.tables import CITY_TABLES, load
from schemas.verdict import TableValidator

__all__ = ["TableError", "TableValidator", "Validator"]

KEYS = {
    "organisations": ("organisation_id",),
    "locations": ("location_id",),
    "offers": ("offer_id",),
    "sessions": ("session_id",),
    "translations": ("offer_id", "language"),
}
# What a column refers to; the offer of sessions and translations is looked at first of all
REFERENCES: Mapping[str, Mapping[str, str]] = {
    "organisations": {"parent_organisation_id": "organisations"},
    "locations": {
        "organisation_id": "organisations",
        "district_code": "districts",
        "subdistrict_code": "subdistricts",
        "quarter_code": "quarters",
    },
    "offers": {"organisation_id": "organisations", "location_id": "locations"},
    "sessions": {"location_id": "locations"},
    "translations": {},
}


Places = Callable[[str], str | None]  # the id of an offer, an institution or a place; where a person finds the record again
OFFER_ID = itemgetter("offer_id")


class Validator:
    """Validates the batches of one run of one source, in their order. It remembers keys, so it serves one run only."""

    def __init__(self, city: City) -> None:
        self._tables = {table: TableValidator(load(table)) for table in ROW_TABLES}
        self._known: dict[str, set[Any]] = {table: {row["code"] for row in getattr(city, table)} for table in CITY_TABLES}
        self._known |= {"organisations": set(), "locations": set()}
        self._areas = {city.ags}.union(*(self._known[table] for table in CITY_TABLES))
        self._seen = {table: Seen() for table in ROW_TABLES}

    def validate(self, batch: Batch) -> Batch:
        """Give the batch with the rows that stand. Its problems tell what fell or was changed, and its books still balance."""
        told: list[Problem] = []
        organisations = _filled(self._stand("organisations", batch.organisations, _places(batch, "organisation_id"), told))
        self._known["organisations"].update(row["organisation_id"] for row in organisations)
        locations = _filled(self._stand("locations", batch.locations, _places(batch, "location_id"), told))
        self._known["locations"].update(row["location_id"] for row in locations)
        offers = self._stand("offers", batch.offers, batch.locators.get, told)
        hanging: set[Value] = {
            key for rows in (batch.sessions, batch.translations) for key in map(OFFER_ID, rows) if key.__class__ is str
        }
        standing = self._standing(hanging, offers)
        sessions = [row for row in batch.sessions if row["offer_id"].__class__ is str and row["offer_id"] in standing]
        if len(sessions) < len(batch.sessions):
            kept = {id(row) for row in sessions}
            told += _orphans([row for row in batch.sessions if id(row) not in kept], batch.locators)
        translations = [row for row in batch.translations if row["offer_id"].__class__ is str and row["offer_id"] in standing]
        fallen = (str(row.get("offer_id") or "") for row, good in zip(batch.offers, offers, strict=True) if good is None)
        return replace(
            batch,
            organisations=[self._refer("organisations", row, lambda key: None, told) or row for row in organisations],
            locations=locations,
            offers=_filled(offers),
            sessions=_filled(self._stand("sessions", sessions, batch.locators.get, told)),
            translations=_filled(self._stand("translations", translations, batch.locators.get, told)),
            problems=[*batch.problems, *told],
            rejected=(*batch.rejected, *fallen),
        )

    def _standing(self, hanging: set[Value], offers: Sequence[Row | None]) -> set[Value]:
        """Give those of some offers' ids that stand, in this batch or in one before."""
        standing = {row["offer_id"] for row in offers if row is not None}
        before = [key for key in hanging if key not in standing]
        return standing.union(key for key, known in zip(before, self._seen["offers"].known(before), strict=True) if known)

    def _stand(self, table: str, rows: Sequence[Row], places: Places, told: list[Problem]) -> list[Row | None]:
        """Give each row as it may stand, or None where it may not. Of several with the same key the first that stands counts."""
        to_cells, find_suspects, keeps = self._tables[table].cells, self._tables[table].suspects, keeper(table)
        keys = _keys(table, rows)
        taken: set[Any] = set()
        result: list[Row | None] = []
        for row, key, known in zip(rows, keys, self._seen[table].known(keys), strict=True):
            suspects = find_suspects(to_cells(row))
            good: Row | None = row
            if suspects or not keeps(row):
                good = self._judge(table, row, suspects, places(_owner(table, row)), told)
            if good is not None and (known or key in taken):
                good = None
                if table not in ("organisations", "locations"):  # several offers may bring the same
                    last = key[-1] if key.__class__ is tuple else key
                    told.append(Problem("duplicate_id", places(_owner(table, row)), value=str(row.get("record_id") or last)))
            if good is not None and table != "organisations":  # a parent may come after its child
                good = self._refer(table, good, places, told)
            if good is not None:
                taken.add(key)
            result.append(good)
        self._seen[table].add(taken)
        return result

    def _judge(self, table: str, row: Row, suspects: Sequence[int], locator: str | None, told: list[Problem]) -> Row | None:
        """Judge one row by its table and by our rules."""
        rules, stands = self._tables[table], True
        if suspects:
            row = dict(row)
            for position in suspects:
                column = rules.names[position]
                found = remedy(rules, position, row.get(column), locator)
                row[column] = found.value
                stands = stands and not found.refused
                if found.problem:
                    told.append(found.problem)
        for breach in breaches(table, row):
            severity = "remark" if breach.changes else "rejected"
            told.append(Problem(breach.code, locator, breach.column, breach.value, severity=severity))
            row = {**row, **breach.changes}
            stands = stands and bool(breach.changes)
        return row if stands else None

    def _refer(self, table: str, row: Row, places: Places, told: list[Problem]) -> Row | None:
        """Give a row whose references lead somewhere; None where a required one does not."""
        for column, target in REFERENCES[table].items():
            value = row[column]
            if value is None or value in self._known[target]:
                continue
            required = column == "organisation_id" and table == "offers"
            severity = "rejected" if required else "remark"
            told.append(Problem("unknown_reference", places(_owner(table, row)), column, str(value), severity=severity))
            if required:
                return None
            row = {**row, column: None}
        if table == "offers" and row["area_served"] is not None:
            areas = str(row["area_served"]).split(";")
            if not self._areas.issuperset(areas):
                unknown = ", ".join(area for area in areas if area not in self._areas)
                told.append(Problem("unknown_value", places(_owner(table, row)), "area_served", unknown))
                row = {**row, "area_served": ";".join(area for area in areas if area in self._areas) or None}
        return row


def _keys(table: str, rows: Sequence[Row]) -> list[Any]:
    """Give the key of each row. One that no column may hold (a list) is written out: its row falls anyway, or is mended."""
    keys: list[Any] = list(map(itemgetter(*KEYS[table]), rows))
    try:
        hash(tuple(keys))
    except TypeError:
        keys = [key if _is_hashable(key) else repr(key) for key in keys]
    return keys


def _is_hashable(key: object) -> bool:
    try:
        hash(key)
    except TypeError:
        return False
    return True


def _orphans(sessions: Sequence[Row], places: Mapping[str, str]) -> Iterator[Problem]:
    """Tell of sessions whose offer does not stand, once an offer: a weekly course has forty."""
    by_offer: dict[str, list[Row]] = {}
    for row in sessions:
        by_offer.setdefault(str(row["offer_id"]), []).append(row)
    for offer_id, rows in by_offer.items():
        when = rows[0]["start"] or rows[0]["weekday"] or rows[0]["session_id"]
        many = str(len(rows)) if len(rows) > 1 else ""
        yield Problem("session_rejected_with_offer", places.get(offer_id), value=str(when), note=many)


def _owner(table: str, row: Row) -> str:
    """Give the id by which a person finds the record of a row again: the offer's, for what hangs on one."""
    return str(row["offer_id" if table == "sessions" else KEYS[table][0]])


def _places(batch: Batch, column: str) -> Places:
    """Say where the first offer is found that names an organisation or a location."""

    @cache
    def places() -> dict[str, str]:  # hardly a batch asks
        found: dict[str, str] = {}
        for row in (*batch.offers, *batch.sessions):
            locator = batch.locators.get(str(row["offer_id"]))
            if locator is not None:
                found.setdefault(str(row.get(column)), locator)
        return found

    return lambda key: places().get(key)


def _filled(rows: Sequence[Row | None]) -> list[Row]:
    return [row for row in rows if row is not None]
