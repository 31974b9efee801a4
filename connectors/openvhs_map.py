"""Records of connectors/openvhs.py come in; this map, in the language of a source file, says which columns they fill."""

from collections.abc import Mapping
from typing import Any

OPENVHS_MAP: Mapping[str, Any] = {
    "map": {
        "title": {"from": "name", "as": "text"},
        "summary": {"from": "untertitel", "as": [{"join": " – "}, "text"]},
        "description": {"from": "text[].text", "as": [{"join": "\n\n"}, "text"]},
        "offer_type": {"from": "bereich", "as": [{"lookup": "dvv_offer_types"}]},
        "topics": {"from": "bereich", "as": [{"lookup": "dvv_topics"}]},
        "target_groups": "zielgruppe",
        "cefr": "niveau",
        "keywords": "schlagwort",
        "attendance_mode": "lernform",
        "start_date": {"from": "beginn_datum", "as": "date"},
        "end_date": {"from": "ende_datum", "as": "date"},
        "cost_type": "kosten",
        "cost_amount": {"from": "preis.betrag", "as": "money"},
        "cost_currency": "waehrung",
        "cost_note": {"from": "preis.zusatz", "as": [{"join": "; "}, "text"]},
        "capacity_max": "maximale_teilnehmerzahl",
        "places_free": "plaetze_frei",
        "url": {"from": "webadresse[0].uri", "as": "url"},
        "record_url": {"from": "webadresse[0].uri", "as": "url"},
        "organisation.name": {"from": "ersteller", "as": "text"},
        "location.name": {"from": "veranstaltungsort.name", "as": "text"},
        "location.street_line": "veranstaltungsort.adresse.strasse",
        "location.postal_code": "veranstaltungsort.adresse.plz",
        "location.city": "veranstaltungsort.adresse.ort",
        "location.wheelchair": "veranstaltungsort.barrierefrei",
    },
    "sessions": {
        "each": "termin",
        "map": {
            "date": {"from": "beginn_datum", "as": "date"},
            "start_time": "beginn_uhrzeit",
            "end_time": "ende_uhrzeit",
            "weekday": "wochentag",
        },
    },
    "lookups": {
        "dvv_offer_types": {"1": "course", "2": "course", "3": "course", "4": "language_course", "5": "course", "6": "course"},
        # 1 Politik, Gesellschaft, Umwelt and 6 Grundbildung, Schulabschlüsse hold too much for one topic
        "dvv_topics": {"1": None, "2": "culture", "3": "health", "4": "language", "5": "work", "6": None},
    },
    "defaults": {"offer_type": "course"},
    "ignore": [
        "guid", "nummer", "dvv_kategorie", "merkmale", "level", "minimale_teilnehmerzahl", "aktuelle_teilnehmerzahl",
        "anzahl_termine", "dauer", "wochentag", "zertifikat", "buchung", "buchungid", "preis", "@*",
    ],
}  # fmt: skip
