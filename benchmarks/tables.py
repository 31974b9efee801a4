"""A number comes in; offers with their organisations and locations go out as tables to validate: CSV files and JSON lines.

They are what our own pipeline makes of the generated feed, so the columns, texts and codes are real ones; then one offer of a
hundred is spoiled in a cell, and as many as asked for become unusual in ways that are valid all the same.
"""

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path

import orjson
import polars as pl

from benchmarks import feeds
from benchmarks.measure import say
from benchmarks.town import NOW, Town
from catalogue.snapshot import polars_schema
from connectors.context import StoredContext
from flows.house import House
from flows.night import batches
from schemas.record import Capture
from schemas.rows import Row

TABLES = ("organisations", "locations", "offers")
SPOILT = (
    ("title", None), ("offer_type", "Zirkus"), ("url", "www.verein.example"), ("contact_email", "info bei verein.example"),
    ("start_date", "31.02.2027"), ("age_min", 200), ("source_modified", "gestern"), ("languages", "Deutsch"), ("offer_id", "twice"),
)  # fmt: skip


def tables(town: Town, house: House, unusual: float = 0.0) -> Path:
    """Write the tables of a town's records, if they are not there yet; give their folder."""
    folder = town.folder / f"tables-{round(100 * unusual):02}"
    if (folder / "whole").exists():
        return folder
    base = _made(town, house)
    say(f"Die Tabellen mit {town.rows} Angeboten entstehen ({unusual:.0%} ungewöhnlich) …")
    folder.mkdir(exist_ok=True)
    for table in TABLES:
        with (base / f"{table}.jsonl").open("rb") as stream:
            rows: list[Row] = [orjson.loads(line) for line in stream]
        if table == "offers":
            rows = [*_spoilt(rows, unusual)]
        (folder / f"{table}.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
        kinds = {name: kind if kind == pl.Boolean else pl.String for name, kind in polars_schema(table).items()}
        texts = [{name: value if isinstance(value, bool | None) else str(value) for name, value in row.items()} for row in rows]
        pl.DataFrame(texts, kinds).write_csv(folder / f"{table}.csv")
    (folder / "whole").touch()
    return folder


def _made(town: Town, house: House) -> Path:
    """Write what a harvest of the feed would store, without a network; give the folder."""
    folder = town.folder / "tables-base"
    if not (folder / "whole").exists():
        folder.mkdir(exist_ok=True)
        body = "".join(feeds.csv_lines(town.rows)).encode()
        capture = Capture.of(body, url="feed", fetched_at=NOW, media_type="text/csv")
        ctx = StoredContext.of_file(capture, now=NOW, zone=house.city.zone)
        with contextlib.ExitStack() as stack:
            files = {table: stack.enter_context((folder / f"{table}.jsonl").open("wb")) for table in TABLES}
            for batch in batches(house, house.source("du-tabelle"), ctx):
                for table, out in files.items():
                    out.writelines(orjson.dumps(row) + b"\n" for row in getattr(batch, table))
        (folder / "whole").touch()
    return folder


def _spoilt(rows: list[Row], unusual: float) -> Iterator[Row]:
    rnd = random.Random(feeds.SEED)
    before = rows[0]["offer_id"]
    for number, row in enumerate(rows):
        if rnd.random() < 0.01:
            column, value = SPOILT[rnd.randrange(len(SPOILT))]
            row = row | {column: before if value == "twice" else value}
        elif rnd.random() < unusual:
            row = row | _unusual(number)
        before = row["offer_id"]
        yield row


def _unusual(number: int) -> Row:
    """Give cells that are valid and not of the everyday kind."""
    if number % 2:
        return {"contact_email": f"anmeldung.und.beratung-{number}@nachbarschaftszentrum-am-ende-der-langen-strasse.example"}
    return {"start_date": f"2026-{number % 12 + 1}-{number % 28 + 1}", "registration_deadline": "2026-1-5"}
