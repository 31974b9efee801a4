"""The tokens of one part of a cell come in (schemas/converters/whenwords.py); its days and the times that belong to them go out, or None.

Days come before their times, or behind them where there is but one group. What could belong to either side of it belongs to nobody.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from schemas.converters.answer import Doubt
from schemas.converters.clock import BARE_HOUR, CODES, MIDNIGHT, Time, completes, is_named, read_span, read_time
from schemas.converters.dates import read_period
from schemas.converters.moments import read_moment
from schemas.converters.whenwords import Token

DOTTED = re.compile(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{2})")  # 9.10 without Uhr may be a day

Span = tuple[Time, Time | None]
Period = tuple[date | None, date | None]


@dataclass(slots=True)
class Group:
    """Days and the times that belong to them. `which` are those of a month: 1, 3, -1."""

    weekdays: tuple[str, ...] = ()
    which: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(slots=True)
class Part:
    """What stands between two semicolons."""

    groups: list[Group] = field(default_factory=list)
    period: Period | None = None
    period_first: bool = False
    fortnight: bool = False


def read_part(tokens: Sequence[Token]) -> Part | None:
    """Read a whole part; None where a token stands where it says nothing, or where it is unclear what belongs to what."""
    return _Reader(tokens).part()


class _Reader:
    """Reads the tokens of one part from left to right."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens, self.at = tokens, 0

    def kind(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at].kind if at < len(self.tokens) else ""

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def part(self) -> Part | None:
        """Read the whole part; None where a token stands where it says nothing."""
        part, order = Part(), ""
        if "and" in (self.kind(), self.tokens[-1].kind):  # something is missing
            return None
        while self.kind():
            if self.kind() == "and":
                self.take()
                continue
            sign = self._item(part, order)
            if not sign:
                return None
            order += sign
        return part if _is_whole(part, order) else None

    def _item(self, part: Part, order: str) -> str:
        """Read one item into the part; give its sign (Fortnight, Period, Days, Weekdays, Times), or nothing."""
        if self._fortnight():
            doubled, part.fortnight = part.fortnight, True
            return "" if doubled else "F"
        if (period := self._period()) is not None:
            doubled = part.period is not None
            part.period, part.period_first = period, not order
            return "" if doubled else "P"
        kind = self.kind()
        if kind in ("date", "short"):
            same = order[-1:] == "W" or order.strip("PF") == "T"  # "Sa., 5.12.2026" is one thing, "10 Uhr, 5.12.2026" too
            group = _group(part, new=not same)
            group.days = self._days()
            return "D" if group.days else ""
        if kind in ("day", "which"):
            group = _group(part, new=order.strip("PF") != "T")
            group.which, group.weekdays = self._which() if kind == "which" else ((), self._weekdays())
            return "W" if group.weekdays else ""
        group = _group(part, new=order[-1:] == "T" or not part.groups or bool(part.groups[-1].spans))
        group.spans = self._spans()
        return "T" if group.spans else ""

    def _fortnight(self) -> bool:
        """Read "14-täglich"."""
        found = self.kind() == "fortnight"
        self.at += found
        return found

    def _period(self) -> Period | None:
        """Read "vom 01.03. bis 31.05.2027", "ab 1.3.2027", "bis 31.5.2027"; nothing is taken where there is none."""
        start = self.at
        lead = self.take().kind if self.kind() in ("from", "since", "to") else ""
        text = ""
        if self.kind() in ("date", "short", "which"):
            text = self.take().text
            if lead in ("", "from"):
                text = f"{text}–{self.tokens[self.at + 1].text}" if self.kind() == "to" and self.kind(1) == "date" else ""
                self.at += 2
            else:
                text = f"{'ab' if lead == 'since' else 'bis'} {text}"
        read = read_period(text) if text else None
        if read is None or isinstance(read, Doubt) or (read[0] and read[1] and read[0] >= read[1]):
            self.at = start
            return None
        return read

    def _days(self) -> tuple[date, ...]:
        """Read one date, or several in order, of which the last names the year; a weekday that does not fit reads nothing."""
        texts = [self.take()]
        while texts[-1].kind == "short" and self.kind() == "and" and self.kind(1) in ("short", "date"):
            self.take()
            texts.append(self.take())
        if texts[-1].kind != "date" or self.kind() == "to":
            return ()
        last = read_moment(texts[-1].text)
        if last is None:
            return ()
        days: list[date] = []
        for token in texts[:-1]:
            moment = read_moment(f"{token.text} {last.day.year}") or read_moment(f"{token.text}{last.day.year}")
            if moment is None:
                return ()
            days.append(moment.day)
        days.append(last.day)
        return tuple(days) if days == sorted(set(days)) else ()

    def _weekdays(self) -> tuple[str, ...]:
        found: set[str] = set()
        while self.kind() == "day":
            first = self.take().codes
            if self.kind() == "to" and self.kind(1) == "day":
                self.take()
                last = self.take().codes
                if len(first) != 1 or len(last) != 1 or CODES.index(first[0]) >= CODES.index(last[0]):
                    return ()
                first = CODES[CODES.index(first[0]) : CODES.index(last[0]) + 1]
            found.update(first)
            if self.kind() == "and" and self.kind(1) == "day":
                self.take()
        return tuple(code for code in CODES if code in found)

    def _which(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Read "1. und 3. Dienstag im Monat"; without the month it may be any second Tuesday."""
        which = [self.take().codes[0]]
        while self.kind() == "and" and self.kind(1) == "which":
            self.take()
            which.append(self.take().codes[0])
        days = self.take().codes if self.kind() == "day" else ()
        if len(days) != 1 or self.kind() != "month" or not all(one in ("1", "2", "3", "4", "-1") for one in which):
            return (), ()
        self.take()
        return tuple(dict.fromkeys(which)), days

    def _spans(self) -> tuple[Span, ...]:
        """Read "10–12 und 14–16 Uhr", "von 9 bis 11 Uhr", "ab 18 Uhr", "15 Uhr"."""
        spans: list[Span] = []
        while self.kind() == "time" or (self.kind() in ("from", "since") and self.kind(1) == "time"):
            lead = self.take().kind if self.kind() != "time" else ""
            first, last = self.take().text, ""
            if self.kind() == "to" and lead != "since":
                self.take()
                last = self.take().text if self.kind() == "time" else ""
                if not last:
                    return ()
            elif lead == "from":
                return ()
            span = _to_span(first, last)
            if span is None:
                return ()
            spans.append(span)
            if self.kind() == "and" and self.kind(1) in ("time", "from"):
                self.take()
        return tuple(spans)


def _group(part: Part, *, new: bool) -> Group:
    """Give the group an item belongs to: the last one, or a new one."""
    if new:
        part.groups.append(Group())
    return part.groups[-1]


def _is_whole(part: Part, order: str) -> bool:
    """Say whether it is clear which times belong to which days, and what a period or a rhythm of two weeks bounds."""
    groups, signs = part.groups, order.replace("P", "").replace("F", "")
    alone = len(groups) == 1
    if not groups or not all(group.weekdays or group.days for group in groups):
        return False
    if any(twice in signs for twice in ("WW", "DD", "DW", "TT")):
        return False
    if not alone and (signs.startswith("T") or not all(group.spans for group in groups)):  # whose times are they?
        return False
    for group in groups:
        if group.days and group.weekdays and (group.which or {CODES[day.weekday()] for day in group.days} != {*group.weekdays}):
            return False
    if part.period is not None and (any(group.days for group in groups) or not (alone or part.period_first)):
        return False
    if part.fortnight:
        return alone and bool(groups[0].weekdays) and not groups[0].which and not groups[0].days
    return True


def _to_span(first: str, last: str) -> Span | None:
    """Read two times, or one; None where one may be a day, and where the last is not later than the first."""
    hours = [text for text in (first, last) if text]
    bare = [bool(BARE_HOUR.fullmatch(text)) for text in hours]
    if any(map(_may_be_day, hours)) and all(is_bare or _may_be_day(text) for text, is_bare in zip(hours, bare, strict=True)):
        return None
    if all(bare):
        return read_span("–".join(hours)) if last else None
    if any(bare) and any(text.rstrip(".")[-1:] in "mM" for text in hours):  # "6–8 pm"
        return None
    if any(bare) and any(map(is_named, hours)) and not (bare[0] and completes(first, last)):  # "6–8 Uhr abends"
        return None
    times = [read_time(f"{text} Uhr" if is_bare else text.rstrip(".")) for text, is_bare in zip(hours, bare, strict=True)]
    start, end = times[0], times[-1] if last else None
    if (
        start is None or first.startswith("24") or MIDNIGHT.search(first) or (last and end is None)
    ):  # 24:00 is the end of a day, not the start
        return None
    return (start, end) if end is None or start < end or end == (0, 0, 0) else None


def _may_be_day(text: str) -> bool:
    found = DOTTED.fullmatch(text)
    return found is not None and 1 <= int(found["day"]) <= 31 and 1 <= int(found["month"]) <= 12
