"""Websites in, records out: lists, their further pages, the pages of single entries, and sites that break."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.contract import Limits, SourceError
from connectors.html import HtmlConnector, HtmlOptions
from connectors.selectors import read_selection
from schemas.problems import Problem
from tests.connectors.pages import Page, Pages, Reading, capture, read

URL = "https://verein.example/angebote/"
OPTIONS = {"item": "article", "fields": {"titel": "h2", "link": "a@href"}}


def listing(*titles: str, more: str = "") -> bytes:
    """Give a list page with an article per title, each linked to its own page."""
    entries = "".join(
        f'<article class="angebot"><h2>{title}</h2><a href="{title.lower()}.html">mehr</a></article>' for title in titles
    )
    following = f'<a class="weiter" href="{more}">weiter</a>' if more else ""
    return f"<!doctype html><html><body>{entries}{following}</body></html>".encode()


def harvest(pages: dict[str, Page], **options: object) -> Reading:
    return read(HtmlConnector(), pages, **{**OPTIONS, **options})


def test_each_entry_is_a_record_with_its_words_and_absolute_links() -> None:
    """Texts, attributes, markup and lists are taken as the source file says; what is not there is left out."""
    body = b"""<html><head><base href="/kurse/"></head><body><div class="e" data-nr="7"><h3> Deutsch <b>A1</b></h3>
      <p class="t">Montag<br>Dienstag</p><a href="a.html#top">x</a><ul><li>Eltern</li><li> </li><li>Kinder</li></ul>
      <a class="mail" href="mailto:x@y.example">Post</a></div></body></html>"""
    fields = {"titel": "h3", "tage": ".t", "link": "a@href", "markup": "h3@html", "gruppen": "li*", "nr": "@data-nr",
              "alles": "p.t",
              "fehlt": ".gibtsnicht", "post": "a.mail@href", "mail": "a[href^='mailto:']@href"}  # fmt: skip
    reading = harvest({URL: body}, item=".e", fields=fields, id="@data-nr")
    assert reading.data == [{
        "titel": "Deutsch A1", "tage": "Montag\nDienstag", "alles": "Montag\nDienstag",
        "link": "https://verein.example/kurse/a.html",
        "markup": "<h3> Deutsch <b>A1</b></h3>", "gruppen": ["Eltern", "Kinder"], "nr": "7",
        "mail": "mailto:x@y.example",
    }]  # fmt: skip
    assert ("7", f"Seite {URL}, Eintrag 1") == (reading.records[0].record_id, reading.records[0].locator)


def test_the_list_goes_on_over_its_pages() -> None:
    """Next links are followed to the end; the last page may name itself."""
    pages = {
        URL: listing("A", more="?seite=2"),
        f"{URL}?seite=2": listing("B", more="?seite=3"),
        f"{URL}?seite=3": listing("C", more="?seite=3"),
    }
    reading = harvest(pages, next="a.weiter")
    assert ([data["titel"] for data in reading.data], reading.problems) == (["A", "B", "C"], [])
    assert list(pages) == reading.asked


def test_pages_in_a_circle_end_with_a_problem() -> None:
    """Back to an earlier page, or ever new addresses with the same content: reading stops and says so."""
    circle = {URL: listing("A", more="?seite=2"), f"{URL}?seite=2": listing("B", more="./")}
    assert (lambda r: (len(r.records), r.codes))(harvest(circle, next="a.weiter@href")) == (2, ["loop_detected"])
    same = {URL: listing("A", more="?p=1"), f"{URL}?p=1": listing("B", more="?p=2"), f"{URL}?p=2": listing("B", more="?p=2")}
    same[f"{URL}?p=1"] = same[f"{URL}?p=2"] = listing("B", more="?p=2")
    assert (lambda r: (len(r.records), r.codes))(harvest(same, next="a.weiter")) == (2, ["loop_detected"])


def test_too_many_pages_end_with_a_remark() -> None:
    """The cap of the options holds, and nobody takes the rest for removed without hearing of it."""
    pages = {f"{URL}?p={number}": listing(f"T{number}", more=f"?p={number + 1}") for number in range(50)}
    reading = harvest(pages, next="a.weiter", max_pages=5)
    assert (len(reading.records), reading.codes) == (5, ["too_many_pages"])


def test_a_later_page_that_fails_fails_the_source() -> None:
    """Half a list would look as if the other half had been removed."""
    with pytest.raises(SourceError) as error:
        harvest({URL: listing("A", more="?seite=2"), f"{URL}?seite=2": Problem("timeout", value=URL)}, next="a.weiter")
    assert error.value.problem.code == "timeout"


def test_details_come_from_each_entrys_own_page_and_one_failing_page_spares_the_others() -> None:
    """A missing page rejects its entry, with the place and the address, and nothing else."""
    detail = {"link": "a@href", "fields": {"beschreibung": "p.text", "ort": "address"}}
    page = b"<html><p class=text>Wir <i>lernen</i>.</p><address>Haus A<br>Weg 1</address></html>"
    reading = harvest({URL: listing("A", "B", "C"), f"{URL}a.html": page, f"{URL}c.html": page}, detail=detail, id="link")
    assert [f"{URL}a.html", f"{URL}c.html"] == [record.record_id for record in reading.records]
    assert {"titel": "A", "link": f"{URL}a.html", "beschreibung": "Wir lernen.", "ort": "Haus A\nWeg 1"} == reading.data[0]
    assert [("not_found", f"Seite {URL}, Eintrag 2", f"{URL}b.html")] == [(p.code, p.locator, p.value) for p in reading.problems]


def test_a_site_that_is_down_fails_the_source_instead_of_every_entry() -> None:
    """Five pages in a row without an answer are no five deletions."""
    titles = [f"T{number}" for number in range(8)]
    pages: dict[str, Page] = {f"{URL}{title.lower()}.html": Problem("connection", value=URL) for title in titles}
    with pytest.raises(SourceError):
        harvest({URL: listing(*titles), **pages}, detail={"link": "a@href", "fields": {"x": "p"}})


def test_a_rebuilt_page_is_told_from_an_empty_one() -> None:
    """Where the selector finds nothing on a page that answers, the site was rebuilt: the operator must look."""
    with pytest.raises(SourceError) as error:
        harvest({URL: b"<html><body><p>Wir haben umgebaut</p></body></html>"})
    assert (error.value.problem.code, error.value.problem.owner) == ("selector_stale", "operator")
    assert "article" in error.value.problem.message("de")


@pytest.mark.parametrize("page, note", [
    ((b"%PDF-1.7", "application/pdf"), "ein PDF"), (b"PK\x03\x04", "Office"), (b'{"a": "<p>"}', "JSON"),
    ((b"<html>", "image/png"), "image/png"), (b"", "nichts"), (b"Hallo", "ein Text"),
])  # fmt: skip
def test_what_is_no_html_is_refused_by_name(page: Page, note: str) -> None:
    """The sentence says what lies there instead."""
    with pytest.raises(SourceError) as error:
        harvest({URL: page})
    assert error.value.problem.code == "wrong_content"
    assert note in error.value.problem.message("de")


@pytest.mark.parametrize("body, content_type", [
    ("<html><article><h2>Übung für Mädchen</h2>".encode("cp1252"), "text/html; charset=ISO-8859-1"),
    ("<html><article><h2>Übung für Mädchen</h2>".encode("cp1252"), "text/html"),
    ("<html><article><h2>Übung für Mädchen</h2>".encode(), "text/html"),
    ("<html><article><h2>Übung für Mädchen</h2>".encode(), "text/html; charset=unbekannt"),
    ("<html><meta charset=iso-8859-15><article><h2>Übung für Mädchen</h2>".encode("iso-8859-15"), "text/html"),
    ("<html><article><h2>Übung für Mädchen</h2>".encode("utf-8-sig"), "text/html; charset=iso-8859-1"),
    ("<html><article><h2>Übung für Mädchen</h2>".encode("utf-16"), "text/html"),
])  # fmt: skip
def test_letters_are_read_as_browsers_read_them(body: bytes, content_type: str) -> None:
    """Byte order mark, server, page, UTF-8, Windows-1252, in that order."""
    assert harvest({URL: (body, content_type)}).data == [{"titel": "Übung für Mädchen"}]


def test_a_page_nested_without_end_is_refused() -> None:
    """Depth costs memory in every parser; a page of people never needs it."""
    with pytest.raises(SourceError) as error:
        harvest({URL: b"<html><body>" + b"<div>" * 100_000 + b"<article><h2>x</h2>"})
    assert error.value.problem.code == "too_large"


def test_no_more_records_than_the_limit() -> None:
    """The cap on records ends the reading with a problem."""
    reading = read(HtmlConnector(), {URL: listing("A", "B", "C")}, limits=Limits(max_records=2), **OPTIONS)
    assert (len(reading.records), reading.codes) == (2, ["record_limit"])


def test_a_wrong_selector_is_said_before_anything_is_fetched() -> None:
    """The source file is checked with the options, in German."""
    for options in ({"item": "article["}, {"item": " "}, {"fields": {"a": "h2]"}}, {"fields": {}}, {"next": ">"}, {"id": ""}):
        with pytest.raises(ValidationError):
            HtmlOptions(url=URL, **{**OPTIONS, **options})
    with pytest.raises(ValueError, match="keine CSS-Auswahl"):
        read_selection("h2[")


def test_secrets_stay_at_home() -> None:
    """Linked pages of another host are asked without what identifies us at the first."""
    body = b'<html><article><h2>A</h2><a href="https://fremd.example/a">x</a></article></html>'
    world = Pages({URL: body, "https://fremd.example/a": b"<html><p>x</p></html>"})
    detail = {"link": "a@href", "fields": {"x": "p"}}
    options = HtmlOptions.model_validate({"url": URL, "headers": {"X-Key": "1"}, **OPTIONS, "detail": detail})
    list(HtmlConnector().read(options, world))
    assert world.trusted == [URL]
    assert world.asked == [URL, "https://fremd.example/a"]


def test_the_cards_of_a_team_are_no_list_of_offers() -> None:
    """Names and telephone numbers of persons would be published; persons with days behind them may be a programme."""

    def cards(day: str) -> bytes:
        names = ("Ayşe Kaya", "Ivan Petrov", "Petra Schmidt", "Lan Nguyen")
        card = "<article class=card><h3><a href=/{0}>{0}</a></h3><p>Sozialberatung, Tel. 0203 555110{1}</p></article>"
        return f"<html><body>{''.join(card.format(name, day) for name in names)}</body></html>".encode()

    assert HtmlConnector.detect(capture(cards(""), URL, "text/html")) is None
    assert HtmlConnector.detect(capture(cards(", 05.12.2026"), URL, "text/html")) is not None


def test_a_list_page_is_recognised_with_a_first_guess() -> None:
    """The guess names the entries, counts them and works as it stands."""
    entries = "".join(
        f'<div class="kurs col"><h3>Kurs {n}</h3><p>Am {n}.12.2026 um 18 Uhr im Haus</p><a href="k{n}">mehr</a></div>'
        for n in range(1, 13)
    )
    menu = "<li><a href=x>Ein langer Menüpunkt mit Text</a></li>" * 30
    body = f'<html><ul class="main-menu">{menu}</ul><main>{entries}</main></html>'
    found = HtmlConnector.detect(capture(body.encode(), URL, "text/html"))
    assert found is not None
    assert found.reason == "Internetseite mit 12 gleichartigen Einträgen, zum Beispiel „Kurs 1“"
    assert len(read(HtmlConnector(), {URL: body.encode()}, **dict(found.options)).records) == 12
    assert HtmlConnector.detect(capture(b"<html><p>Hallo</p></html>", URL)) is None


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_page_raises_anything_but_a_source_error(tail: bytes) -> None:
    """Whatever stands in a page, reading gives records and problems, and recognising gives something or nothing."""
    for body in (tail, b"<html><article><h2>" + tail, b'<html><article><a {x="1" href="k"><h2>' + tail):
        with contextlib.suppress(SourceError):
            harvest({URL: body}, next="a", detail={"link": "a@href", "fields": {"x": "."}})
        HtmlConnector.detect(capture(body, URL))


def test_real_pages_are_read_whole(shared_data: Path) -> None:
    """Four meetings on the library's page, one event in the university's fragment."""
    library = (shared_data / "html_pages" / "chi_library.html").read_bytes()
    reading = harvest(
        {URL: (library, "text/html")}, item=".entry-content > p:has(> strong)", fields={"tag": "strong", "text": "."}
    )
    assert [data["tag"].split(", ")[1] for data in reading.data] == ["January 26", "May 18", "September 21", "November 16"]
    jena = (shared_data / "html_pages" / "uni_jena_event_fragment.html").read_bytes()
    fields = {"titel": ".title a", "beginn": "time@datetime", "art": ".time_categories span", "barriere": ".icons img@title*"}
    reading = harvest({URL: jena}, item=".entry_wrapper", fields=fields, id=".title a@href")
    assert [data["beginn"] for data in reading.data] == ["2022-06-13T16:00:00+02:00"]
    assert (
        reading.records[0].record_id
        == "https://www.uni-jena.de/kommende-veranstaltungen/praktikum-im-ausland-eu-praktikum-thueringen"
    )
