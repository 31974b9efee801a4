"""Our tables come in; the map that puts the records of connectors/datapackage_tables.py back into their columns goes out."""

from collections.abc import Mapping
from typing import Any

from schemas.tables import columns
from schemas.targets import DERIVED

AREAS = frozenset({"district_code", "subdistrict_code", "quarter_code", "area_served"})
# ids of the other catalogue; what is in their place here follows from the records
OWN = frozenset({"record_id"})


def to_field(source: str, column: str) -> Any:
    """Say how a column is read: as it stands, but codes of areas only where they are of the same city, numbers as we write them."""
    if column in AREAS:
        return {"from": source, "as": "own_areas"}
    if column in ("cost_amount", "latitude", "longitude"):
        return {"from": source, "as": [{"number": "en"}]}
    return source


def to_fields(table: str, group: str, prefix: str) -> dict[str, Any]:
    """Map every column of a table to the field of the same name behind `prefix`."""
    return {
        f"{group}{column}": to_field(f"{prefix}{column}", column)
        for column in columns(table)
        if column not in DERIVED and column not in OWN
    }


PACKAGE_MAP: Mapping[str, Any] = {
    "map": {
        **to_fields("offers", "", "offer."),
        **to_fields("locations", "location.", "location."),
        **to_fields("organisations", "organisation.", "organisation."),
        "location.address": "location.address",  # of a calendar, which has its address in one line
        "partner_organisations": "offer.partner_organisations",
    },
    "sessions": {
        "each": "sessions",
        "map": {
            **to_fields("sessions", "", ""),
            **to_fields("locations", "location.", "location."),
            "location.address": "location.address",
        },
    },
    "translations": {"each": "translations", "map": to_fields("translations", "", "")},
    "ignore": ["offer.*", "location.*", "organisation.*", "calendar.*"],
}
