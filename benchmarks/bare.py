"""The bytes of a feed come in; nothing goes out: the bare parser of each library makes its values of them, and that is measured."""

import csv
import io


def parse_csv(body: bytes) -> None:
    for _ in csv.reader(io.StringIO(body.decode()), delimiter=";"):
        pass


def parse_xlsx(body: bytes) -> None:
    import python_calamine

    python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()


def parse_json(body: bytes) -> None:
    import orjson

    orjson.loads(body)


def parse_jsonl(body: bytes) -> None:
    import orjson

    for line in body.splitlines():
        orjson.loads(line)


def parse_ical(body: bytes) -> None:
    import icalendar

    for event in icalendar.Calendar.from_ical(body).walk("VEVENT"):
        event.decoded("dtstart")


def parse_feed(body: bytes) -> None:
    import feedparser

    feedparser.parse(io.BytesIO(body))


def parse_xml(body: bytes) -> None:
    from lxml import etree

    for _, element in etree.iterparse(io.BytesIO(body), tag=("angebot", "veranstaltung")):
        {child.tag: child.text for child in element.iter()}
        element.clear()


def parse_html(body: bytes) -> None:
    from parsel import Selector

    for item in Selector(body.decode()).css("article"):
        (
            item.css("h2 a::text").get(),
            item.css("h2 a::attr(href)").get(),
            item.css(".text::text").get(),
            item.css(".ort::text").get(),
        )
