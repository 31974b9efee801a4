"""The words that travel from a partner's address to a row: a capture (stored bytes) and a raw record (the partner's own words)."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from schemas.deflate import open_gzip

SHEET = "Blatt"  # the field that names a record's sheet, where several sheets of a workbook are read together


@dataclass(frozen=True, slots=True)
class Capture:
    """One stored response of a partner: its bytes never change, and everything later can be repeated from it.

    `url` is the address asked for, `final_url` the one that answered after redirects. `media_type` is the bare, lower-case
    media type the server claimed ("" where it claimed none), `headers` its headers with lower-case names. `not_modified` is
    true where these are the bytes of the last run: the server answered 304, or sent the same bytes again.
    """

    url: str
    status: int
    media_type: str
    fetched_at: datetime
    sha256: str
    size: int
    final_url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    not_modified: bool = False
    path: Path | None = None
    body: bytes | None = None

    @classmethod
    def of(
        cls, body: bytes, *, url: str, fetched_at: datetime, media_type: str = "", headers: Mapping[str, str] | None = None
    ) -> "Capture":
        """Make a capture from bytes in memory: a file given to preview, a test's input."""
        return cls(
            url=url,
            final_url=url,
            status=200,
            media_type=media_type,
            headers=headers or {},
            fetched_at=fetched_at,
            sha256=hashlib.sha256(body).hexdigest(),
            size=len(body),
            body=body,
        )

    def open(self) -> BinaryIO:
        """Open the stored bytes for reading, decompressed."""
        if self.body is not None:
            return io.BytesIO(self.body)
        if self.path is None:
            raise ValueError(f"the capture of {self.url} holds neither bytes nor a file")
        return open_gzip(self.path)

    def read(self) -> bytes:
        """Read the stored bytes whole. Large feeds are better opened and streamed."""
        if self.body is not None:
            return self.body
        with self.open() as stream:
            return stream.read()


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One offer in the partner's own words.

    `data` is JSON-able: text, numbers, booleans, None, lists and mappings. `record_id` is the partner's own id where the feed
    has one, else None (then normalise derives one from title, organisation and place; never from a row number). `locator` says
    where a person finds the record again: "Zeile 17", "VEVENT uid@x", "$.items[3]". `capture` is the sha256 of the capture.
    """

    data: Mapping[str, Any]
    locator: str
    capture: str
    record_id: str | None = None
