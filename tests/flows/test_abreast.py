"""Several lanes of work at once: what overlaps, what does not, and how it ends."""

import threading
import time
from collections import Counter

import pytest

from flows.abreast import abreast


def test_lanes_run_at_once_and_a_lane_is_walked_in_order() -> None:
    """Two lanes meet; within a lane nobody overtakes; no more are at work than allowed."""
    at_work: Counter[str] = Counter()
    most: list[int] = []
    meeting = threading.Barrier(2, timeout=10)

    def work(piece: str) -> str:
        at_work[piece[0]] += 1
        most.append(sum(at_work.values()))
        assert at_work[piece[0]] == 1
        if piece.endswith("1"):
            meeting.wait()
        at_work[piece[0]] -= 1
        return piece

    done = [*abreast([["a1", "a2", "a3"], ["b1", "b2"], ["c2"]], work, 2)]

    assert ["a1", "a2", "a3"] == [piece for piece in done if piece[0] == "a"]
    assert {"a1", "a2", "a3", "b1", "b2", "c2"} == set(done)
    assert max(most) == 2


def test_who_stops_asking_stops_the_work() -> None:
    """What is under way is interrupted and cleans up; what waits never begins."""
    cleaned, begun = threading.Event(), []

    def work(piece: int) -> int:
        begun.append(piece)
        try:
            while piece:
                time.sleep(0.01)
        finally:
            if piece:
                cleaned.set()
        return piece

    outcomes = abreast([[1, 2], [0, 3]], work, 2)
    assert next(outcomes) == 0
    outcomes.close()

    assert cleaned.is_set()
    assert 2 not in begun


def test_an_error_of_the_work_is_raised_where_it_was_asked_for() -> None:
    """Nothing is swallowed."""

    def work(piece: int) -> int:
        raise ValueError(piece)

    with pytest.raises(ValueError, match="7"):
        list(abreast([[7]], work, 4))


def test_nothing_to_do_is_done_at_once() -> None:
    """No lanes, no threads."""
    assert [*abreast([], lambda piece: piece, 4)] == []
