"""Two offers of different partners come in; how sure we are that they are one and the same, and why, goes out.

Points are added up: title, place, time, contact, institution speak for it. What contradicts (another place, day, level, age, group
or number in a row) rules it out, whatever else agrees.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from schemas.titles import Likeness, Title, compare_titles

NEEDED = 6.0  # points that make two offers one
SAME_PLACE, NEAR_PLACE = 60.0, 130.0  # metres
LATE = 20  # minutes by which two beginnings may differ
TERM = 45  # days after which another beginning is another course


class Times(NamedTuple):
    """When an offer takes place: days of the week with the minute it begins, single days, and from when to when."""

    weekly: frozenset[tuple[int, int]]
    weekdays: frozenset[int]
    days: frozenset[str]
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Side:
    """What is compared of one offer."""

    offer: Mapping[str, Any]
    title: Title
    times: Times
    address: str
    point: tuple[float, float] | None
    organisation: str
    contacts: frozenset[str]
    links: frozenset[str]
    known: frozenset[str]


class Verdict(NamedTuple):
    """How sure (0 to 1) and why, in German; sure enough from 0.5 on."""

    confidence: float
    reason: str


NO = Verdict(0.0, "")


def compare_offers(a: Side, b: Side) -> Verdict:
    """Say whether two offers are the same one. The order of the two makes no difference."""
    place = _place(a, b)
    time = _time(a.times, b.times)
    if place == "other" or time == "other" or _contradict(a.offer, b.offer):
        return NO
    title = compare_titles(a.title, b.title, a.known | b.known)
    if title.conflict:
        return NO
    contact = bool(a.contacts & b.contacts)
    link = bool(a.links & b.links)
    organisation = bool(a.organisation) and a.organisation == b.organisation
    near = place in ("same", "near")
    if not (near or contact or link or organisation):
        return NO
    points, reasons = _title(title), [_SAID[_title_word(title)]]
    for true, worth, reason in (
        (place == "same", 2.0, "gleiche Adresse"),
        (place == "near", 1.0, "fast gleicher Ort"),
        (time == "same", 2.5, "gleiche Zeit"),
        (time == "day", 1.0, "gleicher Tag"),
        (contact, 2.0, "gleicher Kontakt"),
        (link, 3.0, "gleiche Internetseite"),
        (organisation, 2.0, "gleiche Einrichtung"),
    ):
        if true:
            points += worth
            reasons.append(reason)
    if a.offer["offer_type"] and b.offer["offer_type"] and a.offer["offer_type"] != b.offer["offer_type"]:
        points -= 0.5
    if bool(a.times.weekdays) != bool(b.times.weekdays):
        points -= 0.5
    return Verdict(round(1 / (1 + math.exp(NEEDED - 0.001 - points)), 2), ", ".join(word for word in reasons if word))


_SAID = {"same": "gleicher Titel", "like": "ähnlicher Titel", "": ""}


def _title_word(title: Likeness) -> str:
    if title.least > 0.999 and not title.lone:
        return "same"
    return "like" if title.most >= 0.6 else ""


def _title(title: Likeness) -> float:
    """Points for the titles: much for words that say something, little for general ones, less for what only one of them says."""
    if title.both_more:
        points = 1.0 if title.least >= 0.6 else -1.5 if title.most >= 0.5 else -3.0
    elif title.most < 0.5:
        points = -3.0
    else:
        points = (
            2.0
            + 2.0 * title.most
            + (1.0 if title.least > 0.999 else 0.5 if title.least >= 0.75 else -1.0 if title.least < 0.34 else 0.0)
        )
        if title.weight < 0.9:  # general words alone: Deutschkurs, Beratung
            points -= 1.5
    return points - 0.5 * min(title.lone, 3) - 3.0 * title.forms - 2.0 * (title.swap and not title.both_more)


def _place(a: Side, b: Side) -> str:
    if a.address and a.address == b.address:
        return "same"
    if a.point and b.point:
        metres = distance(a.point, b.point)
        if metres > NEAR_PLACE:
            return "other"
        return "same" if metres <= SAME_PLACE and not (a.address and b.address) else "near"
    if a.address and b.address:
        return "other"
    modes = {a.offer["attendance_mode"], b.offer["attendance_mode"]}
    return "other" if modes == {"online", "onsite"} else "unknown"


def distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between two points (latitude, longitude) of one city."""
    return 111_320 * math.hypot(a[0] - b[0], (a[1] - b[1]) * math.cos(math.radians((a[0] + b[0]) / 2)))


def _time(a: Times, b: Times) -> str:
    if not (a.weekdays and b.weekdays):
        return _terms(a, b)
    days = a.weekdays & b.weekdays
    if not days:
        return "other"
    if a.days and b.days and not a.days & b.days:
        return "other"
    if a.weekly and b.weekly:
        close = any(one == other and abs(x - y) <= LATE for one, x in a.weekly for other, y in b.weekly)
        if not close:
            return "other"
        return "same" if _terms(a, b) != "other" else "other"
    return "day" if _terms(a, b) != "other" else "other"


def _terms(a: Times, b: Times) -> str:
    """Whether two periods can be one: they meet, and do not begin in different terms."""
    if (a.first and b.last and a.first > b.last) or (b.first and a.last and b.first > a.last):
        return "other"
    if a.first and b.first and a.last and b.last:
        apart = abs((date.fromisoformat(a.first) - date.fromisoformat(b.first)).days)
        return "other" if apart > TERM and not a.days & b.days else "unknown"
    return "unknown"


def _contradict(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Whether level, language, age or sex of the two exclude each other."""
    if a["taught_language"] and b["taught_language"] and a["taught_language"] != b["taught_language"]:
        return True
    levels_a, levels_b = _levels(a), _levels(b)
    if levels_a and levels_b and (levels_a[0] > levels_b[1] or levels_b[0] > levels_a[1]):
        return True
    genders = {_sex(a["gender"]), _sex(b["gender"])}
    if genders == {"f", "m"}:
        return True
    low, high = max(a["age_min"] or 0, b["age_min"] or 0), min(a["age_max"] or 120, b["age_max"] or 120)
    spans = [(side["age_max"] or 120) - (side["age_min"] or 0) + 1 for side in (a, b)]
    said = all(side["age_min"] is not None or side["age_max"] is not None for side in (a, b))
    return said and high - low + 1 < 0.5 * min(spans)


def _levels(offer: Mapping[str, Any]) -> tuple[str, str] | None:
    low, high = offer["cefr_from"] or offer["cefr_to"], offer["cefr_to"] or offer["cefr_from"]
    if not low or not high:
        return None
    return low, high if "." in high else high + ".9"  # A2 takes in A2.1 and A2.2


def _sex(gender: str | None) -> str:
    return {"women": "f", "girls": "f", "men": "m", "boys": "m"}.get(gender or "", "")
