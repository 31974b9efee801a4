"""Bytes come in; what they are, in which encoding, and their lines go out.

An encoding is told by its BOM, else by strict UTF-8 over the whole (an umlaut may stand on the last line), else by what the
server says, else it is guessed from where German letters would lie, and the guess is told. Text that was damaged before it
reached us (`A Womanâ€™s`) stays as it is: nobody knows what else it would be.
"""

import codecs
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from schemas.record import Capture

HEAD = 65_536
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: it begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
GERMAN = "äöüÄÖÜß"
# What Excel calls CSV, CSV (Macintosh) and CSV (MS-DOS): where these put the seven letters hardly overlaps
GUESSES = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman", "cp850": "DOS 850"}
BESIDE_A_LETTER = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]|[\x80-\xff](?=[A-Za-z])")  # "f\xfcr", "\xc4mter"
CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)  # "text/csv; charset=iso-8859-15"

# (sign at the start, what it is): the words stand in a sentence „Dort liegt eine Webseite …“
MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "eine Excel-, Office- oder ZIP-Datei"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "eine alte Excel- oder Word-Datei"),
    (b"%PDF-", "ein PDF"),
    (b"\x1f\x8b", "eine gepackte Datei (gzip)"),
    (b"\x89PNG", "ein Bild"),
    (b"\xff\xd8\xff", "ein Bild"),
    (b"GIF8", "ein Bild"),
    (b"BEGIN:VCALENDAR", "ein Kalender (iCal)"),
)
HTML = re.compile(rb"(<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(!doctype\s+html|html|head|body|script|meta|title|div)\b", re.I | re.S)
XML = re.compile(rb"<(\?xml\b|!doctype|!--|[a-z_][\w.-]*(:[\w.-]+)?[\s/>])", re.I)
JSON = re.compile(rb"[\[{]\s*([\[{\"\]}]|-?\d|true|false|null)")


@dataclass(frozen=True, slots=True)
class Encoding:
    """How to read bytes as text; `shown` is its name for people, `guessed` says that nothing but a likelihood speaks for it."""

    codec: str
    errors: str = "strict"
    guessed: bool = False
    shown: str = ""


def what_is(head: bytes) -> str | None:
    """Say in German what the first bytes of a response are; None where they may be any text."""
    for sign, words in MAGIC:
        if head.startswith(sign):
            return words
    text = _without_bom(head).lstrip()
    if HTML.match(text):
        return "eine Webseite (HTML)"
    if text.startswith(b"BEGIN:VCALENDAR"):
        return "ein Kalender (iCal)"
    if XML.match(text):
        return "eine XML-Datei"
    return "eine JSON-Datei" if JSON.match(text) else None


def find_encoding(capture: Capture, wish: str | None = None) -> Encoding:
    """Find out how a capture's bytes are to be read; `wish` is what the source file says, and holds if the bytes agree."""
    with capture.open() as stream:
        head = stream.read(HEAD)
    if wish and _fits(capture, wish):
        return Encoding(wish)
    for bom, codec in BOMS:
        if head.startswith(bom):
            # a stray byte, or a cut end, must not cost the whole file
            return Encoding(codec, "strict" if _fits(capture, codec) else "replace", shown=codec)
    if unmarked := _utf16_without_bom(head):
        return Encoding(unmarked, "replace", shown="UTF-16")
    if _fits(capture, "utf-8"):
        return Encoding("utf-8")
    letters, broken, line_feeds = _count(capture)
    if letters and letters >= 10 * broken:  # UTF-8 with a few damaged places: anything else would damage all the others
        return Encoding("utf-8", "replace", guessed=True, shown="UTF-8 mit beschädigten Stellen")
    if claimed := _claimed(capture):
        return Encoding(claimed, "replace")
    guess = _guess(capture, line_feeds)
    return Encoding(guess, "replace", guessed=True, shown=GUESSES[guess])


def open_text(capture: Capture, encoding: Encoding) -> io.TextIOWrapper:
    """Open a capture as text; line ends stay as they are, whichever of the three they are."""
    return io.TextIOWrapper(capture.open(), encoding=encoding.codec, errors=encoding.errors, newline="")


def read_text(capture: Capture, encoding: Encoding | None = None) -> str:
    """Read a capture whole as text."""
    with open_text(capture, encoding or find_encoding(capture)) as stream:
        return stream.read()


def is_codec(name: str) -> bool:
    """Tell whether Python knows a text encoding of that name."""
    try:
        return codecs.lookup(name)._is_text_encoding  # bytes to bytes, like zip, are none
    except (LookupError, ValueError):
        return False


def _without_bom(head: bytes) -> bytes:
    """Take away a BOM, and the NULs of UTF-16 with it, so that ASCII signs can be looked for."""
    for bom, codec in BOMS:
        if head.startswith(bom):
            return head[len(bom) :] if codec == "utf-8-sig" else head[len(bom) :].replace(b"\x00", b"")
    return head.replace(b"\x00", b"") if _utf16_without_bom(head) else head


def _utf16_without_bom(head: bytes) -> str | None:
    """Recognise UTF-16 by its NULs: in Latin text every second byte is one, in the other half none."""
    half = len(head) // 2
    if half < 2:
        return None
    even, odd = head[0 : 2 * half : 2].count(0), head[1 : 2 * half : 2].count(0)
    if odd > 0.6 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 * half and odd < 0.05 * half else None


def _fits(capture: Capture, codec: str) -> bool:
    """Tell whether every byte of a capture can be read that way."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        for chunk in _chunks(capture):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except ValueError:  # UnicodeError, and what some codecs raise instead
        return False
    return True


def _count(capture: Capture) -> tuple[int, int, int]:
    """Count, reading as UTF-8: letters beyond ASCII, unreadable places, line feeds."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    beyond = broken = line_feeds = 0
    for chunk in _chunks(capture):
        text = decoder.decode(chunk)
        bad = text.count("\ufffd")
        broken += bad
        beyond += len(text) - len(text.encode("ascii", "ignore")) - bad
        line_feeds += chunk.count(b"\n")
    return beyond, broken, line_feeds


def _claimed(capture: Capture) -> str | None:
    """Look up what the server says, if it says anything that can be true: the bytes are no UTF-8."""
    found = CHARSET.search(capture.headers.get("content-type", ""))
    if found is None or not is_codec(found[1]):
        return None
    codec = codecs.lookup(found[1]).name
    if codec in ("utf-8", "ascii", "utf-8-sig"):
        return None
    return "cp1252" if codec == "iso8859-1" else codec  # the web means Windows-1252 when it says ISO-8859-1


def _guess(capture: Capture, line_feeds: int) -> str:
    """Guess by counting where German letters would lie; Windows in doubt, the old Mac where lines end as only it ended them."""
    found: Counter[bytes] = Counter()
    for chunk in _chunks(capture):
        found.update(BESIDE_A_LETTER.findall(chunk))
    scores = {codec: sum(found[letter.encode(codec)] for letter in GERMAN) for codec in GUESSES}
    in_doubt = "cp1252" if line_feeds else "mac_roman"
    return max(GUESSES, key=lambda codec: (scores[codec], codec == in_doubt))


def _chunks(capture: Capture) -> Iterator[bytes]:
    with capture.open() as stream:
        while chunk := stream.read(1 << 20):
            yield chunk


def read_lines(stream: io.TextIOWrapper, most: int) -> Iterator[tuple[str, bool]]:
    """Yield (line, whole) with its line end; of a line longer than `most` the beginning, with whole=False."""
    while line := stream.readline(most):
        if len(line) < most or line[-1] in "\r\n":
            yield line, True
            continue
        yield line, False
        while (rest := stream.readline(most)) and not (len(rest) < most or rest[-1] in "\r\n"):
            pass


def first_bytes(capture: Capture, most: int = HEAD) -> bytes:
    """Read the beginning of a capture."""
    stream: BinaryIO
    with capture.open() as stream:
        return stream.read(most)
