"""Bytes in, a file out together with its sha256: one pass over what is written."""

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

CHUNK = 2**20


class Output:
    """A file to write, as a context manager."""

    def __init__(self, path: Path) -> None:
        self._out = path.open("wb")
        self._sha256 = hashlib.sha256()

    def __enter__(self) -> "Output":
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()

    def write(self, data: bytes) -> None:
        """Write bytes."""
        self._sha256.update(data)
        self._out.write(data)

    @property
    def digest(self) -> str:
        """The sha256 of what was written, in hex."""
        return self._sha256.hexdigest()


def chunks(path: Path, start: int = 0) -> Iterator[bytes]:
    """Yield a file's bytes from `start` on."""
    with path.open("rb") as stream:
        stream.seek(start)
        while data := stream.read(CHUNK):
            yield data


def check_sum(path: Path) -> int:
    """Give the CRC of a file: it tells a file that was damaged, many times as quickly as a digest."""
    crc = 0
    for data in chunks(path):
        crc = zlib.crc32(data, crc)
    return crc
