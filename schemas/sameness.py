"""Two offers of different partners come in; how sure we are that they are one and the same, and why, goes out.

Points are added up: title, place, time, contact, institution speak for it. What contradicts (another place, day, level, age, group
or number in a row) rules it out, whatever else agrees.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from schemas.titles import Likeness, Title, compare_titles

NEEDED = 6.0  # points that make two offers one


class Times(NamedTuple):
    """When an offer takes place, as far as its sessions say: days of the week with the minute it begins, and single days."""

    weekly: frozenset[tuple[int, int]]
    weekdays: frozenset[int]
    days: frozenset[str]


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two offers and what their traits say of the pair: `place` is same, near or unknown, `time` same, day or unknown.

    `contact`, `link`, `organisation`: they have one in common. They are of two `kinds`, of one of them alone it is said
    when it is (`dated`). `online`: how it is held; `placed`: whether it is known where.
    """

    titles: tuple[Title, Title]
    known: frozenset[str]
    place: str
    time: str
    contact: bool
    link: bool
    organisation: bool
    kinds: bool
    dated: bool
    online: tuple[bool, bool]
    placed: tuple[bool, bool]


class Verdict(NamedTuple):
    """How sure (0 to 1) and why, in German; sure enough from 0.5 on."""

    confidence: float
    reason: str


NO = Verdict(0.0, "")
TWINS = Verdict(1.0, "gleiche Herkunft")
SAID = {"same": "gleicher Titel", "like": "ähnlicher Titel", "": ""}


def judge(pair: Meeting) -> Verdict:
    """Say whether two offers are the same one. The order of the two makes no difference."""
    if not (pair.place or pair.contact or pair.link or pair.organisation):
        return NO
    title = compare_titles(*pair.titles, pair.known)
    if title.conflict or _elsewhere(pair):
        return NO
    points, reasons = _title(title), [SAID[_title_word(title)]]
    if pair.time != "same" and not pair.link:  # then nothing but the title tells courses of one house apart
        points -= 1.0 * title.lone + 1.5 * title.strict + 2.0 * title.both_more
    for true, worth, reason in (
        (pair.place == "same", 2.0, "gleiche Adresse"),
        (pair.place == "near", 1.0, "fast gleicher Ort"),
        (pair.time == "same", 2.5, "gleiche Zeit"),
        (pair.time == "day", 1.0, "gleicher Tag"),
        (pair.contact, 2.0, "gleicher Kontakt"),
        (pair.link, 3.0, "gleiche Internetseite"),
        (pair.organisation, 2.0, "gleiche Einrichtung"),
    ):
        if true:
            points += worth
            reasons.append(reason)
    points -= 0.5 * pair.kinds + 0.5 * pair.dated
    return Verdict(round(1 / (1 + math.exp(NEEDED - 0.001 - points)), 2), ", ".join(word for word in reasons if word))


def _elsewhere(pair: Meeting) -> bool:
    """Whether one is held online and the other at a place."""
    online = [is_online or "mode" in title.said for is_online, title in zip(pair.online, pair.titles, strict=True)]
    return online[0] != online[1] and pair.place == "" and pair.placed[online.index(False)]


def _title_word(title: Likeness) -> str:
    if title.least > 0.999 and not title.lone:
        return "same"
    return "like" if title.most >= 0.6 else ""


def _title(title: Likeness) -> float:
    """Points for the titles: much for words that say something, little for general ones, less for what only one of them says."""
    if title.both_more:
        points = -1.0 if title.least >= 0.6 else -1.5 if title.most >= 0.5 else -3.0
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
    return (
        points - 0.5 * min(title.lone, 3) - 2.0 * title.crossed - 3.0 * title.forms - 3.0 * (title.swap and not title.both_more)
    )


def compare_times(a: Times, b: Times, late: int) -> str:
    """Whether two offers begin at the same time, on the same day only, at another one, or it is not known of one of them."""
    if not (a.weekdays and b.weekdays):
        return ""
    if not a.weekdays & b.weekdays or (a.days and b.days and not a.days & b.days):
        return "other"
    if a.weekly and b.weekly:
        return "same" if any(one == other and abs(x - y) <= late for one, x in a.weekly for other, y in b.weekly) else "other"
    return "day"
