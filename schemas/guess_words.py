"""Fields of a guess whose words are in lists of ours come in; a line of the map goes out, and a table of words where some are unknown."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from schemas.converters.numbers import FALSE, TRUE
from schemas.guessed import Claim, Word, means
from schemas.guessing import Guessing
from schemas.headings import EXACT, PART
from schemas.survey import Field
from schemas.tables import load as load_table
from schemas.targets import GROUPS, split_target
from schemas.vocabulary import fold
from schemas.vocabulary import load as load_vocabulary

MOST_WORDS = 60  # different words; more are no categories
LONGEST_WORD = 60
PIECES = re.compile(r"\s*[;|\n,]\s*")
BY_CONVERTER = (
    "languages",
    "organisation.languages",
    "location.wheelchair",
    "session.weekday",
    "cost_currency",
    "cefr_from",
    "cefr_to",
)
YES_AND_NO = {  # role: target, its code for yes, its code for no
    "<free>": ("cost_type", "free", "paid"),
    "<charged>": ("cost_type", "paid", "free"),
    "<online>": ("attendance_mode", "online", "onsite"),
}
ENOUGH_KINDS = 0.3  # share of the words of a category that are kinds of offers


def vocabulary_of(target: str) -> str | None:
    """Name the list a target's codes come from; None where it has none, or a converter that knows more than a list."""
    if target in BY_CONVERTER:
        return None
    try:
        group, name = split_target(target)
        described: Mapping[str, Any] = next((one for one in load_table(GROUPS[group])["fields"] if one["name"] == name), {})
    except KeyError:
        return None
    found = described.get("vocabulary")
    return str(found) if found else None


def words(target: str, one: Field) -> dict[str, Word] | None:
    """List the words of a field with the codes of a target's list; None where they are no categories."""
    name = vocabulary_of(target)
    find = load_vocabulary(name).find if name else lambda text: None
    counted: Counter[str] = Counter()
    for text in one.texts:
        pieces = [text] if find(text) else [piece for piece in PIECES.split(text) if piece]
        counted.update(pieces)
    if len(counted) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in counted):
        return None
    return {word: Word(find(word), count) for word, count in counted.most_common()}


def all_known(target: str, one: Field) -> bool:
    """Say whether every word of a field is in a target's list, and more than one of them."""
    found = words(target, one)
    return bool(found) and len(found or {}) > 1 and all(word.code for word in (found or {}).values())


def settle_words(guessing: Guessing, target: str) -> None:
    """Give a target that holds codes to the best field."""
    wanting = guessing.ranked(target)
    if wanting:
        put_words(guessing, target, wanting[0])
        guessing.pass_over(target, wanting[0], wanting[1:])


def put_words(guessing: Guessing, target: str, claim: Claim) -> None:
    """Write a line of the map, and a table for words that no list of ours knows."""
    found = words(target, claim.field)
    if found is None:
        guessing.reasons[claim.field.path] = f"heißt wie {target}, hat aber zu viele verschiedene Werte"
    elif claim.score <= PART and found and not any(word.code for word in found.values()):
        guessing.reasons[claim.field.path] = f"heißt wie {target}, wir kennen aber keines der Wörter"
    elif all(word.code for word in found.values()):
        guessing.put(target, claim)
    else:
        name = _lookup_name(guessing, claim.field, target)
        guessing.guess.lookups[name] = found
        guessing.put(target, claim, as_=({"lookup": name},))


def yes_and_no(guessing: Guessing) -> None:
    """A field that says yes or no of one thing fills the list it speaks of: kostenfrei, online."""
    for role, (target, *codes) in YES_AND_NO.items():
        for claim in guessing.roles.get(role, []):
            found = {word: count for word, count in claim.field.words.items() if (fold(word) or word) in TRUE | FALSE}
            if found and len(found) == len(claim.field.words) and target not in guessing.guess.targets():
                name = _lookup_name(guessing, claim.field, target)
                guessing.guess.lookups[name] = {
                    word: Word(codes[(fold(word) or word) in FALSE], count) for word, count in found.items()
                }
                guessing.put(target, claim, as_=({"lookup": name},))


def categories(guessing: Guessing) -> None:
    """Categories become topics; the kind of an offer too, where enough of its words are known."""
    claims = guessing.roles.get("<category>", [])
    if guessing.known:
        claims = [Claim(one, EXACT) for one in guessing.survey.fields.values() if means(one, "<category>")]
    for claim in sorted(claims, key=lambda claim: (-claim.field.filled, -claim.score)):
        one, guess = claim.field, guessing.guess
        if not one.values or "topics" in {**dict.fromkeys(guess.targets()), **guessing.known.get("map", {})}:
            continue
        if words("topics", one) is None:
            guessing.claim("keywords", claim)
            guessing.settle("keywords")
            continue
        put_words(guessing, "topics", claim)
        kinds = words("offer_type", one) or {}
        if "offer_type" not in guess.targets() and sum(1 for word in kinds.values() if word.code) >= ENOUGH_KINDS * len(kinds):
            guess.lookups[name := _lookup_name(guessing, one, "offer_type")] = kinds
            guessing.put("offer_type", claim, as_=({"lookup": name},))


def _lookup_name(guessing: Guessing, one: Field, target: str) -> str:
    name = fold(one.keys[-1]).replace(" ", "_") or target.rpartition(".")[2]
    while name in guessing.guess.lookups:
        name += f"_{target.rpartition('.')[2]}"
    return name
