"""A source and its captures in, a folder that says what was sent and what became of it out; and such a folder read again.

    cities/<city>/cases/<key>/input.*      the answers of the partner; which is which stands in captures.json
                              source.yml   the source file as it was
                              offers.json  the offers, sessions and places a run makes of them, and the problems it tells of

`tests/landkarte/test_register.py` reads every such folder: a change of ours that changes a partner's offers shows as a changed file.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from connectors.context import StoredContext
from connectors.contract import SourceError
from flows.house import House
from flows.night import batches
from schemas.record import Capture
from schemas.source import Source, read_source

LARGEST = 5_000_000  # bytes of captures that go into a folder of a repository
ENDINGS = {
    "text/csv": "csv", "application/json": "json", "text/html": "html", "text/calendar": "ics", "application/xml": "xml",
    "text/xml": "xml", "application/rss+xml": "xml", "application/atom+xml": "xml",
}  # fmt: skip
OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def write_case(house: House, source: Source, text: str, captures: Sequence[Capture], now: datetime, folder: Path) -> bool:
    """Write the folder; False where the captures are too large for it."""
    if sum(capture.size for capture in captures) > LARGEST:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    listed: dict[str, Any] = {}
    for number, capture in enumerate(captures):
        name = f"input{number or ''}.{_ending(capture)}"
        (folder / name).write_bytes(capture.read())
        listed[capture.url] = {"file": name, "headers": dict(capture.headers), "final_url": capture.final_url}
    (folder / "captures.json").write_bytes(orjson.dumps({"now": now, "captures": listed}, option=OPTIONS))
    (folder / "source.yml").write_text(text, encoding="utf-8")
    (folder / "offers.json").write_bytes(orjson.dumps(read_case(house, folder), option=OPTIONS))
    return True


def read_case(house: House, folder: Path) -> dict[str, Any]:
    """Make offers of a case the way a run does, at the instant it was recorded."""
    told = orjson.loads((folder / "captures.json").read_bytes())
    now = datetime.fromisoformat(told["now"]).astimezone(house.city.zone)
    source = read_source((folder / "source.yml").read_text(encoding="utf-8"), key=folder.name, name=f"{folder.name}/source.yml")
    captures = [_capture(folder, url, one, now) for url, one in told["captures"].items()]
    found: dict[str, Any] = {"offers": [], "sessions": [], "locations": [], "problems": [], "failed": None}
    try:
        for batch in batches(house, source, StoredContext(captures, now=now, zone=house.city.zone)):
            for table in ("offers", "sessions", "locations"):
                rows = getattr(batch, table)
                found[table] += [{name: value for name, value in row.items() if value is not None} for row in rows]
            found["problems"] += [problem.message("de", show_value=False) for problem in batch.problems]
    except SourceError as error:
        found["failed"] = error.problem.message("de")
    return found


def _capture(folder: Path, url: str, one: Mapping[str, Any], now: datetime) -> Capture:
    headers = one["headers"]
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    made = Capture.of((folder / one["file"]).read_bytes(), url=url, fetched_at=now, media_type=media_type, headers=headers)
    return Capture(**{name: getattr(made, name) for name in made.__slots__} | {"final_url": one["final_url"] or url})


def _ending(capture: Capture) -> str:
    suffix = Path(capture.final_url or capture.url).suffix.lstrip(".").lower()
    return suffix if suffix.isalnum() and len(suffix) < 6 else ENDINGS.get(capture.media_type, "bin")
