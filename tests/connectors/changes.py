"""A feed comes in; the same feed with its records in another order, or with one of them broken, goes out; and lists without end."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from typing import Any

Change = Callable[[bytes], bytes]
CELLS = re.compile(rb"(<row[^>]*>)(.*?)(</row>)", re.S)


def turn_rows(body: bytes) -> bytes:
    """A table, its rows from the last to the first."""
    first, *rows = body.decode().rstrip("\n").split("\n")
    return "\n".join([first, *reversed(rows), ""]).encode()


def turn_lines(body: bytes) -> bytes:
    """JSON Lines from the last to the first."""
    return b"\n".join([*reversed(body.rstrip(b"\n").split(b"\n")), b""])


def turn_blocks(begin: str, end: str) -> Change:
    """Text whose records stand between two words, from the last to the first."""
    block = re.compile(rf"{begin}.*?{end}".encode(), re.S)

    def turn(body: bytes) -> bytes:
        waiting = block.findall(body)
        return block.sub(lambda _: waiting.pop(), body)

    return turn


def turn_list(*path: str) -> Change:
    """A JSON document, the list at this path from the last to the first."""
    return _change_list(path, lambda items: items[::-1])


def spoil_list(*path: str) -> Change:
    """A JSON document, the first entry of the list at this path replaced by a word."""
    return _change_list(path, lambda items: ["kaputt", *items[1:]])


def spoil_line(body: bytes) -> bytes:
    """JSON Lines, the last one broken."""
    return body.rstrip(b"\n").rpartition(b"\n")[0] + b'\n{"name": kaputt}\n'


def spoil(old: bytes, new: bytes) -> Change:
    """A feed with one place in it broken."""
    return lambda body: body.replace(old, new, 1)


def turn_sheet(body: bytes) -> bytes:
    """A workbook whose rows below the header stand from the last to the first; row numbers and cell names stay in order."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, _turned(part) if name == "xl/worksheets/sheet1.xml" else part)
    return made.getvalue()


def _turned(sheet: bytes) -> bytes:
    rows = [found[2] for found in CELLS.finditer(sheet)]
    numbers = [int(found[1]) for found in re.finditer(rb'<row[^>]*\br="(\d+)"', sheet)]
    head = 4  # a banner, a blank line, the header: see the case
    order = [*range(head), *reversed(range(head, len(rows)))]
    waiting = [re.sub(rb'r="([A-Z]+)\d+"', rb'r="\g<1>%d"' % numbers[at], rows[old]) for at, old in enumerate(order)]
    return CELLS.sub(lambda found: found[1] + waiting.pop(0) + found[3], sheet)


def _change_list(path: tuple[str, ...], change: Callable[[list[Any]], list[Any]]) -> Change:
    def changed(body: bytes) -> bytes:
        document = holder = json.loads(body)
        if not path:
            return json.dumps(change(document)).encode()
        for name in path[:-1]:
            holder = holder[name]
        holder[path[-1]] = change(holder[path[-1]])
        return json.dumps(document).encode()

    return changed


def json_page(number: int) -> bytes:
    """A page of an API that always names a next one."""
    return json.dumps({
        "items": [{"id": f"{number}-{n}", "titel": f"Kurs {number}-{n}"} for n in range(20)],
        "next": f"https://x.example/?page={number + 1}",
    }).encode()  # fmt: skip


def events_page(number: int) -> bytes:
    """A page of The Events Calendar that always names a next one."""
    following = f"https://x.example/wp-json/tribe/events/v1/events?page={number + 1}"
    event = {"start_date": "2026-12-01 10:00:00", "end_date": "2026-12-01 11:00:00", "timezone": "Europe/Berlin"}
    events = [event | {"id": number * 100 + n, "title": f"Treff {number}-{n}"} for n in range(20)]
    return json.dumps({"events": events, "next_rest_url": following, "total": 99_999}).encode()


def services_page(number: int) -> bytes:
    """A page of services, of a hundred thousand."""
    contents = [{"id": f"{number}-{n}", "name": f"Beratung {number}-{n}", "status": "active"} for n in range(20)]
    return json.dumps(
        {"total_items": 2_000_000, "total_pages": 100_000, "page_number": number, "size": 20, "first_page": False,
         "last_page": False, "empty": False, "contents": contents}
    ).encode()  # fmt: skip


def termine_page(number: int) -> bytes:
    """A page of the Bundesagentur's interface, of a hundred thousand."""
    termine = [{"id": number * 100 + n, "angebot": {"id": number * 100 + n, "titel": f"Kurs {number}-{n}"}} for n in range(20)]
    return json.dumps({"_embedded": {"termine": termine}, "page": {"totalPages": 100_000, "totalElements": 2_000_000}}).encode()


def feed_page(number: int) -> bytes:
    """A page of an Atom feed with a link to an older one."""
    entries = "".join(f"<entry><id>{number}-{n}</id><title>Neues {number}-{n}</title></entry>" for n in range(20))
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="/?p={number + 1}"/>{entries}</feed>'.encode()


def web_page(number: int) -> bytes:
    """A page of a list, with schema.org beside it, and a link to the next one."""
    items = "".join(f"<article><a href='/kurs/{number}-{n}'>Kurs {number}-{n}</a></article>" for n in range(20))
    events = [{"@type": "Event", "name": f"Kurs {number}-{n}", "url": f"/kurs/{number}-{n}"} for n in range(20)]
    script = f'<script type="application/ld+json">{json.dumps(events)}</script>'
    return f"<html><body>{items}{script}<a class=weiter href='/liste/{number + 1}'>weiter</a></body></html>".encode()
