"""How an API is paged and its first page come in; the addresses of the further pages go out, one by one, until there are no more.

Nothing is guessed: a page that comes again, or a limit that is reached, is told, because silently incomplete data is the worst.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connectors.contract import SourceError
from schemas.problems import Problem, SchemaError
from schemas.record import Capture
from schemas.select import Selector, Unreadable, to_selector

NEXT_LINK = re.compile(r"<([^>]*)>((?:[^<,\"]|\"[^\"]*\")*)")  # RFC 8288: <https://…?page=2>; rel="next", <…>; rel="last"
REL_NEXT = re.compile(r";\s*rel\s*=\s*(?:\"(?:[^\"]*\s)?next(?:\s[^\"]*)?\"|next\b)", re.I)


def check_expression(value: str) -> str:
    """Give a JMESPath back; raise ValueError with a German sentence where it is none."""
    try:
        to_selector(value, nested=True)
    except SchemaError as error:
        raise ValueError(str(error).rstrip(".")) from error
    except RecursionError as error:
        raise ValueError("die Auswahl ist zu tief verschachtelt") from error
    return value


def find(document: Any, expression: str) -> Any:
    """Apply a JMESPath to a document; raise SourceError where it cannot be applied."""
    selector = _selector(expression)
    if expression == "@":
        return document
    if selector.key is not None and not isinstance(document, Mapping):
        return None
    try:
        return selector.get(document)
    except Unreadable as error:
        raise SourceError(Problem("bad_config", note=str(error))) from error


@lru_cache(maxsize=64)
def _selector(expression: str) -> Selector:
    return to_selector(expression, nested=True)


class PageSize(BaseModel):
    """How to ask for larger pages."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    param: str = Field(min_length=1, description="Parameter für die Größe einer Seite", examples=["per_page"])
    value: int = Field(ge=1, le=10_000, description="Einträge je Seite")


class Paginate(BaseModel):
    """How the pages of an API follow each other."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    by: Literal["link", "next", "page", "offset", "cursor"] = Field(
        description="link: Kopfzeile Link; next: Adresse im Dokument; page, offset, cursor: Parameter der Adresse"
    )
    param: str = Field(default="", description="Parameter für page, offset oder cursor", examples=["page"])
    path: str = Field(default="", description="JMESPath der nächsten Adresse (next) oder Marke (cursor)", examples=["meta.next"])
    start: int | None = Field(
        default=None, ge=0, description="Nummer der ersten Seite (sonst 1) oder des ersten Eintrags (sonst 0)"
    )
    size: PageSize | None = Field(default=None, description="Größe einer Seite")
    stop: Literal["empty", "short", "error"] = Field(
        default="empty", description="Ende (page, offset): leere Seite, kürzere Seite als size, oder Fehler 4xx"
    )
    max: int = Field(default=500, ge=1, le=100_000, description="Höchstens so viele Seiten")

    @field_validator("path")
    @classmethod
    def _readable(cls, value: str) -> str:
        return check_expression(value) if value else value

    @model_validator(mode="after")
    def _complete(self) -> "Paginate":
        if self.by in ("page", "offset", "cursor") and not self.param:
            raise ValueError(f"zu by: {self.by} fehlt param")
        if self.by in ("next", "cursor") and not self.path:
            raise ValueError(f"zu by: {self.by} fehlt path")
        if self.stop == "short" and self.size is None:
            raise ValueError("zu stop: short fehlt size")
        return self

    def first(self, url: str) -> str:
        """Give the address of the first page."""
        if self.size is not None:
            url = with_param(url, self.size.param, self.size.value)
        if self.by in ("page", "offset") and self.start is not None:
            url = with_param(url, self.param, self.start)
        return url

    def following(self, number: int, seen: int, count: int, capture: Capture, document: Any) -> str | None:
        """Give the address of the page after page `number`, which held `count` of the `seen` records so far; None at the end."""
        here = capture.final_url or capture.url
        match self.by:
            case "link":
                link = next_link(capture.headers.get("link", ""))
                return urljoin(here, link) if link else None
            case "next":
                link = find(document, self.path)
                return urljoin(here, link) if isinstance(link, str) and link.strip() else None
            case "cursor":
                cursor = find(document, self.path)
                usable = isinstance(cursor, str | int) and not isinstance(cursor, bool) and cursor != ""
                return with_param(self.first(capture.url), self.param, cursor) if usable and count else None
        if count == 0 or (self.stop == "short" and self.size is not None and count < self.size.value):
            return None
        value = (1 if self.start is None else self.start) + number if self.by == "page" else (self.start or 0) + seen
        return with_param(capture.url, self.param, value)


def next_link(header: str) -> str | None:
    """Find the link with rel=next in a Link header."""
    return next((link[1] for link in NEXT_LINK.finditer(header) if REL_NEXT.search(link[2])), None)


def with_param(url: str, name: str, value: object) -> str:
    """Set one parameter of an address, the others as they are."""
    parts = urlsplit(url)
    pairs = [pair for pair in parts.query.split("&") if pair and parse_qsl(pair, keep_blank_values=True)[:1] != []]
    kept = [pair for pair in pairs if parse_qsl(pair, keep_blank_values=True)[0][0] != name]
    return urlunsplit(parts._replace(query="&".join([*kept, urlencode([(name, value)])])))
