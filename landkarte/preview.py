"""A source in, its first offers beside the partner's own words out, with every problem; nothing is stored, nothing published.

The rows come from the very function that harvest uses (flows/night.py): what is shown here is what a harvest would keep.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from connectors.context import RunContext, StoredContext
from connectors.contract import Context, SourceError
from connectors.store import FolderStore
from flows.house import House, check_source, open_house
from flows.night import batches
from landkarte.proposal import Wishes, is_address, proposed
from landkarte.words import language, t
from schemas.problems import Problem, SchemaError
from schemas.record import Capture
from schemas.rows import Batch
from schemas.settings import Settings
from schemas.source import Source, load_source

SHOWN = ("title", "offer_type", "topics", "target_groups", "languages", "start_date", "contact_email", "contact_phone", "url")


def run(settings: Settings, what: str, out: Console, *, file: Path | None, limit: int, as_json: bool) -> int:
    """Preview a source by key, a source file by path, or an address or a file as we guess it; 1 where nothing could be read."""
    house = open_house(settings)
    try:
        with tempfile.TemporaryDirectory() as folder, chosen(house, what, file, Path(folder)) as (source, ctx):
            first, counts, problems = collect(batches(house, source, ctx, size=200), limit)
    except SourceError as error:
        if as_json:
            wrong = {"code": error.problem.code, "message": error.problem.message(language())}
            out.out(orjson.dumps({"problem": wrong, "offers": []}, option=orjson.OPT_INDENT_2).decode())
            return 1
        out.print(error.problem.message(language()), style="red", soft_wrap=True, markup=False)
        return 1
    if as_json:
        told = [
            {"code": problem.code, "locator": problem.locator, "message": problem.message(language())} for problem in problems
        ]
        out.out(orjson.dumps({"counts": counts, "offers": first, "problems": told}, option=orjson.OPT_INDENT_2).decode())
    else:
        show(first, counts, problems, out)
    return 0 if counts["offers"] else 1


@contextmanager
def chosen(house: House, what: str, file: Path | None, folder: Path) -> Iterator[tuple[Source, Context]]:
    """Find the source that is meant, and a context to read it. Without a source file the map is guessed, and said to be."""
    if is_address(what) and not what.endswith((".yml", ".yaml")):
        with proposed(house, what, folder, datetime.now(house.city.zone), Wishes()) as (proposal, ctx):
            guessed = t("ohne Quelldatei, Zuordnung geraten", "no source file, map guessed")
            err = Console(stderr=True, highlight=False)
            err.print(f"{proposal.candidate.reason} ({guessed})", style="dim", soft_wrap=True, markup=False)
            yield proposal.source, ctx
        return
    source = load_source(Path(what)) if what.endswith((".yml", ".yaml")) else house.source(what)
    check_source(source, house.city)
    with context(house, source, file, folder) as ctx:
        yield source, ctx


class _Stored:
    """A context over a file, closed like one over the network."""

    def __init__(self, ctx: StoredContext) -> None:
        self.ctx = ctx

    def __enter__(self) -> Context:
        return self.ctx

    def __exit__(self, *_: object) -> None:
        return None


def context(house: House, source: Source, file: Path | None, folder: Path) -> RunContext | _Stored:
    """The door for a preview: the network with a store that lives as long as the preview, or one file."""
    now = datetime.now(house.city.zone)
    if file is not None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise SchemaError(f"{file}: Diese Datei ist nicht lesbar ({error.strerror}). Bitte den Pfad prüfen.") from error
        capture = Capture.of(content, url=str(source.source.get("url", file.name)), fetched_at=now)
        return _Stored(StoredContext.of_file(capture, now=now, zone=house.city.zone))
    return RunContext(now=now, zone=house.city.zone, store=FolderStore(folder), settings=house.fetching, secrets=house.secrets)


def collect(found: Iterator[Batch], limit: int) -> tuple[list[dict[str, Any]], dict[str, int], list[Problem]]:
    """Go through all batches: the first offers with their sessions and places, what became of all records, and every problem."""
    first: list[dict[str, Any]] = []
    counts: Counter[str] = Counter(read=0, offers=0, rejected=0, sessions=0)
    problems: list[Problem] = []
    places: dict[str, Any] = {}
    for batch in found:
        counts.update(read=batch.read, offers=len(batch.offers), rejected=len(batch.rejected), sessions=len(batch.sessions))
        counts.update(filtered=batch.filtered, merged=batch.merged)
        problems += batch.problems
        if len(first) < limit:
            places |= {str(row["location_id"]): row for row in batch.locations}
            for row in batch.offers[: limit - len(first)]:
                sessions = [session for session in batch.sessions if session["offer_id"] == row["offer_id"]]
                first.append({**row, "locator": batch.locators.get(str(row["offer_id"])), "sessions": sessions})
    for row in first:
        row["location"] = places.get(str(row["location_id"]))
    return first, dict(counts), problems


def show(first: list[dict[str, Any]], counts: dict[str, int], problems: list[Problem], out: Console) -> None:
    """Print the offers as a table, the problems by what is to be done, and the count line."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in (t("Wo", "Where"), *SHOWN, t("Ort", "Place"), t("Termine", "Sessions")):
        table.add_column(heading, overflow="fold")
    for row in first:
        place = row["location"] or {}
        where = " ".join(str(place[name]) for name in ("street", "house_number", "postal_code", "city") if place.get(name))
        table.add_row(row["locator"] or "–", *(str(row[name] or "–") for name in SHOWN), where or "–", str(len(row["sessions"])))
    out.print(table)
    by_code: dict[str, list[Problem]] = {}
    for problem in problems:
        by_code.setdefault(problem.code, []).append(problem)
    for alike in sorted(by_code.values(), key=len, reverse=True):
        out.print(f"{len(alike)}×  {alike[0].message(language())}", style="yellow", soft_wrap=True, markup=False)
    out.print(
        t(
            f"{counts['read']} gelesen, {counts['offers']} übernommen, {counts['rejected']} nicht übernommen, {len(problems)} Hinweise",
            f"{counts['read']} read, {counts['offers']} taken, {counts['rejected']} not taken, {len(problems)} problems",
        ),
        style="bold",
    )
