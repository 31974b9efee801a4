"""A mail address, a telephone number or a name comes in; whether it belongs to a single person goes out.

Nobody can know this of every address. What has a function's word in it passes (info@, sprachkurse@), what has a first name, two
names or a private mailbox does not; the city's registry settles what is left. The words stand in privacy_words.yml.
"""

import re
from collections.abc import Collection, Mapping
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
    "gemeinde", "kurs",
)  # fmt: skip
LETTERS = re.compile(r"[^\W\d_]+")
# "Frau Müller", "c/o Herrn Ali"
HONORIFIC = re.compile(r"(?:^|[\s,(])(?:Frau|Herrn?|Hr\.|Fr\.|Mrs?\.?|Ms\.|Dr\.|Prof\.)\s+(?!Holle\b)[A-ZÄÖÜ]")


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
    lists = words()
    names = [name for name in NAME_SIGNS.split(fold(local.replace(".", " ").replace("_", " "))) if name]
    if any(_is_function(name, lists) for name in names):
        return True
    if domain in lists["freemail"]:
        return False
    whole = "".join(names)
    if not names:
        return True  # 100085@schule.nrw.de
    if len(whole) > 2 and whole in NAME_SIGNS.sub("", fold(domain.rpartition(".")[0])):
        return True  # zitrone@zitrone-du.de
    if names[0] in lists["first_names"] or names[-1] in lists["first_names"] or names[-1] in lists["family_names"]:
        return False
    if len(names) == 1 or all(len(name) == 1 for name in names):
        return True
    # an initial and a name, or two words with a point, are a person's: a.schmidt, anna.schmidt; kursnet-wolfsburg is none
    return len(names[0]) > 1 and "." not in local and "_" not in local


def _is_function(name: str, lists: Mapping[str, frozenset[str]]) -> bool:
    return name in lists["functions"] or any(
        len(stem) >= SHORT_STEM and (name.startswith(stem) or name.endswith(stem)) for stem in lists["function_stems"]
    )


def is_first_name(word: str) -> bool:
    """Say whether a word is a common first name; of a double one (Anna-Lena) the first counts."""
    return fold(word.partition("-")[0]) in words()["first_names"]


def is_institution(name: str) -> bool:
    """Say whether a name has a word in it that only institutions have."""
    folded = fold(name).split()
    return any(word in words()["institution_words"] or word.endswith(INSTITUTION_ENDS) for word in folded)


@lru_cache(maxsize=10_000)
def is_person(name: str) -> bool:
    """Say whether what should be an institution is a person: Frau Müller, Anna Schmidt; not Anne-Frank-Schule."""
    if HONORIFIC.search(name):
        return not is_institution(name)
    parts = name.split()
    if not 2 <= len(parts) <= 3 or not all(part.replace("-", "").isalpha() and part[0].isupper() for part in parts):
        return False
    return any(map(is_first_name, parts[:-1])) and not is_institution(name)


def known_addresses(*rows: Mapping[str, object], contact: str | None = None) -> Collection[str]:
    """Collect what a registry's rows and a source name as function addresses: mails in small letters, E.164 numbers."""
    found = {str(value).lower() for row in rows for value in (row.get("email"), row.get("phone")) if value}
    return frozenset(found | ({contact.lower()} if contact else set()))
