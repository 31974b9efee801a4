"""Records of connectors/hsds_records.py come in; this map, in the language of a source file, says which columns they fill."""

from collections.abc import Mapping
from typing import Any

PLACE = {
    "location.name": {"from": "place.name", "as": "text"},
    "location.street_line": "place.address",
    "location.postal_code": "place.postal_code",
    "location.city": "place.city",
    "location.latitude": "place.latitude",
    "location.longitude": "place.longitude",
}
HSDS_MAP: Mapping[str, Any] = {
    "map": {
        "title": {"from": "name", "as": "text"},
        "description": {"from": ["description", "eligibility_description", "application_process"], "join": "\n\n", "as": "text"},
        "url": {"from": ["url", "organization.website"], "as": "url"},
        "contact_email": "email",
        "contact_phone": "phone",
        "status": {"from": "status", "as": [{"lookup": "hsds_status"}]},
        "age_min": "minimum_age",
        "age_max": "maximum_age",
        "languages": {"from": "languages", "as": "languages"},
        "keywords": "terms",
        "attendance_mode": "attendance",
        "cost_type": "cost_type",
        "cost_amount": "cost_amount",
        "cost_currency": "cost_currency",
        "cost_note": {"from": ["fees_description", "cost_note"], "as": "text"},
        "last_confirmed": {"from": "assured_date", "as": "date"},
        "source_modified": {"from": "last_modified", "as": "datetime"},
        "organisation.name": {"from": "organization.name", "as": "text"},
        "organisation.website": {"from": ["organization.website", "organization.uri"], "as": "url"},
        "organisation.email": "organization.email",
        "location.public_transport": {"from": "place.transportation", "as": "text"},
        **PLACE,
    },
    "sessions": {
        "each": "sessions",
        "map": {
            "date": {"from": "date", "as": "date"},
            "weekday": "weekday",
            "start_time": "start_time",
            "end_time": "end_time",
            "rrule": "rrule",
            "until": "until",
            "note": {"from": "note", "as": "text"},
            **PLACE,
        },
    },
    "lookups": {
        "hsds_status": {
            "active": "active", "inactive": "inactive", "defunct": "inactive", "temporarily closed": "temporarily_closed",
        },
    },
    "ignore": [
        "id", "alternate_name", "interpretation_services", "wait_time", "fees", "accreditations", "licenses", "alert", "program",
        "further_places", "areas", "sources", "documents", "uri", "eligible_*", "@*",
    ],
}  # fmt: skip
