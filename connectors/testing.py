"""A connector and a folder of its cases come in; a class of tests goes out that every connector must pass. One line a package:

    from connectors.testing import conformance_suite
    TestMine = conformance_suite(MyConnector, cases="tests/cases/mine")

A case is a folder: `input.*` (what the partner sends), `source.yml` (the source file), `records.json` (what is read; written by
LANDKARTE_WRITE_CASES=1), and `captures.json` for further addresses: {"https://…": "page2.json"}. At least one case must hold two
records. Needs pytest, which only the tests of a package need.
"""

import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib.metadata import EntryPoint
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import yaml

from connectors.contract import Auth, Connector, Limits, Options, SourceError
from connectors.hostile import MAINTENANCE, hostile
from connectors.registry import GROUP, Unavailable, load
from schemas.problems import Problem, problem_kinds
from schemas.record import Capture, RawRecord

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=ZONE)
MEDIA_TYPES = {".csv": "text/csv", ".json": "application/json", ".jsonl": "application/x-ndjson", ".html": "text/html"}
SECONDS = 10.0  # for one hostile answer
PAGES = 25  # for a feed without end
PLAIN = (str, int, float, bool, type(None))
UNREADABLE = frozenset(
    {"empty_feed", "wrong_content", "broken_file", "truncated", "too_large", "selector_stale", "login_required"}
)

Change = Callable[[bytes], bytes]


class Answers:
    """A context that answers from a mapping; it records who was asked, and who was trusted with headers or a login."""

    def __init__(self, pages: Mapping[str, Capture], *, now: datetime = NOW, limits: Limits | None = None) -> None:
        self.now, self.zone, self.limits = now, ZONE, limits or Limits()
        self.pages = dict(pages)
        self.asked: list[str] = []
        self.trusted: list[str] = []

    def fetch(self, url: str, *, headers: Mapping[str, str] | None = None, auth: Auth | None = None) -> Capture:
        self.asked.append(url)
        self.trusted += [url] if headers or auth else []
        if url not in self.pages:
            raise SourceError(Problem("connection", value=url, note="sie gehört nicht zu den gespeicherten Antworten"))
        return self.pages[url]


class Endless(Answers):
    """Answers every address with the same bytes, as a server does whose next page is always there."""

    def __init__(self, first: Capture, *, limits: Limits) -> None:
        super().__init__({}, limits=limits)
        self.first = first

    def fetch(self, url: str, *, headers: Mapping[str, str] | None = None, auth: Auth | None = None) -> Capture:
        self.asked.append(url)
        if len(self.asked) > self.limits.max_pages:
            raise SourceError(Problem("too_many_pages", value=str(self.limits.max_pages)))
        return Capture.of(
            self.first.read(), url=url, fetched_at=self.now, media_type=self.first.media_type, headers=self.first.headers
        )


class Case:
    """One folder of recorded answers."""

    def __init__(self, folder: Path, connector: type[Connector[Any]]) -> None:
        self.folder, self.connector = folder, connector
        source = yaml.safe_load((folder / "source.yml").read_text(encoding="utf-8"))["source"]
        self.given: dict[str, Any] = {name: value for name, value in source.items() if name != "kind"}

    @property
    def options(self) -> Options:
        return self.connector.options.model_validate(self.given)

    def pages(self) -> dict[str, Capture]:
        """The answers by their address, the first one first."""
        (first,) = self.folder.glob("input.*")
        found: dict[str, Any] = {self.options.url: first.name}
        if (listed := self.folder / "captures.json").exists():
            found |= json.loads(listed.read_text(encoding="utf-8"))
        return {url: self._capture(url, page) for url, page in found.items()}

    def changed(self, body: bytes) -> dict[str, Capture]:
        """The answers, the first one with other bytes."""
        pages = self.pages()
        return pages | {url: _with(body, pages[url]) for url in list(pages)[:1]}

    def down(self, body: bytes) -> dict[str, Capture]:
        """Every address answers with these bytes."""
        return {url: _with(body, capture) for url, capture in self.pages().items()}

    def read(self, pages: Mapping[str, Capture] | None = None, limits: Limits | None = None) -> "Reading":
        """Read it the way a run does."""
        return read(self.connector, self.options, Answers(pages or self.pages(), limits=limits))

    def _capture(self, url: str, page: Any) -> Capture:
        name, headers = (page, {}) if isinstance(page, str) else (page["file"], page["headers"])
        path = self.folder / name
        return Capture.of(
            path.read_bytes(), url=url, fetched_at=NOW, media_type=MEDIA_TYPES.get(path.suffix, ""), headers=headers
        )


def _with(body: bytes, capture: Capture) -> Capture:
    return Capture.of(body, url=capture.url, fetched_at=NOW, media_type=capture.media_type, headers=capture.headers)


class Reading:
    """What a connector made of some answers."""

    def __init__(self, items: Sequence[RawRecord | Problem], failed: Problem | None, asked: Sequence[str]) -> None:
        self.records = [item for item in items if isinstance(item, RawRecord)]
        self.problems = [item for item in items if isinstance(item, Problem)]
        self.failed, self.asked = failed, asked

    @property
    def told(self) -> list[Problem]:
        """Every problem, that which ended the run too."""
        return [*self.problems, *([self.failed] if self.failed else [])]

    def as_json(self) -> dict[str, Any]:
        """As it stands in records.json."""
        if self.failed is not None:
            return {"failed": self.failed.message("de")}
        records = [{"locator": one.locator, "id": one.record_id, "data": one.data} for one in self.records]
        return {"records": records, "problems": [problem.message("de") for problem in self.problems]}


def read(connector: type[Connector[Any]], options: Options, ctx: Answers, most: int = 100_000) -> Reading:
    """Read whole; whatever is not a SourceError is a mistake of the connector and comes through."""
    items: list[RawRecord | Problem] = []
    failed = None
    try:
        items.extend(islice(connector().read(options, ctx), most))
    except SourceError as error:
        failed = error.problem
    return Reading(items, failed, ctx.asked)


def conformance_suite(
    connector: type[Connector[Any]],
    *,
    cases: str | Path,
    empty: bytes | None = None,
    reorder: Change | None = None,
    spoil: Change | None = None,
    encodings: Sequence[str] = (),
    reads_pages: bool = False,
    example: bytes | None = None,
    deep: int = 100_000,
) -> type["Conformance"]:
    """Make the class of tests. What a format has no way to show is left out and its test skips.

    `empty` is a whole feed without a record. `reorder` and `spoil` change the bytes of the first good case: its records in
    another order; one record broken. `encodings` are further encodings the format may come in. `reads_pages`: any web page is
    a feed of this kind. `example` is recognised by `detect` where no case is. `deep`: the deepest nesting that is tried.
    """
    given = {
        "connector": connector, "cases": Path(cases), "empty": empty, "reorder": staticmethod(reorder) if reorder else None,
        "spoil": staticmethod(spoil) if spoil else None, "encodings": tuple(encodings), "reads_pages": reads_pages, "example": example,
    }  # fmt: skip
    folders = sorted(path.parent for path in Path(cases).glob("*/source.yml"))
    suite = type(f"Test{connector.kind.title()}", (Conformance,), given)
    walk = pytest.mark.parametrize("folder", folders, ids=[folder.name for folder in folders])

    def test_a_case_reads_as_recorded(self: Conformance, folder: Path) -> None:
        """The partner's words, where they stand, and what was wrong with them."""
        self.check_case(folder)

    def test_hostile_answers_end_in_a_problem(self: Conformance, body: bytes) -> None:
        """No exception, no more time than there is, and a sentence for each that says who can mend it."""
        self.check_hostile(body)

    bad = pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in hostile(line=1_000_000, deep=deep)])
    suite.test_hostile_answers_end_in_a_problem = bad(test_hostile_answers_end_in_a_problem)  # type: ignore[attr-defined]  # made here
    suite.test_a_case_reads_as_recorded = walk(test_a_case_reads_as_recorded)  # type: ignore[attr-defined]  # made here
    return suite


class Conformance:
    """The tests. A package does not derive from this: `conformance_suite` does."""

    connector: ClassVar[type[Connector[Any]]]
    cases: ClassVar[Path]
    empty: ClassVar[bytes | None]
    reorder: Any  # a Change or None; a static method, so that mypy does not take it for one of ours
    spoil: Any
    encodings: ClassVar[tuple[str, ...]]
    reads_pages: ClassVar[bool]
    example: ClassVar[bytes | None]

    @pytest.fixture(autouse=True)
    def no_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """`ctx.fetch` is the only door: a socket or a name asked for by the connector itself fails the test."""

        def refuse(*args: object, **named: object) -> None:
            pytest.fail("the connector opened a socket; ctx.fetch is the only door to the network")

        for name in ("connect", "connect_ex", "sendto"):
            monkeypatch.setattr(socket.socket, name, refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        monkeypatch.setattr(socket, "create_connection", refuse)

    @property
    def good(self) -> Case:
        """The first case with two records."""
        for path in sorted(self.cases.glob("*/records.json")):
            if len(json.loads(path.read_text(encoding="utf-8")).get("records", ())) >= 2:
                return Case(path.parent, self.connector)
        pytest.fail(f"{self.cases} holds no case with at least two records")

    def check_case(self, folder: Path) -> None:
        """Compare a case with its records.json, or write that where LANDKARTE_WRITE_CASES is set."""
        found = Case(folder, self.connector).read().as_json()
        expected = folder / "records.json"
        if os.environ.get("LANDKARTE_WRITE_CASES"):
            expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        assert json.loads(expected.read_text(encoding="utf-8")) == found

    def test_it_is_a_connector_of_this_version(self) -> None:
        """Kind, title, options, completeness and methods are there, for the version of the contract we have."""
        kind, place = self.connector.kind, f"{self.connector.__module__}:{self.connector.__qualname__}"
        (loaded,) = load([EntryPoint(name=kind, value=place, group=GROUP)]).values()
        assert not isinstance(loaded, Unavailable), loaded.reason
        assert self.connector.title[:1].isupper()

    def test_its_options_are_a_form(self) -> None:
        """Their JSON Schema can be made, each is described, and an unknown one is refused."""
        schema = self.connector.options.model_json_schema()
        assert [name for name, one in schema["properties"].items() if not one.get("description")] == []
        assert schema.get("additionalProperties") is False
        assert self.good.options.url

    def test_reading_twice_gives_the_same(self) -> None:
        """No clock, no chance, nothing kept between two calls."""
        assert self.good.read().as_json() == self.good.read().as_json()

    def test_records_are_the_partners_own_words(self) -> None:
        """Plain JSON, a locator for each, ids that tell them apart, and the capture they came from."""
        case = self.good
        shas = {capture.sha256 for capture in case.pages().values()}
        found = case.read()
        ids = [one.record_id for one in found.records if one.record_id is not None]
        assert len(ids) == len(set(ids))
        for one in found.records:
            assert one.locator
            assert one.capture in shas
            assert all(isinstance(value, PLAIN) for value in leaves(one.data)), one.data
            assert json.loads(json.dumps(one.data)) == one.data

    def test_it_may_be_left_in_the_middle(self) -> None:
        """A preview reads twenty records and goes."""
        case = self.good
        items = case.connector().read(case.options, Answers(case.pages()))
        next(iter(items))
        close = getattr(items, "close", None)
        if close:
            close()

    def test_ids_do_not_depend_on_the_order(self) -> None:
        """A partner who sorts the list has not changed his offers."""
        if self.reorder is None:
            pytest.skip("this format has no order to change")
        case = self.good
        body = next(iter(case.pages().values())).read()
        turned = self.reorder(body)
        assert turned != body
        assert ids_of(case.read()) == ids_of(case.read(case.changed(turned)))

    def test_what_has_not_changed_is_told_by_its_entries(self) -> None:
        """Where `entries` names addresses, read asks for these and no others: then a 304 for all of them is the whole truth."""
        case = self.good
        entries = list(case.connector().entries(case.options))
        if entries:
            assert set(entries) == set(case.read().asked)

    def test_an_empty_feed_is_no_success(self) -> None:
        """Nothing at all, and a whole feed without a record: the run fails and says so."""
        assert self.good.read(self.good.down(b"")).failed is not None
        if self.empty is not None:
            failed = self.good.read(self.good.changed(self.empty)).failed
            assert failed is not None
            assert failed.code in ("empty_feed", "selector_stale")

    def test_a_maintenance_page_is_no_feed(self) -> None:
        """HTML with status 200: the run fails, and nothing is taken for removed."""
        found = self.good.read(self.good.down(MAINTENANCE))
        assert found.records == []
        assert found.failed is not None
        assert found.failed.code in (UNREADABLE if self.reads_pages else {"wrong_content", "login_required"})

    @pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.98])
    def test_a_file_that_breaks_off_keeps_what_is_readable(self, share: float) -> None:
        """What was read before the break is as it was; the break is told, or the run fails."""
        case = self.good
        whole = case.read()
        body = next(iter(case.pages().values())).read()
        found = case.read(case.changed(body[: int(len(body) * share)]))
        before = [one.data for one in whole.records]
        intact = [one.data for one in found.records[:-1] if one.data in before]
        assert len(found.records[:-1]) - len(intact) <= 1
        assert found.records or found.told

    def test_one_bad_record_spares_its_neighbours(self) -> None:
        """Its problem says where; the others are read as before."""
        if self.spoil is None:
            pytest.skip("this format has no record that could be broken alone")
        case = self.good
        body = next(iter(case.pages().values())).read()
        found = case.read(case.changed(type(self).spoil(body)))
        assert found.failed is None
        assert len(found.records) >= len(case.read().records) - 1
        assert found.problems

    def test_its_encodings_read_the_same(self) -> None:
        """What a partner's program makes of umlauts."""
        if not self.encodings:
            pytest.skip("this format says its encoding itself")
        case = self.good
        text = next(iter(case.pages().values())).read().decode("utf-8-sig")
        plain = [one.data for one in case.read(case.changed(text.encode())).records]
        for encoding in self.encodings:
            found = case.read(case.changed(text.encode(encoding)))
            assert plain == [one.data for one in found.records], encoding

    def check_hostile(self, body: bytes) -> None:
        """No exception, no more time than there is, and a sentence for each that says who can mend it."""
        case = self.good
        begin = time.monotonic()
        found = case.read(case.down(body), Limits(max_records=50_000, max_pages=PAGES))
        assert time.monotonic() - begin < SECONDS
        self.check_problems(found.told)
        assert found.records or found.told
        detection = case.connector.detect(Capture.of(body, url=case.options.url, fetched_at=NOW))
        assert detection is None or 0 <= detection.score <= 1

    def test_pages_without_end_come_to_an_end(self) -> None:
        """The same page again and again: noticed, or stopped by the limit, never read for ever."""
        case = self.good
        first = next(iter(case.pages().values()))
        ctx = Endless(first, limits=Limits(max_pages=PAGES, max_records=5_000))
        begin = time.monotonic()
        found = read(case.connector, case.options, ctx, most=20_000)
        assert len(ctx.asked) <= PAGES + 1
        assert time.monotonic() - begin < SECONDS
        self.check_problems(found.told)

    def test_only_the_partners_own_server_is_trusted(self) -> None:
        """A login and headers go to the address of the source file, never to one that a page names."""
        case = self.good
        login = Auth(kind="bearer", secret="TOKEN")
        options = case.options.model_copy(update={"auth": login, "headers": {"X-Partner": "1"}})
        ctx = Answers(case.pages())
        read(case.connector, options, ctx)
        own = urlsplit(options.url)[:2]
        assert [url for url in ctx.trusted if urlsplit(url)[:2] != own] == []

    def test_its_problems_are_sentences(self) -> None:
        """German first, with somebody who can mend it."""
        for path in sorted(self.cases.glob("*/source.yml")):
            self.check_problems(Case(path.parent, self.connector).read().told)

    def test_it_recognises_its_own_feed(self) -> None:
        """With options that are valid, and a German reason."""
        cases = [Case(path.parent, self.connector) for path in sorted(self.cases.glob("*/source.yml"))]
        captures = [capture for case in cases for capture in case.pages().values()]
        if self.example is not None:
            captures.append(Capture.of(self.example, url=self.good.options.url, fetched_at=NOW))
        found = next((one for capture in captures if (one := self.connector.detect(capture)) is not None), None)
        assert found is not None
        assert 0 < found.score <= 1
        assert found.reason
        self.connector.options.model_validate(found.options)

    def check_problems(self, problems: Sequence[Problem]) -> None:
        """Each is of the closed list, says who can mend it, and is a whole sentence in both languages."""
        for problem in problems:
            assert problem.code in problem_kinds()
            assert problem.owner in ("partner", "operator", "nobody")
            for language in ("de", "en"):
                sentence = problem.message(language)
                assert sentence[:1] == sentence[:1].upper()
                assert "Traceback" not in sentence


def ids_of(found: Reading) -> list[str]:
    """The ids of a reading, sorted; of records without one their words, from which normalise makes one."""
    return sorted(one.record_id or json.dumps(one.data, sort_keys=True, ensure_ascii=False) for one in found.records)


def leaves(value: Any) -> Iterator[Any]:
    """Yield everything in a record that is no list and no mapping."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    else:
        yield value
