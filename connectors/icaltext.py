"""The bytes of an iCalendar file come in; its events go out as plain properties, one block each (RFC 5545, section 3.1).

A reader of lines and nothing more: it unfolds, decodes and unescapes, and knows no dates. It never reads an ATTENDEE (they are
persons), nor what stands inside an alarm. What is broken stays where it is: the neighbours are read all the same.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

LINES = re.compile(rb"[^\r\n]+")
LINE = re.compile(  # DTSTART;TZID="W. Europe Standard Time":20261126T180000
    r'([A-Za-z0-9-]{1,80})((?:;[A-Za-z0-9-]{1,80}=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*)){0,100}){0,50})[ \t]*:(.*)',
    re.DOTALL,
)
PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";])*)')  # ;TZID=Europe/Berlin
ESCAPED = re.compile(r"\\([\\;,nN:\"])")  # \, \; \n \\ and, in the wild, \: and \"
SEPARATOR = re.compile(r"(?<!\\),")

# Said about one program only, and to itself.
NOISE = ("X-MICROSOFT-CDO-", "X-MICROSOFT-DISALLOW", "X-APPLE-", "X-MOZ-", "X-LIC-ERROR", "X-OLK-", "X-EVOLUTION-", "X-WP-")
SKIPPED = frozenset({"ATTENDEE", "ATTACH", "X-MS-OLK-FORCEINSPECTOROPEN"})  # persons, and files inside the file
MAX_PROPERTIES = 5_000  # of one event, EXDATE lines included
MAX_LINE = 1_000_000  # bytes, unfolded: 60,000 dates, or a description of 300 pages


@dataclass(frozen=True, slots=True)
class Property:
    """One line of a calendar: NAME, parameters with upper-case names, the value as it stands there."""

    name: str
    value: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The value of a TEXT property, unescaped."""
        return to_text(self.value)


@dataclass(frozen=True, slots=True)
class Block:
    """The properties of one component (VEVENT, VTIMEZONE) and the line it begins at."""

    name: str
    line: int
    properties: tuple[Property, ...]

    def get(self, name: str) -> Property | None:
        return next((found for found in self.properties if found.name == name), None)

    def all(self, name: str) -> list[Property]:
        return [found for found in self.properties if found.name == name]


@dataclass(slots=True)
class Remarks:
    """What the reader noticed on the way; complete once the last block was taken."""

    calendars: int = 0
    truncated: bool = False
    guessed_encoding: bool = False
    cut: list[int] = field(default_factory=list)  # numbers of lines that were too long
    header: dict[str, str] = field(default_factory=dict)  # X-WR-CALNAME, X-WR-TIMEZONE, METHOD …


def is_calendar(body: bytes) -> bool:
    """Whether bytes begin like a calendar, whatever their encoding."""
    start = to_utf8(body[:4_000]).lstrip(b"\xef\xbb\xbf \t\r\n")
    return start[:15].upper() == b"BEGIN:VCALENDAR"


def read_blocks(body: bytes, remarks: Remarks) -> Iterator[Block]:
    """Read a calendar; yield a block per VEVENT and VTIMEZONE in their order, those of a file cut short without the last."""
    stack: list[str] = []
    properties: list[Property] = []
    begun = 0
    for number, line in _lines(to_utf8(body), remarks):
        found = LINE.fullmatch(line)
        if found is None:
            if properties and stack and stack[-1] == "VEVENT":  # a line break the program forgot to escape
                properties[-1] = replace(properties[-1], value=f"{properties[-1].value}\\n{line}")
            continue
        name, parameters, value = found[1].upper(), found[2], found[3]
        if name == "BEGIN":
            component = value.strip().upper()
            if component == "VCALENDAR":
                stack, remarks.calendars = [], remarks.calendars + 1
            elif component == "VEVENT" and "VEVENT" in stack:  # the END of the one before is missing
                yield Block("VEVENT", begun, tuple(properties))
                stack = ["VCALENDAR"]
            if component in ("VEVENT", "VTIMEZONE"):
                properties, begun = [], number
            if len(stack) < 20:
                stack.append(component)
        elif name == "END":
            component = value.strip().upper()
            if component in stack:
                while stack.pop() != component:
                    pass
            if begun and (component in ("VEVENT", "VTIMEZONE") or (component == "VCALENDAR" and properties)):
                yield Block("VTIMEZONE" if component == "VTIMEZONE" else "VEVENT", begun, tuple(properties))
                properties, begun = [], 0
        elif stack and stack[-1] == "VCALENDAR":
            if len(remarks.header) < 50:
                remarks.header.setdefault(name, to_text(value))
        elif _wanted(stack, name, len(properties)):
            properties.append(Property(name, value, _to_parameters(parameters)))
    remarks.truncated = bool(stack)


def to_text(value: str) -> str:
    """Unescape a TEXT value."""
    return ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip() if "\\" in value else value.strip()


def to_texts(value: str) -> list[str]:
    """Split a list of TEXT values (CATEGORIES) at its commas and unescape each."""
    return [text for part in SEPARATOR.split(value) if (text := to_text(part))]


def to_utf8(body: bytes) -> bytes:
    """Give the bytes of a file in UTF-16 as UTF-8, all others as they are, without their byte order mark."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if body.startswith(mark):
            return body[2:].decode(encoding, errors="replace").encode()
    return body.removeprefix(b"\xef\xbb\xbf")


def _wanted(stack: list[str], name: str, taken: int) -> bool:
    """Whether a line belongs to the event or time zone around it; of a zone also what its STANDARD and DAYLIGHT say."""
    if not stack or taken >= MAX_PROPERTIES or name in SKIPPED or name.startswith(NOISE):
        return False
    return stack[-1] in ("VEVENT", "VTIMEZONE") or (stack[-1] in ("STANDARD", "DAYLIGHT") and name == "TZOFFSETTO")


def _to_parameters(text: str) -> dict[str, str]:
    return {name.upper(): value.replace('"', "") for name, value in PARAMETER.findall(text)} if text else {}


def _lines(body: bytes, remarks: Remarks) -> Iterator[tuple[int, str]]:
    """Unfold the lines of a calendar; yield each as text with the number of its first one. Folds may cut a letter in two."""
    newline = b"\n" if b"\n" in body else b"\r"
    number, last, begun = 1, 0, 1
    parts: list[bytes] = []
    size = 0
    for found in LINES.finditer(body):
        number += body.count(newline, last, found.start())
        last = found.start()
        piece = found[0]
        if parts and piece[0] in b" \t":
            size += len(piece)
            if size <= MAX_LINE:
                parts.append(piece[1:])
            elif size - len(piece) <= MAX_LINE and len(remarks.cut) < 100:
                remarks.cut.append(begun)
            continue
        if parts:
            yield begun, _decode(parts, remarks)
        size = len(piece)
        if size > MAX_LINE:
            piece = piece[:MAX_LINE]
            remarks.cut += [number] if len(remarks.cut) < 100 else []
        parts, begun = [piece], number
    if parts:
        yield begun, _decode(parts, remarks)


def _decode(parts: list[bytes], remarks: Remarks) -> str:
    line = parts[0] if len(parts) == 1 else b"".join(parts)
    try:
        return line.decode()
    except UnicodeDecodeError:
        remarks.guessed_encoding = True
        return line.decode("cp1252", errors="replace")
