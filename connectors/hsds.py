"""A directory of services in the form of Open Referral comes in; one raw record per service goes out.

HSDS 3.0 and Open Referral UK 3.0 (https://docs.openreferral.org/en/v3.0.0/, https://openreferraluk.org): the pages of an API with a
full answer per service, or a data package of CSV files, by the address of its datapackage.json or as a ZIP.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field

from connectors.contract import API_VERSION, Completeness, Context, Detection, Options, SourceError, over_limit
from connectors.hsds_map import HSDS_MAP
from connectors.hsds_records import to_record
from connectors.hsds_tables import is_package, is_tables, is_zip, join_tables, read_package, read_zip, tables_in_zip
from connectors.jsonpages import with_param
from connectors.jsontext import check_json, read_document
from connectors.text import first_bytes
from connectors.webpage import Failures, fetch_linked
from connectors.words import to_german_count
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

FULL = ("service_at_locations", "schedules", "phones")  # what a short answer leaves out
Service = tuple[Any, str, str]  # the service as the API gives it, its locator, the sha256 of its capture


class HsdsOptions(Options):
    url: str = Field(
        description="Adresse der Schnittstelle (…/services), der datapackage.json oder eines ZIP",
        examples=["https://example.org/services"],
    )
    details: bool = Field(default=True, description="Jeden Dienst einzeln abrufen, wenn die Liste nur das Nötigste enthält")
    max_pages: int = Field(default=500, ge=1, le=2_000, description="Höchstens so viele Seiten der Liste")


class HsdsConnector:
    kind: ClassVar[str] = "hsds"
    title: ClassVar[str] = (
        "Verzeichnis von Diensten nach Open Referral (HSDS 3.0 oder UK 3.0), als Schnittstelle oder Datenpaket."
    )
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[HsdsOptions]] = HsdsOptions
    completeness: ClassVar[Completeness] = Completeness.SNAPSHOT
    nested: ClassVar[bool] = True
    depends_on_day: ClassVar[bool] = True
    default_map: ClassVar[Mapping[str, Any]] = HSDS_MAP

    def entries(self, options: HsdsOptions) -> Sequence[str]:
        return []

    def read(self, options: HsdsOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Yield a record per service, and a problem for each that cannot be read."""
        seen = 0
        for item in _read_services(options, ctx):
            if isinstance(item, Problem):
                yield item
                seen += item.severity_or_default == "rejected"
                continue
            service, locator, sha = item
            if seen >= ctx.limits.max_records:
                yield over_limit(seen)
                return
            seen += 1
            if not _is_service(service):
                yield Problem("bad_record", locator, note="das ist kein Dienst mit Kennung und Namen")
                continue
            yield RawRecord(to_record(service, ctx.now.date()), locator, sha, str(service["id"])[:500])
        if not seen:
            raise SourceError(Problem("empty_feed"))

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise pages, packages and archives by their names; say how many services there are."""
        options = {"url": capture.url}
        if is_zip(first_bytes(capture, 4)):
            names = tables_in_zip(capture)
            return (
                Detection(0.95, options, "Datenpaket nach Open Referral (ZIP)") if {"service", "organization"} <= names else None
            )
        try:
            check_json(capture)
            document = read_document(capture).value
        except SourceError:
            return None
        if is_package(document):
            return Detection(0.95, options, "Datenpaket nach Open Referral (HSDS)")
        if is_tables(document):
            count = to_german_count(len(document["services.csv"]), "einem Dienst", "Diensten")
            return Detection(0.95, options, f"Tabellen nach Open Referral mit {count}")
        if isinstance(document, Mapping) and "openreferral" in str(document.get("openapi_url")):
            return Detection(0.9, options, "Schnittstelle nach Open Referral (HSDS)")
        listed, total = _listed(document), None
        if listed is None or not listed or not all(_is_service(service) and "status" in service for service in listed):
            return None
        if isinstance(document, Mapping):
            total = document.get("total_items", document.get("totalElements"))
        number = total if isinstance(total, int) and total >= len(listed) else len(listed)
        reason = f"Verzeichnis nach Open Referral mit {to_german_count(number, 'einem Dienst', 'Diensten')}"
        return Detection(0.9, options, reason)


def _read_services(options: HsdsOptions, ctx: Context) -> Iterator[Service | Problem]:
    """Find out what lies at the address, and read it."""
    capture = ctx.fetch(options.url, headers=options.headers, auth=options.auth)
    if is_zip(first_bytes(capture, 4)):
        yield from read_zip(capture, ctx)
        return
    check_json(capture)
    document = read_document(capture)
    yield from document.problems
    value = document.value
    if is_package(value):
        yield from read_package(value, capture, options, ctx)
    elif is_tables(value):
        yield from join_tables(value, capture.sha256)
    elif _listed(value) is not None:
        yield from _read_pages(value, capture, options.url, options, ctx)
    elif isinstance(value, Mapping) and "openapi_url" in value:  # the root of an API names its version, not its services
        parts = urlsplit(options.url)
        url = urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/services"))
        capture = ctx.fetch(url, headers=options.headers, auth=options.auth)
        check_json(capture)
        document = read_document(capture)
        value = document.value
        if _listed(value) is None:
            raise _none_of_ours()
        yield from document.problems
        yield from _read_pages(value, capture, url, options, ctx)
    else:
        raise _none_of_ours()


def _read_pages(document: Any, capture: Capture, url: str, options: HsdsOptions, ctx: Context) -> Iterator[Service | Problem]:
    """Yield the services of all pages, each as fully as the API gives it."""
    seen = {capture.sha256}
    failures, number = Failures(), 1
    while True:
        for place, service in enumerate(_listed(document) or [], start=1):
            where = f"Seite {number}, Eintrag {place}" if number > 1 else f"Eintrag {place}"
            if not _is_service(service) or not options.details or any(name in service for name in FULL):
                yield service, where, capture.sha256
                continue
            yield _fetch_full(service, where, url, capture, options, ctx, failures)
        if not isinstance(document, Mapping) or not _goes_on(document, number):
            return
        if number >= min(options.max_pages, ctx.limits.max_pages):
            yield Problem("too_many_pages", value=str(number))
            return
        number += 1
        address = with_param(url, "page", number)
        capture = fetch_linked(ctx, options, address)
        check_json(capture)
        read = read_document(capture)
        document = read.value
        if _listed(document) is None:
            raise _none_of_ours()
        yield from read.problems
        if capture.sha256 in seen and _listed(document):
            raise SourceError(Problem("loop_detected", value=address))
        seen.add(capture.sha256)


def _fetch_full(
    service: Any, where: str, url: str, capture: Capture, options: HsdsOptions, ctx: Context, failures: Failures
) -> Service | Problem:
    parts = urlsplit(url)
    path = f"{parts.path.rstrip('/')}/{quote(str(service['id']), safe='')}"
    address = urlunsplit(parts._replace(path=path, query="", fragment=""))
    try:
        answer = fetch_linked(ctx, options, address)
        check_json(answer)
        read = read_document(answer)
        full = read.value
        if any(problem.code == "truncated" for problem in read.problems):
            raise SourceError(Problem("broken_file", value=address, note="die Antwort bricht ab"))
    except SourceError as error:
        failures.note(error)
        if error.problem.code in ("not_found", "http_error"):  # an API that knows its list only
            return service, where, capture.sha256
        return replace(error.problem, locator=where, severity="rejected")
    failures.in_a_row = 0
    return (full, where, answer.sha256) if _is_service(full) else (service, where, capture.sha256)


def _goes_on(page: Mapping[str, Any], number: int) -> bool:
    """Tell whether a page is not the last; HSDS 3.0 and older UK answers name it differently."""
    if not (page.get("contents") or page.get("content")):
        return False
    total = page.get("total_pages", page.get("totalPages"))
    if isinstance(total, int) and not isinstance(total, bool):
        return number < total
    last = page.get("last_page", page.get("last"))
    return last is False


def _listed(document: Any) -> list[Any] | None:
    """Find the services of a document: a page, a list, an organisation with its services, or one service alone."""
    if isinstance(document, list):
        return document
    if not isinstance(document, Mapping):
        return None
    for name in ("contents", "content"):
        if isinstance(document.get(name), list):
            found: list[Any] = document[name]
            return found
    if isinstance(document.get("services"), list) and "name" in document:
        maker = {name: value for name, value in document.items() if name != "services"}
        return [
            {"organization": maker, **service} if isinstance(service, Mapping) else service for service in document["services"]
        ]
    return [document] if _is_service(document) and ("organization" in document or "status" in document) else None


def _is_service(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("name"), str) and isinstance(value.get("id"), str | int)


def _none_of_ours() -> SourceError:
    return SourceError(Problem("wrong_content", note="Dort liegt JSON, aber keine Dienste nach Open Referral"))
