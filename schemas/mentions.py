"""A free text comes in; the same text without what it says about single persons goes out, and what was taken out of it.

A name that only says whom to ask goes with its "bei" or "Ansprechpartnerin:", so that the telephone number beside it stays. A
sentence that is about somebody goes whole. Private addresses and mobile numbers go with the label before them.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from schemas.converters.contact import read_email, read_phone
from schemas.names import (
    CONTACT_LEAD,
    SENSITIVE,
    STRONG_ROLE,
    WEAK_ROLE,
    Heading,
    Mention,
    before,
    may_name,
    to_heading,
    to_mentions,
)
from schemas.persons import families_of, is_function_mail, words
from schemas.sentences import tidy, to_sentences
from schemas.vocabulary import fold

REMEMBERED = 4096  # sentences
LONGEST_REMEMBERED = 300  # characters

NAME_CODE, SENTENCE_CODE = "person_name_withheld", "person_statement_withheld"
MAIL_CODE, PHONE_CODE = "private_email_withheld", "private_phone_withheld"

MAIL = re.compile(  # anna@x.de, anna (at) x.de, anna⚹x◦de
    r"(?:mailto:)?[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}(?:@|\s?[\[({]\s?(?:at|ät)\s?[\])}]\s?|⚹)"
    r"[A-Za-z0-9-]{1,63}(?:(?:\.|◦|\s?[\[({]\s?(?:dot|punkt)\s?[\])}]\s?)[A-Za-z0-9-]{1,63}){1,6}"
)
ADJECTIVE = re.compile(r"[-–•*\s]*\w+(?:er|es|en|em|ische|liche)\s")  # "Duisburger Tafel"
# 0176 / 123 456 78
MOBILE = re.compile(r"(?<![\d/-])(?:(?:\+\s?49|0049)(?:\s?\(0\))?|0)[\s/().–-]{0,3}1[567](?:[\s/().–-]{0,3}[0-9]){8,9}(?![0-9])")
MOBILE_LINE = re.compile(r"[\s:–-]*(?:(?:Mobil|Handy|Tel|WhatsApp)\w*[.:\s]*)?" + MOBILE.pattern.removeprefix(r"(?<![\d/-])"))
NUMBER_LINE = re.compile(r"[\s\d:()+/–-]+")  # between the names of a list
REACH_LEAD = re.compile(  # ", Mobil: ", "(WhatsApp "
    r"(?:[,;]\s?)?(?:\b(?:oder|und|per|unter)\s)?(?:\b(?:E-?Mail(?:adresse)?|Mail|Mobil(?:telefon|nummer)?|Handy(?:nummer)?"
    r"|Tel(?:efon)?|Telefonnummer|WhatsApp|SMS|Fon)\b\.?\s?[:/]?\s?){0,3}$",
    re.IGNORECASE,
)
LABEL_ONLY = re.compile(  # what is left of "Ansprechpartnerin: " says nothing any more
    rf"(?:[-–•]\s*)?(?:(?:{STRONG_ROLE}|{WEAK_ROLE}|Tel(?:efon)?|Mobil|Handy|E-?Mail|WhatsApp|und|oder|per|bei|mit|von)"
    r"[\s.:,/&-]*)*[\s.:,/&-]*",
    re.IGNORECASE,
)
# most texts hold none of these and are left alone at once
HINTS = (
    "Frau ", "Herr", "Hern ", "Hr", "Fr.", "Dr.", "Prof.", "Dipl.", "Mr", "Ms.", "Pfarrer", "Pastor", "Schwester ", "Imam ", "Пан", "пан",
    "Г-", "г-", "Госп", "госп", "السيد", "الأستاذ", "@", "(at", "[at", "{at", "( at", "[ at", "(ät", "[ät", "⚹", "Ansprech",
    "Kontaktp", "Leiter", "leiter", "Dozent", "Lehrer", "Lehrkr", "Referent", "Trainer", "Sozialarb", "Berater", "Betreuer",
    "Koordinator", "Moderator", "Vorsitz", "+49", "+ 49",
)  # fmt: skip
MOBILE_HINT = re.compile(r"0(?:049)?[\s/().–-]{0,3}1[567]")  # begins with a plain sign, so that the search is quick
TITLES = frozenset({"frau", "herr", "herrn", "prof", "dipl", "pfarrer", "pfarrerin", "pastor", "pastorin", "schwester", "imam"})


def _any_of(hints: Collection[str]) -> re.Pattern[str]:
    """Compile a search for any of some texts, grouped by their first sign: three times as fast as one after the other."""
    groups: dict[str, list[str]] = {}
    for hint in hints:
        groups.setdefault(hint[0], []).append(re.escape(hint[1:]))
    return re.compile("|".join(f"{re.escape(first)}(?:{'|'.join(rests)})" for first, rests in groups.items()))


HINT = _any_of(HINTS)


class Removed(NamedTuple):
    """What was taken out of a text, and under which problem code."""

    code: str
    text: str


def may_mention(text: str) -> bool:
    """Say quickly whether a text can hold anything of this at all."""
    return HINT.search(text) is not None or MOBILE_HINT.search(text) is not None or may_name(text)


def redact(text: str, known: Collection[str] = ()) -> tuple[str | None, list[Removed]]:
    """Take out of a text what belongs to single persons; `known` addresses stay. None where nothing of the text is left."""
    if not may_mention(text):
        return text, []
    sentences = list(_to_mentioning(text, known))
    names = {name for sentence, _, mentions in sentences for mention in mentions for name in _names(sentence, mention)}
    removed: list[Removed] = []
    kept: list[str] = []
    for sentence, gap, mentions in sentences:
        if mentions and (SENSITIVE.search(sentence) or not all(mention.asks for mention in mentions)):
            removed.append(Removed(SENTENCE_CODE, sentence))
            rest = ""
        else:
            rest = _cut(sentence, mentions, names, known, removed)
        if rest:
            kept += [rest, gap]
        elif kept and gap.count("\n") > kept[-1].count("\n"):
            kept[-1] = gap
    while removed and kept and LABEL_ONLY.fullmatch(kept[-2]):  # what it announced is gone
        del kept[-2:]
    return ("".join(kept).strip() or None, removed) if removed else (text, removed)


def redact_title(text: str, known: Collection[str] = (), *, event: bool = False) -> tuple[str | None, list[Removed]]:
    """Take out of a title what belongs to single persons, and nothing else of it. None where nothing is left.

    Who is named in the title of an event is on its stage: an artist, a speaker. There a name stays, unless it says whom to ask or
    stands beside something sensitive, and a name that is the whole title stays.
    """
    if not may_mention(text):
        return text, []
    removed: list[Removed] = []
    mentions = to_mentions(text)
    if event and not SENSITIVE.search(text):
        mentions = [mention for mention in mentions if mention.wanted]
    names = {name for mention in to_mentions(text) for name in _names(text, mention)}
    rest = _cut(text, mentions, names, known, removed)
    if event and not rest and mentions:
        removed = []
        rest = _cut(text, [], names, known, removed)
    return rest or None, removed


def _to_mentioning(text: str, known: Collection[str]) -> Iterator[tuple[str, str, Sequence[Mention]]]:
    """Yield each sentence with the blanks behind it and the persons it names.

    A label announces those on the lines below it; a mobile number below a name, or an address that bears it, say whose it is.
    """
    families = {name for mail in MAIL.findall(text) if _to_address(mail) not in known for name in families_of(_to_address(mail))}
    pieces = list(to_sentences(text))
    under = None
    for place, (sentence, gap) in enumerate(pieces):
        below = pieces[place + 1][0] if "\n" in gap and place + 1 < len(pieces) else ""
        heading = under or (Heading(True) if MOBILE_LINE.match(below) and not ADJECTIVE.match(sentence) else None)
        mentions = to_mentions(sentence, heading, families) if heading or families else _mentions_of(sentence)
        yield sentence, gap, mentions
        if "\n" not in gap:
            under = None
        elif not (under and (mentions or NUMBER_LINE.fullmatch(sentence))):
            under = to_heading(sentence)


def _mentions_of(sentence: str) -> Sequence[Mention]:
    """Find whom a sentence names by itself. Short ones are remembered: partners write them under every offer."""
    return _remembered_mentions(sentence) if len(sentence) <= LONGEST_REMEMBERED else _mentions_now(sentence)


@lru_cache(maxsize=REMEMBERED)
def _remembered_mentions(sentence: str) -> Sequence[Mention]:
    return _mentions_now(sentence)


def _mentions_now(sentence: str) -> Sequence[Mention]:
    return tuple(to_mentions(sentence)) if may_mention(sentence) else ()


def _names(sentence: str, mention: Mention) -> list[str]:
    """Give the words of a name, for knowing again who owns an address: Sigloch, sigloch@…"""
    folded = fold(sentence[mention.start : mention.end]).split()
    return [word for word in folded if len(word) > 3 and word not in TITLES and word not in words()["first_names"]]


def _cut(sentence: str, mentions: Sequence[Mention], names: set[str], known: Collection[str], removed: list[Removed]) -> str:
    """Cut mentions, private addresses and mobile numbers out of a sentence, with what leads to them; tell what it was."""
    spans = [(mention.start, mention.end, NAME_CODE) for mention in mentions]
    spans += [(found.start(), found.end(), MAIL_CODE) for found in MAIL.finditer(sentence) if _is_private(found[0], names, known)]
    mobiles = (found for found in MOBILE.finditer(sentence) if read_phone(found[0], "DE") not in known)
    spans += [(found.start(), found.end(), PHONE_CODE) for found in mobiles]
    if not spans:
        return sentence
    spans.sort()
    removed += [Removed(code, sentence[start:end]) for start, end, code in spans]
    kept: list[str] = []
    done = 0
    for start, end, code in spans:
        lead = before(CONTACT_LEAD if code == NAME_CODE else REACH_LEAD, sentence, start)
        opened = lead is not None and "(" in lead[0] and sentence.find(")", end) >= 0
        kept += [sentence[done : max(done, lead.start() if lead else start)], "(" if opened else ""]
        done = max(done, end)
    rest = tidy("".join(kept) + sentence[done:])
    return "" if LABEL_ONLY.fullmatch(rest) else rest


def _is_private(mail: str, names: set[str], known: Collection[str]) -> bool:
    address = _to_address(mail)
    if address in known:
        return False
    local = fold(address.partition("@")[0]).replace(" ", "")
    return not is_function_mail(address) or any(name in local for name in names)


def _to_address(mail: str) -> str:
    """Give an address as it is known elsewhere; one with a mistake in its end as it stands."""
    return (read_email(mail) or mail.removeprefix("mailto:")).lower()
