"""Days and times as the numbers that a spreadsheet stores: read where they can be nothing else, and told."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.convert import chain
from schemas.converters import dates, times
from schemas.converters.answer import Convert, Doubt, Setting
from schemas.converters.moments import read_moment
from schemas.converters.serials import read_serial
from schemas.guess import guess
from schemas.source import Converter
from schemas.survey import survey
from schemas.targets import to_last_step
from tests.schemas.test_normalise import normalise

SETTING = Setting(zone=ZoneInfo("Europe/Berlin"), postcodes={"47051"})
DATE, DATETIME, PERIOD = (make(None, SETTING) for make in (dates.to_date, dates.to_datetime, dates.to_period))
TIME, SPAN = (make(None, SETTING) for make in (times.to_time, times.to_span))


def read(convert: Convert, value: Any) -> tuple[Any, str]:
    """Give what is kept of a value that is told, and how it is said to have been read; other problems by their code."""
    answer = convert(value)
    assert isinstance(answer, Doubt), answer
    (finding,) = answer.findings
    return (answer.value, finding.note) if finding.code == "excel_number" else (answer.value, finding.code)


@pytest.mark.parametrize("written", ["45992", 45992, "45992.0", "45992,75", 45992.75])
def test_the_number_of_a_day_is_a_day(written: Any) -> None:
    """As text of a CSV file and as number of a sheet; of a day with a time the day."""
    assert "2025-12-01" == read(DATE, written)[0]


def test_what_was_read_is_said_as_a_person_writes_it() -> None:
    """So that a partner sees at once whether it is right."""
    assert ("2025-12-01T18:00:00+01:00", "01.12.2025 18:00") == read(DATETIME, 45992.75) == read(DATETIME, "45992,75")
    assert ("2025-12-01", "01.12.2025") == read(DATETIME, "45992")
    assert ({"start_date": "2025-12-01", "end_date": "2025-12-01"}, "01.12.2025") == read(PERIOD, "45992")
    batch = normalise(
        {"Nr": "1", "Titel": "A", "Beginn": 45992}, map={"title": "Titel", "start_date": {"from": "Beginn", "as": "date"}}
    )
    assert "2025-12-01" == batch.offers[0]["start_date"]
    assert ["Zeile 2: ‚45992‘ im Feld ‚Beginn‘ ist eine Zahl, wie Excel Tage und Uhrzeiten speichert, und wurde als 01.12.2025 gelesen."
            " Bitte die Spalte als Datum oder Uhrzeit formatieren."] == [problem.message("de") for problem in batch.problems]  # fmt: skip


@pytest.mark.parametrize(
    "written",
    ["2027", "20271201", "1945", "40178", "54789", "100000", "-45992", "45.992", "4599", "47051", "41226", "51126", "45992,123",
     "45992 EUR", "45992.5.1", "45992,75 Uhr", "٤٥٩٩٢"],
)  # fmt: skip
def test_a_number_that_may_be_anything_else_is_no_day(written: str) -> None:
    """A year, a day without dots, a postcode, a price, a day of our grandparents, a time nobody begins at."""
    assert read_serial(written, SETTING.postcodes) is None


@given(st.dates(date(2024, 1, 1), date(2033, 12, 31)))
def test_the_days_of_these_years_are_read_all(day: date) -> None:
    """They are counted as spreadsheets do, and none of them can be a date without dots."""
    moment = read_serial(str((day - date(1899, 12, 30)).days), ())
    assert moment is not None and (day, None) == moment[:2]


@given(st.integers(0, 99_999))
def test_no_text_is_both(number: int) -> None:
    """What was a date before is read as it was."""
    assert read_moment(f"{number:05}") is None


@pytest.mark.parametrize(
    ("written", "clock"),
    [("0,75", "18:00"), ("0.75", "18:00"), (0.75, "18:00"), (",5", "12:00"), (0.25, "06:00"), (0.5, "12:00"),
     ("0.729166666666667", "17:30"), ("0,7292", "17:30"), ("45992,75", "18:00"), (45992.395833333336, "09:30")],
)  # fmt: skip
def test_a_part_of_a_day_is_a_time(written: Any, clock: str) -> None:
    """Also behind the number of a day, in a column of times."""
    assert (clock, f"{clock} Uhr") == read(TIME, written)
    assert ({"start_time": clock, "end_time": None}, f"{clock} Uhr") == read(SPAN, written)


@pytest.mark.parametrize("written", ["0,73", "0,001", "0,9999", 0.0, 1.0, 0.123, 18.5, "1,75", "45992"])
def test_a_number_that_is_no_time_of_a_course_is_none(written: Any) -> None:
    """17:31 is an accident, 18.5 perhaps half past six."""
    assert (None, "bad_time") == read(TIME, written) == read(SPAN, written)


def test_a_text_that_is_a_clock_as_well_is_read_as_neither() -> None:
    """0.25 is 6 o'clock for Excel and 0:25 for a person; 0.30 is no part of a day that anybody begins at."""
    assert (None, "ambiguous_value") == read(TIME, "0.25") == read(SPAN, "0.50")
    assert ("00:30", "00:15") == (TIME("0.30"), TIME("0:15"))


def test_days_that_clocks_skip_are_not_made_up() -> None:
    """On the night of the change the hour between 2 and 3 is missing."""
    day = (date(2027, 3, 28) - date(1899, 12, 30)) // timedelta(days=1)
    answer = DATETIME(day + 2.5 / 24)
    assert isinstance(answer, Doubt) and answer.value is None


def test_other_fields_keep_their_numbers() -> None:
    """Only where a day or a time is wanted."""
    for target in ("cost_amount", "capacity_max", "location.postal_code"):
        answer = chain((), to_last_step(target, SETTING), SETTING)("45992")
        assert not isinstance(answer, Doubt) or "excel_number" not in {finding.code for finding in answer.findings}
    assert "excel_number" == chain((Converter(name="date"),), to_last_step("end_date", SETTING), SETTING)(45992).findings[0].code


def test_a_column_of_such_numbers_is_proposed() -> None:
    """A table without a single formatted cell: by its headings and because the numbers can be read."""
    rows = [{"Titel": f"Kurs {n}", "Beginn": 45992 + n, "Von": 0.75, "Bis": 0.8125, "Raumgröße": 45} for n in range(4)]
    found = guess(survey(rows, nested=False), SETTING)
    assert ("Beginn",) == next(one.from_ for one in found.map if one.target == "start_date")
    assert {"date": ("Beginn",), "start_time": ("Von",), "end_time": ("Bis",)} == {
        one.target: one.from_ for one in found.sessions
    }
    instants = [{"Titel": f"Kurs {n}", "Beginn": 45992.75 + n} for n in range(4)]
    found = guess(survey(instants, nested=False), SETTING)
    assert [("start", ("Beginn",))] == [(one.target, one.from_) for one in found.sessions]
