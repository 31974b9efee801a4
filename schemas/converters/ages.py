"""An age range or a language level in a partner's words comes in; age_min and age_max, or cefr_from and cefr_to, go out."""

import re
from typing import Any

from schemas.converters.answer import Convert, Setting, doubt
from schemas.converters.text import one_text
from schemas.vocabulary import fold

YEARS = r"\s?(?:-?\s?j(?:ä|ae)hrige[nrms]?|jahre?n?|j\.?|years?(?:\sold)?|yrs?\.?)?(?:\salt)?"
MONTHS = r"\s?(?:monate?n?|mon\.?|months?)"
PREFIX = r"(?:alter:?\s?|f(?:ü|ue)r\s(?:kinder|jugendliche)?\s?)?(?:kinder\s|jugendliche\s)?(?:im\salter\s)?"
RANGE = re.compile(  # 6–10 Jahre, 6 bis 10, von 6 bis unter 10 Jahren, 6 Monate - 3 Jahre
    rf"{PREFIX}(?:von\s|zwischen\s)?(?P<low>[0-9]{{1,3}})(?P<low_months>{MONTHS})?{YEARS}-?\s?(?:[-–—]|bis|und|to)\s?"
    rf"(?:zu\s)?(?P<below>unter\s)?(?P<high>[0-9]{{1,3}})(?P<high_months>{MONTHS})?{YEARS}",
    re.IGNORECASE,
)
FROM = re.compile(  # ab 6, 6+, schema.org's 11-
    rf"{PREFIX}(?:ab|mindestens|from)\s(?P<low>[0-9]{{1,3}})(?P<low_months>{MONTHS})?{YEARS}"
    r"|(?P<plus>[0-9]{1,3})\s?(?:\+|[-–—]|plus)",
    re.IGNORECASE,
)
UP_TO = re.compile(  # bis 12 J., bis unter 18, schema.org's -12
    rf"{PREFIX}(?:bis(?:\szu)?|h(?:ö|oe)chstens|max(?:\.|imal)?|up\sto)\s(?P<below>unter\s)?(?P<high>[0-9]{{1,3}}){YEARS}"
    r"|[-–—](?P<minus>[0-9]{1,3})",
    re.IGNORECASE,
)
UNDER = re.compile(rf"{PREFIX}(?:unter|under)\s(?P<high>[0-9]{{1,3}}){YEARS}", re.IGNORECASE)
AND_OLDER = re.compile(rf"{PREFIX}(?P<low>[0-9]{{1,3}}){YEARS}\s(?:und|oder)\s(?:älter|aelter)", re.IGNORECASE)
ANY_AGE = frozenset({
    "alle", "alle altersgruppen", "alle altersstufen", "jedes alter", "altersunabhaengig", "ohne altersbeschraenkung",
    "ohne altersbegrenzung", "keine altersbeschraenkung", "keine altersbegrenzung", "all ages", "unbegrenzt",
})  # fmt: skip

LEVEL = re.compile(r"(?<![A-Za-z0-9])(A\s?[012]|[BC]\s?[12])(?:[./]([12]))?(?![A-Za-z0-9+.])", re.IGNORECASE)  # A2, B1.2, b 2
LEVEL_WORDS = re.compile(  # what may stand beside levels without changing them
    r"\b(?:niveaustufen?|niveaus?|sprachniveau|stufen?|level|ger|gers|cefr|deutsch|german|telc|goethe|dtz|kurs"
    r"|zertifikat|von|nach|from|to)\b|[-–—/,:;()&]|\b(?:bis|und|oder)\b",
    re.IGNORECASE,
)
LEVEL_FROM = re.compile(r"\b(?:ab|mindestens|min\.|from)\s*$", re.IGNORECASE)
LEVEL_UP_TO = re.compile(r"^\s*(?:bis(?:\szu)?|max\.|up\sto)\s*$", re.IGNORECASE)
BARE = ("A0", "A1", "A2", "B1", "B2", "C1", "C2")


def read_ages(text: str) -> tuple[int | None, int | None] | None:
    """Read an age range; None where it is none. A single number is none: 6 may mean 6 or from 6."""
    if fold(text) in ANY_AGE:
        return None, None
    if found := RANGE.fullmatch(text):
        low, high = _years(found["low"], found["low_months"]), _years(found["high"], found["high_months"])
        return low, high - 1 if found["below"] else high
    if found := FROM.fullmatch(text):
        return (int(found["plus"]) if found["plus"] else _years(found["low"], found["low_months"])), None
    if found := UP_TO.fullmatch(text):
        high = int(found["minus"] or found["high"])
        return None, high - 1 if found["below"] else high
    if found := UNDER.fullmatch(text):
        return None, int(found["high"]) - 1
    if found := AND_OLDER.fullmatch(text):
        return int(found["low"]), None
    return None


def _years(number: str, months: str | None) -> int:
    return int(number) // 12 if months else int(number)


def to_age(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the target `age`: age_min and age_max from one text."""

    def age(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        read = read_ages(text)
        if read is None or any(years is not None and not 0 <= years <= 120 for years in read):
            return doubt("bad_age", text)
        return {"age_min": read[0], "age_max": read[1]}

    return age


def read_levels(text: str) -> tuple[str | None, str | None] | None:
    """Read one level or a range of levels of the CEFR; None where the text says anything else beside."""
    levels = [(found[1].replace(" ", "").upper(), f".{found[2]}" if found[2] else "") for found in LEVEL.finditer(text)]
    if not levels:
        return None
    first = next(LEVEL.finditer(text))
    lead, rest = text[: first.start()], LEVEL.sub(" ", text[first.start() :])
    codes = [code + half for code, half in levels]
    if len(codes) == 1 and not LEVEL_WORDS.sub("", rest).strip(" ."):
        if LEVEL_FROM.search(lead) and not LEVEL_WORDS.sub("", LEVEL_FROM.sub("", lead)).strip():
            return codes[0], None
        if LEVEL_UP_TO.match(lead):
            return None, codes[0]
    if LEVEL_WORDS.sub("", f"{lead} {rest}").strip(" ."):
        return None
    if codes != sorted(codes):
        return None
    return codes[0], codes[-1]


def to_cefr(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the target `cefr`: cefr_from and cefr_to from one text; a single level is both."""

    def cefr(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        read = read_levels(text)
        return {"cefr_from": read[0], "cefr_to": read[1]} if read else doubt("bad_level", text)

    return cefr


def to_level(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the columns cefr_from and cefr_to: exactly one level."""

    def level(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        read = read_levels(text)
        one = {code for code in read if code} if read else set()
        return one.pop() if len(one) == 1 else doubt("bad_level", text)

    return level
