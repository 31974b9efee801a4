"""XML of any make: items by name, fields by XPath, files that are huge, broken or hostile."""

import contextlib
import json
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.contract import Limits, SourceError
from connectors.xml import XmlConnector, XmlOptions
from connectors.xmlitems import Items
from tests.connectors.normalised import normalise
from tests.connectors.pages import Reading, capture, read

URL = "https://kurse.example/katalog.xml"
TWO = "<kurse><kurs nr='1'><name>A</name><ort>Süd</ort></kurs><kurs nr='2'><name>B</name><ort>Nord</ort></kurs></kurse>"


def harvest(body: str | bytes, **options: Any) -> Reading:
    options.setdefault("item", "kurs")
    return read(XmlConnector(), {URL: body.encode() if isinstance(body, str) else body}, **options)


def value(inner: str, line: str, **options: Any) -> Any:
    return harvest(f"<kurse><kurs nr='1'>{inner}</kurs></kurse>", fields={"x": line}, **options).data[0].get("x")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("name", "A B"),
        ("thema", "eins"),
        ("thema*", ["eins", "zwei"]),
        ("adresse/*", "Weg 1"),
        ("@nr", "1"),
        ("adresse/@art", "Post"),
        ("adresse/ort", "Süd"),
        (".//ort", "Süd"),
        ("thema[2]", "zwei"),
        ("adresse[@art='Post']/ort", "Süd"),
        ("count(thema)", 2),
        ("number(preis)", 12.5),
        ("number(name)", None),
        ("boolean(thema)", True),
        ("concat(name, '!')", "A B!"),
        ("nichts", None),
        ("nichts*", None),
        ("string(nichts)", None),
    ],
)
def test_a_field_is_what_its_xpath_finds(line: str, expected: Any) -> None:
    """Text with that of its parts, attributes, numbers; the first, or all with a star at the end."""
    inner = (
        "<name>A <b>B</b></name><thema>eins</thema><thema>zwei</thema><preis>12.5</preis>"
        "<adresse art='Post'><weg>Weg 1</weg><ort>Süd</ort></adresse>"
    )
    assert value(inner, line) == expected


def test_names_are_compared_without_prefix_unless_name_spaces_are_given() -> None:
    """A default name space costs nobody a prefix; who gives name spaces means them."""
    body = "<a:kurse xmlns:a='urn:a' xmlns='urn:b'><a:kurs><name>A</name></a:kurs><kurs><name>B</name></kurs></a:kurse>"
    assert [data["x"] for data in harvest(body, fields={"x": "name"}).data] == ["A", "B"]
    spaces = {"namespaces": {"a": "urn:a", "b": "urn:b"}, "fields": {"x": "b:name"}}
    assert [data["x"] for data in harvest(body, item="a:kurs", **spaces).data] == ["A"]


def test_without_fields_the_whole_item_is_the_record() -> None:
    """Children by name, lists where a name comes again, attributes with @; the map selects in it."""
    body = "<kurse><kurs nr='1'><name>A</name><tag>Mo</tag><tag>Mi</tag><ort plz='47051'>Süd</ort><leer/></kurs></kurse>"
    reading = harvest(body, id="@nr")
    (data,) = reading.data
    expected = {"@nr": "1", "name": "A", "tag": ["Mo", "Mi"], "ort": {"@plz": "47051", "#text": "Süd"}, "leer": None}
    assert data == expected
    says = {
        "map": {"title": "name", "location.postal_code": 'ort."@plz"', "url": {"default": "https://x.example/"}},
        "ignore": ["@nr"],
    }
    batch = normalise(XmlConnector(), reading, **says)
    assert batch.offers[0]["record_id"] == "1"


def test_conditions_choose_items() -> None:
    """Those that do not fit are no records, and no problems."""
    assert [data["name"] for data in harvest(TWO, item="kurs[@nr='2']").data] == ["B"]
    with pytest.raises(SourceError) as raised:
        harvest(TWO, item="kurs[@nr='3']")
    assert raised.value.problem.code == "empty_feed"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"item": "kurse/kurs"}, "kein Name eines Elements"),
        ({"item": ""}, "kein Name eines Elements"),
        ({"item": "k:kurs"}, "Namensraum"),
        ({"item": "kurs[("}, "kein Name|kein XPath"),
        ({"item": "kurs[(]"}, "kein XPath"),
        ({"fields": {"x": "a["}}, "kein XPath"),
        ({"fields": {"x": ""}}, "zu lang oder zu umständlich"),
        ({"fields": {"x": "//a[//b[//c]]"}}, "zu lang oder zu umständlich"),
        ({"fields": {"x": "a" * 400}}, "zu lang oder zu umständlich"),
        ({"id": "]"}, "kein XPath"),
    ],
)
def test_wrong_options_are_told_before_anything_is_read(options: dict[str, Any], words: str) -> None:
    """One German sentence with the place."""
    with pytest.raises(ValidationError, match=words):
        XmlOptions(**{"url": URL, "item": "kurs", **options})


def test_functions_that_reach_out_are_not_there() -> None:
    """XPath here opens no files and knows no regular expressions; what it does not know ends the run with a sentence."""
    for line in ("document('file:///etc/passwd')", "doc('x')", "unparsed-text('x')", "$geheim"):
        with pytest.raises(SourceError) as raised:
            value("<name>A</name>", line)
        assert raised.value.problem.code == "bad_config"


def test_a_name_that_is_not_there_is_told() -> None:
    """Nothing found is no empty list of offers: the file was rebuilt."""
    with pytest.raises(SourceError) as raised:
        harvest(TWO, item="angebot")
    assert raised.value.problem.code == "selector_stale"


@pytest.mark.parametrize(
    ("body", "expected"), [(b"", "empty_feed"), (b"<html>", "wrong_content"), (b"{}", "wrong_content"), (b"a;b", "wrong_content")]
)
def test_what_is_no_xml_is_told(body: bytes, expected: str) -> None:
    """Empty, a page that says sorry, another format."""
    with pytest.raises(SourceError) as raised:
        harvest(body)
    assert raised.value.problem.code == expected
    assert XmlConnector.detect(capture(body)) is None


def test_it_is_recognised_with_figures() -> None:
    """What repeats and has parts, and what names it."""
    found = XmlConnector.detect(capture(TWO.encode(), URL))
    assert found is not None
    assert found.options == {"url": URL, "item": "kurs", "id": "@nr"}
    assert (found.score, found.reason) == (0.4, "XML mit 2 Elementen ‚kurs‘")
    for other in (
        "<xs:schema xmlns:xs='x'><xs:element><a/><b/></xs:element><xs:element><a/><b/></xs:element></xs:schema>",
        "<kurse><kurs><a/><b/></kurs></kurse>",
        "<rss><channel><item><a/><b/></item><item><a/><b/></item></channel></rss>",
        "<urlset><url><a/><b/></url><url><a/><b/></url></urlset>",
    ):
        assert XmlConnector.detect(capture(other.encode())) is None
    XmlOptions.model_validate(dict(found.options))


def test_an_item_of_too_many_elements_is_none() -> None:
    """Its neighbours are."""
    body = TWO.replace("</kurse>", "<kurs>" + "<a/>" * 6_000 + "</kurs></kurse>")
    reading = harvest(body)
    assert (len(reading.records), reading.codes) == (2, ["bad_record"])


def test_bombs_do_not_go_off() -> None:
    """Ten lines of entities, a file of the machine, tags without end."""
    entities = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 12))
    for bomb in (
        f'<!DOCTYPE x [<!ENTITY l0 "boom">{entities}]><kurse><kurs><name>&l11;</name></kurs></kurse>',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><kurse><kurs><name>&e;</name></kurs></kurse>',
        "<kurse><kurs>" + "<a>" * 100_000,
        "<kurse>" + "<kurs>" * 100_000,
        "<kurse><!--" + "-" * 6_000_000,
    ):
        started = time.monotonic()
        XmlConnector.detect(capture(bomb.encode()))
        with contextlib.suppress(SourceError):
            text = json.dumps(harvest(bomb).data)
            assert len(text) < 10_000
            assert "root:" not in text
        assert time.monotonic() - started < 20


def test_memory_holds_one_item() -> None:
    """Thirty megabytes of courses pass through a few."""
    body = (
        b"<kurse>"
        + b"".join(b"<kurs nr='%d'><name>%s</name></kurs>" % (number, b"x" * 300) for number in range(100_000))
        + b"</kurse>"
    )
    world = capture(body, URL)
    tracemalloc.start()
    assert sum(isinstance(item, tuple) for item in Items(world, "kurs")) == 100_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000


def test_the_limit_of_records_holds() -> None:
    """What is more is told."""
    reading = harvest(TWO, limits=Limits(max_records=1))
    assert (len(reading.records), reading.codes) == (1, ["record_limit"])


def test_a_real_file_is_read_whole(shared_data: Path) -> None:
    """Berlin's courses without their own kind: found by detect, read by what it suggests."""
    body = (shared_data / "vhs_openvhs" / "kurse_snippet.xml").read_bytes().replace(b"veranstaltungen", b"liste")
    found = XmlConnector.detect(capture(body, URL))
    assert found is not None
    assert found.options == {"url": URL, "item": "veranstaltung", "id": "guid"}
    reading = read(XmlConnector(), {URL: body}, **found.options)
    assert [record.record_id for record in reading.records] == ["569306", "578841", "569060"]


@given(tail=st.binary(max_size=200), place=st.integers(0, 200))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise_anything_but_a_source_error(tail: bytes, place: int) -> None:
    """Cut, overwritten, foreign bytes: records, problems, or one sentence."""
    whole = TWO.encode()
    for body in (whole[:place] + tail, whole[:place] + tail + whole[place:], b"<?xml version='1.0' encoding='" + tail, tail):
        XmlConnector.detect(capture(body))
        with contextlib.suppress(SourceError):
            reading = harvest(body, fields={"x": "name", "y": "@*"}, id="@nr")
            json.dumps(reading.data, allow_nan=False).encode()


@given(line=st.text(alphabet="ab/*@[]().:|='\"1 -+$,", max_size=25))
@settings(max_examples=200, deadline=None)
def test_any_xpath_is_refused_or_applied(line: str) -> None:
    """Whatever a partner writes, it is a sentence or a value."""
    with contextlib.suppress(ValidationError, SourceError):
        json.dumps(harvest(TWO, fields={"x": line}).data)
