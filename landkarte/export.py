"""A filter as it stands in the address of the pages comes in; the public offers it chooses go out as CSV, GeoJSON or iCalendar."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from landkarte.package import load
from landkarte.web import exports
from landkarte.web.index import build
from landkarte.web.query import read
from landkarte.web.select import select
from schemas.settings import Settings

FORMATS = ("csv", "geojson", "ics")


def run(settings: Settings, wanted: str, form: str, package: str | None, target: Path | None) -> int:
    """Write the offers of a filter, `topic=language&district=500` or a whole address of the pages; 1 where there are none."""
    query = read(parse_qsl(urlsplit(wanted).query or wanted.removeprefix("?"), keep_blank_values=True))
    index = build(load(package or settings.data.resolve() / "publications"), datetime.now(UTC))
    rows = select(index, query).rows()
    address = settings.site_url or f"http://{settings.host}:{settings.port}"
    match form:
        case "csv":
            content = exports.to_csv(index, rows)
        case "geojson":
            content = exports.to_geojson(index, rows, address)
        case _:
            content = exports.to_ics(index, rows, address)
    if target is None:
        sys.stdout.buffer.write(content)
    else:
        target.write_bytes(content)
    return 0 if len(rows) else 1
