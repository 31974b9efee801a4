"""Names and bytes in, a ZIP out, the same bytes for the same contents: no times, no sizes of the moment, one way to deflate.

Contents are deflated piece by piece. A piece needs nothing before it, so that it can be taken over into another ZIP as it is.
Specification: APPNOTE.TXT (PKWARE), with ZIP64 where a member needs it.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from schemas.deflate import to_deflater

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
END64, LOCATOR = b"PK\x06\x06", b"PK\x06\x07"
DAY = 0x21  # 1980-01-01, the oldest date a ZIP can say
FULL = 0xFFFFFFFF  # where the number stands in the ZIP64 part
LARGE = 2**31  # contents from here on get a ZIP64 part, so that it may also grow
LAST = b"\x03\x00"  # an empty deflated block that says it is the last
ZEROS = bytes(2**20)


class Piece(NamedTuple):
    """A part of a member: where its deflated bytes begin in the file, how many they are, and size and CRC of what they stand for."""

    start: int
    size: int
    raw: int
    crc: int


class Member:
    """One name in the ZIP while it is written."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.raw, self.size, self.crc = 0, 0, 0

    @contextmanager
    def piece(self) -> Iterator["Writer"]:
        """Give what takes the bytes of a piece."""
        writer = Writer(self._out)
        yield writer
        writer.close()
        self._count(writer.piece)

    def take(self, deflated: Iterable[bytes], piece: Piece) -> None:
        """Take over a piece from elsewhere, as it is."""
        self._out.writelines(deflated)
        self._count(piece)

    def _count(self, piece: Piece) -> None:
        self.crc = joined(self.crc, piece.crc, piece.raw)
        self.raw += piece.raw
        self.size += piece.size


class Writer:
    """Takes the bytes of one piece; `piece` says afterwards what it is."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._deflate = to_deflater()
        self._start = out.tell()
        self._size, self._raw, self._crc = 0, 0, 0

    def write(self, data: bytes) -> None:
        """Take bytes."""
        self._crc = zlib.crc32(data, self._crc)
        self._raw += len(data)
        self._size += self._out.write(self._deflate.compress(data))

    def close(self) -> None:
        """End the piece at a whole byte; nothing after it refers to it."""
        if self._raw:
            self._size += self._out.write(self._deflate.flush(zlib.Z_SYNC_FLUSH))

    @property
    def piece(self) -> Piece:
        return Piece(self._start, self._size, self._raw, self._crc)


class Zip:
    """A ZIP to write, as a context manager; what is left before the end is no ZIP."""

    def __init__(self, path: Path) -> None:
        self._out = path.open("wb")
        self._names: list[tuple[bytes, int, Member]] = []

    def __enter__(self) -> "Zip":
        return self

    def __exit__(self, *problem: object) -> None:
        if problem[0] is None:
            self._end()
        self._out.close()

    def add(self, name: str, data: bytes) -> None:
        """Write a member at once."""
        with self.member(name) as member, member.piece() as out:
            out.write(data)

    @contextmanager
    def member(self, name: str, size: int = 0) -> Iterator[Member]:
        """Write a member; `size` is about how large its content is, which is only of interest beyond LARGE."""
        start, large = self._out.tell(), size >= LARGE
        member = Member(self._out)
        self._out.write(_local(name.encode(), member, large))
        yield member
        member.size += self._out.write(LAST)
        if not large and max(member.raw, member.size) >= FULL:
            raise ValueError(f"{name} is larger than was said: {member.raw}")
        end = self._out.tell()
        self._out.seek(start)
        self._out.write(_local(name.encode(), member, large))
        self._out.seek(end)
        self._names.append((name.encode(), start, member))

    def _end(self) -> None:
        start = self._out.tell()
        for name, place, member in self._names:
            self._out.write(_central(name, member, place))
        size, count = self._out.tell() - start, len(self._names)
        if start >= FULL or size >= FULL:
            where = self._out.tell()
            self._out.write(struct.pack("<4sQ2H2L4Q", END64, 44, 45, 45, 0, 0, count, count, size, start))
            self._out.write(struct.pack("<4sLQL", LOCATOR, 0, where, 1))
        self._out.write(struct.pack("<4s4H2LH", END, 0, 0, count, count, min(size, FULL), min(start, FULL), 0))


def joined(first: int, second: int, length: int) -> int:
    """Give the CRC of two contents one after the other; `length` is that of the second. A CRC is linear, so zeros say the rest."""
    moved, zero = first, 0
    for part in range(0, length, len(ZEROS)):
        some = memoryview(ZEROS)[: min(len(ZEROS), length - part)]
        moved, zero = zlib.crc32(some, moved), zlib.crc32(some, zero)
    return moved ^ zero ^ second


def _local(name: bytes, member: Member, large: bool) -> bytes:
    sizes = (FULL, FULL) if large else (member.size, member.raw)
    extra = struct.pack("<2H2Q", 1, 16, member.raw, member.size) if large else b""
    version = 45 if large else 20
    head = struct.pack("<4s5H3L2H", LOCAL, version, 0x800, 8, 0, DAY, member.crc, *sizes, len(name), len(extra))
    return head + name + extra


def _central(name: bytes, member: Member, place: int) -> bytes:
    large = [number for number in (member.raw, member.size, place) if number >= FULL]
    extra = struct.pack(f"<2H{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    small = (min(number, FULL) for number in (member.size, member.raw))
    head = struct.pack("<4s6H3L5H2L", CENTRAL, 45, 45 if large else 20, 0x800, 8, 0, DAY, member.crc, *small,
                       len(name), len(extra), 0, 0, 0, 0, min(place, FULL))  # fmt: skip
    return head + name + extra
