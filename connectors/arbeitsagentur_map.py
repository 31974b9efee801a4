"""Records of connectors/arbeitsagentur_records.py come in; this map, in the language of a source file, says which columns they fill."""

from collections.abc import Mapping
from typing import Any

PLACE = {
    "location.name": {"from": "adresse.bezeichnung", "as": "text"},
    "location.street_line": "adresse.strasse",
    "location.postal_code": "adresse.plz",
    "location.city": {"from": "adresse.ort", "as": [{"before": ","}]},  # Münster, Westfalen
    "location.latitude": "adresse.lat",
    "location.longitude": "adresse.lon",
}
ARBEITSAGENTUR_MAP: Mapping[str, Any] = {
    "map": {
        "title": {"from": "titel", "as": "text"},
        "description": {"from": "beschreibung", "as": "text"},
        "offer_type": {"from": "kursart", "as": [{"lookup": "ba_offer_types"}]},
        "topics": {"from": "kursart", "as": [{"lookup": "ba_topics"}]},
        "course_kind": {"from": "kursart", "as": [{"lookup": "ba_course_kinds"}]},
        "programmes": {"from": "kursart", "as": [{"lookup": "ba_programmes"}]},
        "taught_language": {"from": "kursart", "as": [{"lookup": "ba_languages"}]},
        "cefr_to": "niveau",
        "attendance_mode": {"from": "form", "as": [{"lookup": "ba_forms"}]},
        "start_date": {"from": "beginn", "as": "date"},
        "end_date": {"from": "ende", "as": "date"},
        "registration_deadline": {"from": "anmeldeschluss", "as": "date"},
        "cost_type": "kosten",
        "cost_amount": "preis",
        "cost_currency": "kostenWaehrung",
        "cost_note": {"from": "kostenBemerkung", "as": "text"},
        "funding": {"from": "foerderung", "as": "text"},
        "capacity_max": "teilnehmerMax",
        "keywords": "suchworte[:20]",
        "url": {"from": ["link", "bildungsanbieter.homepage"], "as": "url"},
        "contact_email": "bildungsanbieter.email",
        "contact_phone": "bildungsanbieter.telefon",
        "source_modified": {"from": "stand", "as": "datetime"},
        "organisation.name": {"from": "bildungsanbieter.name", "as": "text"},
        "organisation.website": {"from": "bildungsanbieter.homepage", "as": "url"},
        "organisation.email": "bildungsanbieter.email",
        "organisation.phone": "bildungsanbieter.telefon",
        **PLACE,
    },
    "sessions": {
        "each": "termine",
        "map": {
            "start": {"from": "beginn", "as": "datetime"},
            "end": {"from": "ende", "as": "datetime"},
            "note": {"from": "zeiten", "as": "text"},
            **PLACE,
        },
    },
    "lookups": {
        "ba_offer_types": {
            "MB": "language_course", "MC": "language_course", "MQ": "recognition", "A8": "course", "Weiterbildung": "course",
        },
        "ba_topics": {"MB": "language", "MC": "language", "MQ": "work", "A8": None, "Weiterbildung": "work"},
        # which of the Integrationskurse it is stands in no field
        "ba_course_kinds": {"MB": None, "MC": "bsk", "MQ": None, "A8": None, "Weiterbildung": None},
        "ba_programmes": {"MB": "bamf", "MC": "bamf", "MQ": None, "A8": None, "Weiterbildung": None},
        "ba_languages": {"MB": "de", "MC": "de", "MQ": None, "A8": None, "Weiterbildung": None},
        "ba_forms": {
            "Präsenzveranstaltung": "onsite", "Präsenzunterricht": "onsite", "Inhouse-/ Firmenseminar": "onsite",
            "Blended Learning": "blended", "Combined Learning": "blended", "E-Learning": "online",
            "Virtuelles Klassenzimmer": "online", "Fernunterricht/ Fernstudium": "online",
            "Selbststudium/ E-learning/ Blended Learning": None, "Vollzeit": None, "Teilzeit": None, "Wochenendveranstaltung": None,
            "Abendunterricht": None,
        },
    },
    "ignore": [
        "id", "inhalt", "zielgruppe", "zugang", "abschlussart", "abschlussbezeichnung", "anrechnung", "berechtigungen",
        "zusatzqualifikationen", "bildungsart", "schulart", "angebotstyp", "systematiken", "laufend", "ansprechpartner",
    ],
}  # fmt: skip
