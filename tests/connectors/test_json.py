"""JSON as it is sent: right and nearly right, whole and cut off, in one document, in lines, in pages."""

import json as standard
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.context import RunContext, StoredContext
from connectors.contract import Limits, SourceError
from connectors.json import JsonConnector, JsonOptions
from connectors.jsonpages import next_link, with_param
from connectors.jsontext import close_open
from schemas.problems import Problem
from schemas.record import Capture, RawRecord
from tests.connectors.conftest import NOW, ZONE
from tests.connectors.site import Answer, Request, Site, redirect

URL = "https://lernhaus.example/angebote.json"
Make = Callable[..., RunContext]


def capture(body: bytes | str, **options: Any) -> Capture:
    return Capture.of(body.encode() if isinstance(body, str) else body, url=URL, fetched_at=NOW, **options)


def items(body: bytes | str, **options: Any) -> Iterator[RawRecord | Problem]:
    ctx = StoredContext.of_file(capture(body), now=NOW, zone=ZONE)
    return JsonConnector().read(JsonOptions(url=URL, **options), ctx)


def data(body: bytes | str, **options: Any) -> list[Mapping[str, Any]]:
    return [item.data for item in items(body, **options) if isinstance(item, RawRecord)]


def codes(body: bytes | str, **options: Any) -> list[str]:
    try:
        return [item.code for item in items(body, **options) if isinstance(item, Problem)]
    except SourceError as error:
        return [error.problem.code]


# One document


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_every_encoding(encoding: str) -> None:
    """RFC 8259 wants UTF-8 without a BOM; servers send what they like."""
    assert data('[{"titel": "Frühstück für Große"}]'.encode(encoding)) == [{"titel": "Frühstück für Große"}]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('[{"a": NaN, "b": Infinity, "c": -Infinity}]', {"a": None, "b": None, "c": None}),
        ('[{"a": 1e999}]', {"a": None}),
        ('[{"a": "Zeile\nZeile\tTab"}]', {"a": "Zeile\nZeile\tTab"}),
        ('[{"a": "\\ud83d halb"}]', {"a": "\ufffd halb"}),
        ('[{"a": 1, "a": 2}]', {"a": 2}),
        (f'[{{"a": {10**30}, "b": NaN}}]', {"a": str(10**30), "b": None}),
    ],
)
def test_what_only_nearly_is_json(body: str, expected: Mapping[str, Any]) -> None:
    """Read as far as it can be meant, and always something that can be written down again."""
    assert data(body) == [expected]
    assert orjson.dumps(data(body))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_feed"),
        (b"[]", "empty_feed"),
        (b"[[], 1, null]", "bad_record"),
        (b"<html>Wartung</html>", "wrong_content"),
        (b"<rss/>", "wrong_content"),
        (b"kein JSON", "broken_file"),
        (b'{"a": }', "broken_file"),
        (b'[{"a": 1}}', "broken_file"),
        (b"42", "bad_record"),
        (b'"Text"', "bad_record"),
        (b"[" * 100_000, "broken_file"),
        (b"[" * 100_000 + b"]" * 100_000, "broken_file"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "broken_file"),
        (b"[" + b'{"a":' * 500 + b"1" + b"}" * 500 + b"]", "broken_file"),
        (b'[{"a": ' + b"9" * 10_000 + b"}", "broken_file"),
        (b'[{"a": "' + b"x" * 1_000_000, "broken_file"),
    ],
)
def test_what_cannot_be_read_is_told(body: bytes, code: str) -> None:
    """Deep, broken, empty, or something else."""
    started = time.monotonic()
    assert codes(body)[-1:] == [code]
    assert time.monotonic() - started < 5


def test_the_readable_part_of_a_cut_document_is_kept() -> None:
    """Whole records of the outermost list; half a record would be an offer without its end."""
    whole = orjson.dumps({"data": {"items": [{"nr": n, "termine": [{"d": 1}, {"d": 2}]} for n in range(50)]}, "stand": "x"})
    for cut in range(30, len(whole) - 20, 37):
        found = list(items(whole[:cut], records="data.items")) if close_open(whole[:cut].decode()) else []
        assert all(item.data["termine"] == [{"d": 1}, {"d": 2}] for item in found if isinstance(item, RawRecord))
        assert sum(isinstance(item, RawRecord) for item in found) == whole[:cut].count(b"2}]}")
    assert codes(whole[:-20], records="data.items") == ["truncated"]


def test_a_document_that_is_too_large_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ceiling on what is held in memory; JSON Lines have none."""
    monkeypatch.setattr("connectors.jsontext.LARGEST_DOCUMENT", 1_000)
    assert codes(b"[" + b'{"a": 1},' * 200 + b"{}]") == ["too_large"]
    assert len(data(b'{"a": 1}\n' * 200)) == 200


def test_json_lines_end_a_record_not_the_file() -> None:
    """A bad line is told with its number; lines may be blank, and end as they like."""
    body = '{"a": 1}\r\n\r\n{"a": \n[1]\n{"a": 2}\n' + '{"a": "' + "x" * 100
    found = list(items(body))
    assert [item.locator for item in found] == ["Zeile 1", "Zeile 3", "Zeile 4", "Zeile 5", "Zeile 6"]
    assert [type(item) for item in found] == [RawRecord, Problem, Problem, RawRecord, Problem]


def test_lines_without_end_come_to_an_end() -> None:
    """The limit of records holds for them."""
    world = StoredContext.of_file(capture('{"a": 1}\n' * 50), now=NOW, zone=ZONE, limits=Limits(max_records=10))
    found = list(JsonConnector().read(JsonOptions(url=URL), world))
    assert [getattr(item, "code", "record") for item in found] == ["record"] * 10 + ["record_limit"]


def test_ids_are_taken_where_they_are() -> None:
    """Text and numbers are ids; True, lists and blanks are none."""
    body = standard.dumps([{"m": {"id": value}} for value in ("a ", 7, 7.5, True, [1], "", " ", None)])
    assert [item.record_id for item in items(body, id="m.id") if isinstance(item, RawRecord)] == [
        "a", "7", "7.5", None, None, None, None, None
    ]  # fmt: skip


def test_a_whole_object_can_be_the_record() -> None:
    """With records: @, or where it holds no list of objects."""
    assert data('{"titel": "A", "tags": ["x"]}') == [{"titel": "A", "tags": ["x"]}]
    assert data('{"titel": "A", "orte": [{}]}', records="@") == [{"titel": "A", "orte": [{}]}]
    assert codes('{"titel": "A", "orte": [{"n": 1}]}') == ["bad_config"]


@pytest.mark.parametrize(
    "options",
    [
        {"records": "a["},
        {"id": "]"},
        {"records": "(" * 5_000},
        {"paginate": {"by": "next", "path": "a |"}},
        {"paginate": {"by": "page"}},
        {"paginate": {"by": "next"}},
        {"paginate": {"by": "cursor", "param": "c"}},
        {"paginate": {"by": "page", "param": "p", "stop": "short"}},
    ],
)
def test_wrong_options_are_found_before_anything_is_fetched(options: dict[str, Any]) -> None:
    """A JMESPath that is none, a paging that lacks a part."""
    with pytest.raises(ValidationError):
        JsonOptions(url=URL, **options)


def test_a_selection_that_does_not_fit_is_told() -> None:
    """A function that gets something else than it wants."""
    assert codes('{"a": 1}', records="length(a)") == ["bad_config"]


# Pages


def read(ctx: RunContext, url: str, **options: Any) -> list[RawRecord | Problem]:
    return list(JsonConnector().read(JsonOptions.model_validate({"url": url, **options}), ctx))


def page_of(request: Request, size: int, total: int, name: str = "page", first: int = 1) -> list[dict[str, int]]:
    query = dict(pair.split("=") for pair in request.path.partition("?")[2].split("&") if pair)
    start = (int(query.get(name, first)) - first) * size
    return [{"id": number} for number in range(start, min(total, start + size))]


def numbers(found: list[RawRecord | Problem]) -> list[int]:
    return [item.data["id"] for item in found if isinstance(item, RawRecord)]


def test_a_bad_line_is_told_on_every_page(site: Site, context: Make) -> None:
    """Pages of lines lose no line without a word."""
    lines = {"a": b'{"id": 0}\n{"id": \n{"id": 1}\n', "2": b'{"id": 2}\n{"id": \n'}
    site.pages["/a"] = lambda request: lines.get(request.path[-1], b"[]")
    found = read(context(), f"{site.url}/a", paginate={"by": "page", "param": "page"})
    assert numbers(found) == [0, 1, 2]
    assert [item.locator for item in found if isinstance(item, Problem)] == ["Seite 1: $[1]", "Seite 2: $[1]"]


@pytest.mark.parametrize(("start", "sent"), [(None, 1), (1, 1), (0, 0)])
def test_by_page(start: int | None, sent: int, site: Site, context: Make) -> None:
    """Numbered pages until an empty one; other parameters stay."""
    site.pages["/a"] = lambda request: orjson.dumps(page_of(request, 10, 25, first=sent))
    paginate = {"by": "page", "param": "page", "size": {"param": "per_page", "value": 10}} | (
        {} if start is None else {"start": start}
    )
    assert numbers(read(context(), f"{site.url}/a?q=x%20y", paginate=paginate)) == list(range(25))
    assert len(site.asked) == 4
    assert all("q=x%20y" in path and "per_page=10" in path for path in site.asked)


def test_by_page_until_a_shorter_one(site: Site, context: Make) -> None:
    """Saves the empty page where the source file knows the size."""
    site.pages["/a"] = lambda request: orjson.dumps(page_of(request, 10, 25))
    paginate = {"by": "page", "param": "page", "size": {"param": "n", "value": 10}, "stop": "short"}
    assert numbers(read(context(), f"{site.url}/a", paginate=paginate)) == list(range(25))
    assert len(site.asked) == 3


def test_by_page_until_an_error(site: Site, context: Make) -> None:
    """WordPress answers 400 behind the last page; without being told so, an error is an error."""

    def answer(request: Request) -> Answer:
        records = page_of(request, 10, 25)
        return orjson.dumps(records) if records else (400, {}, b'{"code": "rest_post_invalid_page_number"}')

    site.pages["/a"] = answer
    paginate = {"by": "page", "param": "page"}
    assert numbers(read(context(), f"{site.url}/a", paginate=paginate | {"stop": "error"})) == list(range(25))
    with pytest.raises(SourceError):
        read(context(), f"{site.url}/a", paginate=paginate)


def test_by_page_where_the_last_one_repeats(site: Site, context: Make) -> None:
    """Some APIs give their last page for every page behind it; that paging works was seen before."""

    def answer(request: Request) -> Answer:
        number = min(3, int(request.path.partition("page=")[2] or 1))
        return orjson.dumps([{"id": number * 10 + place} for place in range(10)])

    site.pages["/a"] = answer
    assert len(numbers(read(context(), f"{site.url}/a", paginate={"by": "page", "param": "page"}))) == 30


def test_a_page_parameter_that_is_ignored_is_told(site: Site, context: Make) -> None:
    """The same first page for ever: not a success with a tenth of the data, and no endless loop."""
    stamps = iter(range(1_000))
    site.pages["/a"] = lambda request: orjson.dumps({"stand": next(stamps), "items": [{"id": 1}, {"id": 2}]})
    with pytest.raises(SourceError) as raised:
        read(context(), f"{site.url}/a", records="items", paginate={"by": "page", "param": "seite"})
    assert raised.value.problem.code == "loop_detected"
    assert len(site.asked) == 2


def test_by_offset_counts_what_came(site: Site, context: Make) -> None:
    """A server that gives fewer than asked for loses nothing."""

    def answer(request: Request) -> Answer:
        start = int(request.path.partition("offset=")[2] or 0)
        return orjson.dumps([{"id": number} for number in range(start, min(25, start + 7))])

    site.pages["/a"] = answer
    paginate = {"by": "offset", "param": "offset", "size": {"param": "limit", "value": 100}}
    assert numbers(read(context(), f"{site.url}/a", paginate=paginate)) == list(range(25))


def test_by_cursor(site: Site, context: Make) -> None:
    """A mark in the document leads on, until there is none."""
    site.pages |= {
        "/a": b'{"items": [{"id": 0}], "next": "x&y"}',
        "/a?cursor=x%26y": b'{"items": [{"id": 1}], "next": 7}',
        "/a?cursor=7": b'{"items": [{"id": 2}], "next": ""}',
    }
    paginate = {"by": "cursor", "param": "cursor", "path": "next"}
    assert numbers(read(context(), f"{site.url}/a", records="items", paginate=paginate)) == [0, 1, 2]
    site.pages["/a?cursor=7"] = b'{"items": [{"id": 3}], "next": 7}'
    with pytest.raises(SourceError) as raised:
        read(context(), f"{site.url}/a", records="items", paginate=paginate)
    assert raised.value.problem.code == "loop_detected"


def test_by_next_address(site: Site, context: Make) -> None:
    """Absolute or relative, over empty pages, and from where a redirect has led."""
    site.pages |= {
        "/a": redirect("/b/c?p=1"),
        "/b/c?p=1": b'{"items": [{"id": 0}], "links": {"next": "c?p=2"}}',
        "/b/c?p=2": b'{"items": [], "links": {"next": "?p=3"}}',
        "/b/c?p=3": f'{{"items": [{{"id": 1}}], "links": {{"next": "{site.url}/d"}}}}',
        "/d": b'{"items": [{"id": 2}], "links": {}}',
    }
    paginate = {"by": "next", "path": "links.next"}
    assert numbers(read(context(), f"{site.url}/a", records="items", paginate=paginate)) == [0, 1, 2]
    site.pages["/d"] = b'{"items": [{"id": 2}], "links": {"next": "/b/c?p=2"}}'
    with pytest.raises(SourceError) as raised:
        read(context(), f"{site.url}/a", records="items", paginate=paginate)
    assert raised.value.problem.code == "loop_detected"


def test_a_next_address_is_guarded_like_any_other(site: Site, context: Make) -> None:
    """What stands in a document is a stranger's word."""
    site.pages["/a"] = b'{"items": [{"id": 0}], "next": "http://169.254.169.254/latest"}'
    with pytest.raises(SourceError) as raised:
        read(context(), f"{site.url}/a", records="items", paginate={"by": "next", "path": "next"})
    assert raised.value.problem.code == "unsafe_url"


def test_by_link_header(site: Site, context: Make) -> None:
    """RFC 8288, as GitHub and WordPress send it."""
    site.pages |= {
        "/a": (200, {"Link": '</x>; rel="prev", </a?p=2>; title="a, b"; rel="last next"'}, b'[{"id": 0}]'),
        "/a?p=2": (200, {"Link": "</a>; rel=first"}, b'[{"id": 1}]'),
    }
    assert numbers(read(context(), f"{site.url}/a", paginate={"by": "link"})) == [0, 1]


def test_endless_pages_end_and_are_told(site: Site, context: Make) -> None:
    """At the number the source file gives."""
    site.pages["/a"] = lambda request: orjson.dumps(page_of(request, 1, 10**9))
    found = read(context(), f"{site.url}/a", paginate={"by": "page", "param": "page", "max": 5})
    assert numbers(found) == [0, 1, 2, 3, 4]
    (told,) = (item for item in found if isinstance(item, Problem))
    assert told.message("de").startswith("Nach 5 Seiten wurde aufgehört")


def test_a_page_that_fails_fails_the_run(site: Site, context: Make) -> None:
    """Half of a snapshot would withdraw the other half."""
    site.pages |= {"/a": b'{"items": [{"id": 0}], "next": "/b"}', "/b": (500, {}, b"")}
    with pytest.raises(SourceError) as raised:
        read(context(), f"{site.url}/a", records="items", paginate={"by": "next", "path": "next"})
    assert raised.value.problem.code == "http_5xx"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('<https://a/?p=2>; rel="next"', "https://a/?p=2"),
        ('<a>;rel=prev,<b>;rel=next', "b"),
        ('<a>; rel="nextish"', None),
        ('<a,b>; rel="next"', "a,b"),
        ("<" * 1_000, None),
        ("", None),
    ],
)  # fmt: skip
def test_link_headers(header: str, expected: str | None) -> None:
    """Only rel=next leads on."""
    assert next_link(header) == expected


def test_one_parameter_is_set_and_the_others_stay() -> None:
    """Also where they are not UTF-8."""
    assert with_param("https://a.de/x?q=%E4&page=1&b#c", "page", 2) == "https://a.de/x?q=%E4&b&page=2#c"


# Detection


def test_json_is_detected_with_its_records() -> None:
    """The path to the longest list, an id that names each record, how its pages follow."""
    body = orjson.dumps(
        {"meta": {"next": "/a?p=2"}, "data": {"items": [{"id": n, "t": "x"} for n in range(34)], "orte": [{"n": 1}]}}
    )
    found = JsonConnector.detect(capture(body))
    assert found is not None
    assert found.reason == "JSON mit 34 Datensätzen unter data.items"
    assert found.options == {"url": URL, "records": "data.items", "id": "id", "paginate": {"by": "next", "path": "meta.next"}}
    assert len(data(body, records=found.options["records"], id=found.options["id"])) == 34


@pytest.mark.parametrize("body", [b"", b"<html>", b"42", b"[]", b"{}", b"a;b\n1;2\n", b"[" * 5_000])
def test_what_is_no_feed_is_not_detected(body: bytes) -> None:
    """Nothing to read is nothing found."""
    assert JsonConnector.detect(capture(body)) is None


@pytest.mark.parametrize(
    "body", ['{"error": {"code": 500, "message": "Database connection failed"}}', '{"success": false, "data": null}']
)
def test_what_says_an_error_with_status_200_is_no_offer(body: str) -> None:
    """An interface out of order answers with one object; without this its message became the title of an offer."""
    assert JsonConnector.detect(capture(body)) is None
    assert JsonConnector.detect(capture('{"error": null, "items": [{"id": 1}, {"id": 2}]}')) is not None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_any_json_ends_in_records_and_problems(value: Any) -> None:
    """Whatever the standard library writes, NaN included, is read, and can be written down again."""
    body = standard.dumps(value)
    try:
        for item in items(body, id="id"):
            assert orjson.dumps(item.data) if isinstance(item, RawRecord) else item.message("de")
    except SourceError as error:
        assert error.problem.owner in ("partner", "operator")
    JsonConnector.detect(capture(body))


PIECES = st.sampled_from(
    [b"{", b"}", b"[", b"]", b'"', b":", b",", b'"a"', b"1", b"null", b"\n", b"\\", b"\xff", b"\\ud800", b"NaN", b"1e999"]
)


@given(st.binary(max_size=200) | st.lists(PIECES, max_size=60).map(b"".join))
def test_any_bytes_end_in_records_and_problems(body: bytes) -> None:
    """Bad input is normal input."""
    for options in ({}, {"records": "a[*].b", "id": "a || b"}, {"paginate": {"by": "next", "path": "next"}}):
        try:
            for item in items(body, **options):
                assert orjson.dumps(item.data) if isinstance(item, RawRecord) else item.message("de")
        except SourceError as error:
            assert error.problem.message("de")
    JsonConnector.detect(capture(body))


@pytest.mark.parametrize(
    ("file", "options", "count"),
    [
        ("ba_kursnet/weiterbildungssuche_response.json", {"records": "_embedded.termine", "id": "id"}, 20),
        ("schemaorg_json/events.jsonl", {}, 10),
        ("json_feeds/il_adcrc.json", {"records": "eventFeedItemList", "id": "datalayerId"}, 10),
        ("json_feeds/cook_landbank.json", {"records": "eventList", "id": "event_id"}, 1),
        ("integreat_live_pages/rems-murr-kreis_de_pages.json", {"id": "id"}, 362),
        ("geo_duisburg/derived/duisburg_stadtbezirke.geojson", {}, 7),
        ("vhs_openvhs/berlin_vhs_sample-raw.json", {"records": "veranstaltungen.veranstaltung", "id": "guid"}, None),
    ],
)  # fmt: skip
def test_real_files_are_read_whole(file: str, options: dict[str, Any], count: int | None, shared_data: Path) -> None:
    """Every record of the file, each with an id of its own where it has one."""
    body = (shared_data / file).read_bytes()
    found = list(items(body, **options))
    assert len(found) == count if count is not None else found
    assert all(isinstance(item, RawRecord) for item in found)
    if "id" in options:
        assert len({item.record_id for item in found if isinstance(item, RawRecord)}) == len(found)
