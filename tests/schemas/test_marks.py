"""Marks of records: what the same mark promises, and what never stops it."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from schemas.marks import Marks
from schemas.problems import Problem
from schemas.record import RawRecord

Item = RawRecord | Problem


def record(data: Mapping[str, Any], *, locator: str = "Zeile 2", record_id: str | None = "1", capture: str = "a") -> RawRecord:
    return RawRecord(data=data, locator=locator, capture=capture, record_id=record_id)


def marks(*items: Item) -> bytes:
    made = Marks(lambda name: name != "Aufrufe")
    assert list(items) == list(made.over(items))
    return made.to_bytes()


def stands(known: bytes, items: Iterable[Item]) -> bool:
    return Marks(lambda name: name != "Aufrufe").stand_for(items, known)


def test_what_cannot_change_a_row_does_not_change_a_mark() -> None:
    """The order of fields, the capture, and the values of fields nobody maps are left out."""
    one = record({"Titel": "A1", "Aufrufe": 3, "Ort": {"b": 1, "a": 2}})
    same = record({"Ort": {"a": 2, "b": 1}, "Aufrufe": 99, "Titel": "A1"}, capture="b")
    assert marks(one) == marks(same)
    assert stands(marks(one, one), [same, same])


@pytest.mark.parametrize(
    "other",
    [
        record({"Titel": "A2", "Aufrufe": 3}),
        record({"Titel": "A1"}),
        record({"Titel": "A1", "Aufrufe": 3, "Neu": None}),
        record({"Titel": "A1", "Aufrufe": 3}, locator="Zeile 3"),
        record({"Titel": "A1", "Aufrufe": 3}, record_id=None),
        Problem("bad_record", "Zeile 2"),
    ],
)
def test_what_can_change_a_row_changes_the_mark(other: Item) -> None:
    """Values, fields that come and go, the place in the feed, the id, and a record that cannot be read."""
    one = record({"Titel": "A1", "Aufrufe": 3})
    assert not stands(marks(one), [other])


def test_a_feed_with_more_fewer_or_turned_records_is_another() -> None:
    """The marks of a feed are those of its records, in their order, and all of them."""
    one, two = record({"Titel": "A1"}), record({"Titel": "A2"}, locator="Zeile 3")
    known = marks(one, two)
    assert stands(known, [one, two])
    assert not any(stands(known, items) for items in ([one], [two, one], [one, two, two], []))


def test_a_feed_is_read_no_further_than_to_the_first_difference() -> None:
    """A changed feed is read twice only up to there."""
    seen: list[int] = []

    def feed() -> Iterable[Item]:
        for number in range(100):
            seen.append(number)
            yield record({"Titel": f"Kurs {number}" if number != 5 else "neu"}, locator=f"Zeile {number}")

    assert not stands(marks(*(record({"Titel": f"Kurs {n}"}, locator=f"Zeile {n}") for n in range(100))), feed())
    assert seen == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("value", [10**40, "\ud800", float("nan"), {1: "a"}, ["x" * 100_000]])
def test_no_value_is_too_odd_for_a_mark(value: object) -> None:
    """What JSON cannot say has a mark, too, the same every time."""
    assert marks(record({"Titel": value})) == marks(record({"Titel": value}))


def test_a_feed_whose_keys_are_data_is_marked_in_little_memory() -> None:
    """Names are forgotten when there are too many of them; the marks stay the same."""
    items = [record({f"schlüssel-{number}": 1}, locator=f"{number}") for number in range(2_500)]
    assert marks(*items) == b"".join(marks(item) for item in items)
