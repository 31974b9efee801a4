"""A folder of recorded answers comes in; what a connector reads of them goes out, without any network.

A case is a folder: `input.*` (what the partner sends), `source.yml` (the source file), `records.json` (what is read of it), and
`captures.json` for further addresses: {"https://…": "page2.json"}.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from connectors.contract import Auth, Connector, Limits, Options, SourceError
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=ZONE)
MEDIA_TYPES = {".csv": "text/csv", ".json": "application/json", ".jsonl": "application/x-ndjson", ".html": "text/html"}


class Answers:
    """A context that answers from a mapping; it records who was asked, and who was trusted with headers or a login."""

    def __init__(self, pages: Mapping[str, Capture], *, now: datetime = NOW, limits: Limits | None = None) -> None:
        self.now, self.zone, self.limits = now, ZONE, limits or Limits()
        self.pages = dict(pages)
        self.asked: list[str] = []
        self.trusted: list[str] = []

    def fetch(self, url: str, *, headers: Mapping[str, str] | None = None, auth: Auth | None = None) -> Capture:
        self.asked.append(url)
        self.trusted += [url] if headers or auth else []
        if url not in self.pages:
            raise SourceError(Problem("connection", value=url, note="sie gehört nicht zu den gespeicherten Antworten"))
        return self.pages[url]


class Endless(Answers):
    """Answers every address with a page and a link to the next one, as a server does that does not know where its list ends."""

    def __init__(self, page: Callable[[int], Capture], *, limits: Limits) -> None:
        super().__init__({}, limits=limits)
        self.page = page

    def fetch(self, url: str, *, headers: Mapping[str, str] | None = None, auth: Auth | None = None) -> Capture:
        self.asked.append(url)
        if len(self.asked) > self.limits.max_pages:
            raise SourceError(Problem("too_many_pages", value=str(self.limits.max_pages)))
        page = self.page(len(self.asked))
        return Capture.of(page.read(), url=url, fetched_at=self.now, media_type=page.media_type, headers=page.headers)


class Case:
    """One folder of recorded answers."""

    def __init__(self, folder: Path, connector: type[Connector[Any]]) -> None:
        self.folder, self.connector = folder, connector
        source = yaml.safe_load((folder / "source.yml").read_text(encoding="utf-8"))["source"]
        self.given: dict[str, Any] = {name: value for name, value in source.items() if name != "kind"}

    @property
    def options(self) -> Options:
        """What its source file says of where and how to read."""
        return self.connector.options.model_validate(self.given)

    def pages(self) -> dict[str, Capture]:
        """The answers by their address, the first one first."""
        (first,) = self.folder.glob("input.*")
        found: dict[str, Any] = {self.options.url: first.name}
        if (listed := self.folder / "captures.json").exists():
            found |= json.loads(listed.read_text(encoding="utf-8"))
        return {url: self._capture(url, page) for url, page in found.items()}

    def with_page(self, number: int, change: Callable[[bytes], bytes]) -> dict[str, Capture]:
        """The answers, the one at this place (from 0) changed."""
        pages = self.pages()
        url = list(pages)[number]
        return pages | {url: _with(change(pages[url].read()), pages[url])}

    def down(self, body: bytes) -> dict[str, Capture]:
        """Every address answers with these bytes."""
        return {url: _with(body, capture) for url, capture in self.pages().items()}

    def read(self, pages: Mapping[str, Capture] | None = None, limits: Limits | None = None) -> "Reading":
        """Read it the way a run does."""
        return read(self.connector, self.options, Answers(pages or self.pages(), limits=limits))

    def _capture(self, url: str, page: Any) -> Capture:
        name, headers = (page, {}) if isinstance(page, str) else (page["file"], page["headers"])
        path = self.folder / name
        return Capture.of(
            path.read_bytes(), url=url, fetched_at=NOW, media_type=MEDIA_TYPES.get(path.suffix, ""), headers=headers
        )


def _with(body: bytes, capture: Capture) -> Capture:
    return Capture.of(body, url=capture.url, fetched_at=NOW, media_type=capture.media_type, headers=capture.headers)


class Reading:
    """What a connector made of some answers."""

    def __init__(self, items: Sequence[RawRecord | Problem], failed: Problem | None, asked: Sequence[str]) -> None:
        self.records = [item for item in items if isinstance(item, RawRecord)]
        self.problems = [item for item in items if isinstance(item, Problem)]
        self.failed, self.asked = failed, asked

    @property
    def told(self) -> list[Problem]:
        """Every problem, that which ended the run too."""
        return [*self.problems, *([self.failed] if self.failed else [])]

    def as_json(self) -> dict[str, Any]:
        """As it stands in records.json."""
        if self.failed is not None:
            return {"failed": self.failed.message("de")}
        records = [{"locator": one.locator, "id": one.record_id, "data": one.data} for one in self.records]
        return {"records": records, "problems": [problem.message("de") for problem in self.problems]}


def read(connector: type[Connector[Any]], options: Options, ctx: Answers, most: int = 100_000) -> Reading:
    """Read whole; whatever is not a SourceError is a mistake of the connector and comes through."""
    items: list[RawRecord | Problem] = []
    failed = None
    try:
        items.extend(islice(connector().read(options, ctx), most))
    except SourceError as error:
        failed = error.problem
    return Reading(items, failed, ctx.asked)


def ids_of(found: Reading) -> list[str]:
    """The ids of a reading, sorted; of records without one their words, from which normalise makes one."""
    return sorted(one.record_id or json.dumps(one.data, sort_keys=True, ensure_ascii=False) for one in found.records)


def leaves(value: Any) -> Iterator[Any]:
    """Yield everything in a record that is no list and no mapping."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    else:
        yield value
