"""A file of a dataset comes in; its records go out, read by the connector of its format and flat, as a table of ours would be."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from connectors.context import StoredContext
from connectors.contract import Context, SourceError
from connectors.csv import DELIMITERS, CsvConnector, CsvOptions
from connectors.distributions import FileOptions
from connectors.ical import OFFER_STATUS, SESSION_STATUS, IcalConnector, IcalOptions
from connectors.json import JsonConnector, JsonOptions
from connectors.xlsx import XlsxConnector, XlsxOptions
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

MOST_DEEP = 8  # objects in objects whose fields are named one by one


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
