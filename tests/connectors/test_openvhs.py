"""Courses of Volkshochschulen: Open-vhs XML as it is exported, Berlin's JSON, and what is broken in both."""

import contextlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Limits, SourceError
from connectors.openvhs import OpenvhsConnector
from tests.connectors.normalised import normalise
from tests.connectors.pages import Reading, capture, read

URL = "https://vhs.example/kurse.xml"
COURSE = "<veranstaltung><guid>{0}</guid><nummer>N{0}</nummer><name>Kurs {0}</name>{1}</veranstaltung>"


def xml(*courses: str, encoding: str = "utf-8") -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?><veranstaltungen>{"".join(courses)}</veranstaltungen>'


def harvest(body: str | bytes, **options: Any) -> Reading:
    return read(OpenvhsConnector(), {URL: body.encode() if isinstance(body, str) else body}, **options)


def one(inner: str) -> Any:
    return harvest(xml(COURSE.format(1, inner))).data[0]


def code(body: str | bytes) -> str:
    with pytest.raises(SourceError) as raised:
        harvest(body)
    return raised.value.problem.code


def test_the_rows_need_no_map() -> None:
    """Title, texts, level, costs, places, place and dates fill their columns by themselves."""
    case = Path(__file__).parents[1] / "cases" / "openvhs" / "xml-with-sessions" / "input.xml"
    batch = normalise(OpenvhsConnector(), harvest(case.read_bytes()))
    first, second = batch.offers
    assert {
        "title": "Deutsch A2.2 am Abend", "summary": "Aufbaukurs – mit Lernberatung", "offer_type": "language_course",
        "topics": "language", "cefr_from": "A2.2", "attendance_mode": "blended", "cost_type": "paid", "cost_amount": 82.8,
        "cost_currency": "EUR", "cost_note": "zzgl. 5 € Material; Ratenzahlung möglich", "capacity_max": 12, "places_free": 3,
        "url": "https://vhs.example/kurs?id=22&nr=D4041", "start_date": "2027-01-11", "end_date": "2027-03-22",
    }.items() <= first.items()  # fmt: skip
    assert "Bitte <Lehrbuch> mitbringen" not in str(first["description"])  # the text is HTML, so the tag is one
    assert "Einstufung vorab." in str(first["description"])
    assert {"street": "Steinsche Gasse", "house_number": "26", "wheelchair": "yes"}.items() <= batch.locations[0].items()
    assert [(row["start"], row["end"], row["all_day"]) for row in batch.sessions[:2]] == [
        ("2027-01-11T18:30:00+01:00", "2027-01-11T20:00:00+01:00", False),
        ("2027-01-18T00:00:00+01:00", None, True),
    ]
    assert {row["name"] for row in batch.organisations} == {"VHS Musterstadt"}
    assert (second["title"], second["cost_type"], second["cefr_from"]) == ("Lesen & Schreiben & mehr", "free", None)
    assert [row["weekday"] for row in batch.sessions[2:]] == ["mo", "we"]
    assert {problem.code for problem in batch.problems} == {"unknown_value"}  # „Zugewanderte“ is for a lookup


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("18:30:00+02:00", "18:30:00"),
        ("18:30Z", "18:30"),
        ("18:30:00.000+01:00", "18:30:00"),
        ("18:30:00", "18:30:00"),
        ("x", "x"),
    ],
)
def test_times_lose_their_offset(given: str, expected: str) -> None:
    """The day and the city say which offset it is; the exporter's is often that of the export."""
    data = one(f"<termin><beginn_datum>2027-01-11</beginn_datum><beginn_uhrzeit>{given}</beginn_uhrzeit></termin>")
    assert data["termin"][0]["beginn_uhrzeit"] == expected


@pytest.mark.parametrize(
    ("traits", "place", "expected"),
    [
        ("online_angebot", "<strasse>Weg 1</strasse>", "online"),
        ("selbstlernangebot", "", "online"),
        ("blended_learning", "", "blended"),
        ("anderes", "<strasse>Weg 1</strasse>", "onsite"),
        ("anderes", "", None),
    ],
)
def test_the_form_of_a_course(traits: str, place: str, expected: str | None) -> None:
    """What the trait says counts before the address; without either nothing is said."""
    data = one(
        f"<merkmale><merkmal><name>kursart_digital</name><wert>{traits}</wert></merkmal></merkmale>"
        f"<veranstaltungsort><adresse>{place}</adresse></veranstaltungsort>"
    )
    assert data.get("lernform") == expected


@pytest.mark.parametrize(
    ("level", "expected"), [("B1.2", "B1.2"), ("A1/A2", "A1/A2"), ("Einsteiger", None), ("b1", "b1"), ("", None)]
)
def test_a_level_that_is_none_of_cefr_stays_a_word(level: str, expected: str | None) -> None:
    """„Einsteiger“ is a level of the format, and no level of the Framework."""
    assert one(f"<level>{level}</level>").get("niveau") == expected


@pytest.mark.parametrize("many", [0, 1, 3])
def test_json_is_an_object_or_a_list_by_number(many: int) -> None:
    """xmltodict writes one child as an object; a record looks the same from both formats."""
    words = [f"Wort {number}" for number in range(many)]
    word: Any = words if many != 1 else words[0]
    course = {"guid": "1", "nummer": "N1", "name": "Kurs 1", "schlagwort": word or None}
    body = json.dumps({"veranstaltungen": {"veranstaltung": [course]}})
    from_xml = one("".join(f"<schlagwort>{word}</schlagwort>" for word in words))
    assert harvest(body).data[0] == harvest(body.replace("[{", "{").replace("}]", "}")).data[0] == from_xml


def test_a_broken_course_spares_its_neighbours() -> None:
    """A bare ampersand is mended and told; a course nested a thousand deep is left out and told."""
    courses = [
        COURSE.format(1, ""),
        COURSE.format(2, "<text>a & b</text>"),
        COURSE.format(3, "<a>" * 1_000),
        COURSE.format(4, ""),
    ]
    reading = harvest(xml(*courses))
    assert [record.record_id for record in reading.records] == ["1", "2", "4"]
    assert [problem.message("de") for problem in reading.problems] == [
        "Eintrag 2: Der Eintrag ist auffällig: das XML ist nicht wohlgeformt. Bitte prüfen.",
        "Eintrag 3: Der Eintrag lässt sich nicht lesen: das XML ist zu tief verschachtelt. Bitte den Eintrag berichtigen.",
    ]


def test_a_course_without_its_end_spares_the_next() -> None:
    """Where the next one begins, it has ended; that something is missing is told."""
    reading = harvest(xml(COURSE.format(1, "").replace("</veranstaltung>", ""), COURSE.format(2, ""), COURSE.format(3, "")))
    assert ([record.record_id for record in reading.records], reading.codes) == (["1", "2", "3"], ["odd_record"])


@pytest.mark.parametrize("cut", [1, 10, 25, 40])
def test_a_file_that_breaks_off_keeps_whole_courses(cut: int) -> None:
    """Half a course is none, and that the file breaks off is told."""
    body = xml(COURSE.format(1, ""), COURSE.format(2, ""))
    reading = harvest(body[: -len("</veranstaltungen>") - cut])
    assert ([record.record_id for record in reading.records], reading.codes) == (["1"], ["truncated"])


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_umlauts_arrive_in_every_encoding(encoding: str) -> None:
    """What the XML declares is believed where the bytes agree."""
    body = xml(COURSE.format(1, "<ort>Größe</ort>"), encoding=encoding).encode(encoding)
    reading = harvest(body)
    assert (reading.data[0]["ort"], reading.codes) == ("Größe", [])


def test_a_wrong_declaration_is_told() -> None:
    """UTF-8 is declared, Windows-1252 lies there."""
    reading = harvest(xml(COURSE.format(1, "<ort>Größe und Übung</ort>")).encode("cp1252"))
    assert (reading.data[0]["ort"], reading.codes) == ("Größe und Übung", ["encoding_guess"])


def test_comments_and_character_data_hide_nothing() -> None:
    """A course in a comment is none; a tag inside of CDATA is text."""
    body = xml(
        "<!-- <veranstaltung><guid>0</guid></veranstaltung> -->", COURSE.format(1, "<text><![CDATA[</veranstaltung>]]></text>")
    )
    (data,) = harvest(body).data
    assert data["text"] == ["</veranstaltung>"]


def test_bombs_do_not_go_off() -> None:
    """Entities stay as they are written, files stay closed, and endless tags end."""
    entities = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 12))
    for bomb in (
        f'<!DOCTYPE x [<!ENTITY l0 "boom">{entities}]>' + xml(COURSE.format(1, "&l11;")).partition("?>")[2],
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + xml(COURSE.format(1, "&e;")).partition("?>")[2],
        xml(COURSE.format(1, "<a>" * 100_000)),
        "<veranstaltungen>" + "<veranstaltung>" * 100_000,
        "<veranstaltungen><veranstaltung " + 'a="b" ' * 100_000,
        "<veranstaltungen><![CDATA[" + "x" * 6_000_000,
    ):
        started = time.monotonic()
        with contextlib.suppress(SourceError):
            text = json.dumps(harvest(bomb).data)
            assert len(text) < 10_000
            assert "root:" not in text
        assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "empty_feed"),
        ("<veranstaltungen/>", "empty_feed"),
        ('{"veranstaltungen": {"veranstaltung": []}}', "empty_feed"),
        ("<html><body>Wartung</body></html>", "wrong_content"),
        ("<kurse><kurs/></kurse>", "wrong_content"),
        ('{"kurse": []}', "wrong_content"),
        ("Titel;Ort", "wrong_content"),
    ],
)
def test_what_is_no_file_of_courses_is_told(body: str | bytes, expected: str) -> None:
    """Empty, a page that says sorry, another format."""
    assert code(body) == expected
    assert OpenvhsConnector.detect(capture(body.encode() if isinstance(body, str) else body)) is None


def test_it_is_recognised_with_figures() -> None:
    """How many courses, and when the next one begins."""
    day = "<beginn_datum>2027-01-{}</beginn_datum>"
    found = OpenvhsConnector.detect(
        capture(xml(COURSE.format(1, day.format("18")), COURSE.format(2, day.format("11"))).encode(), URL)
    )
    assert found is not None
    assert (found.score, found.options) == (0.95, {"url": URL})
    assert found.reason == "Volkshochschule (Open-vhs) mit 2 Kursen, nächster ab 11. Januar 2027"


def test_the_limit_of_records_holds() -> None:
    """What is more is told."""
    reading = harvest(xml(*(COURSE.format(number, "") for number in range(5))), limits=Limits(max_records=3))
    assert (len(reading.records), reading.codes) == (3, ["record_limit"])


def test_real_xml_is_read_whole(shared_data: Path) -> None:
    """Berlin's courses of 2020: as many records as courses, all with place, price and address, and the books balance."""
    body = (shared_data / "vhs_openvhs" / "kurse_snippet.xml").read_bytes()
    reading = harvest(body)
    assert len(reading.records) == body.count(b"<veranstaltung>") == 3
    assert reading.problems == []
    batch = normalise(OpenvhsConnector(), reading)
    assert (len(batch.offers), len(batch.rejected)) == (3, 0)
    assert [(row["title"], row["topics"], row["cost_amount"]) for row in batch.offers] == [
        ("Englisch B2 - Language through Literature", "language", 44.02),
        ("Spanisch A1.2 - etwas schneller!", "language", 101.5),
        ("55plus: Smartphone (Android)", "work", 45.6),
    ]
    assert all(row["url"] and row["start_date"] and row["location_id"] for row in batch.offers)
    assert "unmapped_column" not in [problem.code for problem in batch.problems]
    assert "75875" not in json.dumps([str(batch.offers), str(batch.sessions)])  # the numbers of those who booked


def test_real_json_is_read_whole(shared_data: Path) -> None:
    """Berlin's JSON, with the one object where others have lists."""
    reading = harvest((shared_data / "vhs_openvhs" / "berlin_vhs_sample-raw.json").read_bytes())
    assert (len(reading.records), reading.problems) == (1, [])
    batch = normalise(OpenvhsConnector(), reading)
    assert [(row["title"], row["cost_amount"], row["capacity_max"]) for row in batch.offers] == [
        ("EDV - Lohn- und Gehaltsabrechnung mit DATEV", 126.2, 14)
    ]
    assert batch.problems == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "wert", "merkmal", "adresse"]), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = ("guid", "nummer", "merkmale", "dvv_kategorie", "preis", "termin", "veranstaltungsort", "wochentag", "level")


@given(values=st.lists(VALUES, min_size=9, max_size=9))
@settings(max_examples=150, deadline=None)
def test_no_course_raises_anything_but_a_source_error(values: list[Any]) -> None:
    """Whatever stands in the fields, neighbours are spared and records are the same twice."""
    odd = dict(zip(NAMES, values, strict=True))
    body = json.dumps({"veranstaltungen": {"veranstaltung": [{"guid": "900"}, odd, {"guid": "901"}]}})
    ids = {record.record_id for record in harvest(body).records}
    assert {"900", "901"} <= ids
    assert harvest(body).data == harvest(body).data


@given(tail=st.binary(max_size=200), place=st.integers(0, 400))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise_anything_but_a_source_error(tail: bytes, place: int) -> None:
    """Cut, overwritten, foreign bytes: records, problems, or one sentence."""
    whole = xml(COURSE.format(1, "<text><![CDATA[x]]></text>"), "<!-- x -->", COURSE.format(2, "")).encode()
    for body in (whole[:place] + tail, whole[:place] + tail + whole[place:], b'{"veranstaltungen": ' + tail, tail):
        OpenvhsConnector.detect(capture(body))
        with contextlib.suppress(SourceError):
            json.dumps(harvest(body).data, allow_nan=False).encode()
