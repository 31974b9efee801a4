"""Pieces of a response come in; a compressed file named after the hash of its content goes out.

The ledger (catalogue/) keeps the captures of all runs and looks like `CaptureStore` from here. `FolderStore` is for those who
keep nothing: a preview of an address, a test.
"""

import gzip
import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Stored(Protocol):
    """What became of a response: the hash and size of its bytes, and the gzip file that holds them."""

    @property
    def sha256(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def path(self) -> Path: ...


class CaptureStore(Protocol):
    """Keeps the bytes of responses, each once."""

    def put(self, chunks: Iterable[bytes]) -> Stored:
        """Keep the bytes; leave nothing behind where the pieces break off with an exception."""

    def path(self, sha256: str) -> Path | None:
        """Give the file that holds, or would hold, these bytes; None where there is none."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A response kept by FolderStore."""

    sha256: str
    size: int
    path: Path


class FolderStore:
    """Keeps captures in one folder, for as long as the folder lives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, chunks: Iterable[bytes]) -> StoredFile:
        digest = hashlib.sha256()
        size = 0
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.folder)
        aside = Path(name)
        try:
            with os.fdopen(handle, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1, mtime=0) as packed:
                for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    packed.write(chunk)
            path = self.folder / digest.hexdigest()
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
        return StoredFile(digest.hexdigest(), size, path)

    def path(self, sha256: str) -> Path | None:
        path = self.folder / sha256
        return path if path.is_file() else None
