"""Real files and own cases come in, are damaged in every way a partner, a server or an enemy damages them, and are read.

    python -m tests.connectors.fuzz                      10,000 inputs for every kind
    python -m tests.connectors.fuzz ical --count 500 --seed 7
    python -m tests.connectors.fuzz ical --only 4711 --keep /tmp/input     one input again, its bytes kept

Each input is read and made into rows. It must end in records or in problems with a code and an owner; never in an exception, a
problem `unexpected`, more time or more memory than given. Number and seed of an input say all about it.
"""

import argparse
import gzip
import json
import random
import re
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.contract import Limits, SourceError
from connectors.hostile import LOGIN, MAINTENANCE, hostile
from connectors.recorded import NOW, Answers, Case
from connectors.registry import Unavailable, check_options, connector, connectors
from schemas.city import City, load_city
from schemas.normalise import Normaliser
from schemas.problems import Problem
from schemas.record import Capture, RawRecord
from schemas.source import Source
from schemas.validate import Validator

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
SHARED = ROOT.parent / "shared" / "data"
URL = "https://partner.example/feed"
SECONDS = 10.0  # for one input
MEMORY = 4_000_000_000  # for the process
LIMITS = Limits(max_bytes=60_000_000, max_decompressed=120_000_000, max_pages=40, max_records=20_000)
LARGEST = 120_000  # bytes of a real file that are damaged: more takes time and finds nothing else
# real files by the kind that reads them
REAL: Mapping[str, tuple[tuple[str, Mapping[str, Any]], ...]] = {
    "csv": (("csv_german/kitas_in_flensburg.csv", {}), ("nrw_schools/schuldaten_duisburg.csv", {"id": ["Schulnummer"]})),
    "xlsx": (("sf_directories/appendix_a.xlsx", {}),),
    "json": (
        ("json_feeds/il_adcrc.json", {"records": "eventFeedItemList"}), ("json_feeds/cook_landbank.json", {"records": "eventList"}),
        ("vhs_openvhs/berlin_vhs_sample-raw.json", {"records": "veranstaltungen.veranstaltung", "id": "guid"}),
    ),
    "ical": (("ics/burg_wilhelmstein.ics", {}), ("ics/usal_sac_google.ics", {})),
    "jsonld": (("schemaorg_json/events.jsonl", {}), ("html_pages/uni_jena_event_fragment.html", {})),
    "integreat": (("integreat_api/augsburg_de_events.json", {}), ("integreat_api/augsburg_de_locations.json", {})),
    "feed": (("rss/usal_wordpress_feed.xml", {}),),
    "openvhs": (("vhs_openvhs/kurse_snippet.xml", {}), ("vhs_openvhs/berlin_vhs_sample-raw.json", {})),
    "hsds": (("hsds_30/service_list.json", {}), ("hsds_30/service_full.json", {})),
}  # fmt: skip
NASTY = (
    b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xe2\x80\xae", b"'\"", b'"', b"{", b"[", b"<", b"]]>", b"<!--", b"&x;", b"%s%n", b"\\u0000",
    b"\\ud800", b"1e9999", b"-0", b"9" * 400, b"NaN", b"null", b"true", b"[]", b"{}", b"99999-99-99", b"0000-00-00T00:00:00Z",
    b"31.02.2026", b"24:60", b"RRULE:FREQ=SECONDLY\r\n", b"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n", b"TZID=/x/y:", b"DTSTART:\r\n",
    b"http://[::1", b"javascript:alert(1)", b"file:///etc/passwd", b"A" * 70_000, "ı̇ßſ".encode(), b"\r", b"\x1a", b"=cmd|' /C calc'!A0",
    b"<td colspan=100000 rowspan=100000>", b"<table><tr><th>",
)  # fmt: skip
NODE = re.compile(rb"<[A-Za-z][^<>]*>[^<>]*</[^<>]*>|BEGIN:[A-Z]+\r?\n.*?END:[A-Z]+\r?\n|^[A-Z][A-Z-]+[;:][^\n]*\n", re.M | re.S)
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, -(10**400), 1e308, float("inf"), float("nan"), "", " ", "\0", "\ud800", "0", "null", "true", [],
    {}, [[]], [None], {"": None}, {"id": {}}, "x" * 3_000, "2026-13-45", "9999-12-31T23:59:59Z", "0001-01-01", "24:00", "https://[", "http://x:y/",
    "//x", "?page=2", "<b>", "&#0;", "&amp;amp;", [{"id": 1}], ["a", 1, None], "1,5", "1.234,56 €", "–", "\u202e", "🙂" * 50,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seed:
    """An undamaged feed: its options, and the bytes of each address."""

    name: str
    options: Mapping[str, Any]
    pages: Mapping[str, Capture]


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that broke the promise."""

    kind: str
    number: int
    what: str


@cache
def seeds(kind: str) -> tuple[Seed, ...]:
    """Give the feeds of a kind: every case, and every real file that is here."""
    found = []
    for path in sorted((CASES / kind).glob("*/source.yml")):
        case = Case(path.parent, connector(kind))
        found.append(Seed(path.parent.name, case.given, case.pages()))
    for name, options in REAL.get(kind, ()):
        if (SHARED / name).is_file():
            body = (SHARED / name).read_bytes()[:LARGEST]
            found.append(Seed(name, {"url": URL, **options}, {URL: Capture.of(body, url=URL, fetched_at=NOW)}))
    return tuple(found)


@cache
def _hostile() -> tuple[bytes, ...]:
    return tuple(body for _, body in hostile(line=200_000, deep=10_000))


@cache
def _city() -> City:
    return load_city(ROOT / "cities" / "duisburg")


def damaged(kind: str, number: int, seed: int) -> tuple[Seed, Mapping[str, Capture]]:
    """Make one input: the same number and seed make the same input, everywhere."""
    chance = random.Random(f"{kind} {seed} {number}")
    feeds = seeds(kind)
    one = feeds[number % len(feeds)]
    pages = dict(one.pages)
    for url in chance.sample(sorted(pages), k=min(len(pages), chance.choice((1, 1, 2)))):
        capture = pages[url]
        body = capture.read()
        for _ in range(chance.choice((1, 1, 1, 2, 3, 5))):
            body = damage(body, chance)
        media_type = chance.choice((capture.media_type,) * 6 + ("", "text/html", "application/octet-stream", "text/plain"))
        pages[url] = Capture.of(body, url=url, fetched_at=NOW, media_type=media_type, headers=capture.headers)
    if len(pages) > 1 and chance.random() < 0.2:
        del pages[chance.choice(sorted(pages)[1:])]
    return one, pages


def damage(body: bytes, chance: random.Random) -> bytes:
    """Damage bytes in one way."""
    size = len(body)
    at, end = sorted((chance.randrange(size + 1), chance.randrange(size + 1)))
    few = min(end, at + chance.choice((1, 4, 30, 300, 3_000)))
    match chance.randrange(17):
        case 0:
            return body[:at]
        case 1 | 2:
            changed = bytearray(body)
            for _ in range(chance.choice((1, 1, 2, 8, 60)) if size else 0):
                changed[chance.randrange(size)] = chance.randrange(256)
            return bytes(changed)
        case 3:
            return body[:at] + body[few:]
        case 4:
            return body[:few] + body[at:few] * chance.choice((1, 2, 50)) + body[few:]
        case 5 | 6 | 7:
            return body[:at] + chance.choice(NASTY) + body[at:]
        case 8:
            return body[:at] + chance.choice(NASTY) + body[few:]
        case 9:
            return recoded(body, chance)
        case 10:
            middle = (at + end) // 2
            return body[:at] + body[middle:end] + body[at:middle] + body[end:]
        case 11:
            return body.replace(
                *chance.choice(((b"\n", b"\r"), (b"\r\n", b"\n"), (b"\n", b""), (b" ", b"\t"), (b";", b","), (b'"', b"")))
            )
        case 12:
            return chance.choice((MAINTENANCE, LOGIN, b"", gzip.compress(body[:20_000]), *_hostile()))
        case 13:
            other = chance.choice([feed for kind in connectors() if kind != "html" for feed in seeds(kind)])
            return next(iter(other.pages.values())).read()[:LARGEST]
        case 14 | 15:
            return restructured(body, chance)
        case _:
            digits = [place for place, sign in enumerate(body[:20_000]) if 48 <= sign <= 57]
            changed = bytearray(body)
            for place in chance.sample(digits, k=min(len(digits), chance.choice((1, 5, 50)))):
                changed[place] = chance.choice(b"0123456789-.")
            return bytes(changed)


def restructured(body: bytes, chance: random.Random) -> bytes:
    """Put an odd value into a JSON document where another one stood, or give an XML element another one's content."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        nodes = list(NODE.finditer(body[:50_000]))
        if len(nodes) < 2:
            return body
        one, other = chance.choice(nodes), chance.choice(nodes)
        return body[: one.start()] + other[0] + body[one.end() :]
    for _ in range(chance.choice((1, 1, 3, 20))):
        holder, odd = document, deepcopy(chance.choice(ODD))
        while isinstance(holder, dict | list) and holder:
            key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
            inner = holder[key]
            if not isinstance(inner, dict | list) or not inner or chance.random() < 0.15:
                holder[key] = chance.choice((odd, [inner], {"x": inner}, str(inner)[:100], odd))
                break
            holder = inner
    return json.dumps(document, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


def recoded(body: bytes, chance: random.Random) -> bytes:
    """Send the text in another encoding than before, or with the wrong one taken for right."""
    text = body.decode("utf-8", "replace")
    way = chance.choice(("utf-16", "utf-16-le", "utf-32", "cp1252", "latin-1", "mac_roman", "cp850", "utf-7", "double"))
    if way == "double":
        return text.encode().decode("cp1252", "replace").encode()
    return text.encode(way, "replace")


class Endless(BaseException):
    """Reading goes on and on; no `except Exception` on the way may keep it."""


def _stop(*_: object) -> None:
    raise Endless


def run(kind: str, number: int, seed: int) -> Failure | None:
    """Read one input and make rows of it; give what went wrong, if anything."""
    one, pages = damaged(kind, number, seed)
    began = time.monotonic()
    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(int(3 * SECONDS))  # one that would never end is shown where it stands
    try:
        what = _read(kind, one, pages)
    except Endless:
        what = "".join(traceback.format_exc(limit=-8))
    except MemoryError:
        what = "more memory than allowed"
    # Broad on purpose: any exception but SourceError is what we are looking for
    except Exception:
        what = "".join(traceback.format_exc(limit=-4))
    finally:
        signal.alarm(0)
    seconds = time.monotonic() - began
    if not what and seconds > SECONDS:
        what = f"{seconds:.1f} s"
    return Failure(kind, number, f"{one.name}: {what}") if what else None


def _read(kind: str, one: Seed, pages: Mapping[str, Capture]) -> str:
    given = {"key": "probe", "title": "Probe", "publisher": {"name": "Probe"}, "licence": "other-closed"}
    where = {"source": {"kind": kind, **one.options}, "defaults": {"url": "https://partner.example/"}}
    source = Source.model_validate(given | where)
    its = connector(kind)
    normaliser = Normaliser(source, _city(), its.default_map, nested=its.nested)
    validator = Validator(_city())
    told: list[Problem] = []
    count = records = 0
    for capture in list(pages.values())[:1]:
        its.detect(capture)
    items = its().read(check_options(source), Answers(pages, limits=LIMITS))

    def counted() -> Iterator[RawRecord | Problem]:
        nonlocal records
        for item in islice(items, LIMITS.max_records * 2):
            records += isinstance(item, RawRecord)
            yield item

    try:
        for batch in normaliser.batches(counted()):
            judged = validator.validate(batch)
            told += judged.problems
            count += judged.read
    except SourceError as error:
        told.append(error.problem)
    for problem in told:
        if problem.code == "unexpected":
            return f"unexpected: {problem.note}"
        if problem.owner not in ("partner", "operator", "nobody") or not problem.message("de"):
            return f"a problem without owner or sentence: {problem}"
    return "" if records or told else "neither a record nor a problem"


def main() -> int:
    """Run the inputs that are asked for; print what failed. 1 where something did."""
    asked = argparse.ArgumentParser(description="Read damaged feeds.")
    asked.add_argument("kinds", nargs="*")
    asked.add_argument("--count", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--only", type=int)
    asked.add_argument("--keep", type=Path)
    given = asked.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    kinds = given.kinds or [kind for kind, one in connectors().items() if not isinstance(one, Unavailable)]
    wrong = 0
    for kind in kinds:
        began, seen = time.monotonic(), set[str]()
        for number in [given.only] if given.only is not None else range(given.count):
            if number and number % 1_000 == 0:
                print(f"{kind}: {number} inputs so far, {len(seen)} different failures", file=sys.stderr, flush=True)
            if given.keep:
                _, pages = damaged(kind, number, given.seed)
                given.keep.write_bytes(next(iter(pages.values())).read())
            failure = run(kind, number, given.seed)
            if failure is not None:
                wrong += 1
                last = failure.what.strip().rpartition("\n")[2]
                if last not in seen:  # the same mistake is shown once
                    seen.add(last)
                    print(f"{kind} --only {number} --seed {given.seed}\n{failure.what}", flush=True)
        count = 1 if given.only is not None else given.count
        print(f"{kind}: {count} inputs, {len(seen)} different failures, {time.monotonic() - began:.0f} s", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
