"""Rows for tests: changes come in; a whole valid row of a table goes out, every column there and in the order of the files.

What belongs together fits together: `offer()` names the organisation and the location that `organisation()` and `location()`
give, `session()` and `translation()` name that offer, and the codes of `location()` are Duisburg's. A change to a column the
table does not have is a mistake of the test and raises KeyError.
"""

from typing import Any

from schemas.tables import columns

Row = dict[str, Any]

SOURCE_KEY = "du-beispiel-kurse"
OFFER_ID = f"{SOURCE_KEY}:K-101"
ORGANISATION_ID = "bildungswerk-beispiel"
LOCATION_ID = f"{SOURCE_KEY}:0123456789abcdef"
LICENCE = "http://dcat-ap.de/def/licenses/dl-by-de/2.0"


def offer(**changes: Any) -> Row:
    """Give a German course at the Bildungswerk Beispiel, free of charge, with a contact."""
    return _row(
        "offers",
        {
            "offer_id": OFFER_ID,
            "source_key": SOURCE_KEY,
            "record_id": "K-101",
            "record_url": "https://kurse.example/K-101",
            "organisation_id": ORGANISATION_ID,
            "location_id": LOCATION_ID,
            "title": "Deutsch am Vormittag",
            "summary": "Deutschkurs für Eltern mit Kinderbetreuung.",
            "description": "Wir üben Lesen, Schreiben und Sprechen.\nDie Kinder spielen nebenan.",
            "text_language": "de",
            "offer_type": "language_course",
            "topics": "family;language",
            "target_groups": "newly_arrived;parents",
            "residence_status": "any",
            "programmes": "komm_an",
            "age_min": 18,
            "languages": "ar;de",
            "taught_language": "de",
            "cefr_from": "A1",
            "cefr_to": "A2.1",
            "course_kind": "low_threshold",
            "attendance_mode": "onsite",
            "start_date": "2026-03-02",
            "end_date": "2026-07-10",
            "cost_type": "free",
            "registration": "required",
            "contact_email": "kurse@bildungswerk.example",
            "contact_phone": "+492035550101",
            "url": "https://bildungswerk.example/deutsch",
            "childcare": True,
            "capacity_max": 16,
            "places_free": 4,
            "status": "active",
            "source_modified": "2026-02-20T09:30:00+01:00",
            "rights": "open",
            "licence": LICENCE,
            "attribution": "Bildungswerk Beispiel",
        },
        changes,
    )


def session(**changes: Any) -> Row:
    """Give the first meeting of the course: Monday, 2 March 2026, 9:00 to 11:30 in Duisburg."""
    return _row(
        "sessions",
        {
            "session_id": f"{OFFER_ID}@2026-03-02T09:00:00+01:00",
            "offer_id": OFFER_ID,
            "start": "2026-03-02T09:00:00+01:00",
            "end": "2026-03-02T11:30:00+01:00",
            "all_day": False,
            "status": "scheduled",
            "room": "Raum 2",
        },
        changes,
    )


def organisation(**changes: Any) -> Row:
    """Give the Bildungswerk Beispiel, an invented free provider."""
    return _row(
        "organisations",
        {
            "organisation_id": ORGANISATION_ID,
            "name": "Bildungswerk Beispiel e. V.",
            "short_name": "BWB",
            "organisation_types": "education_provider;free_provider",
            "website": "https://bildungswerk.example",
            "email": "info@bildungswerk.example",
            "phone": "+492035550100",
            "street": "Musterstraße",
            "house_number": "12a",
            "postal_code": "47051",
            "city": "Duisburg",
            "languages": "ar;de;uk",
        },
        changes,
    )


def location(**changes: Any) -> Row:
    """Give the Bildungswerk's house, a point in Duisburg-Mitte, Altstadt."""
    return _row(
        "locations",
        {
            "location_id": LOCATION_ID,
            "name": "Haus Beispiel",
            "organisation_id": ORGANISATION_ID,
            "location_type": "physical",
            "street": "Musterstraße",
            "house_number": "12a",
            "postal_code": "47051",
            "city": "Duisburg",
            "latitude": 51.4335,
            "longitude": 6.7655,
            "place_quality": "exact",
            "district_code": "500",
            "subdistrict_code": "501",
            "address_protected": False,
            "opening_hours": "Mo-Fr 08:00-16:00",
            "wheelchair": "yes",
        },
        changes,
    )


def translation(**changes: Any) -> Row:
    """Give the partner's own Ukrainian title and summary of the course."""
    return _row(
        "translations",
        {
            "offer_id": OFFER_ID,
            "language": "uk",
            "title": "Німецька мова вранці",
            "summary": "Курс німецької мови для батьків, діти під наглядом.",
            "origin": "partner",
        },
        changes,
    )


def source_row(**changes: Any) -> Row:
    """Give the published row of the source the course comes from."""
    return _row(
        "sources",
        {
            "source_key": SOURCE_KEY,
            "title": "Kurse des Bildungswerks Beispiel",
            "publisher": "Bildungswerk Beispiel e. V.",
            "publisher_url": "https://bildungswerk.example",
            "licence": LICENCE,
            "attribution": "Bildungswerk Beispiel",
            "kind": "csv",
            "completeness": "snapshot",
            "records": 1,
            "last_success": "2026-03-01T03:00:00+01:00",
            "last_change": "2026-02-21T03:00:00+01:00",
        },
        changes,
    )


def problem_row(**changes: Any) -> Row:
    """Give the published row of a remark: a date nobody can read in line 17."""
    return _row(
        "problems",
        {
            "run_id": "2026-03-01T030000Z",
            "source_key": SOURCE_KEY,
            "code": "bad_date",
            "owner": "partner",
            "severity": "remark",
            "locator": "Zeile 17",
            "field": "end_date",
            "message": "Zeile 17: Das ist kein Datum. Bitte TT.MM.JJJJ schreiben.",
        },
        changes,
    )


def _row(table: str, values: Row, changes: Row) -> Row:
    names = columns(table)
    unknown = (values.keys() | changes.keys()) - set(names)
    if unknown:
        raise KeyError(f"{table} has no column {', '.join(sorted(unknown))}")
    whole = values | changes
    return {name: whole.get(name) for name in names}
