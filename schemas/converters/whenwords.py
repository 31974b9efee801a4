"""One part of a cell that says when comes in (`jeden 1. Dienstag im Monat, 15 Uhr`); its tokens go out, and what is only remarked.

A token is a kind and its text. A sign or a word that nobody here knows makes the whole part unreadable: None. One pass, no way back:
a long text costs no more than its length.
"""

import re
from typing import NamedTuple

from schemas.converters.clock import PART, read_weekdays
from schemas.converters.moments import MONTHS
from schemas.vocabulary import fold


class Token(NamedTuple):
    """`kind` is a group of TOKEN, or for words: day, to, and, from, since, fill, which, month, fortnight."""

    kind: str
    text: str
    codes: tuple[str, ...] = ()  # of a day: mo; of a which: 1


MONTH = (
    "(?:januar|jänner|jan|februar|feb|märz|mrz|mär|april|apr|mai|juni|jun|juli|jul|august|aug|september|sept|sep|oktober|okt"
    "|november|nov|dezember|dez)"
)
TOKEN = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9T])"  # 2026-12-05
    r"|[0-9]{1,2}\.\s?[0-9]{1,2}\.(?:\s?[0-9]{4}|[0-9]{2})(?![0-9])"  # 5.12.2026, 05.12.26
    rf"|[0-9]{{1,2}}\.\s?{MONTH}\.?\s[0-9]{{4}}(?![0-9]))"  # 5. Dezember 2026
    rf"|(?P<short>[0-9]{{1,2}}\.\s?(?:[0-9]{{1,2}}\.(?![0-9])|{MONTH}\b\.?))"  # 01.03., 1. März
    r"|(?P<fortnight>14[-\s]?t(?:ä|ae)g(?:ig|lich)\b)"
    rf"|(?P<time>(?:(?:{PART})\s(?:um\s)?(?=[0-9]))?"  # abends um 18 Uhr
    r"[0-9]{1,2}(?:[:.][0-9]{2})?(?![0-9.:])(?:\s?(?:uhr|h)\b\.?|\s?[ap]\.?m\b\.?)?"  # 18:30, 17.30, 18 Uhr, 6 pm, 9
    rf"(?:\s(?:noon|midday|midnight|mitternacht|{PART})\b)?|(?:noon|midday|midnight|mitternacht)\b)"  # 12 noon, 12 Uhr mittags
    r"|(?P<which>[0-9]\.)"  # the 1. of "1. Dienstag"; also the first day of "1.–31.05.2027"
    r"|(?P<day>[0-9]{2}\.(?=\s?(?:[-–—]|bis\b)))"  # "07." of 07.–11.12.2026
    r"|(?P<word>[^\W\d_]+\.?)"
    r"|(?P<to>[-–—])|(?P<and>[,+&/])|(?P<fill>[\s:]+)",
    re.IGNORECASE,
)
BRACKETS = re.compile(r"\(([^()]*)\)")  # (außer in den Schulferien)
# a remark that goes on to the end: ", außer in den Ferien", ", nur mit Anmeldung"
REMARK = re.compile(
    r"[\s,–-]+(?:(?:und|oder|sowie|aber|jedoch)\s)?(?:außer|ausser|ausgenommen|nicht|keine?|nur|auch|bitte|mit|ohne|nach|in|im|während|an(?=\s(?:gesetzlichen\s)?feier)|fällt)\s",
    re.IGNORECASE,
)
TIMES = re.compile(
    r"[\s,:]+(?:(?:von|um|ab|from|at)\s)?[0-9].*", re.IGNORECASE | re.DOTALL
)  # what goes on behind a remark: "9–12 Uhr"

WORDS = {
    **dict.fromkeys(("bis", "to", "until", "till"), "to"),
    **dict.fromkeys(("und", "u", "sowie", "and"), "and"),
    **dict.fromkeys(("von", "vom", "from"), "from"),
    **dict.fromkeys(("ab", "seit", "since"), "since"),
    **dict.fromkeys((
        "am", "an", "um", "jeden", "jede", "jedem", "jeweils", "immer", "every", "each", "on", "at", "den", "dem", "the", "zum",
        "woechentlich", "weekly",
    ), "fill"),
    **dict.fromkeys(("zweiwoechentlich", "vierzehntaegig", "vierzehntaeglich", "fortnightly"), "fortnight"),
}  # fmt: skip
NUMBERS = {"erst": "1", "zweit": "2", "dritt": "3", "viert": "4", "letzt": "-1"}
WHICH = {word + end: number for word, number in NUMBERS.items() for end in ("e", "en", "er", "em")} | {
    "first": "1", "second": "2", "third": "3", "fourth": "4", "last": "-1",
}  # fmt: skip
OF_MONTH = re.compile(
    r"\b(?:im\s(?:jeden\s)?Monat|(?:des|eines|jeden|eines\sjeden)\sMonats|of\s(?:the|each|every)\smonth)\b", re.IGNORECASE
)
# "every other Tuesday" is every second week; "jeden zweiten Dienstag" may be that of a month
FORTNIGHT = re.compile(
    r"\b(?:alle\s(?:(?:zwei|2)\sWochen|14\sTage)|jede\szweite\sWoche|every\s(?:(?:two|2)\sweeks|second\sweek|other(?:\sweek)?))\b",
    re.IGNORECASE,
)

# A remark is understood where each of its words is one of these and one of them is one of TELLING
TELLING = frozenset({
    "ferien", "schulferien", "sommerferien", "osterferien", "herbstferien", "weihnachtsferien", "pfingstferien", "ferienzeit", "feiertag",
    "feiertage", "feiertagen", "feiertags", "schulzeit", "anmeldung", "voranmeldung", "vereinbarung", "absprache",
    "terminvereinbarung", "online", "praesenz", "holidays",
})  # fmt: skip
REMARKED = TELLING | {
    "ausser", "ausgenommen", "nicht", "kein", "keine", "nur", "auch", "und", "oder", "sowie", "in", "an", "am", "den", "der", "die", "dem",
    "im", "waehrend", "zu", "mit", "ohne", "nach", "bitte", "gesetzlichen", "gesetzliche", "nrw", "vorheriger", "vorherige",
    "telefonischer", "telefonische", "vorher", "geschlossen", "faellt", "aus", "kurs", "treffen", "angebot", "unterricht", "findet",
    "statt", "aber", "jedoch", "moeglich", "erforderlich", "noetig", "except", "during", "school", "not",
}  # fmt: skip
HOLIDAYS = frozenset(word for word in TELLING if "ferien" in word or "feiertag" in word or word == "holidays")


def says_fortnight(text: str) -> bool:
    """Say whether a text has one of the words for every second week."""
    words = FORTNIGHT.sub(" fortnightly ", text)
    return any(found.lastgroup == "fortnight" or WORDS.get(fold(found[0])) == "fortnight" for found in TOKEN.finditer(words))


def read_remarks(text: str) -> tuple[str, bool] | None:
    """Give a part without its remarks, and whether there were any; None where a remark may change what the rest says."""
    remarks = BRACKETS.findall(text)
    bare = BRACKETS.sub(" ", text)
    bare = FORTNIGHT.sub(" fortnightly ", OF_MONTH.sub(" ofmonth ", bare))
    if found := REMARK.search(bare):
        remark, bare = bare[found.start() :], bare[: found.start()]
        if times := TIMES.search(remark):
            remark, bare = remark[: times.start()], f"{bare} {times[0]}"
        remarks.append(remark.strip(" ,–-"))
    return (bare.strip(" .,"), bool(remarks)) if all(map(_is_harmless, remarks)) else None


def _is_harmless(remark: str) -> bool:
    """Say whether a remark leaves the times standing: "nur in den Ferien" does not, "außer in den Ferien" does."""
    words = set(fold(remark).split())
    return words <= REMARKED and bool(words & TELLING) and not ("nur" in words and words & HOLIDAYS)


def read_tokens(text: str) -> list[Token] | None:
    """Give the tokens of a part without its remarks; None where one is unknown."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            return None
        at = found.end()
        token = _to_token(str(found.lastgroup), found[0])
        if token is None:
            return None
        if token.kind != "fill":
            tokens.append(token)
    return tokens


def _to_token(kind: str, text: str) -> Token | None:
    if kind == "which":
        return Token(kind, text, (text[0],))
    if kind == "day":
        return Token("short", text)
    if kind != "word":
        return Token(kind, text)
    word = fold(text)
    if word == "ofmonth":
        return Token("month", text)
    if word in WHICH:
        return Token("which", text, (WHICH[word],))
    if word in WORDS:
        return Token(WORDS[word], text)
    if word in MONTHS:  # a month whose day stands nowhere
        return None
    days = read_weekdays(text)
    return Token("day", text, days) if days else None
