"""A request for one offer comes in; its page, its dates or the way to report an error in it goes out."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from landkarte.web import exports, linked, occurrences, phrases
from landkarte.web.cards import audience, card, offer_path, texts, upcoming
from landkarte.web.elsewhere import also
from landkarte.web.i18n import direction
from landkarte.web.places import is_pinned
from landkarte.web.query import N_, Query
from landkarte.web.ranking import HAPPENS
from landkarte.web.render import Asked, asked, contact, page

DATES = 12  # dates an offer's page shows
MISTAKES = (
    N_("Das Angebot gibt es nicht mehr."),
    N_("Ein Termin oder eine Uhrzeit stimmt nicht."),
    N_("Telefonnummer, E-Mail oder Internetseite stimmt nicht."),
    N_("Der Ort stimmt nicht."),
    N_("Etwas anderes stimmt nicht."),
)


def offer_page(request: Request) -> Response:
    """An offer: permanent address; 410 once it is withdrawn, 404 where nobody knows it."""
    ask = asked(request)
    index, offer_id = ask.view.index, request.path_params["offer_id"]
    offer = index.offer(offer_id)
    if offer is None:
        return _missing(ask, offer_id)
    row = index.rows[offer_id]
    rows = index.sessions.of(offer_id)
    dates = upcoming(index, offer, rows)
    alive = [one for one in rows if one["status"] in (*HAPPENS, None)]
    happening = [one for one in dates if one.session["status"] in (*HAPPENS, None)]
    place = index.locations.get(index.places.location_of[row] or "")
    organisation = index.organisations.get(offer["organisation_id"] or "")
    others = [key for key in (offer["partner_organisation_ids"] or "").split(";") if key in index.organisations]
    shown = texts(ask.tongue, index, offer)
    values = {
        "offer": offer,
        "card": card(ask.tongue, index, row),
        "first_alike": alike[0] if (alike := also(index, offer_id)) and not index.listed >> row & 1 else None,
        "alike": alike,
        "texts": shown,
        "summary": shown.get("summary"),
        "description": shown.get("description"),
        "own": {"title": (offer["title"], offer["text_language"] or "de")},
        "own_summary": offer["summary"] or "",
        "translations": _translations(ask, offer),
        "rhythm": phrases.weekly(ask.tongue, alive, index.zone),
        "unfollowed": phrases.unfollowed(alive),
        "dates": [(one, phrases.occurrence(ask.tongue, one, full=True)) for one in dates[:DATES]],
        "more_dates": max(len(dates) - DATES, 0),
        "place": place,
        "address": phrases.address(place) if place else [],
        "pinned": bool(place) and index.places.kind_of[row] == "pin" and place is not None and is_pinned(place),
        "kind_of_place": index.places.kind_of[row],
        "spot": _spot(ask, place),
        "opening": phrases.opening_hours(ask.tongue, place["opening_hours"] if place else None),
        "area": phrases.area_name(index, place),
        "organisation": organisation,
        "others": [index.organisations[key] for key in others],
        "audience": audience(ask.tongue, index, offer),
        "facts": _facts(ask, offer, place),
        "source": index.sources.get(offer["source_key"] or ""),
        "confirmed": phrases.day(ask.tongue, offer["last_confirmed"]),
        "harvested": moment(ask, (index.sources.get(offer["source_key"] or "") or {}).get("last_success")),
        "licence": licence(ask, offer["licence"]),
        "linked": linked.describe(index, offer, place, happening, ask.address + offer_path(offer_id)),
        "phone": phrases.phone,
        "day": lambda text: phrases.day(ask.tongue, text),
    }
    return page(ask, "offer.html", values)


def _missing(ask: Asked, offer_id: str) -> Response:
    """Say kindly that an offer is not there: withdrawn (410), or unknown (404)."""
    index = ask.view.index
    key, _, record = offer_id.partition(":")
    written = f"{key}:{quote(record, safe='~._-')}"
    if written in index.rows and written != offer_id:
        return RedirectResponse(ask.link(offer_path(written)), 301)
    gone = index.withdrawn.get(offer_id)
    values = {
        "gone": gone,
        "withdrawn_on": phrases.day(ask.tongue, gone.get("withdrawn_on")) if gone else "",
        "source": index.sources.get(key),
        "source_query": Query(chosen={"source": (key,)}, lang=ask.query.lang).url("/"),
    }
    return page(ask, "missing.html", values, status=410 if gone else 404)


def _translations(ask: Asked, offer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give all versions of the texts, the partner's own first, each with language, direction and origin."""
    index = ask.view.index
    own = offer["text_language"] or "de"
    found = [
        {
            "language": own,
            "origin": "own",
            "title": offer["title"],
            "summary": offer["summary"],
            "description": offer["description"],
        }
    ]
    found += index.translations.of(offer["offer_id"])
    return [
        {
            **version,
            "dir": direction(version["language"]),
            "name": ask.tongue.language_name(index.labels, version["language"] or ""),
        }
        for version in found
    ]


def _spot(ask: Asked, place: Mapping[str, Any] | None) -> tuple[float, float] | None:
    """Give the place of a pin in the drawing of the city."""
    if ask.view.drawing is None or place is None or not is_pinned(place):
        return None
    return ask.view.drawing.point(place["longitude"], place["latitude"])


def _facts(ask: Asked, offer: Mapping[str, Any], place: Mapping[str, Any] | None) -> list[tuple[str, list[str]]]:
    """Give what is known as pairs of heading and words; what is unknown has no heading."""
    _, tongue, labels = ask.say, ask.tongue, ask.view.index.labels

    def words(vocabulary: str, column: str) -> list[str]:
        return [tongue.label(labels, vocabulary, code) for code in (offer[column] or "").split(";") if code]

    yes = [
        text for text, true in ((_("Kinderbetreuung"), offer["childcare"]), (_("mit Dolmetschen"), offer["interpreter"])) if true
    ]
    seats = []
    if offer["capacity_max"]:
        seats.append(tongue.ngettext("%(n)s Platz", "%(n)s Plätze", offer["capacity_max"]) % {"n": offer["capacity_max"]})
    if offer["places_free"] is not None:
        free = offer["places_free"]
        seats.append(tongue.ngettext("%(n)s freier Platz", "%(n)s freie Plätze", free) % {"n": free})
    if offer["waiting"]:
        seats.append(tongue.ngettext("%(n)s Person wartet", "%(n)s Personen warten", offer["waiting"]) % {"n": offer["waiting"]})
    registration = words("registration", "registration")
    if offer["registration_deadline"]:
        registration.append(_("bis %(day)s") % {"day": phrases.day(tongue, offer["registration_deadline"])})
    price = [text for text in (phrases.cost(tongue, offer), offer["cost_note"], offer["funding"]) if text]
    spoken = [tongue.language_name(labels, code) for code in (offer["languages"] or "").split(";") if code]
    course = [tongue.label(labels, "course_kinds", offer["course_kind"])] if offer["course_kind"] else []
    level = phrases.level(tongue, offer)
    taught = [tongue.language_name(labels, offer["taught_language"])] if offer["taught_language"] else []
    reach = words("accessibility", "accessibility")
    if place and place["wheelchair"] in ("yes", "limited", "no"):
        reach.append(_("Rollstuhl: %(answer)s") % {"answer": tongue.label(labels, "wheelchair", place["wheelchair"])})
    facts = [
        (_("Kosten"), price),
        (_("Anmeldung"), registration),
        (_("Plätze"), seats),
        (_("Gesprochene Sprachen"), spoken),
        (_("Für wen"), words("target_groups", "target_groups") + [text for text in (phrases.ages(tongue, offer),) if text]),
        (_("Aufenthaltsstatus"), words("residence_status", "residence_status")),
        (_("Sprachkurs"), [*taught, *course, *((level,) if level else ())]),
        (_("Schule"), words("school_stages", "school_stage") + words("school_forms", "school_form")),
        (_("Teilnahme"), words("attendance_modes", "attendance_mode") if offer["attendance_mode"] != "unknown" else []),
        (_("Außerdem"), yes),
        (_("Barrierefreiheit"), reach),
        (_("Programm"), words("programmes", "programmes")),
        (_("Thema"), words("topics", "topics")),
    ]
    return [(heading, found) for heading, found in facts if found]


def licence(ask: Asked, address: str | None) -> dict[str, str]:
    """Give name and address of a licence by its DCAT-AP.de address."""
    code = (address or "").partition("/def/licenses/")[2]
    name = ask.tongue.label(ask.view.index.labels, "licences", code)
    return {"name": name or address or "", "url": address or ""}


def moment(ask: Asked, text: str | None) -> str:
    local = occurrences.to_local(text, ask.view.index.zone)
    return phrases.moment(ask.tongue, local) if local else ""


def calendar(request: Request) -> Response:
    """The dates of one offer as iCalendar."""
    ask = asked(request)
    row = ask.view.index.rows.get(request.path_params["offer_id"])
    if row is None:
        return _missing(ask, request.path_params["offer_id"])
    headers = {"Content-Disposition": 'attachment; filename="termine.ics"', "Cache-Control": "private, no-cache"}
    return Response(
        exports.to_ics(ask.view.index, [row], ask.address), headers=headers, media_type="text/calendar; charset=utf-8"
    )


def report_page(request: Request) -> Response:
    """Help to tell the city that something is wrong: ready-made mails, no form, no personal data."""
    ask = asked(request)
    offer = ask.view.index.offer(request.path_params["offer_id"])
    if offer is None:
        return _missing(ask, request.path_params["offer_id"])
    email = contact(ask.view.index.package.descriptor)["email"]
    path = offer_path(offer["offer_id"])
    # the mail is read in the city's office: it is German in every language of the page
    subject = f"Fehler in der Integrationslandkarte: {offer['offer_id']}"
    mails = [
        (ask.say(mistake), mail(email, subject, f"{mistake}\n\n{offer['title']}\n{ask.address}{path}\n\n"))
        for mistake in MISTAKES
    ]
    return page(ask, "report.html", {"offer": offer, "mails": mails if email else [], "path": path})


def mail(address: str, subject: str, body: str) -> str:
    """Write a mailto address (RFC 6068)."""
    return f"mailto:{quote(address, safe='@')}?subject={quote(subject)}&body={quote(body)}"
