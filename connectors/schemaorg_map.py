"""Records of connectors/schemaorg.py come in; this map, in the language of a source file, says which columns they fill."""

from collections.abc import Mapping
from typing import Any

from connectors.schemaorg import KINDS

STATUS = {
    "EventScheduled": "active",
    "EventCancelled": "cancelled",
    "EventPostponed": "temporarily_closed",
    "EventRescheduled": "active",
    "EventMovedOnline": "active",
    "cancelled": "cancelled",
    "full": "full",
}
SESSION_STATUS = {
    "EventScheduled": "scheduled",
    "EventCancelled": "cancelled",
    "EventPostponed": "postponed",
    "EventRescheduled": "scheduled",
    "EventMovedOnline": "scheduled",
}
ATTENDANCE = {
    "OfflineEventAttendanceMode": "onsite",
    "OnlineEventAttendanceMode": "online",
    "MixedEventAttendanceMode": "blended",
    "onsite": "onsite",
    "online": "online",
    "blended": "blended",
}
OFFER_TYPE = {
    **dict.fromkeys(("Event", *sorted(KINDS["Event"])), "event"),
    **dict.fromkeys(("Course", "CourseInstance", *sorted(KINDS["Course"])), "course"),
    **dict.fromkeys(("Service", *sorted(KINDS["Service"])), "other"),
}
PLACE = {
    "location.name": "location.name",
    "location.address": "location.address",
    "location.street_line": "location.street_address",
    "location.postal_code": "location.postal_code",
    "location.city": "location.city",
    "location.latitude": "location.latitude",
    "location.longitude": "location.longitude",
}
SCHEMA_ORG_MAP: Mapping[str, Any] = {
    "map": {
        "title": {"from": ["name", "headline"], "as": "text"},
        "summary": {"from": ["disambiguatingDescription", "abstract"], "as": "text"},
        "description": {"from": ["description", "text"], "as": "text"},
        "url": {"from": ["url", "page"], "as": "url"},
        "record_url": {"from": "page", "as": "url"},
        "image_url": {"from": "image", "as": "url"},
        "offer_type": {"from": "type", "as": [{"lookup": "schema_types"}], "default": "event"},
        "attendance_mode": {"from": ["eventAttendanceMode", "courseMode", "virtual"], "as": [{"lookup": "schema_attendance"}]},
        "status": {"from": ["notice", "eventStatus"], "as": [{"lookup": "schema_status"}]},
        "cefr": "cefr",
        "start_date": {"from": "startDate", "as": "date"},
        "end_date": {"from": "endDate", "as": "date"},
        "age": "typicalAgeRange",
        "languages": {"from": ["availableLanguage", "inLanguage"], "as": "languages"},
        "cost": "cost",
        "registration_url": {"from": "registration_url", "as": "url"},
        "registration_deadline": {"from": "registration_deadline", "as": "date"},
        "capacity_max": "maximumAttendeeCapacity",
        "places_free": "remainingAttendeeCapacity",
        "keywords": "keywords",
        "contact_email": {"from": ["organizer.email", "email", "location.email"]},
        "contact_phone": {"from": ["organizer.telephone", "telephone", "location.telephone"]},
        "source_modified": {"from": "dateModified", "as": "datetime"},
        "organisation.name": "organizer.name",
        "organisation.website": {"from": "organizer.url", "as": "url"},
        **PLACE,
    },
    "sessions": {
        "each": "sessions",
        "map": {
            "start": {"from": "start", "as": "datetime"},
            "end": {"from": "end", "as": "datetime"},
            "all_day": "all_day",
            "weekday": "weekday",
            "start_time": "start_time",
            "end_time": "end_time",
            "rrule": "rrule",
            "exdates": "exdates",
            "until": "until",
            "status": {"from": "status", "as": [{"lookup": "schema_session_status"}]},
            "note": {"from": "name", "as": "text"},
            "online_url": {"from": "online_url", "as": "url"},
            **PLACE,
        },
    },
    "lookups": {
        "schema_types": OFFER_TYPE,
        "schema_attendance": ATTENDANCE,
        "schema_status": STATUS,
        "schema_session_status": SESSION_STATUS,
    },
    "ignore": [
        "id", "types", "identifier", "duration", "doorTime", "locations", "online_url", "availability", "sameAs",
        "isAccessibleForFree", "datePublished", "dateCreated", "alternateName", "copyrightHolder", "copyrightYear", "license",
        "superEvent", "educationalLevel", "isPartOf", "publisher", "inLanguage", "courseMode", "funder", "sponsor", "workFeatured",
        "thumbnailUrl",
    ],
}  # fmt: skip
