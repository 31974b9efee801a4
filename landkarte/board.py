"""The ledger in, what an operator reads out: sources, runs, what is to be done; as tables, or as JSON for machines."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from catalogue.disk import LedgerError
from catalogue.local.server import Status
from catalogue.run import Run
from catalogue.shown import Shown
from connectors.registry import connector
from flows.house import House, check_source
from flows.left import left_over
from flows.words import BOOKS, RESULTS
from landkarte.where import catalogue_address, check_space
from landkarte.words import english, language, t
from schemas import vocabulary
from schemas.city import load_city
from schemas.normalise import Normaliser
from schemas.problems import Problem, SchemaError
from schemas.settings import Settings
from schemas.source import Source, load_source

COLOURS = {"ok": "green", "not_modified": "green", "ok_with_problems": "yellow", "held": "magenta", "failed": "red"}
BRIEF = RESULTS | {"ok_with_problems": "mit Hinweisen"}  # in a column
WIDE = 120  # columns of a screen that has room for more than a screen of 80
WHOLE = ("key", "source", "id", "started", "success")  # what is typed again, or read at a glance, is never broken
LATE = {"hourly": timedelta(hours=3), "weekly": timedelta(days=9), "monthly": timedelta(days=35)}  # else two days


def show(
    rows: Sequence[Mapping[str, Any]], out: Console, *, as_json: bool, headings: Mapping[str, str], zone: tzinfo | None = None
) -> None:
    """Print rows as a table with these headings, or as a JSON list. Instants are told in `zone`, the city's, else the machine's."""
    if as_json:
        out.out(orjson.dumps(rows, option=orjson.OPT_INDENT_2, default=str).decode())
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, heading in headings.items():
        table.add_column(heading, overflow="fold", no_wrap=name in WHOLE)
    for row in rows:
        style = COLOURS.get(str(row.get("result")), "")
        table.add_row(*(_cell(name, row.get(name), zone) for name in headings), style=style)
    out.print(table)


def _cell(name: str, value: Any, zone: tzinfo | None) -> str:
    if value is None:
        return "–"
    if name == "result" and not english():
        return BRIEF.get(value, str(value))
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%d.%m.%Y %H:%M")
    if isinstance(value, bool):
        return t("ja", "yes") if value else t("nein", "no")
    return str(value)


def show_sources(house: House, out: Console, *, as_json: bool) -> None:
    """Print every source with its last result; title and last success where the screen is wide."""
    rows = [state_of(house, source) for source in house.sources.values()]
    wide = out.width >= WIDE
    headings = {
        "key": t("Quelle", "Source"),
        **({"title": t("Titel", "Title")} if wide else {}),
        "kind": t("Art", "Kind"),
        "schedule": t("Rhythmus", "Schedule"),
        "enabled": t("ein", "on"),
        "offers": t("Angebote", "Offers"),
        "result": t("Zuletzt", "Last"),
        **({"success": t("Letzter Erfolg", "Last success")} if wide else {}),
    }
    show(rows, out, as_json=as_json, headings=headings, zone=house.city.zone)
    if not as_json:
        for sentence in house.broken.values():
            out.print(sentence, style="red", markup=False, soft_wrap=True)


def state_of(house: House, source: Source) -> dict[str, Any]:
    """What the ledger knows of a source, in one row."""
    own = house.ledger.source(source.key)
    success, current, paused = own.last_success(), own.current(), own.paused()
    # a replay that came to nothing says nothing about the feed
    last = next((run for run in own.each_run() if run.kind != "replay" or run.result != "failed"), None)
    return {
        "key": source.key,
        "title": source.title,
        "kind": source.kind,
        "schedule": source.schedule,
        "enabled": source.enabled,
        "paused": paused.reason if paused else None,
        "pinned": own.pinned(),
        "offers": current.run.rows.get("offers", 0) if current else None,
        "result": last.result if last else None,
        "note": last.note if last else "",
        "held": int(own.watch()["held"].sum()),
        "waiting": list(last.expectations) if last and last.result == "held" and not last.accepted else [],
        "success": success.finished if success else None,
    }


def show_source(house: House, key: str, out: Console, *, as_json: bool) -> None:
    """Print one source as its file says, with defaults filled in."""
    source = house.source(key)
    if as_json:
        out.out(source.model_dump_json(indent=2, by_alias=True))
        return
    table = Table("", Column(overflow="fold"), box=None, show_header=False, pad_edge=False)
    for name, value in source.model_dump(by_alias=True, exclude_defaults=True, mode="json").items():
        text = value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
        table.add_row(name, Text(text, overflow="fold"))
    out.print(table)


def check_sources(settings: Settings, files: Sequence[Path], out: Console, *, as_json: bool = False) -> int:
    """Check source files, each for itself; say what is wrong with each. Gives the exit code."""
    city = load_city(settings.city)
    rows = []
    for path in files or city.sources:
        try:
            check_source(load_source(path), city)
            rows.append({"file": str(path), "key": path.stem, "good": True, "error": ""})
        except SchemaError as error:
            rows.append({"file": str(path), "key": path.stem, "good": False, "error": str(error)})
    if as_json:
        show(rows, out, as_json=True, headings={})
    for path, row in () if as_json else zip(files or city.sources, rows, strict=True):
        text = f"✓ {path.name}" if row["good"] else f"✗ {path.name}: {row['error']}"
        out.print(text, style="green" if row["good"] else "red", markup=False, soft_wrap=True)
    return 0 if all(row["good"] for row in rows) else 1


def show_runs(house: House, key: str | None, out: Console, *, limit: int, as_json: bool) -> None:
    """Print the newest runs, with their books."""
    keys = [house.source(key).key] if key else list(house.sources)
    runs = [run for one in keys for run in house.ledger.source(one).runs(limit)]
    runs.sort(key=lambda run: run.id, reverse=True)  # these stay in order where a clock was set back
    rows = [row_of(run) for run in runs[:limit]]
    headings = {
        "started": t("Beginn", "Started"),
        **({"id": t("Lauf", "Run")} if key else {"source": t("Quelle", "Source")}),  # both do not fit on a screen
        "result": t("Ergebnis", "Result"),
        "said": t("Bücher", "Books"),
    }
    shown = rows if as_json else [row | {"said": said(row)} for row in rows]
    show(shown, out, as_json=as_json, headings=headings, zone=house.city.zone)
    if not rows and not as_json:
        out.print(t("Noch keine Läufe.", "No runs yet."))


def said(row: Mapping[str, Any]) -> str:
    """The books of a run and how much struck us, in words, zeros left out."""
    counts = [f"{row[name]} {name if english() else label}" for name, label in BOOKS.items() if row[name]]
    if found := row["problems"]:
        counts.append(f"{found} {t('Hinweis', 'problem') if found == 1 else t('Hinweise', 'problems')}")
    return ", ".join(counts)


def row_of(run: Run) -> dict[str, Any]:
    """A run in one row."""
    books = {name: getattr(run.books, name) for name in BOOKS}
    seconds = round(run.duration.total_seconds(), 1)
    problems = sum(run.problems.values())
    return {
        "source": run.source,
        "id": run.id,
        "kind": run.kind,
        "result": run.result,
        "started": run.started,
        "seconds": seconds,
    } | (books | {"problems": problems, "note": run.note})


def show_status(house: House, key: str | None, out: Console, now: datetime, *, as_json: bool) -> int:
    """Print how each source is and what is to be done, the worst first. Gives 1 where something is to be done."""
    left = {source.key: source for source in left_over(house)}
    sound = [source for source in house.sources.values() if source.enabled]
    wanted = [*sound, *left.values()] if key is None else [left.get(key) or house.source(key)]
    rows = []
    for source in wanted:
        state = state_of(house, source)
        due = (
            todo_without_file(house, source, state) if source.key in left else todo(source, state, now) or todo_map(house, source)
        )
        rows.append(state | {"todo": due})
    if key is None:
        rows += [bare_row(broken) | {"todo": text} for broken, text in house.broken.items() if broken not in left]
        rows += [bare_row(where) | {"todo": text} for where, text in (*todo_catalogue(house), *todo_disk(house))]
    rows.sort(key=lambda row: (not row["todo"], str(row["key"])))
    headings = {
        "key": t("Quelle", "Source"),
        "result": t("Zuletzt", "Last"),
        "offers": t("Angebote", "Offers"),
        "success": t("Letzter Erfolg", "Last success"),
    }
    table = rows if as_json else [row for row in rows if row["title"] is not None]
    show(table, out, as_json=as_json, headings=headings, zone=house.city.zone)
    if not as_json:
        show_todos(rows, out)
    if key and not as_json:
        show_problems(house, wanted[0].key, out, held=bool(rows[0]["held"]))
    return 1 if any(row["todo"] for row in rows) else 0


def show_todos(rows: Sequence[Mapping[str, Any]], out: Console) -> None:
    """Print what is to be done, a line a source: a sentence and a command are never broken by a column."""
    due = [row for row in rows if row["todo"]]
    if not rows:
        out.print(t("Keine Quelle ist eingeschaltet (enabled).", "No source is switched on (enabled)."))
    elif not due:
        out.print(t("Nichts zu tun.", "Nothing to do."), style="green")
    else:
        out.print(t("Zu tun:", "To do:"), style="bold")
    for row in due:
        out.print(f"  {row['key']}: {row['todo']}", style=COLOURS.get(str(row["result"]), ""), markup=False, soft_wrap=True)


def bare_row(key: str) -> dict[str, Any]:
    """A row of the board for what is no source with a ledger: a broken file, the catalogue, the disk."""
    return {"key": key, "title": None, "result": None, "offers": None, "success": None, "note": "", "held": 0, "waiting": []}


def todo_without_file(house: House, source: Source, state: Mapping[str, Any]) -> str:
    """What to do about a source that is still published although no sound file describes it."""
    key, offers = source.key, state["offers"]
    stay = t(f"Ihre {offers} Angebote bleiben so lange veröffentlicht", f"its {offers} offers stay published until then")
    if key in house.broken:
        return f"{house.broken[key]} {stay}."
    return t(
        f"Die Quelldatei {key}.yml fehlt. Bitte zurücklegen. {stay}; sie zurückziehen: landkarte release {key}",
        f"The source file {key}.yml is missing. Please put it back; {stay}. To withdraw them: landkarte release {key}",
    )


def todo_catalogue(house: House) -> Iterator[tuple[str, str]]:
    """Say where the catalogue does not show what is published."""
    url, current = catalogue_address(house.settings), house.publications.current()
    if not url or current is None:
        return
    note = Shown(house.publications.root, url.rstrip("/")).read()
    if note.shown == current.id and not note.begun:
        return
    since = ""
    if note.since:
        moment = datetime.fromisoformat(note.since).astimezone(house.city.zone).strftime("%d.%m.%Y %H:%M")
        since = t(f" seit {moment}", f" since {moment}")
    what = t(
        f"Der Katalog {url} zeigt{since} noch nicht alles, was veröffentlicht ist.",
        f"The catalogue {url} has not shown all that is published{since}.",
    )
    why = f" {note.error}" if note.error else ""
    yield t("Katalog", "catalogue"), what + why + t(" Nachholen: landkarte publish", " Make up for it: landkarte publish")


def todo_disk(house: House) -> Iterator[tuple[str, str]]:
    """Say where the disk is almost full: then nothing new is harvested or published."""
    try:
        check_space(house.settings.data)
    except LedgerError as error:
        yield t("Datenträger", "disk"), str(error)


def todo(source: Source, state: Mapping[str, Any], now: datetime) -> str:
    """What an operator should do about a source; empty where nothing."""
    key = source.key
    if state["paused"] is not None:
        return t(f"ruht ({state['paused']}). Weiter mit: landkarte resume {key}", f"rests. Go on with: landkarte resume {key}")
    if state["pinned"]:
        return t(f"auf einen früheren Stand festgelegt. Lösen mit: landkarte release {key}", f"pinned. landkarte release {key}")
    if state["result"] is None:
        return t(f"noch nie abgerufen: landkarte harvest {key}", f"never harvested: landkarte harvest {key}")
    if state["waiting"]:
        what = " ".join(state["waiting"])
        return t(f"{what} Nachfragen, dann: landkarte release {key}", f"{what} Ask, then: landkarte release {key}")
    failed = f"{state['note']} " if state["result"] == "failed" else ""
    if state["held"]:
        what = t(f"{state['held']} Angebote fehlen auf einmal", f"{state['held']} offers are missing at once")
        return failed + t(f"{what}. Nachfragen, dann: landkarte release {key}", f"{what}. Ask, then: landkarte release {key}")
    if failed:
        return failed.strip()
    late = LATE.get(source.schedule, timedelta(days=2))
    if source.schedule != "manual" and state["success"] - now > late:
        return t(
            "Der letzte Erfolg liegt in der Zukunft: Die Uhr ging vor, und seither kam nichts. Bitte Uhr und Zeitplan prüfen.",
            "the last success lies in the future: the clock was ahead, and nothing has come since. Check clock and schedule.",
        )
    if source.schedule != "manual" and now - state["success"] > late:
        return t("überfällig: Läuft der Zeitplan?", "overdue: is the schedule running?")
    return ""


def todo_map(house: House, source: Source) -> str:
    """Say where a column that the map reads has gone from the feed: the offers stay, and all of them without what it said."""
    own = house.ledger.source(source.key)
    read = next((run for run in own.each_run() if run.kind == "harvest" and run.result not in ("not_modified", "failed")), None)
    if read is None or "column_gone" not in read.problems:
        return ""
    kind = connector(source.kind)
    reads = Normaliser(source, house.city, kind.default_map, nested=kind.nested).plan.reads
    gone = own.problems(read.id).filter(code="column_gone").iter_rows(named=True)
    found = [Problem("column_gone", value=row["value"], note=row["note"] or "") for row in gone if reads(row["value"] or "")]
    return " ".join(problem.message(language()) for problem in found)


def show_problems(house: House, key: str, out: Console, *, held: bool, limit: int = 50) -> None:
    """Print the problems of the last run that read the source, whole sentences with the partner's values."""
    problems = house.ledger.source(key).problems()
    if not held:  # it was released since: nobody must do it twice
        problems = problems.filter(pl.col("code") != "held_removals")
    owners = vocabulary.load("problem_owners")
    # what concerns the whole feed before its records, what somebody can mend before what is only told: the end is cut off
    problems = problems.sort(problems["owner"] == "nobody", problems["locator"].is_not_null(), maintain_order=True)
    for row in problems.head(limit).iter_rows(named=True):
        value = f" [{row['value']}]" if row["value"] else ""
        out.print(f"  {owners.label(row['owner'], language()):9} {row['message']}{value}", markup=False, soft_wrap=True)
    if problems.height > limit:
        out.print(t(f"  … und {problems.height - limit} weitere", f"  … and {problems.height - limit} more"), style="dim")


def show_ckan(status: Status, out: Console, *, as_json: bool) -> int:
    """Print what of the local CKAN runs. Gives 1 where it does not."""
    pieces = {name: pid for name, pid in status.pieces.items()}
    if as_json:
        row = {"running": status.running, "url": status.url, "version": status.version, "pieces": pieces}
        out.out(orjson.dumps(row, option=orjson.OPT_INDENT_2).decode())
    else:
        words = t("läuft", "runs") if status.running else t("läuft nicht", "does not run")
        out.print(f"CKAN {status.version} {words}: {status.url}")
        for name, pid in pieces.items():
            out.print(f"  {name:9} {pid or '–'}")
    return 0 if status.running else 1
