"""The command as an operator types it: plain words, exit codes, JSON for machines, never a trace."""

import csv
import io
import json
import shlex
import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from catalogue.shown import Shown
from flows.outlet import publish
from landkarte import cli
from landkarte.cases import read_case, write_case
from landkarte.demo import told_again
from schemas.settings import Settings
from tests.connectors.site import Site
from tests.flows.town import Town, kurse

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def site() -> Iterator[Site]:
    with Site({"/kurse.csv": kurse(10)}) as running:
        yield running


@pytest.fixture
def town(tmp_path: Path, site: Site) -> Town:
    return Town(tmp_path, site)


@pytest.fixture
def run(town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run the command for the town; give exit code and everything it said."""
    for name, value in {"CITY": town.city, "DATA": tmp_path / "data", "CATALOGUE": "none", "ALLOW_LOOPBACK": "true"}.items():
        monkeypatch.setenv(f"LANDKARTE_{name}", str(value))
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setattr(cli.out, "width", 200)

    def landkarte(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["landkarte", *words])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out + said.err

    return landkarte


def test_good_source_files_are_checked_and_a_broken_one_is_explained(run: Run, town: Town) -> None:
    """One line a file; exit code 1 where one is wrong, with the place and what is allowed."""
    assert run("sources", "check")[0] == 0
    town.write("du-falsch", "title: Falsch\npublisher: {name: Verein}\nlicence: dl-by-de/2.0\nsource: {kind: csvv, url: x}\n")
    code, said = run("sources", "check")
    assert code == 1
    assert "✓ du-verein.yml" in said and "csvv" in said and "Möglich sind" in said


def test_the_check_of_source_files_speaks_to_machines(run: Run, town: Town) -> None:
    """A row a file, and the same exit code."""
    town.write("du-falsch", "title: [Falsch\n")
    code, said = run("sources", "check", "--json")
    rows = {row["key"]: row for row in json.loads(said)}
    assert code == 1 and rows["du-verein"]["good"] and "Zeile 2" in rows["du-falsch"]["error"]


def test_a_source_file_saved_by_an_old_editor_is_explained(run: Run, town: Town) -> None:
    """Not in Python's words: the file, what is wrong with it, what to do."""
    (town.city / "sources" / "du-falsch.yml").write_bytes("title: Kurse für Eltern\n".encode("cp1252"))
    code, said = run("sources", "check")
    assert code == 1 and "Bitte im Editor als UTF-8 speichern" in said and "codec" not in said


def test_a_broken_source_file_lets_its_source_rest_and_the_others_go_on(run: Run, town: Town) -> None:
    """The board says what is wrong with it, who names it is told at once, and everybody else is harvested and published."""
    town.write("du-falsch", "title: [Falsch\n")
    town.harvest()
    code, said = run("status")
    assert code == 1 and said.count("kein gültiges YAML") == 1 and "du-falsch" in said
    code, said = run("status", "du-falsch")
    assert code == 2 and len(said.strip().splitlines()) == 1 and "kein gültiges YAML" in said
    assert run("publish")[0] == 0
    assert town.open().publications.current().rows["offers"] == 10  # type: ignore[union-attr]  # just made


def test_a_source_whose_file_is_removed_stays_published_until_somebody_lets_it_go(run: Run, town: Town) -> None:
    """Nothing vanishes by a slip: the board asks, `release` withdraws, and a file put back brings all back."""

    def offers() -> int:
        assert run("publish")[0] == 0
        return int(town.open().publications.current().rows["offers"])  # type: ignore[union-attr]  # just made

    town.harvest()
    assert offers() == 10
    file = town.city / "sources" / "du-verein.yml"
    text = file.read_text()
    file.unlink()
    assert offers() == 10
    for words in (("status",), ("status", "du-verein")):
        code, said = run(*words)
        assert code == 1 and "du-verein.yml fehlt" in said and "landkarte release du-verein" in said
    assert run("release", "du-verein")[0] == 0
    assert offers() == 0
    assert "fehlt" not in run("status")[1]
    file.write_text(text)
    assert offers() == 10
    file.unlink()
    assert offers() == 10


def test_a_renamed_source_is_published_once_before_and_after_its_next_harvest(run: Run, town: Town) -> None:
    """Until then under its former key, from then on under the new one; nobody is asked, and nothing is missing in between."""
    town.harvest()
    assert run("publish")[0] == 0
    file = town.city / "sources" / "du-verein.yml"
    town.write("du-neu", file.read_text() + "aliases: [du-verein]\n")
    file.unlink()
    for _ in range(2):
        assert run("publish")[0] == 0
        assert town.open().publications.current().rows["offers"] == 10  # type: ignore[union-attr]  # just made
        town.harvest("du-neu", after=timedelta())
    assert run("status")[0] == 0


def test_a_source_whose_file_broke_stays_published(run: Run, town: Town) -> None:
    """A slip of the keyboard takes nobody off the map, and cannot be released: the file is there."""
    town.harvest()
    assert run("publish")[0] == 0
    town.write("du-verein", "title: [Falsch\n")
    assert run("publish")[0] == 0
    assert town.open().publications.current().rows["offers"] == 10  # type: ignore[union-attr]  # just made
    code, said = run("status")
    assert code == 1 and "kein gültiges YAML" in said and "10 Angebote bleiben" in said
    assert run("release", "du-verein")[0] == 2


def test_a_replay_of_older_answers_is_asked_for_twice(run: Run, town: Town, site: Site) -> None:
    """What the partner has sent since would be lost: without a yes nothing happens; of the newest run nobody is asked."""
    first = town.harvest().id
    site.pages["/kurse.csv"] = kurse(11)
    second = town.harvest().id
    code, said = run("replay", "du-verein", "--from", first)
    assert code == 1 and "ginge verloren" in said and "--yes" in said
    assert len(town.titles()) == 11
    assert run("replay", "du-verein", "--from", second)[0] == 0
    assert run("replay", "du-verein", "--from", first, "--yes")[0] == 0


def test_a_replay_that_fails_says_nothing_about_the_feed(run: Run, town: Town) -> None:
    """The board goes on with the last harvest."""
    run_id = town.harvest().id
    town.write(
        "du-verein", (town.city / "sources" / "du-verein.yml").read_text().replace("map:", "expect: {min_records: 50}\nmap:")
    )
    assert run("replay", "du-verein", "--from", run_id)[0] == 1
    code, said = run("status")
    assert code == 0 and "gescheitert" not in said


def test_the_board_says_in_german_who_can_mend_a_problem(
    run: Run, town: Town, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The codes of the tables are English; an operator reads labels."""
    site.pages["/kurse.csv"] = kurse(10, mail="keine")
    town.harvest()
    said = run("status", "du-verein")[1]
    assert "\n  Partner " in said and "\n  partner " not in said
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert "\n  Partner " in run("status", "du-verein")[1]


def test_a_column_of_the_map_that_is_gone_stands_on_the_board(run: Run, town: Town, site: Site) -> None:
    """All offers have lost their dates, and the run is well: nobody would look. A column that no field is read from is no matter."""
    minute = timedelta(minutes=1)
    mended = town.city / "sources" / "du-verein.yml"
    site.pages["/kurse.csv"] = kurse(60, mail="keine").replace("Mail\n", "Mail;Saal\n").replace("keine\n", "keine;3\n")
    town.harvest(after=minute)
    site.pages["/kurse.csv"] = kurse(60, mail="keine")
    town.harvest(after=minute)
    assert run("status")[0] == 0
    site.pages["/kurse.csv"] = kurse(60, mail="keine").replace("Beginn", "Start")
    assert town.harvest(after=minute).result == "ok_with_problems"
    town.harvest(after=minute)
    code, said = run("status")
    assert code == 1 and "‚Beginn‘ gibt es nicht mehr: vielleicht heißt sie jetzt ‚Start‘" in said
    said = run("status", "du-verein")[1]  # sixty partners' lines push nothing off the screen
    assert said.index("  Betrieb   ") < said.index("  Partner   Zeile 2") and "und 1" in said
    mended.write_text(mended.read_text().replace("from: Beginn", "from: Start"))
    town.harvest(after=minute)
    assert run("status")[0] == 0


def test_publishing_that_is_ended_says_how_to_make_up_for_it(run: Run, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is answered: the catalogue may show half of it."""
    town.harvest()
    with monkeypatch.context() as ended:
        ended.setattr("flows.outlet.contributions", lambda house: signal.raise_signal(signal.SIGINT))
        code, said = run("publish")
    assert code == 130 and "Nachholen: landkarte publish" in said
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert run("publish")[0] == 0


def test_a_success_in_the_future_is_the_clocks_matter(run: Run, town: Town) -> None:
    """Not overdue: nobody should look for the fault in the schedule alone."""
    town.now += timedelta(days=20_000)
    town.harvest()
    code, said = run("status")
    assert code == 1 and "liegt in der Zukunft" in said and "überfällig" not in said


def test_what_the_demo_says_to_type_speaks_of_the_same_catalogue(tmp_path: Path) -> None:
    """With another port, or where CKAN cannot run here, status would else find fault with a catalogue that nobody has."""
    there = Settings(city=Path("examples"), data=tmp_path / "ein Ordner", ckan_port=5051, catalogue="none")
    names = ("city", "data", "catalogue", "ckan_port")
    folder = shlex.quote(str(tmp_path / "ein Ordner"))
    wanted = f"LANDKARTE_CITY=examples LANDKARTE_DATA={folder} LANDKARTE_CATALOGUE=none LANDKARTE_CKAN_PORT=5051"
    assert told_again(there, *names) == wanted
    assert told_again(Settings(city=Path("examples"), data=Path("x")), *names) == "LANDKARTE_CITY=examples LANDKARTE_DATA=x"


def test_the_board_tells_the_citys_time(run: Run, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the machine stands, a run at four in Berlin was at four."""
    town.harvest()
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert "23.11.2026 04:00" in run("runs")[1]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_catalogue_that_was_cut_off_stands_on_the_board(run: Run, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is published on disk and not shown there: since when, why, and what to do; gone as soon as it is made up for."""
    town.harvest()
    assert run("publish")[0] == 0
    monkeypatch.setenv("LANDKARTE_CATALOGUE", "http://127.0.0.1:9")
    code, said = run("publish")
    assert code == 1 and "ist nicht erreichbar" in said and "Der nächste Lauf holt es nach" in said
    code, said = run("status")
    assert code == 1 and "zeigt seit" in said and "ist nicht erreichbar" in said and "landkarte publish" in said
    current = town.open().publications.current()
    assert current is not None
    Shown(town.open().publications.root, "http://127.0.0.1:9").finish(current.id)
    assert run("status")[0] == 0


def test_preview_shows_offers_and_problems_and_stores_nothing(run: Run, site: Site, tmp_path: Path) -> None:
    """The words of the partner become rows on the screen; the data folder stays empty."""
    site.pages["/kurse.csv"] = kurse(2) + "3;;01.12.2026;info@verein.example\n"
    code, said = run("preview", "du-verein")
    assert code == 0
    assert "3 gelesen, 2 übernommen, 1 nicht übernommen" in said and "Titel" in said
    assert not (tmp_path / "data" / "harvest").exists()


def test_preview_and_harvest_give_the_same_rows(run: Run, town: Town) -> None:
    """What preview shows is what a harvest keeps, column by column."""
    told = json.loads(run("preview", "du-verein", "--json")[1])
    town.harvest()
    current = town.open().ledger.source("du-verein").current()
    assert current is not None
    kept = current.frame("offers").collect().to_dicts()
    assert [{name: offer[name] for name in kept[0]} for offer in told["offers"]] == kept


PAGED = """
title: Angebote auf drei Seiten
publisher: {name: Beispielverein e. V., url: https://verein.example}
licence: dl-by-de/2.0
source: {kind: json, url: "%s/api?page=1", records: items, id: id, paginate: {by: next, path: next}}
defaults: {offer_type: course}
map: {title: titel, contact_email: mail}
sessions: {each: termine, map: {start: beginn}}
"""


def test_preview_harvest_and_a_saved_case_give_the_same_rows_over_many_pages(
    run: Run, town: Town, site: Site, tmp_path: Path
) -> None:
    """Three answers of an API: what is shown, what is kept, and what its recorded answers make again."""
    for page in (1, 2, 3):
        items = [
            {
                "id": f"{page}-{n}",
                "titel": f"Kurs {page}.{n}",
                "mail": "info@verein.example",
                "termine": [{"beginn": f"2026-12-0{n} 10:00"}],
            }
            for n in (1, 2, 3)
        ]
        following = f"{site.url}/api?page={page + 1}" if page < 3 else None
        site.pages[f"/api?page={page}"] = json.dumps({"items": items, "next": following})
    text = PAGED % site.url
    town.write("du-verein", text)
    told = json.loads(run("preview", "du-verein", "--json")[1])
    town.harvest()
    house = town.open()
    own = house.ledger.source("du-verein")
    current = own.current()
    assert current is not None
    kept = {table: current.frame(table).collect().to_dicts() for table in ("offers", "sessions")}
    assert (9, 9) == (len(kept["offers"]), len(kept["sessions"]))
    assert [{name: offer[name] for name in kept["offers"][0]} for offer in told["offers"]] == kept["offers"]
    assert [session for offer in told["offers"] for session in offer["sessions"]] == kept["sessions"]
    captures = own.captures_of(own.runs(1)[0].id)
    assert write_case(house, house.source("du-verein"), text, captures, town.now, tmp_path / "du-verein")
    again = read_case(house, tmp_path / "du-verein")
    for table, rows in kept.items():
        assert again[table] == [{name: value for name, value in row.items() if value is not None} for row in rows]


def test_the_status_says_what_is_to_be_done(run: Run, town: Town, site: Site) -> None:
    """A source never harvested, a good one, a held one: each with its next step; exit code 1 where there is one."""
    code, said = run("status")
    assert code == 1 and "landkarte harvest du-verein" in said
    town.harvest()
    site.pages["/kurse.csv"] = kurse(2)
    town.harvest()
    code, said = run("status", "du-verein")
    assert code == 1 and "landkarte release du-verein" in said
    code, said = run("release", "du-verein")
    assert code == 0 and "8 Angebote zurückgezogen" in said
    assert len(town.titles()) == 2


def test_what_is_held_stays_on_the_board_when_the_next_night_fails(run: Run, town: Town, site: Site) -> None:
    """A failing partner hides no decision of the operator."""
    town.harvest()
    site.pages["/kurse.csv"] = kurse(2)
    town.harvest()
    del site.pages["/kurse.csv"]
    assert town.harvest().result == "failed"
    code, said = run("status")
    assert code == 1 and "8 Angebote fehlen auf einmal" in said and "landkarte release du-verein" in said


def test_after_a_rollback_is_lifted_publishing_is_called_for(run: Run, town: Town, site: Site) -> None:
    """The public sees it only then."""
    town.harvest()
    site.pages["/kurse.csv"] = kurse(9) + "10;Ein neuer Titel;01.12.2026;info@verein.example\n"
    town.harvest()
    assert run("rollback", "du-verein")[0] == 0
    assert "landkarte publish" in run("release", "du-verein")[1]


def test_a_dry_run_shows_nothing_to_the_public(run: Run, town: Town) -> None:
    """The pages go on with what they had."""
    town.harvest()
    code, said = run("publish", "--dry-run")
    assert code == 0 and "Nur eine Probe" in said
    assert town.open().publications.current() is None
    assert run("publish")[0] == 0
    assert town.open().publications.current() is not None


def test_a_full_disk_is_said_before_the_work(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence instead of a server that does not start."""
    monkeypatch.setattr("landkarte.where.ROOM", 10**18)
    for words in (("harvest", "--all"), ("publish",)):
        code, said = run(*words)
        assert code == 1 and "Der Datenträger ist fast voll" in said


def test_what_nobody_thought_of_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a trace, except with --debug."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("landkarte.board.show_status", broken)
    code, said = run("status")
    assert code == 1 and "ZeroDivisionError: division by zero" in said and "--debug" in said


def test_a_wrong_source_is_named_with_its_file(run: Run, town: Town, site: Site) -> None:
    """An operator finds the file among many."""
    town.write("du-falsch", (town.city / "sources" / "du-verein.yml").read_text().replace("kind: csv", "kind: quark"))
    code, said = run("status")
    assert code == 1 and "du-falsch.yml" in said and "quark" in said


def test_nothing_to_release_is_a_sentence(run: Run, town: Town) -> None:
    """Exit code 1, no trace."""
    town.harvest()
    code, said = run("release", "du-verein")
    assert code == 1 and "Hier wird nichts zurückgehalten" in said


def test_runs_as_json_carry_the_books(run: Run, town: Town) -> None:
    """A machine reads the same numbers."""
    town.harvest()
    (row,) = json.loads(run("runs", "--json")[1])
    assert (row["source"], row["read"], row["new"], row["result"]) == ("du-verein", 10, 10, "ok")


def test_an_unknown_source_is_named_with_the_known_ones(run: Run) -> None:
    """Exit code 2: wrong usage."""
    code, said = run("runs", "gibt-es-nicht")
    assert code == 2 and "Bekannt sind: du-verein" in said


def test_the_public_data_are_exported_by_a_filter(run: Run, town: Town, tmp_path: Path) -> None:
    """The filter of the pages' address gives the same offers as a file; no match is exit code 1."""
    town.harvest()
    publish(town.open(), town.now)
    target = tmp_path / "angebote.csv"
    assert run("export", "type=course&q=Nummer+7", "-o", str(target))[0] == 0
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8-sig")), delimiter=";"))
    assert [row["title"] for row in rows] == ["Kurs Nummer 7"]
    assert run("export", "type=counselling", "-o", str(target))[0] == 1


def test_a_paused_source_rests(run: Run, town: Town) -> None:
    """It is not harvested with the others, and the board says why."""
    run("pause", "du-verein", "Partner baut um")
    assert town.open().wanted() == []
    assert "Partner baut um" in run("status")[1]
    run("resume", "du-verein")
    assert [source.key for source in town.open().wanted()] == ["du-verein"]


def test_a_source_rests_for_a_reason_only(run: Run, town: Town) -> None:
    """Without one the call is wrong; one that rests without a reason all the same stands on the board."""
    town.harvest()
    code, said = run("pause", "du-verein", " ")
    assert code == 2 and "Bitte einen Grund nennen" in said
    assert [source.key for source in town.open().wanted()] == ["du-verein"]
    town.open().ledger.source("du-verein").pause("", town.now)
    code, said = run("status")
    assert code == 1 and "landkarte resume du-verein" in said


def test_what_was_released_is_not_asked_for_again(run: Run, town: Town, site: Site) -> None:
    """The hint that offers are held is gone from the status of the source as soon as they are not."""
    town.harvest()
    site.pages["/kurse.csv"] = kurse(2)
    town.harvest()
    assert "Bitte die Löschung freigeben" in run("status", "du-verein")[1]
    run("release", "du-verein")
    assert "Bitte die Löschung freigeben" not in run("status", "du-verein")[1]


def test_nothing_due_is_said_at_once(run: Run, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for Prefect to start when there is nothing for it to do."""

    def started(*_: object, **__: object) -> None:
        raise AssertionError("Prefect was started")

    run("pause", "du-verein", "Partner baut um")
    monkeypatch.setattr("landkarte.work.harvest_all", started)
    assert run("harvest", "--due") == (0, "Nichts abzurufen.\n")


def test_the_tables_fit_a_screen_of_80_columns(run: Run, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source is one line of the lists, and what is told of a run is not cut to syllables."""
    key = "du-ein-schlüssel-mit-27-buchst".replace("ü", "ue")[:27]
    town.write(key, (town.city / "sources" / "du-verein.yml").read_text())
    town.harvest(key)
    monkeypatch.setattr(cli.out, "width", 80)
    for words, lines in ((("sources", "list"), 3), (("runs",), 2)):
        assert len(run(*words)[1].splitlines()) == lines


def test_every_command_has_its_sentence() -> None:
    """`--help` explains each command."""
    runner = CliRunner()
    assert all(command.help for command in cli.app.registered_commands)
    assert runner.invoke(cli.app, ["--help"]).exit_code == 0
