"""The tables of an Open Referral data package come in, as files by address, in a ZIP or in one JSON; nested services go out.

https://docs.openreferral.org/en/v3.0.0/hsds/schema_reference.html: what hangs on a service names it by its id.
"""

import io
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from connectors.context import StoredContext
from connectors.contract import Context, Options, SourceError
from connectors.csv import CsvConnector, CsvOptions
from connectors.webpage import fetch_linked
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

# file names as the standard's examples have them, and the names of the resources
TABLES = {
    "services": "service", "organizations": "organization", "programs": "program", "locations": "location", "addresses": "address",
    "service_at_locations": "service_at_location", "phones": "phone", "schedules": "schedule", "cost_options": "cost_option",
    "languages": "language", "attributes": "attribute", "taxonomy_terms": "taxonomy_term", "service_areas": "service_area",
    "fundings": "funding", "required_documents": "required_document",
}  # fmt: skip
WANTED = frozenset(TABLES.values())
OWNED = (("phone", "phones"), ("schedule", "schedules"), ("cost_option", "cost_options"), ("language", "languages"), ("funding", "funding"),
         ("service_area", "service_areas"), ("required_document", "required_documents"))  # fmt: skip
LARGEST = 300_000_000  # bytes of all tables together
MAX_RATIO = 200
Tables = Mapping[str, list[tuple[Mapping[str, Any], str]]]  # rows with their locators
Service = tuple[Any, str, str]


def to_table(name: Any) -> str:
    """Give the table that a file or resource holds; "" for any other."""
    stem = str(name).rpartition("/")[2].removesuffix(".csv").casefold()
    stem = TABLES.get(stem, stem)
    return stem if stem in WANTED else ""


def is_zip(head: bytes) -> bool:
    return head.startswith(b"PK\x03\x04")


def is_package(document: Any) -> bool:
    """Tell whether a document is the datapackage.json of a directory of services."""
    if not isinstance(document, Mapping) or not isinstance(document.get("resources"), list):
        return False
    names = {to_table(part.get("name")) for part in document["resources"] if isinstance(part, Mapping)}
    return {"service", "organization"} <= names


def is_tables(document: Any) -> bool:
    """Tell whether a document holds the tables themselves: {"services.csv": [{…}], …}."""
    return isinstance(document, Mapping) and isinstance(document.get("services.csv"), list)


def tables_in_zip(capture: Capture) -> set[str]:
    """Name the tables in an archive; nothing where it is none."""
    try:
        with capture.open() as stream, zipfile.ZipFile(io.BytesIO(stream.read())) as archive:
            return {table for name in archive.namelist() if (table := to_table(name)) and name.endswith(".csv")}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return set()


def read_package(document: Mapping[str, Any], capture: Capture, options: Options, ctx: Context) -> Iterator[Service | Problem]:
    """Fetch the tables that a package names, and join them."""
    base = capture.final_url or capture.url
    found: dict[str, Capture] = {}
    for resource in document["resources"]:
        if not isinstance(resource, Mapping) or not (table := to_table(resource.get("name"))):
            continue
        path = resource.get("path")
        path = path[0] if isinstance(path, list) and path else path
        if not isinstance(path, str):
            continue
        try:
            found[table] = fetch_linked(ctx, options, urljoin(base, path))
        except ValueError:
            yield Problem("bad_url", field="path", value=path)
        except SourceError as error:
            if table in ("service", "organization") or error.problem.code not in ("not_found", "gone", "empty_feed"):
                raise
            yield Problem(error.problem.code, value=error.problem.value, severity="remark")
    yield from _read_tables(found, ctx)


def read_zip(capture: Capture, ctx: Context) -> Iterator[Service | Problem]:
    """Unpack the tables of an archive within bounds, and join them."""
    found: dict[str, Capture] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(capture.read())) as archive:
            parts = [
                (table, part)
                for part in archive.infolist()
                if part.filename.endswith(".csv") and (table := to_table(part.filename))
            ]
            total = sum(part.file_size for _, part in parts)
            if total > min(LARGEST, ctx.limits.max_decompressed) or total > 1_000_000 + MAX_RATIO * capture.size:
                raise SourceError(Problem("too_large", note="entpackt zu groß"))
            for table, part in parts:
                with archive.open(part) as stream:
                    body = stream.read(part.file_size + 1)  # what it says of its own size is checked by reading no more
                if len(body) > part.file_size:
                    raise SourceError(Problem("too_large", note="entpackt größer als angegeben"))
                found.setdefault(table, Capture.of(body, url=f"{capture.url}#{part.filename}", fetched_at=capture.fetched_at))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise SourceError(Problem("broken_file", note="das ZIP ist beschädigt oder mit einem Kennwort geschützt")) from error
    if "service" not in found:
        raise SourceError(Problem("wrong_content", note="in dem ZIP liegt keine services.csv"))
    yield from _read_tables(found, ctx)


def join_tables(document: Mapping[str, Any], sha: str) -> Iterator[Service]:
    """Join tables that stand in one JSON document."""
    rows = {
        table: [(row, f"{name}, Eintrag {number}") for number, row in enumerate(listed, start=1) if isinstance(row, Mapping)]
        for name, listed in document.items() if (table := to_table(name)) and isinstance(listed, list)
    }  # fmt: skip
    yield from _join(rows, sha)


def _read_tables(found: Mapping[str, Capture], ctx: Context) -> Iterator[Service | Problem]:
    if "service" not in found:
        raise SourceError(Problem("wrong_content", note="das Datenpaket hat keine Tabelle service"))
    rows: dict[str, list[tuple[Mapping[str, Any], str]]] = {}
    for table, capture in found.items():
        rows[table] = []
        inner = StoredContext([capture], now=ctx.now, zone=ctx.zone, limits=ctx.limits)
        try:
            for item in CsvConnector().read(CsvOptions(url=capture.url, header_row=1), inner):
                if isinstance(item, RawRecord):
                    rows[table].append((item.data, f"{table}, {item.locator}"))
                else:
                    yield Problem(
                        item.code,
                        f"{table}, {item.locator}" if item.locator else table,
                        item.field,
                        item.value,
                        item.note,
                        item.severity if table == "service" else "remark",  # a row of another table is no record
                    )
        except SourceError as error:
            if table == "service" or error.problem.code != "empty_feed":
                raise
    yield from _join(rows, found["service"].sha256)


def _join(rows: Tables, sha: str) -> Iterator[Service]:
    """Nest the rows as the API does: what names a service hangs on it."""
    one = {table: _by(rows.get(table, []), "id") for table in ("organization", "program", "location", "taxonomy_term")}
    owned = {table: _by(rows.get(table, []), "service_id") for table, _ in OWNED}
    of_site = {table: _by(rows.get(table, []), "service_at_location_id") for table in ("schedule", "phone")}
    addresses = _by(rows.get("address", []), "location_id")
    sites = _by(rows.get("service_at_location", []), "service_id")
    attributes = _by(rows.get("attribute", []), "link_id")
    for row, locator in rows.get("service", []):
        service: dict[str, Any] = {**row}
        for table in ("organization", "program"):
            service[table] = _find(one[table], row.get(f"{table}_id"))
        for table, plural in OWNED:
            service[plural] = _find(owned[table], row.get("id"))
        service["attributes"] = [
            {**attribute, "taxonomy_term": _find(one["taxonomy_term"], attribute.get("taxonomy_term_id"))}
            for attribute in _find(attributes, row.get("id"))
        ]
        service["service_at_locations"] = [
            {
                **site,
                "schedules": _find(of_site["schedule"], site.get("id")),
                "phones": _find(of_site["phone"], site.get("id")),
                "location": [
                    {**location, "addresses": _find(addresses, location.get("id"))}
                    for location in _find(one["location"], site.get("location_id"))[:1]
                ],
            }
            for site in _find(sites, row.get("id"))
        ]
        yield service, locator, sha


def _by(rows: Iterable[tuple[Mapping[str, Any], str]], key: str) -> Mapping[Any, list[Mapping[str, Any]]]:
    found: defaultdict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for row, _ in rows:
        if _is_key(row.get(key)):
            found[row[key]].append(row)
    return found


def _find(rows: Mapping[Any, list[Mapping[str, Any]]], key: Any) -> list[Mapping[str, Any]]:
    return rows.get(key, []) if _is_key(key) else []


def _is_key(value: Any) -> bool:
    return isinstance(value, str | int) and value != ""
