"""The body of a response comes in as it arrives; its content goes out in pieces, unpacked and inside its limits.

urllib3 could unpack too, but does not tell a packed body that was cut off from a whole one, nor how much came over the wire.
"""

import zlib
from collections.abc import Iterator

from urllib3.response import BaseHTTPResponse

from connectors.contract import Limits, SourceError
from schemas.problems import Problem

PIECE = 65_536  # bytes read at once
SPARED = 20_000_000  # unpacked bytes below which nobody asks for the ratio
MAX_RATIO = 200  # text packs to a tenth; only bombs pack to a thousandth
GZIP = b"\x1f\x8b"
ENCODINGS = {"", "identity", "gzip", "x-gzip", "deflate"}


class CutOff(Exception):
    """The packed body ends before its end."""


def unpack(response: BaseHTTPResponse, limits: Limits) -> Iterator[bytes]:
    """Read a response, yield its unpacked content; raise SourceError `too_large` or `broken_file`, CutOff where it breaks off.

    Never holds more than two pieces. Errors of the connection come through as urllib3 raises them.
    """
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ENCODINGS:
        raise SourceError(Problem("broken_file", note=f"Packverfahren ‚{encoding}‘, um das wir nicht gebeten haben"))
    packed = _wire(response, limits.max_bytes)
    total = 0
    for piece in packed if encoding in ("", "identity") else _inflate(packed):
        total += len(piece)
        if total > limits.max_decompressed:
            raise _too_large("entpackt", limits.max_decompressed)
        if total > SPARED and total > MAX_RATIO * response.tell():
            raise SourceError(Problem("too_large", note=f"entpackt mehr als {MAX_RATIO}-mal so groß"))
        yield piece


def _wire(response: BaseHTTPResponse, most: int) -> Iterator[bytes]:
    announced = response.headers.get("Content-Length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > most:
        raise _too_large("", most)
    # read1 gives what has arrived; read would wait for a whole piece, and a dripping server with it
    while piece := response.read1(PIECE, decode_content=False):
        if response.tell() > most:
            raise _too_large("", most)
        yield piece


def _inflate(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack gzip (also several members in a row), zlib, or the bare deflate some servers send under that name."""
    stream = None
    held = b""
    for data in packed:
        data = held + data
        held = b""
        while True:
            if stream is None or stream.eof:
                if len(data) < 2:  # two bytes tell what begins here
                    held = data
                    break
                if stream is not None and data[:2] != GZIP:
                    break  # padding after the end
                stream = zlib.decompressobj(-15 if _is_bare_deflate(data) else 47)
            try:
                piece = stream.decompress(data, PIECE)
            except zlib.error as error:
                raise SourceError(Problem("broken_file", note="die gepackte Antwort ist beschädigt")) from error
            if piece:
                yield piece
            data = stream.unused_data if stream.eof else stream.unconsumed_tail
            if not data and len(piece) < PIECE:  # a full piece may have more behind it, though all input is taken
                break
    if (held and stream is None) or (stream is not None and not stream.eof):
        raise CutOff


def _is_bare_deflate(data: bytes) -> bool:
    return data[:2] != GZIP and (data[0] & 0x0F != 8 or int.from_bytes(data[:2]) % 31 != 0)  # RFC 1950, 2.2


def _too_large(how: str, most: int) -> SourceError:
    return SourceError(Problem("too_large", note=f"{how} mehr als {_words(most)}".strip()))


def _words(size: int) -> str:
    """Say a number of bytes: 200 MB."""
    return f"{size / 1_000_000:.0f} MB" if size >= 1_000_000 else f"{size / 1000:.0f} kB" if size >= 1000 else f"{size} Bytes"
