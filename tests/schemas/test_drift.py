"""What changes in a feed without anybody saying so is noticed."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.drift import Watch, compare_shapes, new_words, to_form
from schemas.problems import Problem
from schemas.record import RawRecord


def shape(make: Callable[[int], dict[str, Any]], count: int = 20) -> dict[str, Any]:
    watch = Watch()
    items = [RawRecord(make(number), f"Zeile {number}", "0" * 64) for number in range(count)]
    assert items == list(watch.over(items))
    return watch.shape()


def course(number: int) -> dict[str, Any]:
    return {"Titel": f"Kurs {number}", "Beginn": f"{number % 28 + 1:02}.12.2026", "Mail": "info@verein.example", "Raum": None}


def changes(make: Callable[[int], dict[str, Any]], **options: int) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.value) for problem in compare_shapes(shape(course), shape(make, **options))]


def test_a_feed_that_stays_as_it_was_has_no_drift() -> None:
    """Other records of the same shape, and days of one digit."""
    assert [] == changes(lambda n: course(n + 5) | {"Beginn": f"{n % 28 + 1}.1.2027"})


def test_a_renamed_column_is_told_with_its_heir() -> None:
    """Gone, and another like it is there."""
    after = shape(lambda n: {("Start" if name == "Beginn" else name): value for name, value in course(n).items()})
    (problem,) = compare_shapes(shape(course), after)
    assert ("column_gone", "Beginn") == (problem.code, problem.value)
    assert "vielleicht heißt sie jetzt ‚Start‘" in problem.message("de")


def test_a_column_that_is_suddenly_empty_is_told() -> None:
    """It was filled everywhere, now it is nowhere."""
    assert [("column_empty", "Mail")] == changes(lambda n: course(n) | {"Mail": ""})


def test_dates_in_another_form_are_told() -> None:
    """12/01/2026 means another day than 01.12.2026."""
    assert [("form_changed", "Beginn")] == changes(lambda n: course(n) | {"Beginn": f"12/{n % 28 + 1:02}/2026"})
    assert [("form_changed", "Beginn")] == changes(lambda n: course(n) | {"Beginn": f"{n % 9 + 1}. Dezember 2026"})


def test_a_column_that_was_never_filled_may_go() -> None:
    """Nobody misses it."""
    assert [] == changes(lambda n: {name: value for name, value in course(n).items() if name != "Raum"})


def test_few_records_say_nothing() -> None:
    """Three offers without an address are no drift."""
    assert [] == changes(lambda n: course(n) | {"Mail": ""}, count=3)


def test_words_that_are_new_are_told_with_how_often_they_came() -> None:
    """What was unknown before was told before."""
    assert [Problem("new_value", field="topics", value="Häkeln", note="7-mal")] == new_words(
        {"topics: Zirkus": 2}, {"topics: Zirkus": 3, "topics: Häkeln": 7}
    )


def test_forms_are_short_and_plain() -> None:
    """Digits and words, nothing of the partner's."""
    assert "99.99.9999 99:99 a" == to_form("05.11.2026 18:30 Uhr")


@given(
    st.lists(
        st.dictionaries(st.text(max_size=5), st.none() | st.text(max_size=50) | st.integers() | st.lists(st.text())), max_size=30
    )
)
def test_any_records_have_a_shape_that_can_be_kept(records: list[dict[str, Any]]) -> None:
    """JSON there and back, and no drift against itself."""
    watch = Watch()
    list(watch.over(RawRecord(data, "x", "0" * 64) for data in records))
    kept = json.loads(json.dumps(watch.shape()))
    assert watch.shape() == kept
    assert [] == compare_shapes(kept, kept)
