"""Feeds as blogs, event plugins and town websites write them, and those that are broken or hostile."""

import contextlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Limits, SourceError
from connectors.feed import FeedConnector, read_feed
from connectors.feedentries import FEED_MAP
from connectors.recorded import NOW
from schemas.record import Capture
from tests.connectors.normalised import normalise
from tests.connectors.pages import Reading, capture, read

URL = "https://lernhaus.example/feed/"
RSS = '<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel><title>Kurse</title>{items}</channel></rss>'
GOOD = RSS.format(
    encoding="utf-8",
    items="<item><title>Töpfern für Anfänger</title><guid>t1</guid><link>https://lernhaus.example/t1</link></item>",
)


def harvest(body: str | bytes, **options: Any) -> Reading:
    return read(FeedConnector(), {URL: body.encode() if isinstance(body, str) else body}, **options)


def code(body: str | bytes) -> str:
    with pytest.raises(SourceError) as raised:
        harvest(body)
    assert raised.value.problem.message("de").endswith(".")
    return raised.value.problem.code


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        '<rss version="0.91"><channel><item><title>Töpfern für Anfänger</title></item></channel></rss>',
        '<rss version="0.92"><channel><item><title>Töpfern für Anfänger</title></item></channel></rss>',
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">'
        "<channel><title>x</title></channel><item><title>Töpfern für Anfänger</title></item></rdf:RDF>",
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        '<item rdf:about="https://a.example/1"><title>Töpfern für Anfänger</title></item></rdf:RDF>',
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Töpfern für Anfänger</title></entry></feed>',
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>Töpfern für Anfänger</a:title></a:entry></a:feed>',
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>Töpfern für Anfänger</title></entry></feed>',
        '{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", "title": "Töpfern für Anfänger"}]}',
        '{"version": "https:\\/\\/jsonfeed.org\\/version\\/1.1", "items": [{"id": "1", "title": "Töpfern für Anfänger"}]}',
    ],
)
def test_every_format_gives_the_same_words(body: str) -> None:
    """RSS 0.9 to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed: a title is a title, and detect knows each of them."""
    (data,) = harvest(body).data
    assert data["title"] == "Töpfern für Anfänger"
    found = FeedConnector.detect(capture(body.encode(), URL))
    assert found is not None
    assert "mit einem Eintrag" in found.reason


@pytest.mark.parametrize(
    ("encoding", "mark"), [("iso-8859-1", b""), ("windows-1252", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16", b"")]
)
def test_umlauts_arrive_in_every_encoding(encoding: str, mark: bytes) -> None:
    """What the XML declares is believed, and a byte order mark before it."""
    body = mark + GOOD.replace("utf-8", encoding).encode(encoding)
    assert harvest(body).data[0]["title"] == "Töpfern für Anfänger"


def test_a_wrong_declaration_is_told() -> None:
    """UTF-8 is declared, Windows-1252 lies there: the umlauts are right, and the partner learns of it."""
    reading = harvest(GOOD.encode("cp1252"))
    assert reading.data[0]["title"] == "Töpfern für Anfänger"
    assert reading.codes == ["encoding_guess"]


def test_the_rows_need_no_map() -> None:
    """Title, plain text, address, keywords, language and the session of an event fill their columns by themselves."""
    item = (
        '<item><title>Fest &amp; Markt</title><link>https://lernhaus.example/fest</link><guid isPermaLink="false">f</guid>'
        "<category>Fest</category>"
        "<description>&lt;p&gt;Mit Musik&lt;/p&gt;</description><pubDate>Fri, 20 Nov 2026 08:15:00 +0000</pubDate>"
        '<ev:startdate xmlns:ev="http://purl.org/rss/1.0/modules/event/">2026-12-05T15:00:00+01:00</ev:startdate></item>'
    )
    batch = normalise(FeedConnector(), harvest(RSS.format(encoding="utf-8", items=item)))
    offer = batch.offers[0]
    assert {
        "record_id": "f", "title": "Fest & Markt", "description": "Mit Musik", "url": "https://lernhaus.example/fest",
        "keywords": "Fest", "source_modified": "2026-11-20T09:15:00+01:00", "text_language": "de",
    }.items() <= offer.items()  # fmt: skip
    assert [row["start"] for row in batch.sessions] == ["2026-12-05T15:00:00+01:00"]
    assert batch.problems == []


def test_persons_stay_outside() -> None:
    """Who wrote an entry is nobody's business here; the name does not even reach the preview."""
    reading = harvest(
        RSS.format(encoding="utf-8", items="<item><title>A</title><author>eva@x.example (Eva Muster)</author></item>")
    )
    assert "Muster" not in json.dumps(reading.data)


def test_identifiers_do_not_hang_on_the_address_of_the_feed() -> None:
    """A guid of 7 stays 7 when the feed moves."""
    body = RSS.format(encoding="utf-8", items="<item><title>A</title><guid>7</guid></item>").encode()
    ids = {read(FeedConnector(), {url: body}).records[0].record_id for url in (URL, "https://neu.example/rss")}
    assert ids == {"7"}


def test_half_an_entry_is_none() -> None:
    """Of a feed that breaks off, the whole entries are kept and the half one is not."""
    items = "".join(f"<item><title>Kurs {number}</title><guid>{number}</guid></item>" for number in range(5))
    body = RSS.format(encoding="utf-8", items=items)
    reading = harvest(body[: body.index("Kurs 4") + 4])
    assert [data["title"] for data in reading.data] == [f"Kurs {number}" for number in range(4)]
    assert reading.codes == ["truncated"]


def test_an_ampersand_spoils_nothing() -> None:
    """Hand-made XML is read, and the line is told."""
    reading = harvest(
        RSS.format(encoding="utf-8", items="<item><title>Nähen & Stricken</title></item>\n<item><title>B</title></item>")
    )
    assert [data["title"] for data in reading.data] == ["Nähen & Stricken", "B"]
    assert [problem.message("de") for problem in reading.problems] == [
        "Datei: Der Eintrag ist auffällig: das XML ist ab Zeile 1 nicht wohlgeformt. Bitte prüfen."
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "empty_feed"),
        (b" \n", "empty_feed"),
        (RSS.format(encoding="utf-8", items=""), "empty_feed"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": []}', "empty_feed"),
        ("<!doctype html><html><body>Wartung</body></html>", "wrong_content"),
        ("<?xml version='1.0'?><kurse><kurs/></kurse>", "wrong_content"),
        ('{"items": [{"title": "A"}]}', "wrong_content"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR", "wrong_content"),
        ("Titel;Ort\nKurs;Süd", "wrong_content"),
        (b"%PDF-1.4", "wrong_content"),
    ],
)
def test_what_is_no_feed_is_told(body: str | bytes, expected: str) -> None:
    """Empty, a page that says sorry, another format: one sentence, and no detection."""
    assert code(body) == expected
    found = FeedConnector.detect(capture(body.encode() if isinstance(body, str) else body))
    assert found is None or expected == "empty_feed"


def test_bombs_do_not_go_off() -> None:
    """Entities are not expanded, a hundred thousand levels not climbed, half-open brackets not searched for ever."""
    entities = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 12))
    channel = '<rss version="2.0"><channel><item><title>{}</title></item></channel></rss>'
    bombs = [
        f'<!DOCTYPE x [<!ENTITY l0 "boom">{entities}]>{channel.format("&l11;")}',
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{channel.format("&e;")}',
        '<rss version="2.0">' + "<a>" * 100_000,
        '<rss version="2.0"><channel><item><title>' + "<" * 100_000,
        '<rss version="2.0"><channel><item><title ' + 'a="b" ' * 50_000,
    ]
    for bomb in bombs:
        started = time.monotonic()
        with contextlib.suppress(SourceError):
            text = json.dumps(harvest(bomb).data)
            assert len(text) < 1_000_000
            assert "root:" not in text
        assert time.monotonic() - started < 30


def test_pages_end() -> None:
    """Older pages are read where that is wished; the same entries again, or an address again, end it."""
    entry = "<entry><id>{id}</id><title>A</title></entry>"
    page = f'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="{{next}}"/>{entry}</feed>'
    pages = {URL: page.format(next="?p=2", id=1).encode(), f"{URL}?p=2": page.format(next=URL, id=2).encode()}
    assert [data["id"] for data in read(FeedConnector(), pages, max_pages=9).data] == ["1", "2"]
    assert len(read(FeedConnector(), pages).data) == 1
    endless = {URL: page.format(next="?p=2", id=1).encode(), f"{URL}?p=2": page.format(next="?p=3", id=1).encode()}
    reading = read(FeedConnector(), endless, max_pages=9)
    assert (len(reading.records), reading.codes) == (1, ["loop_detected"])


def test_the_limit_of_records_holds() -> None:
    """What is more is told."""
    body = RSS.format(encoding="utf-8", items="<item><title>A</title></item>" * 5)
    reading = harvest(body, limits=Limits(max_records=3))
    assert (len(reading.records), reading.codes) == (3, ["record_limit"])


def test_a_real_feed_is_read_whole(shared_data: Path) -> None:
    """WordPress of a university: as many records as items, all with address, language and date."""
    body = (shared_data / "rss" / "usal_wordpress_feed.xml").read_bytes()
    reading = harvest(body)
    assert len(reading.records) == body.count(b"<item>") == 10
    assert reading.problems == []
    batch = normalise(FeedConnector(), reading)
    assert (len(batch.offers), len(batch.rejected)) == (10, 0)
    assert all(row["url"] and row["text_language"] == "es" and row["source_modified"] for row in batch.offers)
    assert [problem.code for problem in batch.problems if problem.code == "unmapped_column"] == []
    found = FeedConnector.detect(capture(body, URL))
    assert found is not None
    assert found.reason == "RSS-Feed ‚Bard Roles – sac.usal.es‘ mit 10 Einträgen, neuester vom 23. Februar 2022"


@pytest.mark.parametrize("cut", [100, 5_000, 20_000, 60_000])
def test_a_real_feed_cut_short_keeps_whole_entries(cut: int, shared_data: Path) -> None:
    """Wherever the line breaks, what was whole is read."""
    body = (shared_data / "rss" / "usal_wordpress_feed.xml").read_bytes()[:cut]
    whole = body.count(b"</item>")
    with contextlib.suppress(SourceError):
        reading = harvest(body)
        assert len(reading.records) == max(whole, 1)
        assert "truncated" in reading.codes


@given(tail=st.binary(max_size=300), place=st.integers(0, 400))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise_anything_but_a_source_error(tail: bytes, place: int) -> None:
    """Whatever stands there ends in records of plain JSON, problems, or one sentence."""
    whole = GOOD.encode()
    starts = (b"", whole[:place], b'<rss version="2.0"><channel><item>', b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><updated>',
              b'{"version": "https://jsonfeed.org/version/1", "items": [{"id": ')  # fmt: skip
    for body in [start + tail for start in starts] + [whole[:place] + tail + whole[place:]]:
        FeedConnector.detect(capture(body))
        with contextlib.suppress(SourceError):
            json.dumps(harvest(body).data, allow_nan=False).encode()


def test_the_map_is_of_the_default_kind() -> None:
    """The map names no person."""
    assert "author" not in json.dumps(FEED_MAP)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"<rss version='2.0'><channel>" + b"<item>" * 3_000, "verschachtelt"),
        (b"<rss version='2.0'><channel><item " + b" ".join(b"a%d='1'" % n for n in range(400)) + b"/>", "Attributen"),
        (b"<rss version='2.0'><channel>" + b"<i/>" * 700_000, "Elemente"),
        (b"<!DOCTYPE rss [<!ENTITY a 'x'><!ENTITY b '&a;&a;'>]><rss version='2.0'><channel/></rss>", "verweisen"),
        (b"<?xml version='1.0' encoding='utf-7'?><rss version='2.0'><channel/></rss>", "Kodierung"),
    ],
)
def test_a_feed_of_no_feeds_shape_is_refused_before_it_is_read(body: bytes, word: str) -> None:
    """feedparser takes time by the square of depth and attributes, and a bomb by nine entities: none of this is a feed."""
    found = Capture.of(body, url="https://x.example/feed", fetched_at=NOW)
    with pytest.raises(SourceError) as raised:
        read_feed(found)
    assert word in raised.value.problem.note


def test_an_ordinary_feed_may_speak_of_codings_and_name_its_blank() -> None:
    """A title about IDNA, an entity for a hard blank, and paragraphs that never end."""
    body = b"""<!DOCTYPE rss [<!ENTITY nbsp "&#160;">]><rss version='2.0'><channel><title>IDNA, punycode, utf-7</title>
    <item><title>a&nbsp;b</title><guid>1</guid></item></channel></rss>"""
    feed = read_feed(Capture.of(body, url="https://x.example/feed", fetched_at=NOW))
    assert len(feed.entries) == 1
