"""An offer comes in; its schema.org description goes out, so that search engines find it. https://schema.org/Course"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from markupsafe import Markup

from landkarte.web.index import Index
from landkarte.web.occurrences import Occurrence
from landkarte.web.places import is_pinned

COURSES = ("course", "language_course", "training", "tutoring", "parent_programme")
EVENTS = ("event", "holiday", "open_meeting")
MODES = {"online": "OnlineEventAttendanceMode", "onsite": "OfflineEventAttendanceMode", "blended": "MixedEventAttendanceMode"}
SCHEMA = "https://schema.org/"


def describe(
    index: Index, offer: Mapping[str, Any], place: Mapping[str, Any] | None, dates: Sequence[Occurrence], address: str
) -> Markup:
    """Describe an offer as JSON-LD that may stand inside a script element."""
    provider = index.organisations.get(offer["organisation_id"] or "", {})
    kind = "Course" if offer["offer_type"] in COURSES else "Event" if offer["offer_type"] in EVENTS and dates else "Service"
    organisation = _full({"@type": "Organization", "name": provider.get("name"), "url": provider.get("website")})
    found: dict[str, Any] = {
        "@context": SCHEMA,
        "@type": kind,
        "@id": address,
        "url": address,
        "name": offer["title"],
        "description": offer["description"] or offer["summary"] or offer["title"],
        "inLanguage": offer["text_language"],
        "license": offer["licence"],
        "isAccessibleForFree": True if offer["cost_type"] == "free" else None,
    }
    where = _place(place)
    if kind == "Course":
        found |= {
            "provider": organisation,
            "educationalLevel": " – ".join(text for text in (offer["cefr_from"], offer["cefr_to"]) if text) or None,
            "hasCourseInstance": [
                _full(
                    {"@type": "CourseInstance", "courseMode": offer["attendance_mode"], "location": where, **_times(index, one)}
                )
                for one in dates[:10]
            ],
        }
    elif kind == "Event":
        mode = MODES.get(offer["attendance_mode"] or "")
        found |= {
            "organizer": organisation,
            "location": where,
            "eventStatus": SCHEMA + ("EventCancelled" if offer["status"] == "cancelled" else "EventScheduled"),
            "eventAttendanceMode": SCHEMA + mode if mode else None,
            **_times(index, dates[0]),
        }
    else:
        found |= {
            "provider": organisation,
            "areaServed": where,
            "availableChannel": _full(
                {"@type": "ServiceChannel", "serviceUrl": offer["url"], "servicePhone": offer["contact_phone"]}
            ),
        }
    # < and & must not end the script element or begin a comment in it
    text = orjson.dumps(_full(found)).decode()
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _times(index: Index, one: Occurrence) -> dict[str, Any]:
    if one.all_day:
        return {"startDate": one.start.date().isoformat(), "endDate": one.end.date().isoformat() if one.end else None}
    return {
        "startDate": one.start.replace(tzinfo=index.zone).isoformat(),
        "endDate": one.end.replace(tzinfo=index.zone).isoformat() if one.end else None,
    }


def _place(place: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if place is None or place["address_protected"]:
        return None
    street = " ".join(text for text in (place["street"], place["house_number"]) if text)
    return _full(
        {
            "@type": "Place",
            "name": place["name"],
            "address": _full(
                {
                    "@type": "PostalAddress",
                    "streetAddress": street or None,
                    "postalCode": place["postal_code"],
                    "addressLocality": place["city"],
                }
            ),
            "geo": {"@type": "GeoCoordinates", "latitude": place["latitude"], "longitude": place["longitude"]}
            if is_pinned(place)
            else None,
        }
    )


def _full(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is empty."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
