"""A connector and its cases come in; the tests go out of what it promises on an ordinary night: order, ids, books, words.

Not for itself: connectors/testing.py makes a class of tests of it.
"""

import json
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.metadata import EntryPoint
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import jsonschema
import pytest

from connectors.contract import Auth, Connector
from connectors.recorded import NOW, ZONE, Answers, Case, ids_of, leaves, read
from connectors.registry import GROUP, Unavailable, load
from connectors.surroundings import another_year, watched
from schemas.city import City
from schemas.normalise import Normaliser
from schemas.problems import Problem, problem_kinds
from schemas.record import Capture, RawRecord
from schemas.source import Source
from schemas.validate import Validator

PLAIN = (str, int, float, bool, type(None))
# A city without districts: normalise and validate need one, whatever it is
CITY = City(
    key="musterstadt", name="Musterstadt", languages=("de",), ags="05112000", time_zone=ZONE.key, publisher="Stadt Musterstadt", contact="",
    site_url="", catalogue_title="", catalogue_description="", licence="dl-by-de/2.0", colours={}, box=(5.0, 47.0, 16.0, 56.0),
    neighbours=(), postcodes={}, districts=(), subdistricts=(), quarters=(), geometry={}, exact={}, exact_code={}, exactness_m={},
    credits={}, organisations=(), aliases={}, addresses=None, addresses_attribution="", sources=(), folder=Path(), fingerprint="",
)  # fmt: skip

Change = Callable[[bytes], bytes]


class Suite:
    """What all tests of a suite stand on. `reorder` and `spoil` are a Change or None; static, so that they are no methods."""

    connector: ClassVar[type[Connector[Any]]]
    cases: ClassVar[Path]
    best: ClassVar[str]
    empty: ClassVar[bytes | None]
    reorder: Any
    spoil: Any
    endless: Any
    records_at: ClassVar[int]
    encodings: ClassVar[tuple[str, ...]]
    reads_pages: ClassVar[bool]
    example: ClassVar[bytes | None]
    memory: ClassVar[int]
    seconds: ClassVar[float]

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
        """The case that is changed in many ways: the one that was named, else the first with two records."""
        if self.best:
            return Case(self.cases / self.best, self.connector)
        for path in sorted(self.cases.glob("*/records.json")):
            if len(json.loads(path.read_text(encoding="utf-8")).get("records", ())) >= 2:
                return Case(path.parent, self.connector)
        pytest.fail(f"{self.cases} holds no case with at least two records")

    @property
    def every(self) -> list[Case]:
        """All cases."""
        return [Case(path.parent, self.connector) for path in sorted(self.cases.glob("*/source.yml"))]

    def check_problems(self, problems: Sequence[Problem]) -> None:
        """Each is of the closed list, says who can mend it, and is a whole sentence in both languages, the German one German."""
        for problem in problems:
            assert problem.code in problem_kinds()
            assert problem.owner in ("partner", "operator", "nobody")
            for language in ("de", "en"):
                sentence = problem.message(language)
                assert sentence[:1] == sentence[:1].upper()
                assert "Traceback" not in sentence
                assert "Error" not in problem.note
            assert problem.message("de") != problem.message("en")


class Promises(Suite):
    """What holds for a feed that is as it should be."""

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

    def test_its_options_come_back_as_they_went(self) -> None:
        """Through JSON and back they are the same, and what a source file says is what their JSON Schema allows."""
        schema = self.connector.options.model_json_schema()
        jsonschema.Draft202012Validator.check_schema(schema)
        for case in self.every:
            options = case.options
            written = json.loads(options.model_dump_json())
            assert options == self.connector.options.model_validate(written)
            jsonschema.validate(case.given, schema)
            jsonschema.validate(written, schema)

    def test_reading_twice_gives_the_same(self) -> None:
        """No chance, nothing kept between two calls, also not by one connector."""
        case = self.good
        connector = self.connector()
        first, again = (list(connector.read(case.options, Answers(case.pages()))) for _ in range(2))
        assert first == again
        assert case.read().as_json() == case.read().as_json()

    def test_reading_in_another_year_gives_the_same(self) -> None:
        """The clock is `ctx.now`, and nothing else: a replay of last year's capture gives last year's records."""
        case = self.good
        before = case.read().as_json()
        with another_year(self.connector.__module__.partition(".")[0]):
            assert before == case.read().as_json()

    def test_it_touches_nothing(self) -> None:
        """Neither `read` nor `detect` opens a socket or a file, or changes one."""
        case = self.good
        pages = case.pages()
        ctx, options = Answers(pages), case.options
        with watched() as touched:
            read(self.connector, options, ctx)
            assert touched == [], "read"
            for capture in pages.values():
                self.connector.detect(capture)
            assert touched == [], "detect"

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

    def test_the_books_balance(self) -> None:
        """What was read is what became an offer, was rejected, was left out, or is a further session: record by record."""
        for case in self.every:
            found = case.read()
            lost = [problem for problem in found.problems if problem.severity_or_default == "rejected"]
            source = Source.model_validate(
                {"key": "probe", "title": "Probe", "publisher": {"name": "Probe"}, "licence": "dl-by-de/2.0"}
                | {"source": {"kind": self.connector.kind, **case.given}}
            )
            normaliser = Normaliser(source, CITY, self.connector.default_map, nested=self.connector.nested)
            validator = Validator(CITY)
            items: Iterator[RawRecord | Problem] = iter([*found.records, *found.problems])
            batches = [validator.validate(batch) for batch in normaliser.batches(items)]
            assert len(found.records) + len(lost) == sum(batch.read for batch in batches)
            told = [problem for batch in batches for problem in batch.problems]
            assert [problem.note for problem in told if problem.code == "unexpected"] == []
            self.check_problems(told)

    def test_it_may_be_left_in_the_middle(self) -> None:
        """A preview reads twenty records and goes; what it saw is how the run begins."""
        case = self.good
        items = iter(case.connector().read(case.options, Answers(case.pages())))
        first = list(islice(items, 1))
        close = getattr(items, "close", None)
        if close:
            close()
        assert first == list(islice(case.connector().read(case.options, Answers(case.pages())), 1))

    def test_ids_do_not_depend_on_the_order(self) -> None:
        """A partner who sorts the list has not changed his offers."""
        if self.reorder is None:
            pytest.skip("this format has no order to change")
        case = self.good
        turned = case.with_page(self.records_at, self.reorder)
        assert turned != case.pages()
        assert ids_of(case.read()) == ids_of(case.read(turned))

    def test_what_has_not_changed_is_told_by_its_entries(self) -> None:
        """Where `entries` names addresses, read asks for these and no others: then a 304 for all of them is the whole truth."""
        case = self.good
        entries = list(case.connector().entries(case.options))
        if entries:
            assert set(entries) == set(case.read().asked)

    def test_its_encodings_read_the_same(self) -> None:
        """What a partner's program makes of umlauts."""
        if not self.encodings:
            pytest.skip("this format says its encoding itself")
        case = self.good
        plain = [one.data for one in case.read().records]
        for encoding in self.encodings:
            recode = partial(_recoded, encoding=encoding)
            found = case.read(case.with_page(self.records_at, recode))
            assert plain == [one.data for one in found.records], encoding

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
        for case in self.every:
            self.check_problems(case.read().told)

    def test_it_recognises_its_own_feed(self) -> None:
        """With options that are valid, and a German reason."""
        captures = [capture for case in self.every for capture in case.pages().values()]
        if self.example is not None:
            captures.append(Capture.of(self.example, url=self.good.options.url, fetched_at=NOW))
        found = next((one for capture in captures if (one := self.connector.detect(capture)) is not None), None)
        assert found is not None
        assert 0 < found.score <= 1
        assert found.reason
        self.connector.options.model_validate(found.options)


def _recoded(body: bytes, encoding: str) -> bytes:
    return body.decode("utf-8-sig").encode(encoding)
