"""A cell that says when in a partner's words comes in (`Di 17.30–19 Uhr; Do 10–11 Uhr`); the sessions it means go out.

A session is a mapping of session columns, and `date`, the day that goes with its times. Read is a cell that is understood whole or
not at all: what a day, a time or an exception belongs to is never guessed. Exceptions stay as a note, in the partner's words.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from schemas.converters.answer import Convert, Setting, doubt
from schemas.converters.clock import CODES, to_clock
from schemas.converters.text import BLANKS, lines, one_text, written
from schemas.converters.whenparts import Group, Part, read_part
from schemas.converters.whenwords import read_remarks, read_tokens

LONGEST = 500  # characters of a cell; a longer one is a text
MOST = 60  # sessions of a cell
PARTS = re.compile(r"[;\n|•·]")
WERKTAG = re.compile(r"\bwerkt(?:ag|äg|aeg)|\bwochentag", re.IGNORECASE)  # Saturday or not?
IN_BRACKETS = re.compile(r"\s*\([^()]*\)\s*")
DAYS = frozenset({"day", "date", "short", "which"})  # kinds of tokens
SHORT_SPAN = 62  # days in which a monthly rule comes once

Said = dict[str, Any]


def to_whens(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the target `when`: `when`, the sessions of one text."""

    def when(value: Any) -> Any:
        raw = "\n".join(filter(None, map(written, value))) if isinstance(value, list | tuple) else written(value)
        if raw is None:
            return one_text(value)  # a group of values: a Doubt
        text = lines(raw)
        if text in BLANKS:
            return None
        sessions, line = read_whens(text), " ".join(text.split())
        if not sessions:
            return doubt("bad_when", line)
        if any("INTERVAL" in said.get("rrule", "") and "date" not in said for said in sessions):
            return doubt("no_first_day", line, kept={"when": sessions})
        return {"when": sessions}

    return when


def read_whens(text: str) -> list[Said] | None:
    """Read a clean text as sessions; None where anything in it is not understood."""
    if len(text) > LONGEST:
        return None
    sessions: list[Said] = []
    pieces = [piece.strip() for piece in PARTS.split(_unbroken(text)) if piece.strip(" ,.")]
    bounded = 0
    for piece in pieces:
        remarked = read_remarks(piece)
        tokens = read_tokens(remarked[0]) if remarked else None
        part = read_part(tokens) if tokens else None
        if remarked is None or part is None:
            return None
        made = [said for group in part.groups for said in _to_sessions(group, part)]
        if not made or len(sessions) + len(made) > MOST:
            return None
        bounded += part.period is not None
        open_ended = part.fortnight and (part.period is None or part.period[0] is None)
        noted = remarked[1] or open_ended or bool(WERKTAG.search(piece)) or any(group.which for group in part.groups)
        sessions += [{**said, "note": " ".join(piece.split())} for said in made] if noted else made
    if bounded and len(pieces) > 1:  # whether it bounds the other parts, too, nobody says
        return None
    if len({said["start_time"] is None for said in sessions}) > 1:  # "Mo; Di 10 Uhr": whether Monday has the same time, neither
        return None
    return [said for number, said in enumerate(sessions) if said not in sessions[:number]] or None


def _unbroken(text: str) -> str:
    """Join the lines of a narrow cell that say when only together: "dienstags" above "10–12 Uhr", a remark in brackets below."""
    rows = text.split("\n")
    if len(rows) in (2, 3) and IN_BRACKETS.fullmatch(rows[-1]):  # under more lines it may belong to each of them
        *rows, remark = rows
        if len(rows) == 1 or _lies(rows[0], rows[1]):
            return " ".join((*rows, remark))
    days, times = rows[::2], rows[1::2]
    if len(days) == len(times) and all(map(_lies, days, times)):
        return "\n".join(map("{} {}".format, days, times))
    return text


def _lies(above: str, below: str) -> bool:
    """Say whether one line holds days and no time, and the one below times and no day."""
    kinds = []
    for row in (above, below):
        remarked = read_remarks(row)
        kinds.append({token.kind for token in (remarked and read_tokens(remarked[0])) or ()})
    return bool(kinds[0] & DAYS) and "time" not in kinds[0] and "time" in kinds[1] and not kinds[1] & DAYS


def _to_sessions(group: Group, part: Part) -> Iterator[Said]:
    """Give the sessions of a group, without note; none where no day of the rule lies in the period."""
    for start, end in group.spans or ((None, None),):
        times = {"start_time": to_clock(start) if start else None, "end_time": to_clock(end) if end else None}
        if group.days:
            yield from ({"date": day.isoformat(), **times} for day in group.days)
            continue
        first, last = part.period or (None, None)
        until = {"until": last.isoformat()} if last else {}
        rule = {"rrule": _rule(group, part)} if group.which or first or part.fortnight else {}
        if first is None:
            yield {"weekday": [*group.weekdays], **times, **rule, **until}
            continue
        days = (first + timedelta(days=number) for number in range(SHORT_SPAN))
        begin = next((day for day in days if _is_asked(group, day)), None)
        if begin is not None and (last is None or begin <= last):
            yield {"date": begin.isoformat(), **times, **rule, **until}


def _rule(group: Group, part: Part) -> str:
    """Write a rule of RFC 5545."""
    if group.which:
        return f"FREQ=MONTHLY;BYDAY={','.join(f'{one}{group.weekdays[0].upper()}' for one in group.which)}"
    every = ";INTERVAL=2" if part.fortnight else ""
    return f"FREQ=WEEKLY{every};BYDAY={','.join(group.weekdays).upper()}"


def _is_asked(group: Group, day: date) -> bool:
    """Say whether a day is one of the weekdays, and the asked one of its month."""
    last = (day + timedelta(days=7)).month != day.month
    which = {str((day.day - 1) // 7 + 1), *(("-1",) if last else ())}
    return CODES[day.weekday()] in group.weekdays and (not group.which or not which.isdisjoint(group.which))
