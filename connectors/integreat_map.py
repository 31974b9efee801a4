"""Records of integreat_records.py come in; this map, in the language of a source file, says which columns they fill."""

from collections.abc import Mapping
from typing import Any

INTEGREAT_MAP: Mapping[str, Any] = {
    "map": {
        "title": {"from": "title", "as": "text"},
        "summary": {"from": "meta_description", "as": "text"},
        "description": {"from": ["content", "excerpt"], "as": "text"},
        "text_language": "language",
        "offer_type": {"from": "kind", "as": [{"lookup": "integreat_kinds"}]},
        "attendance_mode": "attendance",
        "status": "status",
        "keywords": {"from": ["sections", "category.name"]},
        "url": {"from": ["contact.website", "url"], "as": "url"},
        "record_url": {"from": "url", "as": "url"},
        "image_url": {"from": "thumbnail", "as": "url"},
        "registration_url": {"from": ["appointment_url", "contact.appointment_url"], "as": "url"},
        "contact_email": "contact.email",
        "contact_phone": "contact.phone_number",
        "source_modified": {"from": "last_updated", "as": "datetime"},
        "organisation.name": "organization.name",
        "organisation.website": {"from": "organization.website", "as": "url"},
        "location.name": "location.name",
        "location.street_line": "location.address",
        "location.postal_code": "location.postcode",
        "location.city": "location.town",
        "location.latitude": "location.latitude",
        "location.longitude": "location.longitude",
        "location.opening_hours": "opening_hours",
        "location.wheelchair": "barrier_free",
    },
    "sessions": {
        "each": "sessions",
        "map": {
            "start": {"from": "start", "as": "datetime"},
            "end": {"from": "end", "as": "datetime"},
            "all_day": "all_day",
        },
    },
    "translations": {
        "each": "translations",
        "map": {
            "language": "language",
            "title": {"from": "title", "as": "text"},
            "summary": {"from": "meta_description", "as": "text"},
            "description": {"from": "content", "as": "text"},
        },
    },
    "where": {"signpost": {"filled": False}},  # a page without a text only leads to others
    "lookups": {"integreat_kinds": {"page": "information", "location": "other", "event": "event"}},
    "ignore": [
        "id", "path", "parent", "embedded_offers", "location_url", "location_path", "meeting_url", "recurrence_rule",
        "published_at", "excerpt", "category", "sections", "signpost",
    ],
}  # fmt: skip
