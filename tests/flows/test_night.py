"""Whole nights without Prefect: what a partner sends, what the ledger keeps, what the operator may do."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from catalogue.disk import LedgerError
from connectors.registry import connectors
from flows.night import replay
from tests.connectors.site import Site
from tests.flows.town import SOURCE, Town, kurse, table

HOUSE = {
    "lat": "51.4344", "lon": "6.7623", "class": "place", "type": "house", "addresstype": "place", "importance": 0.0001,
    "display_name": "47, Königstraße, Altstadt, Duisburg", "boundingbox": ["51.4343", "51.4345", "6.7622", "6.7624"],
    "address": {"house_number": "47", "road": "Königstraße", "city": "Duisburg", "postcode": "47051"},
}  # fmt: skip


def test_a_first_night_keeps_every_good_record_and_names_the_others(town: Town, site: Site) -> None:
    """Records read are records in the file; a bad date is blanked and told, a missing title rejects, the books balance."""
    site.pages["/kurse.csv"] = table(
        "1;Deutsch A1;01.12.2026;info@verein.example",
        "2;Deutsch A2;31.02.2027;info@verein.example",
        "3;;01.12.2026;info@verein.example",
    )
    run = town.harvest()

    assert run.result == "ok_with_problems"
    assert (run.books.read, run.books.new, run.books.rejected) == (3, 2, 1)
    assert run.problems["bad_date"] == 1 and run.problems["missing_title"] == 1
    messages = town.open().ledger.source("du-verein").problems()["message"].to_list()
    assert any(message.startswith("Zeile 3:") and "kein Datum" in message for message in messages)


def test_the_same_feed_again_is_not_modified(town: Town, site: Site) -> None:
    """A 304, and the same bytes without one, both leave the snapshot as it is."""
    site.pages["/kurse.csv"] = (200, {"ETag": '"1"'}, kurse(3))
    town.harvest()
    assert town.harvest().result == "not_modified"
    site.pages["/kurse.csv"] = kurse(3)
    assert town.harvest().result == "not_modified"
    assert len(town.titles()) == 3


def test_a_changed_source_file_reads_the_same_bytes_anew(town: Town, site: Site) -> None:
    """An unmodified feed under a new map is read again: the old rows are not what the map says now."""
    site.pages["/kurse.csv"] = (200, {"ETag": '"1"'}, kurse(3))
    town.harvest()
    path = town.city / "sources" / "du-verein.yml"
    path.write_text(path.read_text().replace("offer_type: course", "offer_type: counselling"))
    run = town.harvest()

    assert (run.result, run.books.changed) == ("ok", 3)


def test_a_partner_who_is_down_loses_nothing(town: Town, site: Site) -> None:
    """A feed that answers 503 or a maintenance page fails the run; what was there stays."""
    site.pages["/kurse.csv"] = kurse(3)
    town.harvest()
    site.pages["/kurse.csv"] = (404, {}, b"weg")
    assert town.harvest().result == "failed"
    site.pages["/kurse.csv"] = (200, {"Content-Type": "text/html"}, "<!doctype html><title>Wartung</title><p>Wir bauen um.</p>")
    run = town.harvest()
    assert run.result == "failed" and "wrong_content" in run.problems
    site.pages["/kurse.csv"] = table()
    assert town.harvest().result == "failed"
    assert len(town.titles()) == 3


def test_a_table_that_vanishes_from_its_page_takes_nothing_along(town: Town, site: Site) -> None:
    """Gone, emptied or with other headings, the run fails; with one heading renamed the offers stay, and it is told."""
    rows = "".join(f"<tr><td>Kurs {n}</td><td>Mo {n} Uhr</td><td>Haus {n}</td></tr>" for n in range(1, 13))
    page = "<html><body><h1>Kurse</h1><table><tr><th>Kurs</th><th>Wann</th><th>Wo</th></tr>%s</table></body></html>"
    town.write("du-sprachhaus", f"""
        title: Kurse
        publisher: {{name: Sprachhaus}}
        licence: dl-by-de/2.0
        source: {{kind: html, url: "{site.url}/kurse", table: {{columns: [Kurs, Wann, Wo]}}, id: Kurs}}
        defaults: {{offer_type: course, url: "https://sprachhaus.example/"}}
        map: {{title: Kurs, location.name: Wo}}
        ignore: [Wann, Tabelle]
    """)  # fmt: skip
    html = {"Content-Type": "text/html"}
    site.pages["/kurse"] = (200, html, page % rows)
    assert town.harvest("du-sprachhaus").books.new == 12
    for body in (
        "<html><body><p>Umgebaut</p></body></html>",
        page % "",
        (page % rows).replace("Wann", "Zeit").replace("Wo<", "Ort<"),
    ):
        site.pages["/kurse"] = (200, html, body)
        assert town.harvest("du-sprachhaus").result == "failed"
    site.pages["/kurse"] = (200, html, (page % rows).replace("Wo<", "Ort<"))
    run = town.harvest("du-sprachhaus")
    assert (run.problems["missing_column"], run.problems["column_gone"]) == (1, 1)
    assert len(town.titles("du-sprachhaus")) == 12


def test_a_feed_that_shrinks_is_held_until_somebody_releases_it(town: Town, site: Site) -> None:
    """Four of ten gone at once: nothing is removed, the operator is asked; after the release they are withdrawn."""
    site.pages["/kurse.csv"] = kurse(10)
    town.harvest()
    site.pages["/kurse.csv"] = kurse(6)
    run = town.harvest()
    assert (run.result, run.books.held, len(town.titles())) == ("held", 4, 10)
    town.open().ledger.source("du-verein").release(town.now, owner="test")
    assert len(town.titles()) == 6


def test_one_vanished_offer_is_missing_first_and_withdrawn_later(town: Town, site: Site) -> None:
    """Absence means removal only in the third run."""
    site.pages["/kurse.csv"] = kurse(10)
    town.harvest()
    site.pages["/kurse.csv"] = kurse(9)
    kept = [(town.harvest().result, len(town.titles())) for _ in range(3)]

    assert [count for _, count in kept] == [10, 10, 9]


def test_a_record_that_breaks_keeps_its_last_good_version(town: Town, site: Site) -> None:
    """A rejected record that was published before stays as it was, and does not count as missing."""
    site.pages["/kurse.csv"] = kurse(3)
    town.harvest()
    site.pages["/kurse.csv"] = kurse(2) + "3;;01.12.2026;info@verein.example\n"
    run = town.harvest()

    assert (run.books.kept, run.books.missing) == (1, 0)
    assert "Kurs Nummer 3" in town.titles()


def test_a_bug_of_ours_ends_the_run_and_not_the_night(town: Town, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception nobody thought of becomes a failed run with a sentence; the snapshot stays."""
    site.pages["/kurse.csv"] = kurse(3)
    town.harvest()
    site.pages["/kurse.csv"] = kurse(4)

    def broken(*_: object) -> None:
        raise ZeroDivisionError("Probe")

    monkeypatch.setattr(connectors()["csv"], "read", broken)
    run = town.harvest()
    assert run.result == "failed" and run.problems == {"unexpected": 1}
    assert len(town.titles()) == 3


def test_a_private_address_never_reaches_the_snapshot(town: Town, site: Site) -> None:
    """A teacher's private mail is withheld and told; an offer without another way to it is not published."""
    site.pages["/kurse.csv"] = kurse(1) + "2;Nachhilfe;;anna.muster@gmx.de\n"
    run = town.harvest()

    assert run.problems["private_email_withheld"] == 1
    current = town.open().ledger.source("du-verein").current()
    assert current is not None
    assert b"anna.muster" not in b"".join(path.read_bytes() for path in current.folder.glob("o*.parquet"))


def test_a_run_is_repeated_from_its_captures(town: Town, site: Site) -> None:
    """With a newer map and without the partner, the old answers give new rows."""
    site.pages["/kurse.csv"] = kurse(3)
    first = town.harvest()
    site.pages.clear()
    path = town.city / "sources" / "du-verein.yml"
    path.write_text(path.read_text().replace("offer_type: course", "offer_type: counselling"))
    asked = len(site.requests)
    house = town.open()
    run = replay(house, house.source("du-verein"), first.id, lambda: town.now)

    assert (run.kind, run.books.changed, len(site.requests)) == ("replay", 3, asked)


def test_a_rollback_stays_until_it_is_released(town: Town, site: Site) -> None:
    """After a rollback later runs are kept but not shown; lifting the pin shows the newest."""
    site.pages["/kurse.csv"] = kurse(3)
    town.harvest()
    site.pages["/kurse.csv"] = kurse(4)
    town.harvest()
    town.open().ledger.source("du-verein").rollback(town.now, owner="test")
    assert len(town.titles()) == 3
    site.pages["/kurse.csv"] = kurse(5)
    town.harvest()
    assert len(town.titles()) == 3
    town.open().ledger.source("du-verein").unpin(town.now, owner="test")
    assert len(town.titles()) == 5


def test_two_runs_of_one_source_at_once_are_refused(town: Town, site: Site) -> None:
    """While one run holds the source, a second one ends with a sentence that says who has it."""
    site.pages["/kurse.csv"] = kurse(3)
    house = town.open()
    with house.ledger.source("du-verein").lock("anderer", town.now), pytest.raises(LedgerError, match="anderer"):
        town.harvest(after=timedelta())


def test_addresses_become_points_through_the_geocoder_of_the_settings(tmp_path: Path, site: Site) -> None:
    """A Nominatim on loopback is asked once for an address, and never again; its point lies in the right district."""
    site.pages["/search"] = (200, {"Content-Type": "application/json"}, json.dumps([HOUSE]))
    site.pages["/kurse.csv"] = "Nr;Titel;Mail;Straße;PLZ\n1;Kurs;info@verein.example;Königstraße 47;47051\n"
    source = SOURCE % site.url + "  location.street_line: Straße\n  location.postal_code: PLZ\n"
    town = Town(tmp_path, site, {"du-verein": source}, geocoder="nominatim", geocoder_url=site.url, geocoder_pause=0.0)
    town.harvest()
    current = town.open().ledger.source("du-verein").current()
    assert current is not None
    place = current.frame("locations").collect().row(0, named=True)
    assert (place["place_quality"], place["latitude"], place["district_code"]) == ("exact", 51.4344, "500")
    site.pages["/kurse.csv"] = "Nr;Titel;Mail;Straße;PLZ\n1;Kurs;info@verein.example;Königstr. 47;47051\n"
    town.harvest()
    assert len([path for path in site.asked if path.startswith("/search")]) == 1


def test_a_column_that_vanishes_is_told_and_holds_a_run_that_asks_for_it(town: Town, site: Site) -> None:
    """A renamed column is a problem the operator reads; with `expect: {hold: true}` nothing of that run is shown."""
    site.pages["/kurse.csv"] = kurse(20)
    town.harvest()
    site.pages["/kurse.csv"] = kurse(20).replace("Beginn", "Start", 1)
    run = town.harvest()
    assert run.problems["column_gone"] == 1 and run.result == "ok_with_problems"
    town.write("du-verein", SOURCE % site.url + "expect: {hold: true}\n")
    site.pages["/kurse.csv"] = kurse(20).replace("Titel", "Kurstitel", 1).replace("Mail", "E-Mail-Adresse", 1)
    assert town.harvest().result in ("held", "failed")
    assert len(town.titles()) == 20


HELD = "lookups: {kategorien: {Sport: sport}}\nexpect: {hold: true}\n"


def test_a_night_without_titles_says_which_column_is_gone(tmp_path: Path, site: Site) -> None:
    """Nothing can be taken then, and the sentence of the run names the reason; what was shown stays."""
    town = Town(tmp_path, site)
    site.pages["/kurse.csv"] = kurse(12)
    town.harvest()
    site.pages["/kurse.csv"] = kurse(12).replace("Titel", "Bezeichnung des Kurses", 1)
    run = town.harvest()
    assert "0 statt mindestens 1; die Spalte ‚Titel‘ gibt es nicht mehr" in run.note
    told = town.open().ledger.source("du-verein").problems().filter(code="column_gone")["note"].item()
    assert "vielleicht heißt sie jetzt ‚Bezeichnung des Kurses‘" == told
    assert ("failed", 12) == (run.result, len(town.titles()))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text.replace("Beginn", "Start", 1), "column_gone"),
        (lambda text: text.replace(";Sport\n", ";Häkeln\n", 3), "new_value"),
        (lambda text: re.sub(r";Sport\n", ";\n", text), "column_empty"),
        (lambda text: re.sub(r"(\d\d)\.(\d\d)\.(\d{4})", r"\3-\2-\1", text), "form_changed"),
    ],
)
def test_every_drift_is_told_and_holds_what_would_be_published(
    town: Town, site: Site, change: Callable[[str], str], code: str
) -> None:
    """A renamed column, a new category, a field suddenly empty, dates in another form: nothing of such a night goes out."""
    rows = "".join(f"{n};Kurs {n};{n % 28 + 1:02}.12.2026;info@verein.example;Sport\n" for n in range(1, 21))
    site.pages["/kurse.csv"] = text = f"Nr;Titel;Beginn;Mail;Kategorie\n{rows}"
    own = (SOURCE % site.url).rstrip("\n").replace("map:", "map:\n  topics: {from: Kategorie, as: [{lookup: kategorien}]}", 1)
    town.write("du-verein", f"{own}\n{HELD}")
    town.harvest()
    before = town.titles()
    site.pages["/kurse.csv"] = change(text).replace("Kurs 7;", "Kurs Sieben;")
    run = town.harvest()
    assert ("held", True) == (run.result, code in run.problems)
    assert before == town.titles()


def viewed(count: int, views: int, column: str) -> str:
    """The courses in columns of another order, with a column that nobody maps."""
    rows = [f"{number};{number * views};01.12.2026;info@verein.example;Kurs Nummer {number}" for number in range(1, count + 1)]
    return "\n".join([f"Nr;{column};Beginn;Mail;Titel", *rows]) + "\n"


def test_new_bytes_with_the_same_records_change_nothing(town: Town, site: Site) -> None:
    """Columns in another order, a column nobody maps with other values: the same records, seen without normalising them."""
    site.pages["/kurse.csv"] = viewed(3, 1, "Aufrufe")
    first = town.harvest()
    site.pages["/kurse.csv"] = viewed(3, 17, "Aufrufe")
    assert town.harvest().result == "not_modified"
    assert town.harvest().result == "not_modified"

    site.pages["/kurse.csv"] = viewed(3, 1, "Besucher")
    told = town.harvest()
    assert told.result == first.result and told.problems["unmapped_column"] == 1

    site.pages["/kurse.csv"] = viewed(4, 1, "Besucher")
    assert town.harvest().books.new == 1
    site.pages["/kurse.csv"] = viewed(3, 1, "Besucher")
    assert town.harvest().books.missing == 1


def test_what_counts_decides_what_is_the_same(town: Town, site: Site) -> None:
    """After a rollback the feed of the later run is news again; after a release the feed that was held is not."""
    site.pages["/kurse.csv"] = kurse(10)
    town.harvest()
    site.pages["/kurse.csv"] = kurse(6)
    assert town.harvest().result == "held"
    town.open().ledger.source("du-verein").release(town.now, owner="test")
    site.pages["/kurse.csv"] = viewed(6, 1, "Aufrufe")
    run = town.harvest()
    assert (run.books.unchanged, len(town.titles())) == (6, 6)
    site.pages["/kurse.csv"] = kurse(10)
    assert town.harvest().books.new == 4


def test_an_address_nobody_could_look_up_is_asked_again(tmp_path: Path, site: Site) -> None:
    """The geocoder was down when the feed came; the same bytes are read once more, and then the offer has its pin."""
    site.pages["/search"] = (503, {}, b"")
    site.pages["/kurse.csv"] = "Nr;Titel;Mail;Straße;PLZ\n1;Kurs;info@verein.example;Königstraße 47;47051\n"
    source = SOURCE % site.url + "  location.street_line: Straße\n  location.postal_code: PLZ\n"
    town = Town(tmp_path, site, {"du-verein": source}, geocoder="nominatim", geocoder_url=site.url, geocoder_pause=0.0)
    assert town.harvest().problems["geocoder_unavailable"] == 1
    site.pages["/search"] = (200, {"Content-Type": "application/json"}, json.dumps([HOUSE]))
    assert town.harvest().books.changed == 1
    assert town.harvest().result == "not_modified"
