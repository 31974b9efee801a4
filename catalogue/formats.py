"""Rows in, files out: CSV, Parquet, GeoJSON and iCalendar, in batches, and byte for byte the same for the same rows.

Specifications: RFC 4180 (CSV), RFC 7946 (GeoJSON), RFC 5545 (iCalendar).
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from icalendar import Calendar, Timezone

from schemas.tables import load

ESCAPED = re.compile(r"[\\;,\r\n]")
BATCH = 20_000
SLICE = 1_000  # rows that become Python values at once: more of them would not fit into the processor's memory


def batches(parquet: Path, columns: list[str] | None = None) -> Iterator[pl.DataFrame]:
    """Yield the rows of a Parquet file in frames of at most BATCH rows."""
    frame = pl.scan_parquet(parquet)
    if columns:
        frame = frame.select(columns)
    rows = pl.scan_parquet(parquet).select(pl.len()).collect().item()
    for offset in range(0, rows, BATCH):
        yield frame.slice(offset, BATCH).collect()


def write_csv(frame: pl.LazyFrame, path: Path) -> None:
    """Write UTF-8 with a byte order mark (Excel asks for it), `;`, text quoted, decimal point."""
    frame.sink_csv(path, include_bom=True, separator=";", quote_style="non_numeric", line_terminator="\n")


def write_parquet(parquet: Path, table: str, path: Path) -> None:
    """Write the rows with dates and datetimes (UTC) as such, not as text."""
    casts = []
    for field in load(table)["fields"]:
        if field["type"] == "date":
            casts.append(pl.col(field["name"]).str.to_date(strict=False))
        elif field["type"] == "datetime":
            casts.append(pl.col(field["name"]).str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_zone="UTC", strict=False))
    pl.scan_parquet(parquet).with_columns(casts).sink_parquet(path, compression="zstd", row_group_size=50_000)


def write_geojson(offers: Path, locations: Path, path: Path, *, attribution: str) -> None:
    """Write one feature an offer: a point where the place is exact, else no geometry; its columns and its place as properties."""
    places = pl.read_parquet(locations).select(
        "location_id",
        pl.col("name").alias("location_name"),
        *("street", "house_number", "postal_code", "city", "place_quality", "district_code", "subdistrict_code"),
        *("latitude", "longitude"),
    )
    with path.open("wb") as out:
        out.write(b'{"type":"FeatureCollection","attribution":' + orjson.dumps(attribution) + b',"features":[')
        separator = b"\n"
        for frame in batches(offers):
            for feature in to_features(frame.join(places, on="location_id", how="left", maintain_order="left")):
                out.write(separator + orjson.dumps(feature))
                separator = b",\n"
        out.write(b"\n]}\n")


def to_features(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield a GeoJSON feature for each offer's row joined with its place, the point in the last two columns; nothing empty."""
    *names, _, _ = rows.columns
    for part in rows.iter_slices(SLICE):
        for *values, latitude, longitude in zip(*(column.to_list() for column in part), strict=True):
            point = None if latitude is None or longitude is None else {"type": "Point", "coordinates": [longitude, latitude]}
            properties = {name: value for name, value in zip(names, values, strict=True) if value is not None}
            yield {"type": "Feature", "id": properties["offer_id"], "geometry": point, "properties": properties}


def write_ics(sessions: Path, offers: Path, locations: Path, path: Path, *, title: str, zone: str) -> None:
    """Write the dated sessions as events in the city's time zone; a weekly one without a date has no instant and is left out."""
    about = pl.read_parquet(offers, columns=["offer_id", "title", "summary", "url", "location_id"]).rename(
        {"location_id": "offer_location"}
    )
    places = pl.read_parquet(locations).select(
        "location_id",
        place=pl.concat_str(["name", "street", "house_number", "postal_code", "city"], separator=" ", ignore_nulls=True),
    )
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(calendar_head(title, zone))
        for frame in batches(sessions):
            joined = (
                frame.filter(pl.col("start").is_not_null())
                .join(about, on="offer_id", how="inner", maintain_order="left")
                .with_columns(location_id=pl.coalesce("location_id", "offer_location"))
                .join(places, on="location_id", how="left", maintain_order="left")
            )
            for part in joined.iter_slices(SLICE):
                out.writelines(to_event(row, zone) for row in part.to_dicts())
        out.write("END:VCALENDAR\r\n")


def calendar_head(title: str, zone: str) -> str:
    """The lines before the first event: name, and the rules of the time zone."""
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//Integrationslandkarte//DE")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", title)
    calendar.add_component(Timezone.from_tzid(zone))
    head: bytes = calendar.to_ical(sorted=False)
    return head.decode().removesuffix("END:VCALENDAR\r\n")


def to_event(row: dict[str, Any], zone: str) -> str:
    """Make a VEVENT of a session's row joined with its offer's title, summary, url and place."""
    lines = ["BEGIN:VEVENT", f"UID:{row['session_id']}", "DTSTAMP:20000101T000000Z"]  # fixed: equal rows, equal bytes
    start, end = row["start"], row["end"]
    if row["all_day"]:
        last = date.fromisoformat((end or start)[:10])
        lines += [f"DTSTART;VALUE=DATE:{start[:10].replace('-', '')}", f"DTEND;VALUE=DATE:{last + timedelta(days=1):%Y%m%d}"]
    else:
        lines += [f"{name};TZID={zone}:{to_local(stamp)}" for name, stamp in (("DTSTART", start), ("DTEND", end)) if stamp]
    if row["rrule"]:
        lines.append(f"RRULE:{row['rrule']}")
    lines.append(f"SUMMARY:{escape(row['title'])}")
    text = "\n".join(part for part in (row["summary"], row["note"]) if part)
    for name, value in (("DESCRIPTION", text), ("LOCATION", row["place"]), ("URL", row["online_url"] or row["url"])):
        if value:
            lines.append(f"{name}:{value if name == 'URL' else escape(value)}")
    if row["status"] == "cancelled":
        lines.append("STATUS:CANCELLED")
    lines.append("END:VEVENT")
    return "".join(fold(line) for line in lines)


def to_local(stamp: str) -> str:
    """`2026-03-02T16:00:00+01:00`, which rows carry in the city's time zone, as `20260302T160000`."""
    return stamp[:19].replace("-", "").replace(":", "")


def escape(text: str) -> str:
    """Escape a TEXT value (RFC 5545, 3.3.11)."""
    if not ESCAPED.search(text):
        return text
    return (
        text.replace("\\", "\\\\")
        .replace(";", "\\;")
        .replace(",", "\\,")
        .replace("\r\n", "\\n")
        .replace("\n", "\\n")
        .replace("\r", "\\n")
    )


def fold(line: str) -> str:
    """Fold a content line at 75 octets, never inside a character (RFC 5545, 3.1)."""
    if len(line) <= 75 and line.isascii():
        return line + "\r\n"
    octets = line.encode()
    if len(octets) <= 75:
        return line + "\r\n"
    parts, start, room = [], 0, 75
    while start < len(octets):
        end = min(start + room, len(octets))
        while end < len(octets) and octets[end] & 0xC0 == 0x80:
            end -= 1
        parts.append(octets[start:end].decode())
        start, room = end, 74
    return "\r\n ".join(parts) + "\r\n"
