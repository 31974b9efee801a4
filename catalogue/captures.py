"""A response's bytes in, a name for ever out: every response of a partner is stored once, compressed, under its own SHA-256.

A capture is written before anything is parsed, never changed, and shared by all runs that saw the same bytes. Everything later
can be repeated from captures without the network.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import SpooledTemporaryFile

from catalogue.disk import ASIDE, GONE, Places, explained, sync
from schemas.deflate import to_gzip

IN_MEMORY = 8_000_000  # bytes of one response; larger ones wait on disk
GRACE = timedelta(days=1)  # longer than any run: what it stored is named only at its end


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a response's bytes are: their SHA-256, their size as they came (unpacked), the gzip file that holds them."""

    sha256: str
    size: int
    path: Path


@dataclass(frozen=True, slots=True)
class Freed:
    """What a sweep removed: files, and bytes on disk."""

    files: int = 0
    size: int = 0


class Captures:
    """The store `data/captures`, for any number of writers at once."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def put(self, chunks: Iterable[bytes]) -> Stored:
        """Store the bytes of one response; the same bytes are stored once. Raises LedgerError where the disk refuses."""
        root = self._places.captures
        digest, size = hashlib.sha256(), 0
        with explained(root):
            root.mkdir(parents=True, exist_ok=True)
            spool = SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(root))  # noqa: SIM115  closed by the with below
        with spool:
            # what `chunks` raises is the network's and stays as it is
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                with explained(root):
                    spool.write(chunk)
            path = self.path(digest.hexdigest())
            with explained(root):
                if not _still_there(path):
                    spool.seek(0)
                    self._compress(spool, path)
        return Stored(path.name, size, path)

    def path(self, sha256: str) -> Path:
        """Give the file that holds, or would hold, these bytes."""
        return self._places.capture(sha256)

    def sweep(self, wanted: Container[str], now: datetime, grace: timedelta = GRACE) -> Freed:
        """Remove captures nobody wants, and what killed writers left; nothing that was stored or asked for within `grace`.

        Young is what is young beside the newest: a clock that jumps a year ahead makes nothing old that a run has just stored.
        """
        root, files, size = self._places.captures, 0, 0
        with explained(root):
            found = [*_files(root)]
            newest = max((_touched(path) for path in found), default=0.0)
            oldest = min(now.timestamp(), newest) - grace.total_seconds()
            for path in found:
                if path.name in wanted:
                    continue
                # Renamed first: from here on `put` finds nothing and stores anew; before, it made the file young.
                gone = path.with_name(f"{GONE}{path.name}-{secrets.token_hex(4)}")
                try:
                    if path.stat().st_mtime >= oldest:
                        continue
                    path.rename(gone)
                    if gone.stat().st_mtime >= oldest:
                        gone.rename(path)
                        continue
                    size += gone.stat().st_size
                    gone.unlink()
                except FileNotFoundError:
                    continue  # another sweep was faster
                files += 1
        return Freed(files, size)

    def _compress(self, spool: "SpooledTemporaryFile[bytes]", path: Path) -> None:
        aside = self._places.captures / f"{ASIDE}{secrets.token_hex(8)}"
        try:
            with aside.open("wb") as file:
                with to_gzip(file) as packed:
                    shutil.copyfileobj(spool, packed, 1 << 20)
                file.flush()
                os.fsync(file.fileno())
            if not path.parent.exists():
                path.parent.mkdir(exist_ok=True)
                sync(path.parent.parent)
            aside.replace(path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        sync(path.parent)


def _touched(path: Path) -> float:
    """Say when a file was stored or asked for; 0 where another sweep was faster."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _still_there(path: Path) -> bool:
    """Say whether a capture is there, and make it young in the same breath, so that no sweep takes it."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _files(root: Path) -> Iterator[Path]:
    """Give every file of the store: captures in their folders, left-overs beside them."""
    if not root.is_dir():
        return
    for entry in sorted(root.iterdir()):
        if entry.is_dir():
            yield from (path for path in sorted(entry.iterdir()) if path.is_file())
        elif entry.name.startswith((ASIDE, GONE)):
            yield entry
