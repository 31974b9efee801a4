"""The command `landkarte`: what can be asked, one function a command; what it prints stands in board.py, preview.py, demo.py.

Exit codes: 0 well, 1 the thing asked about is not well (failed, held, invalid), 2 wrong usage or a broken file of this installation.
"""

import logging
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from catalogue.disk import LedgerError
from catalogue.local.errors import LocalCkanError
from landkarte import board, usage
from landkarte.package import PackageError
from landkarte.words import t
from schemas.problems import SchemaError
from schemas.settings import Settings, load_settings

app = typer.Typer(
    help=t(
        "Angebote der Partner abrufen, prüfen, veröffentlichen und zeigen.", "Harvest partners' offers, check, publish, show."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
sources = typer.Typer(help=t("Die Quellen der Stadt.", "The city's sources."), no_args_is_help=True)
ckan = typer.Typer(help=t("Das lokale CKAN.", "The local CKAN."), no_args_is_help=True)
app.add_typer(sources, name="sources")
app.add_typer(ckan, name="ckan")

PIPE = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 160  # where nobody says how wide a line may be

out = Console(highlight=False, width=PIPE)
err = Console(stderr=True, highlight=False)

Keys = Annotated[list[str] | None, typer.Argument(help=t("Schlüssel der Quellen", "Keys of the sources"), show_default=False)]
Key = Annotated[str, typer.Argument(help=t("Schlüssel der Quelle", "Key of the source"))]
Json = Annotated[bool, typer.Option("--json", help=t("Ausgabe für Maschinen", "Output for machines"))]


@app.callback()
def start(
    context: typer.Context,
    city: Annotated[Path | None, typer.Option(help=t("Ordner der Stadt", "Folder of the city"))] = None,
    data: Annotated[Path | None, typer.Option(help=t("Ordner für alles, was entsteht", "Folder for everything made"))] = None,
    debug: Annotated[bool, typer.Option(help=t("Fehler mit Ablaufspur zeigen", "Show errors with their trace"))] = False,
) -> None:
    """Load the settings once; every command finds them in the context."""
    context.obj = load_settings(city=city, data=data)
    logging.basicConfig(level=logging.DEBUG if debug else logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


def main() -> None:
    """Run the command; say in one sentence what went wrong, with a trace only where asked for."""
    try:
        code = app(standalone_mode=False)  # so that mistakes on the command line are told in the reader's language
        sys.exit(code if isinstance(code, int) else 0)
    except (SchemaError, LedgerError, LocalCkanError, PackageError) as error:
        if "--debug" in sys.argv:
            raise
        err.print(str(error), style="red", soft_wrap=True, markup=False)
        sys.exit(2 if isinstance(error, SchemaError) else 1)
    except Exception as error:
        if usage.is_usage(error):
            err.print(usage.told(error), soft_wrap=True, markup=False)
            sys.exit(2)
        if type(error).__name__ == "Abort":  # Ctrl-C or Ctrl-D at a question
            err.print(t("Abgebrochen.", "Aborted."))
            sys.exit(1)
        from catalogue.ckan import CatalogueError  # here: ckanapi is slow to load, and few commands need it

        if "--debug" in sys.argv:
            raise
        known = isinstance(error, CatalogueError)
        err.print(str(error) if known else unexpected(error), style="red", soft_wrap=True, markup=False)
        sys.exit(1)


def unexpected(error: Exception) -> str:
    """One sentence for what nobody thought of, so that it can be reported."""
    what = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    return t(
        f"Ein Fehler, mit dem wir nicht gerechnet haben ({what}). Bitte mit landkarte --debug wiederholen und der Entwicklung melden.",
        f"An error we did not expect ({what}). Please repeat with landkarte --debug and report it.",
    )


def settings_of(context: typer.Context) -> Settings:
    """The settings that `start` loaded."""
    assert isinstance(context.obj, Settings)
    return context.obj


def house_of(context: typer.Context) -> Any:
    """The open house; loaded here because a broken file must stop no `--help`."""
    from flows.house import open_house

    return open_house(settings_of(context))


@app.command(help=t("Die Beispielpartner abrufen, veröffentlichen und zeigen.", "Harvest the example partners, publish, show."))
def demo(
    context: typer.Context,
    serve: Annotated[bool, typer.Option(help=t("Am Ende die Seiten zeigen", "Show the pages in the end"))] = True,
) -> None:
    from landkarte.demo import run

    sys.exit(run(settings_of(context), out, serve=serve))


@sources.command("list", help=t("Alle Quellen mit ihrem Zustand.", "All sources and how they are."))
def list_sources(context: typer.Context, as_json: Json = False) -> None:
    board.show_sources(house_of(context), out, as_json=as_json)


@sources.command("show", help=t("Eine Quelle, wie sie eingetragen ist.", "A source as it is registered."))
def show_source(context: typer.Context, key: Key, as_json: Json = False) -> None:
    board.show_source(house_of(context), key, out, as_json=as_json)


@sources.command("check", help=t("Quelldateien prüfen, ohne etwas abzurufen.", "Check source files without fetching anything."))
def check_sources(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(help=t("Dateien; sonst alle der Stadt", "Files; else all of the city"))
    ] = None,
    as_json: Json = False,
) -> None:
    sys.exit(board.check_sources(settings_of(context), files or [], out, as_json=as_json))


@sources.command("new", help=t("Eine Quelldatei mit erster Zuordnung anlegen.", "Write a source file with a first map."))
def new_source(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help=t("Adresse des Feeds oder der Website", "Address of the feed or website"))],
    key: Annotated[str | None, typer.Option(help=t("Schlüssel der Quelle", "Key of the source"))] = None,
    kind: Annotated[str | None, typer.Option(help=t("Art des Feeds, statt der erkannten", "Kind, not the one detected"))] = None,
    title: Annotated[str | None, typer.Option(help=t("So heißt die Quelle auf der Seite", "Title of the source"))] = None,
    publisher: Annotated[str | None, typer.Option(help=t("Name der Einrichtung", "Name of the institution"))] = None,
    contact: Annotated[
        str | None, typer.Option(help=t("Funktionsadresse, keine Person", "Function address, nobody's own"))
    ] = None,
    licence: Annotated[
        str | None, typer.Option(help=t("Zum Beispiel dl-by-de/2.0; ohne: nur Tatsachen", "Without: facts only"))
    ] = None,
    schedule: Annotated[str, typer.Option(help=t("hourly, daily, weekly, monthly, manual", "How often"))] = "daily",
    case: Annotated[bool, typer.Option(help=t("Auch einen Testfall anlegen", "Write a test case, too"))] = True,
) -> None:
    from landkarte.proposal import Wishes
    from landkarte.register import run

    wishes = Wishes(key, kind, title, publisher, contact, licence, schedule)
    sys.exit(run(settings_of(context), address, out, wishes, case=case))


@app.command(help=t("Sagen, was hinter einer Adresse liegt.", "Say what lies behind an address."))
def detect(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help=t("Irgendeine Adresse des Partners", "Any address of the partner"))],
    as_json: Json = False,
) -> None:
    from landkarte.detect import run

    sys.exit(run(settings_of(context), address, out, as_json=as_json))


@app.command(help=t("Zeigen, was ein Abruf ergäbe, ohne etwas zu ändern.", "Show what a harvest would give, changing nothing."))
def preview(
    context: typer.Context,
    what: Annotated[
        str, typer.Argument(help=t("Quelle, Quelldatei, Adresse oder Datei", "Source, its file, an address or a file"))
    ],
    file: Annotated[Path | None, typer.Option(help=t("Diese Datei statt des Abrufs lesen", "Read this file instead"))] = None,
    limit: Annotated[int, typer.Option(min=1, help=t("So viele Angebote zeigen", "Show so many offers"))] = 20,
    as_json: Json = False,
) -> None:
    from landkarte.preview import run

    sys.exit(run(settings_of(context), what, out, file=file, limit=limit, as_json=as_json))


@app.command(
    help=t("Quellen abrufen: die genannten, alle oder die fälligen.", "Harvest sources: those named, all, or those due.")
)
def harvest(
    context: typer.Context,
    keys: Keys = None,
    all_sources: Annotated[
        bool, typer.Option("--all", help=t("Alle eingeschalteten Quellen", "All sources switched on"))
    ] = False,
    due: Annotated[bool, typer.Option(help=t("Nur die, deren Zeit gekommen ist", "Only those whose time has come"))] = False,
    as_json: Json = False,
) -> None:
    if not (keys or all_sources or due):
        raise typer.BadParameter(t("Bitte Quellen nennen, oder --all oder --due.", "Name sources, or say --all or --due."))
    from landkarte.work import harvest as work

    sys.exit(work(settings_of(context), keys or [], out, due=due, as_json=as_json))


@app.command(help=t("Alle Stände veröffentlichen.", "Publish all snapshots."))
def publish(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=t("Nur sagen, was im Katalog geschähe", "Only say what would change"))
    ] = False,
    as_json: Json = False,
) -> None:
    from landkarte.work import publish as work

    sys.exit(work(settings_of(context), out, dry_run=dry_run, as_json=as_json))


@app.command(help=t("Die letzten Läufe, aller Quellen oder einer.", "The latest runs, of all sources or one."))
def runs(
    context: typer.Context,
    key: Annotated[str | None, typer.Argument(help=t("Schlüssel der Quelle", "Key of the source"))] = None,
    limit: Annotated[int, typer.Option(min=1)] = 20,
    as_json: Json = False,
) -> None:
    board.show_runs(house_of(context), key, out, limit=limit, as_json=as_json)


@app.command(help=t("Wie es den Quellen geht; was zu tun ist.", "How the sources are; what is to be done."))
def status(
    context: typer.Context,
    key: Annotated[str | None, typer.Argument(help=t("Schlüssel der Quelle", "Key of the source"))] = None,
    as_json: Json = False,
) -> None:
    sys.exit(board.show_status(house_of(context), key, out, now(), as_json=as_json))


@app.command(help=t("Angehaltenes freigeben.", "Let go what is held."))
def release(context: typer.Context, key: Key) -> None:
    from flows.left import let_go

    house = house_of(context)
    if (offers := let_go(house, key, now())) is not None:
        tell(t(f"{key}: {offers} Angebote werden zurückgezogen.", f"{key}: {offers} offers are withdrawn."))
        say_publish()
        return
    own = house.ledger.source(house.source(key).key)
    if own.pinned():
        own.unpin(now(), owner="release")
        tell(t(f"{key}: folgt wieder dem neuesten Lauf.", f"{key}: follows its newest run again."))
    elif (gone := own.release(now(), owner="release").books.withdrawn) == 0:
        tell(t(f"{key}: Der angehaltene Stand gilt jetzt.", f"{key}: what was held counts now."))
    else:
        tell(t(f"{key}: {gone} Angebote zurückgezogen.", f"{key}: {gone} offers withdrawn."))
    say_publish()


@app.command(
    help=t("Zu einem früheren Stand zurück; bleibt dort bis release.", "Back to an earlier snapshot; stays until release.")
)
def rollback(
    context: typer.Context,
    key: Key,
    run: Annotated[str | None, typer.Option(help=t("Dieser Lauf; sonst der davor", "This run; else the one before"))] = None,
) -> None:
    house = house_of(context)
    snapshot = house.ledger.source(house.source(key).key).rollback(now(), owner="rollback", run_id=run)
    tell(t(f"{key}: Es gilt der Stand {snapshot.id}.", f"{key}: snapshot {snapshot.id} counts now."))
    say_publish()


@app.command(help=t("Einen Lauf aus den gespeicherten Antworten wiederholen.", "Repeat a run from its stored captures."))
def replay(
    context: typer.Context,
    key: Key,
    run: Annotated[str, typer.Option("--from", help=t("Lauf, dessen Antworten gelten", "Run whose captures count"))],
    yes: Annotated[bool, typer.Option("--yes", help=t("Ohne Rückfrage", "Do not ask"))] = False,
    as_json: Json = False,
) -> None:
    from landkarte.work import replay as work

    sys.exit(work(settings_of(context), key, run, out, as_json=as_json, ask=lambda text: yes or asked(text)))


@app.command(help=t("Eine Quelle ruhen lassen.", "Let a source rest."))
def pause(context: typer.Context, key: Key, reason: Annotated[str, typer.Argument(help=t("Warum", "Why"))]) -> None:
    if not reason.strip():
        raise typer.BadParameter(t("Bitte einen Grund nennen.", "Give a reason."))
    house = house_of(context)
    house.ledger.source(house.source(key).key).pause(reason.strip(), now())
    tell(t(f"{key}: ruht. Weiter mit: landkarte resume {key}", f"{key}: rests. Go on with: landkarte resume {key}"))


@app.command(help=t("Eine ruhende Quelle wieder abrufen.", "Harvest a resting source again."))
def resume(context: typer.Context, key: Key) -> None:
    house = house_of(context)
    house.ledger.source(house.source(key).key).resume()
    tell(t(f"{key}: wird wieder abgerufen.", f"{key}: is harvested again."))


@app.command(help=t("Zeigen, was mehrere Partner melden.", "Show what several partners report."))
def matches(context: typer.Context, as_json: Json = False) -> None:
    from landkarte.matches import show_matches

    show_matches(house_of(context), out, as_json=as_json)


@app.command(help=t("Sagen, dass zwei Angebote nicht dasselbe sind.", "Say that two offers are not the same."))
def differ(
    context: typer.Context,
    one: Annotated[str, typer.Argument(help=t("Kennung eines Angebots", "Id of an offer"))],
    other: Annotated[str, typer.Argument(help=t("Kennung des anderen", "Id of the other"))],
    undo: Annotated[bool, typer.Option("--undo", help=t("Wieder zurücknehmen", "Take it back"))] = False,
) -> None:
    from landkarte.matches import tell_apart

    code = tell_apart(house_of(context), one, other, out, undo=undo)
    if code == 0:
        say_publish()
    sys.exit(code)


@ckan.command("up", help=t("Starten und Adresse nennen.", "Start it and say its address."))
def ckan_up(context: typer.Context) -> None:
    out.print(local(context).up().url)


@ckan.command("down", help=t("Anhalten; die Daten bleiben.", "Stop it; the data stay."))
def ckan_down(context: typer.Context) -> None:
    local(context).down()


@ckan.command("status", help=t("Was läuft.", "What runs."))
def ckan_status(context: typer.Context, as_json: Json = False) -> None:
    sys.exit(board.show_ckan(local(context).status(), out, as_json=as_json))


@ckan.command(
    "reset", help=t("Den Katalog leeren; das nächste publish füllt ihn wieder.", "Empty it; the next publish fills it.")
)
def ckan_reset(
    context: typer.Context, yes: Annotated[bool, typer.Option("--yes", help=t("Ohne Rückfrage", "Do not ask"))] = False
) -> None:
    if not yes and not typer.confirm(t("Alles im lokalen CKAN löschen?", "Delete everything in the local CKAN?")):
        sys.exit(1)
    local(context).reset()


@app.command(help=t("Öffentliche Angebote nach einem Filter ausgeben.", "Write the public offers of a filter."))
def export(
    context: typer.Context,
    wanted: Annotated[
        str, typer.Argument(help=t("Filter wie in der Adresse der Seiten", "Filter as in the pages' address"))
    ] = "",
    form: Annotated[str, typer.Option("--format", help="csv, geojson, ics")] = "csv",
    package: Annotated[
        str | None, typer.Option(help=t("Data Package: Ordner oder Adresse", "Data Package: folder or address"))
    ] = None,
    target: Annotated[Path | None, typer.Option("--output", "-o", help=t("In diese Datei", "Into this file"))] = None,
) -> None:
    from landkarte.export import FORMATS, run

    if form not in FORMATS:
        raise typer.BadParameter(t(f"‚{form}‘ gibt es nicht, möglich sind {', '.join(FORMATS)}.", f"one of {', '.join(FORMATS)}"))
    sys.exit(run(settings_of(context), wanted, form, package, target))


@app.command(help=t("Karte und Seiten zeigen.", "Show the map and the pages."))
def serve(
    context: typer.Context,
    package: Annotated[
        str | None, typer.Argument(help=t("Data Package: Ordner oder Adresse", "Data Package: folder or address"))
    ] = None,
) -> None:
    from landkarte.work import serve as work

    work(settings_of(context), package, out)


@app.command(help=t("Alles zusammen: CKAN, Prefect, Zeitpläne, Seiten.", "Everything: CKAN, Prefect, schedules, pages."))
def up(context: typer.Context) -> None:
    from landkarte.up import run

    sys.exit(run(settings_of(context), out))


def asked(text: str) -> bool:
    """Ask a person whether to go on; where nobody can answer, say how to."""
    tell(text)
    if not sys.stdin.isatty():
        tell(t("Wenn das so sein soll: mit --yes wiederholen.", "If that is wanted, repeat with --yes."))
        return False
    return typer.confirm(t("Trotzdem?", "Go on?"))


def local(context: typer.Context) -> Any:
    """The local CKAN of this installation."""
    from flows.outlet import local_ckan

    return local_ckan(house_of(context), say)


def say(text: str) -> None:
    """Show a step of something that takes a while."""
    err.print(text, style="dim", soft_wrap=True, markup=False)


def tell(text: str) -> None:
    """Print a sentence; what is to be typed in it is never broken."""
    out.print(text, soft_wrap=True, markup=False)


def say_publish() -> None:
    """Remind that the public sees it only after publishing."""
    out.print(t("Sichtbar wird es mit: landkarte publish", "It becomes visible with: landkarte publish"), style="dim")


def now() -> datetime:
    """This instant, with a zone."""
    return datetime.now().astimezone()


if __name__ == "__main__":
    main()
