"""A mail address, a telephone number or a name comes in; whether it belongs to a single person goes out.

Nobody can know this of every address. What has a function's word in it passes (info@, sprachkurse@), and so do places and projects
(kursnet-neustadt@); what bears a first name, an initial, a common family name or lies in a private mailbox does not. The city's
registry settles what is left. The words stand in privacy_words.yml.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

import yaml

from schemas.vocabulary import fold

WORDS = Path(__file__).with_name("privacy_words.yml")

MOBILE = re.compile(r"\+491[567][0-9]{8,9}")  # +4917612345678
NAME_SIGNS = re.compile(r"[^a-z]+")  # anna.schmidt2
SHORT_STEM = 5  # letters; shorter stems stand in too many family names
INSTITUTION_ENDS = (
    "dienst", "stelle", "zentrum", "verein", "werk", "amt", "netzwerk", "haus", "buero", "beratung", "schule", "projekt", "team",
    "gruppe", "treff", "verband", "stiftung", "akademie", "initiative", "abteilung", "bereich", "verwaltung", "kita", "garten",
    "gemeinde", "kurs", "børnehave",
)  # fmt: skip
PARTICLES = frozenset({"al", "el", "abu", "bin", "ben", "ibn", "von", "van", "ter"})  # al-bakri@
BEHIND_FIRST_NAMES = frozenset({"junge", "neuer", "freitag", "samstag", "sonntag", "west", "ost", "nord"})  # families there
# endings that only family names have: bondarenko, kowalski, papadopoulos
FAMILY_END = re.compile(
    r"\w{2,}(?:enko|t?schuk|chuk|oglu|poulos|poulou|akis|idis|adze|shvili|schwili|syan|escu|ovi[ck]h?|[oe]wsk[aiy]|insk[aiy])"
)
# "Frau Müller", "c/o Herrn Ali", "Dr. Baumgarten", "bei Familie Yilmaz"; "Treffpunkt Familie Hochfeld" is a house
HONORIFIC = re.compile(
    r"(?:^|[\s,(])(?:(?P<spoken>Frau|Herr+n?|Hern|Hr\.|Fr\.|Mrs?\.?|Ms\.|Fam\.|(?:bei|c/o)\s(?:der\s)?Familie)|Dr\.|Prof\.)"
    r"\s+(?!Holle\b)(?P<name>[A-ZÄÖÜ].*)"
)


@cache
def words() -> Mapping[str, frozenset[str]]:
    """Give the word lists: freemail, functions, function_stems, first_names, family_names, institution_words; folded."""
    lists = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    every = {name: [word for line in lines for word in line.split()] for name, lines in lists.items()}
    return {name: frozenset(word if "." in word else fold(word) for word in found) for name, found in every.items()}


def is_mobile(phone: str) -> bool:
    """Say whether an E.164 number is a German mobile one."""
    return MOBILE.fullmatch(phone) is not None


@lru_cache(maxsize=10_000)
def is_function_mail(address: str) -> bool:
    """Say whether a mail address is a function's and not a person's."""
    local, _, domain = address.lower().partition("@")
    pieces = _pieces(local)
    names = [name for piece in pieces for name in piece]
    lists = words()
    if not names:
        return True  # 100085@schule.nrw.de
    if _bears_a_name(pieces, domain, lists):
        return False
    if any(_is_function(name, lists) for name in names):
        return True
    if domain in lists["freemail"]:
        return False
    whole = "".join(names)
    if len(whole) > 2 and whole in _signs(domain):
        return True  # zitrone@zitrone-du.de
    return len(pieces) > 1 or not _is_name(pieces[0], lists)


@lru_cache(maxsize=10_000)
def families_of(address: str) -> frozenset[str]:
    """Give the folded family names that a person's address bears: bondarenko of o.bondarenko@, muster of al-muster@."""
    local, _, domain = address.lower().partition("@")
    pieces, lists = _pieces(local), words()
    if pieces and (_bears_a_name(pieces, domain, lists) or pieces[0][0] in PARTICLES):
        names = [name for piece in pieces for name in piece]
        return frozenset(name for name in names if len(name) > 3 and name not in lists["first_names"] | lists["functions"])
    return frozenset()


def _pieces(local: str) -> list[list[str]]:
    """Divide the part before the @: a point stands between the names of a person, a hyphen within one: anna-lena.schmidt2."""
    pieces = []
    for piece in re.split(r"[._]", local):
        names = [name for name in NAME_SIGNS.split(fold(piece)) if name]
        if names and not (names[0] != piece and len("".join(names)) == 1):  # a6 is a house, no initial
            pieces.append(names)
    return pieces


def _bears_a_name(pieces: list[list[str]], domain: str, lists: Mapping[str, frozenset[str]]) -> bool:
    """Say whether an address with a point in it is a person's: anna.schmidt, schmidt.a, a.bondarenko; not kita.rosa."""
    names = [name for piece in pieces for name in piece]
    if len(pieces) < 2 or all(len(name) == 1 for name in names):  # e.v
        return False
    first, functions = lists["first_names"], lists["functions"]
    if pieces[0][0] in first and pieces[0][0] not in functions:
        return True  # before a function's word, too: sabine.schulenburg, maria.beratung
    if any(name in functions and name not in first for name in names):
        return False
    if any(len(piece) == 1 and len(piece[0]) == 1 for piece in pieces):
        return True
    elsewhere = [piece for piece in pieces if "".join(piece) not in _signs(domain)]
    if len(elsewhere) < 2:
        return False  # kim.neustadt@neustadt.de
    return any(piece[0] in first or piece[-1] in lists["family_names"] or FAMILY_END.fullmatch(piece[-1]) for piece in elsewhere)


def _is_name(names: list[str], lists: Mapping[str, frozenset[str]]) -> bool:
    """Say whether an address without a point is a name: anna, schmidt, anna-schmidt, annaschmidt, aschmidt, al-bakri."""
    first, family = lists["first_names"], lists["family_names"]
    if len(names) > 1:
        return names[0] in PARTICLES or (names[0] in first and names[1] not in lists["institution_words"]) or set(names) <= family
    name = names[0]
    initial = len(name) > 5 and name[1:] in family
    return (
        name in first
        or name in family
        or initial
        or any(name[:end] in first and name[end:] in family for end in range(3, len(name) - 2))
    )


def _signs(domain: str) -> str:
    return NAME_SIGNS.sub("", fold(domain.rpartition(".")[0]))


def _is_function(name: str, lists: Mapping[str, frozenset[str]]) -> bool:
    return name in lists["functions"] or any(
        len(stem) >= SHORT_STEM and (name.startswith(stem) or name.endswith(stem)) for stem in lists["function_stems"]
    )


def is_function_word(word: str) -> bool:
    """Say whether a word is a function's: Sprachberatung, Integrationsmanagement."""
    return _is_function(fold(word), words())


def is_first_name(word: str) -> bool:
    """Say whether a word is a common first name; of a double one (Anna-Lena) the first counts."""
    return fold(word.partition("-")[0]) in words()["first_names"]


def is_institution(name: str) -> bool:
    """Say whether a name has a word in it that only institutions have. Neuhaus is a family; behind a first name, so is Freitag."""
    lists = words()
    parts = fold(name).split()
    spared = BEHIND_FIRST_NAMES if parts and parts[0] in lists["first_names"] else frozenset[str]()
    return any(
        (part in lists["institution_words"] and part not in spared)
        or (part.endswith(INSTITUTION_ENDS) and part not in lists["family_names"])
        for part in parts
    )


@lru_cache(maxsize=10_000)
def is_person(name: str) -> bool:
    """Say whether what should be an institution is a person: Frau Müller, Anna Schmidt; not Anne-Frank-Schule."""
    addressed = HONORIFIC.search(name)
    if addressed:
        alone = addressed["spoken"] or " " not in addressed["name"]  # whatever stands there is a name: Frau Park
        return not is_institution(name[: addressed.start()] if alone else name)
    parts = name.split()
    if not 2 <= len(parts) <= 3 or not all(part.replace("-", "").isalpha() and part[0].isupper() for part in parts):
        return False
    if parts[0].isupper() != parts[-1].isupper():
        return False  # GE Erich Kästner
    return any(map(is_first_name, parts[:-1])) and not is_institution(name)


def are_persons(names: Sequence[str]) -> bool:
    """Say whether a column holds names of persons: a third of them we know as such, and nearly all others could be."""
    turned = [f"{rest} {first}" if rest else first for first, _, rest in (name.partition(", ") for name in names)]  # Müller, Uta
    known = [is_person(name) for name in turned]
    return 3 * sum(known) >= len(names) > 0 and 5 * sum(map(max, known, map(_could_be, turned))) >= 4 * len(names)


def _could_be(name: str) -> bool:
    parts = name.split()
    return (
        2 <= len(parts) <= 4
        and all(part.replace("-", "").isalpha() and part[0].isupper() for part in parts)
        and not is_institution(name)
    )


def known_addresses(*rows: Mapping[str, object], contact: str | None = None) -> Collection[str]:
    """Collect what a registry's rows and a source name as function addresses: mails in small letters, E.164 numbers."""
    found = {str(value).lower() for row in rows for value in (row.get("email"), row.get("phone")) if value}
    return frozenset(found | ({contact.lower()} if contact else set()))
