"""The path of a partner's field comes in (`Beginn (TT.MM.JJJJ)`, `veranstaltungsort.plz`); what it may mean goes out, with a score.

The words stand in schemas/aliases.yml. A meaning is a target of the map, or `<start>`, `<place>` …, which only the values can
decide (schemas/guess.py).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from schemas.problems import SchemaError
from schemas.targets import split_target
from schemas.vocabulary import fold

FILE = Path(__file__).with_name("aliases.yml")
HUMP = re.compile(r"(?<=[a-zäöüß0-9])(?=[A-ZÄÖÜ])|(?<=[A-ZÄÖÜ])(?=[A-ZÄÖÜ][a-zäöüß])")  # eventTitle, UTMRechtswert
EXACT, WITHOUT_NOISE, PART, COMPOUND = 1.0, 0.95, 0.7, 0.6
FAR = 0.3
LESS = 0.1  # each further word of a heading that may mean something
BRACKETS = re.compile(r"\s*\(([^()]*)\)\s*")  # "Ort (Adresse)"
# a name alone does not make these: the values must fit, so a weaker word of a heading may be tried
CHECKED = frozenset({
    "contact_email", "contact_phone", "url", "image_url", "registration_url", "registration_deadline", "<registration>", "<contact>",
    "cost", "cefr", "age", "age_min", "age_max", "languages", "start_date", "end_date", "source_modified", "location.postal_code",
    "<place>", "<weekday>", "<time>", "<end time>", "organisation.email", "organisation.phone", "organisation.website",
})  # fmt: skip
# groups that only wrap a record: {"id": 1, "attributes": {"title": …}}
WRAPPERS = frozenset({"attributes", "fields", "properties", "data", "record", "item", "node", "entry", "values", "acf", "meta"})
OWN_LANGUAGE = frozenset({"de", "deutsch", "german"})
OTHER_LANGUAGES = frozenset({
    "en", "tr", "ar", "uk", "ru", "bg", "ro", "pl", "fr", "es", "it", "fa", "englisch", "english", "tuerkisch", "turkish", "arabisch",
    "arabic", "ukrainisch", "ukrainian", "russisch", "russian", "bulgarisch", "rumaenisch", "franzoesisch", "french",
})  # fmt: skip
TRANSLATED = frozenset({"title", "summary", "description", "url", "cost_note", "location.name", "organisation.name"})
WHOLE = ("<id>", "<day>", "<nothing>", "status", "offer_type")  # "postal code" is no id, "assured date" no day of an offer
# words that name the offer itself: a title where they stand alone, nothing where they are part of something (event_color)
OFFERS = frozenset({
    "event", "events", "course", "kurs", "angebot", "angebote", "veranstaltung", "projekt", "facility", "workshop", "massnahme",
    "service", "offer", "termin", "item",
})  # fmt: skip
OF_OFFERS = frozenset({"title", "summary", "description", "offer_type", "status", "keywords", "<id>", "<category>"})
ROLES = ("<nothing>", "<person>", "<phone prefix>", "<translation>")
NUMBERS = ("id", "ids", "nr", "nummer", "number", "code", "key", "schluessel", "uuid", "kennzahl")
SHORTEST_TAIL = 4  # letters of a word inside a heading; one more at its end: "Kursort" ends with "ort", but so does "Sport"


@dataclass(frozen=True, slots=True)
class Aliases:
    """The list: folded words by meaning, the groups with their own words, and what says nothing."""

    words: Mapping[str, str]  # folded word -> meaning
    groups: Mapping[str, tuple[frozenset[str], Mapping[str, str]]]  # group -> its names, its own words
    noise: frozenset[str]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a field may be, and how sure its name makes us (0 to 1)."""

    target: str
    score: float


@cache
def aliases() -> Aliases:
    """Give the list; raise SchemaError where its file is broken."""
    return read_aliases(FILE)


def read_aliases(path: Path) -> Aliases:
    """Read a list of aliases; raise SchemaError, one German sentence, where it is broken or names a target that is none."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        groups = {name: (frozenset(map(fold, part["words"])), _to_words(part["targets"])) for name, part in raw["groups"].items()}
        found = Aliases(_to_words(raw["targets"]), groups, frozenset(map(fold, raw["noise"])))
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise SchemaError(f"{path.name}: Die Liste ist nicht lesbar ({error}). Bitte die Datei berichtigen.") from error
    for target in {*found.words.values(), *(word for _, words in groups.values() for word in words.values())}:
        if not target.startswith("<"):
            split_target(target)
    return found


def to_meanings(keys: Sequence[str]) -> list[Meaning]:
    """Say what a field may mean by the names on the way to it, the likeliest first; [] where they tell nothing."""
    known = aliases()
    if len(keys) > 1 and (language := _words(keys[-1])) in OWN_LANGUAGE | OTHER_LANGUAGES:  # title.de, title.en
        found = to_meanings(keys[:-1])
        if language in OWN_LANGUAGE or not any(meaning.target in TRANSLATED for meaning in found):
            return found
        return [Meaning("<translation>", EXACT)]
    above, last = [_words(part) for part in keys[:-1]], _words(keys[-1])
    if above and last in known.noise:  # title.rendered
        *above, last = above
    while above and above[-1] in WRAPPERS:
        above.pop()
    if any(known.words.get(part) == "<person>" for part in above):
        return [Meaning("<person>", EXACT)]
    groups = [name for part in above for name, (words, _) in known.groups.items() if _names(part, words)]
    general = _heading(keys[-1], known) if last == _words(keys[-1]) else _matches(last, known)
    if not groups:
        found = {target: score for target, score in general.items() if not above or _may_stand_below(target, above[-1], known)}
        if above and not found:
            joined = _matches(f"{above[-1]} {last}", known)
            found = {target: score for target, score in joined.items() if score >= WITHOUT_NOISE}
    else:
        found = _matches(last, known, known.groups[groups[-1]][1])
        if any(target in ROLES and score >= WITHOUT_NOISE for target, score in general.items()):
            found = general
        if not found and groups[-1] == "location":
            found = {target: score for target, score in general.items() if target not in OF_OFFERS}
        if not found and groups[-1] == "organisation":
            found = {target: score for target, score in general.items() if target in ROLES}
        if groups[-1] == "location" and "organisation" in groups:  # where the provider sits is not where the offer is
            found = {target: score - FAR for target, score in found.items()}
    return sorted((Meaning(target, score) for target, score in found.items()), key=lambda one: -one.score)


def is_number(name: str) -> bool:
    """Say whether a field is called a number or key of something: ag_id, OBJECTID."""
    return _words(name).split()[-1:] != [] and _words(name).split()[-1].endswith(NUMBERS)


def _heading(name: str, known: Aliases) -> dict[str, float]:
    """Match a whole heading; else what stands outside of its brackets, then what stands inside; a heading of another language is none."""
    whole = _words(name)
    *front, last = whole.split() or [""]
    if front and last in OTHER_LANGUAGES and whole not in known.words and TRANSLATED & _matches(" ".join(front), known).keys():
        return {"<translation>": EXACT}
    if front and last in OWN_LANGUAGE and whole not in known.words:
        whole = " ".join(front)
    found = _matches(whole, known)
    inside = BRACKETS.search(name)
    if inside is None or any(score == EXACT for score in found.values()):
        return found
    outside = _matches(_words(BRACKETS.sub(" ", name)), known)
    within = {target: PART - LESS for target in _matches(_words(inside[1]), known) if target in CHECKED}
    return {**within, **(outside or found)}


def _may_stand_below(target: str, parent: str, known: Aliases) -> bool:
    """Say whether a meaning may stand inside of a group that we know nothing of: `dauer.bezeichnung` is no title."""
    if target == "<id>":
        return False
    return target not in OF_OFFERS or parent in OFFERS or target in _matches(parent, known)


def means_group(name: str, group: str) -> bool:
    """Say whether a name on the way to a field speaks of a group: `bildungsanbieter` of an organisation."""
    return _names(_words(name), aliases().groups[group][0])


def _matches(heading: str, known: Aliases, words: Mapping[str, str] | None = None) -> dict[str, float]:
    words = known.words if words is None else words
    if heading in words:
        return {words[heading]: EXACT}
    kept = [part for part in heading.split() if part not in known.noise]
    bare = " ".join(kept)
    if not kept:
        return {}
    if bare in words:
        return {words[bare]: WITHOUT_NOISE}
    if kept[-1].endswith(NUMBERS):  # organization_id, Traegernummer
        return {}
    usable = [word for word in words if len(word) >= SHORTEST_TAIL and words[word] not in WHOLE and word not in OFFERS]
    inside = [word for word in usable if set(word.split()) <= set(kept)]
    inside.sort(key=lambda word: (len(word.split()), len(word)), reverse=True)
    found: dict[str, float] = {}
    for number, word in enumerate(inside):
        if number == 0:
            found[words[word]] = PART if len(kept) <= 3 + len(word.split()) else PART - 0.15
        elif words[word] in CHECKED:
            found.setdefault(words[word], PART - LESS - number * LESS / 10)
    if found:
        return found
    tail = [word for word in usable if " " not in word and len(word) > SHORTEST_TAIL and len(kept) == 1 and bare.endswith(word)]
    return {words[max(tail, key=len)]: COMPOUND} if tail else {}


def _names(part: str, words: frozenset[str]) -> bool:
    return part in words or any(len(word) > SHORTEST_TAIL and part.endswith(word) for word in words)


def _words(name: str) -> str:
    return fold(HUMP.sub(" ", name).replace("_", " "))  # fold takes the _ of postal_code for that of Schüler_innen


def _to_words(targets: Mapping[str, Sequence[str]]) -> dict[str, str]:
    words: dict[str, str] = {}
    for target, names in targets.items():
        for name in names:
            words.setdefault(_words(str(name)), target)
    return words
