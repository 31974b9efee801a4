"""What single columns want beyond the converters a source file may name: keywords, exception dates, recurrences, licences."""

from collections.abc import Callable
from typing import Any

from schemas.converters.answer import Convert, Doubt, Setting, doubt
from schemas.converters.dates import to_datetime
from schemas.converters.moments import read_moment
from schemas.converters.moments import to_instant as to_instant_text
from schemas.converters.text import one_line, one_text, to_text
from schemas.converters.words import one_code
from schemas.vocabulary import LICENCE_BASE, fold, licences

RULE_SIGNS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=;,+-")
LONGEST_KEYWORDS = 2000  # characters, as the table says


def to_instant(argument: Any, setting: Setting) -> Convert:
    """Make the converter of datetime columns that need a time: a bare day means its first instant."""
    read = to_datetime(argument, setting)

    def instant(value: Any) -> Any:
        answer = read(value)
        if type(answer) is str and len(answer) == 10:
            moment = read_moment(answer)
            return to_instant_text(moment, setting.zone) if moment else None
        return answer

    return instant


def to_keywords(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the column keywords: any words, sorted; ; and line ends divide, else commas."""

    def keywords(value: Any) -> Any:
        found: set[str] = set()
        for item in value if isinstance(value, list | tuple) else [value]:
            raw = item.replace("\n", ";") if isinstance(item, str) else to_text(item) or ""
            found.update(text for piece in raw.split(";" if ";" in raw else ",") if (text := to_text(piece)) is not None)
        kept: list[str] = []
        size = 0
        for word in sorted(found):
            size += len(word) + 1
            if size > LONGEST_KEYWORDS:
                return doubt("too_long", ";".join(sorted(found)), f"höchstens {LONGEST_KEYWORDS} Zeichen", ";".join(kept))
            kept.append(word)
        return ";".join(kept) or None

    return keywords


def to_days(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the column exdates: days or instants, sorted."""
    read = to_datetime(argument, setting)

    def days(value: Any) -> Any:
        pieces = value if isinstance(value, list | tuple) else [value]
        texts = [piece for item in pieces for piece in (item.split(";") if isinstance(item, str) else [item])]
        answers = [read(piece) for piece in texts if piece]
        findings = tuple(finding for answer in answers if isinstance(answer, Doubt) for finding in answer.findings)
        kept = ";".join(sorted({answer for answer in answers if isinstance(answer, str)})) or None
        return Doubt(kept, findings) if findings else kept

    return days


def to_recurrence(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the column rrule: RFC 5545, without the word RRULE before it."""
    line = one_line(500)

    def recurrence(value: Any) -> Any:
        text = line(value)
        if type(text) is not str:
            return text
        rule = text.upper().removeprefix("RRULE:")
        return rule if rule.startswith("FREQ=") and not set(rule) - RULE_SIGNS else doubt("bad_recurrence", text)

    return recurrence


def to_area(table: str) -> Callable[[Any, Setting], Convert]:
    """Make the converter of a column that holds the code of one area."""

    def make(argument: Any, setting: Setting) -> Convert:
        known = setting.areas.get(table, {})
        return one_code(lambda text: known.get(fold(text)))

    return make


def to_names(value: Any) -> Any:
    """Give names as a list: the items of a list, or a text divided at ; and line ends."""
    items = value if isinstance(value, list | tuple) else [value]
    pieces = [piece for item in items for piece in (item.replace("\n", ";").split(";") if isinstance(item, str) else [item])]
    texts = map(to_text, pieces)
    return [text for text in dict.fromkeys(texts) if text] or None


def to_licence(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the column licence: the address that DCAT-AP.de gives it."""

    def licence(value: Any) -> Any:
        text = one_text(value)
        return text if type(text) is not str else licence_uri(text) or doubt("unknown_value", text)

    return licence


def to_record_id(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the column record_id: any one text."""
    return one_text


def licence_uri(text: str) -> str | None:
    """Give the DCAT-AP.de address of a licence by its short name, `dl-by-de/2.0`, or by that address; else None."""
    known = licences()
    code = text.strip().removeprefix(LICENCE_BASE)
    return known[code].uri if code in known else None
