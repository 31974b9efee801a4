"""One heading of a partner comes in (`Beginn (TT.MM.JJJJ)`, `buchungsLink`); the targets it may mean go out, each with a score.

The words stand in schemas/aliases.yml. A meaning is a target of the map, or `<start>`, `<place>` …, which only the values can decide
(schemas/guess.py).
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
BRACKETS = re.compile(r"\s*\(([^()]*)\)\s*")  # "Ort (Adresse)"
EITHER = re.compile(r"\s*[/|]\s*")  # "Tarih / Datum", "E-Mail/Telefon"
EXACT, WITHOUT_NOISE, EITHER_WORD, PART, COMPOUND = 1.0, 0.95, 0.9, 0.7, 0.6
LESS = 0.1
WHOLE = ("<id>", "<day>", "<nothing>", "status", "offer_type")  # "postal code" is no id, "assured date" no day of an offer
ALONE = frozenset({"fuer", "wer", "wo", "was", "who", "where", "info", "infos", "meta"})  # say nothing inside of a longer heading
# words that name the offer itself: a title where they stand alone, nothing where they are part of something (event_color)
OFFERS = frozenset({
    "event", "events", "course", "kurs", "angebot", "angebote", "veranstaltung", "projekt", "facility", "workshop", "massnahme",
    "service", "offer", "termin", "item",
})  # fmt: skip
# the values tell whether it is one: such a word is tried first, and a weaker one of the same heading, too
PROVEN = frozenset({
    "contact_email", "contact_phone", "url", "image_url", "registration_url", "registration_deadline", "<registration>", "<contact>",
    "cefr", "age", "age_min", "age_max", "languages", "source_modified", "location.postal_code", "<start>", "<end>", "<period>",
    "<weekday>", "<time>", "<end time>", "organisation.email", "organisation.phone", "organisation.website",
})  # fmt: skip
MOMENTS = frozenset({"<start>", "<end>", "<day>", "<period>", "<time>", "<end time>", "<weekday>"})
NOT_OF_OFFERS = frozenset(
    {"<person>", "<nothing>", "<registration>", "registration_deadline", "source_modified", "last_confirmed"}
)
STREETS = frozenset({"strasse", "str", "street"})
PLACES = re.compile(r"[a-z]{3,}(?<!sp)(?<![whpfm])ort")  # Massnahmeort, but neither Sport nor Stichwort
NUMBERS = ("id", "ids", "nr", "nummer", "number", "code", "key", "schluessel", "uuid", "kennzahl")
# letters of a word inside a heading; one more at its end: "Kursort" ends with "ort", but so does "Sport"
SHORTEST_TAIL, SHORTEST_PROVEN = 4, 3
OWN_LANGUAGE = frozenset({"de", "deutsch", "german"})
OTHER_LANGUAGES = frozenset({
    "en", "tr", "ar", "uk", "ru", "bg", "ro", "pl", "fr", "es", "it", "fa", "englisch", "english", "tuerkisch", "turkish", "arabisch",
    "arabic", "ukrainisch", "ukrainian", "russisch", "russian", "bulgarisch", "rumaenisch", "franzoesisch", "french",
})  # fmt: skip
TRANSLATED = frozenset({"title", "summary", "description", "url", "cost_note", "location.name", "organisation.name"})

Scores = dict[str, float]  # target: how sure the name makes us, 0 to 1


@dataclass(frozen=True, slots=True)
class Aliases:
    """The list: folded words by meaning, the groups with their own words, and what says nothing."""

    words: Mapping[str, str]  # folded word -> meaning
    groups: Mapping[str, tuple[frozenset[str], Mapping[str, str]]]  # group -> its names, its own words
    noise: frozenset[str]


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


def match_heading(name: str, known: Aliases) -> Scores:
    """Match a whole heading; else the words divided by a slash, what stands outside of brackets, then what stands inside.

    A heading that names another language than German holds a translation.
    """
    whole = to_words(name)
    *front, last = whole.split() or [""]
    if front and last in OTHER_LANGUAGES and whole not in known.words and TRANSLATED & match(" ".join(front), known).keys():
        return {"<translation>": EXACT}
    if front and last in OWN_LANGUAGE and whole not in known.words:
        whole = " ".join(front)
    found = match(whole, known)
    if any(score == EXACT for score in found.values()):
        return found
    if len(either := [piece for piece in EITHER.split(BRACKETS.sub(" ", name)) if piece.strip()]) > 1:
        words = [match(to_words(piece), known) for piece in either]
        sure = {target: EITHER_WORD for one in words for target, score in one.items() if score >= WITHOUT_NOISE}
        return sure or found
    inside = BRACKETS.search(name)
    if inside is None:
        return found
    outside = match(to_words(BRACKETS.sub(" ", name)), known)
    within = {target: PART - LESS for target in match(to_words(inside[1]), known) if target in PROVEN or target == "<place>"}
    return {**within, **(outside or found)}


def match(heading: str, known: Aliases, words: Mapping[str, str] | None = None) -> Scores:
    """Match folded words with the list, or with the words of a group: whole, without noise, by parts, by the end of a compound."""
    general = words is None
    words = known.words if words is None else words
    if heading in words:
        return {words[heading]: EXACT}
    kept = [part for part in heading.split() if part not in known.noise]
    bare = " ".join(kept)
    if not kept:
        return {}
    if bare in words:
        return {words[bare]: WITHOUT_NOISE}
    if general and len(kept) > 1 and STREETS & set(kept):  # "Straße u. Haus-Nr."
        return {"<street>": PART}
    if kept[-1].endswith(NUMBERS):  # organization_id, Traegernummer
        return {}
    usable = [word for word in words if _is_usable(word, words[word])]
    found = _parts(kept, usable, words) or _compound(bare, usable, words)
    if not found and general and len(kept) == 1 and PLACES.fullmatch(bare):
        return {"<place>": COMPOUND}
    if NOT_OF_OFFERS & found.keys():  # "Beginn der Anmeldung"
        return {target: score for target, score in found.items() if target not in MOMENTS}
    return found


def _is_usable(word: str, target: str) -> bool:
    """Say whether a word of the list may stand inside of a heading."""
    enough = SHORTEST_PROVEN if target in PROVEN or word == "ort" else SHORTEST_TAIL
    return len(word) >= enough and target not in WHOLE and word not in OFFERS and word not in ALONE


def _parts(kept: Sequence[str], usable: Sequence[str], words: Mapping[str, str]) -> Scores:
    """Find words of the list among those of a heading: what values can prove first, then the longest."""
    parts = {*kept, *(part[:-1] for part in kept if part.endswith("s"))}  # Buchungs-Link
    inside = [word for word in usable if set(word.split()) <= parts]
    inside.sort(key=lambda word: (words[word] in PROVEN, len(word.split()), len(word)), reverse=True)
    found: Scores = {}
    for number, word in enumerate(inside):
        long = PART if len(kept) <= 3 + len(word.split()) else PART - 0.15
        if not found or all(target in PROVEN for target in found):
            found.setdefault(words[word], long - number * LESS / 10)
    return found


def _compound(bare: str, usable: Sequence[str], words: Mapping[str, str]) -> Scores:
    """Find a word at the end of a compound, or one that values can prove at its beginning: Kurstitel, vplz, beginndat."""
    if " " in bare:
        return {}
    single = [word for word in usable if " " not in word and word != "ort"]
    tails = [word for word in single if bare.endswith(word) and (len(word) > SHORTEST_TAIL or words[word] in PROVEN)]
    heads = [word for word in single if bare.startswith(word) and len(word) >= SHORTEST_TAIL and words[word] in PROVEN]
    found: Scores = {}
    for score, ends in ((COMPOUND, tails), (COMPOUND - LESS, heads)):
        if ends and (not found or words[max(ends, key=len)] in PROVEN):
            found.setdefault(words[max(ends, key=len)], score)
    return {"<end time>": COMPOUND} if {"<end>", "<time>"} <= found.keys() else found  # endezeit


def to_words(name: str) -> str:
    """Fold a heading into words: eventTitle, event_title and Event-Title are the same."""
    return fold(HUMP.sub(" ", name).replace("_", " "))  # fold takes the _ of postal_code for that of Schüler_innen


def _to_words(targets: Mapping[str, Sequence[str]]) -> dict[str, str]:
    words: dict[str, str] = {}
    for target, names in targets.items():
        for name in names:
            words.setdefault(to_words(str(name)), target)
    return words
