"""Workbooks as partners have them, and those that would bring down whoever opens them."""

import io
import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.context import StoredContext
from connectors.contract import Limits, SourceError
from connectors.sheets import to_cell
from connectors.workbook import open_workbook
from connectors.xlsx import XlsxConnector, XlsxOptions
from schemas.problems import Problem
from schemas.record import Capture, RawRecord
from tests.connectors.conftest import NOW, ZONE

URL = "https://lernhaus.example/kurse.xlsx"


def capture(body: bytes) -> Capture:
    return Capture.of(body, url=URL, fetched_at=NOW)


def items(body: bytes, **options: Any) -> Iterator[RawRecord | Problem]:
    return XlsxConnector().read(XlsxOptions(url=URL, **options), StoredContext.of_file(capture(body), now=NOW, zone=ZONE))


def code(body: bytes, **options: Any) -> str:
    with pytest.raises(SourceError) as raised:
        list(items(body, **options))
    assert raised.value.problem.message("de").endswith(".")
    return raised.value.problem.code


def workbook(*rows: list[Any], **sheets: list[list[Any]]) -> bytes:
    """Write sheets with xlsxwriter; rows alone are the sheet Kurse."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name, content in ({"Kurse": list(rows)} | sheets).items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(content):
                sheet.write_row(number, 0, row)
    return out.getvalue()


GOOD = workbook(["Nr", "Titel", "Ort"], [1, "Töpfern", "Süd"], [2, "Lesen", None])


def links(**targets: str) -> str:
    """Write a part that links a workbook's parts; the first one is called a, the next b."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    inner = "".join(
        f'<Relationship Id="{chr(97 + place)}" Type="{kind}/{name}" Target="{target}"/>'
        for place, (name, target) in enumerate(targets.items())
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'


def by_hand(sheet: str, **more: str) -> bytes:
    """Write a workbook of one sheet with this XML between its sheetData tags."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    types = 'xmlns="http://schemas.openxmlformats.org/package/2006/content-types"'
    sheets = '<sheets><sheet name="A" sheetId="1" r:id="a"/></sheets>'
    parts = {
        "[Content_Types].xml": f'<Types {types}><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": links(officeDocument="xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}">{sheets}</workbook>',
        "xl/_rels/workbook.xml.rels": links(worksheet="worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
    } | more
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def row(number: int, *cells: str) -> str:
    inner = "".join(
        f'<c r="{chr(65 + place)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>' for place, cell in enumerate(cells)
    )
    return f'<row r="{number}">{inner}</row>'


def test_a_workbook_written_by_hand_is_read() -> None:
    """The helper of the hostile cases writes what the library accepts."""
    (record,) = items(by_hand(row(1, "Titel", "Ort") + row(2, "Kurs", "Süd")))
    assert isinstance(record, RawRecord)
    assert (record.locator, record.data) == ("Blatt ‚A‘, Zeile 2", {"Titel": "Kurs", "Ort": "Süd"})


def test_two_cells_far_apart_do_not_end_the_process() -> None:
    """A1 and XFD1048576 span 17 billion cells; the library would ask for 400 GB and abort. It may, in a process of its own."""
    bomb = by_hand(row(1, "Titel", "Ort") + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    assert len(bomb) < 2_000
    started = time.monotonic()
    assert code(bomb) == "too_large"
    assert XlsxConnector.detect(capture(bomb)) is None
    assert time.monotonic() - started < 20


def test_a_zip_bomb_is_not_unpacked() -> None:
    """What it says of its own size is enough; nothing is started."""
    zeros = by_hand(row(1, "Titel", "Ort"), **{"xl/media/a.bin": "0" * 60_000_000})
    assert len(zeros) < 100_000
    started = time.monotonic()
    assert code(zeros) == "too_large"
    assert time.monotonic() - started < 2


def test_one_long_text_in_every_cell_stays_in_bounds() -> None:
    """A shared text of 30,000 signs in a million cells is 30 GB for a reader that copies it."""
    cells = "".join(f'<row r="{number}">' + '<c t="s"><v>0</v></c>' * 50 + "</row>" for number in range(1, 4_001))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    shared = f'<sst xmlns="{main}"><si><t>{"x" * 32_000}</t></si></sst>'
    more = {
        "xl/sharedStrings.xml": shared,
        "xl/_rels/workbook.xml.rels": links(worksheet="worksheets/sheet1.xml", sharedStrings="sharedStrings.xml"),
    }
    assert code(by_hand(cells, **more)) in ("too_large", "wrong_content")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "empty_feed"),
        (b"PK\x03\x04" + b"x" * 500, "broken_file"),
        (GOOD[:3_000], "broken_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2_000, "broken_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500 + "EncryptedPackage".encode("utf-16-le"), "broken_file"),
        (b"<html>", "wrong_content"),
        (b"Nr;Titel\n1;Kurs\n", "wrong_content"),
        (by_hand(""), "empty_feed"),
        (by_hand("<row"), "broken_file"),
        (workbook(["1", "01.03.2027"], ["2", "02.03.2027"]), "wrong_content"),
        (workbook(["Nr", "Titel"]), "empty_feed"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_told(body: bytes, expected: str) -> None:
    """Empty, cut off, locked, or something else."""
    assert code(body) == expected


def test_other_packages_are_named() -> None:
    """A Word file is a ZIP as well."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    with pytest.raises(SourceError, match="Word"):
        list(items(out.getvalue()))


def test_a_password_is_named() -> None:
    """So that the partner knows what to take away."""
    with pytest.raises(SourceError, match="Kennwort"):
        list(items(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")))


def test_sheets_by_name_and_number() -> None:
    """Names without regard to case; numbers from 1; else the first with content."""
    body = workbook(Leer=[], Kurse=[["Titel", "Ort"], ["A", "Süd"]], Reisen=[["Titel", "Ziel"], ["B", "Nord"]])
    for wish, title in ((None, "A"), ("reisen ", "B"), (3, "B"), ("Kurse", "A")):
        ((record,), _) = read(body, sheet=wish)
        assert record.data["Titel"] == title
    assert [code(body, sheet="Feste"), code(body, sheet=9), code(body, sheet="Leer")] == [
        "bad_config",
        "bad_config",
        "empty_feed",
    ]


MONTHS = {
    "Kurse": [["Nr", "Titel", "Uhrzeit"], [1, "Nähen", "10:00"], [2, "Chor", "18:00"]],
    "Februar": [["Unser Programm"], [], ["uhrzeit ", "NR", "Titel"], ["11:00", 1, "Kochen"]],
    "März": [["Nr", "Titel", "Uhrzeit"]],
    "Preise": [["Kurs", "Euro"], ["Nähen", 5]],
    "April": [["Nr", "Titel", "Zeit"], [1, "Lesen", "9 Uhr"]],
}


def read(body: bytes, **options: Any) -> tuple[list[RawRecord], list[str]]:
    found = list(items(body, **options))
    return [item for item in found if isinstance(item, RawRecord)], [
        item.message("de") for item in found if isinstance(item, Problem)
    ]


def test_sheets_whose_columns_are_called_the_same_are_read_as_one_table() -> None:
    """A sheet a month: in any order of columns, below a banner, in other case. The others are told, one without rows is not."""
    records, told = read(workbook(**MONTHS))
    assert [
        ("Blatt ‚Kurse‘, Zeile 2", {"Nr": 1, "Titel": "Nähen", "Uhrzeit": "10:00", "Blatt": "Kurse"}),
        ("Blatt ‚Kurse‘, Zeile 3", {"Nr": 2, "Titel": "Chor", "Uhrzeit": "18:00", "Blatt": "Kurse"}),
        ("Blatt ‚Februar‘, Zeile 4", {"Uhrzeit": "11:00", "Nr": 1, "Titel": "Kochen", "Blatt": "Februar"}),
    ] == [(record.locator, record.data) for record in records]
    other, alike = told
    assert other.startswith("Blatt ‚Preise‘: Dieses Blatt wurde nicht gelesen: seine Spalten sind andere als auf ‚Kurse‘.")
    assert alike.startswith(
        "Blatt ‚April‘: Dieses Blatt wurde nicht gelesen: anders als auf ‚Kurse‘ fehlt ‚Uhrzeit‘ und gibt es nur hier ‚Zeit‘."
    )


def test_the_limit_of_records_holds_for_all_sheets_together() -> None:
    """Many sheets are no way around it."""
    rows = [["Nr", "Titel"], *([number, "x"] for number in range(40))]
    body = workbook(Kurse=rows, Mai=rows, Juni=rows)
    world = StoredContext.of_file(capture(body), now=NOW, zone=ZONE, limits=Limits(max_records=50))
    found = list(XlsxConnector().read(XlsxOptions(url=URL), world))
    assert [("record_limit", "50")] == [(item.code, item.value) for item in found if isinstance(item, Problem)]
    assert 49 <= sum(isinstance(item, RawRecord) for item in found) <= 50


def test_one_sheet_some_or_all_can_be_asked_for() -> None:
    """One alone is as it was; all are read whatever their columns are called, and each record says its sheet."""
    body = workbook(**MONTHS)
    for wish, titles, sheets in (
        ("Februar", ["Kochen"], [None]),
        (2, ["Kochen"], [None]),
        (["Kurse", 2], ["Nähen", "Chor", "Kochen"], ["Kurse", "Kurse", "Februar"]),
        (["April", "Kurse"], ["Lesen", "Nähen", "Chor"], ["April", "Kurse", "Kurse"]),
        ("*", ["Nähen", "Chor", "Kochen", None, "Lesen"], ["Kurse", "Kurse", "Februar", "Preise", "April"]),
    ):
        records, told = read(body, sheet=wish)
        assert (titles, sheets, []) == (
            [one.data.get("Titel") for one in records],
            [one.data.get("Blatt") for one in records],
            told,
        )
    assert "bad_config" == code(body, sheet=["Kurse", "Mai"])


def test_the_sheet_may_be_part_of_the_id() -> None:
    """Where each sheet counts from 1, also while there is only one of them; a column of that name is the partner's own."""
    body = workbook(**MONTHS)
    assert ["Kurse|1", "Kurse|2", "Februar|1"] == [one.record_id for one in read(body, id=["Blatt", "Nr"])[0]]
    assert ["Kurse|1", "Kurse|2"] == [one.record_id for one in read(body, sheet="Kurse", id=["Blatt", "Nr"])[0]]
    assert ["1", "2", "1"] == [one.record_id for one in read(body, id="Nr")[0]]
    own = [["Nr", "Blatt"], [1, "x"]]
    assert ["x|1", "x|1"] == [one.record_id for one in read(workbook(Kurse=own, Mai=own), id=["Blatt", "Nr"])[0]]


def test_a_hidden_sheet_is_not_read_and_told_where_it_looks_alike() -> None:
    """Last year's list, out of sight; a hidden list of choices is nobody's business."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name, heading, hidden in (("Kurse", "Titel", False), ("Alt", "Titel", True), ("Auswahl", "Wert", True)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Nr", heading])
            sheet.write_row(1, 0, [1, name])
            if hidden:
                sheet.hide()
    records, (told,) = read(out.getvalue())
    assert [{"Nr": 1, "Titel": "Kurse"}] == [record.data for record in records]
    assert told.startswith("Blatt ‚Alt‘: Dieses Blatt wurde nicht gelesen: es ist ausgeblendet.")


def test_a_sheet_that_cannot_be_opened_spares_its_neighbours() -> None:
    """A stray cell in the last corner of a sheet that nobody looks at; the sheet behind it is read, the broken one told."""
    body = io.BytesIO()
    sound = workbook(Kurse=[["Titel", "Ort"], ["A", "Süd"]], Leer=[["x"]], Mai=[["Titel", "Ort"], ["B", "Nord"]])
    far = row(1, "Titel", "Ort") + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with zipfile.ZipFile(io.BytesIO(sound)) as old, zipfile.ZipFile(body, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode()
            new.writestr(
                name, re.sub("<sheetData>.*</sheetData>", f"<sheetData>{far}</sheetData>", part) if "sheet2" in name else part
            )
    records, (told,) = read(body.getvalue())
    assert [("A", "Kurse"), ("B", "Mai")] == [(one.data["Titel"], one.data["Blatt"]) for one in records]
    assert told.startswith("Blatt ‚Leer‘: Dieses Blatt wurde nicht gelesen: es ist beschädigt oder zu groß.")


def test_a_sheet_of_prose_before_the_table_is_told() -> None:
    """What has no headings is no list; the next sheet may be one."""
    prose = [["1", "01.03.2027"], ["2", "02.03.2027"]]
    records, (told,) = read(workbook(Kurse=prose, Liste=[["Titel", "Ort"], ["A", "Süd"]]))
    assert [{"Titel": "A", "Ort": "Süd"}] == [record.data for record in records]
    assert told.startswith("Blatt ‚Kurse‘: Dieses Blatt wurde nicht gelesen: es hat keine Zeile mit Spaltennamen.")
    records, (told,) = read(workbook(Kurse=prose, Mai=prose), header_row="none")
    assert [2, True] == [len(records), "es hat keine Zeile mit Spaltennamen" in told]
    assert "empty_feed" == code(workbook(Kurse=[["Titel", "Ort"]], Mai=[["Titel", "Ort"]]))


@pytest.mark.parametrize(
    "cover",
    [
        [["Programm 2027"], ["Verein Brücke e. V."], ["Stand: 01.11.2026"]],
        [["Verein", "Brücke e. V."], ["Stand", "01.11.2026"], ["Telefon", "0203 2834567"]],
        [["Name", "Brücke e. V."], ["Ort", "Duisburg"]],
        [["Kürzel", "Bedeutung"], ["SC", "Sprachcafé"]],
    ],
)
def test_a_cover_before_the_tables_is_not_the_table(cover: list[list[str]]) -> None:
    """What its lines say would be published as offers, and the months behind it not at all."""
    months = {"Januar": [["Titel", "Tag", "Ort"], ["A", "Di", "Süd"]], "Februar": [["Titel", "Tag", "Ort"], ["B", "Mi", "Nord"]]}
    body = workbook(*cover, **months)
    records, (told,) = read(body)
    assert [("A", "Januar"), ("B", "Februar")] == [(one.data["Titel"], one.data["Blatt"]) for one in records]
    assert told.startswith("Blatt ‚Kurse‘: Dieses Blatt wurde nicht gelesen: seine Spalten sind andere als auf ‚Januar‘.")
    found = XlsxConnector.detect(capture(body))
    assert found is not None
    assert {"url": URL} == found.options
    first = workbook(["Kurs", "Wann"], ["A", "Di 10 Uhr"], Preise=[["Leistung", "Euro", "Ermäßigt"], ["A", 5, 3]])
    assert ["A"] == [one.data["Kurs"] for one in read(first)[0]]


def test_numbers_look_like_numbers() -> None:
    """12 not 12.0, and no digits that only a computer sees."""
    shown = {12.0: 12, 12.5: 12.5, 0.1 + 0.2: 0.3, -3.0: -3, 1e20: 1e20, float("inf"): None, "": None, " ": None, "x ": "x "}
    assert {value: to_cell(value) for value in shown} == shown
    assert repr(to_cell(12.0)) == "12"
    assert [to_cell(float("nan")), to_cell(True), to_cell(None)] == [None, True, None]


def test_a_reader_that_stops_early_leaves_no_process() -> None:
    """Preview reads twenty rows and goes."""
    body = workbook(["Titel", "Ort"], *([f"Kurs {number}", "Süd"] for number in range(5_000)))
    before = children()
    with open_workbook(capture(body), None) as book:
        assert next(iter(next(iter(book)))).cells == ["Titel", "Ort"]
    reading = items(body)
    next(reading)
    assert children() - before
    reading.close()  # type: ignore[attr-defined]
    assert children() <= before


def children() -> set[str]:
    """The processes this one has started; other tests may have left some running on purpose."""
    return {pid for task in Path("/proc/self/task").glob("*/children") for pid in task.read_text().split()}


def test_a_workbook_is_detected_with_its_size() -> None:
    """The partner reads which sheet we would take, and which others there are."""
    found = XlsxConnector.detect(capture(workbook(["Nr", "Titel"], *([n, "x"] for n in range(34)), Preise=[["a", "b"]])))
    assert found is not None
    assert found.reason == "Tabelle (Excel), Blatt ‚Kurse‘ mit 34 Zeilen und 2 Spalten; weitere Blätter: Preise"
    assert found.options == {"url": URL, "sheet": "Kurse"}
    found = XlsxConnector.detect(capture(workbook(**MONTHS)))
    assert found is not None
    months = "Blätter mit denselben Spalten: ‚Kurse‘, ‚Februar‘, ‚März‘, zusammen mit 3 Zeilen und 3 Spalten"
    assert f"Tabelle (Excel), {months}; weitere Blätter: Preise, April" == found.reason
    assert found.options == {"url": URL}
    assert XlsxConnector.detect(capture(b"Nr;Titel")) is None


@settings(max_examples=25, deadline=None)
@given(place=st.integers(0, len(GOOD) - 1), bits=st.integers(1, 255), cut=st.integers(0, 200))
def test_any_bytes_end_in_records_and_problems(place: int, bits: int, cut: int) -> None:
    """Flipped bytes, cut ends: bad input is normal input."""
    body = bytearray(GOOD)
    body[place] ^= bits
    try:
        for item in items(bytes(body[: len(body) - cut])):
            assert isinstance(item, RawRecord) or item.message("de")
    except SourceError as error:
        assert error.problem.owner in ("partner", "operator")


@pytest.mark.parametrize(
    ("file", "count", "first"),
    [
        ("sf_directories/appendix_a.xlsx", 14, {"Secured Credit Cards": "Bank of America", "Annual Fee": 39, "APR": 0.2024}),
        ("csv_german/zensus_stadtteile.xls", 1_619, {"RS_12": "110000000000", "Fehler Stadtteil": 0.52, "Stadtteil-Nummer": 1}),
    ],
)
def test_real_files_are_read_whole(file: str, count: int, first: dict[str, Any], shared_data: Path) -> None:
    """The census workbook holds as many rows as its CSV twin."""
    found, told = read((shared_data / file).read_bytes())
    assert len(found) == count
    assert all("Dieses Blatt wurde nicht gelesen" in one for one in told)
    assert first.items() <= found[0].data.items()


def test_errors_formulas_without_a_result_and_what_is_hidden_are_told() -> None:
    """They look empty, or like everything else; the partner who sees his file cannot know."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Kurse & mehr")
        sheet.write_row(0, 0, ["Titel", "Preis", "Platz", "Intern"])
        sheet.write_row(1, 0, ["Töpfern", None, None, "x"])
        sheet.write_formula(1, 1, "=1+1", None, "")
        sheet.write_formula(1, 2, "=NA()", None, "#N/A")
        sheet.write_row(2, 0, ["Lesen", 2, 3, "y"])
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column(3, 3, None, None, {"hidden": True})
    found = list(items(out.getvalue()))
    assert 2 == sum(isinstance(item, RawRecord) for item in found)
    told = [item.message("de") for item in found if isinstance(item, Problem)]
    assert [True, True, True] == [one.startswith("Blatt ‚Kurse & mehr‘: ") for one in told]
    assert "Eine Zelle enthält einen Fehler (#NV, #BEZUG!), zum Beispiel C2" in told[0]
    assert "Eine Formel hat kein gespeichertes Ergebnis, zum Beispiel B2" in told[1]
    assert "eine ausgeblendete Zeile und eine ausgeblendete Spalte mitgelesen" in told[2]
    assert [] == [item for item in items(GOOD) if isinstance(item, Problem)]
