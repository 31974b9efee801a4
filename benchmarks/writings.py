"""Records of the generated feed come in; the files of a partner who has them in this or that format go out, by their addresses."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from html import escape
from typing import Any

from benchmarks import feeds

URL = "https://partner.example/feed"
PAGE = 1_000  # entries of a page, where a kind comes in pages
SCREEN = 400  # entries of one web page
Record = dict[str, Any]
Files = dict[str, bytes]


def _pages(records: Sequence[Record], size: int) -> Iterator[tuple[int, Sequence[Record]]]:
    for start in range(0, len(records), size):
        yield start // size + 1, records[start : start + size]


def to_csv(records: Sequence[Record]) -> Files:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(feeds.CSV_COLUMNS)
    writer.writerows(feeds.to_csv_row(record) for record in records)
    return {URL: out.getvalue().encode()}


def to_xlsx(records: Sequence[Record]) -> Files:
    import xlsxwriter

    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"constant_memory": True, "strings_to_urls": False})
    sheet = book.add_worksheet()
    for place, row in enumerate([feeds.CSV_COLUMNS, *map(feeds.to_csv_row, records)]):
        sheet.write_row(place, 0, row)
    book.close()
    return {URL: made.getvalue()}


def to_json(records: Sequence[Record]) -> Files:
    return {URL: json.dumps({"angebote": records}, ensure_ascii=False).encode()}


def _day(record: Record, place: int) -> date:
    return date(2026, 11, 24) + timedelta(days=place % 300)


def to_ical(records: Sequence[Record]) -> Files:
    events = [
        f"BEGIN:VEVENT\r\nUID:{place}@x\r\nDTSTAMP:20261101T080000Z\r\nDTSTART;TZID=Europe/Berlin:{_day(one, place):%Y%m%d}T180000\r\n"
        f"DTEND;TZID=Europe/Berlin:{_day(one, place):%Y%m%d}T193000\r\nSUMMARY:{_ics(one['titel'])}\r\n"
        f"DESCRIPTION:{_ics(one['beschreibung'])}\r\nLOCATION:{_ics(one['ort']['strasse'])}\\, {one['ort']['plz']} Duisburg\r\n"
        f"CATEGORIES:{','.join(_ics(topic) for topic in one['themen'])}\r\nURL:{one['link']}\r\nEND:VEVENT\r\n"
        for place, one in enumerate(records)
    ]
    return {URL: f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x\r\n{''.join(events)}END:VCALENDAR\r\n".encode()}


def _ics(text: str | None) -> str:
    return (text or "").replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def to_feed(records: Sequence[Record]) -> Files:
    items = "".join(
        f"<item><title>{escape(one['titel'] or '')}</title><link>{escape(one['link'])}</link><guid>{place}</guid>"
        f"<pubDate>Tue, 24 Nov 2026 08:00:00 +0100</pubDate><category>{escape(one['art'])}</category>"
        f"<description>{escape(one['beschreibung'] or '')}</description></item>"
        for place, one in enumerate(records)
    )
    return {URL: f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()}


def to_xml(records: Sequence[Record]) -> Files:
    items = "".join(f"<angebot nr='{place}'>{_elements(one)}</angebot>" for place, one in enumerate(records))
    return {URL: f"<angebote>{items}</angebote>".encode()}


def _elements(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(
            f"<{name}>{_elements(one)}</{name}>" for name, several in value.items()
            for one in (several if isinstance(several, list) else [several])
        )  # fmt: skip
    return "" if value is None else escape(str(value))


def to_openvhs(records: Sequence[Record]) -> Files:
    courses = "".join(
        f"<veranstaltung><guid>{place:032x}</guid><nummer>{place}</nummer><name>{escape(one['titel'] or '')}</name>"
        f"<text><eigenschaft>Beschreibung</eigenschaft><text>{escape(one['beschreibung'] or '')}</text></text>"
        f"<beginn_datum>{_day(one, place)}</beginn_datum><ende_datum>{_day(one, place) + timedelta(days=60)}</ende_datum>"
        f"<maximale_teilnehmerzahl>{one['plaetze'] or 12}</maximale_teilnehmerzahl><termin><beginn_datum>{_day(one, place)}</beginn_datum>"
        f"<beginn_uhrzeit>18:00</beginn_uhrzeit></termin><preis><betrag>25</betrag></preis></veranstaltung>"
        for place, one in enumerate(records)
    )
    return {URL: f'<?xml version="1.0" encoding="UTF-8"?><veranstaltungen version="1.2">{courses}</veranstaltungen>'.encode()}


def _event(one: Record, place: int) -> Record:
    return {
        "@context": "https://schema.org", "@type": "Event", "@id": f"https://partner.example/{place}", "name": one["titel"] or "x",
        "startDate": f"{_day(one, place)}T18:00:00+01:00", "description": one["beschreibung"],
        "location": {"@type": "Place", "name": one["ort"]["name"], "address": {
            "@type": "PostalAddress",
            "streetAddress": one["ort"]["strasse"], "postalCode": one["ort"]["plz"], "addressLocality": "Duisburg"}},
        "organizer": {"@type": "Organization", "name": one["veranstalter"]["name"]},
    }  # fmt: skip


def to_jsonld(records: Sequence[Record]) -> Files:
    lines = (json.dumps(_event(one, place), ensure_ascii=False) for place, one in enumerate(records))
    return {f"{URL}.jsonl": "\n".join(lines).encode()}


def to_html(records: Sequence[Record]) -> Files:
    last = -(-len(records) // SCREEN)
    return {
        URL if page == 1 else f"{URL}?seite={page}": (
            "<html><body>" + "".join(
                f"<article><h2><a href='/a/{page}-{place}'>{escape(one['titel'] or 'x')}</a></h2>"
                f"<p class=text>{escape(one['beschreibung'] or '')}</p>"
                f"<p class=ort>{escape(one['ort']['strasse'])}</p></article>" for place, one in enumerate(part)
            ) + (f"<a class=weiter href='?seite={page + 1}'>weiter</a>" if page < last else "") + "</body></html>"
        ).encode()
        for page, part in _pages(records, SCREEN)
    }  # fmt: skip


def to_integreat(records: Sequence[Record]) -> Files:
    events = [
        {
            "id": place, "url": f"https://x.example/{place}", "path": f"/musterstadt/de/events/{place}/", "title": one["titel"] or "x",
            "modified_gmt": "2026-10-01T08:00:00Z", "last_updated": "2026-10-01T10:00:00+02:00", "excerpt": one["kurztext"],
            "content": f"<p>{one['beschreibung'] or ''}</p>", "available_languages": {}, "thumbnail": None, "organization": None,
            "location": {"id": place % 500, "name": one["ort"]["name"], "address": one["ort"]["strasse"], "town": "Duisburg",
                         "postcode": one["ort"]["plz"], "country": "Deutschland", "latitude": None, "longitude": None},
            "event": {"id": place, "start": f"{_day(one, place)}T18:00:00+01:00", "end": f"{_day(one, place)}T19:30:00+01:00",
                      "all_day": False, "recurrence_id": None, "timezone": "Europe/Berlin"},
        }
        for place, one in enumerate(records)
    ]  # fmt: skip
    return {
        "https://x.example/api/v3/musterstadt/de/events/?combine_recurring=1": json.dumps(events, ensure_ascii=False).encode()
    }


def to_wordpress(records: Sequence[Record]) -> Files:
    route = "https://x.example/wp-json/wp/v2/angebote?per_page=100&_embed=wp%3Aterm%2Cwp%3Afeaturedmedia"
    pages = {"https://x.example/wp-json/wp/v2/angebote": b"[]"}
    for page, part in _pages(records, 100):
        posts = [
            {"id": page * 1_000 + place, "date": "2026-11-01T10:00:00", "link": one["link"],
             "title": {"rendered": escape(one["titel"] or "x")}, "content": {"rendered": f"<p>{one['beschreibung'] or ''}</p>"},
             "excerpt": {"rendered": f"<p>{one['kurztext'] or ''}</p>"},
             "_embedded": {"wp:term": [[{"taxonomy": "category", "name": one["art"]}]]}}
            for place, one in enumerate(part)
        ]  # fmt: skip
        pages[route if page == 1 else f"{route}&page={page}"] = json.dumps(posts, ensure_ascii=False).encode()
    pages[f"{route}&page={len(pages)}"] = b"[]"
    return pages


def to_arbeitsagentur(records: Sequence[Record]) -> Files:
    last = -(-len(records) // PAGE)
    pages = {}
    for page, part in _pages(records, PAGE):
        termine = [
            {"id": page * PAGE + place, "beginn": 1_767_222_000_000, "ende": 1_772_319_600_000, "angebot": {
                "id": page * PAGE + place, "titel": one["titel"] or "x", "inhalt": f"<p>{one['beschreibung'] or ''}</p>",
                "bildungsanbieter": {"id": place % 50, "name": one["veranstalter"]["name"], "homepage": one["veranstalter"]["web"]}},
             "adresse": {"ortStrasse": {"strasse": one["ort"]["strasse"], "plz": "47051", "name": "Duisburg"}}}
            for place, one in enumerate(part)
        ]  # fmt: skip
        body = {"_embedded": {"termine": termine}, "page": {"totalPages": last, "totalElements": len(records)}}
        pages[URL if page == 1 else f"{URL}?page={page - 1}"] = json.dumps(body, ensure_ascii=False).encode()
    return pages


def to_hsds(records: Sequence[Record]) -> Files:
    last = -(-len(records) // PAGE)
    pages = {}
    for page, part in _pages(records, PAGE):
        services = [
            {"id": f"{page}-{place}", "name": one["titel"] or "x", "description": one["beschreibung"], "status": "active",
             "organization": {"id": str(place % 50), "name": one["veranstalter"]["name"]},
             "languages": [{"id": f"l{place}", "name": "Deutsch", "code": "de"}], "schedules": [],
             "service_at_locations": [{"id": f"s{place}", "location": {"id": str(place % 500), "name": one["ort"]["name"], "addresses": [
                 {"id": f"a{place}", "address_1": one["ort"]["strasse"], "postal_code": "47051", "city": "Duisburg"}]}}]}
            for place, one in enumerate(part)
        ]  # fmt: skip
        body = {
            "total_items": len(records),
            "total_pages": last,
            "page_number": page,
            "size": PAGE,
            "last_page": page == last,
            "contents": services,
        }
        pages[URL if page == 1 else f"{URL}?page={page}"] = json.dumps(body, ensure_ascii=False).encode()
    return pages
