"""CSV as partners have it: any delimiter, encoding and line end, any length, and rows of any shape."""

import csv as standard
import gzip
import hashlib
import io
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.context import StoredContext
from connectors.contract import Limits, SourceError
from connectors.csv import CsvConnector, CsvOptions
from connectors.text import find_encoding, what_is
from schemas.problems import Problem
from schemas.record import Capture, RawRecord
from tests.connectors.conftest import NOW, ZONE

URL = "https://lernhaus.example/kurse.csv"


def capture(body: bytes | str, **options: Any) -> Capture:
    body = body.encode() if isinstance(body, str) else body
    return Capture.of(body, url=URL, fetched_at=NOW, **options)


def items(body: bytes | str | Capture, **options: Any) -> Iterator[RawRecord | Problem]:
    one = body if isinstance(body, Capture) else capture(body)
    return CsvConnector().read(CsvOptions(url=URL, **options), StoredContext.of_file(one, now=NOW, zone=ZONE))


def records(body: bytes | str | Capture, **options: Any) -> list[RawRecord]:
    return [item for item in items(body, **options) if isinstance(item, RawRecord)]


def codes(body: bytes | str | Capture, **options: Any) -> list[str]:
    try:
        return [item.code for item in items(body, **options) if isinstance(item, Problem)]
    except SourceError as error:
        return [error.problem.code]


TITLES = ["Frühstück für Mütter", "Größe, Maß & Übung", "Café – „Süd“ 5 €"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_encoding_line_end_and_delimiter(encoding: str, end: str, delimiter: str) -> None:
    """The same table in every dress is the same table."""
    rows = [["Nr", "Titel"], *([str(number), f'"{title}"'] for number, title in enumerate(TITLES))]
    body = end.join(delimiter.join(row) for row in rows).encode(encoding)
    assert [record.data for record in records(body)] == [{"Nr": str(n), "Titel": title} for n, title in enumerate(TITLES)]


@pytest.mark.parametrize(
    ("encoding", "end", "shown"),
    [
        ("cp1252", "\n", "Windows-1252"),
        ("mac_roman", "\r", "Mac Roman"),
        ("mac_roman", "\n", "Mac Roman"),
        ("cp850", "\r\n", "DOS 850"),
    ],
)
def test_a_guessed_encoding_is_right_and_told(encoding: str, end: str, shown: str) -> None:
    """Where German letters would lie decides, and the partner reads what was guessed."""
    body = f"Nr;Titel{end}1;Größe und Übung{end}2;Mädchen, Jungen, Straße{end}".encode(encoding)
    found = list(items(body))
    assert isinstance(found[0], Problem)
    assert (found[0].code, found[0].value) == ("encoding_guess", shown)
    assert [item.data["Titel"] for item in found[1:] if isinstance(item, RawRecord)] == [
        "Größe und Übung",
        "Mädchen, Jungen, Straße",
    ]


def test_an_umlaut_in_the_last_line_counts() -> None:
    """The whole file is looked at, not a sample."""
    body = b"Nr;Titel\n" + b"1;Kurs\n" * 100_000 + "2;Süd".encode("cp1252")
    assert records(body)[-1].data["Titel"] == "Süd"
    assert records(body.replace(b"\xfc", "ü".encode()))[-1].data["Titel"] == "Süd"


def test_one_damaged_place_does_not_damage_the_others() -> None:
    """UTF-8 with a stray byte stays UTF-8; the place is marked, and told."""
    body = ("Nr;Titel\n" + "1;Größe übermäßig schön\n" * 20).encode() + b"2;kaputt\xff\n"
    found = records(body)
    assert (found[0].data["Titel"], found[-1].data["Titel"]) == ("Größe übermäßig schön", "kaputt\ufffd")
    assert codes(body) == ["encoding_guess"]


def test_what_the_server_says_is_believed_where_it_can_be() -> None:
    """A charset in Content-Type is no guess; one that the bytes contradict is none."""
    body = "Nr;Titel\n1;Şişli çayı\n".encode("iso8859-9")
    turkish = capture(body, headers={"content-type": "text/csv; charset=ISO-8859-9"})
    assert (records(turkish)[0].data["Titel"], codes(turkish)) == ("Şişli çayı", [])
    assert codes(capture(body, headers={"content-type": "text/csv; charset=utf-8"})) == ["encoding_guess"]


def test_the_encoding_of_the_source_file_is_used_while_it_fits() -> None:
    """Told is not guessed; if the partner changes the encoding, the file is read all the same, and it is told."""
    assert codes("Nr;Titel\n1;Süd\n".encode("cp1252"), encoding="cp1252") == []
    assert codes("Nr;Titel\n1;Süd\n".encode("cp1252"), encoding="utf-8") == ["encoding_guess"]
    with pytest.raises(ValueError, match="keine Zeichenkodierung"):
        CsvOptions(url=URL, encoding="klingonisch")


def test_doubled_mojibake_is_left_alone() -> None:
    """What was damaged before it reached us stays visible as it is."""
    assert records("Nr;Titel\n1;A Womanâ€™s Place\n")[0].data["Titel"] == "A Womanâ€™s Place"


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    """A cell with line breaks is one row, an empty line is one, and the line sep=; is none."""
    body = 'sep=;\r\nTitel;Text\r\nA;"eins\r\nzwei\r\ndrei"\r\n\r\nB;vier\r\n'
    assert [record.locator for record in records(body)] == ["Zeile 2", "Zeile 4"]


def test_a_doubled_byte_order_mark_is_no_part_of_a_name() -> None:
    """Files are glued together, or saved as UTF-8 twice."""
    assert {"Titel": "A", "Ort": "B"} == records(b"\xef\xbb\xbf\xef\xbb\xbfTitel;Ort\nA;B\n")[0].data


def test_skipped_and_commented_lines_still_count() -> None:
    """So that a locator points to the row the partner sees."""
    body = "Titel;Ort;Falsch\nKopf;Kopf\nTitel;Ort\n# nicht das\nA;Süd\n"
    assert [(record.locator, record.data) for record in records(body, skip_rows=2, comment="#")] == [
        ("Zeile 5", {"Titel": "A", "Ort": "Süd"})
    ]


def test_a_table_without_a_header_needs_to_be_told_so() -> None:
    """A first row of dates and addresses is no header; with header_row none the columns are numbered."""
    body = "1;01.03.2027;info@a.example\n2;02.03.2027;info@b.example\n"
    assert codes(body) == ["wrong_content"]
    assert records(body, header_row="none", id="Spalte 1")[1].data == {
        "Spalte 1": "2", "Spalte 2": "02.03.2027", "Spalte 3": "info@b.example"
    }  # fmt: skip


@pytest.mark.parametrize("header_row", [1, "none", "auto"])
def test_a_table_of_a_hundred_thousand_columns_is_none(header_row: int | str) -> None:
    """It is refused before a name is given to each; as many as Excel has are named, alike or not."""
    assert codes("a;" * 100_000 + "\n1;2\n", header_row=header_row) == ["wrong_content"]
    if header_row == 1:
        names = list(records("a;" * 16_000 + "\n1;2\n", header_row=1)[0].data)
        assert (names[:3], len(names)) == (["a", "a (2)", "a (3)"], 16_000)


def test_a_banner_of_several_cells_is_no_header() -> None:
    """The header has most of the names; sparse rows below do not change that."""
    head = ";".join(f"Spalte {letter}" for letter in "ABCDEFGHIJKL")
    body = "Lernhaus;Beispielplatz 1;47051 Duisburg;Telefon;Fax;;;;;;;\n" + head + "\n" + "1;Kurs;Süd;;;;;;;x;;\n" * 9
    assert records(body)[0].locator == "Zeile 3"
    assert len(records(body)[0].data) == 12


def test_years_may_be_headers() -> None:
    """Statistics have them."""
    assert records("Stadtteil;2024;2025\nMarxloh;1;2\n")[0].data == {"Stadtteil": "Marxloh", "2024": "1", "2025": "2"}


def test_one_column_needs_a_delimiter_to_be_told() -> None:
    """Any text has one column; only the source file can say that it is meant."""
    assert codes("Titel\nA\nB\n") == ["wrong_content"]
    assert [record.data for record in records("Titel\nA\nB\n", delimiter=";")] == [{"Titel": "A"}, {"Titel": "B"}]


def test_many_short_rows_are_told_in_one_line() -> None:
    """Twenty by name, the rest by number."""
    found = [item for item in items("a;b;c;d\n" + "1;2;3\n" * 100) if isinstance(item, Problem)]
    assert len(found) == 21
    assert found[-1].message("de").startswith("80 weitere Zeilen: ")


@pytest.mark.parametrize("lines", ["2;b\n", "\n"])
def test_a_table_without_end_comes_to_an_end(lines: str) -> None:
    """Rows count, also empty ones: what a server sends for ever must not be read for ever."""
    world = StoredContext.of_file(capture("Nr;Titel\n1;a\n" + lines * 500), now=NOW, zone=ZONE, limits=Limits(max_records=100))
    found = list(CsvConnector().read(CsvOptions(url=URL), world))
    told = [item for item in found if isinstance(item, Problem)]
    assert [(one.code, one.value) for one in told] == [("record_limit", "100")]
    assert len(found) == (101 if lines.strip() else 2)


def test_an_open_quote_costs_its_own_row() -> None:
    """The rest of the file is not swallowed, however long it is."""
    body = 'Nr;Titel;Ort\n1;"offen;Süd\n' + "2;gut;Nord\n" * 5_000
    found = list(items(body))
    assert sum(isinstance(item, RawRecord) for item in found) == 5_001
    assert [item.locator for item in found if isinstance(item, Problem)] == ["Zeile 2"]


def test_a_file_of_open_quotes_is_given_up() -> None:
    """Reading again and again must end."""
    started = time.monotonic()
    assert codes("a;b\n" + '"x;\n' * 200_000)[-1] in ("broken_file", "odd_record")
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_feed"),
        (b"\xef\xbb\xbf \r\n\n", "empty_feed"),
        (b"<html><body>Wartung</body></html>", "wrong_content"),
        (b"\xef\xbb\xbf<!DOCTYPE html>", "wrong_content"),
        ("<!doctype html>".encode("utf-16"), "wrong_content"),
        (b"PK\x03\x04 xl/workbook.xml", "wrong_content"),
        (b"%PDF-1.7", "wrong_content"),
        (b'{"angebote": []}', "wrong_content"),
        (b"<?xml version='1.0'?><a/>", "wrong_content"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR", "wrong_content"),
        (b"Wir sind umgezogen.", "wrong_content"),
        (b"\x00" * 1_000, "empty_feed"),
        (bytes(range(128, 256)) * 50, "wrong_content"),
        (b"a;b\n" + b"x" * 10_000_001 + b";1\n2;3\n", "too_large"),
    ],
)
def test_what_is_no_table_is_told(body: bytes, code: str) -> None:
    """A maintenance page, another format, nothing at all: each has its word."""
    assert codes(body)[-1:] == [code]


def test_one_line_of_fifty_megabytes_ends_in_bounds() -> None:
    """Neither the time nor the memory it would like."""
    started = time.monotonic()
    tracemalloc.start()
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as file:
        for _ in range(50):
            file.write(b"x;y " * 250_000)
    assert codes(capture(gzip.decompress(packed.getvalue())))[-1:] == ["too_large"]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000_000  # 50 of them the test's own copy, twice
    assert time.monotonic() - started < 20


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """A hundred thousand rows are read one by one."""
    path, digest, size = tmp_path / "kurse", hashlib.sha256(), 0
    with gzip.open(path, "wb", compresslevel=1) as file:
        for start in range(0, 100_000, 1_000):
            lines = b"".join(b"%d;Kurs %d;Marxloh;%s\n" % (n, n, b"x" * 200) for n in range(start, start + 1_000))
            block = (b"Nr;Titel;Ort;Text\n" if start == 0 else b"") + lines
            file.write(block)
            digest.update(block)
            size += len(block)
    stored = Capture(URL, 200, "text/csv", NOW, digest.hexdigest(), size, path=path)
    tracemalloc.start()
    assert sum(isinstance(item, RawRecord) for item in items(stored, id="Nr")) == 100_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 20_000_000
    assert peak < 8_000_000


def test_a_table_is_detected_with_its_size() -> None:
    """The partner reads what we found."""
    found = CsvConnector.detect(capture("Nr;Titel;Ort\n" + "1;Süd;x\n" * 34, media_type="text/csv"))
    assert found is not None
    assert (found.score, found.reason) == (0.9, "Tabelle (CSV, Semikolon) mit 34 Zeilen und 3 Spalten")
    assert CsvConnector.detect(capture("<html>")) is None
    assert CsvConnector.detect(capture("Hallo, Welt.\nWie geht es dir?\n")) is None


def test_what_the_first_bytes_say() -> None:
    """Formats are told apart before they are read."""
    assert what_is(b"\n <!-- x --> <HTML>") == "eine Webseite (HTML)"
    assert what_is(b"<rss version='2.0'>") == "eine XML-Datei"
    assert what_is(b"[\n {") == "eine JSON-Datei"
    assert what_is(b"<5 Jahre;Titel") is None
    assert find_encoding(capture("ä".encode("utf-16-le") + "Titel;Ort".encode("utf-16-le"))).codec == "utf-16-le"


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n\ufeff", exclude_categories=["Cs"]), max_size=12)


@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8), delimiter=st.sampled_from(",;\t|"))
def test_what_a_proper_writer_writes_is_read_back(rows: list[list[str]], delimiter: str) -> None:
    """Whatever stands in the cells."""
    out = io.StringIO()
    writer = standard.writer(out, delimiter=delimiter, quoting=standard.QUOTE_ALL)
    writer.writerows([["Nummer", "Titel", "Ort"], *rows])
    wanted = [{"Nummer": a, "Titel": b, "Ort": c} for a, b, c in rows]
    wanted = [{name: value if value and not value.isspace() else None for name, value in row.items()} for row in wanted]
    wanted = [row for row in wanted if any(row.values())]
    if wanted:
        assert [record.data for record in records(out.getvalue(), delimiter=delimiter)] == wanted


PIECES = st.sampled_from(
    [b"Titel;Ort\n", b'"', b"\n", b"\r", b";", b",", b"\t", b"sep=;\n", b"\xff\xfe", b"\x00", b"\xfc", b"1;2\n", b"#", b"'"]
)


@given(st.binary(max_size=300) | st.lists(PIECES | st.binary(max_size=5), max_size=60).map(b"".join))
def test_any_bytes_end_in_records_and_problems(body: bytes) -> None:
    """Bad input is normal input."""
    for options in (
        {},
        {"delimiter": ";", "quote": ""},
        {"header_row": "none", "delimiter": ","},
        {"header_row": 2, "header_rows": 3},
    ):
        try:
            for item in items(body, **options):
                assert isinstance(item, RawRecord) or item.message("de")
        except SourceError as error:
            assert error.problem.owner in ("partner", "operator")
    CsvConnector.detect(capture(body))


@pytest.mark.parametrize(
    ("file", "count", "first"),
    [
        ("csv_german/kitas_in_flensburg.csv", 70, {"district": "Altstadt", "facility": "Kinderhaus", "comments": None}),
        ("csv_german/zensus_stadtteile_latin1.csv", 1_619, {"RS_12": "110000000000", "Fehler_Teil": "0,52"}),
        ("nrw_schools/schuldaten_duisburg.csv", 136, {"Schulnummer": "100085", "Schulbezeichnung_2": "Städtische Gesamtschule"}),
        ("sf_directories/locations.csv", 89, {"name": "La Casa de las Madres", "housing": "1"}),
        ("hsds_30/schema.csv", 242, {}),
    ],
)
def test_real_files_are_read_whole(file: str, count: int, first: dict[str, str | None], shared_data: Path) -> None:
    """Every line below the header is a record, and no row is odd."""
    body = (shared_data / file).read_bytes()
    found = records(body)
    assert len(found) == count
    assert first.items() <= found[0].data.items()
    assert set(codes(body)) <= {"encoding_guess"}
