"""A connector and its cases come in; the tests go out of what it does where a feed is broken, hostile, or has no end.

Not for itself: connectors/testing.py makes a class of tests of it.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from connectors.apart import Took, each_apart
from connectors.contract import Limits
from connectors.grown import grown
from connectors.hostile import LOGIN, MAINTENANCE, hostile
from connectors.promises import Suite
from connectors.recorded import NOW, Case, Endless, read
from schemas.problems import Problem
from schemas.record import Capture

PAGES = 25  # for a feed without end
UNREADABLE = frozenset(
    {"empty_feed", "wrong_content", "broken_file", "truncated", "too_large", "selector_stale", "login_required"}
)
ENDINGS = frozenset({"loop_detected", "too_many_pages", "record_limit"})


def answers(case: Case, at: int, *, line: int, deep: int) -> Iterator[tuple[str, Callable[[], Mapping[str, Capture]]]]:
    """Yield (name, function that makes the answers): what is hostile at sight, and the case itself with something grown in it."""
    for name, body in hostile(line=line, deep=deep):
        yield name, lambda body=body: case.down(body)  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
    for name, make in grown(list(case.pages().values())[at].read(), length=line, deep=deep):
        yield name, lambda make=make: case.with_page(at, lambda _: make())  # type: ignore[misc]  # as above


def read_hostile(case: Case, pages: Mapping[str, Capture]) -> tuple[int, list[Problem]]:
    """Read and detect what is hostile; give the number of records, and the problems. Any exception is a mistake."""
    found = case.read(pages, Limits(max_records=50_000, max_pages=PAGES))
    largest = max(pages.values(), key=lambda capture: capture.size)
    detection = case.connector.detect(largest)
    assert detection is None or 0 <= detection.score <= 1
    return len(found.records), found.told


class Hardships(Suite):
    """What holds for a feed that is not as it should be."""

    line: int
    deep: int

    def test_an_empty_feed_is_no_success(self) -> None:
        """Nothing at all, and a whole feed without a record: the run fails and says so."""
        assert self.good.read(self.good.down(b"")).failed is not None
        empty = self.empty
        if empty is not None:
            failed = self.good.read(self.good.with_page(self.records_at, lambda _: empty)).failed
            assert failed is not None
            assert failed.code in ("empty_feed", "selector_stale")

    @pytest.mark.parametrize("page", [MAINTENANCE, LOGIN], ids=["maintenance", "login"])
    def test_a_page_for_people_is_no_feed(self, page: bytes) -> None:
        """HTML with status 200: the run fails, and nothing is taken for removed."""
        found = self.good.read(self.good.down(page))
        assert found.records == []
        assert found.failed is not None
        assert found.failed.code in (UNREADABLE if self.reads_pages else {"wrong_content", "login_required"})

    @pytest.mark.parametrize("media_type", ["", "text/html", "text/plain", "application/octet-stream", "image/png"])
    def test_what_a_server_calls_it_is_not_believed(self, media_type: str) -> None:
        """A wrong content type costs no exception; what is read in spite of it is the same."""
        case = self.good
        pages = {
            url: Capture.of(one.read(), url=url, fetched_at=NOW, media_type=media_type, headers=one.headers)
            for url, one in case.pages().items()
        }
        found = case.read(pages)
        if found.failed is None:
            assert case.read().as_json()["records"] == found.as_json()["records"]
        else:
            assert found.failed.code in UNREADABLE

    @pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.98])
    def test_a_file_that_breaks_off_keeps_what_is_readable(self, share: float) -> None:
        """What was read before the break is as it was; the break is told, or the run fails."""
        case = self.good
        whole = case.read()
        found = case.read(case.with_page(self.records_at, lambda body: body[: int(len(body) * share)]))
        before = [one.data for one in whole.records]
        intact = [one.data for one in found.records[:-1] if one.data in before]
        assert len(found.records[:-1]) - len(intact) <= 1
        assert found.records or found.told

    def test_one_bad_record_spares_its_neighbours(self) -> None:
        """Its problem says where; the others are read as before."""
        if self.spoil is None:
            pytest.skip("this format has no record that could be broken alone")
        case = self.good
        whole = case.read()
        spoilt = case.with_page(self.records_at, self.spoil)
        assert spoilt != case.pages()
        found = case.read(spoilt)
        assert found.failed is None
        assert len(found.records) >= len(whole.records) - 1
        before = [one.data for one in whole.records]
        assert sum(one.data not in before for one in found.records) <= 1
        assert len(found.problems) > len(whole.problems)

    def check_hostile(self, name: str) -> None:
        """One answer of the many, each read by a process of its own with a ceiling on memory and time."""
        took = self.hostile_answers()[name]
        assert took.fault == ""
        assert took.seconds < self.seconds
        assert took.memory < self.memory
        records, told = took.result
        assert records or told
        self.check_problems(told)

    @classmethod
    def hostile_answers(cls) -> Mapping[str, Took]:
        """Read all that is hostile, once for the whole class."""
        if "_answers" not in cls.__dict__:
            case = cls().good
            works = (
                (name, cls._to_work(case, make)) for name, make in answers(case, cls.records_at, line=cls.line, deep=cls.deep)
            )
            cls._answers = dict(each_apart(works, memory=cls.memory, seconds=cls.seconds))  # type: ignore[attr-defined]  # kept here alone
        kept: Mapping[str, Took] = cls.__dict__["_answers"]
        return kept

    @staticmethod
    def _to_work(case: Case, make: Callable[[], Mapping[str, Capture]]) -> Callable[[], Any]:
        return lambda: read_hostile(case, make())

    def test_the_same_page_without_end_comes_to_an_end(self) -> None:
        """The same page again and again: noticed, or stopped by the limit, never read for ever."""
        case = self.good
        first = next(iter(case.pages().values()))
        self.check_end(case, lambda number: first)

    def test_new_pages_without_end_come_to_an_end(self) -> None:
        """A server that always has a next page, each with other records: the limit stops it, and it is told."""
        if self.endless is None:
            pytest.skip("this kind reads one address")
        given, page = self.endless
        case = self.good
        case.given = given
        told = self.check_end(case, lambda number: Capture.of(page(number), url=given["url"], fetched_at=NOW))
        assert ENDINGS & {problem.code for problem in told}

    def check_end(self, case: Case, page: Callable[[int], Capture]) -> list[Problem]:
        """Read from a server without end; give what was told."""
        ctx = Endless(page, limits=Limits(max_pages=PAGES, max_records=5_000))
        begin = time.process_time()
        found = read(case.connector, case.options, ctx, most=20_000)
        assert len(ctx.asked) <= PAGES + 1
        assert time.process_time() - begin < self.seconds
        self.check_problems(found.told)
        return found.told

    def test_a_server_that_breaks_down_halfway_is_told(self) -> None:
        """Every address but the first fails: what is missing is told, and is not taken for removed."""
        case = self.good
        pages = case.pages()
        if len(pages) == 1:
            pytest.skip("this case has one address")
        assert case.read({url: pages[url] for url in list(pages)[:1]}).told
