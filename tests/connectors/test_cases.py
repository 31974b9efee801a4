"""Every folder `tests/cases/<kind>/<name>/` with a `records.json` is a feed and what is read from it.

    input.*        the feed as the partner sends it; further addresses stand in captures.json: {"https://…": "page2.json"}
    source.yml     the source file
    records.json   {"records": [{"locator", "id", "data"}], "problems": ["sentence"]} or {"failed": "sentence"}

A new case is a new folder. LANDKARTE_WRITE_CASES=1 writes what is read now; the change is then reviewed like any other.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.context import StoredContext
from connectors.contract import SourceError
from connectors.registry import check_options, connector
from schemas.record import Capture, RawRecord
from schemas.source import read_source
from tests.connectors.conftest import NOW, ZONE

CASES = Path(__file__).parents[1] / "cases"
FOLDERS = sorted(path.parent for path in CASES.glob("*/*/records.json"))
MEDIA_TYPES = {".csv": "text/csv", ".json": "application/json", ".jsonl": "application/x-ndjson", ".html": "text/html"}


def captures(folder: Path, url: str) -> Iterator[Capture]:
    (first,) = folder.glob("input.*")
    pages: Mapping[str, Any] = {url: first.name}
    if (listed := folder / "captures.json").exists():
        pages = {**pages, **json.loads(listed.read_text(encoding="utf-8"))}
    for address, page in pages.items():
        name, headers = (page, {}) if isinstance(page, str) else (page["file"], page["headers"])
        path = folder / name
        media_type = MEDIA_TYPES.get(path.suffix, "")
        yield Capture.of(path.read_bytes(), url=address, fetched_at=NOW, media_type=media_type, headers=headers)


def read_case(folder: Path) -> dict[str, Any]:
    """Read a case the way a run does."""
    source = read_source((folder / "source.yml").read_text(encoding="utf-8"), key=folder.name, name=f"{folder.name}/source.yml")
    options = check_options(source)
    ctx = StoredContext(list(captures(folder, options.url)), now=NOW, zone=ZONE)
    try:
        items = list(connector(source.kind)().read(options, ctx))
    except SourceError as error:
        return {"failed": error.problem.message("de")}
    records = [item for item in items if isinstance(item, RawRecord)]
    return {
        "records": [{"locator": record.locator, "id": record.record_id, "data": record.data} for record in records],
        "problems": [item.message("de") for item in items if not isinstance(item, RawRecord)],
    }


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_a_case_reads_as_recorded(folder: Path) -> None:
    """The partner's words, where they stand, and what was wrong with them."""
    found = read_case(folder)
    expected = folder / "records.json"
    if os.environ.get("LANDKARTE_WRITE_CASES"):
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))
    assert json.loads(json.dumps(found)) == found


def test_there_are_cases() -> None:
    """A walk that finds nothing would pass for ever."""
    assert len(FOLDERS) >= 20
