"""What partners really write: prices in Cent, bare hours, a Zoom link as a place, „Abgesagt:“ before a title."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.ical import IcalConnector
from connectors.jsonld import JsonldConnector
from schemas.converters import dates, money, places, times
from schemas.converters.answer import Doubt, Setting
from schemas.converters.words import find_language
from schemas.notices import read_notice
from schemas.problems import Problem, SchemaError
from schemas.source import read_source
from schemas.tables import field_title
from schemas.targets import target_names
from schemas.vocabulary import load
from tests.connectors.normalised import normalise as normalise_reading
from tests.connectors.pages import read
from tests.schemas.test_normalise import normalise, told

SETTING = Setting(zone=ZoneInfo("Europe/Berlin"), city="Duisburg")


@pytest.mark.parametrize(
    ("written", "cost"),
    [
        ("2500 ct", {"cost_type": "paid", "cost_amount": 25.0, "cost_currency": "EUR"}),
        ("50 Cent", {"cost_type": "paid", "cost_amount": 0.5, "cost_currency": "EUR"}),
        ("kostenpflichtig", {"cost_type": "paid"}),
        ("gebührenpflichtig", {"cost_type": "paid"}),
        ("2500", {"cost_type": "paid", "cost_amount": 2500.0, "cost_currency": "EUR"}),  # Euro, unless somebody says otherwise
    ],
)
def test_a_cost_is_read_in_the_words_of_partners(written: str, cost: dict[str, Any]) -> None:
    """Cent is told by its sign alone: 2500 stays Euro."""
    assert cost == money.to_cost(None, SETTING)(written)


@pytest.mark.parametrize("word", ["ja", "nein", "true"])
def test_yes_and_no_say_nothing_of_a_price(word: str) -> None:
    """The column may be called „kostenlos?“ or „kostet etwas?“: nobody guesses."""
    assert isinstance(money.to_cost(None, SETTING)(word), Doubt)


def test_a_source_file_may_say_that_a_column_is_in_cent() -> None:
    """An API that counts in Cent."""
    assert [25.0, 25.0, 0.0, 12.5] == list(map(money.to_money("cent", SETTING), (2500, "2500", "kostenlos", "12,50 €")))
    with pytest.raises(ValueError, match="money kennt nur die Angabe cent"):
        money.to_money("dollar", SETTING)


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("9-12", "09:00", "12:00"),
        ("9–12 Uhr", "09:00", "12:00"),
        ("von 16 bis 18", "16:00", "18:00"),
        ("22-24", "22:00", "00:00"),
        ("ab 17h", "17:00", None),
        ("17.30", "17:30", None),
        ("17.30-19.00", "17:30", "19:00"),
    ],
)
def test_times_of_day_are_read_in_a_column_of_times(written: str, start: str, end: str | None) -> None:
    """Two bare hours in order are a span; one alone may be anything."""
    assert {"start_time": start, "end_time": end} == times.to_span(None, SETTING)(written)


@pytest.mark.parametrize("written", ["12-9", "9-25", "9", "18"])
def test_what_is_no_span_of_hours_stays_empty(written: str) -> None:
    """Not in order, beyond the day, or alone."""
    assert isinstance(times.to_span(None, SETTING)(written), Doubt)


@pytest.mark.parametrize(("written", "time"), [("ab 17h", "17:00"), ("17.30", "17:30"), ("bis 19 Uhr", "19:00")])
def test_a_lone_time_may_have_its_word_before_it(written: str, time: str) -> None:
    """The column says which end it is."""
    assert time == times.to_time(None, SETTING)(written)


def test_an_open_period_is_read_and_a_month_or_week_is_not_guessed() -> None:
    """ab 1.2.2027 has a first day; Februar 2027 and KW 12/2027 name none."""
    period = dates.to_period(None, SETTING)
    assert {"start_date": "2027-02-01", "end_date": None} == period("ab 1.2.2027")
    assert all(isinstance(period(written), Doubt) for written in ("Februar 2027", "KW 12/2027"))


def test_a_day_is_kept_where_its_time_cannot_be_read() -> None:
    """The day is surely said, the time surely not; both are told apart."""
    answer = dates.to_datetime(None, SETTING)("01.12.2026, gegen Abend")
    assert isinstance(answer, Doubt)
    assert ("2026-12-01", "bad_time", "gegen Abend") == (answer.value, answer.findings[0].code, answer.findings[0].value)
    assert dates.to_datetime(None, SETTING)("irgendwann im Mai").value is None


@pytest.mark.parametrize("name", ["online", "Zoom", "Zoom (Link folgt)", "MS Teams", "Videokonferenz"])
def test_a_place_on_the_web_is_no_place_of_the_city(name: str) -> None:
    """It stands in the column of places, and nobody can go there."""
    batch = normalise({"Nr": "1", "Titel": "Kurs", "Ort": name}, map={"title": "Titel", "location.name": "Ort"})
    assert ["virtual"] == [row["location_type"] for row in batch.locations]
    assert places.is_online(name)


def test_a_latitude_beyond_the_pole_is_refused() -> None:
    """100 degrees north is nowhere; the place stays, without its point."""
    row = {"Nr": "1", "Titel": "Kurs", "Ort": "Haus", "B": "100", "L": "6.7"}
    mapped = {"title": "Titel", "location.name": "Ort", "location.latitude": "B", "location.longitude": "L"}
    batch = normalise(row, map=mapped)
    assert [None] == [one["latitude"] for one in batch.locations]
    assert ("bad_coordinates", "Zeile 2", "location.point") in told(batch)


@pytest.mark.parametrize(
    ("title", "notice"),
    [
        ("Abgesagt: Sprachcafé", "cancelled"),
        ("Sprachcafé – FÄLLT AUS", "cancelled"),
        ("FÄLLT AUS", "cancelled"),
        ("Sprachcafé (entfällt)", "cancelled"),
        ("[cancelled] Language café", "cancelled"),
        ("belegt", "full"),
        ("Nähkurs AUSGEBUCHT", "full"),
        ("Nähkurs (ausgebucht!)", "full"),
        ("Was tun, wenn der Unterricht ausfällt?", None),
        ("Belegte Brote selbst machen", None),
        ("Abgesagte Reisen: Ihre Rechte", None),
        ("Sprachcafé", None),
    ],
)
def test_what_a_title_says_of_its_offer_is_heard(title: str, notice: str | None) -> None:
    """Only where it stands as a notice, not where it is what the offer is about."""
    assert notice == read_notice(title)


def test_a_cancelled_date_of_a_calendar_is_shown_as_cancelled() -> None:
    """The calendar's own STATUS says nothing; the title does."""
    lines = "UID:1\r\nDTSTART:20261201T150000Z\r\nDTEND:20261201T160000Z\r\nSUMMARY:%s\r\n"
    body = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + "".join(
        f"BEGIN:VEVENT\r\n{lines.replace('UID:1', f'UID:{number}') % title}END:VEVENT\r\n"
        for number, title in enumerate(("Abgesagt: Café", "Nähkurs (ausgebucht)", "Chor"))
    )
    batch = normalise_reading(
        IcalConnector(), read(IcalConnector(), {"https://x.example/k.ics": f"{body}END:VCALENDAR\r\n".encode()})
    )
    assert ["cancelled", "full", "active"] == [row["status"] for row in batch.offers]
    assert ["cancelled", "full", "scheduled"] == [row["status"] for row in batch.sessions]


def course(**more: Any) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": "Course", "name": "Deutsch A1", **more}


def harvest(*nodes: Any) -> Any:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)
    page = f"<html><body>{scripts}</body></html>".encode()
    return normalise_reading(JsonldConnector(), read(JsonldConnector(), {"https://x.example/kurse": page}))


def test_two_runs_of_a_course_are_two_offers() -> None:
    """January to March and April to June: merged into one they would run half a year."""
    runs = [{"@type": "CourseInstance", "startDate": f"2027-{first}", "endDate": f"2027-{last}"}
            for first, last in (("01-11", "03-26"), ("04-12", "06-25"))]  # fmt: skip
    batch = harvest(course(url="https://x.example/a1", hasCourseInstance=runs))
    assert [("2027-01-11", "2027-03-26"), ("2027-04-12", "2027-06-25")] == [
        (row["start_date"], row["end_date"]) for row in batch.offers
    ]
    assert [] == batch.problems
    single = harvest(course(hasCourseInstance=runs[:1]))
    assert ["2027-01-11"] == [row["start_date"] for row in single.offers]


def test_the_level_of_a_course_is_taken_where_it_is_one() -> None:
    """educationalLevel "A2" is a level of ours, "Beginner" is none, and nobody's mistake."""
    batch = harvest(
        course(educationalLevel="A2", url="https://x.example/1"), course(educationalLevel="Beginner", url="https://x.example/2")
    )
    assert ["A2", None] == [row["cefr_from"] for row in batch.offers]
    assert [] == batch.problems


@pytest.mark.parametrize(("word", "code"), [("Urdu", "ur"), ("Kroatisch", "hr"), ("Suaheli", "sw"), ("Syrisch", None)])
def test_the_languages_of_the_city_are_known(word: str, code: str | None) -> None:
    """„Syrisch“ may be Arabic or Aramaic: a question for the partner."""
    assert code == find_language(word)
    assert code is None or load("languages").label(code, "en") != code


def test_an_amount_alone_says_whether_an_offer_is_paid() -> None:
    """cost_amount mapped by itself; what the source file says of cost_type counts more."""
    rows = [{"Nr": str(n), "Titel": f"Kurs {n}", "P": price} for n, price in enumerate(("25", "0", ""))]
    mapped = {"title": "Titel", "cost_amount": "P"}
    assert ["paid", "free", "unknown"] == [row["cost_type"] for row in normalise(*rows, map=mapped).offers]
    told_by_file = normalise(*rows, map=mapped, defaults={"cost_type": "deposit"})
    assert ["deposit"] * 3 == [row["cost_type"] for row in told_by_file.offers]


def test_who_meets_on_the_web_meets_online() -> None:
    """The place says it where nothing else does."""
    batch = normalise({"Nr": "1", "Titel": "Kurs", "Ort": "Zoom"}, map={"title": "Titel", "location.name": "Ort"})
    assert ["online"] == [row["attendance_mode"] for row in batch.offers]


@pytest.mark.parametrize(
    "sessions",
    [
        {"start": {"from": ["Tag", "Zeit"], "as": "datetime"}},
        {"date": "Tag", "start_time": "Zeit"},
        {"date": "Tag", "time": "Zeit"},
    ],
)
def test_a_session_whose_time_cannot_be_read_does_not_last_all_day_unseen(sessions: dict[str, Any]) -> None:
    """The day stays, the problem names the time, and the public reads the partner's own words."""
    row = {"Nr": "1", "Titel": "Treff", "Tag": "01.12.2026", "Zeit": "gegen Abend"}
    batch = normalise(row, map={"title": "Titel"}, sessions={"map": sessions})
    assert [("2026-12-01T00:00:00+01:00", "Uhrzeit: gegen Abend")] == [(one["start"], one["note"]) for one in batch.sessions]
    assert ["bad_time"] == [problem.code for problem in batch.problems]
    plain = normalise({**row, "Zeit": ""}, map={"title": "Titel"}, sessions={"map": sessions})
    assert [None] == [one["note"] for one in plain.sessions]


@pytest.mark.parametrize(
    ("field", "title"),
    [
        ("period", "Zeitraum"), ("session.time", "Uhrzeit"), ("session.start", "Beginn"), ("location.postal_code", "Postleitzahl"),
        ("organisation.phone", "Telefon"), ("cost", "Kosten"), ("title", "Titel"),
    ],
)  # fmt: skip
def test_problems_name_fields_as_people_do(field: str, title: str) -> None:
    """Names of our columns and targets are ours alone."""
    assert f"im Feld ‚{title}‘" in Problem("bad_date", "Zeile 3", field, "x").message("de")


def test_every_target_has_a_german_name() -> None:
    """A new target without one would show its name to partners."""
    assert [] == [target for target in target_names() if not field_title(target)]


def test_a_name_that_stands_twice_in_a_source_file_is_told() -> None:
    """YAML would silently take the last."""
    text = "title: Probe\nmap:\n  title: A\n  url: B\n  title: C\n"
    with pytest.raises(SchemaError, match=r"x\.yml, Zeile 5: ‚title‘ steht zweimal"):
        read_source(text, key="du-x", name="x.yml")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("enabled: vielleicht", "erwartet wird true oder false"),
        ("priority: 500", "erwartet wird höchstens 100"),
        ("title: X", "erwartet wird ein Text mit mindestens 3 Zeichen"),
        ("map: [a]", "erwartet wird eine Gruppe von Angaben"),
        ("ignore: Spalte", "erwartet wird eine Liste in eckigen Klammern"),
    ],
)
def test_a_source_file_is_corrected_in_german(line: str, said: str) -> None:
    """What pydantic says of types and limits, in the reader's language."""
    name = line.partition(":")[0]
    lines = [
        "title: Probe",
        "publisher: {name: Verein}",
        "licence: cc-zero",
        "source: {kind: csv, url: 'https://x.example/a'}",
        line,
    ]
    text = "\n".join(one for one in lines if one is line or one.partition(":")[0] != name)
    with pytest.raises(SchemaError, match=said):
        read_source(text, key="du-x", name="x.yml")
