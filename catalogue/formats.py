"""Frames in, the text of their rows out: CSV, GeoJSON and iCalendar, whole columns at a time, the same bytes for the same rows.

A row's text depends on that row alone, so the texts of any rows stand one after the other in a file, whoever wrote them when.
Specifications: RFC 4180 (CSV), RFC 7946 (GeoJSON), RFC 5545 (iCalendar).
"""

import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import orjson
import polars as pl
from icalendar import Calendar, Timezone

from catalogue.snapshot import GROUP, polars_schema
from schemas.tables import load

ESCAPES = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\r\n": "\\n", "\n": "\\n", "\r": "\\n"}  # of a TEXT (RFC 5545, 3.3.11)
NEEDS_ESCAPE = r"[\\;,\r\n]"
NEEDS_JSON = r'["\\\x00-\x1f]'
PLACE = ("street", "house_number", "postal_code", "city", "place_quality", "district_code", "subdistrict_code")
POINT = ("latitude", "longitude")
STAMP = "DTSTAMP:20000101T000000Z"  # fixed: equal rows, equal bytes
ROWS = 1_000  # rows turned into text at once, where the text is many times as large as the values


def batches(parquet: Path) -> Iterator[pl.DataFrame]:
    """Yield the rows of a Parquet file, a row group at a time."""
    frame = pl.scan_parquet(parquet)
    for offset in range(0, count(parquet), GROUP):
        yield frame.slice(offset, GROUP).collect()


def count(parquet: Path) -> int:
    """The number of rows of a Parquet file."""
    return int(pl.scan_parquet(parquet).select(pl.len()).collect().item())


# -- CSV -------------------------------------------------------------------------------------------------------------


def write_csv(frame: pl.LazyFrame, path: Path) -> None:
    """Write a whole table: UTF-8 with a byte order mark (Excel asks for it), `;`, text quoted, decimal point."""
    frame.sink_csv(path, include_bom=True, separator=";", quote_style="non_numeric", line_terminator="\n")


@cache
def csv_head(table: str) -> bytes:
    """Give what stands before the first row of such a file."""
    out = io.BytesIO()
    empty = pl.DataFrame(schema=polars_schema(table))
    empty.write_csv(out, include_bom=True, separator=";", quote_style="non_numeric", line_terminator="\n")
    return out.getvalue()


def to_csv(frame: pl.DataFrame) -> bytes:
    """Write rows as they stand in such a file."""
    out = io.BytesIO()
    frame.write_csv(out, include_header=False, separator=";", quote_style="non_numeric", line_terminator="\n")
    return out.getvalue()


# -- Parquet ---------------------------------------------------------------------------------------------------------


def write_parquet(frame: pl.LazyFrame, table: str, path: Path) -> None:
    """Write the rows with dates and datetimes (UTC) as such, not as text."""
    casts = []
    for field in load(table)["fields"]:
        if field["type"] == "date":
            casts.append(pl.col(field["name"]).str.to_date(strict=False))
        elif field["type"] == "datetime":
            casts.append(pl.col(field["name"]).str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_zone="UTC", strict=False))
    frame.with_columns(casts).sink_parquet(path, compression="zstd", row_group_size=50_000)


# -- GeoJSON ---------------------------------------------------------------------------------------------------------


def geojson_head(attribution: str) -> bytes:
    """Give what stands before the first feature."""
    return b'{"type":"FeatureCollection","attribution":' + orjson.dumps(attribution) + b',"features":[\n'


def geojson_places(locations: pl.LazyFrame) -> pl.DataFrame:
    """Give what a feature says about its place."""
    return locations.select("location_id", pl.col("name").alias("location_name"), *PLACE, "latitude", "longitude").collect()


def to_features(offers: pl.DataFrame, places: pl.DataFrame) -> Iterator[bytes]:
    """Yield the features of offers, many at a time, with `,` between them: a point where the place is exact; nothing empty."""
    rows = offers.join(places, on="location_id", how="left", maintain_order="left")
    point = pl.concat_str(
        pl.lit('{"type":"Point","coordinates":['), pl.col("longitude"), pl.lit(","), pl.col("latitude"), pl.lit("]}")
    )
    ident = rows["offer_id"]
    if ident.str.contains(NEEDS_JSON).any():
        ident = pl.Series([orjson.dumps(value).decode()[1:-1] for value in ident])
    begin = pl.concat_str(
        pl.lit('{"type":"Feature","id":"'), ident, pl.lit('","geometry":'), point.fill_null("null"), pl.lit(',"properties":')
    )
    heads = rows.select(begin.cast(pl.Binary)).to_series()
    filled = rows[[column.name for column in rows if column.null_count() < len(column)]].drop(*POINT, strict=False)
    for start in range(0, rows.height, ROWS):
        out = io.BytesIO()
        filled[start : start + ROWS].write_ndjson(out)
        lines = without_nulls(out.getvalue()).split(b"\n")[:-1]
        texts = [head + line for head, line in zip(heads[start : start + ROWS].to_list(), lines, strict=True)]
        yield (b",\n" if start else b"") + b"},\n".join(texts) + b"}"


def without_nulls(lines: bytes) -> bytes:
    r"""Take the members that are null out of flat JSON objects whose first member is not; a `\":null` inside a text stays."""
    *parts, last = lines.split(b'":null')
    kept = [part + b'":null' if part.endswith(b"\\") else part[: part.rindex(b',"')] for part in parts]
    return b"".join([*kept, last])


# -- iCalendar -------------------------------------------------------------------------------------------------------


def calendar_head(title: str, zone: str) -> bytes:
    """Give the lines before the first event: name, and the rules of the time zone."""
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//Integrationslandkarte//DE")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", title)
    calendar.add_component(Timezone.from_tzid(zone))
    head: bytes = calendar.to_ical(sorted=False)
    return head.removesuffix(b"END:VCALENDAR\r\n")


def calendar_offers(offers: pl.LazyFrame) -> pl.LazyFrame:
    """Give what an event says about its offer."""
    return offers.select("offer_id", "title", "summary", "url", offer_location="location_id")


def calendar_places(locations: pl.LazyFrame) -> pl.DataFrame:
    """Give what an event says about its place."""
    words = ("name", "street", "house_number", "postal_code", "city")
    return locations.select("location_id", place=pl.concat_str(words, separator=" ", ignore_nulls=True)).collect()


def to_events(sessions: pl.DataFrame, offers: pl.DataFrame, places: pl.DataFrame, zone: str) -> bytes:
    """Write the dated sessions as events in the city's zone; a weekly one without a date has no instant and is left out."""
    rows = (
        sessions.filter(pl.col("start").is_not_null())
        .join(offers, on="offer_id", how="inner", maintain_order="left")
        .with_columns(location_id=pl.coalesce("location_id", "offer_location"))
        .join(places, on="location_id", how="left", maintain_order="left")
    )
    if rows.is_empty():
        return b""
    more = rows["note"].is_not_null()
    about = rows["summary"]
    if more.any():
        both = pl.concat_str("summary", "note", separator="\n", ignore_nulls=True)
        about = rows.select(pl.when(pl.col("note").is_null()).then("summary").otherwise(both)).to_series()
    columns = {
        "begin": pl.lit("BEGIN:VEVENT"),
        "uid": to_lines("UID", rows["session_id"]),
        "stamp": pl.lit(STAMP),
        "when": _when(rows, zone),
        "rrule": pl.lit("RRULE:") + pl.col("rrule"),
        "summary": to_lines("SUMMARY", escaped(rows["title"])),
        "about": to_lines("DESCRIPTION", escaped(about)),
        "place": to_lines("LOCATION", escaped(rows["place"])),
        "url": to_lines("URL", rows.select(pl.coalesce("online_url", "url")).to_series()),
        "status": pl.when(pl.col("status") == "cancelled").then(pl.lit("STATUS:CANCELLED")),
        "end": pl.lit("END:VEVENT\r\n"),
    }
    events = rows.select(pl.concat_str([*columns.values()], separator="\r\n", ignore_nulls=True).str.join(""))
    return str(events.item()).encode()


def _when(rows: pl.DataFrame, zone: str) -> pl.Expr:
    """Make the lines DTSTART and DTEND: instants as they are in the city's zone, or whole days, of which the end is the day after."""
    start, end = ((pl.col(name).str.slice(0, 19).str.replace_all("[-:]", "")) for name in ("start", "end"))
    timed = pl.concat_str(
        pl.lit(f"DTSTART;TZID={zone}:") + start, pl.lit(f"DTEND;TZID={zone}:") + end, separator="\r\n", ignore_nulls=True
    )
    if not rows["all_day"].any():
        return timed
    after = (pl.coalesce("end", "start").str.slice(0, 10).str.to_date() + pl.duration(days=1)).dt.strftime("%Y%m%d")
    first = pl.col("start").str.slice(0, 10).str.replace_all("-", "", literal=True)
    whole = pl.concat_str(pl.lit("DTSTART;VALUE=DATE:"), first, pl.lit("\r\nDTEND;VALUE=DATE:"), after)
    return pl.when(pl.col("all_day").fill_null(False)).then(whole).otherwise(timed)


def escaped(texts: pl.Series) -> pl.Series:
    """Escape TEXT values."""
    if texts.str.contains(NEEDS_ESCAPE).any():
        for plain, written in ESCAPES.items():
            texts = texts.str.replace_all(plain, written, literal=True)
    return texts


def to_lines(name: str, values: pl.Series) -> pl.Series:
    """Make content lines of a property, each folded where it is longer than 75 octets, without the last line end."""
    lines = (name + ":" + values).alias(name)
    long = lines.filter(lines.str.len_bytes() > 75).unique()
    return lines.replace(long, pl.Series([fold(line) for line in long.to_list()])) if len(long) else lines


def fold(line: str) -> str:
    """Fold a content line at 75 octets, never inside a character (RFC 5545, 3.1)."""
    octets = line.encode()
    parts, start, room = [], 0, 75
    while start < len(octets):
        end = min(start + room, len(octets))
        while end < len(octets) and octets[end] & 0xC0 == 0x80:
            end -= 1
        parts.append(octets[start:end].decode())
        start, room = end, 74
    return "\r\n ".join(parts)
