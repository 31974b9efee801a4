"""A free text comes in; the same text without what it says about single persons goes out, and what was taken out of it.

A name that only says whom to ask goes with its "bei" or "Ansprechpartnerin:", so that the telephone number beside it stays. A
sentence that is about somebody goes whole. Names are known by what stands beside them, never by capitals alone: streets, schools
and saints bear the names of persons.
"""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from schemas.converters.contact import read_email, read_phone
from schemas.persons import is_first_name, is_function_mail, is_institution

NAME_CODE, SENTENCE_CODE = "person_name_withheld", "person_statement_withheld"
MAIL_CODE, PHONE_CODE = "private_email_withheld", "private_phone_withheld"

WORD = r"[A-ZÄÖÜÇŞİĞÉÈÁÓŠŽČĆŁ][a-zäöüßçşığéèêáóôñšžčćłńâîăţșț’']+"
SURNAME = rf"(?:(?:von|van|zu|de|el|al|ten|ter)(?:\s(?:der|den|dem))?[ -])?{WORD}(?:-{WORD})*"
FULL_NAME = rf"{WORD}(?:-{WORD})*\s(?:[A-Z]\.\s)?{SURNAME}"
ACADEMIC = r"(?:Dr|Prof|Dipl)\.(?:-?\s?(?:Dr|Ing|med|phil|päd|Päd|Soz|Psych)\.)*"
# "Frau Müller", "Herrn Dr. Ali Yılmaz", "Dr. Anna Schmidt", "Frau A. MÜLLER"; "Fr." is Friday unless somebody is asked for
ADDRESSED = re.compile(
    rf"(?<![\w-])(?:(?:Frau|Herrn?|Hr\.?|Mrs?\.?|Ms\.|Pfarrer(?:in)?|Pastor(?:in)?|Schwester|Imam)(?:\s{ACADEMIC})?|{ACADEMIC}"
    r"|(?<=bei )Fr\.|(?<=mit )Fr\.|(?<=an )Fr\.|(?<=: )Fr\.)"
    rf"\s(?P<name>{FULL_NAME}|(?:[A-Z]\.\s)?(?:{SURNAME}|[A-ZÄÖÜ]{{3,}}))(?!\w)"
    r"|(?<!\w)(?:[Пп]ані|[Пп]ан|[Гг]-жа|[Гг]-н|[Гг]оспожа)\s(?P<cyrillic>[А-ЯІЇЄҐ][а-яіїєґ’']+(?:\s[А-ЯІЇЄҐ][а-яіїєґ’']+)?)"
    r"|(?<!\w)(?:السيدة|السيد|الأستاذة|الأستاذ)\s(?P<arabic>[\u0621-\u064a]+)"
)
ENDING = r"(?:[*:_]?in(?:nen)?|Innen)?"
STRONG_ROLE = (  # behind these stands a person
    rf"(?:Ansprech(?:partner{ENDING}|person(?:en)?)|Kontaktperson(?:en)?|(?:Kurs|Übungs|Gruppen|Schul)?[Ll]eiter{ENDING}"
    rf"|Dozent{ENDING}|Lehrer{ENDING}|Lehrkraft|Referent{ENDING}|Trainer{ENDING}|Sozialarbeiter{ENDING}|Berater{ENDING}"
    rf"|Betreuer{ENDING}|Koordinator{ENDING}|Moderator{ENDING}|Vorsitzende[rn]?)"
)
# behind these a person or an institution
WEAK_ROLE = r"(?:Kontakt|(?:Kurs|Gruppen|Schul|Kita-)?[Ll]eitung|Koordination|Moderation|Anmeldung|Infos?|Rückfragen)"
IN_ROLE = re.compile(
    rf"\b(?:(?P<strong>{STRONG_ROLE})|{WEAK_ROLE})(?P<sign>\s?[:=–-]\s?|\s(?:ist|sind|bei|an)\s|\s)"
    rf"(?P<name>(?:{ACADEMIC}\s)?{FULL_NAME}(?:\s(?:und|&)\s{FULL_NAME})?|{WORD})(?!\w)"
)
# "Anna Schmidt, Tel. 0203 …": first and family name right before a way to reach them
REACHED = re.compile(
    rf"(?<![\w-])(?P<name>{FULL_NAME})"
    r"(?=\s?[,:(–-]{0,2}\s?(?:Tel\b|Telefon|Fon\b|Mobil|Handy|E-?Mail|\+49|0[1-9][0-9]|[a-z0-9._-]{1,64}@))"
)
# what makes a person's name a place's: Dr. Martin Luther Kirche, Pastor-Klein-Weg
PLACE = (
    r"(?:straße|strasse|str\.|schule|gymnasium|platz|weg|allee|ring|haus|kirche|moschee|stiftung|zentrum|saal|halle|park|kita"
    r"|kolleg|preis|hospital|krankenhaus|ufer)"
)
PLACE_BEHIND = re.compile(rf"(?:-|\s)?(?:[\w-]*-)?\w*{PLACE}\b", re.IGNORECASE)
PLACE_AT_END = re.compile(rf"{PLACE}$", re.IGNORECASE)
NO_NAMES = frozenset({  # Frau Holle is a fairy tale; "Fr. Vormittag" is a Friday
    "Holle", "Doktor", "Professor", "Mann", "Kind", "Gott", "Nachbar", "Vormittag", "Nachmittag", "Abend", "Morgen", "Mittag",
    "Uhr", "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember",
})  # fmt: skip
WAY_BEHIND = re.compile(r"\s?[,:(–-]{0,2}\s?(?:Tel|Fon|Mobil|Handy|E-?Mail|\+49|0[1-9])")  # ", Tel. 0203 …" behind a name
JOINT = re.compile(r"\s?(?:,|und|oder|sowie|bzw\.|&|/|\+)\s?")  # between two names: Frau Müller und Herr Kaya
CONTACT_LEAD = re.compile(  # what asks for somebody, and goes with the name
    rf"(?:\(\s?)?(?:\b(?:bei|mit|von|an|durch|by|with|c/o)\s(?:(?:der|dem|unserer|unserem)\s)?(?:{STRONG_ROLE}\s)?"
    rf"|\b(?:{STRONG_ROLE}|{WEAK_ROLE})\s?[:=–]\s?|:\s|\(\s?)$"
)
# health, residence, belief, family: what nobody should read about a named person
SENSITIVE = re.compile(
    r"krank|behinder|schwanger|\bHIV|psychisch|depress|trauma|sucht\b|therapie|diagnos|Duldung|geduldet|Asyl|abgeschoben"
    r"|Abschiebung|Aufenthalt|illegal|ohne Papiere|geflohen|geflüchtet|Flüchtling|verurteilt|Gefängnis|\bHaft|geschieden"
    r"|verwitwet|wohnt|lebt|verfolgt|arbeitslos|Bürgergeld",
    re.IGNORECASE,
)
MAIL = re.compile(  # anna@x.de, anna (at) x.de, anna⚹x◦de
    r"(?:mailto:)?[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}(?:@|\s?[\[({]\s?(?:at|ät)\s?[\])}]\s?|⚹)"
    r"[A-Za-z0-9-]{1,63}(?:(?:\.|◦|\s?[\[({]\s?(?:dot|punkt)\s?[\])}]\s?)[A-Za-z0-9-]{1,63}){1,6}"
)
# 0176 / 123 456 78
MOBILE = re.compile(r"(?<![\d/-])(?:\+\s?49|0049|0)[\s/().–-]{0,3}1[567](?:[\s/().–-]{0,3}[0-9]){8,9}(?![0-9])")
REACH_LEAD = re.compile(  # ", Mobil: ", "(WhatsApp "
    r"(?:[,;]\s?)?(?:\b(?:oder|und|per|unter)\s)?(?:\b(?:E-?Mail(?:adresse)?|Mail|Mobil(?:telefon|nummer)?|Handy(?:nummer)?"
    r"|Tel(?:efon)?|Telefonnummer|WhatsApp|SMS|Fon)\b\.?\s?[:/]?\s?){0,3}$",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"(?<=[.!?…؟])\s+(?![a-zäöüßа-яіїєґ\s])|\n+")
ABBREVIATION = re.compile(  # "Dr.", "am 5."
    r"(?:\b(?:Dr|Prof|Dipl|Hr|Fr|Mr|Mrs|Ms|Nr|Tel|ca|bzw|St|inkl|ggf|max|min|Mo|Di|Mi|Do|Sa|So|[A-Za-z])|[Ss]tr|\b[0-9]{1,2})\.$"
)
EMPTIED = re.compile(r"\(\s*[,;:]*\s*\)|\[\s*\]")
BEFORE_SIGN = re.compile(r"\s+([,;:.!?)])")
LOST_JOINT = re.compile(r"\b(an|bei|per|unter|mit|von)\s+(?:oder|und)\s")  # "Mail an oder info@": what was joined is gone
LOST_START = re.compile(r"(?:oder|und|sowie)\s|[,;:.–)\s]+")
DOUBLE_SIGN = re.compile(r"([,;:])(?:\s*[,;:])+")
SIGN_AT_END = re.compile(r"\s*[,;:–(-]+\s*(?=[.!?]?$)")
LABEL_ONLY = re.compile(
    rf"(?:[-–•]\s*)?(?:(?:{STRONG_ROLE}|{WEAK_ROLE}|Tel(?:efon)?|Mobil|Handy|E-?Mail|WhatsApp|und|oder|per|bei|mit|von)"
    r"[\s.:,/&-]*)*[\s.:,/&-]*",
    re.IGNORECASE,
)
# most texts hold none of these and are left alone at once
HINTS = (
    "Frau ", "Herr", "Hr", "Fr.", "Dr.", "Prof.", "Dipl.", "Mr", "Ms.", "Pfarrer", "Pastor", "Schwester ", "Imam ", "Пан", "пан",
    "Г-", "г-", "Госп", "госп", "السيد", "الأستاذ", "@", "(at", "[at", "{at", "( at", "[ at", "(ät", "[ät", "⚹", "Tel", "Mail",
    "Mobil", "Handy", "Ansprech", "Kontakt", "Leit", "leit", "Dozent", "Lehrer", "Lehrkr", "Referent", "Trainer", "Sozialarb",
    "Berater", "Betreuer", "Koordinat", "Moderat", "Vorsitz", "Anmeldung", "Info", "Rückfragen", "+49", "+ 49",
)  # fmt: skip
PHONE_HINT = re.compile(r"(?<![0-9])0[\s/().–-]{0,3}[1-9][0-9]")  # 0203, 0 (1)76; not the months of 01.03.2026


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
    return HINT.search(text) is not None or PHONE_HINT.search(text) is not None


def redact(text: str, known: Collection[str] = ()) -> tuple[str | None, list[Removed]]:
    """Take out of a text what belongs to single persons; `known` addresses stay. None where nothing of the text is left."""
    if not may_mention(text):
        return text, []
    removed: list[Removed] = []
    kept: list[str] = []
    for sentence, gap in to_sentences(text):
        rest = _redact_sentence(sentence, known, removed)
        if rest:
            kept += [rest, gap]
        elif kept and "\n" in gap:
            kept[-1] = gap if gap.count("\n") > kept[-1].count("\n") else kept[-1]
    return ("".join(kept).strip() or None, removed) if removed else (text, removed)


def to_sentences(text: str) -> Iterator[tuple[str, str]]:
    """Divide a text into sentences, each with the blank or line ends behind it."""
    start = 0
    for found in SENTENCE_END.finditer(text):
        if "\n" not in found[0] and ABBREVIATION.search(text, start, found.start()):
            continue
        yield text[start : found.start()], found[0]
        start = found.end()
    yield text[start:], ""


def _redact_sentence(sentence: str, known: Collection[str], removed: list[Removed]) -> str:
    if not may_mention(sentence):
        return sentence
    before = len(removed)
    persons = list(_persons(sentence))
    if persons and (SENSITIVE.search(sentence) or not all(_is_contact(sentence, span) for span in persons)):
        removed.append(Removed(SENTENCE_CODE, sentence))
        return ""
    spans = [(start, end, NAME_CODE) for start, end in persons]
    spans += [(found.start(), found.end(), MAIL_CODE) for found in MAIL.finditer(sentence) if not _may_stay(found[0], known)]
    mobiles = (found for found in MOBILE.finditer(sentence) if read_phone(found[0], "DE") not in known)
    spans += [(found.start(), found.end(), PHONE_CODE) for found in mobiles]
    rest = sentence
    for start, end, code in sorted(spans, reverse=True):
        removed.append(Removed(code, sentence[start:end]))
        lead = (CONTACT_LEAD if code == NAME_CODE else REACH_LEAD).search(rest[:start])
        opened = lead is not None and "(" in lead[0] and ")" in rest[end:]
        cut = lead.start() if lead else start
        rest = rest[:cut] + ("(" if opened else "") + rest[end:]
    if len(removed) == before:
        return sentence
    removed[before:] = reversed(removed[before:])
    return tidy(rest)


def _may_stay(mail: str, known: Collection[str]) -> bool:
    address = read_email(mail)
    return address is None or address.lower() in known or is_function_mail(address)


def _persons(sentence: str) -> Iterator[tuple[int, int]]:
    """Find mentions of persons as spans, in order; two names with "und" between them are one span."""
    spans = sorted({*_addressed(sentence), *_in_role(sentence), *_reached(sentence)})
    start = end = -1
    for first, last in spans:
        if start >= 0 and (first <= end or JOINT.fullmatch(sentence, end, first)):
            end = max(end, last)
            continue
        if start >= 0:
            yield start, end
        start, end = first, last
    if start >= 0:
        yield start, end


def _addressed(sentence: str) -> Iterator[tuple[int, int]]:
    for found in ADDRESSED.finditer(sentence):
        name = found["name"]
        if name and (name.split()[0] in NO_NAMES or is_institution(name) or _is_place(sentence, name, found.end())):
            continue
        yield found.span()


def _in_role(sentence: str) -> Iterator[tuple[int, int]]:
    for found in IN_ROLE.finditer(sentence):
        name = found["name"]
        first = next((word for word in name.split() if not word.endswith(".")), name)
        named = is_first_name(first)
        sure = " " in name and found["strong"] is not None and found["sign"].strip() in (":", "=", "–", "-", "ist", "sind")
        if (named or sure) and not is_institution(name) and not _is_place(sentence, name, found.end()):
            yield found.span("name")


def _reached(sentence: str) -> Iterator[tuple[int, int]]:
    for found in REACHED.finditer(sentence):
        if is_first_name(found["name"].split()[0]) and not is_institution(found["name"]):
            yield found.span()


def _is_place(sentence: str, name: str, end: int) -> bool:
    return PLACE_AT_END.search(name) is not None or PLACE_BEHIND.match(sentence, end) is not None


def _is_contact(sentence: str, span: tuple[int, int]) -> bool:
    """Say whether a mention only tells whom to ask: behind bei, mit, a role with a colon; or it stands alone, before a number."""
    start, end = span
    if CONTACT_LEAD.search(sentence, 0, start) or WAY_BEHIND.match(sentence, end):
        return True
    return not sentence[:start].strip(" -–•*") and not sentence[end:].strip(" .,;:!–)-")


def tidy(text: str) -> str:
    """Close the gaps that a removal leaves; nothing where only a label is left."""
    bullet = "- " if text.startswith("- ") else ""
    text = " ".join(EMPTIED.sub("", text.removeprefix("- ")).split())
    text = LOST_JOINT.sub(r"\1 ", DOUBLE_SIGN.sub(r"\1", BEFORE_SIGN.sub(r"\1", text)))
    while start := LOST_START.match(text):
        text = text[start.end() :]
    text = SIGN_AT_END.sub("", text).strip()
    return "" if LABEL_ONLY.fullmatch(text) else bullet + text
