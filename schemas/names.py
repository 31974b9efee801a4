"""A sentence comes in; where it names persons goes out, and whether it only says whom to ask or speaks of somebody.

Names are known by what stands beside them (Frau, Ansprechpartner:, a telephone number, a line of their own) and by common first
names; never by capitals alone: streets, schools and saints bear the names of persons.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import NamedTuple

from schemas.persons import is_first_name, is_function_word, is_institution, words
from schemas.vocabulary import fold

WORD = r"(?:Mc|[DO][’'‘´])?[A-ZÄÖÜÇŞİĞÉÈÁÓŠŽČĆŁ][a-zäöüßçşığéèêáóôñšžčćłńâîăţșț’']+"
SURNAME = rf"(?:(?:[Vv]on|[Vv]an|zu|[Dd][aei]|[EeAa]l|Abu|Ibn|[Tt]en|[Tt]er)(?:\s(?:der|den|dem))?[ -])?{WORD}(?:-{WORD})*"
FULL_NAME = rf"{WORD}(?:-{WORD})*\s(?:[A-Z]\.\s)?{SURNAME}"
ACADEMIC = r"(?:Dr|Prof|Dipl)\.(?:-?\s?(?:Dr|Ing|med|dent|vet|phil|jur|rer|nat|pol|päd|Päd|Soz|Psych|habil|h|c)\.)*"
CYRILLIC = r"[А-ЯІЇЄҐ][а-яіїєґ’']+"
# "Frau Müller", "Herrn Dr. Ali Yılmaz", "Dr. Anna Schmidt", "Frau A. MÜLLER", also misspelt: "Herrr Kaya"; "Fr." is Friday unless
# somebody is asked for
ADDRESSED = re.compile(
    rf"(?<![\w-])(?:(?P<spoken>Frau|Herr+n?|Hern|Hr\.?|Mrs?\.?|Ms\.|(?<=bei )Fr\.|(?<=mit )Fr\.|(?<=an )Fr\.|(?<=: )Fr\.)"
    rf"(?:\s{ACADEMIC})?|(?:Pfarrer(?:in)?|Pastor(?:in)?|Schwester|Imam)(?:\s{ACADEMIC})?|{ACADEMIC})"
    rf"\s(?P<name>{FULL_NAME}|(?:[A-Z]\.\s)?(?:{SURNAME}|[A-ZÄÖÜ]{{3,}}))(?!\w)"
    rf"|(?<!\w)(?:[Пп]ані|[Пп]ан|[Гг]-жа|[Гг]-н|[Гг]оспожа)\s{CYRILLIC}(?:\s{CYRILLIC})?"
    r"|(?<!\w)(?:السيدة|السيد|الأستاذة|الأستاذ)\s[\u0621-\u064a]+"
)
ENDING = r"(?:[*:_/]?-?in(?:nen)?|\(in(?:nen)?\)|Innen)?"
STRONG_ROLE = (  # behind these stands a person
    rf"(?:Ansprech(?:partner{ENDING}|person(?:en)?)|Kontaktperson(?:en)?|(?:Kurs|Übungs|Gruppen|Schul)?[Ll]eiter{ENDING}"
    rf"|Dozent{ENDING}|Lehrer{ENDING}|Lehrkraft|Referent{ENDING}|Trainer{ENDING}|Sozialarbeiter{ENDING}|Berater{ENDING}"
    rf"|Betreuer{ENDING}|Koordinator{ENDING}|Moderator{ENDING}|Vorsitzende[rn]?)"
)
# behind these a person or an institution
WEAK_ROLE = r"(?:Kontakt|(?:Kurs|Gruppen|Schul|Team|Kita-)?[Ll]eitung|Koordination|Moderation|Anmeldung|Infos?|Rückfragen)"
IN_ROLE = re.compile(
    rf"\b(?:(?P<strong>{STRONG_ROLE})|{WEAK_ROLE})(?P<sign>\s?[:=–-]\s?|\s(?:ist|sind|bei|an)\s|\s)"
    rf"(?P<name>(?:{ACADEMIC}\s)?{FULL_NAME}(?:\s(?:und|&)\s{FULL_NAME})?|{WORD})(?!\w)"
)
FAR_ROLE = re.compile(  # "Leitung der Kita: Anna Schmidt", "Ansprechpartnerin im Rathaus ist Anna Schmidt"
    rf"\b(?:(?P<strong>{STRONG_ROLE})|{WEAK_ROLE})(?:\s[^\W\d_][\w-]*){{1,5}}?(?:\s?[:=]\s?|\s(?:ist|sind)\s)"
    rf"(?P<name>(?:{ACADEMIC}\s)?{FULL_NAME})(?!\w)"
)
ASKED_BELOW = re.compile(r".*\b(?:bei|an|mit)\s?:\s*")  # "Melden Sie sich bei:"
LABEL = re.compile(  # a line that announces a name: "Ansprechpartnerin:", "Ihre Ansprechpersonen zum Thema Integration"
    rf"[-–•*\s]*(?:[\w-]+\s){{0,2}}?(?:(?P<strong>{STRONG_ROLE})|{WEAK_ROLE})(?P<more>(?:\s[\w-]+){{0,5}})\s?(?P<colon>:?)\s*"
)
NAME_LINE = re.compile(rf"[-–•*\s]*(?P<name>{FULL_NAME}(?:\s{SURNAME})?)(?!\w)")
ONE_MORE = re.compile(rf"\s{SURNAME}(?!\w)")
FIRST_WORD = re.compile(rf"(?<![\w-]){WORD}(?:-{WORD})*")
NAMED = re.compile(rf"{FULL_NAME}(?!\w)")
# what makes a person's name a place's: Dr. Martin Luther Kirche, Pastor-Klein-Weg
PLACE = (
    r"(?:straße|strasse|str\.|schule|gymnasium|platz|weg|allee|ring|haus|kirche|moschee|stiftung|zentrum|saal|halle|park|kita"
    r"|kolleg|preis|hospital|krankenhaus|ufer|universität)"
)
PLACE_BEHIND = re.compile(rf"(?:-|\s)?(?:[\w-]*-)?\w*{PLACE}\b", re.IGNORECASE)
PLACE_AT_END = re.compile(  # Petersen-Döring, Neuhaus and Nikita are persons
    rf"(?:straße|strasse|str\.|schule|gymnasium|kirche|moschee|stiftung|zentrum|kolleg|krankenhaus|hospital)$|(?:^|[\s-]){PLACE}$",
    re.IGNORECASE,
)
NO_NAMES = frozenset({  # Frau Holle is a fairy tale; "Fr. Vormittag" is a Friday; "als Frau Deutsch lernen"
    "Holle", "Doktor", "Professor", "Dr", "Prof", "Mann", "Kind", "Gott", "Nachbar", "Vormittag", "Nachmittag", "Abend", "Morgen",
    "Mittag", "Uhr", "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember", "Deutsch", "Familie", "Kinder", "Beruf", "Arbeit",
})  # fmt: skip
WAY_BEHIND = re.compile(  # ", Tel. 0203 …" behind a name
    r"\s?[,:(–-]{0,2}\s?(?:Tel\b|Telefon|Fon\b|Mobil|Handy|E-?Mail|\+49|0[1-9][0-9]|[a-z0-9._-]{1,64}@)"
)
NOTHING_BEHIND = re.compile(rf"[\s.,;:!–)*-]*$|\s?[,(–-]\s?(?:{STRONG_ROLE}|{WEAK_ROLE})|\s?\([^()]*\)\s*$")
DOES = re.compile(
    rf"(?:\s(?:und|&)\s{FULL_NAME})?\s(?:ist|sind|war|hat|haben|leitet|leiten|berät|beraten|hilft|helfen|unterrichtet|begleitet|betreut"
    r"|freut|freuen|steht|stehen|bietet|arbeitet|koordiniert|wohnt|lebt)\b"
)
CONTACT_LEAD = re.compile(  # what asks for somebody, and goes with the name
    rf"(?:\(\s?)?(?:\b(?:bei|mit|von|an|durch|by|with|c/o)\s(?:(?:der|dem|unserer|unserem)\s)?(?:{STRONG_ROLE}\s)?"
    rf"|\b(?:{STRONG_ROLE}|{WEAK_ROLE})\s?[:=–]\s?|:\s|\(\s?)$"
)
WANTED = re.compile(rf"\b(?:(?:bei|an|c/o)\s(?:{STRONG_ROLE}\s)?|(?:{STRONG_ROLE}|{WEAK_ROLE})\s?[:=–]\s?)$")
ASKING = re.compile(r"\b(?:bei|mit|an|durch|c/o)\s$")  # not "von": poems and operas are by somebody
JOINT = re.compile(r"\s?(?:,|und|oder|sowie|bzw\.|&|/|\+)\s?")  # between two names: Frau Müller und Herr Kaya
# health, residence, belief, family: what nobody should read about a named person
SENSITIVE = re.compile(
    r"krank|behinder|schwanger|\bHIV|psychisch|depress|trauma|sucht\b|therapie|diagnos|Duldung|geduldet|Asyl|abgeschoben"
    r"|Abschiebung|Aufenthalt|illegal|ohne Papiere|geflohen|geflüchtet|Flüchtling|verurteilt|Gefängnis|\bHaft|geschieden"
    r"|verwitwet|wohnt|lebt|verfolgt|arbeitslos|Bürgergeld",
    re.IGNORECASE,
)


BEGINNING = re.compile(r"[ –•*(-]*")
REACH_BACK = 200  # characters before a name in which what asks for it must stand; without a bound a long text takes its square


class Mention(NamedTuple):
    """Where a sentence names one person or several joined ones, and whether it only asks for them.

    `wanted`: it says that one should turn to them, or how; a singer is asked for by "mit", but not wanted.
    """

    start: int
    end: int
    asks: bool
    wanted: bool = False


class Heading(NamedTuple):
    """What the line before says of this one: that a name follows, of a person for sure or perhaps of an institution."""

    surely: bool


def to_heading(line: str) -> Heading | None:
    """Say whether a line announces a name on the next one."""
    found = LABEL.fullmatch(line)
    if found is None:
        return Heading(False) if ASKED_BELOW.fullmatch(line) else None
    return Heading(found["strong"] is not None and (bool(found["colon"]) or not found["more"]))


def to_mentions(sentence: str, under: Heading | None = None, families: Collection[str] = ()) -> list[Mention]:
    """Find where a sentence names persons, in order.

    `under` is what the line before it announces, `families` are folded family names that stand in private addresses beside it.
    """
    found: list[Mention] = []
    listed = _listed(sentence, under) if under is not None else ()
    owners = _owners(sentence, families) if families else ()
    for start, short in sorted({*_addressed(sentence), *_in_role(sentence), *_named(sentence), *listed, *owners}):
        end = _to_end(sentence, start, short)
        if found and (start <= found[-1].end or JOINT.fullmatch(sentence, found[-1].end, start)):
            found[-1] = found[-1]._replace(end=max(found[-1].end, end))
        else:
            found.append(Mention(start, end, False))
    return [mention._replace(asks=_asks(sentence, mention), wanted=_wants(sentence, mention)) for mention in found]


def _to_end(sentence: str, start: int, end: int) -> int:
    """Give the end of a name that has two first names: Anna Maria Schmidt."""
    more = ONE_MORE.match(sentence, end)
    if more is None or not is_first_name(sentence[start:end].split()[-1]):
        return end
    return end if more[0].split()[0] in NO_NAMES or is_institution(more[0]) or _is_place(sentence, "", end) else more.end()


def _addressed(sentence: str) -> Iterator[tuple[int, int]]:
    for found in ADDRESSED.finditer(sentence):
        name = found["name"] or ""
        if name.split()[:1] and name.split()[0] in NO_NAMES:
            continue
        # behind Frau or Herr stands a person, whatever the name: Neuhaus, Park
        if found["spoken"] or not name or not (is_institution(name) or _is_place(sentence, name, found.end())):
            yield found.span()


def _in_role(sentence: str) -> Iterator[tuple[int, int]]:
    for found in IN_ROLE.finditer(sentence):
        surely = found["strong"] is not None and found["sign"].strip() in (":", "=", "–", "-", "ist", "sind")
        if _is_persons(sentence, found, surely):
            yield found.span("name")
    for found in FAR_ROLE.finditer(sentence):
        if _is_persons(sentence, found, (found["strong"] or "").startswith(("Ansprech", "Kontaktp"))):
            yield found.span("name")


def _listed(sentence: str, under: Heading) -> Iterator[tuple[int, int]]:
    """Find the name that the line before announces, where the line holds nothing else or a way to reach it."""
    found = NAME_LINE.match(sentence)
    if found is None or not (NOTHING_BEHIND.match(sentence, found.end()) or WAY_BEHIND.match(sentence, found.end())):
        return
    if _is_persons(sentence, found, under.surely):
        yield found.span("name")


def _owners(sentence: str, families: Collection[str]) -> Iterator[tuple[int, int]]:
    """Find the full names of those whose family name stands in an address."""
    for word in FIRST_WORD.finditer(sentence):
        found = NAMED.match(sentence, word.start())
        if found and fold(found[0]).split()[-1] in families and not is_institution(found[0]):
            yield found.span()


def _is_persons(sentence: str, found: re.Match[str], surely: bool) -> bool:
    """Say whether a name is a person's: its first name is known, or what stands before it asks for one, and it is no institution's."""
    name = found["name"]
    first = next((word for word in name.split() if not word.endswith(".")), name)
    known = is_first_name(first) if " " in name else first in first_words()
    asked = surely and " " in name and not any(map(is_function_word, name.split()))
    return (known or asked) and not is_institution(name) and not _is_place(sentence, name, found.end("name"))


def _named(sentence: str) -> Iterator[tuple[int, int]]:
    """Find first and family names that stand alone, are asked for, can be reached, do something, or have something said of them."""
    if not may_name(sentence):
        return
    end, first = 0, _beginning(sentence)
    sensitive = SENSITIVE.search(sentence) is not None
    for word in FIRST_WORD.finditer(sentence):
        if word.start() < end or first_words().isdisjoint(word[0].split("-")):
            continue
        found = NAMED.match(sentence, word.start())
        if found is None or found[0].split()[-1] in NO_NAMES or is_institution(found[0]):
            continue
        if _is_place(sentence, found[0], found.end()):
            continue
        end = found.end()
        alone = found.start() <= first and NOTHING_BEHIND.match(sentence, end)
        told = before(ASKING, sentence, found.start()) or WAY_BEHIND.match(sentence, end) or DOES.match(sentence, end)
        if alone or told or sensitive:
            yield found.span()


def _is_place(sentence: str, name: str, end: int) -> bool:
    return any(map(PLACE_AT_END.search, name.split())) or PLACE_BEHIND.match(sentence, end) is not None


def _asks(sentence: str, mention: Mention) -> bool:
    """Say whether a mention only tells whom to ask: behind bei, mit, a role with a colon; alone; or before a number."""
    if before(CONTACT_LEAD, sentence, mention.start) or WAY_BEHIND.match(sentence, mention.end):
        return True
    return mention.start <= _beginning(sentence) and NOTHING_BEHIND.match(sentence, mention.end) is not None


def _wants(sentence: str, mention: Mention) -> bool:
    return bool(before(WANTED, sentence, mention.start) or WAY_BEHIND.match(sentence, mention.end))


def before(lead: re.Pattern[str], sentence: str, end: int) -> re.Match[str] | None:
    """Find what leads to a place in a sentence; `lead` ends in $."""
    return lead.search(sentence, max(0, end - REACH_BACK), end)


def _beginning(sentence: str) -> int:
    """Give where the words of a sentence begin, behind the dash of a list."""
    found = BEGINNING.match(sentence)
    return found.end() if found else 0


@cache
def first_words() -> frozenset[str]:
    """Give first names as they are written, with umlauts and without, except those that are other words as well."""
    folded = words()["first_names"] - words()["also_words"]
    with_umlauts = {name.replace("ae", "ä").replace("oe", "ö").replace("ue", "ü") for name in folded}
    return frozenset(name.title() for name in folded | with_umlauts)


def may_name(text: str) -> bool:
    """Say quickly whether a text holds a common first name."""
    return not first_words().isdisjoint(text.replace("-", " ").replace("(", " ").split())
