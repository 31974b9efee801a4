"""An offer's row comes in; what its card says in the reader's language goes out: at most five lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from landkarte.web import occurrences, phrases
from landkarte.web.i18n import Tongue, direction
from landkarte.web.index import Index
from landkarte.web.occurrences import Occurrence
from landkarte.web.ranking import HAPPENS

FOLLOWED = 60  # dates of one session that are looked at
LANGUAGES = 5  # as many languages stand on a card
GENERAL = "general"  # the target group that says: everybody


@dataclass(frozen=True, slots=True)
class Text:
    """A partner's words and the language they are in; `machine` where a machine wrote them."""

    text: str
    lang: str
    dir: str
    machine: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """What a card in the list says."""

    offer_id: str
    path: str
    title: Text
    icon: str
    kind: str
    facts: Sequence[str]
    languages: Sequence[tuple[str, str]]
    more_languages: int
    audience: Sequence[str]
    fresh: str
    stale: bool
    notice: str
    open: bool
    phone: str
    phone_text: str
    place: str
    address: str  # for paper, on which there is nothing to press


def card(tongue: Tongue, index: Index, row: int) -> Card:
    """Make the card of the offer in a row."""
    offer = index.offers.row(row, named=True)
    codes = [code for code in (offer["languages"] or "").split(";") if code]
    codes.sort(key=lambda code: (code != tongue.code, code != "de"))  # the reader's own language first, then German
    pin = index.places.pin_of[row]
    return Card(
        offer_id=offer["offer_id"],
        path=offer_path(offer["offer_id"]),
        title=title(tongue, index, offer),
        icon=icon(offer),
        kind=tongue.label(index.labels, "offer_types", offer["offer_type"]),
        facts=[
            fact for fact in (phrases.cost(tongue, offer), when(tongue, index, offer), phrases.area(tongue, index, row)) if fact
        ],
        languages=[(code, tongue.language_name(index.labels, code)) for code in codes[:LANGUAGES]],
        more_languages=max(len(codes) - LANGUAGES, 0),
        audience=audience(tongue, index, offer),
        fresh=freshness(tongue, index, offer),
        stale=bool(offer["stale"]),
        notice=notice(tongue, index, offer),
        open=offer["status"] == "active",
        phone=offer["contact_phone"] or "",
        phone_text=phrases.phone(offer["contact_phone"]),
        place=index.places.pins[pin].location_id if pin >= 0 else "",
        address=_address(index, row),
    )


def _address(index: Index, row: int) -> str:
    place = index.locations.get(index.places.location_of[row] or "")
    if not place or place["address_protected"]:
        return ""
    return ", ".join(text for text in (place["name"], *phrases.address(place)) if text)


def offer_path(offer_id: str) -> str:
    """Give the permanent path of an offer; the percent signs of its id are quoted once more."""
    return "/angebot/" + quote(offer_id, safe=":~._-")


def title(tongue: Tongue, index: Index, offer: Mapping[str, Any]) -> Text:
    """Give the title in the reader's language if somebody translated it, else in the partner's."""
    return texts(tongue, index, offer)["title"]


def texts(tongue: Tongue, index: Index, offer: Mapping[str, Any]) -> dict[str, Text]:
    """Give title, summary and description in the reader's language, each falling back on the partner's own."""
    own = {
        name: Text(offer[name], offer["text_language"] or "de", direction(offer["text_language"]))
        for name in ("title", "summary", "description")
        if offer[name]
    }
    if (offer["text_language"] or "de").partition("-")[0] == tongue.code:
        return own
    for translation in index.translations.of(offer["offer_id"]):
        if (translation["language"] or "").partition("-")[0] == tongue.code:
            made = translation["origin"] == "machine"
            lang = translation["language"]
            return own | {
                name: Text(translation[name], lang, direction(lang), made)
                for name in ("title", "summary", "description")
                if translation[name] and (name != "summary" or offer["rights"] != "facts_only")
            }
    return own


def icon(offer: Mapping[str, Any]) -> str:
    """Give the topic whose pictogram stands for the offer: its first one, in the order of meaning rather than of the alphabet."""
    topics = (offer["topics"] or "").split(";")
    return next((topic for topic in PICTURED if topic in topics), "other")


# the more particular topic wins: a German course for work shows work
PICTURED = (
    *(
        "emergency",
        "legal",
        "housing",
        "health",
        "early_education",
        "sport",
        "digital",
        "culture",
        "vocational",
        "work",
        "school",
    ),
    *("language", "family", "leisure", "antidiscrimination", "participation"),
)


def when(tongue: Tongue, index: Index, offer: Mapping[str, Any]) -> str:
    """Say when it takes place: the weekly rhythm, else the next date; of an offer without any session its first and last day."""
    every = index.sessions.of(offer["offer_id"])
    if not every:
        return phrases.period(tongue, offer, index.today)
    rows = [row for row in every if row["status"] in (*HAPPENS, None)]
    dates = upcoming(index, offer, rows)
    if not dates:
        return ""
    alive = [dict(row) for row in {id(one.session): one.session for one in dates}.values()]
    single = [one for one in dates if one.session["start"] and not one.session["rrule"]]
    rhythm = phrases.weekly(tongue, alive, index.zone) if not single else phrases.series(tongue, dates) if single == dates else []
    if rhythm:
        if (dates[0].start.date() - index.today).days > 7:
            return tongue.gettext("%(rhythm)s, ab %(day)s") % {
                "rhythm": "; ".join(rhythm),
                "day": tongue.day(dates[0].start.date()),
            }
        return "; ".join(rhythm)
    written = phrases.occurrence(tongue, dates[0], today=index.today)
    further = len(dates) - 1
    if not further:
        return written
    words = tongue.ngettext("und %(n)s weiterer Termin", "und %(n)s weitere Termine", further) % {"n": further}
    return f"{written} {words}"


def upcoming(index: Index, offer: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[Occurrence]:
    """Give the coming dates of some sessions of an offer in order, at most a few dozen of each."""
    first, last = occurrences.to_date(offer["start_date"]), occurrences.to_date(offer["end_date"])
    found: list[Occurrence] = []
    for row in rows:
        for number, one in enumerate(occurrences.upcoming(row, now=index.moment, zone=index.zone, first=first, last=last)):
            if number >= FOLLOWED:
                break
            found.append(one)
    return sorted(found, key=lambda one: (one.start, one.end or one.start))


def audience(tongue: Tongue, index: Index, offer: Mapping[str, Any]) -> list[str]:
    """Say for whom: groups, ages, level."""
    groups = [code for code in (offer["target_groups"] or "").split(";") if code]
    words = [tongue.label(index.labels, "target_groups", code) for code in groups if code != GENERAL or len(groups) == 1]
    if offer["gender"] in ("women", "girls", "men", "boys"):
        only = tongue.label(index.labels, "gender", offer["gender"])
        words = [word for word in words if word not in only] + [only]
    ages, level = phrases.ages(tongue, offer), phrases.level(tongue, offer)
    return [*words[:3], *((ages,) if ages else ()), *((level,) if level else ())]


def freshness(tongue: Tongue, index: Index, offer: Mapping[str, Any]) -> str:
    """Say who offers it, where we know it from, and how fresh that is."""
    _ = tongue.gettext
    source = index.sources.get(offer["source_key"] or "")
    publisher = str(source["publisher"] if source and source["publisher"] else offer["source_key"])
    provider = index.organisations.get(offer["organisation_id"] or "", {}).get("name") or publisher
    words = [tongue.apart(provider)]
    if provider != publisher:
        words.append(_("Quelle: %(publisher)s") % {"publisher": tongue.apart(publisher)})
    if offer["last_confirmed"]:
        words.append(_("bestätigt am %(day)s") % {"day": phrases.day(tongue, offer["last_confirmed"])})
    elif source and source["last_success"]:
        words.append(_("abgerufen am %(day)s") % {"day": phrases.day(tongue, source["last_success"])})
    return " · ".join(words)


def notice(tongue: Tongue, index: Index, offer: Mapping[str, Any]) -> str:
    """Say what one should know before going there: full, closed for now, free places."""
    if offer["status"] in ("full", "temporarily_closed", "cancelled", "inactive"):
        return tongue.label(index.labels, "status", offer["status"])
    if offer["places_free"]:
        return tongue.ngettext("%(n)s freier Platz", "%(n)s freie Plätze", offer["places_free"]) % {"n": offer["places_free"]}
    return ""
