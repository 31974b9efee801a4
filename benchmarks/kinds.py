"""A number of records comes in; what each kind takes to read a file of them, beside the bare parser of its library, goes out.

The bare parser makes Python values of the same bytes and nothing else: no locators, no encodings, no ceilings, no broken records.
So the ratio is what all of that costs. The lines of code of each kind stand beside it.
"""

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import bare, feeds, writings
from benchmarks.measure import ROOT, Candidate, race, timed
from benchmarks.report import Size, decimal, number, seconds, table
from benchmarks.town import NOW
from connectors.contract import Limits
from connectors.recorded import Answers, read
from connectors.registry import Unavailable, connector, connectors
from schemas.record import Capture

COUNTS = {"small": 5_000, "full": 20_000}  # records; most kinds are one document, and one of 100,000 is refused as too large


class Lines:
    """A kind of ours: how a feed of it is written, which options read it, and how its library reads it alone."""

    def __init__(
        self,
        write: Callable[[Sequence[dict[str, Any]]], dict[str, bytes]],
        bare: str,
        parse: Callable[[bytes], object],
        **options: Any,
    ):
        self.write, self.bare, self.parse, self.options = write, bare, parse, options


def kind(folder: str, name: str) -> Any:
    """Read the feed of a kind with our connector."""
    return _measured(folder, name, ours=True)


def alone(folder: str, name: str) -> Any:
    """Read the same bytes with the library's parser alone."""
    return _measured(folder, name, ours=False)


def _measured(folder: str, name: str, *, ours: bool) -> Any:
    its = KINDS[name]
    captures = {}
    for address, file in json.loads((Path(folder) / f"{name}.json").read_text(encoding="utf-8")).items():
        captures[address] = Capture.of((Path(folder) / file).read_bytes(), url=address, fetched_at=NOW)
    first = next(iter(captures))
    reader = connector(name)
    options = reader.options.model_validate({"url": first, **its.options})
    with timed() as took:
        if ours:
            found = read(reader, options, Answers(captures, now=NOW, limits=Limits()), most=10_000_000)
        else:
            for capture in captures.values():
                its.parse(capture.read())
    if ours:
        assert found.records, found.failed
        took.rows = len(found.records)
        took.more = {"problems": len(found.told), "failed": found.failed.message("de") if found.failed else ""}
    else:
        took.rows = 0
    return took


def report(size: Size) -> str:
    """Measure every kind, and write the tables."""
    count = COUNTS[size.name]
    rows = []
    with tempfile.TemporaryDirectory(prefix="kinds-") as folder:
        for name in KINDS:
            _write(Path(folder), name, count)
            arguments = {"folder": folder, "name": name}
            pair = (
                Candidate(name, "benchmarks.kinds:kind", arguments),
                Candidate(f"{name}, nackt", "benchmarks.kinds:alone", arguments),
            )
            results = race(pair, size.times)
            if len(results) < 2:
                rows.append((name, KINDS[name].bare, "gescheitert", *["–"] * 6))
                continue
            ours, alone = results[name], results[f"{name}, nackt"]
            rows.append((
                name, KINDS[name].bare, number(ours.rows), seconds(ours.cpu), number(ours.rate), seconds(alone.cpu),
                f"**{decimal(ours.cpu / alone.cpu)}**", f"{ours.peak_mb:.0f}", f"{alone.peak_mb:.0f}",
            ))  # fmt: skip
            for file in Path(folder).iterdir():
                file.unlink()
    heads = ("Art", "Parser", "Datensätze", "CPU s", "je CPU-s", "Parser allein s", "× Parser", "Spitze MB", "Parser MB")
    text = table(heads, rows)
    return (
        f"## Jede Art von Feed gegen den bloßen Parser, {number(count)} Datensätze\n\n{text}\n\nDer Parser allein macht aus denselben "
        "Bytes Werte von Python, mehr nicht; unsere Zeile liefert Datensätze mit Fundstelle und Kennung.\n\n"
        f"### Zeilen je Art\n\n{lines_of_code()}\n"
    )


def lines_of_code() -> str:
    """Count the lines of each connector: its own modules, without blank lines; what several kinds share stands last."""
    own: dict[str, int] = {}
    modules = {path.stem: _lines(path) for path in sorted((ROOT / "connectors").glob("*.py"))}
    kinds = sorted((name for name, one in connectors().items() if not isinstance(one, Unavailable)), key=len, reverse=True)
    for module in list(modules):
        owner = next(
            (name for name in kinds if module == name or module.startswith((f"{name}_", f"{name}text", f"{name}events"))), None
        )
        if owner or module in OWNERS:
            owner = owner or OWNERS[module]
            own[owner] = own.get(owner, 0) + modules.pop(module)
    rows = [(name, number(own.get(name, 0))) for name in sorted(kinds)]
    return table(("Art", "Zeilen"), [*rows, ("was mehrere teilen, mit der Tür zum Netz", number(sum(modules.values())))])


OWNERS = {
    "icalzones": "ical", "recurrence": "ical", "series": "ical", "feedentries": "feed", "feedshape": "feed", "sheets": "xlsx",
    "xmlitems": "xml", "xpaths": "xml", "microdata": "jsonld", "sitemap": "jsonld", "schemaorg": "jsonld", "schemaorg_map": "jsonld",
    "schemaorg_parts": "jsonld", "schemaorg_sessions": "jsonld", "schemaorg_values": "jsonld", "repeats": "html",
}  # fmt: skip


def _lines(path: Path) -> int:
    return sum(1 for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


def _write(folder: Path, name: str, count: int) -> None:
    pages = KINDS[name].write(list(feeds.records(count)))
    files = {}
    for place, (address, body) in enumerate(pages.items()):
        (folder / f"{name}-{place}").write_bytes(body)
        files[address] = f"{name}-{place}"
    (folder / f"{name}.json").write_text(json.dumps(files), encoding="utf-8")


FIELDS = {"titel": "h2", "link": "h2 a@href", "text": ".text", "ort": ".ort"}
KINDS: dict[str, Lines] = {
    "csv": Lines(writings.to_csv, "csv.reader", bare.parse_csv, id=["Nr"]),
    "xlsx": Lines(writings.to_xlsx, "calamine", bare.parse_xlsx, id=["Nr"]),
    "json": Lines(writings.to_json, "orjson", bare.parse_json, records="angebote", id="id"),
    "ical": Lines(writings.to_ical, "icalendar", bare.parse_ical),
    "feed": Lines(writings.to_feed, "feedparser", bare.parse_feed),
    "xml": Lines(writings.to_xml, "lxml iterparse", bare.parse_xml, item="angebot", id="@nr"),
    "openvhs": Lines(writings.to_openvhs, "lxml iterparse", bare.parse_xml),
    "jsonld": Lines(writings.to_jsonld, "orjson", bare.parse_jsonl),
    "html": Lines(
        writings.to_html, "parsel", bare.parse_html, item="article", fields=FIELDS,
        id="h2 a@href", next="a.weiter", max_pages=2_000,
    ),
    "integreat": Lines(writings.to_integreat, "orjson", bare.parse_json),
    "wordpress": Lines(writings.to_wordpress, "orjson", bare.parse_json, max_pages=2_000),
    "arbeitsagentur": Lines(writings.to_arbeitsagentur, "orjson", bare.parse_json),
    "hsds": Lines(writings.to_hsds, "orjson", bare.parse_json, details=False),
}  # fmt: skip
