"""The fields of a guess that speak of days and times come in; they are told apart by their values and arranged into dates and sessions.

`Beginn` is a day with one partner, an instant with the next, a time with the third; only the values tell.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemas.convert import chain
from schemas.converters.answer import Doubt, Setting
from schemas.converters.text import lines
from schemas.converters.whens import read_whens
from schemas.guessed import LOOKED_AT, Claim, Guess, Guessed, fit, means
from schemas.guessing import Guessing
from schemas.headings import EXACT
from schemas.source import Converter
from schemas.survey import Field
from schemas.targets import to_last_step

ENOUGH = 0.6
SOME = 0.4  # where the heading leaves no doubt: half of the days is more than none, and of each other value we tell
ROLES = ("start", "end", "day", "time", "end time", "weekday", "period")
UNDATED = ("time", "end time", "weekday")
TIMED = frozenset({"start", "start_time", "time"})
DAYS, CLOCK = ("datetime", "day", "period"), ("time", "span")
FORMS = ("DD/MM/YYYY", "MM/DD/YYYY", "DD-MM-YYYY", "MM-DD-YYYY", "YYYYMMDD")
RANK = {"datetime": 0, "day": 1, "time": 2, "span": 3, "weekday": 4, "period": 5, "when": 6}
LONGEST_EXAMPLE = 60
SECONDS = range(315_532_800, 4_133_980_800)  # 1980 to 2100


@dataclass(frozen=True, slots=True)
class Moments:
    """A field that speaks of time: what its values are, and the converter that reads them."""

    claim: Claim
    shape: str
    as_: Any
    share: float
    ambiguous: bool = False


Inner = Callable[[Sequence[Mapping[str, Any]], Setting], Guess]  # guesses the entries of a list by themselves


def arrange(guessing: Guessing, inner: Inner) -> None:
    """Put the fields that speak of time into the map and the sessions of a guess."""
    seen = {name: _seen(guessing, f"<{name}>") for name in ROLES}
    when = _best([one for name in ROLES for one in seen[name]], ("when",))
    seen = {name: [one for one in found if one.shape != "when"] for name, found in seen.items()}
    start, end = (_best(seen[name], DAYS) for name in ("start", "end"))
    day, weekday, period = (_best(seen[name]) for name in ("day", "weekday", "period"))
    weekday = weekday or _best(seen["day"], ("weekday",))  # "Termin" over two columns: Montag, 10 Uhr
    time = _best([*seen["time"], *seen["start"], *seen["day"]], CLOCK) or _best(seen["time"])
    end_time = _best([*seen["end time"], *seen["end"]], CLOCK)
    if weekday and weekday.shape in DAYS and not day:  # "Tag": 01.12.2026
        day, weekday = weekday, None
    if day and day.shape == "day" and not (start or time or when) and (timed := _partly_timed(day, guessing.setting)):
        day, when = None, timed
    if day and day.shape == "datetime" and not start:
        start, day = day, None
    if day and day.shape == "period" and not period:
        period, day = day, None
    if start and start.shape == "period" and not period:
        period, start = start, None
    if time and time.shape == "weekday" and not weekday:
        weekday, time = time, None
    sessions: list[tuple[str, Moments]] = []
    beside: list[Field] = []  # fields that are read together with `when`
    # "Dienstag", "01.12.2026" and "10–12 Uhr" are one day
    if weekday and weekday.shape == "weekday" and day and day.shape == "day" and not start:
        if time and time.shape in CLOCK and end_time is None and day.as_ is None:
            when = replace(weekday, shape="when")
            beside = [day.claim.field, time.claim.field]
        weekday = None
    if start and start.shape == "datetime":
        sessions.append(("start", start))
        if end and end.shape == "datetime":
            sessions.append(("end", end))
    elif weekday and weekday.shape == "weekday" and (time or not when):
        sessions += [("weekday", weekday), *_times(time, end_time, guessing.setting)]
    elif not beside and (begin := day or start) and begin.shape == "day" and time and time.shape in ("time", "span"):
        sessions += [("date", begin), *_times(time, end_time, guessing.setting)]
    elif when:
        sessions.append(("when", when))
        # "1. Samstag im Monat" and "10–12 Uhr"
        if not beside and time and time.shape in CLOCK and end_time is None and _has_no_times(when.claim.field):
            beside = [time.claim.field]
    for target, one in (("start_date", start), ("end_date", end)):
        if one and one.shape == "day":
            _put(guessing, target, one)
    if period and period.shape == "period" and not start:
        _put(guessing, "period", period)
    dated = len(beside) > 1 or any(target == "date" for target, _ in sessions)
    if day and day.shape == "day" and not start and not dated:
        guessing.put("period", day.claim)
    _write(guessing, sessions, beside)
    if not sessions:
        _lists(guessing, inner)
    _room(guessing)
    _leave_rest(guessing)
    if not guessing.guess.each:
        _ask(guessing)


def _put(guessing: Guessing, target: str, one: Moments) -> None:
    as_ = () if target == "period" else (_named(one, "date"),)
    guessing.put(target, _judged(one), as_=as_)
    if one.ambiguous:
        path, example = one.claim.field.path, next(iter(one.claim.field.texts), "")
        guessing.guess.decide.append(f"{target}: In ‚{path}‘ kann ‚{example}‘ zwei Tage bedeuten. Bitte die Form bei as prüfen.")


def _write(guessing: Guessing, sessions: Sequence[tuple[str, Moments]], beside: Sequence[Field]) -> None:
    for target, one in sessions:
        as_: tuple[Any, ...] = ()
        if target in ("start", "end"):
            as_ = (_named(one, "datetime"),)
        elif target == "date":
            as_ = (_named(one, "date"),)
        own = one.claim.field
        guessing.taken.add(own.path)
        example = next(iter(own.texts), "")
        line = Guessed(target, (own.path,), as_, None, one.claim.why, one.share, example)
        if target == "when" and beside:
            guessing.taken.update(other.path for other in beside)
            line = replace(line, from_=(own.path, *(other.path for other in beside)), join=" ", share=None)
        guessing.guess.sessions.append(line)


def _has_no_times(one: Field) -> bool:
    """Say whether a field tells days alone."""
    found = [said for text in one.texts[:LOOKED_AT] for said in read_whens(lines(text)) or ()]
    return all(said["start_time"] is None for said in found)


def _times(time: Moments | None, end_time: Moments | None, setting: Setting) -> list[tuple[str, Moments]]:
    if time is None:
        return []
    if time.shape == "span":
        return [("time", time)]
    if end_time is None:  # "19.30 Uhr" here, "11-17 Uhr" there: what reads spans reads a time alone, too
        spans = fit("session.time", (), time.claim.field.values, setting)
        if spans > time.share:
            return [("time", replace(time, shape="span", share=spans))]
    return [("start_time", time), *([("end_time", end_time)] if end_time and end_time.shape == "time" else [])]


def _lists(guessing: Guessing, inner: Inner) -> None:
    """A list of groups that speaks of dates holds the sessions: each of its entries is one."""
    for path, items in guessing.survey.lists.items():
        if not any(means(Field(name, name, (name,)), "<sessions>") for name in path.split(".")[-2:]):
            continue
        found = inner(items, guessing.setting)
        if not found.sessions and (starts := [one for one in found.map if one.target in ("start_date", "period")]):
            found.sessions.append(
                Guessed("start", starts[0].from_, ("date",), None, starts[0].why, starts[0].share, starts[0].example)
            )
        if found.sessions:
            named = [one for one in found.map if one.target.startswith("session.")]
            found.sessions += [replace(one, target=one.target.removeprefix("session.")) for one in named]
            guessing.guess.each, guessing.guess.sessions = path, found.sessions
            return


def _room(guessing: Guessing) -> None:
    """A room is a room of a session."""
    rooms = [one for one in guessing.guess.map if one.target.startswith("session.")]
    for one in rooms:
        if not guessing.guess.sessions or guessing.guess.each:
            guessing.guess.map.remove(one)
            for path in one.from_:
                guessing.taken.discard(path)
                guessing.reasons[path] = "eine Angabe zu einem Termin, aber kein Termin"


def _leave_rest(guessing: Guessing) -> None:
    for role, claims in guessing.roles.items():
        for claim in claims:
            path = claim.field.path
            if path not in guessing.taken and role.strip("<>") in ROLES:
                guessing.reasons.setdefault(path, "Zeitangabe, die nicht gebraucht wird oder nicht lesbar ist")


def _ask(guessing: Guessing) -> None:
    """Where no session has a time, ask about each field that by its heading speaks of time and is not read."""
    fields, guess = guessing.survey.fields, guessing.guess
    for one in guess.sessions:
        if one.target in TIMED or (one.target == "when" and (one.join is not None or not _has_no_times(fields[one.from_[0]]))):
            return
    roles = ROLES if not guess.targets() & {"start_date", "period"} else UNDATED
    claims = [claim for role in roles for claim in guessing.roles.get(f"<{role}>", [])]
    for claim in claims:
        own = claim.field
        if claim.score >= EXACT and own.filled and own.path not in guessing.taken:
            example = " ".join(next(iter(own.texts), "").split())[:LONGEST_EXAMPLE]
            guess.decide.append(
                f"‚{own.path}‘ sagt wohl, wann etwas ist, wird aber nicht gelesen (zum Beispiel „{example}“)."
                " Ohne das fehlen Tage oder Uhrzeiten: bitte zuordnen oder beim Partner nachfragen."
            )


def _seen(guessing: Guessing, role: str) -> list[Moments]:
    return [one for claim in guessing.roles.get(role, []) if (one := _look(claim, guessing.setting)) is not None]


def _best(seen: Sequence[Moments], shapes: Sequence[str] = tuple(RANK)) -> Moments | None:
    fitting = [one for one in seen if one.shape in shapes]
    return min(fitting, key=lambda one: (RANK[one.shape], -one.claim.score, -one.claim.field.filled)) if fitting else None


def _look(claim: Claim, setting: Setting) -> Moments | None:
    """Tell what the values of a field are; None where they are nothing of time."""
    values = claim.field.values
    if not values:
        return None
    numbers = [text for text in claim.field.texts[:50] if text.isdigit()]
    if numbers and len(numbers) == len(claim.field.texts[:50]):
        for name, unit in (("epoch_s", 1), ("epoch_ms", 1000)):
            if all(int(text) // unit in SECONDS for text in numbers):
                return Moments(claim, "datetime", name, 1.0)
    best = fit("start_date", ("date",), values, setting)
    if best >= ENOUGH:
        timed = sum(_has_time(value, setting) for value in claim.field.texts[:50]) >= 0.5 * len(claim.field.texts[:50])
        return Moments(claim, "datetime" if timed else "day", None, best)
    whole = fit("session.when", (), values, setting)
    for shape, target in (("time", "session.start_time"), ("span", "session.time"), ("weekday", "session.weekday")):
        share = fit(target, (), values, setting)
        if share >= ENOUGH and share >= whole and not _all_numbers(claim.field):
            return Moments(claim, shape, None, share)
    shares = {form: fit("start_date", ({"date": form},), values, setting) for form in FORMS}
    form = max(shares, key=lambda name: shares[name])
    if shares[form] >= ENOUGH:
        twin = {"DD/MM/YYYY": "MM/DD/YYYY", "DD-MM-YYYY": "MM-DD-YYYY"}.get(form)
        return Moments(claim, "day", form, shares[form], bool(twin) and shares.get(twin or "") == shares[form])
    share = fit("period", (), values, setting)
    if share >= ENOUGH and share >= whole:
        return Moments(claim, "period", None, share)
    if whole >= (SOME if claim.score >= EXACT and whole > best else ENOUGH):
        return Moments(claim, "when", None, whole)
    return Moments(claim, "day", None, best) if claim.score >= EXACT and best >= SOME else None


def _has_time(text: str, setting: Setting) -> bool:
    answer = chain((Converter(name="datetime"),), to_last_step("session.start", setting), setting)(text)
    answer = answer.value if isinstance(answer, Doubt) else answer
    return isinstance(answer, str) and "T" in answer and "T00:00:00" not in answer


def _partly_timed(one: Moments, setting: Setting) -> Moments | None:
    """Read days of which some have a time as `when`: a day alone would drop it without a word."""
    share = fit("session.when", (), one.claim.field.values, setting)
    timed = share >= one.share and any(_has_time(text, setting) for text in one.claim.field.texts[:50])
    return Moments(one.claim, "when", None, share) if timed else None


def _all_numbers(one: Field) -> bool:
    return all(text.isdigit() for text in one.texts[:50])


def _named(one: Moments, name: str) -> str | Mapping[str, str]:
    """Write a converter: date, `date: DD/MM/YYYY`, epoch_s."""
    if one.as_ in ("epoch_s", "epoch_ms"):
        return str(one.as_)
    return {name: str(one.as_)} if one.as_ else name


def _judged(one: Moments) -> Claim:
    return Claim(one.claim.field, one.claim.score, (), one.share, one.claim.why)
