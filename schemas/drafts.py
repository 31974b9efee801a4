"""One raw record comes in; the rows it makes go out, before anybody has counted them: offer, place, institutions, sessions.

Nothing is guessed: what is unclear stays empty and is found. What follows from the city's law happens here too: a protected
address is gone from every row and text, and a partner who gives no licence keeps his texts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.city import City
from schemas.conceal import Address, conceal
from schemas.converters.answer import Finding
from schemas.converters.fields import licence_uri
from schemas.converters.text import to_text
from schemas.courses import begins_with_offer, to_rows
from schemas.identity import to_hash, to_ids
from schemas.mapping import Plan
from schemas.parties import Organisations
from schemas.persons import is_function_mail, is_mobile
from schemas.reading import Found
from schemas.record import RawRecord
from schemas.rows import Row
from schemas.sessions import UNSAID, WHEN, to_session_rows
from schemas.sites import Site, Sites
from schemas.source import Source
from schemas.tables import columns

TRANSLATION_COLUMNS = columns("translations")
BASE = {"offer_type": "other", "attendance_mode": "unknown", "cost_type": "unknown", "status": "active"}  # where nothing is said
OWN_TEXTS = ("description", "summary", "image_url")  # what a partner without a licence keeps for himself
TEXTS = ("title", "summary", "description")
UNTIMED = dict.fromkeys((*WHEN, "all_day", "rrule", "until"))
STARTS = ("session.start", "session.start_time", "session.time")


@dataclass(frozen=True, slots=True)
class Draft:
    """What one record became. Sessions have no ids yet: those depend on what came before."""

    offer: Row
    sessions: list[Row]
    translations: list[Row]
    sites: list[Site]
    organisations: list[Row]


class Rejected(Exception):
    """A record that cannot become an offer: the problem's code, and the offer's id where one can be told."""

    def __init__(self, code: str, offer_id: str = "") -> None:
        super().__init__(code)
        self.code, self.offer_id = code, offer_id


class Drafts:
    """Makes drafts of the records of one run; remembers places and institutions, which repeat."""

    def __init__(self, source: Source, city: City, plan: Plan) -> None:
        self.source, self.plan, self.zone = source, plan, city.zone
        self.sites = Sites(plan.location, source.key)
        elsewhere = plan.sessions is not None and bool(plan.sessions.location.entries)
        self.session_sites = Sites(plan.sessions.location, source.key) if plan.sessions and elsewhere else None
        self.organisations = Organisations(plan.organisation, source, city)
        given = {
            "source_key": source.key,
            "text_language": source.text_language,
            "licence": licence_uri(source.licence) or source.licence,
            "attribution": source.attribution,
            "rights": source.rights,
        }
        self.template: Row = {name: BASE.get(name, given.get(name)) for name in columns("offers")}
        self.template |= {name: value for name, value in plan.offer.constants.items() if name in self.template}
        self.partners = plan.offer.constants.get("partner_organisations")
        if (part := plan.sessions) is not None:
            self.session_template: Row = {**UNSAID, **{name: said for name, said in part.own.constants.items() if name in UNSAID}}
            self.spread = "when" in part.own.constants or any(entry.name == "when" for entry in part.own.entries)
            if self.spread:
                self.session_template["when"] = part.own.constants.get("when")
            self.from_first_day = part.each is None and begins_with_offer(self.plan.offer.entries, part.own.entries)
            self.session_expected = part.each is not None or not WHEN.isdisjoint(part.own.constants)

    def make(self, record: RawRecord, found: Found) -> Draft:
        """Make the draft of one record; raise Rejected where it cannot be an offer. What is unclear is added to `found`."""
        data = record.data
        offer = self.template.copy()
        self.plan.offer.read(data, offer, found)
        partners: Any = offer.pop("partner_organisations", self.partners)
        if found:  # only what was said and not understood leaves these empty
            for name, value in BASE.items():
                if offer[name] is None:
                    offer[name] = value
        if offer["cost_amount"] is not None and offer["cost_type"] == "unknown":
            offer["cost_type"] = "paid" if offer["cost_amount"] else "free"
        given = offer["record_id"] or to_text(record.record_id)
        if given:
            offer["record_id"], offer["offer_id"] = to_ids(self.source.key, str(given))
        if offer["title"] is None:
            raise Rejected("missing_title", str(offer["offer_id"] or ""))
        site = self.sites.find(data, found)
        if site is not None and offer["attendance_mode"] == "online" and not site.given:
            site = None  # the usual place of a source is not the place of what happens online
        sites = [] if site is None else [site]
        if site is not None:
            offer["location_id"] = site.row["location_id"]
            if site.row["location_type"] == "virtual" and offer["attendance_mode"] == "unknown":
                offer["attendance_mode"] = "online"
        organisation = self.organisations.find(data, found)
        if site is not None and site.address is not None:
            organisation = _without_address(organisation, site.address)
        organisations = [organisation]
        offer["organisation_id"] = organisation["organisation_id"]
        if not given:
            place = str(offer["location_id"] or "").rpartition(":")[2]
            made = to_hash([offer["title"], offer["organisation_id"], place])
            offer["record_id"], offer["offer_id"] = to_ids(self.source.key, made)
        if offer["origin_catalogue"] is not None and offer["origin_id"] is None:
            offer["origin_id"] = offer["record_id"]
        if partners:
            organisations += self._partners(partners, offer, found)
        if not offer["url"] and not _is_reachable(offer):
            named = offer["contact_email"] is not None or offer["contact_phone"] is not None
            _lend_contact(offer, organisation, *([self.organisations.publisher] if named else []))
        if self.source.rights == "facts_only" or offer["rights"] == "facts_only":
            offer["rights"] = "facts_only"
            offer.update(dict.fromkeys(OWN_TEXTS))
        sessions = self._sessions(data, offer, site, sites, found) if self.plan.sessions else []
        translations = self._translations(data, offer, found) if self.plan.translations else []
        draft = Draft(offer, sessions, translations, sites, organisations)
        for each in sites:
            if each.address is not None:
                found.append(("location", Finding("protected_address", None)))
                _hide(each.address, draft)
        if offer["title"] is None:  # it was nothing but the protected address
            raise Rejected("missing_title", str(offer["offer_id"]))
        return draft

    def _partners(self, names: list[str], offer: Row, found: Found) -> list[Row]:
        rows = [row for name in names if (row := self.organisations.named(name, "partner_organisations", found)) is not None]
        ids = sorted({str(row["organisation_id"]) for row in rows} - {str(offer["organisation_id"])})
        offer["partner_organisation_ids"] = ";".join(ids) or None
        return rows

    def _sessions(self, data: Mapping[str, Any], offer: Row, site: Site | None, sites: list[Site], found: Found) -> list[Row]:
        part = self.plan.sessions
        assert part is not None
        rows: list[Row] = []
        for item in to_items(part.each.get(data)) if part.each else (data,):
            said, before = self.session_template.copy(), len(found)
            part.own.read(item, said, found)
            if len(found) > before and not said["all_day"]:
                said["note"] = _unread(found[before:], str(said["note"] or ""))
            whens: Any = said.pop("when") if self.spread else None
            if whens is None:
                made = to_rows(offer, said, self.zone, found, from_first_day=self.from_first_day, expected=self.session_expected)
            else:
                made = [row for when in whens for row in to_session_rows(_at(said, when), self.zone, found, expected=True)]
            own = self.session_sites.find(item, found) if made and self.session_sites is not None else None
            if own is not None and (site is None or own.row["location_id"] != site.row["location_id"]):
                sites.append(own)
                for row in made:
                    row["location_id"] = own.row["location_id"]
            rows += made
        return rows

    def _translations(self, data: Mapping[str, Any], offer: Row, found: Found) -> list[Row]:
        part = self.plan.translations
        assert part is not None
        rows: dict[str, Row] = {}
        for item in to_items(part.each.get(data)) if part.each else (data,):
            row: Row = dict.fromkeys(TRANSLATION_COLUMNS)
            row["origin"] = "partner"
            row |= part.own.constants
            part.own.read(item, row, found)
            language = row["language"]
            if language is None or language == offer["text_language"] or not any(row[name] for name in TEXTS):
                continue
            if str(language) in rows:
                found.append(("translation.language", Finding("ambiguous_value", str(language), "zwei Texte in einer Sprache")))
                continue
            row["offer_id"] = offer["offer_id"]
            row["origin"] = row["origin"] or "partner"
            if offer["rights"] == "facts_only":
                row["summary"] = row["description"] = None
            rows[str(language)] = row
        return list(rows.values())


def _unread(found: Found, note: str) -> str | None:
    """Add to a note the partner's own words for weekdays with an exception; where there is no note, for a time that could not be read:
    without them the session would seem to last all day."""
    days = next(
        (finding.value for target, finding in found if finding.code == "partly_taken" and target == "session.weekday"), None
    )
    words = (finding.value for target, finding in found if finding.code == "bad_time" and target in STARTS)
    time = next((f"Uhrzeit: {word}" for word in words if word), None)
    return "\n".join(filter(None, (days, note or time))) or None


def _at(said: Mapping[str, Any], when: Mapping[str, Any]) -> Row:
    """Give what was said of a session at one of the times of its text, which alone says when; its note stands behind the partner's."""
    note = "\n".join(dict.fromkeys(str(text) for text in (said["note"], when.get("note")) if text))
    return {**said, **UNTIMED, **when, "note": note or None}


def to_items(value: Any) -> list[Mapping[str, Any]]:
    """Give the items of a list, a single mapping, or the pieces of a text; what is no mapping is read by the selector @."""
    if value is None or value == "":
        return []
    if isinstance(value, Mapping):
        return [value]
    if isinstance(value, str):
        value = [piece for piece in value.replace("\n", ";").replace("|", ";").split(";") if piece.strip()]
    items = value if isinstance(value, list | tuple) else [value]
    return [item if isinstance(item, Mapping) else {"@": item} for item in items if item is not None]


def _is_reachable(offer: Row) -> bool:
    """Whether an offer names a way to it that may be published; schemas/privacy.py withholds a person's."""
    mail, phone = offer["contact_email"], offer["contact_phone"]
    return bool(offer["url"] or (mail and is_function_mail(str(mail))) or (phone and not is_mobile(str(phone))))


def _lend_contact(offer: Row, *lenders: Row) -> None:
    """Where an offer names no way to it, its own page is one, or what is empty is filled with the first lender's general contact."""
    if offer["record_url"]:
        offer["url"] = offer["record_url"]
    for organisation in lenders:
        if _is_reachable(offer):
            return
        for column, own in (("url", "website"), ("contact_email", "email"), ("contact_phone", "phone")):
            if offer[column] is None:
                offer[column] = organisation[own]


def _without_address(organisation: Row, address: Address) -> Row:
    """Take a protected address out of the row of the institution that lives there."""
    if address.street is None or organisation["street"] != address.street:
        return organisation
    return organisation | dict.fromkeys(("street", "house_number", "postal_code"))


def _hide(address: Address, draft: Draft) -> None:
    """Take a protected address out of every text of an offer."""
    fields: list[tuple[Row, tuple[str, ...]]] = [(draft.offer, (*TEXTS, "cost_note"))]
    fields += [(row, ("room", "note")) for row in draft.sessions]
    fields += [(row, TEXTS) for row in draft.translations]
    for row, names in fields:
        for name in names:
            if row[name]:
                row[name] = conceal(str(row[name]), address, whole=name not in ("title", "room"))
