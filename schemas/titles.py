"""The title of an offer comes in; what it says goes out: its words, and the levels, numbers, days and groups it names.

Words meet however they are written: folded, compounds taken apart (Nähkurs: naeh, kurs), abbreviations written out, endings cut.
The lists are in match_words.yml.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import yaml
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from schemas.vocabulary import fold

LEVEL = re.compile(r"(?<![A-Za-z0-9])([ABC][12])(?:[., ]?([1-4])(?![0-9.:]))?(?![A-Za-z0-9])")  # A1, B1.2, A2/1
CLOCK = re.compile(r"\b\d{1,2}(?:[.:]\d{2})?\s?(?:[-–]\s?\d{1,2}(?:[.:]\d{2})?\s?)?(?:Uhr|h)\b|\b\d{1,2}:\d{2}\b")
DATE = re.compile(r"\b\d{1,2}\.\s?\d{1,2}\.(?:\s?\d{2,4})?|\b(?:19|20)\d{2}(?:/\d{2,4})?\b")
AGES = re.compile(r"\b(\d{1,2})\s?(?:-|–|bis)\s?(\d{1,2})\s?(?:Jahren?|J\.)|\bab\s(\d{1,2})\s?(?:Jahren?|J\.)|\b(\d{1,2})\s?\+")
PART = re.compile(r"\b(?:gruppe|gr|kurs|teil|modul|stufe|abschnitt|block|staffel)\s([a-h]|\d{1,3}|[ivx]{1,4})\b")
NUMBER = re.compile(r"\b\d{1,6}\b|\b(?:ii|iii|iv|vi{1,3})\b|\bi$")
ROMAN = MappingProxyType({"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8"})
LEGAL = re.compile(r"\be\.?\s?V\.?(?=\W|$)|\bg?gmbh\b|\bg?ug\b|\bggag\b|\(.*?\)", re.IGNORECASE)
ENDING = re.compile(r"(?<=\w{4})(?:innen|ern|en|er|es|e|n|s)$")
ALIKE = 84  # two words of five letters or more with this ratio are one word with a slip of the pen
YEAR = re.compile(r"(?<![\d.,])(20[2-4]\d)(?!\d)")
DIGIT = re.compile(r"\d")
HOUR = re.compile(r"\d{1,2}")
CUT = re.compile(r"\b([^\W\d]{2,})\.(?=[\s\-/,)]|$)")  # Migrationsber., erw.
QUIET = frozenset({"year", "clock"})  # kinds that one title may well leave out
STRICT = frozenset({"level", "number", "daytime", "weekday", "mode", "purpose"})  # kinds that hardly anybody leaves out
NARROW = frozenset({"women", "mothers", "men", "fathers", "girls", "boys"})
SLIP, SLIPS = 7, 10  # letters from which on a word may have one slip of the pen, or two
LITTLE = 0.25  # what a general word weighs beside one that says something


class Words(NamedTuple):
    """The lists of match_words.yml, ready to look up."""

    same: Mapping[str, str]
    phrases: re.Pattern[str]
    general: frozenset[str]
    empty: frozenset[str]
    kinds: Mapping[str, tuple[str, str]]
    forms: Mapping[str, str]
    languages: frozenset[str]
    firsts: tuple[str, ...]
    heads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Title:
    """What a title says: its words by their stems, and by kind what it names."""

    words: frozenset[str]
    general: frozenset[str]
    said: Mapping[str, frozenset[str]]
    tokens: tuple[str, ...]  # as written, folded
    cut: frozenset[str]  # tokens that end in a dot
    plain: Mapping[str, frozenset[str]]  # what is said by numbers, not by words

    @property
    def text(self) -> str:
        """All words in one order: equal for titles that differ only in how they are written."""
        named = (f"{kind}{value}" for kind, values in sorted(self.said.items()) for value in sorted(values))
        return " ".join((*sorted(self.words), *sorted(self.general), *named))


class Likeness(NamedTuple):
    """How two titles compare: share of weight they have in common (0 to 1) of the poorer and of the richer title, and what differs.

    `weight` is what they have in common. `conflict`: they contradict each other, and nothing else counts. `lone` is the number of
    kinds only one of them speaks of, `strict` how many of these hardly anybody leaves out, `crossed` whether each has one.
    `forms`: each names another form (a course, a workshop). `swap`: one has a form or a language where the other has a word of its
    own. `both_more`: each has a word that the other lacks.
    """

    least: float
    most: float
    weight: float
    conflict: bool
    lone: int
    strict: int
    crossed: bool
    forms: bool
    swap: bool
    both_more: bool


CONFLICT = Likeness(0.0, 0.0, 0.0, True, 0, 0, False, False, False, False)


@lru_cache(maxsize=20_000)
def read_title(text: str) -> Title:
    """Read a title."""
    said: dict[str, set[str]] = {}
    cut = frozenset(fold(found) for found in CUT.findall(text)) if "." in text else frozenset()
    if DIGIT.search(text):
        for found in LEVEL.finditer(text):
            said.setdefault("level", set()).add(found[1] + (f".{found[2]}" if found[2] else ""))
        for found in AGES.finditer(text):
            said.setdefault("age", set()).add("-".join(part for part in found.groups() if part))
        for clock in CLOCK.findall(text):
            said.setdefault("clock", set()).add(str(int(HOUR.findall(clock)[0])))
        for year in YEAR.findall(text):
            said.setdefault("year", set()).add(year)
        text = AGES.sub(" ", DATE.sub(" ", CLOCK.sub(" ", LEVEL.sub(" ", text))))
    plain = fold(text)
    for found in PART.finditer(plain):
        said.setdefault("number", set()).add(ROMAN.get(found[1], found[1]))
    plain = PART.sub(lambda found: found[0].split(" ")[0], plain)
    for found in NUMBER.finditer(plain):
        said.setdefault("number", set()).add(ROMAN.get(found[0], found[0]))
    tokens = NUMBER.sub(" ", plain).split()
    return _said(tuple(tokens), cut, {kind: frozenset(values) for kind, values in said.items()})


def _said(tokens: tuple[str, ...], cut: frozenset[str], plain: Mapping[str, frozenset[str]]) -> Title:
    """What some words say, together with what is said by numbers."""
    lists = word_lists()
    said = {kind: set(values) for kind, values in plain.items()}
    words: set[str] = set()
    general: set[str] = set()
    text = lists.phrases.sub(lambda found: lists.same[found[0]], " ".join(tokens))
    for written in text.split():
        for token in lists.same.get(written, written).split():
            for part, kind, is_general in _read_word(token):
                if kind is not None:
                    said.setdefault(kind[0], set()).add(kind[1])
                (general if is_general else words).add(part)
    return Title(frozenset(words), frozenset(general), {k: frozenset(v) for k, v in said.items()}, tokens, cut, plain)


@lru_cache(maxsize=50_000)
def _read_word(token: str) -> tuple[tuple[str, tuple[str, str] | None, bool], ...]:
    """The stems a word is made of, each with the kind of thing it names, and whether it is a general word."""
    lists = word_lists()
    found: list[tuple[str, tuple[str, str] | None, bool]] = []
    for part in _parts(token):
        kind = lists.kinds.get(part) or lists.kinds.get(stem(part))
        if kind is not None:
            found.append((stem(kind[1]), kind, kind[0] not in ("stage", "course")))
        elif part in lists.general:
            found.append((stem(part), None, True))
        elif part not in lists.empty and len(part) > 1:
            found.append((stem(part), None, False))
    return tuple(found)


def name_of(name: str, towns: frozenset[str] = frozenset()) -> str:
    """An institution's name without its legal form and its town, in one way to write it: AWO Duisburg e. V. is AWO."""
    same = word_lists().same
    bare = fold(LEGAL.sub(" ", name))
    words = [part for word in bare.split() if word not in towns for part in same.get(word, word).split()]
    return " ".join(words) or bare


def words_of(token: str) -> list[tuple[str, bool]]:
    """The beginnings of the words a folded token is made of, for finding titles that share one, each with whether it is general."""
    lists = word_lists()
    found: dict[str, bool] = {}
    for word in lists.same.get(token, token).split():
        for part in _parts(word):
            if len(part) > 1 and part not in lists.empty and not part.isdigit():
                found[stem(part)[:5]] = part in lists.general
    return sorted(found.items())


def stem(word: str) -> str:
    """Cut the ending of a folded word."""
    return ENDING.sub("", word)


def compare_titles(a: Title, b: Title, known: frozenset[str] = frozenset()) -> Likeness:
    """Compare two titles; the `known` words (of place and organisation) say nothing about the offer."""
    if a.tokens != b.tokens:
        if _conflict(a, b):
            return CONFLICT
        a, b = _mended(a, b)
    if _conflict(a, b):
        return CONFLICT
    shared = a.words & b.words
    more_a, more_b = a.words - shared, b.words - shared
    pairs = 0
    for word in sorted(more_a):
        other = next((one for one in sorted(more_b) if _alike(word, one)), None)
        if other is not None:
            more_a, more_b, pairs = more_a - {word}, more_b - {other}, pairs + 1
    for mine, theirs in ((more_a, b), (more_b, a)):
        for word in sorted(mine):
            left = more_b if mine is more_a else more_a
            if inside := _inside(word, left | theirs.general):
                pairs += 1
                more_a, more_b = more_a - {word} - inside, more_b - {word} - inside
    told_a, told_b = {word for word in more_a if word not in known}, {word for word in more_b if word not in known}
    common_known = len(shared & known)
    common = len(shared) - common_known + pairs + common_known * LITTLE + LITTLE * len(a.general & b.general)
    weight_a = common + len(told_a) + LITTLE * len(a.general - b.general)
    weight_b = common + len(told_b) + LITTLE * len(b.general - a.general)
    shares = sorted((common / weight_a if weight_a else 0.0, common / weight_b if weight_b else 0.0))
    telling = word_lists().forms.keys() | word_lists().languages
    swap = bool((told_a and (b.general - a.general) & telling) or (told_b and (a.general - b.general) & telling))
    lone: list[set[str]] = [set(), set()]
    strict = 0
    for kind in sorted(a.said.keys() ^ b.said.keys()):
        if kind not in QUIET:
            lone[kind in b.said].add(kind)
            strict += kind in STRICT or not NARROW.isdisjoint(a.said.get(kind) or b.said[kind])
    alone = len(lone[0]) + len(lone[1])
    crossed = bool(lone[0] and lone[1]) and lone[0] | lone[1] != {"level", "stage"}
    more = bool(more_a and more_b and (told_a or told_b))
    return Likeness(shares[0], shares[1], common, False, alone, strict, crossed, _forms(a, b), swap, more)


def _mended(a: Title, b: Title) -> tuple[Title, Title]:
    """Two titles without the slips of the pen and the abbreviations that only one of them has."""
    mine, theirs = sorted(set(a.tokens) - set(b.tokens)), sorted(set(b.tokens) - set(a.tokens))
    if not mine or not theirs:
        return a, b
    instead: dict[str, str] = {}
    for one in mine:
        for other in theirs:
            if (
                (one[0] == other[0] or (len(one) >= 9 and len(other) >= 9))
                and other not in instead.values()
                and one not in instead
            ):
                if (one in a.cut and other.startswith(one)) or _slipped(one, other):
                    instead[one] = other
                elif other in b.cut and one.startswith(other):
                    instead[other] = one
    if not instead:
        return a, b
    return _with(a, instead), _with(b, instead)


def _with(title: Title, instead: Mapping[str, str]) -> Title:
    tokens = tuple(instead.get(token, token) for token in title.tokens)
    return title if tokens == title.tokens else _said(tokens, title.cut, title.plain)


@lru_cache(maxsize=50_000)
def _slipped(a: str, b: str) -> bool:
    """Whether one word may be the other with a slip of the pen."""
    least = min(len(a), len(b))
    if least < SLIP - 1 or (a[0] != b[0] and least < 9):
        return False
    kinds = word_lists().kinds
    allowed = 2 if least >= SLIPS else 1 if least >= SLIP or (a in kinds) != (b in kinds) else 0
    if a in kinds and b in kinds:
        return False
    return allowed > 0 and OSA.distance(a, b, score_cutoff=allowed) <= allowed


def _conflict(a: Title, b: Title) -> bool:
    return any(not _agree(kind, a.said[kind], b.said[kind]) for kind in a.said.keys() & b.said.keys())


def _agree(kind: str, a: frozenset[str], b: frozenset[str]) -> bool:
    if kind == "level":  # A2 takes in A2.1
        return a == b or (any(one.startswith(other) or other.startswith(one) for one in a for other in b) and len(a) == len(b))
    if kind in ("number", "age", "audience"):  # mother and child are not father and child
        return a <= b or b <= a
    return not a.isdisjoint(b)


def _forms(a: Title, b: Title) -> bool:
    forms = word_lists().forms
    one, other = ({forms[word] for word in side.general if word in forms} for side in (a, b))
    return bool(one) and bool(other) and one.isdisjoint(other)


def _inside(word: str, others: frozenset[str]) -> frozenset[str]:
    """The words a compound is made of (Hip-Hop and HipHop), where they make up most of it."""
    found = frozenset(other for other in others if len(other) >= 3 and other in word)
    return found if len(found) > 1 and sum(map(len, found)) >= 0.7 * len(word) else frozenset()


@lru_cache(maxsize=100_000)
def _alike(a: str, b: str) -> bool:
    if len(a) >= 5 and len(b) >= 5 and (a.startswith(b) or b.startswith(a)):
        return True
    return min(len(a), len(b)) >= 5 and a[0] == b[0] and fuzz.ratio(a, b) >= ALIKE


@lru_cache(maxsize=100_000)
def _parts(token: str) -> tuple[str, ...]:
    """Take a compound apart: what it begins with, if that names a group or a language, and the general word it ends with."""
    lists = word_lists()
    if token in lists.kinds or token in lists.general or token in lists.empty:
        return (token,)
    first: tuple[str, ...] = ()
    for start in lists.firsts:
        if token.startswith(start) and len(token) >= len(start) + 4:
            first, token = (start,), token[len(start) :]
            break
    for head in lists.heads:
        if token.endswith(head) and len(token) >= len(head) + 3:
            before = token.removesuffix(head).removesuffix("s")
            return (*first, *_meant(before), head)
    return (*first, *_meant(token))


def _meant(word: str) -> tuple[str, ...]:
    return tuple(word_lists().same.get(word, word).split())


def _late(kinds: Mapping[str, tuple[str, str]]) -> set[str]:
    """Words that name a stage or a daytime and end a compound: Pflegebasiskurs."""
    return {
        word for word, (kind, _) in kinds.items() if kind in ("stage", "daytime") and len(word) >= 6 and word.endswith("kurs")
    }


@cache
def word_lists() -> Words:
    """Load match_words.yml."""
    raw: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "match_words.yml").read_text(encoding="utf-8"))
    kinds = {word: (kind, value) for kind, values in raw["kinds"].items() for value, words in values.items() for word in words}
    general = frozenset(raw["general"])
    firsts = {word for word, (kind, _) in kinds.items() if kind in ("audience", "language") and len(word) >= 4} | {"abend"}
    return Words(
        same=MappingProxyType(raw["same"]),
        phrases=re.compile(rf"\b(?:{'|'.join(phrase for phrase in raw['same'] if ' ' in phrase)})\b"),
        general=general,
        empty=frozenset(raw["empty"]),
        kinds=kinds,
        forms={stem(word): form for form, words in raw["forms"].items() for word in words},
        languages=frozenset(stem(word) for word in raw["kinds"]["language"]),
        firsts=tuple(sorted(firsts, key=len, reverse=True)),
        heads=tuple(sorted((word for word in general | _late(kinds) if len(word) >= 4), key=len, reverse=True)),
    )
