"""A recurrence rule and its first start come in; a verdict on what expanding it may cost goes out, before anything is expanded.

dateutil, which expands the rules below recurring-ical-events, walks from the first start onwards and stops at the first date
behind the window; a rule that never comes true again lets it walk to the year 9999. So the guard counts the steps to the end of
the window, and looks whether the rule comes true soon after it; where it does not, the steps to the year 9999 count.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

MAX_STEPS = 200_000  # of one rule: hourly for 20 years, daily since 1601 (Outlook's first day); half a second at most
MAX_PER_DAY = 24  # at most hourly
MAX_RULE = 500  # characters
RULE = re.compile(r"[A-Za-z]{1,20}=[^=;]+(?:;[A-Za-z]{1,20}=[^=;]+)*;?")  # FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270331T215959Z
DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")  # TU, -1FR
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
STEP = {"YEARLY": 365.25, "MONTHLY": 30.44, "WEEKLY": 7.0, "DAILY": 1.0, "HOURLY": 1 / 24}  # days from one turn to the next
TURNS = {"YEARLY": 12, "MONTHLY": 48, "WEEKLY": 60, "DAILY": 1_500, "HOURLY": 1_500}  # looked at behind the window


class BadRule(Exception):
    """The rule is no rule of RFC 5545."""


class TooDense(Exception):
    """The rule is one, but costs too much: more than hourly, or hardly ever true."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The parts of an RRULE that decide its cost."""

    frequency: str
    interval: int
    months: frozenset[int]
    month_days: frozenset[int]
    year_days: frozenset[int]
    weekdays: frozenset[tuple[int, int]]  # (0 Monday … 6, the third: 3, the last: -1, every: 0)
    positions: frozenset[int]
    per_day: int
    other: bool  # BYWEEKNO, BYEASTER: not looked through, so taken for hardly ever true


def read_rule(text: str) -> Rule:
    """Read an RRULE; raise BadRule where it is none, TooDense where it repeats more than hourly."""
    if len(text) > MAX_RULE:
        raise TooDense
    if RULE.fullmatch(text) is None:
        raise BadRule
    pairs = [part.split("=", 1) for part in text.upper().rstrip(";").split(";")]
    parts = {name: value.strip() for name, value in pairs}
    frequency = parts.get("FREQ", "")
    if frequency in ("SECONDLY", "MINUTELY"):
        raise TooDense
    if frequency not in STEP or len(parts) != len(pairs):
        raise BadRule
    hours, minutes, seconds = (len(_numbers(parts, name, 0, 59)) or 1 for name in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    per_day = (24 if frequency == "HOURLY" else hours) * minutes * seconds
    if per_day > MAX_PER_DAY:
        raise TooDense
    if "COUNT" in parts:
        _numbers(parts, "COUNT", 0, 10**9)
    return Rule(
        frequency=frequency,
        interval=next(iter(_numbers(parts, "INTERVAL", 1, 100_000)), 1),
        months=frozenset(_numbers(parts, "BYMONTH", 1, 12)),
        month_days=frozenset(_numbers(parts, "BYMONTHDAY", -31, 31)),
        year_days=frozenset(_numbers(parts, "BYYEARDAY", -366, 366)),
        weekdays=frozenset(_weekdays(parts.get("BYDAY"))),
        positions=frozenset(_numbers(parts, "BYSETPOS", -366, 366)),
        per_day=per_day,
        other="BYWEEKNO" in parts or "BYEASTER" in parts,
    )


def cost(rule: Rule, start: datetime, until: datetime) -> int:
    """Count the steps it takes to expand a rule from its start to the end of a window; raise TooDense where they are too many."""
    days = max((until - start).days, 0) if _comes_true(rule, start.date(), until.date()) else (date.max - start.date()).days
    # A turn costs as much as the days it looks at, or the hours; and each date found costs about one more.
    turns = days * 24 if rule.frequency == "HOURLY" else days
    steps = turns // rule.interval + (days * rule.per_day if rule.per_day > 1 and rule.frequency != "HOURLY" else 0)
    if steps > MAX_STEPS:
        raise TooDense
    return steps


def _comes_true(rule: Rule, start: date, after: date) -> bool:
    """Whether the rule surely gives a date soon after a day; False where that is not easily seen."""
    if rule.other or (rule.frequency == "HOURLY" and rule.interval > 24):
        return False
    if not (rule.months or rule.month_days or rule.year_days or rule.weekdays or rule.positions):
        return True
    if rule.frequency in ("DAILY", "HOURLY"):
        if rule.positions - {1, -1}:
            return False
        step = rule.interval if rule.frequency == "DAILY" else 1
        first = after + timedelta(days=step - (after - start).days % step)
        return any(_fits(rule, day) for turn in range(TURNS["DAILY"]) if (day := _later(first, turn * step)) is not None)
    wanted = rule.positions or {1}
    for days in _turns(rule, start, after):
        found = sum(_fits(rule, day) for day in days)
        if any(abs(position) <= found for position in wanted):
            return True
    return False


def _turns(rule: Rule, start: date, after: date) -> Iterator[list[date]]:
    """Yield the days of each week, month or year the rule looks at, from the first one behind a day."""
    count, step = TURNS[rule.frequency], rule.interval
    if rule.frequency == "WEEKLY":
        monday = start - timedelta(days=start.weekday())
        skipped = max((after - monday).days // (7 * step) + 1, 0)
        for turn in range(count):
            first = _later(monday, (skipped + turn) * 7 * step)
            if first is None or (last := _later(first, 6)) is None:
                return
            yield [first + timedelta(days=day) for day in range((last - first).days + 1)]
        return
    months = step * (12 if rule.frequency == "YEARLY" else 1)
    begun = start.year * 12 + (0 if rule.frequency == "YEARLY" else start.month - 1)
    now = after.year * 12 + after.month - 1
    skipped = max((now - begun) // months + 1, 0)
    for turn in range(count):
        year, month = divmod(begun + (skipped + turn) * months, 12)
        if year >= date.max.year:
            return
        rows = range(1, 13) if rule.frequency == "YEARLY" else (month + 1,)
        days = [date(year, row, day) for row in rows for day in range(1, calendar.monthrange(year, row)[1] + 1)]
        if not rule.weekdays and not rule.month_days and not rule.year_days:  # then the day of the start is meant
            days = [day for day in days if day.day == start.day]
        yield days


def _fits(rule: Rule, day: date) -> bool:
    """Whether a day passes the BY… parts of the rule."""
    length = calendar.monthrange(day.year, day.month)[1]
    of_year, year_length = day.timetuple().tm_yday, 366 if calendar.isleap(day.year) else 365
    if rule.months and day.month not in rule.months:
        return False
    if rule.month_days and not rule.month_days & {day.day, day.day - length - 1}:
        return False
    if rule.year_days and not rule.year_days & {of_year, of_year - year_length - 1}:
        return False
    if not rule.weekdays:
        return True
    if rule.frequency not in ("MONTHLY", "YEARLY"):
        return any(weekday == day.weekday() for weekday, _ in rule.weekdays)
    by_month = rule.frequency == "MONTHLY" or bool(rule.months)
    place, size = (day.day, length) if by_month else (of_year, year_length)
    counts = {0, (place - 1) // 7 + 1, -((size - place) // 7) - 1}
    return any(weekday == day.weekday() and number in counts for weekday, number in rule.weekdays)


def _later(day: date, days: int) -> date | None:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def _numbers(parts: dict[str, str], name: str, least: int, most: int) -> list[int]:
    if name not in parts:
        return []
    try:
        numbers = [int(number) for number in parts[name].split(",")]
    except ValueError as error:
        raise BadRule from error
    if not all(least <= number <= most for number in numbers):
        raise BadRule
    return numbers


def _weekdays(text: str | None) -> Iterator[tuple[int, int]]:
    for part in text.split(",") if text else ():
        found = DAY.fullmatch(part.strip())
        if found is None:
            raise BadRule
        yield WEEKDAYS.index(found[2]), int(found[1] or 0)
