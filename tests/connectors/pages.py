"""A small world for reading: addresses and their bytes go in, a context for `read` comes out. No network, no disk."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.contract import Auth, Limits, SourceError
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=ZONE)
Page = bytes | tuple[bytes, str] | Problem


class Pages:
    """A context whose addresses answer from a dictionary: bytes, bytes with a Content-Type, or a problem to be raised."""

    def __init__(self, pages: Mapping[str, Page], now: datetime = NOW, limits: Limits | None = None) -> None:
        self.pages = pages
        self.now = now
        self.zone = ZONE
        self.limits = limits or Limits()
        self.asked: list[str] = []
        self.trusted: list[str] = []  # the addresses that were given headers or a login

    def fetch(self, url: str, *, headers: Mapping[str, str] | None = None, auth: Auth | None = None) -> Capture:
        self.asked.append(url)
        self.trusted += [url] if headers or auth else []
        page = self.pages.get(url, Problem("not_found", value=url))
        if isinstance(page, Problem):
            raise SourceError(page)
        body, content_type = page if isinstance(page, tuple) else (page, "")
        media_type = content_type.partition(";")[0].strip().lower()
        return Capture.of(body, url=url, fetched_at=self.now, media_type=media_type, headers={"content-type": content_type})


def read(
    connector: Any, pages: Mapping[str, Page], /, *, now: datetime = NOW, limits: Limits | None = None, **options: Any
) -> "Reading":
    """Read whole with a connector; `url` is the first page where it is not given."""
    options.setdefault("url", next(iter(pages), ""))
    world = Pages(pages, now, limits)
    items = list(connector.read(connector.options(**options), world))
    return Reading(
        [item for item in items if isinstance(item, RawRecord)],
        [item for item in items if isinstance(item, Problem)],
        world.asked,
    )


class Reading:
    """What `read` gave: records, problems, and the addresses asked for."""

    def __init__(self, records: list[RawRecord], problems: list[Problem], asked: list[str]) -> None:
        self.records, self.problems, self.asked = records, problems, asked

    @property
    def codes(self) -> list[str]:
        return [problem.code for problem in self.problems]

    @property
    def data(self) -> list[Mapping[str, Any]]:
        return [record.data for record in self.records]


def capture(body: bytes, url: str = "https://feed.example/", content_type: str = "", now: datetime = NOW) -> Capture:
    """Give one capture for `detect`."""
    return Pages({url: (body, content_type)}, now).fetch(url)
