"""The path of a partner's field comes in (`veranstaltungsort.plz`, `attributes.title.de`); what it may mean goes out, with a score.

The last name is read by schemas/headings.py; the names above it say whose it is: `anbieter.name` is no title.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.headings import (
    EXACT,
    NUMBERS,
    OFFERS,
    OTHER_LANGUAGES,
    OWN_LANGUAGE,
    SHORTEST_TAIL,
    TRANSLATED,
    WITHOUT_NOISE,
    Aliases,
    Scores,
    aliases,
    match,
    match_heading,
    to_words,
)

# "Interne Bemerkung", "Notiz (intern)"; not "Internet", "internal_id"
INTERNAL = re.compile(r"\b(?:intern|interne[mnrs]?|vertraulich(?:e[mnrs]?)?)\b")
FAR = 0.3
LESS = 0.1
OF_OFFERS = frozenset({"title", "summary", "description", "offer_type", "status", "keywords", "<id>", "<category>"})
ROLES = ("<nothing>", "<person>", "<phone prefix>", "<translation>")
# groups that only wrap a record: {"id": 1, "attributes": {"title": …}}
WRAPPERS = frozenset({"attributes", "fields", "properties", "data", "record", "item", "node", "entry", "values", "acf", "meta"})
# forms of one text or one moment: {"name": {"text": …, "html": …}, "start": {"local": …, "utc": …}}; the first is the best
TEXT_FORMS = ("rendered", "value", "text", "plain", "html", "raw")
MOMENT_FORMS = ("local", "date time", "datetime", "iso", "value", "utc")
CLOCKS = {"<start>": "<time>", "<end>": "<end time>"}
PLACE = frozenset(
    {"location.postal_code", "<street>", "location.city", "<place>", "location.house_number", "<latitude>", "<longitude>"}
)
MOST = 0.6  # of the fields that begin with the same word: it only names the record


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a field may be, and how sure its name makes us (0 to 1)."""

    target: str
    score: float


def to_meanings(keys: Sequence[str]) -> list[Meaning]:
    """Say what a field may mean by the names on the way to it, the likeliest first; [] where they tell nothing."""
    known = aliases()
    if INTERNAL.search(to_words(keys[-1])):
        return [Meaning("<nothing>", EXACT)]
    if len(keys) > 1 and (found := _form_of(keys)) is not None:
        return found
    above, last = [to_words(part) for part in keys[:-1]], to_words(keys[-1])
    if above and last in known.noise:
        *above, last = above
    while above and above[-1] in WRAPPERS:
        above.pop()
    if any(known.words.get(part) == "<person>" for part in above):
        return [Meaning("<person>", EXACT)]
    groups = [name for part in above for name, (words, _) in known.groups.items() if _names(part, words)]
    general = match_heading(keys[-1], known) if last == to_words(keys[-1]) else match(last, known)
    scores = _in_groups(last, groups, general, known) if groups else _below(last, above, general, known)
    return sorted((Meaning(target, score) for target, score in scores.items()), key=lambda one: -one.score)


def _form_of(keys: Sequence[str]) -> list[Meaning] | None:
    """Read title.de, name.text, start.local, start.time by what stands above; None where the last name says something itself."""
    last, above = to_words(keys[-1]), to_meanings(keys[:-1])
    targets = {meaning.target for meaning in above}
    if last in OWN_LANGUAGE | OTHER_LANGUAGES and above:
        return above if last in OWN_LANGUAGE or not targets & TRANSLATED else [Meaning("<translation>", EXACT)]
    if last in TEXT_FORMS and targets & TRANSLATED:
        return [Meaning(one.target, one.score - LESS * TEXT_FORMS.index(last)) for one in above]
    moments = [one for one in above if one.target in CLOCKS and one.score == EXACT]
    if moments and last in MOMENT_FORMS:
        return [Meaning(one.target, one.score - LESS * MOMENT_FORMS.index(last)) for one in moments]
    if moments and last in ("time", "uhrzeit", "zeit"):
        return [Meaning(CLOCKS[one.target], one.score) for one in moments]
    if moments and last in ("date", "datum", "tag", "day"):
        return moments
    return None


def _below(last: str, above: Sequence[str], general: Scores, known: Aliases) -> Scores:
    """Keep of a name's meanings what may stand inside of groups that we know nothing of."""
    found = {target: score for target, score in general.items() if not above or _may_stand_below(target, above[-1], known)}
    if above and not found:
        joined = match(f"{above[-1]} {last}", known)
        found = {target: score for target, score in joined.items() if score >= WITHOUT_NOISE}
    return found


def _in_groups(last: str, groups: Sequence[str], general: Scores, known: Aliases) -> Scores:
    """Give the meanings of a name inside of a place, an institution, a price."""
    if groups[-1] == "image" and "organisation" in groups:  # a logo
        return {"<nothing>": EXACT}
    found = match(last, known, known.groups[groups[-1]][1])
    if any(target in ROLES and score >= WITHOUT_NOISE for target, score in general.items()):
        found = general
    if not found and groups[-1] == "location":
        found = {target: score for target, score in general.items() if target not in OF_OFFERS}
    if not found and groups[-1] == "organisation":
        found = {target: score for target, score in general.items() if target in ROLES}
    if groups[-1] == "location" and "organisation" in groups:  # where the provider sits is not where the offer is
        found = {target: score - FAR for target, score in found.items()}
    return found


def to_grouped(names: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Give flat names that are groups: badName, badPlz, badOrt speak of a place; a word that nearly all begin with says nothing."""
    known = aliases()
    first: dict[str, dict[str, str]] = defaultdict(dict)  # first word: name, rest
    for name in names:
        head, _, rest = to_words(name).partition(" ")
        if rest:
            first[head][name] = rest
    found: dict[str, tuple[str, ...]] = {}
    for head, rests in first.items():
        if len(rests) > MOST * len(names):
            found |= {name: (rest,) for name, rest in rests.items()}
            continue
        told = Counter(target for rest in rests.values() for target, score in match(rest, known).items() if score == EXACT)
        if head not in OFFERS and head not in known.words and len(PLACE & told.keys()) > 1:
            found |= {name: ("location", rest) for name, rest in rests.items()}
    return found


def _may_stand_below(target: str, parent: str, known: Aliases) -> bool:
    """Say whether a meaning may stand inside of a group that we know nothing of: `dauer.bezeichnung` is no title."""
    if target == "<id>":
        return False
    return target not in OF_OFFERS or parent in OFFERS or target in match(parent, known)


def is_number(name: str) -> bool:
    """Say whether a field is called a number or key of something: ag_id, OBJECTID."""
    words = to_words(name).split()
    return bool(words) and words[-1].endswith(NUMBERS)


def means_group(name: str, group: str) -> bool:
    """Say whether a name on the way to a field speaks of a group: `bildungsanbieter` of an organisation."""
    return _names(to_words(name), aliases().groups[group][0])


def _names(part: str, words: frozenset[str]) -> bool:
    return part in words or any(len(word) > SHORTEST_TAIL and part.endswith(word) for word in words)
