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
from typing import TypeVar

MAX_STEPS = 200_000  # of one rule: hourly for 20 years, daily since 1601 (Outlook's first day); half a second at most
MAX_PER_DAY = 24  # at most hourly
MAX_RULE = 500  # characters
RULE = re.compile(r"[A-Za-z]{1,20}=[^=;]+(?:;[A-Za-z]{1,20}=[^=;]+)*;?")  # FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270331T215959Z
DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")  # TU, -1FR
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEIGHT = {"YEARLY": 0.2, "MONTHLY": 0.25, "WEEKLY": 0.4, "DAILY": 1, "HOURLY": 24}  # steps a day costs, measured 2026-11
PERIODS = {"YEARLY": 12, "MONTHLY": 48, "WEEKLY": 60}  # looked at behind the window
TURNS = 1_500  # days or hours looked at


Moment = TypeVar("Moment", date, datetime)


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
    hours: frozenset[int]
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
    if frequency not in WEIGHT or len(parts) != len(pairs):
        raise BadRule
    hours = frozenset(_numbers(parts, "BYHOUR", 0, 23))
    minutes, seconds = (len(_numbers(parts, name, 0, 59)) or 1 for name in ("BYMINUTE", "BYSECOND"))
    per_day = (24 if frequency == "HOURLY" else len(hours) or 1) * minutes * seconds
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
        hours=hours,
        per_day=per_day,
        other="BYWEEKNO" in parts or "BYEASTER" in parts,
    )


def cost(rule: Rule, start: datetime, until: datetime) -> int:
    """Count the steps it takes to expand a rule from its start to the end of a window; raise TooDense where they are too many."""
    days = max((until - start).days, 0) if comes_true(rule, start, until) else (date.max - start.date()).days
    found = days * rule.per_day if rule.per_day > 1 and rule.frequency != "HOURLY" else 0  # each date found costs one more
    steps = int(days * WEIGHT[rule.frequency]) // rule.interval + found
    if steps > MAX_STEPS:
        raise TooDense
    return steps


def comes_true(rule: Rule, start: datetime, after: datetime) -> bool:
    """Whether the rule surely gives a date soon after a moment; False where that is not easily seen."""
    if rule.other:
        return False
    filters = rule.months or rule.month_days or rule.year_days or rule.weekdays
    if rule.frequency in ("DAILY", "HOURLY"):
        if rule.positions - {1, -1}:
            return False
        hourly = rule.frequency == "HOURLY"
        if not filters and not (hourly and rule.hours):
            return True
        step = timedelta(hours=rule.interval) if hourly else timedelta(days=rule.interval)
        first = start + step * max((after - start) // step + 1, 0)
        turns = (at for turn in range(TURNS) if (at := _later(first, step * turn)) is not None)
        return any(_fits(rule, at) and (not hourly or not rule.hours or at.hour in rule.hours) for at in turns)
    if not filters and not rule.positions:
        return True
    wanted = rule.positions or {1}
    for days in _turns(rule, start.date(), after.date()):
        found = sum(_fits(rule, day) for day in days)
        if any(abs(position) <= found for position in wanted):
            return True
    return False


def _turns(rule: Rule, start: date, after: date) -> Iterator[list[date]]:
    """Yield the days of each week, month or year the rule looks at, from the first one behind a day."""
    count, step = PERIODS[rule.frequency], rule.interval
    alone = not rule.weekdays and not rule.month_days and not rule.year_days  # then the day of the start is meant
    if rule.frequency == "WEEKLY":
        monday = start - timedelta(days=start.weekday())
        skipped = max((after - monday).days // (7 * step) + 1, 0)
        for turn in range(count):
            first = _later(monday, timedelta(weeks=(skipped + turn) * step))
            if first is None or _later(first, timedelta(days=6)) is None:
                return
            days = [first + timedelta(days=day) for day in range(7)]
            yield [days[start.weekday()]] if alone else days
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
        if alone:
            any_month = rule.frequency == "MONTHLY" or rule.months
            days = [day for day in days if day.day == start.day and (any_month or day.month == start.month)]
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
    if rule.frequency not in ("MONTHLY", "YEARLY"):  # here dateutil does not look at the number
        return any(weekday == day.weekday() for weekday, _ in rule.weekdays)
    by_month = rule.frequency == "MONTHLY" or bool(rule.months)
    place, size = (day.day, length) if by_month else (of_year, year_length)
    counts = {0, (place - 1) // 7 + 1, -((size - place) // 7) - 1}
    # Where some have a number and some have none, dateutil wants both to be true.
    kinds = [{(weekday, number) for weekday, number in rule.weekdays if bool(number) == numbered} for numbered in (False, True)]
    return all(not kind or any(weekday == day.weekday() and number in counts for weekday, number in kind) for kind in kinds)


def _later(at: Moment, by: timedelta) -> Moment | None:
    try:
        return at + by
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
