"""Columns of an offer come in; short words a reader understands at a glance go out, in the reader's language.

What is unknown gives no words: nothing is guessed, and nobody reads "unbekannt" on a card.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from itertools import groupby
from typing import Any

from landkarte.web.i18n import Tongue
from landkarte.web.index import Index
from landkarte.web.occurrences import WEEKDAYS, Occurrence, to_date, to_local

Row = Mapping[str, Any]


def cost(tongue: Tongue, offer: Row) -> str:
    """Say what it costs: kostenlos, 15 €, Pfand 20 €."""
    _ = tongue.gettext
    amount = tongue.money(offer["cost_amount"], offer["cost_currency"]) if offer["cost_amount"] is not None else ""
    match offer["cost_type"]:
        case "free":
            return _("Kostenlos")
        case "paid":
            return amount or _("Kostet etwas")
        case "subsidised":
            return _("Gefördert, %(amount)s") % {"amount": amount} if amount else _("Gefördert")
        case "deposit":
            return _("Pfand %(amount)s") % {"amount": amount} if amount else _("Mit Pfand")
    return amount


def ages(tongue: Tongue, offer: Row) -> str:
    """Say for which ages: 6–10 Jahre, ab 16 Jahren."""
    low, high = offer["age_min"], offer["age_max"]
    if low is not None and high is not None:
        if low == high:
            return tongue.ngettext("%(n)s Jahr", "%(n)s Jahre", low) % {"n": low}
        return whole(tongue.ngettext("%(low)s–%(high)s Jahr", "%(low)s–%(high)s Jahre", high) % {"low": low, "high": high})
    if low:
        return tongue.ngettext("ab %(n)s Jahr", "ab %(n)s Jahren", low) % {"n": low}
    if high is not None:
        return tongue.ngettext("bis %(n)s Jahr", "bis %(n)s Jahre", high) % {"n": high}
    return ""


def level(tongue: Tongue, offer: Row) -> str:
    """Say the level of a language course: A1 bis B1."""
    low, high = offer["cefr_from"], offer["cefr_to"]
    if low and high and low != high:
        return tongue.gettext("%(low)s bis %(high)s") % {"low": low, "high": high}
    return low or high or ""


def area(tongue: Tongue, index: Index, row: int) -> str:
    """Say in a word where an offer is: its subdistrict or district, or why it has no place on the map."""
    _ = tongue.gettext
    kind = index.places.kind_of[row]
    if kind == "protected":
        return _("Adresse auf Anfrage")
    if kind == "online":
        return _("online")
    if kind == "outreach":
        return _("kommt zu Ihnen")
    place = index.locations.get(index.places.location_of[row] or "")
    name = area_name(index, place)
    if kind == "pin":
        return tongue.apart(name or (place["city"] if place and place["city"] else ""))
    return _("%(area)s, ohne genauen Ort") % {"area": tongue.apart(name)} if name else _("ohne genauen Ort")


def area_name(index: Index, place: Row | None) -> str:
    """Give the name of the subdistrict, else of the district a location lies in."""
    if not place:
        return ""
    if place["subdistrict_code"] in index.subdistricts:
        return index.subdistricts[place["subdistrict_code"]][0]
    return index.districts.get(place["district_code"] or "", "")


def span(tongue: Tongue, start: time | None, end: time | None) -> str:
    """Say from when to when: 16–18 Uhr."""
    if start is None:
        return ""
    if end is None or end == start:
        return whole(tongue.gettext("%(start)s Uhr") % {"start": tongue.hour(start)})
    return whole(tongue.gettext("%(start)s–%(end)s Uhr") % {"start": tongue.hour(start), "end": tongue.hour(end)})


def whole(text: str) -> str:
    """Keep a span from being broken at the end of a line."""
    return text.replace("–", "–\u2060").replace(" ", "\u00a0")


def occurrence(tongue: Tongue, one: Occurrence, *, full: bool = False, today: date | None = None) -> str:
    """Say one date: Fr., 27. Nov., 16–18 Uhr; with its year where that is another one."""
    begin = one.start.date()
    written = tongue.full_day(begin) if full else tongue.day(begin)
    if today and begin.year != today.year and not full:
        written = tongue.day_year(begin)
    hours = "" if one.all_day else span(tongue, one.start.time(), one.end.time() if one.end and one.end.date() == begin else None)
    if one.end and one.end.date() > begin and not (one.all_day and (one.end - one.start).days <= 1):
        return tongue.gettext("%(first)s bis %(last)s") % {"first": written, "last": tongue.day(one.end.date())}
    return tongue.gettext("%(day)s, %(hours)s") % {"day": written, "hours": hours} if hours else written


def weekly(tongue: Tongue, sessions: Iterable[Row], zone: Any) -> list[str]:
    """Say the weekly rhythm of sessions: Mo und Mi 9–11:30 Uhr; one text for each span of hours. Empty where there is none."""
    found: list[tuple[time, time | None, int]] = []
    for session in sessions:
        if session["weekday"] in WEEKDAYS and not session["start"] and not session["rrule"]:
            start, end = _time(session["start_time"]), _time(session["end_time"])
            if start:
                found.append((start, end, WEEKDAYS.index(session["weekday"])))
        elif session["rrule"] and "FREQ=WEEKLY" in session["rrule"] and "INTERVAL" not in session["rrule"]:
            begin, finish = to_local(session["start"], zone), to_local(session["end"], zone)
            if begin:
                days = [day for day in _by_day(session["rrule"]) if day in WEEKDAYS] or [WEEKDAYS[begin.weekday()]]
                found += [(begin.time(), finish.time() if finish else None, WEEKDAYS.index(day)) for day in days]
    return _rhythm(tongue, found)


def period(tongue: Tongue, offer: Row, today: date) -> str:
    """Say the first and the last day of an offer that is not over: 1. Sept. 2027 bis 30. Nov. 2027."""
    first, last = to_date(offer["start_date"]), to_date(offer["end_date"])
    if first is None or last is None or last <= first or last < today:
        return ""
    return tongue.gettext("%(first)s bis %(last)s") % {"first": tongue.day_year(first), "last": tongue.day_year(last)}


def unfollowed(sessions: Iterable[Row]) -> list[str]:
    """Give the partner's words for a rhythm whose dates nobody can tell: every second week, but of which no first day is known."""
    rules = (one for one in sessions if one["rrule"] and "INTERVAL" in one["rrule"] and not one["start"])
    return [*dict.fromkeys(one["note"] for one in rules if one["note"])]


def series(tongue: Tongue, dates: Sequence[Occurrence]) -> list[str]:
    """Say the rhythm of single dates, where it is one: the same hours on each weekday, each at least twice."""
    times = [(one.start.time(), one.end.time() if one.end else None, one.start.weekday()) for one in dates if not one.all_day]
    kinds = set(times)
    if (
        len(times) < len(dates)
        or len({day for *_, day in kinds}) < len(kinds)
        or not kinds
        or any(times.count(kind) < 2 for kind in kinds)
    ):
        return []
    return _rhythm(tongue, sorted(kinds, key=lambda kind: kind[2]))


def _rhythm(tongue: Tongue, times: Iterable[tuple[time, time | None, int]]) -> list[str]:
    def hours(item: tuple[time, time | None, int]) -> tuple[time, time]:
        return item[0], item[1] or item[0]

    texts: list[tuple[int, str]] = []
    for _, group in groupby(sorted(set(times), key=lambda item: (hours(item), item[2])), key=hours):
        items = list(group)
        texts.append((items[0][2], f"{_weekdays(tongue, [day for *_, day in items])} {span(tongue, items[0][0], items[0][1])}"))
    return [text for _, text in sorted(texts)]


def _weekdays(tongue: Tongue, days: Sequence[int]) -> str:
    """Name weekdays: Mo und Mi; three or more in a row as Mo–Fr."""
    names = [tongue.weekday(WEEKDAYS[day]) for day in days]
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{names[0]}–{names[-1]}"
    return tongue.several(names)


def _by_day(rule: str) -> list[str]:
    parts = dict(part.split("=", 1) for part in rule.split(";") if "=" in part)
    return [day[-2:].lower() for day in parts.get("BYDAY", "").split(",") if day]


def _time(text: str | None) -> time | None:
    try:
        return time.fromisoformat(text or "")
    except ValueError:
        return None


def address(place: Row) -> list[str]:
    """Give the lines of an address; nothing but the town for a protected one."""
    if place["address_protected"]:
        return []
    street = " ".join(text for text in (place["street"], place["house_number"]) if text)
    town = " ".join(text for text in (place["postal_code"], place["city"]) if text)
    return [line for line in (street, town) if line]


def day(tongue: Tongue, text: str | None) -> str:
    """Write a date or the date of a date-time, with its year."""
    found = to_date(text)
    return tongue.day_year(found) if found else ""


def phone(number: str | None) -> str:
    """Write an E.164 number so that it can be read: +49 203 5551234."""
    import phonenumbers

    try:
        return phonenumbers.format_number(phonenumbers.parse(number or ""), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return number or ""


def moment(tongue: Tongue, value: datetime) -> str:
    """Write a date with its hour: 23. Nov. 2026, 4:30 Uhr."""
    hours = span(tongue, value.time(), None)
    return tongue.gettext("%(day)s, %(hours)s") % {"day": tongue.day_year(value.date()), "hours": hours}


def opening_hours(tongue: Tongue, text: str | None) -> list[str]:
    """Write simple opening hours (OSM syntax, `Mo-Fr 09:00-17:00; Sa 10:00-12:00`) line by line; others as they are."""
    if not text:
        return []
    lines = []
    for rule in text.split(";"):
        written = rule.strip()
        for number, code in enumerate(("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")):
            written = written.replace(code, f"\0{number}")
        for number, code in enumerate(WEEKDAYS):
            written = written.replace(f"\0{number}", tongue.weekday(code))
        lines.append(written.replace("-", "–").replace(",", ", ").replace("off", tongue.gettext("geschlossen")))
    return lines
