"""A dataset of another catalogue comes in, with the addresses of its files; the records of the one that holds offers go out.

What ckan, dcat and datapackage share. A dataset that carries a data package of ours is read whole, without a map; of any other the
best table is read by the reader of its format, and the source file maps it. Every record says where it came from first.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, Field

from connectors.context import StoredContext
from connectors.contract import Context, Options, SourceError
from connectors.csv import DELIMITERS, CsvConnector, CsvOptions
from connectors.datapackage_files import DESCRIPTOR, Package, open_package
from connectors.datapackage_tables import is_ours, read_offers
from connectors.ical import OFFER_STATUS, SESSION_STATUS, IcalConnector, IcalOptions
from connectors.json import JsonConnector, JsonOptions
from connectors.webpage import fetch_linked
from connectors.xlsx import XlsxConnector, XlsxOptions
from schemas.problems import Problem
from schemas.record import Capture, RawRecord
from schemas.vocabulary import licences

# What portals call a format, in lower case, and what we read it with; the first that a dataset has is taken
FORMATS = {
    "csv": "csv", "tsv": "csv", "text/csv": "csv", "text/tab-separated-values": "csv",
    "xlsx": "xlsx", "xls": "xlsx", "ods": "xlsx", "excel": "xlsx", "application/vnd.ms-excel": "xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx", "application/vnd.oasis.opendocument.spreadsheet": "xlsx",
    "json": "json", "jsonl": "json", "ndjson": "json", "application/json": "json", "geojson": "json", "application/geo+json": "json",
    "application/x-ndjson": "json", "ics": "ical", "ical": "ical", "icalendar": "ical", "text/calendar": "ical",
}  # fmt: skip
PREFERRED = ("csv", "xlsx", "json", "ical")
PACKAGES = ("datapackage.zip", DESCRIPTOR)  # the ZIP first: it is whole or not there
MOST_DEEP = 8  # objects in objects whose fields are named one by one
SHORT_LICENCE = re.compile(r"^(?:govdata\.de/)?dl-de[-/](by|zero)-([0-9])[.-]([0-9])$")  # as GovData spells it: dl-de-by-2.0
LICENCE_PAGE = re.compile(r"^https?://(?:www\.)?|/(?:deed|legalcode)(?:\.[a-z]{2})?$|/$")
SPELLED = {  # as https://opendefinition.org, SPDX and CKAN name them
    "cc-zero": ("cc0-1.0", "cc0", "creativecommons.org/publicdomain/zero/1.0"),
    "odbl": ("odbl-1.0", "odc-odbl", "opendatacommons.org/licenses/odbl", "opendatacommons.org/licenses/odbl/1-0"),
    "odby": ("odc-by-1.0", "odc-by", "opendatacommons.org/licenses/by", "opendatacommons.org/licenses/by/1-0"),
    "odcpddl": (
        "odc-pddl-1.0",
        "pddl-1.0",
        "odc-pddl",
        "opendatacommons.org/licenses/pddl",
        "opendatacommons.org/licenses/pddl/1-0",
    ),
}


def _to_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class FileOptions(Options):
    """What can be said about a file of another catalogue."""

    resource: str | None = Field(
        default=None, description="Name der Datei im Datensatz; ohne Angabe die erste Tabelle", examples=["angebote.csv"]
    )
    id: Annotated[tuple[str, ...], BeforeValidator(_to_tuple, json_schema_input_type=str | tuple[str, ...])] = Field(
        default=(), description="Feld oder Felder der Datei mit der Kennung eines Angebots", examples=["Kursnummer"]
    )
    sheet: Annotated[int, Field(ge=1)] | str | None = Field(
        default=None, description="Blatt, wenn die Datei eine Excel-Tabelle ist"
    )
    records: str = Field(
        default="", description="JMESPath der Liste der Angebote, wenn die Datei JSON ist", examples=["data.items"]
    )


@dataclass(frozen=True, slots=True)
class Distribution:
    """One file of a dataset: its name, its address ("" where it cannot be downloaded), and what the catalogue says of its format."""

    name: str
    url: str
    said: tuple[str, ...] = ()
    table: str = ""  # the id of its rows in a CKAN's DataStore
    licence: str | None = None

    @property
    def file(self) -> str:
        """The name of the file in its address."""
        try:
            return unquote(urlsplit(self.url).path).rpartition("/")[2]
        except ValueError:
            return ""

    @property
    def package(self) -> int | None:
        """How welcome it is as a data package, the lower the better; None where it is none."""
        return next((rank for rank, name in enumerate(PACKAGES) if name in (self.name.casefold(), self.file.casefold())), None)

    @property
    def format(self) -> str:
        """The kind that reads it; "" where none does."""
        return to_format(*self.said, self.file.rpartition(".")[2] if "." in self.file else "")

    def is_named(self, name: str) -> bool:
        """Tell whether a source file means this one."""
        return name.casefold() in (self.name.casefold(), self.file.casefold(), self.table.casefold())


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset of another catalogue. `alone`: it stands for the whole source, so ids need no more than its own."""

    name: str
    catalogue: str
    distributions: Sequence[Distribution]
    licence: str | None = None
    attribution: str | None = None
    alone: bool = True


def to_format(*said: str) -> str:
    """Find the kind that reads a format, by its name, media type or address in the EU's list of file types."""
    for text in said:
        word = text.strip().casefold().partition(";")[0].removeprefix(".")
        parts = word.rsplit("/", 2)
        for name in (word, "/".join(parts[-2:]), parts[-1]):
            if name in FORMATS:
                return FORMATS[name]
    return ""


def choose(dataset: Dataset, wish: str | None) -> Distribution:
    """Choose the file of a dataset that holds its offers; raise SourceError with the names of all where none does."""
    there = dataset.distributions
    if wish is not None:
        if found := next((one for one in there if one.is_named(wish)), None):
            return found
    elif packages := sorted((one for one in there if one.package is not None), key=lambda one: one.package or 0):
        return packages[0]
    else:
        usable = [one for one in there if one.format and (one.url or one.table)] + [one for one in there if one.table]
        if usable:  # rows without a file are the last resort
            return min(usable, key=lambda one: (not one.url, PREFERRED.index(one.format) if one.format else len(PREFERRED)))
    names = ", ".join(f"‚{one.name or one.file}‘" for one in there[:10]) or "nichts"
    what = f"resource ‚{wish[:40]}‘ gibt es nicht" if wish is not None else "keine Tabelle, die wir lesen können"
    raise SourceError(Problem("bad_config", note=f"{what}; vorhanden: {names}"))


def passed_over(error: SourceError, name: str) -> Problem:
    """Say why one of several datasets gives nothing; raise the error again where that may pass by itself.

    A file that the portal names and nobody has any more, or a dataset without a table, is for its owner to mend. Everything else ends
    the run, so that nothing is taken for removed.
    """
    problem, where = error.problem, f"Datensatz ‚{name[:80]}‘"
    match problem.code:
        case "not_found" | "gone":
            return replace(problem, locator=where, severity="remark")
        case "bad_config" | "empty_feed":
            return Problem("odd_record", where, note=problem.note or "die Datei ist leer")
    raise error


def read_distribution(
    dataset: Dataset, chosen: Distribution, options: FileOptions, ctx: Context
) -> Iterator[RawRecord | Problem]:
    """Fetch a file of a dataset, and read it; raise SourceError where that cannot be done."""
    capture = fetch_linked(ctx, options, chosen.url)
    if chosen.package is not None:
        package = open_package(capture, options, ctx)
        if is_ours(package.descriptor):
            yield from read_offers(package, proves=dataset.alone)
        else:
            yield from read_resource(package, options, ctx, dataset)
        return
    said = replace(dataset, licence=chosen.licence or dataset.licence)
    yield from with_origin(read_file(capture, chosen.format, options, ctx), said)


def read_resource(
    package: Package, options: FileOptions, ctx: Context, dataset: Dataset | None = None
) -> Iterator[RawRecord | Problem]:
    """Read the table of somebody else's data package that a source file names, or its only one."""
    descriptor = package.descriptor
    entries = {
        Distribution(str(entry.get("name") or ""), str(entry.get("path") or "data"), to_said(entry)): entry
        for entry in package.resources
    }
    if dataset is None:
        dataset = Dataset(package.name, package.catalogue, (), to_licence(descriptor), None)
    dataset = replace(dataset, distributions=tuple(entries))
    tables = [one for one in entries if one.format]
    if options.resource is None and len(tables) > 1:
        names = ", ".join(f"‚{one.name}‘" for one in tables[:10])
        raise SourceError(Problem("bad_config", note=f"Bitte resource angeben: {names}"))
    chosen = choose(replace(dataset, distributions=tuple(tables) or tuple(entries)), options.resource)
    entry = entries[chosen]
    schema, dialect = entry.get("schema"), entry.get("dialect")
    key = schema.get("primaryKey") if isinstance(schema, Mapping) else None
    keys = (
        tuple(key)
        if isinstance(key, list) and all(isinstance(one, str) for one in key)
        else (key,)
        if isinstance(key, str)
        else ()
    )
    known = options if options.id or not keys else options.model_copy(update={"id": keys})
    said = replace(dataset, licence=to_licence(entry) or dataset.licence)
    capture = package.fetch(entry)
    items = read_file(capture, chosen.format, known, ctx, dialect if isinstance(dialect, Mapping) else {})
    for item in with_origin(items, said):
        if isinstance(item, RawRecord) and "#" in capture.url:  # a part of a capture: of a ZIP, of the descriptor
            yield replace(item, capture=package.capture.sha256)
        else:
            yield item


def to_said(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """What a descriptor says of the format of a resource; rows that stand in it are JSON."""
    inline = ("json",) if isinstance(entry.get("data"), list) else ()
    return (*(str(entry[name]) for name in ("format", "mediatype") if entry.get(name)), *inline)


def read_file(
    capture: Capture, format: str, options: FileOptions, ctx: Context, dialect: Mapping[str, Any] | None = None
) -> Iterator[RawRecord | Problem]:
    """Read a file with the reader of its format. Fields of objects in objects are named by their path, `adresse.plz`."""
    inner = StoredContext([capture], now=ctx.now, zone=ctx.zone, limits=ctx.limits)
    said, url = dialect or {}, capture.url
    match format:
        case "csv":
            delimiter, quote = said.get("delimiter"), said.get("quoteChar")
            csv = CsvOptions(
                url=url,
                id=options.id,
                delimiter=delimiter if delimiter in DELIMITERS else None,
                quote=quote if isinstance(quote, str) and len(quote) == 1 else '"',
                header_row="none" if said.get("header") is False else "auto",
            )
            yield from CsvConnector().read(csv, inner)
        case "xlsx":
            yield from XlsxConnector().read(XlsxOptions(url=url, id=options.id, sheet=options.sheet), inner)
        case "ical":
            for item in IcalConnector().read(IcalOptions(url=url), inner):
                yield replace(item, data=from_calendar(item.data)) if isinstance(item, RawRecord) else item
        case "json":
            json = JsonOptions(url=url, records=options.records, id=options.id[0] if options.id else "")
            for item in JsonConnector().read(json, inner):
                yield replace(item, data=flatten(item.data)) if isinstance(item, RawRecord) else item
        case _:
            raise SourceError(Problem("bad_config", note="Diese Datei ist keine Tabelle, die wir lesen können (resource)"))


def with_origin(items: Iterator[RawRecord | Problem], dataset: Dataset) -> Iterator[RawRecord | Problem]:
    """Add to every record where it came from, and under which licence and name it may be passed on."""
    added = {
        "offer.origin_catalogue": dataset.catalogue[:500],
        "offer.licence": dataset.licence,
        "offer.attribution": dataset.attribution,
    }
    said = {name: value for name, value in added.items() if value}
    for item in items:
        if isinstance(item, Problem):
            yield item
            continue
        own = item.record_id
        ident = own if dataset.alone or own is None else f"{dataset.name}/{own}"
        yield replace(item, data={**item.data, **said}, record_id=ident)


def with_id(items: Iterator[RawRecord | Problem], names: Sequence[str]) -> Iterator[RawRecord | Problem]:
    """Give records the id that stands in these fields; raise SourceError where the first record has none of them."""
    for place, item in enumerate(items):
        if not names or isinstance(item, Problem):
            yield item
            continue
        missing = next((name for name in names if name not in item.data), None)
        if place == 0 and missing is not None:
            raise SourceError(Problem("missing_column", value=missing))
        parts = [item.data.get(name) for name in names]
        said = "|".join("" if part is None else str(part).strip() for part in parts)
        yield item if all(part is None for part in parts) else replace(item, record_id=said)


def once(items: Iterator[RawRecord | Problem]) -> Iterator[RawRecord | Problem]:
    """Leave out offers that a catalogue shows twice, in a dataset of its own and in one of all, and say how many."""
    seen: set[int] = set()
    again = 0
    for item in items:
        if isinstance(item, RawRecord) and "offer.offer_id" in item.data:
            mark = hash(
                (item.data.get("offer.origin_catalogue"), item.data.get("offer.origin_id") or item.data["offer.offer_id"])
            )
            if mark in seen:
                again += 1
                continue
            seen.add(mark)
        yield item
    if again:
        note = f"{again} Angebote stehen in mehreren Datensätzen und wurden einmal übernommen"
        yield Problem("odd_record", "Katalog", note=note)


def flatten(data: Mapping[str, Any], prefix: str = "", deep: int = 0) -> dict[str, Any]:
    """Name the fields of objects in objects by their path: {"adresse": {"plz": 1}} becomes {"adresse.plz": 1}. Lists stay."""
    found: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, Mapping) and deep < MOST_DEEP:
            found |= flatten(value, f"{prefix}{name}.", deep + 1)
        else:
            found[f"{prefix}{name}"] = value
    return found


def from_calendar(event: Mapping[str, Any]) -> dict[str, Any]:
    """Say the fields of a calendar (connectors/ical.py) by the names of our tables; what has no column stays as `calendar.…`."""
    ours = {"summary": "title", "description": "description", "url": "url", "image": "image_url", "categories": "keywords",
            "last_modified": "source_modified"}  # fmt: skip
    found = {f"offer.{ours[name]}" if name in ours else f"calendar.{name}": value for name, value in event.items()}
    found["offer.status"] = OFFER_STATUS.get(str(event.get("status")), "active")
    found["offer.offer_type"] = "event"
    found["location.address"] = event.get("location")
    sessions = event.get("sessions")
    found["sessions"] = [
        {
            **{name: one.get(name) for name in ("start", "end", "all_day", "online_url")},
            "note": one.get("summary"),
            "status": SESSION_STATUS.get(str(one.get("status")), "scheduled"),
            "location": {"address": one.get("location")},
        }
        for one in (sessions if isinstance(sessions, list) else ())
        if isinstance(one, Mapping)
    ]
    return found


def to_licence(said: Mapping[str, Any]) -> str | None:
    """The first licence of a package or resource that DCAT-AP.de knows."""
    listed = said.get("licenses")
    named = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    return next((found for one in named for key in ("name", "path") if (found := known_licence(str(one.get(key) or "")))), None)


def known_licence(text: str) -> str | None:
    """Find a licence of DCAT-AP.de by its address, its short name, or as others spell it (`dl-de-by-2.0`, `CC-BY-4.0`).

    CKAN's bare `cc-by` names no version and is none.
    """
    return _licences().get(_bare(text))


@cache
def _licences() -> Mapping[str, str]:
    """Give the addresses of DCAT-AP.de by every spelling we know."""
    known = licences()
    found = {
        _bare(word): one.uri for code, one in known.items() for word in (code, code.replace("/", "-"), one.url, one.uri) if word
    }
    return found | {spelled: known[code].uri for code, several in SPELLED.items() for spelled in several}


def _bare(text: str) -> str:
    """Take from a licence what makes no difference: http or https, www, capitals, the page a person reads."""
    word = LICENCE_PAGE.sub("", text.strip().lower()).removeprefix("dcat-ap.de/def/licenses/")
    return SHORT_LICENCE.sub(r"dl-\1-de/\2.\3", word)
