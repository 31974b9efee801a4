"""Converter names of a source file come in; one function goes out that turns a partner's value into ours, or into a Doubt.

The list of converters is closed: a source file names them, it never brings code. `as: [split, languages]` runs from left to
right; a list is converted item by item, except by converters that want the whole of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from schemas import shortcuts
from schemas.converters import contact, dates, fields, money, numbers, places, text, times, weekdays, words
from schemas.converters.answer import Convert, Doubt, Finding, Setting
from schemas.problems import SchemaError
from schemas.source import Converter

REMEMBERED = 4096  # different values that one chain remembers
LONGEST_REMEMBERED = 200  # characters; longer texts hardly repeat
INSTANT = len("2026-11-05T18:00:00+01:00")
LONGEST_LIST = 8  # texts of a list that is remembered


@dataclass(frozen=True, slots=True)
class Kind:
    """One converter a source file may name: what it does in one German sentence, how its argument looks, how it is made.

    `make` raises ValueError with a German sentence where the argument is wrong. `whole` converters get lists as they are;
    `cheap` ones are quicker than remembering what they said.
    """

    name: str
    says: str
    make: Callable[[Any, Setting], Convert]
    example: str = ""
    whole: bool = False
    cheap: bool = False


CONVERTERS: Mapping[str, Kind] = MappingProxyType({
    kind.name: kind
    for kind in (
        Kind("text", "HTML wird einfacher Text mit Absätzen und Strichen für Listen.", shortcuts.to_html_text, cheap=True),
        Kind("date", "Ein Tag: 05.11.2026, 5. November 2026, 2026-11-05; andere Formen nur, wenn sie hier stehen.",
             dates.to_date, "date: DD/MM/YYYY"),
        Kind("datetime", "Ein Tag mit Uhrzeit; ohne Zeitzone gilt die der Stadt.", dates.to_datetime, "datetime: DD/MM/YYYY"),
        Kind("epoch_s", "Sekunden seit 1970 (UTC).", dates.to_epoch(1, "epoch_s")),
        Kind("epoch_ms", "Millisekunden seit 1970 (UTC).", dates.to_epoch(1000, "epoch_ms")),
        Kind("time", "Eine Uhrzeit: 18:30, 18.30 Uhr, 18 Uhr, 18h30.", times.to_time),
        Kind("weekday", "Wochentage: Mo, montags, Mo-Fr, Mo und Mi.", weekdays.to_weekday, whole=True),
        Kind("number", "Eine Zahl: 1.234,56; ob 1.234 tausend meint, sagt die Angabe de oder en.",
             numbers.to_number, "number: de"),
        Kind("integer", "Eine ganze Zahl.", numbers.to_integer, "integer: de"),
        Kind("money", "Ein Betrag in Euro: 25,00 €, EUR 25,-, 2500 ct; kostenlos ist 0. Mit cent ist eine bloße Zahl in Cent.",
             money.to_money, "money: cent"),
        Kind("boolean", "Ja oder nein: ja, x, true, 1 oder nein, false, 0.", numbers.to_boolean),
        Kind("phone", "Eine Telefonnummer mit Vorwahl; das Land der Stadt gilt, wenn keines dabeisteht.",
             shortcuts.to_phone, "phone: DE"),
        Kind("email", "Eine E-Mail-Adresse, auch als info (at) verein.de oder mailto:.", contact.to_email),
        Kind("url", "Eine Adresse im Netz mit http oder https, mit www. oder bezogen auf die Adresse der Quelle.",
             contact.to_url, cheap=True),
        Kind("languages", "Sprachen nach Namen oder Kürzel.", words.to_languages, whole=True),
        Kind("language", "Genau eine Sprache nach Namen oder Kürzel.", words.to_language),
        Kind("lookup", "Das Wort des Partners nach einer Tabelle unter lookups; null lässt ein Wort weg.",
             words.to_lookup, "lookup: themen"),
        Kind("vocabulary", "Ein Wort aus einer unserer Listen, in jeder Sprache.", words.to_vocabulary, "vocabulary: topics"),
        Kind("areas", "Stadtbezirke, Ortsteile oder Quartiere nach Namen oder Code.", words.to_areas, whole=True),
        Kind("own_areas", "Von Codes mit Gemeindeschlüssel davor (05112000:100) die der eigenen Stadt.", words.to_own_areas),
        Kind("coordinates", "Ein Punkt aus zwei Feldern oder einem Paar.",
             places.to_coordinates, 'coordinates: "EPSG:25832"', whole=True),
        Kind("split", "Teilt einen Text an ; , / | Zeilenenden und dem Wort und, oder an den genannten Zeichen.",
             text.to_split, 'split: ","'),
        Kind("join", "Fügt mehrere Werte zu einem Text zusammen.", text.to_join, 'join: ", "', whole=True),
        Kind("first", "Nimmt den ersten Wert einer Liste.", text.to_first, whole=True, cheap=True),
        Kind("before", "Was vor dem ersten solchen Zeichen steht.", text.to_before, 'before: "("', cheap=True),
        Kind("after", "Was hinter dem ersten solchen Zeichen steht.", text.to_after, 'after: ":"', cheap=True),
        Kind("part", "Das n-te Stück zwischen den Zeichen.", text.to_part, 'part: [",", 2]', cheap=True),
        Kind("prefix", "Setzt einen festen Text davor, zum Beispiel den Anfang einer Adresse.",
             text.to_prefix, 'prefix: "https://…/"', cheap=True),
        Kind("empty", "Diese Wörter bedeuten, dass nichts angegeben ist.", text.to_empty, "empty: [laufend, offen]"),
    )
})  # fmt: skip

# What a converter makes that it would leave as it is the second time, by the same name for those that make the same
SETTLED: Mapping[Callable[[Any, Setting], Convert], str] = MappingProxyType({
    dates.to_date: "date", shortcuts.to_phone: "phone", dates.to_datetime: "datetime", fields.to_instant: "datetime",
    places.to_coordinates: "coordinates",
})  # fmt: skip
IS_SETTLED: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "date": lambda value: value.__class__ is str,
        "phone": lambda value: value.__class__ is str,
        "datetime": lambda value: value.__class__ is str and len(value) == INSTANT,
        "coordinates": lambda value: value.__class__ is dict,
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """A converter ready for use in a chain. `settles` is its name in SETTLED."""

    convert: Convert
    whole: bool
    cheap: bool
    settles: str = ""


def to_step(converter: Converter, setting: Setting) -> Step:
    """Make a converter that a source file names; raise SchemaError with the reason where name or argument is wrong."""
    kind = CONVERTERS.get(converter.name)
    if kind is None:
        raise SchemaError(f"Den Umwandler ‚{converter.name}‘ gibt es nicht. Bekannt sind: {', '.join(CONVERTERS)}")
    try:
        return Step(kind.make(converter.argument, setting), kind.whole, kind.cheap, SETTLED.get(kind.make, ""))
    except ValueError as error:
        raise SchemaError(str(error)) from error


class Memory(dict[Any, Any]):
    """Values and what became of them, looked up as in any dictionary. When it is full it begins anew."""

    def __init__(self, convert: Convert) -> None:
        self.convert = convert

    def __missing__(self, value: Any) -> Any:
        answer = self.convert(value)
        if len(value) <= LONGEST_REMEMBERED:
            if len(self) >= REMEMBERED:
                self.clear()
            self[value] = answer
        return answer


@dataclass(frozen=True, slots=True)
class Chain:
    """A field's converters as one function. `known` remembers texts, `lists` short lists of texts as tuples."""

    convert: Convert
    known: Memory | None = None
    lists: Memory | None = None

    def __call__(self, value: Any) -> Any:
        if self.known is None or self.lists is None:
            return self.convert(value)
        if value.__class__ is str:
            return self.known[value]
        if value.__class__ is list and len(value) <= LONGEST_LIST and all(item.__class__ is str for item in value):
            return self.lists[tuple(value)]
        return self.convert(value)


def chain(converters: Sequence[Converter], last: Step, setting: Setting) -> Chain:
    """Make one function of a field's converters and the one its column wants at last. What repeats is remembered, within bounds.

    Nobody may change what comes out: the same list or mapping is given to all who ask with the same value.
    """
    steps = [to_step(converter, setting) for converter in converters]
    steps.append(_unless_done(last, steps))
    run = steps[0].convert if len(steps) == 1 else _in_order(steps)
    if all(step.cheap for step in steps):
        return Chain(run)
    return Chain(run, Memory(run), Memory(lambda items: run([*items])))


def _unless_done(last: Step, steps: Sequence[Step]) -> Step:
    """Spare a value what its column wants at last where the source file asks for the same: the second time changes nothing."""
    if not steps or not last.settles or steps[-1].settles != last.settles:
        return last
    is_settled = IS_SETTLED[last.settles]
    return replace(last, convert=lambda value: value if is_settled(value) else last.convert(value))


def _in_order(steps: Sequence[Step]) -> Convert:
    def run(value: Any) -> Any:
        findings: list[Finding] = []
        for step in steps:
            if value is None:
                break
            if isinstance(value, list) and not step.whole:
                value = _each(step.convert, value, findings)
            else:
                value = step.convert(value)
                if value.__class__ is Doubt:
                    findings += value.findings
                    value = value.value
        return Doubt(value, tuple(findings)) if findings else value

    return run


def _each(convert: Convert, values: list[Any], findings: list[Finding]) -> list[Any] | None:
    kept: list[Any] = []
    for item in values:
        answer = convert(item) if item is not None else None
        if answer.__class__ is Doubt:
            findings += answer.findings
            answer = answer.value
        if isinstance(answer, list):
            kept += answer
        elif answer is not None:
            kept.append(answer)
    return kept or None
