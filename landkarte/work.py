"""Commands that take a while: harvest, publish, replay, serve. Progress goes to the screen, the outcome into tables."""

import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import FrameType

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from catalogue.ledger import SourceLedger
from catalogue.run import Run
from flows.direct import prepare
from flows.house import House, open_house
from flows.left import left_over
from flows.outlet import Outcome
from landkarte.board import COLOURS, row_of, show
from landkarte.where import catalogue_address, check_space
from landkarte.words import english, t
from schemas.problems import SchemaError
from schemas.settings import Settings

err = Console(stderr=True, highlight=False)


def harvest(settings: Settings, keys: Sequence[str], out: Console, *, due: bool, as_json: bool) -> int:
    """Harvest sources as flows and print each run; 1 where one failed or is held."""
    house = open_house(settings)
    wanted = [source.key for source in house.wanted(keys)]
    broken = [] if keys else [*house.broken.values()]
    for sentence in broken:  # these sources rest; the others go on
        err.print(sentence, style="red", soft_wrap=True, markup=False)
    if due:
        from flows.due import is_due

        now = datetime.now(house.city.zone)
        wanted = [key for key in wanted if is_due(house, house.sources[key], now)]
    runs = harvest_all(house, wanted, out, quiet=as_json) if wanted else []  # Prefect starts for somebody only
    if as_json:
        show([row_of(run) for run in runs], out, as_json=True, headings={})
    elif not runs:
        out.print(t("Nichts abzurufen.", "Nothing to harvest."))
    elif any(run.books.moved for run in runs):
        out.print(t("Sichtbar wird es mit: landkarte publish", "It becomes visible with: landkarte publish"), style="dim")
    return 1 if broken or any(run.result in ("failed", "held") for run in runs) else 0


def harvest_all(house: House, keys: Sequence[str], out: Console, *, quiet: bool = False) -> list[Run]:
    """Harvest sources with a progress bar; print a line for each as it ends, give the runs in the order of `keys`."""
    check_space(house.settings.data)
    prepare(house.settings.data)
    from flows.direct import harvest_each

    runs = []
    ending = t(
        "Wird beendet … Was gerade abgerufen wird, gilt nicht; was fertig ist, bleibt.",
        "Ending … What is being harvested does not count; what is done stays.",
    )
    with progress(out, quiet=quiet) as bar, told_at_once(bar.console, ending):
        task = bar.add_task(t("Prefect startet …", "Prefect starts …"), total=len(keys))
        for run in harvest_each(house, keys, lambda key: bar.update(task, description=f"{key} …")):
            runs.append(run)
            bar.advance(task)
            if not quiet:
                bar.console.print(to_line(run), style=COLOURS[run.result], soft_wrap=True, markup=False)
    place = {key: number for number, key in enumerate(keys)}
    return sorted(runs, key=lambda run: place.get(run.source, len(place)))


@contextmanager
def told_at_once(out: Console, text: str) -> Iterator[None]:
    """Answer Ctrl-C before it takes effect: what is under way cleans up behind itself, which can take a while."""

    def answer(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        out.print(text, style="yellow", soft_wrap=True)
        signal.default_int_handler(number, frame)

    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield  # somebody else answers
        return
    signal.signal(signal.SIGINT, answer)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def progress(out: Console, *, quiet: bool = False) -> Progress:
    """A bar that says what is being done, and for how long."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=out, transient=True, disable=quiet or not out.is_terminal)


def to_line(run: Run) -> str:
    """One run in one line of the reader's language."""
    if not english():
        from flows.words import to_sentence

        return to_sentence(run)
    counts = ", ".join(f"{count} {name}" for name, count in row_of(run).items() if isinstance(count, int) and count)
    return f"{run.source}: {run.result} ({counts}) {run.note}".rstrip()


def publish(settings: Settings, out: Console, *, dry_run: bool, as_json: bool) -> int:
    """Publish all snapshots and say what was written where."""
    from flows.outlet import publish as publish_in

    house = open_house(settings)
    check_space(settings.data)
    ending = t("Wird beendet … Nachholen: landkarte publish", "Ending … Make up for it: landkarte publish")
    with progress(out, quiet=as_json) as bar, told_at_once(err if as_json else bar.console, ending):
        task = bar.add_task(t("Veröffentlichung …", "Publication …"), total=None)
        now = datetime.now(house.city.zone)
        outcome = publish_in(house, now, say=lambda text: bar.update(task, description=text), dry_run=dry_run)
    if as_json:
        out.out(orjson.dumps(summary(outcome), option=orjson.OPT_INDENT_2).decode())
    else:
        for line in to_lines(outcome, dry_run=dry_run):
            out.print(line, soft_wrap=True)
        for source in left_over(house):
            text = t("Ohne brauchbare Quelldatei bleibt veröffentlicht", "Published without a sound source file")
            out.print(f"{text}: {source.key} (landkarte status {source.key})", style="yellow", soft_wrap=True, markup=False)
    return 0


def summary(outcome: Outcome) -> dict[str, object]:
    """What publishing did, for machines."""
    report = outcome.report
    told = {"writes": dict(report.writes), "rows": dict(report.rows), "uploaded_bytes": report.uploaded} if report else None
    return {
        "publication": outcome.publication.id,
        "folder": str(outcome.publication.folder),
        "new": outcome.fresh,
        "rows": dict(outcome.publication.rows),
        "catalogue": told,
    }


COUNTED = {
    "offers": (("Angebot", "offer"), ("Angebote", "offers")),
    "sessions": (("Termin", "session"), ("Termine", "sessions")),
    "organisations": (("Einrichtung", "organisation"), ("Einrichtungen", "organisations")),
    "locations": (("Ort", "location"), ("Orte", "locations")),
}


def to_lines(outcome: Outcome, *, dry_run: bool = False) -> list[str]:
    """What publishing did, for people."""
    rows = outcome.publication.rows
    counted = ", ".join(f"{rows[table]} {t(*(one if rows[table] == 1 else many))}" for table, (one, many) in COUNTED.items())
    state = t("neu", "new") if outcome.fresh else t("unverändert", "unchanged")
    head = t("Veröffentlichung", "Publication")
    if dry_run:
        head = t("Nur eine Probe: Veröffentlichung", "Only a trial: publication")
    lines = [f"{head} {outcome.publication.id} ({state}): {counted}"]
    if outcome.report is not None:
        writes = sum(outcome.report.writes.values())
        done = t(f"{writes} Schreibvorgänge", f"{writes} writes") if writes else t("nichts zu schreiben", "nothing to write")
        would = t("es wären ", "there would be ") if dry_run and writes else ""
        lines.append(t("Katalog", "Catalogue") + f" {outcome.catalogue_url}: {would}{done}")
    return lines


def replay(settings: Settings, key: str, run_id: str, out: Console, *, as_json: bool, ask: Callable[[str], bool]) -> int:
    """Repeat a run from its captures with today's source file, without the network. An older one only where `ask` says yes."""
    from flows.night import replay as replay_in

    house = open_house(settings)
    if is_older(house.ledger.source(house.source(key).key), run_id):
        text = t(
            f"{key}: Seit dem Lauf {run_id} hat der Partner anderes geliefert; das ginge verloren, bis wieder abgerufen wird.",
            f"{key}: The partner has sent other data since run {run_id}; they would be lost until the next harvest.",
        )
        if not ask(text):
            return 1
    run = replay_in(house, house.source(key), run_id, lambda: datetime.now(house.city.zone))
    if as_json:
        show([row_of(run)], out, as_json=True, headings={})
    else:
        out.print(to_line(run), style=COLOURS[run.result], soft_wrap=True, markup=False)
    return 1 if run.result in ("failed", "held") else 0


def is_older(own: SourceLedger, run_id: str) -> bool:
    """Whether what counts was read from other answers than those of this run, and later."""
    counts = own.standing()
    if counts is None or counts.id <= run_id:
        return False
    return {one.sha256 for one in own.captures_of(counts.id)} != {one.sha256 for one in own.captures_of(run_id)}


def serve(settings: Settings, package: str | None, out: Console) -> None:
    """Serve the pages over a package until stopped; without one, over our own publications."""
    from landkarte.package import PackageError, load
    from landkarte.web.app import create_app, run

    check_port(settings.host, settings.port)
    location = package or str(settings.data.resolve() / "publications")
    try:
        load(location)
    except PackageError as error:
        out.print(str(error), style="yellow", soft_wrap=True, markup=False)
        waits = t("Die Seiten erscheinen, sobald dort etwas liegt.", "The pages appear as soon as there is something.")
        out.print(waits, style="yellow", soft_wrap=True)
    out.print(f"Karte: http://{settings.host}:{settings.port}")
    run(create_app(location, catalogue_url=catalogue_address(settings), address=settings.site_url), settings.host, settings.port)


def check_port(host: str, port: int, setting: str = "LANDKARTE_PORT") -> None:
    """Raise SchemaError where the port cannot be had: better before the work than after it."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            where, taken = f"{host}:{port}", error.errno == errno.EADDRINUSE
            reason = t("Dort läuft schon ein Programm", "another program runs there") if taken else str(error.strerror or error)
            hint = t(f"Bitte es beenden oder {setting} setzen.", f"End it, or set {setting}.")
            if not taken:
                hint = t("Bitte LANDKARTE_HOST und LANDKARTE_PORT prüfen.", "Please check LANDKARTE_HOST and LANDKARTE_PORT.")
            head = t(f"Unter {where} können wir nicht antworten", f"We cannot answer at {where}")
            raise SchemaError(f"{head}: {reason}. {hint}") from error
