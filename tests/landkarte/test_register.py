"""`landkarte sources new` and `preview` of an address: from what somebody pastes to a source file that passes its check."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from flows.house import check_source, open_house
from landkarte import preview
from landkarte.board import check_sources
from landkarte.cases import read_case
from landkarte.proposal import Wishes
from landkarte.register import run
from landkarte.stated import stated
from schemas.problems import SchemaError
from schemas.settings import Settings
from schemas.source import load_source
from schemas.vocabulary import LICENCE_BASE
from tests.connectors.site import Site
from tests.connectors.test_xlsx import workbook
from tests.landkarte.mapped import measures

ROOT = Path(__file__).parents[2]
CASES = sorted(path.parent for folder in ("cities/*", "examples") for path in ROOT.glob(f"{folder}/cases/*/offers.json"))
TABLE = "Nr;Titel;Beginn;Kategorie;Mail;Dozent\n" + "".join(
    f"{n};Kurs {n};0{n}.12.2026;{'Sport' if n % 2 else 'Häkeln'};info@verein.example;Frau Muster\n" for n in range(1, 6)
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    city = tmp_path / "city"
    shutil.copytree(ROOT / "cities" / "duisburg", city, ignore=shutil.ignore_patterns("sources", "cases"))
    return Settings(city=city, data=tmp_path / "data", catalogue="none", allow_loopback=True, pause=0.0)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site({"/kurse.csv": TABLE}) as running:
        yield running


def out() -> Console:
    return Console(record=True, width=200, file=open("/dev/null", "w"))


def register(settings: Settings, address: str, *, case: bool = True, **wishes: str) -> tuple[int, str]:
    console = out()
    code = run(settings, address, console, Wishes(**wishes), case=case)
    return code, console.export_text()


def test_an_address_becomes_a_source_file_that_passes_its_check(settings: Settings, site: Site) -> None:
    """Switched off, facts only while no licence is known, guesses marked as guesses."""
    code, said = register(settings, site.url + "/kurse.csv", key="du-verein")
    assert 0 == code
    path = settings.city / "sources" / "du-verein.yml"
    source = load_source(path)
    check_source(source, open_house(settings).city)
    assert 0 == check_sources(settings, [path], out())
    assert (False, "facts_only", "other-closed") == (source.enabled, source.rights, source.licence)
    assert {"title", "start_date", "topics", "contact_email"} <= source.map.keys()
    assert {"Sport": "sport", "Häkeln": None} == dict(source.lookups["kategorie"])
    assert ("Dozent",) == source.ignore
    text = path.read_text(encoding="utf-8")
    assert "geraten" in text
    assert "# 2×, bitte zuordnen" in text
    assert "Kategorie" not in said or "lookups.kategorie: Ein Wort steht auf null" in said


def test_a_case_is_kept_and_reads_the_same_again(settings: Settings, site: Site) -> None:
    """The recorded answer, the source file, and the offers a run makes of them."""
    register(settings, site.url + "/kurse.csv", key="du-verein")
    folder = settings.city / "cases" / "du-verein"
    kept = json.loads((folder / "offers.json").read_text(encoding="utf-8"))
    assert 5 == len(kept["offers"])
    assert kept == read_case(open_house(settings), folder)
    assert TABLE == (folder / "input.csv").read_text(encoding="utf-8")


def test_the_partner_is_asked_no_more_than_needed(settings: Settings, site: Site) -> None:
    """What detection fetched is not fetched again."""
    register(settings, site.url + "/kurse.csv", key="du-verein")
    assert ["/kurse.csv"] == site.asked


def test_licence_and_contact_are_taken_as_they_are_told(settings: Settings, site: Site) -> None:
    """With a licence, texts are taken, too."""
    wishes = {"licence": "dl-by-de/2.0", "contact": "info@verein.example", "publisher": "Verein e. V.", "title": "Kurse"}
    register(settings, site.url + "/kurse.csv", key="du-verein", **wishes)
    source = load_source(settings.city / "sources" / "du-verein.yml")
    assert ("open", "dl-by-de/2.0", "Verein e. V.") == (source.rights, source.licence, source.publisher.name)
    assert "info@verein.example" == source.publisher.contact
    with pytest.raises(SchemaError, match="Die Lizenz ‚frei‘ kennen wir nicht"):
        register(settings, site.url + "/kurse.csv", key="du-anders", licence="frei")


@pytest.mark.parametrize(
    ("named", "licence", "rights", "sentence"),
    [
        ([{"name": "CC-BY-4.0"}], "cc-by/4.0", "open", "Die Lizenz nennt der Ursprung selbst: cc-by/4.0"),
        ([{"path": "https://www.govdata.de/dl-de/by-2-0"}], "dl-by-de/2.0", "open", "Die Lizenz nennt der Ursprung selbst"),
        ([{"name": "CC-BY-NC-4.0"}], "other-closed", "facts_only", "nennt die Lizenz ‚cc-by-nc/4.0‘. Sie ist nicht offen"),
        ([{"name": "Hausrecht"}], "other-closed", "facts_only", "nennt keine Lizenz, die wir kennen"),
        ([], "other-closed", "facts_only", "nennt keine Lizenz, die wir kennen"),
    ],
)
def test_a_licence_the_origin_states_is_taken(
    settings: Settings, site: Site, named: list[dict[str, str]], licence: str, rights: str, sentence: str
) -> None:
    """A data package says its licence: an open one is the source's; any other leaves facts only, and a sentence says why."""
    fields = [{"name": name, "type": "string"} for name in ("kursnr", "kurstitel", "url")]
    resource = {"name": "kurse", "path": "kurse.csv", "schema": {"fields": fields}}
    site.pages |= {
        "/datapackage.json": json.dumps({"name": "kurse", "licenses": named, "resources": [resource]}),
        "/kurse.csv": "kursnr,kurstitel,url\n1,Deutsch A1,https://x.example/1\n2,Nähen,https://x.example/2\n",
    }
    code, said = register(settings, site.url + "/datapackage.json", key="du-paket")
    source = load_source(settings.city / "sources" / "du-paket.yml")
    assert (0, licence, rights) == (code, source.licence, source.rights)
    assert sentence in said
    assert ("Nur Tatsachen" in said or "nur Tatsachen" in said) == (rights == "facts_only")
    register(settings, site.url + "/datapackage.json", key="du-gesagt", licence="dl-zero-de/2.0")
    assert "dl-zero-de/2.0" == load_source(settings.city / "sources" / "du-gesagt.yml").licence


def test_offers_that_say_their_own_licence_keep_it() -> None:
    """Of our own tables the most common open licence is the source's; facts alone may be under any, a missing one decides nothing."""
    ours = {"map": {"licence": "offer.licence"}}
    by, odbl = ({"offer.licence": LICENCE_BASE + code} for code in ("dl-by-de/2.0", "odbl"))
    facts = {"offer.licence": LICENCE_BASE + "other-closed", "offer.rights": "facts_only"}
    assert ("dl-by-de/2.0", True) == (
        (found := stated([odbl, by, by, facts], ours)).licence,
        "einzelnen Angeboten odbl" in found.note,
    )
    assert stated([by, {}], ours).licence is None
    assert stated([by, facts | {"offer.rights": "open"}], ours).licence is None
    assert stated([facts], ours).licence is None
    assert stated([by], {"map": {}}).note == ""


def test_nothing_is_ever_written_over(settings: Settings, site: Site) -> None:
    """A second time is a second source, or a refusal."""
    register(settings, site.url + "/kurse.csv", key="du-verein")
    with pytest.raises(SchemaError, match="Diese Quelle gibt es schon"):
        register(settings, site.url + "/kurse.csv", key="du-verein")
    assert 0 == register(settings, site.url + "/kurse.csv")[0]
    assert 0 == register(settings, site.url + "/kurse.csv")[0]
    assert {"du-verein.yml", "kurse-csv.yml", "kurse-csv-2.yml"} == {path.name for path in (settings.city / "sources").iterdir()}


def test_an_address_without_a_feed_says_what_to_do(settings: Settings, site: Site) -> None:
    """One German sentence, and where to read on."""
    site.pages["/"] = (200, {"Content-Type": "text/html"}, "<html><body><p>Willkommen</p></body></html>")
    with pytest.raises(SchemaError, match=r"keinen Feed.*docs/partner\.md"):
        register(settings, site.url + "/")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<html><form><input name=a><input type='password'></form></html>", "Dort steht eine Seite zum Anmelden"),
        (" \n", "Was von dort kommt, ist leer."),
        ("%PDF-1.4", r"Dort liegt ein PDF\. "),
        ("PK\x03\x04xl", "Dort liegt eine Excel-, Office- oder ZIP-Datei, vielleicht beschädigt oder unvollständig"),
    ],
)
def test_it_is_told_what_lies_where_no_feed_is(settings: Settings, site: Site, body: str, said: str) -> None:
    """Somebody who gave a link with a password sees that it is one; nothing is fetched a second time."""
    site.pages["/liste"] = (200, {"Content-Type": "text/html" if body[0] == "<" else "application/octet-stream"}, body)
    with pytest.raises(SchemaError, match=said):
        register(settings, site.url + "/liste")
    assert 1 == site.asked.count("/liste")


def test_what_cannot_be_read_gives_way_to_the_next_candidate(settings: Settings, site: Site) -> None:
    """The second page of an API is gone, beside it lies a feed: the feed is registered, and the API named with the reason."""
    link = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    items = "".join(f"<item><title>Kurs {n}</title><guid>{n}</guid><link>https://x.example/{n}</link></item>" for n in range(3))
    offers = [{"id": n, "titel": f"Kurs {n}", "link": f"https://x.example/{n}"} for n in range(12)]
    site.pages |= {
        "/": (200, {"Content-Type": "text/html"}, f'<html><head>{link}</head><body><a href="/a.json">Angebote</a></body></html>'),
        "/a.json": json.dumps({"items": offers, "links": {"next": "/weg.json?page=2"}}),
        "/feed.xml": f"<rss version='2.0'><channel><title>Neues</title>{items}</channel></rss>",
    }
    code, said = register(settings, site.url + "/", key="du-verein")
    assert 0 == code
    assert "feed" == load_source(settings.city / "sources" / "du-verein.yml").kind
    assert "Nicht lesbar, darum das Nächste: " in said
    assert re.search(r"Geschrieben nach \d+,\d s: ", said)


def test_the_table_of_others_in_a_data_package_is_mapped_by_its_headings(settings: Settings, site: Site) -> None:
    """A default map that knows our own tables says nothing of a foreign one; what the kind itself adds is not asked about."""
    fields = [{"name": name, "type": "string"} for name in ("kursnr", "kurstitel", "url", "plz")]
    resource = {"name": "kurse", "path": "kurse.csv", "schema": {"fields": fields}}
    site.pages |= {
        "/datapackage.json": json.dumps({"name": "kurse", "licenses": [{"name": "CC-BY-4.0"}], "resources": [resource]}),
        "/kurse.csv": "kursnr,kurstitel,url,plz\n1,Deutsch A1,https://x.example/1,47051\n2,Nähen,https://x.example/2,47053\n",
    }
    code, said = register(settings, site.url + "/datapackage.json", key="du-paket", licence="dl-by-de/2.0")
    source = load_source(settings.city / "sources" / "du-paket.yml")
    assert (0, "kursnr") == (code, source.source["id"])
    assert {"title", "url", "location.postal_code"} == source.map.keys()
    assert () == source.ignore
    assert "2 gelesen, 2 würden übernommen, 0 nicht" in said


def test_nothing_is_asked_that_the_kind_of_feed_answers(settings: Settings, site: Site) -> None:
    """A feed has links by itself, a calendar holds events: neither is missed because a person has categories to look at."""
    items = "".join(
        f"<item><title>Kurs {n}</title><link>https://x.example/{n}</link><category>Fest</category></item>" for n in range(3)
    )
    site.pages["/feed.xml"] = f"<rss version='2.0'><channel><title>Neues</title>{items}</channel></rss>"
    code, said = register(settings, site.url + "/feed.xml", key="du-neues")
    source = load_source(settings.city / "sources" / "du-neues.yml")
    assert (0, {"topics"}) == (code, set(source.map))
    assert "Kein Feld führt zum Angebot" not in said
    assert "url" not in source.defaults


def test_a_preview_needs_no_source_file(settings: Settings, site: Site, tmp_path: Path) -> None:
    """Of an address and of a file: the same offers as a run with the file that `new` writes."""
    console, file = out(), tmp_path / "kurse.csv"
    assert 0 == preview.run(settings, site.url + "/kurse.csv", console, file=None, limit=5, as_json=True)
    shown = json.loads(console.export_text(styles=False))
    assert 5 == shown["counts"]["offers"]
    file.write_text(TABLE, encoding="utf-8")
    console = out()
    assert 0 == preview.run(settings, str(file), console, file=None, limit=5, as_json=True)
    assert ["Kurs 1", "Kurs 2"] == [row["title"] for row in json.loads(console.export_text())["offers"][:2]]


def test_a_preview_without_a_single_offer_still_counts(settings: Settings, site: Site) -> None:
    """Zeros are shown, and the exit code says that something is not well."""
    site.pages["/kurse.csv"] = "Nr;Titel;Beginn\n1;;01.12.2026\n2;;02.12.2026\n"
    register(settings, site.url + "/kurse.csv", key="du-verein")
    console = out()
    assert 1 == preview.run(settings, "du-verein", console, file=None, limit=5, as_json=False)
    assert "2 gelesen, 0 übernommen, 2 nicht übernommen" in console.export_text()


def test_a_table_on_a_web_page_becomes_a_source(settings: Settings, site: Site) -> None:
    """Its headings name the fields, its rows' links lead to the offers; preview, check and case read what was guessed from."""
    site.pages["/kurse"] = (
        200,
        {"Content-Type": "text/html"},
        (ROOT / "tests/cases/html/table-wordpress/input.html").read_bytes(),
    )
    code, said = register(settings, site.url + "/kurse", key="du-sprachhaus")
    assert (0, True) == (code, said.startswith("Tabelle mit 3 Angeboten, Spalten: Kurs-Nr., Kurs, Wann, Wo, Kontakt (html)"))
    path = settings.city / "sources" / "du-sprachhaus.yml"
    source = load_source(path)
    assert 0 == check_sources(settings, [path], out())
    wanted = {"columns": ["Kurs-Nr.", "Kurs", "Wann", "Wo", "Kontakt"]}
    assert ("html", wanted, "Kurs-Nr.") == (source.kind, source.source["table"], source.source["id"])
    assert {"title", "url", "location.address"} <= source.map.keys()
    console = out()
    assert 0 == preview.run(settings, "du-sprachhaus", console, file=None, limit=5, as_json=True)
    shown = json.loads(console.export_text(styles=False))
    folder = settings.city / "cases" / "du-sprachhaus"
    kept = json.loads((folder / "offers.json").read_text(encoding="utf-8"))
    assert [row["title"] for row in kept["offers"]] == [row["title"] for row in shown["offers"]]
    assert (3, 5) == (shown["counts"]["offers"], shown["counts"]["sessions"])
    assert kept == read_case(open_house(settings), folder)


def test_rows_of_one_merged_cell_are_the_sessions_of_one_offer(settings: Settings, site: Site) -> None:
    """A club's table: a course over two rows, days and times below one heading, a link for some rows and the page for all."""
    body = (ROOT / "tests/cases/html/table-club/input.html").read_text(encoding="utf-8").replace("href=", "name=")
    site.pages["/angebote"] = (200, {"Content-Type": "text/html"}, body)
    _, said = register(settings, site.url + "/angebote", key="du-sport", case=False)
    source = load_source(settings.city / "sources" / "du-sport.yml")
    assert ("sessions", site.url + "/angebote") == (source.same_id, source.defaults["url"])
    assert {"weekday", "start_time"} == set(source.sessions.map if source.sessions else ())
    assert "5 gelesen, 4 würden übernommen, 0 nicht, 4 Termine" in said
    assert "Keine Spalte taugt als Kennung" in said


def test_a_file_that_calls_itself_a_page_is_read_as_a_file(settings: Settings, site: Site) -> None:
    """The saved answer of an API lies on a server: whatever page is asked for, it is the same."""
    offers = ",".join(f'{{"id": {n}, "titel": "Kurs {n}", "link": "https://x.example/{n}"}}' for n in range(20))
    site.pages["/api"] = f'{{"items": [{offers}], "page": {{"number": 0, "size": 20, "totalPages": 9}}}}'
    assert 0 == register(settings, site.url + "/api", key="du-api")[0]
    assert "paginate" not in load_source(settings.city / "sources" / "du-api.yml").source


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_recorded_case_reads_as_recorded(folder: Path) -> None:
    """A change of ours that changes a partner's offers shows as a changed offers.json."""
    house = open_house(Settings(city=folder.parents[1], catalogue="none"))
    assert json.loads((folder / "offers.json").read_text(encoding="utf-8")) == read_case(house, folder)


def test_most_of_a_map_is_guessed_rightly() -> None:
    """Measured on the example partners and the real files; `python -m tests.landkarte.mapped` prints the table."""
    found = list(measures())
    assert sum(len(one.right) for one in found) >= 0.8 * sum(len(one.wanted) for one in found)
    assert all(one.share >= 0.6 for one in found)


def test_a_workbook_with_a_sheet_per_month_becomes_one_source(settings: Settings) -> None:
    """Each sheet counts from 1, so the sheet is part of the id; without a number of its own a title and its sheet are the id."""
    for headings, named in ((["Nr", "Titel", "Beginn", "Mail"], "Nr"), (["Titel", "Beginn", "Mail"], "Titel")):
        sheets = {
            month: [headings, *([number, f"Kurs {number}", f"0{number}.0{place}.2027", "info@verein.example"][-len(headings) :]
                                for number in (1, 2, 3))]
            for place, month in enumerate(("Kurse", "Februar", "März"), start=1)
        }  # fmt: skip
        with Site({"/kurse.xlsx": workbook(**sheets)}) as running:
            code, said = register(settings, running.url + "/kurse.xlsx", key=f"du-{named.lower()}")
            assert (0, True) == (code, "darum gehört der Name des Blatts dazu" in said)
            source = load_source(settings.city / "sources" / f"du-{named.lower()}.yml")
            assert ["Blatt", named] == source.source["id"] and not {"sheet", "Blatt"} & {*source.source, *source.ignore}
            console = out()
            assert 0 == preview.run(settings, f"du-{named.lower()}", console, file=None, limit=20, as_json=False)
        assert "9 gelesen, 9 übernommen, 0 nicht übernommen, 0 Hinweise" in console.export_text()
