"""A partner's word becomes our value, or nothing and a reason; never a guess, never an exception."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.convert import CONVERTERS, LONGEST_REMEMBERED, Step, chain, to_step
from schemas.converters import ages, contact, dates, markup, money, numbers, places, text, times, words
from schemas.converters.answer import Convert, Doubt, Setting
from schemas.problems import Problem, SchemaError
from schemas.source import Converter
from schemas.targets import target_names, to_last_step
from schemas.vocabulary import load
from tests.schemas.test_normalise import normalise

SETTING = Setting(
    zone=ZoneInfo("Europe/Berlin"),
    city="Duisburg",
    base_url="https://traeger.example/angebote/liste.csv",
    lookups={"themen": {"Deutschkurse": "language", "Familiencafé": "family;leisure", "Sonstiges": None}},
    areas={"districts": {"mitte": "500", "500": "500"}, "city": {"duisburg": "05112000"}},
)
ARGUMENTS = {
    "lookup": "themen", "vocabulary": "topics", "before": ",", "after": ":", "part": [",", 2], "prefix": "https://x.example/",
    "empty": ["offen"],
}  # fmt: skip


def make(name: str, argument: Any = None) -> Convert:
    """Make a converter a source file may name."""
    return to_step(Converter(name=name, argument=argument), SETTING).convert


def values(convert: Convert, *given: Any) -> list[Any]:
    """What becomes of each value; a code where it stays empty."""
    answers = [convert(value) for value in given]
    return [answer.findings[0].code if isinstance(answer, Doubt) and answer.value is None else answer for answer in answers]


@pytest.mark.parametrize(
    "written",
    [
        "05.11.2026", "5.11.2026", "5.11.26", "05. 11. 2026", "5. November 2026", "05. Nov. 2026", "5 November 2026", "Do, 05.11.2026",
        "Do., 5.11.2026", "Donnerstag, den 5. November 2026", "am 5. November 2026", "2026-11-05", "2026-11-5", "2026/11/05", "20261105",
        "2026-11-05T18:00", "2026-11-05T18:00:00+01:00", "2026-11-04T23:30:00Z", "05.11.2026 18:00 Uhr", "November 5, 2026",
        "5th November 2026", "Thu, 05 Nov 2026 18:00:00 +0100", "  05.11.2026 ", "05.11.2026\u00a0",
    ],
)  # fmt: skip
def test_a_date_is_read_in_every_form_that_means_one_day(written: str) -> None:
    """Germans write one day in many ways; ISO, mails and English months are as clear."""
    assert "2026-11-05" == make("date")(written)


@pytest.mark.parametrize(
    "written",
    [
        "08.06.", "03/04/2026", "25/04/2026", "05-11-2026", "31.02.2027", "32.01.2026", "5.13.2026", "05.11.68", "1.1.206", "05112026",
        "20112011", "2026", "November 2026", "Mo, 05.11.2026", "laufend", "ab Herbst", "31966", "55001", "459660", "4596", "45.966",
        "05.11.", "05.11.3026", "٠٥.١١.٢٠٢٦",
        "05.11.2026 bis 07.11.2026", "05.11.2026 25:00", "morgen",
    ],
)  # fmt: skip
def test_what_could_be_two_days_or_none_is_a_problem(written: str) -> None:
    """No year is added, no order of day and month chosen; a weekday that does not fit makes both doubtful."""
    answer = make("date")(written)
    assert isinstance(answer, Doubt)
    assert (None, "bad_date", written) == (answer.value, answer.findings[0].code, answer.findings[0].value)


def test_a_source_file_settles_what_the_value_cannot() -> None:
    """03/04/2026 is read once the partner says which is the month."""
    assert ["2026-04-03", "2026-04-03"] == values(make("date", "DD/MM/YYYY"), "03/04/2026", "03.04.2026")
    assert "2026-03-04" == make("date", "MM/DD/YYYY")("03/04/2026")
    assert "2026-11-05" == make("date", "DDMMYYYY")("05112026")
    with pytest.raises(SchemaError, match=r"Form ‚TT\.MM‘"):
        make("date", "TT.MM")


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("05.11.2026 18:00 Uhr", "2026-11-05T18:00:00+01:00"),
        ("05.07.2026, 18 Uhr", "2026-07-05T18:00:00+02:00"),
        ("05.11.2026 um 18.30 Uhr", "2026-11-05T18:30:00+01:00"),
        ("5. November 2026 | 9.15", "2026-11-05T09:15:00+01:00"),
        ("2026-11-05T18:00", "2026-11-05T18:00:00+01:00"),
        ("2026-11-05T17:00:00Z", "2026-11-05T18:00:00+01:00"),
        ("2026-11-05 18:00:00.123+0200", "2026-11-05T17:00:00+01:00"),
        ("20261105T170000Z", "2026-11-05T18:00:00+01:00"),
        ("Thu, 05 Nov 2026 18:00:00 +0100", "2026-11-05T18:00:00+01:00"),
        ("Thu, 05 Nov 2026 17:00:00 GMT", "2026-11-05T18:00:00+01:00"),
        ("2026-11-05 24:00", "2026-11-06T00:00:00+01:00"),
        ("05.11.2026 6 pm", "2026-11-05T18:00:00+01:00"),
        ("05.11.2026", "2026-11-05"),
    ],
)
def test_a_time_without_zone_is_the_citys(written: str, instant: str) -> None:
    """Instants come out in the city's zone with seconds and offset; a day without a time stays a day."""
    assert instant == make("datetime")(written)


def test_a_time_the_clocks_skip_is_a_problem_and_one_they_repeat_is_the_first() -> None:
    """On 29 March 2026 there is no 2:30 in Germany, on 25 October two; RFC 5545 means the first."""
    assert ["bad_time", "2026-10-25T02:30:00+02:00"] == values(make("datetime"), "29.03.2026 02:30", "25.10.2026 02:30")


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("1. März bis 31. Mai 2027", "2027-03-01", "2027-05-31"), ("1. Nov. – 31. Januar 2027", "2026-11-01", "2027-01-31"),
        ("1.–31. März 2027", "2027-03-01", "2027-03-31"), ("01.03.–31.05.2027", "2027-03-01", "2027-05-31"),
    ],
)  # fmt: skip
def test_a_period_may_say_its_year_once(written: str, start: str, end: str) -> None:
    """The year at the end is that of the beginning, or the one after it."""
    assert {"start_date": start, "end_date": end} == dates.to_period(None, SETTING)(written)


def test_a_period_with_a_word_that_is_no_month_is_a_problem() -> None:
    """Nothing is guessed of "1. Termin bis 3. Mai 2027"."""
    given = ["1. Termin bis 3. Mai 2027", "30. Februar bis 3. Mai 2027"]
    assert ["bad_date", "bad_date"] == values(dates.to_period(None, SETTING), *given)


def test_epoch_numbers_are_read_only_where_asked_for() -> None:
    """Milliseconds may come as text; seconds given as milliseconds land in 1970 and are refused."""
    assert ["2026-11-05T18:00:00+01:00"] * 2 == values(make("epoch_ms"), 1793898000000, "1793898000000")
    assert ["2026-11-05T18:00:00+01:00", "bad_date", "bad_date"] == values(make("epoch_s"), 1793898000, 1793898000000, -1)
    assert ["bad_date", "bad_date"] == values(make("epoch_ms"), 1793898000, 10**30)
    assert "bad_date" == values(make("date"), 1793898000)[0]


def test_times_are_read_as_germans_write_them() -> None:
    """A bare 18 or 1830 is no time."""
    given = [
        "18 Uhr",
        "18.30 Uhr",
        "9.15 Uhr",
        "18:30",
        "18h30",
        "18h",
        "6:30 pm",
        "12 am",
        "24:00",
        "18:30:15",
        "2026-11-05T18:30",
    ]
    assert ["18:00", "18:30", "09:15", "18:30", "18:30", "18:00", "18:30", "00:00", "00:00", "18:30", "18:30"] == values(
        make("time"), *given
    )
    assert ["bad_time"] * 5 == values(make("time"), "18", "1830", "25:00", "18:60", "abends")


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("18:00–19:30", "18:00", "19:30"), ("18 bis 19.30 Uhr", "18:00", "19:30"), ("von 18:00 bis 19:30 Uhr", "18:00", "19:30"),
        ("9-11 Uhr", "09:00", "11:00"), ("ab 18 Uhr", "18:00", None), ("18:00", "18:00", None), ("20:00 - 24:00", "20:00", "00:00"),
    ],
)  # fmt: skip
def test_a_span_of_times_is_read(written: str, start: str, end: str | None) -> None:
    """The first time may leave its Uhr to the second."""
    assert {"start_time": start, "end_time": end} == times.to_span(None, SETTING)(written)


def test_two_spans_in_one_cell_are_a_problem() -> None:
    """Which of them is meant nobody knows."""
    assert ["bad_time", "bad_time"] == values(times.to_span(None, SETTING), "10–12 Uhr und 14–16 Uhr", "20-18")


def test_weekdays_are_read_in_german_english_and_ranges() -> None:
    """One day is a code, several are a list in the order of the week."""
    assert ["mo"] * 6 == values(make("weekday"), "Mo", "Mo.", "Montag", "montags", "jeden Montag", "https://schema.org/Monday")
    assert ["mo", "we", "fr"] == make("weekday")("Mo, Mi und Fr") == make("weekday")(["Mo", "Mittwoch", "Friday"])
    assert ["mo", "tu", "we", "th", "fr"] == make("weekday")("Mo-Fr") == make("weekday")("Montag bis Freitag")
    assert ["mo", "sa", "su"] == make("weekday")("Sa–Mo")
    assert ["bad_weekday"] * 3 == values(make("weekday"), "Mo, Xy", "nach Vereinbarung", "Mo, nur in den Ferien")


def test_weekdays_that_say_more_are_kept_and_told() -> None:
    """On a Werktag from Monday to Friday nobody comes in vain; an exception stands beside the session in the partner's words."""
    for said in ("werktags", "an Werktagen", "Mo-Fr außer Feiertage", "Mo–Fr (nicht in den Ferien)"):
        answer = make("weekday")(said)
        assert (["mo", "tu", "we", "th", "fr"], [("partly_taken", said)]) == (answer.value, [one[:2] for one in answer.findings])
    batch = normalise(
        {"Nr": "1", "Titel": "A", "Tag": "Mo außer Feiertage", "Zeit": "10 Uhr", "Hinweis": "mit Kaffee"},
        map={"title": "Titel", "session.weekday": "Tag", "session.time": "Zeit", "session.note": "Hinweis"},
    )
    assert [("mo", "10:00", "Mo außer Feiertage\nmit Kaffee")] == [
        (row["weekday"], row["start_time"], row["note"]) for row in batch.sessions
    ]


def test_hours_with_a_word() -> None:
    """A word that goes with its number; what it cannot mean stays unread, and so does midnight as a beginning."""
    time, span = make("time"), times.to_span(None, SETTING)
    assert ["12:00", "12:00", "12:00", "14:00", "18:30", "00:00"] == values(
        time, "noon", "12 noon", "12 Uhr mittags", "2 Uhr mittags", "6:30 abends", "Mitternacht"
    )
    assert ["bad_time"] * 5 == values(time, "mittags", "6 Uhr mittags", "12:75 mittags", "abends 6 Uhr abends", "18 noon")
    assert [("10:00", "12:00"), ("20:00", "00:00"), ("12:00", None)] == [
        tuple(span(said).values()) for said in ("10-12 noon", "20:00–midnight", "12 Uhr mittags")
    ]
    assert ["bad_time"] * 4 == values(span, "9 - midnight", "midnight", "Mitternacht bis 2 Uhr", "6–8 Uhr abends")
    assert "2026-12-05T12:00:00+01:00" == make("datetime")("5.12.2026, 12 Uhr mittags")
    answer = make("datetime")("5.12.2026 midnight")
    assert ("2026-12-05", "bad_time") == (answer.value, answer.findings[0].code)


def test_a_number_with_two_meanings_is_a_problem() -> None:
    """1.234 is a thousand to one and a little more than one to another."""
    assert [1234.56, 1234.56, 1234.56, 1234567, 0.5, 12.5, 12, 1234.5] == values(
        make("number"), "1.234,56", "1,234.56", "1234,56", "1.234.567", "0,5", "12.50", "12", "1 234,5"
    )
    assert ["bad_number"] * 7 == values(make("number"), "1.234", "1,234", "5 %", "1e5", "zwölf", "٣", "1.23,4.5")
    assert [1234, 1234.5, "bad_number"] == values(make("number", "de"), "1.234", "1.234,5", "1,234.5")
    assert [1234, "bad_number"] == values(make("number", "en"), "1,234", "1.234,5")
    assert ["not_finite", "not_finite"] == values(make("number"), float("nan"), float("inf"))


def test_integers_are_whole() -> None:
    """12.0 out of a workbook is 12; „AUSGEBUCHT!“ in the column of free places is told."""
    assert [12, 12, 12, 0] == values(make("integer"), "12", 12.0, "12,0", "0")
    assert ["bad_number"] * 5 == values(make("integer"), "12,5", "AUSGEBUCHT!", "4 von 6", True, "1.000")


def test_yes_and_no_are_read_and_nothing_else() -> None:
    """„fasle“ is a slip of the pen that somebody must mend."""
    assert [True] * 7 == values(make("boolean"), "ja", "X", "true", "1", 1, True, "✓")
    assert [False] * 5 == values(make("boolean"), "Nein", "false", "0", 0, False)
    assert ["bad_boolean", "bad_boolean", None, None] == values(make("boolean"), "fasle", "teilweise", "-", "")


def test_money_is_an_amount_in_euro() -> None:
    """What is not one plain amount in Euro is no amount."""
    assert [25, 25, 25, 1234.5, 0, 12] == values(make("money"), "25,00 €", "EUR 25,-", 25, "1.234,50 Euro", "kostenlos", "€ 12")
    assert ["bad_money"] * 4 == values(make("money"), "ab 5 €", "12 CHF", "-5 €", "5–10 €")


@pytest.mark.parametrize(
    ("written", "columns"),
    [
        ("25,00 €", {"cost_type": "paid", "cost_amount": 25.0, "cost_currency": "EUR"}),
        ("25,-- Euro", {"cost_type": "paid", "cost_amount": 25.0, "cost_currency": "EUR"}),
        ("CHF 12", {"cost_type": "paid", "cost_amount": 12.0, "cost_currency": "CHF"}),
        ("126.20", {"cost_type": "paid", "cost_amount": 126.2, "cost_currency": "EUR"}),
        (0, {"cost_type": "free", "cost_amount": 0.0, "cost_currency": "EUR"}),
        ("kostenlos", {"cost_type": "free"}),
        ("Eintritt frei", {"cost_type": "free"}),
        ("Безкоштовно", {"cost_type": "free"}),
        ("ab 5 €", {"cost_type": "paid", "cost_note": "ab 5 €"}),
        ("10 € / ermäßigt 5 €", {"cost_type": "paid", "cost_note": "10 € / ermäßigt 5 €"}),
        ("Kaution: 10 €", {"cost_type": "deposit", "cost_note": "Kaution: 10 €", "cost_amount": 10.0, "cost_currency": "EUR"}),
        ("auf Anfrage", {"cost_note": "auf Anfrage"}),
        ("kostenlos mit Gutschein, sonst 20 €", {"cost_note": "kostenlos mit Gutschein, sonst 20 €"}),
    ],
)
def test_what_something_costs_is_read_or_kept_as_a_note(written: Any, columns: dict[str, Any]) -> None:
    """A price nobody can compute with stays readable; whether it is free is never assumed."""
    assert columns == money.to_cost(None, SETTING)(written)


def test_telephone_numbers_become_e164() -> None:
    """Blanks, slashes, brackets, labels and a dash before the extension are how Germans write numbers."""
    same = [
        "0203 / 12 34-56",
        "(0203) 123456",
        "+49 (0) 203 123456",
        "0049 203 123456",
        "Tel.: 0203-123456",
        "tel:+49203123456",
        "0203 123456 (Büro)",
    ]
    assert ["+49203123456"] * 7 == values(make("phone"), *same)
    assert ["bad_phone"] * 5 == values(make("phone"), "123456", "0800 HALLO", "nach 18 Uhr", "116117", 2031234567)


def test_of_several_numbers_the_first_is_taken_and_said_so() -> None:
    """An extension that no E.164 number can hold is said, too."""
    endings = ("0203 123456/57", "0203 12 34-56 / -57", "0203/123456 / 123457", "+49 (0)203 123456/7")
    for written in ("0203 123456, 0203 654321", "0203 123456 / 0176 99887766", "0203 123456 App. 12", *endings):
        answer = make("phone")(written)
        assert isinstance(answer, Doubt)
        assert ("+49203123456", "partly_taken") == (answer.value, answer.findings[0].code)
    assert "+49203123456" == make("phone")("0203 123456 / 0203 123456")


def test_mail_addresses_lose_their_disguise() -> None:
    """duisburg.de hides addresses behind ⚹ and ◦; others write (at)."""
    same = ["info@x.de", "info (at) x.de", "info[at]x[dot]de", "info⚹x◦de", "mailto:info@x.de?subject=Kurs", "E-Mail: info@X.de",
            "info&#64;x.de", "info at x punkt de", "Büro <info@x.de>"]  # fmt: skip
    assert ["info@x.de"] * 9 == values(make("email"), *same)
    assert "info@xn--mller-kva.de" == make("email")("info@müller.de")
    assert ["bad_email"] * 4 == values(make("email"), "info", "info@x", "a..b@x.de", "siehe Website")
    answer = make("email")("info@x.de; kurse@x.de")
    assert isinstance(answer, Doubt)
    assert "info@x.de" == answer.value


def test_web_addresses_are_http_and_ascii() -> None:
    """Only www. may go without a scheme; relative addresses count from the feed's own."""
    assert ["https://www.x.de", "https://x.de/%C3%BC?a=%5B1%5D", "https://traeger.example/kurs/1", "https://traeger.example/b",
            "https://xn--mller-kva.de/", "https://x.de/A"] == values(
        make("url"), "www.x.de", "https://x.de/ü?a=[1]", "/kurs/1", "../b", "https://müller.de/", "HTTPS://X.DE/A"
    )  # fmt: skip
    assert ["bad_url"] * 8 == values(
        make("url"), "x.de", "javascript:alert(1)", "mailto:a@x.de", "https://[oops/", "http://exa mple.org",
        "https://u:p@x.de/", "https://x.de:99999/", "ftp://x.de"
    )  # fmt: skip


def test_languages_are_found_by_name_and_code() -> None:
    """In German, English, their own name, with a comment, as a tag; each once, sorted."""
    assert ["ar;de", "de;en", "fa", "ar", "uk", "de;tr", "de", "kmr"] == values(
        make("languages"), "Deutsch, Arabisch", "en/de/en", "Farsi", "Arabisch (syrisch)", "українська", ["Türkisch", "de"],
        "de-DE", "Kurmancî"
    )  # fmt: skip
    answer = make("languages")("Deutsch, Klingonisch und Arabisch")
    assert isinstance(answer, Doubt)
    assert ("ar;de", [("bad_language", "Klingonisch")]) == (answer.value, [finding[:2] for finding in answer.findings])
    assert ["el", "pt-BR", "de-simple", "bad_language"] == values(
        make("language"), "Griechisch", "pt-br", "Leichte Sprache", "Deutsch, Englisch"
    )


def test_a_lookup_knows_what_the_source_file_says_and_no_more() -> None:
    """Words are compared folded; null leaves a word out; an unknown word is told."""
    lookup = make("lookup", "themen")
    assert ["language", "family;leisure", None, "unknown_value"] == values(
        lookup, "DEUTSCHKURSE", "Familiencafe\u0301", "Sonstiges", "Basteln"
    )
    assert ["family;leisure", "language"] == lookup("Deutschkurse, Sonstiges, Familiencafé")
    with pytest.raises(SchemaError, match="nicht unter lookups"):
        make("lookup", "gibts-nicht")
    with pytest.raises(SchemaError, match="gibt es nicht"):
        make("vocabulary", "gibts-nicht")


def test_a_list_is_divided_only_until_words_are_known() -> None:
    """„Ausbildung und Beruf“ is one topic, „Gesundheit und Sport“ are two, „Kochen und Backen“ none."""
    topics = words.code_list(load("topics").find)
    assert ["vocational", "health;sport", "language;vocational", "unknown_value"] == values(
        topics, "Ausbildung und Beruf", "Gesundheit und Sport", "Ausbildung und Beruf, Sprache", "Kochen und Backen"
    )


def test_pieces_of_a_text_can_be_named() -> None:
    """before, after, part: what a regular expression would be wanted for, without one."""
    assert ["Deutsch A1", "Deutsch A1"] == values(make("before", "("), "Deutsch A1 (Abend)", "Deutsch A1")
    assert ["Abend", None] == values(make("after", ":"), "Zeit: Abend", "Abend")
    assert ["b", None] == values(make("part", ["|", 2]), "a | b | c", "a")
    assert ["a", "b", "c", "d"] == make("split")("a; b | c und d")
    assert ["a/b", "c"] == make("split", ",")("a/b,c,,")
    assert "a, b" == make("join", ", ")(["a", "", "b"])
    assert ["x", None] == values(make("first"), ["", "x", "y"], [])
    assert "https://x.example/7" == make("prefix", "https://x.example/")(7)
    assert [None, "5"] == values(make("empty", ["laufend", "Offen"]), "offen", "5")


@pytest.mark.parametrize(
    ("argument", "pair", "point"),
    [
        ("EPSG:25832", ["340721", "5697215"], (51.4037655, 6.7100194)),
        ("EPSG:25832", "340721,5; 5697215,0", (51.4037657, 6.7100266)),
        ("EPSG:31466", [2553000, 5699000], (51.4231642, 6.7613692)),
        (None, "51.4335, 6.7655", (51.4335, 6.7655)),
        (None, "51,4335; 6,7655", (51.4335, 6.7655)),
        (None, {"lat": "51.4335", "lon": 6.7655}, (51.4335, 6.7655)),
        ("lon,lat", [6.7655, 51.4335], (51.4335, 6.7655)),
    ],
)  # fmt: skip
def test_coordinates_become_wgs84(argument: str | None, pair: Any, point: tuple[float, float]) -> None:
    """UTM, Gauß-Krüger, degrees; to the centimetre."""
    answer = make("coordinates", argument)(pair)
    assert point == pytest.approx((answer["latitude"], answer["longitude"]), abs=1e-6)


def test_a_point_of_geojson_says_the_longitude_first() -> None:
    """The standard says so; a height behind it is left out, and what is no point is none."""
    found = make("coordinates")({"type": "Point", "coordinates": [6.7655, 51.4335, 31.0]})
    assert {"latitude": 51.4335, "longitude": 6.7655} == found
    broken = [
        {"type": "Point", "coordinates": None},
        {"type": "Point", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[1]]]},
    ]
    assert ["bad_coordinates"] * 3 == values(make("coordinates"), *broken)


def test_swapped_and_foreign_coordinates_are_a_problem() -> None:
    """What lies outside Germany was swapped or is wrong; a false pin is worse than none."""
    assert ["bad_coordinates"] * 4 == values(make("coordinates"), "6.7655, 51.4335", "37.7, -122.4", "51.4", ["x", "1"])
    assert ["bad_coordinates", None] == values(make("coordinates", "EPSG:25832"), ["5697215", "340721"], ["", None])
    with pytest.raises(SchemaError, match="möglich ist EPSG:25832"):
        make("coordinates", "EPSG:1")


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("6–10 Jahre", 6, 10), ("6 bis 10", 6, 10), ("von 6 bis unter 10 Jahren", 6, 9), ("6- bis 10-Jährige", 6, 10),
        ("ab 6 Jahren", 6, None), ("bis 12 J.", None, 12), ("unter 6", None, 5), ("16+", 16, None), ("16 Jahre und älter", 16, None),
        ("6 Monate - 3 Jahre", 0, 3),
        ("für Kinder von 3 bis 6 Jahren", 3, 6), ("11-", 11, None), ("-12", None, 12), ("alle", None, None),
    ],
)  # fmt: skip
def test_ages_are_read(written: str, low: int | None, high: int | None) -> None:
    """As flyers and schema.org write them."""
    assert {"age_min": low, "age_max": high} == ages.to_age(None, SETTING)(written)


def test_an_age_with_two_meanings_is_a_problem() -> None:
    """6 may be 6 or from 6; over 18 may be 18 or 19; adults are no number."""
    assert ["bad_age"] * 6 == values(ages.to_age(None, SETTING), "6", "über 18", "Erwachsene", "Klasse 5-7", "ab 130", 6)


def test_language_levels_are_read() -> None:
    """One level is both ends; words beside it must be known."""
    cefr = ages.to_cefr(None, SETTING)
    pairs = {"A2-B1": ("A2", "B1"), "B1.2": ("B1.2", "B1.2"), "A1/A2/B1": ("A1", "B1"), "Niveau B2": ("B2", "B2"), "GER a2": ("A2", "A2"),
             "ab B1": ("B1", None), "bis B1": (None, "B1"), "DTZ A2/B1": ("A2", "B1")}  # fmt: skip
    for written, (low, high) in pairs.items():
        assert {"cefr_from": low, "cefr_to": high} == cefr(written), written
    assert ["bad_level"] * 6 == values(cefr, "A2+", "B1-A2", "Alpha", "A1.3", "Raum A1 im Haus B2", "Anfänger")


@pytest.mark.parametrize(
    ("written", "columns"),
    [
        ("Sonnenwall 73-75, 47051 Duisburg", {"street": "Sonnenwall", "house_number": "73-75", "postal_code": "47051", "city": "Duisburg"}),
        ("Haus X, Raum 5, Musterstr. 5a\n47051 Duisburg, Deutschland",
         {"name": "Haus X, Raum 5", "street": "Musterstr.", "house_number": "5a", "postal_code": "47051", "city": "Duisburg"}),
        ("Straße des 17. Juni 135, 10623 Berlin",
         {"street": "Straße des 17. Juni", "house_number": "135", "postal_code": "10623", "city": "Berlin"}),
        ("Musterstr. 5 D-47051 Duisburg", {"street": "Musterstr.", "house_number": "5", "postal_code": "47051", "city": "Duisburg"}),
        ("Musterstr. 5, Duisburg", {"street": "Musterstr.", "house_number": "5", "city": "Duisburg"}),
        ("Am Markt, 47051 Duisburg", {"street": "Am Markt", "house_number": None, "postal_code": "47051", "city": "Duisburg"}),
        ("Rathaus Walsum", {"name": "Rathaus Walsum"}),
        ("Haus X, Musterstr. 5, Duisburg, NRW, 47051, Deutschland",
         {"name": "Haus X", "street": "Musterstr.", "house_number": "5", "postal_code": "47051", "city": "Duisburg"}),
        ("Musterstr. 5, Bad Homburg, 61348", {"street": "Musterstr.", "house_number": "5", "postal_code": "61348", "city": "Bad Homburg"}),
        ("Haus X (Musterstr.5, 47051 Duisburg)",
         {"name": "Haus X", "street": "Musterstr.", "house_number": "5", "postal_code": "47051", "city": "Duisburg"}),
        ("Online (Zoom)", {"name": "Online (Zoom)", "location_type": "virtual"}),
        ("Haus X, 47051", {"name": "Haus X", "postal_code": "47051"}),
        ("Duisburg", {"city": "Duisburg"}),
        ("Microsoft Teams-Besprechung", {"name": "Microsoft Teams-Besprechung", "location_type": "virtual"}),
        ("Online", {"name": "Online", "location_type": "virtual"}),
    ],
)  # fmt: skip
def test_an_address_in_one_cell_is_taken_apart(written: str, columns: dict[str, Any]) -> None:
    """What cannot be an address is the name of the place; a room is no street."""
    assert columns == places.to_address(None, SETTING)(written)


def test_an_address_that_is_a_link_is_a_problem() -> None:
    """Calendars put the address of a video call where the place belongs."""
    assert ["bad_address"] == values(places.to_address(None, SETTING), "https://zoom.us/j/1")


def test_html_becomes_plain_text() -> None:
    """Paragraphs and lists stay, scripts go, entities are resolved; a small-than sign is no tag."""
    html = "<p>Hallo <b>Welt</b> &amp; mehr</p><ul><li>eins<li><p>zwei</p></ul><script>x()</script><!-- nein -->Ende<br>neu"
    assert "Hallo Welt & mehr\n\n- eins\n- zwei\n\nEnde\nneu" == markup.html_to_text(html)
    assert "Mo 9-12\nDi 10-12" == markup.html_to_text(
        "<table><tr><td>Mo</td><td>9-12</td></tr><tr><td>Di</td><td>10-12</td></tr></table>"
    )
    assert "Kinder < 6 Jahre & mehr" == markup.html_to_text("Kinder < 6 Jahre &amp; mehr")
    assert "eins\nzwei" == markup.html_to_text("<b>eins</b>\nzwei")
    assert "tief nach" == markup.html_to_text("<div>" * 50_000 + "tief" + "</div>" * 50_000 + "nach")


def test_text_is_cleaned() -> None:
    """NFC, no control signs, no direction overrides, single blanks; lines where lines are wanted."""
    assert "Müller & Co" == text.plain("Mu\u0308ller\u00a0 & \x00\ufeffCo\u202e ")
    assert "eins\n\nzwei" == text.lines("eins \r\n\r\n\r\n\u2028 zwei\n")
    assert ["24939", "24939", None, None, "ambiguous_value", "ambiguous_value"] == values(
        text.one_line(), 24939.0, "24939", "k.A.", " \u00a0", ["a", "b"], {"a": 1}
    )
    assert [None, None, None] == values(text.one_line(), "N.N.", "#BEZUG!", "#DIV/0!")
    answer = text.one_line(20)("Ein Titel, der viel zu lang ist")
    assert isinstance(answer, Doubt)
    assert ("Ein Titel, der viel…", "too_long") == (answer.value, answer.findings[0].code)


def test_a_chain_runs_from_left_to_right_and_keeps_what_is_known() -> None:
    """Items of a list are converted one by one; every unknown one is found."""
    step = to_last_step("topics", SETTING)
    run = chain([Converter(name="split", argument=";"), Converter(name="lookup", argument="themen")], step, SETTING)
    assert "family;language;leisure" == run("Deutschkurse; Familiencafé; Sonstiges")
    answer = run("Deutschkurse; Basteln; Töpfern")
    assert isinstance(answer, Doubt)
    assert ("language", ["Basteln", "Töpfern"]) == (answer.value, [finding.value for finding in answer.findings])


def test_what_a_chain_remembers_is_what_it_would_say() -> None:
    """The same text asked twice gets the same answer; long texts are not kept."""
    asked: list[str] = []
    step = Step(lambda value: asked.append(value) or value.upper(), whole=True, cheap=False)  # type: ignore[func-returns-value]  # append gives None
    run = chain([], step, SETTING)
    assert ["A", "A"] == [run("a"), run("a")]
    long = "x" * (LONGEST_REMEMBERED + 1)
    assert long.upper() == run(long) == run(long)
    assert ["a", long, long] == asked


def test_every_converter_says_in_german_what_it_does() -> None:
    """The list in the documentation is made of these sentences."""
    for name, kind in CONVERTERS.items():
        assert name == kind.name
        assert kind.says.endswith(".")
        assert kind.example == "" or kind.example.startswith(f"{name}:")


def test_an_unknown_converter_is_named() -> None:
    """One sentence, with the list of what there is."""
    with pytest.raises(SchemaError, match="Den Umwandler ‚regex‘ gibt es nicht"):
        make("regex", "a+")
    for name in CONVERTERS:
        with pytest.raises(SchemaError):
            make(name, object())


WORDS = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="0123456789.,:;/-–+ €@()TZ<>&", max_size=30),
    st.from_regex(r"[0-3]?[0-9]\.[01]?[0-9]\.(20)?[0-9]{2}( [0-2]?[0-9][:.][0-5][0-9]( Uhr)?)?", fullmatch=True),
)
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=6,
)
EVERY: dict[str, Callable[[], Convert]] = {
    **{f"as {name}": (lambda name=name: make(name, ARGUMENTS.get(name))) for name in CONVERTERS},
    **{target: (lambda target=target: to_last_step(target, SETTING).convert) for target in target_names()},
}


@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=40, deadline=None)
@given(value=ANYTHING)
def test_no_converter_ever_raises(name: str, value: Any) -> None:
    """Whatever a partner sends ends as a value, as nothing, or as findings that make problems."""
    answer = EVERY[name]()(value)
    if isinstance(answer, Doubt):
        assert answer.findings
        for finding in answer.findings:
            assert Problem(finding.code, "Zeile 1", "feld", finding.value, finding.note).message("de").encode()


@settings(max_examples=300, deadline=None)
@given(value=WORDS)
def test_what_was_read_once_reads_the_same_again(value: str) -> None:
    """Our own form of a value means itself: a mapped column may be converted twice."""
    for target in (
        "start_date",
        "session.start",
        "contact_phone",
        "contact_email",
        "url",
        "languages",
        "topics",
        "title",
        "cefr_from",
        "cost_amount",
    ):
        convert = to_last_step(target, SETTING).convert
        once = convert(value)
        if once is not None and not isinstance(once, Doubt):
            assert once == convert(once), target


@settings(max_examples=200, deadline=None)
@given(day=st.dates(min_value=dates.date(1900, 1, 1), max_value=dates.date(2100, 12, 31)))
def test_every_day_survives_german_and_iso(day: Any) -> None:
    """Written either way it is the same day."""
    assert [day.isoformat()] * 2 == values(make("date"), f"{day:%d.%m.%Y}", day.isoformat())


@settings(max_examples=200, deadline=None)
@given(number=st.integers(min_value=-(10**9), max_value=10**9), cents=st.integers(min_value=0, max_value=99))
def test_german_and_english_decimals_mean_the_same(number: int, cents: int) -> None:
    """1.234,56 and 1,234.56 are one number."""
    english = f"{number:,}.{cents:02d}"
    german = english.replace(",", "'").replace(".", ",").replace("'", ".")
    assert numbers.read_number(english) == numbers.read_number(german) == float(f"{number}.{cents:02d}")


def test_a_phone_number_of_the_registry_reads_as_itself() -> None:
    """E.164 in, E.164 out."""
    assert "+492032834567" == contact.read_phone("+492032834567", "DE")
