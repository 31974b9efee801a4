"""A repetition rule and its first day come in; the days on which it falls go out, up to a last day. RFC 5545, section 3.3.10.

Rules by the hour, by week number or by day of the year are no rules for an offer: for them there is no answer (None). A rule that
can never come true ends at the last day like any other: periods are walked, never searched for ever.
"""

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
KNOWN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}
PERIODS = 20_000  # days since 1970, and more weeks than anybody repeats a course


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, read. `weekdays` are (which one in the month or year or 0, weekday)."""

    frequency: str
    interval: int
    count: int | None
    weekdays: tuple[tuple[int, int], ...]
    monthdays: tuple[int, ...]
    months: tuple[int, ...]
    positions: tuple[int, ...]
    first_weekday: int


def read_rule(text: str) -> Rule | None:
    """Read a rule; None where it is none, or one of a kind no offer repeats by. `UNTIL` is the caller's."""
    parts = dict(part.split("=", 1) for part in text.upper().removeprefix("RRULE:").split(";") if "=" in part)
    if parts.get("FREQ") not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY") or not set(parts) <= KNOWN:
        return None
    try:
        weekdays = tuple((int(day[:-2] or 0), WEEKDAYS.index(day[-2:])) for day in _items(parts, "BYDAY"))
        return Rule(
            frequency=parts["FREQ"],
            interval=max(int(parts.get("INTERVAL", 1)), 1),
            count=int(parts["COUNT"]) if "COUNT" in parts else None,
            weekdays=weekdays,
            monthdays=tuple(map(int, _items(parts, "BYMONTHDAY"))),
            months=tuple(map(int, _items(parts, "BYMONTH"))),
            positions=tuple(map(int, _items(parts, "BYSETPOS"))),
            first_weekday=WEEKDAYS.index(parts.get("WKST", "MO")),
        )
    except ValueError:
        return None


def _items(parts: Mapping[str, str], name: str) -> list[str]:
    return [item.strip() for item in parts.get(name, "").split(",") if item.strip()]


def days(rule: Rule, start: date, last: date) -> Iterator[date]:
    """Yield the days of a rule from `start` to `last`, in order."""
    found = 0
    for period in islice(_periods(rule, start, last), PERIODS):
        for day in _chosen(rule, sorted(set(period))):
            if day > last or (rule.count is not None and found >= rule.count):
                return
            if day >= start:
                found += 1
                yield day


def _chosen(rule: Rule, period: list[date]) -> list[date]:
    """Take the asked positions of a period's days, all of them where none is asked for."""
    if not rule.positions:
        return period
    picked = {
        period[position - 1 if position > 0 else position]
        for position in rule.positions
        if position and -len(period) <= position <= len(period)
    }
    return sorted(picked)


def _periods(rule: Rule, start: date, last: date) -> Iterator[list[date]]:
    """Yield the candidates of each day, week, month or year that counts."""
    if rule.frequency == "DAILY":
        for number in range(0, (last - start).days + 1, rule.interval):
            day = start + timedelta(days=number)
            yield [day] if _fits(rule, day) else []
    elif rule.frequency == "WEEKLY":
        wanted = {weekday for _, weekday in rule.weekdays} or {start.weekday()}
        monday = start - timedelta(days=(start.weekday() - rule.first_weekday) % 7)
        for number in range(0, (last - monday).days + 1, 7 * rule.interval):
            week = [monday + timedelta(days=number + day) for day in range(7)]
            yield [day for day in week if day.weekday() in wanted and (not rule.months or day.month in rule.months)]
    elif rule.frequency == "MONTHLY":
        for number in range(start.year * 12 + start.month - 1, last.year * 12 + last.month, rule.interval):
            yield _of_month(rule, number // 12, number % 12 + 1, start)
    else:
        for year in range(start.year, last.year + 1, rule.interval):
            yield _of_year(rule, year, start)


def _fits(rule: Rule, day: date) -> bool:
    return (
        (not rule.months or day.month in rule.months)
        and _numbered(rule, day)
        and (not rule.weekdays or any(weekday == day.weekday() for _, weekday in rule.weekdays))
    )


def _numbered(rule: Rule, day: date) -> bool:
    """Say whether a day's number in its month is asked for, counted from either end."""
    behind = day.day - calendar.monthrange(day.year, day.month)[1] - 1
    return not rule.monthdays or day.day in rule.monthdays or behind in rule.monthdays


def _of_month(rule: Rule, year: int, month: int, start: date) -> list[date]:
    """Give the days of a month: by number, by weekday, by both, else the day of the first time."""
    if rule.months and month not in rule.months:
        return []
    length = calendar.monthrange(year, month)[1]
    whole = [date(year, month, day) for day in range(1, length + 1)]
    if not rule.monthdays and not rule.weekdays:
        return whole[start.day - 1 : start.day]
    return [day for day in whole if _numbered(rule, day) and (not rule.weekdays or _is_weekday(rule, day, whole))]


def _of_year(rule: Rule, year: int, start: date) -> list[date]:
    """Give the days of a year: in the asked months as in a month, by weekday of the year, else the day of the first time."""
    if rule.months or (rule.monthdays and not rule.weekdays):
        return [day for month in sorted(rule.months or range(1, 13)) for day in _of_month(rule, year, month, start)]
    if rule.weekdays:
        whole = [date(year, 1, 1) + timedelta(days=day) for day in range(366 if calendar.isleap(year) else 365)]
        return [day for day in whole if _is_weekday(rule, day, whole) and _numbered(rule, day)]
    return [start.replace(year=year)] if (start.month, start.day) != (2, 29) or calendar.isleap(year) else []


def _is_weekday(rule: Rule, day: date, whole: list[date]) -> bool:
    """Say whether a day is an asked weekday: every one, or the n-th from either end of its month or year."""
    before = (day - whole[0]).days // 7 + 1
    behind = -((whole[-1] - day).days // 7 + 1)
    return any(weekday == day.weekday() and which in (0, before, behind) for which, weekday in rule.weekdays)
