"""Tables of web pages in, records out: headings, merged cells, links, several tables, what is no table of offers, what is too much."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.contract import Detection, Limits, SourceError
from connectors.html import HtmlConnector, HtmlOptions
from tests.connectors.pages import Reading, capture, read

URL = "https://verein.example/kurse"
HEADS = "<tr><th>Kurs</th><th>Wann</th><th>Wo</th></tr>"
ROWS = "<tr><td>Deutsch A1</td><td>Mo 9 Uhr</td><td>Haus A</td></tr><tr><td>Nähen</td><td>Fr 15 Uhr</td><td>Haus B</td></tr>"
COLUMNS = ["Kurs", "Wann", "Wo"]


def page(body: str) -> bytes:
    return f"<!doctype html><html><head><meta charset=utf-8></head><body>{body}</body></html>".encode()


def table(rows: str, before: str = "", **attributes: str) -> bytes:
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return page(f"{before}<table{given}>{rows}</table>")


def grid(heads: str, *rows: str) -> str:
    """Write rows of a table: „Kurs|Wann“."""
    cells = [row.replace("|", "</td><td>") for row in rows]
    return f"<tr><th>{heads.replace('|', '</th><th>')}</th></tr>" + "".join(f"<tr><td>{row}</td></tr>" for row in cells)


def harvest(body: bytes, *, limits: Limits | None = None, **options: object) -> Reading:
    return read(HtmlConnector(), {URL: (body, "text/html")}, limits=limits, **({"table": {"columns": COLUMNS}} | options))


def recognise(body: bytes) -> Detection | None:
    return HtmlConnector.detect(capture(body, URL, "text/html"))


def failed(body: bytes, **options: object) -> str:
    with pytest.raises(SourceError) as error:
        harvest(body, **options)
    return f"{error.value.problem.code}: {error.value.problem.message('de')}"


@pytest.mark.parametrize("rows", [
    HEADS + ROWS,
    f"<thead>{HEADS}</thead><tbody>{ROWS}</tbody>",
    f"<tfoot>{HEADS}</tfoot><tbody>{ROWS}</tbody><thead>{HEADS}</thead>",
    f"<tr><td><b>Kurs</b></td><td><strong> Wann</strong></td><td><p><b>Wo</b></p></td></tr>{ROWS}",
    f"<tr><td>Kurs</td><td>Wann</td><td>Wo</td></tr>{ROWS}",
    f"<tr><td colspan=3>Stand: November</td></tr><tr><td></td></tr>{HEADS}{ROWS}",
    f"<thead><tr><th colspan=3>Unsere Kurse</th></tr>{HEADS}</thead>{ROWS}",
    f"<thead><tr><th><input></th><th></th><th></th></tr>{HEADS}</thead>{ROWS}",
    HEADS + ROWS.replace("</tr><tr>", f"</tr>{HEADS}<tr>"),
    f"<thead>{HEADS}{ROWS}</thead>",
    f"<tr><th>Unsere Kurse</th></tr>{HEADS}{ROWS}",
    HEADS + ROWS.replace("td>", "th>") + "<tr><th></th></tr>",
    "<tr><th>Ku&shy;rs</th><th>Wann<span hidden>sortieren</span></th><th><p>Wo</p></th></tr>" + ROWS,
    f"<form>{HEADS}{ROWS}</form>",
    f"<tr><th>Kurs</th><th>Wann</th><th>Wo</th></tr>{ROWS.replace('<td>Nähen</td>', '<th scope=row>Nähen</th>')}",
])  # fmt: skip
def test_headings_are_found_however_a_page_marks_them(rows: str) -> None:
    """In thead, as th, in bold, or by nothing but their words; banners above and headings repeated further down are no records."""
    reading = harvest(table(rows))
    assert [
        {"Kurs": "Deutsch A1", "Wann": "Mo 9 Uhr", "Wo": "Haus A"},
        {"Kurs": "Nähen", "Wann": "Fr 15 Uhr", "Wo": "Haus B"},
    ] == reading.data
    assert [] == reading.problems


def test_headings_of_two_rows_become_one() -> None:
    """A heading merged over two columns stands before each of them, as in a spreadsheet."""
    heads = "<tr><th rowspan=2>Kurs</th><th colspan=2>Termin</th></tr><tr><th>Tag</th><th>Uhrzeit</th></tr>"
    rows = "<tr><td>Nähen</td><td>Freitag</td><td>15 Uhr</td></tr>" * 2
    reading = harvest(table(f"<thead>{heads}</thead>{rows}"), table={"number": 1})
    assert {"Kurs": "Nähen", "Termin Tag": "Freitag", "Termin Uhrzeit": "15 Uhr"} == reading.data[0]
    assert reading.data == harvest(table(heads + rows), table={"number": 1}).data


def test_merged_cells_are_filled_as_in_a_spreadsheet() -> None:
    """Downwards in every row they take, sideways in the first column; never beyond their group of rows."""
    rows = (
        "<tbody><tr><td rowspan=2>Deutsch</td><td>Mo</td><td rowspan=0>Haus A</td></tr><tr><td>Di</td></tr>"
        "<tr><td>Yoga</td><td>Mi</td></tr></tbody><tbody><tr><td>Kochen</td><td colspan=2>nach Absprache</td></tr></tbody>"
    )
    reading = harvest(table(HEADS + rows))
    assert [
        ("Deutsch", "Mo", "Haus A"), ("Deutsch", "Di", "Haus A"), ("Yoga", "Mi", "Haus A"), ("Kochen", "nach Absprache", None),
    ] == [tuple(data[name] for name in COLUMNS) for data in reading.data]  # fmt: skip
    assert [] == reading.problems


def test_a_row_over_the_whole_width_is_a_section() -> None:
    """It says what the rows below have in common, and is no record."""
    first, second = ROWS.split("</tr>")[:2]
    reading = harvest(
        table(f"{HEADS}<tr><td colspan=3><b>Montags</b></td></tr>{first}</tr><tr><th colspan='100%'>Freitags</th></tr>{second}")
    )
    assert ["Montags", "Freitags"] == [data["Abschnitt"] for data in reading.data]
    assert "Tabelle 1, Zeile 3" == reading.records[0].locator
    bold = harvest(table(f"{HEADS}<tr><td><b>Montags</b></td><td></td><td>&nbsp;</td></tr>{ROWS}"))
    assert ["Montags"] * 2 == [data["Abschnitt"] for data in bold.data]


@pytest.mark.parametrize(("before", "inside", "around"), [
    ("", "<caption>Deutsch und Nähen</caption>", "%s"),
    ("<h1>Verein</h1><h2>Deutsch <i>und</i> Nähen</h2><p>Kommen Sie!</p>", "", "%s"),
    ("<h2>Kurse</h2><p><strong>Deutsch und Nähen</strong></p>", "", "%s"),
    ("<h2>Kurse</h2>", "", "<figure>%s<figcaption>Deutsch und Nähen</figcaption></figure>"),
])  # fmt: skip
def test_a_table_is_called_by_its_caption_or_the_heading_above(before: str, inside: str, around: str) -> None:
    """The name stands in every record, in locators, and may say which table is meant."""
    body = page(before + around % f"<table>{inside}{HEADS}{ROWS}</table>")
    reading = harvest(body, table={"caption": "deutsch und  nähen"})
    assert ["Deutsch und Nähen"] * 2 == [data["Tabelle"] for data in reading.data]
    assert "Tabelle 1 ‚Deutsch und Nähen‘, Zeile 2" == reading.records[0].locator


def test_lines_stay_and_what_a_page_hides_goes() -> None:
    """Breaks are lines; sort keys and hidden rows are no words of the partner, and hidden rows are told."""
    rows = (
        "<tr><td>Deutsch<br>für Eltern</td>"
        "<td><span style='display: none'>20261201</span>1. Dezember</td><td>Haus&nbsp;<i>A</i></td>verirrt</tr>"
        "<tr hidden><td>Alt</td><td>x</td><td>x</td></tr><tr style='color:red;DISPLAY:none'><td>Alt</td><td>x</td><td>x</td></tr>"
    )
    reading = harvest(table(HEADS + rows))
    assert [("Deutsch\nfür Eltern", "1. Dezember", "Haus A")] == [tuple(data.values()) for data in reading.data]
    assert ["Tabelle 1: Der Eintrag ist auffällig: 2 ausgeblendete Zeilen nicht mitgelesen. Bitte prüfen."] == [
        problem.message("de") for problem in reading.problems
    ]
    shown = harvest(table(HEADS + rows), table={"columns": COLUMNS, "hidden_rows": True})
    assert (3, []) == (len(shown.records), shown.problems)


@pytest.mark.parametrize(("first", "last", "found"), [
    ("<a href='/a1#top'>Deutsch</a>", "Haus", {"Link": "https://verein.example/a1"}),
    ("Deutsch", "<a href=a1>mehr …</a>", {"Wo": "https://verein.example/a1", "Link": "https://verein.example/a1"}),
    ("<a href=a1>Deutsch</a> <a href=a1>(mehr)</a>", "<a href='https://karten.example/x'>Haus</a>", {"Link": "https://verein.example/a1"}),
    ("Deutsch", "<a href=a>Haus</a> <a href=b>Plan</a>", {}),
    ("Deutsch <a href='#unten'>unten</a> <a href='bild.jpg'>Bild</a> <a href='javascript:x()'>x</a>", "Haus", {}),
    ("Deutsch", "<a href='mailto:info@verein.example?subject=x'>Büro</a>", {"E-Mail": "info@verein.example"}),
    ("Deutsch", "<a href='mailto:info@verein.example'>info@verein.example</a>", {"Wo": "info@verein.example"}),
    ("Deutsch", "<a href='tel:+492035550101'>Anruf</a>", {"Telefon": "+492035550101"}),
    ("Deutsch", "<a href='tel:+492035550101'>0203 5550101</a>", {}),
])  # fmt: skip
def test_the_link_of_a_row_becomes_its_address_where_it_is_clear(first: str, last: str, found: dict[str, str]) -> None:
    """One page, or that of the first cell, or of a „mehr“; a mail address or number that the text does not say."""
    reading = harvest(table(f"{HEADS}<tr><td>{first}</td><td>Mo</td><td>{last}</td></tr>"))
    (data,) = reading.data
    assert found == {name: data[name] for name in data if name in ("Link", "E-Mail", "Telefon") or name in found}
    several = last.startswith("<a href=a>")
    assert (["odd_record"] if several else []) == reading.codes


def test_a_column_of_addresses_gives_the_addresses() -> None:
    """Under „Website“ and „E-Mail“ what a link says is its address, and nothing is told twice."""
    heads = "<tr><th>Kurs</th><th>Website</th><th>E-Mail</th></tr>"
    row = "<tr><td>Deutsch</td><td><a href=a1>Unsere Seite</a></td><td><a href='mailto:info@verein.example'>Frau X</a></td></tr>"
    reading = harvest(table(heads + row), table={"number": 1})
    assert [{"Kurs": "Deutsch", "Website": "https://verein.example/a1", "E-Mail": "info@verein.example"}] == reading.data


def test_tables_with_the_same_headings_are_read_together() -> None:
    """Each under its own name; another table between them is not meant, and an empty one is no fault."""
    prices = f"<table>{grid('Kurs|Preis', 'Deutsch|5 €', 'Nähen|7 €')}</table>"
    first, second = ROWS.replace("</tr><tr>", "</tr>|<tr>").split("|")
    body = page(
        f"<h2>Deutsch</h2><table>{HEADS}{first}</table>{prices}<h2>Nähen</h2><table>{HEADS}{second}</table><h2>Bald</h2><table>{HEADS}</table>"
    )
    reading = harvest(body)
    assert [("Deutsch A1", "Deutsch"), ("Nähen", "Nähen")] == [(data["Kurs"], data["Tabelle"]) for data in reading.data]
    assert ["Tabelle 1 ‚Deutsch‘, Zeile 2", "Tabelle 3 ‚Nähen‘, Zeile 2"] == [record.locator for record in reading.records]
    found = recognise(body)
    assert found is not None
    assert "3 Tabellen mit 2 Angeboten, Spalten: Kurs, Wann, Wo" == found.reason


def test_a_table_inside_of_a_table_is_the_one_that_is_meant() -> None:
    """What only holds a page together is not read, however it looks."""
    inner = f"<table>{HEADS}{ROWS}</table>"
    outer = f"<table><tr><th>Kurs</th><th>Wann</th><th>Wo</th></tr><tr><td>Menü</td><td>{inner}</td><td>Werbung</td></tr></table>"
    assert ["Deutsch A1", "Nähen"] == [data["Kurs"] for data in harvest(page(outer)).data]


@pytest.mark.parametrize("choice", [
    {"columns": COLUMNS}, {"caption": "Kurse"}, {"html_id": "tablepress-3"}, {"number": 2}, {"columns": ["Kurs"], "number": 2},
])  # fmt: skip
def test_a_source_says_which_table_it_means(choice: dict[str, object]) -> None:
    """By headings, name, id or number; all that is said must hold."""
    hours = "<table><tr><th>Tag</th><th>Zeit</th></tr><tr><td>Mo</td><td>9–12</td></tr></table>"
    body = page(f"<h3>Büro</h3>{hours}<h3>Kurse</h3><table id=tablepress-3>{HEADS}{ROWS}</table>")
    assert ["Deutsch A1", "Nähen"] == [data["Kurs"] for data in harvest(body, table=choice).data]
    assert failed(body, table={**choice, "number": 1, "columns": COLUMNS}).startswith("selector_stale: Auf der Seite")


def test_a_table_of_too_many_columns_is_refused() -> None:
    """No cell is left out without a word; a span beyond the limit alone is none."""
    wide = "".join(f"<td>{n}</td>" for n in range(98))
    assert failed(table(f"{HEADS}{ROWS}<tr><td>x</td><td>y</td><td>z</td>{wide}</tr>")).endswith(
        "(eine Tabelle mit mehr als 100 Spalten). Bitte mit dem Partner einen kleineren Ausschnitt vereinbaren oder die Grenze anheben."
    )
    assert 2 == len(harvest(table(f"{HEADS}{ROWS}<tr><td colspan=9999>Ende</td></tr>")).records)


def test_a_long_text_merged_over_many_rows_is_refused() -> None:
    """One text costs little; in each of five thousand records it would cost whoever maps them thousands of millions of letters."""
    rows = f"<tr><td rowspan=0>{'y ' * 500_000}</td><td>a</td><td>b</td></tr>" + "<tr><td>a</td><td>b</td></tr>" * 5_000
    assert "(eine Tabelle mit mehr als 20 Millionen Zeichen)" in failed(table(HEADS + rows))


def test_ids_are_columns() -> None:
    """One or several; a table without the column fails the source, because nothing could be recognised again."""
    body = table(HEADS + ROWS)
    assert ["Deutsch A1", "Nähen"] == [record.record_id for record in harvest(body, id="Kurs").records]
    assert "Nähen|Haus B" == harvest(body, id=["Kurs", "Wo"]).records[1].record_id
    assert failed(body, id="Nr").startswith("missing_column: Die Spalte ‚Nr‘ fehlt")


def test_a_table_that_is_gone_fails_and_says_what_is_there_instead() -> None:
    """Nothing is taken for removed, and whoever looks after the source knows where to look."""
    hours = "<h2>Büro</h2><table><tr><th>Tag</th><th>Zeit</th></tr><tr><td>Mo</td><td>9–12</td></tr></table>"
    assert "keine Tabelle mit Kurs, Wann, Wo; dort steht ‚Büro‘ (Tag, Zeit). Die Seite" in failed(page(hours))
    assert failed(page("<p>Umgebaut</p>")).startswith("selector_stale")
    assert failed(table("<tr><th>Angebot</th><th>Zeit</th><th>Wo</th></tr>" + ROWS)).startswith("selector_stale")


def test_a_table_without_rows_is_an_empty_feed() -> None:
    """A zero is never silently a success."""
    assert failed(table(HEADS)).startswith("empty_feed")
    assert failed(table(f"{HEADS}<tr><td colspan=3>Zurzeit keine Kurse</td></tr>")).startswith("empty_feed")


def test_the_foot_of_a_table_is_no_offer() -> None:
    """A sum would be published; what is left out is told."""
    foot = "<tfoot><tr><td>Summe</td><td></td><td>15</td></tr></tfoot>"
    reading = harvest(table(f"<thead>{HEADS}</thead><tbody>{ROWS}</tbody>{foot}"))
    assert ["Deutsch A1", "Nähen"] == [data["Kurs"] for data in reading.data]
    assert ["eine Zeile im Fuß der Tabelle (tfoot) nicht mitgelesen"] == [problem.note for problem in reading.problems]
    assert [] == harvest(table(f"{HEADS}{ROWS}<tfoot>{HEADS}</tfoot>")).problems


def test_a_page_that_breaks_off_inside_of_its_table_is_not_read() -> None:
    """The last row would be half an offer, and what is missing would be withdrawn. A page without its last tags is whole."""
    whole = f"<html><body><h1>Kurse</h1><table>{HEADS}{ROWS}</table>".encode()
    assert ["Deutsch A1", "Nähen"] == [data["Kurs"] for data in harvest(whole, table={"columns": COLUMNS}).data]
    told = failed(whole[: whole.index(b"hen</td>")], table={"columns": COLUMNS})
    assert "bricht mitten in einer Tabelle ab" in told


def test_a_table_with_a_renamed_heading_is_still_read() -> None:
    """One of three: the offers are still there. Where another table has the column, the one without it is named."""
    renamed = "<tr><th>Kurs</th><th>Wann</th><th>Treffpunkt</th></tr>" + ROWS
    reading = harvest(table(renamed))
    assert ["Haus A", "Haus B"] == [data["Treffpunkt"] for data in reading.data]
    assert [] == reading.problems
    both = harvest(page(f"<table>{HEADS}{ROWS}</table><h2>Neu</h2><table>{renamed}</table>"))
    assert [
        "Tabelle 2 ‚Neu‘: Die Spalte ‚Wo‘ fehlt in der Quelle. Bitte die Spalte wieder aufnehmen oder die Zuordnung ändern."
    ] == [problem.message("de") for problem in both.problems]
    assert (4, "remark") == (len(both.records), both.problems[0].severity_or_default)


@pytest.mark.parametrize("rows", [
    grid("Kurs|Preis", "Deutsch|5 €", "Nähen|7 €"),
    grid("Leistung|Dauer|Preis", "Massage|20 min|5 €", "Bad|1 h|7 €"),
    grid("Tag|Öffnungszeiten", "Montag|9–12 Uhr", "Dienstag|9–12 Uhr"),
    grid("Montag|Dienstag|Mittwoch", "1|2|3", "8|9|10"),
    grid("Zeit|Montag|Dienstag", "9 Uhr|Yoga|Tanz", "10 Uhr|Chor|Yoga"),
    grid("Spieltag|Heim|Gast|Ergebnis", "1|A|B|1:0", "2|C|D|2:2"),
    grid("Datum|Uhrzeit|Heim|Gast|Ergebnis|Ort", "05.09.2026|15:00|SV A|TuS B|2:1|Platz", "12.09.2026|15:00|TuS C|SV A|0:1|Platz"),
    grid("Titel|Datum|Größe|Download", "Satzung|01.02.2020|120 KB|PDF", "Jahresbericht|03.04.2026|2 MB|PDF"),
    grid("Name|Telefon|Sprechzeit", "Ayşe Kaya|1|Mo 9–11 Uhr", "Ivan Petrov|2|Di 9–11 Uhr", "Lan Nguyen Thi|3|Mi 9–11 Uhr"),
    grid("Name|Funktion|E-Mail", "Yilmaz, Ali|Vorsitz|a@b.example", "Schmidt, Petra|Kasse|c@b.example"),
    grid("Datei|Größe", "Satzung.pdf|1 MB", "Antrag.pdf|2 MB"),
    grid("Kurs|Deutsch A1", "Wann|Mo 9 Uhr", "Wo|Haus A"),
    grid("Kurs|Wann|Wo", "Deutsch A1|Mo 9 Uhr|Haus A"),
    grid("Kurs|Wann|Wo", "|Mo 9 Uhr|Haus A", "|Mo 9 Uhr|Haus A"),
    "<tr><td><a href=/>Start</a></td><td><h1>Willkommen</h1><p>Wir sind ein Verein.</p></td></tr><tr><td>Menü</td><td>Fuß</td></tr>",
])  # fmt: skip
def test_what_is_no_table_of_offers_is_not_offered(rows: str) -> None:
    """Prices, opening hours, weeks, results, files, persons, one offer as a table, a single row, a page held together."""
    assert recognise(table(rows)) is None
    assert recognise(table(HEADS + ROWS, role="presentation")) is None


def test_doubtful_tables_are_offered_last() -> None:
    """Names beside telephones may be an advice centre, or the board of the club."""
    rows = grid("Name|Funktion|Telefon", "A. Muster|Vorsitz|1", "B. Muster|Kasse|2")
    found = recognise(table(rows))
    assert found is not None
    assert found.score < 0.45
    entries = "".join(
        f'<div class="kurs"><h3>Kurs {n}</h3>Am {n}.12.2026 im Haus der Vielfalt <a href="k{n}">mehr</a></div>' for n in range(9)
    )
    listed = recognise(page(f"{entries}<h2>Vorstand</h2><table>{rows}</table>"))
    assert listed is not None
    assert "div.kurs" == listed.options["item"]
    assert recognise(table(grid("Name|Syntax|Description", "Hash|a|x", "Pfad|b|y"))) is None


@pytest.mark.parametrize("heads", [
    "Kurs|Wann|Wo", "Was?|Wann?|Wo?", "Angebot|Termin|Halle", "Kursname|Beginn|Gebühr", "Aktivität|Tag|Uhrzeit", "Titel|Datum|Ort",
])  # fmt: skip
def test_a_table_of_offers_is_recognised_by_its_headings(heads: str) -> None:
    """What, and when or where; the reason says how many and which columns, and the options read the same."""
    names = heads.split("|")
    body = table(
        f"<tr>{''.join(f'<th>{name}</th>' for name in names)}</tr>" + ROWS + ROWS.replace("Nähen", "Kochen").replace("A1", "B1")
    )
    found = recognise(body)
    assert found is not None
    assert f"Tabelle mit 4 Angeboten, Spalten: {', '.join(names)}" == found.reason
    assert 0.7 <= found.score < 0.9
    assert {"url": URL, "table": {"columns": names}} == found.options
    assert 4 == len(harvest(body, **found.options).records)


def test_titles_may_be_alike_or_plain_words() -> None:
    """The same title in every row, as a cell merged over all of them makes it; or titles that are words for an offer."""
    merged = (
        "<tr><td rowspan=3>Sprachcafé</td><td>Mo 9 Uhr</td><td>Haus A</td></tr>" + "<tr><td>Di 9 Uhr</td><td>Haus A</td></tr>" * 2
    )
    named = (
        "<tr><td>Deutschkurs</td><td>Mo 9 Uhr</td><td>Haus A</td></tr><tr><td>Workshop</td><td>Di 9 Uhr</td><td>Haus A</td></tr>"
    )
    for rows in (merged, named):
        found = recognise(table(HEADS + rows))
        assert found is not None
        assert found.score >= 0.7


def test_options_say_a_list_or_a_table_and_not_both() -> None:
    """In German, before anything is fetched."""
    for options, words in (
        ({}, "‚item‘ fehlt; für eine Tabelle stattdessen ‚table‘"), ({"item": "li"}, "‚fields‘ fehlt"),
        ({"table": {"number": 1}, "item": "li"}, "‚item‘ gehört zu einer Liste"), ({"table": {}}, "welche Tabelle gemeint ist"),
        ({"table": {"number": 1}, "next": "a"}, "‚next‘ gehört"), ({"item": "li", "fields": {"a": "b"}, "id": ["a"]}, "eine einzige"),
        ({"table": {"number": 0}}, "greater than"), ({"table": {"nummer": 1}}, "Extra inputs"),
    ):  # fmt: skip
        with pytest.raises(ValidationError, match=words):
            HtmlOptions.model_validate({"url": URL, **options})


def test_no_more_records_of_a_table_than_the_limit() -> None:
    """The cap on records ends the reading with a problem."""
    reading = harvest(table(HEADS + ROWS * 5), limits=Limits(max_records=3))
    assert (3, ["record_limit"]) == (len(reading.records), reading.codes)


@pytest.mark.parametrize("body", [
    table(HEADS + "<tr><td colspan=100000 rowspan=100000>x</td><td>y</td></tr>" * 5_000),
    table(HEADS + "<tr>" + "<td rowspan=65534>z</td>" * 100 + "</tr>" + "<tr></tr>" * 20_000),
    table(HEADS + f"<tr><td rowspan=0>{'y ' * 500_000}</td><td>a</td><td>b</td></tr>" + "<tr><td>a</td><td>b</td></tr>" * 5_000),
    page(f"<table>{HEADS}<tr><td>" * 600), page(f"<table>{HEADS}{ROWS}</table>" * 1_500),
    page(f"<table>{HEADS}<tr><td>" * 80 + f"<table>{HEADS}{ROWS * 1_000}</table>"),
    table(HEADS + "<tr><td>" + "<span hidden>" * 200 + "</td></tr>"),
    table("<tr><th>" + "Kurs " * 300_000 + "</th><th>Wann</th></tr>" + ROWS),
], ids=["huge cells", "downwards", "a long text downwards", "deep", "many", "deep and long", "hidden", "a long heading"])  # fmt: skip
def test_a_hostile_table_costs_little(body: bytes) -> None:
    """Spans of a hundred thousand, tables in tables, a text merged over thousands of rows: records, or a problem, in seconds."""
    began = time.process_time()
    recognise(body)
    try:
        told = len(harvest(body).records) > 0
    except SourceError as error:
        told = error.problem.code in ("too_large", "empty_feed", "selector_stale")
    assert told
    assert time.process_time() - began < 8


@given(st.text(alphabet="<>/=\"' abthrdsepxKW09\n", max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_table_raises_anything_but_a_source_error(tail: str) -> None:
    """Whatever stands in a table, reading gives records and problems, and recognising something or nothing."""
    for body in (table(HEADS + "<tr><td>" + tail), table(tail), table(HEADS + "<tr><td colspan=" + tail + ">x" + ROWS)):
        recognise(body)
        try:
            harvest(body, table={"number": 1})
        except SourceError as error:
            assert error.problem.message("de")
