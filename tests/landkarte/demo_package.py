"""A folder and a day come in; a realistic published data package of a fictional city lies in the folder afterwards."""

import csv
import hashlib
import io
import json
import random
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from shapely import Point

from schemas import tables
from tests.landkarte import demo_city
from tests.landkarte.demo_offers import KINDS, Kind

ZONE = ZoneInfo("Europe/Berlin")
DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
LICENCES = {
    "dl-by": "http://dcat-ap.de/def/licenses/dl-by-de/2.0",
    "zero": "http://dcat-ap.de/def/licenses/dl-zero-de/2.0",
    "cc-by": "http://dcat-ap.de/def/licenses/cc-by/4.0",
}
SOURCES = {
    "mh-vhs-kurse": ("Kursprogramm der VHS", "vhs Musterhafen", "dl-by", "csv", "snapshot"),
    "mh-ki-angebote": ("Angebote des Kommunalen Integrationszentrums", "Stadt Musterhafen, Kommunales Integrationszentrum",
                       "zero", "xlsx", "snapshot"),
    "mh-bruecke": ("Kalender der Brücke", "Brücke Musterhafen e. V.", "cc-by", "ical", "window"),
    "mh-hafenhaus": ("Angebote im Hafenhaus", "Hafenhaus gGmbH", "cc-by", "json", "snapshot"),
    "mh-kirchenkreis": ("Beratung des Kirchenkreises", "Ev. Kirchenkreis am Altrhein", "dl-by", "html", "snapshot"),
    "mh-sport": ("Sport für alle", "Stadtsportbund Musterhafen", "cc-by", "jsonld", "snapshot"),
}  # fmt: skip
ORGANISATIONS = {
    "vhs-musterhafen": ("vhs Musterhafen", "vhs", "mh-vhs-kurse"),
    "ki-musterhafen": ("Kommunales Integrationszentrum", "municipal", "mh-ki-angebote"),
    "bruecke": ("Brücke Musterhafen e. V.", "association;migrant_org", "mh-bruecke"),
    "hafenhaus": ("Hafenhaus gGmbH", "free_provider", "mh-hafenhaus"),
    "kirchenkreis": ("Ev. Kirchenkreis am Altrhein", "church;welfare", "mh-kirchenkreis"),
    "sportbund": ("Stadtsportbund Musterhafen", "association", "mh-sport"),
    "begegnung-nordfeld": ("Begegnungszentrum Nordfeld", "free_provider", "mh-hafenhaus"),
    "elternnetz": ("Elternnetz Südheide e. V.", "association", "mh-bruecke"),
    "gesamtschule-werft": ("Gesamtschule an der Werft", "school", "mh-ki-angebote"),
    "bildungswerk": ("Bildungswerk Rheinaue", "education_provider", "mh-vhs-kurse"),
}
HOUSES = (
    "Haus der Begegnung", "Stadtteilbüro", "Volkshochschule, Haus A", "Grundschule am Deich", "Bürgerhaus", "Familienzentrum",
    "Gemeindehaus", "Bücherei", "Sporthalle", "Nachbarschaftstreff",
)  # fmt: skip
STREETS = (
    "Deichstraße",
    "Werftweg",
    "Am Altmarkt",
    "Kirchfeldstraße",
    "Hüttenallee",
    "Lindenplatz",
    "Rheinpromenade",
    "Bahnhofstraße",
)
LANGUAGES = ("de", "en", "uk", "ar", "tr", "bg", "ro", "ru", "fr")


def write(folder: Path, *, today: date, copies: int = 1, seed: int = 7) -> Path:
    """Write the package into `folder` (made if need be); `copies` multiplies the roughly 165 offers; give the folder."""
    chance = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    shapes = demo_city.subdistricts()
    locations = _locations(shapes, chance)
    rows: dict[str, list[dict[str, Any]]] = {
        "organisations": _organisations(),
        "locations": locations,
        "offers": [],
        "sessions": [],
        "translations": [],
        "problems": [],
    }
    for copy in range(copies):
        for number, kind in enumerate(KINDS):
            for part in range(kind.count):
                _offer(rows, kind, f"{copy}-{number}-{part}", locations, today, chance)
    rows["sources"] = _sources(rows["offers"], today)
    rows["districts"] = [{"code": code, "name": name, "parent_code": "000"} for code, (name, _) in demo_city.DISTRICTS.items()]
    rows["subdistricts"] = [{"code": code, "name": name, "parent_code": upper} for code, (name, upper, _) in shapes.items()]
    rows["quarters"] = []
    files = {f"{table}.csv": to_csv(tables.columns(table), rows[table]) for table in tables.TABLES}
    files["vocabularies.csv"] = _vocabularies()
    files["withdrawn.csv"] = to_csv(
        ("offer_id", "source_key", "withdrawn_on"),
        [{"offer_id": "mh-bruecke:alt-1", "source_key": "mh-bruecke", "withdrawn_on": str(today - timedelta(days=30))}],
    )
    drawn = {code: (name, demo_city.districts()[code]) for code, (name, _) in demo_city.DISTRICTS.items()}
    files["districts.geojson"] = _json(demo_city.collection(drawn))
    files["subdistricts.geojson"] = _json(
        demo_city.collection({code: (name, shape) for code, (name, _, shape) in shapes.items()})
    )
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "datapackage.json").write_bytes(_json(descriptor(files, today)))
    return folder


def descriptor(files: Mapping[str, bytes], today: date) -> dict[str, Any]:
    """Describe the files as datapackage.json does."""
    licence = {"name": "dl-de-zero-2.0", "title": "Datenlizenz Deutschland – Zero – Version 2.0", "path": LICENCES["zero"]}
    return {
        "profile": "tabular-data-package",
        "name": "musterhafen-angebote",
        "id": hashlib.sha256(b"".join(files.values())).hexdigest()[:16],
        "title": "Integrationslandkarte Musterhafen",
        "description": "Angebote für Neuzugewanderte in Musterhafen.",
        "created": datetime(today.year, today.month, today.day, 5, 30, tzinfo=ZONE).isoformat(),
        "licenses": [licence],
        "contributors": [
            {"title": "Stadt Musterhafen, Bildungsbüro", "role": "publisher", "path": "https://www.musterhafen.example/bildung",
             "email": "integrationslandkarte@musterhafen.example"},
        ],
        "city": {"key": "musterhafen", "name": "Musterhafen", "time_zone": "Europe/Berlin", "colours": {"brand": "#0b5563"}},
        "resources": [
            {
                "name": name.replace(".", "-"),
                "path": name,
                "title": TITLES.get(name, name),
                "format": name.rpartition(".")[2],
                "bytes": len(content),
                "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
                **({"dialect": {"delimiter": ";"}, "encoding": "utf-8"} if name.endswith(".csv") else {}),
                **(
                    {"sources": [{"title": "Freie Zeichnung für die Vorführung"}]}
                    if name.endswith("districts.geojson")
                    else {}
                ),
            }
            for name, content in files.items()
        ],
    }  # fmt: skip


TITLES = {
    "offers.csv": "Angebote", "sessions.csv": "Termine", "organisations.csv": "Organisationen", "locations.csv": "Orte",
    "translations.csv": "Übersetzungen", "sources.csv": "Quellen", "problems.csv": "Hinweise zur Datenqualität",
    "districts.csv": "Stadtbezirke", "subdistricts.csv": "Ortsteile", "quarters.csv": "Quartiere",
    "districts.geojson": "Grenzen der Stadtbezirke", "subdistricts.geojson": "Grenzen der Ortsteile",
    "vocabularies.csv": "Wortlisten in allen Sprachen", "withdrawn.csv": "Zurückgezogene Angebote",
}  # fmt: skip


def to_csv(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Write rows as the package does: UTF-8 with BOM, semicolons, everything quoted that needs it."""
    names = list(columns)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow(["" if (value := row.get(name)) is None else str(value).lower() if value in (True, False) and
                         isinstance(value, bool) else value for name in names])  # fmt: skip
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _offer(
    rows: dict[str, list[dict[str, Any]]],
    kind: Kind,
    number: str,
    locations: list[dict[str, Any]],
    today: date,
    chance: random.Random,
) -> None:
    organisation, (_, _, source) = chance.choice(list(ORGANISATIONS.items()))
    mode = kind.values.get("attendance_mode", "onsite")
    place = chance.choice(locations[1:]) if mode in ("onsite", "blended") else None
    protected = "Gewalt" in kind.title
    if protected:
        place = locations[0]
    elif place is not None and chance.random() < 0.06:
        place = None
    # a part after a slash is what makes ids need their percent signs
    record = f"{organisation}/{number}" if chance.random() < 0.1 else f"{organisation}-{number}"
    offer_id = f"{source}:{quote(record, safe='')}"
    first = today + timedelta(days=chance.randint(-40, 60))
    confirmed = today - timedelta(days=chance.choice((20, 60, 120, 200, 300, 420, 500)))
    row: dict[str, Any] = {
        "offer_id": offer_id,
        "source_key": source,
        "record_id": record,
        "record_url": f"https://{source}.example/{number}",
        "organisation_id": organisation,
        "location_id": place["location_id"] if place else None,
        "title": kind.title,
        "summary": kind.summary,
        "description": f"{kind.summary}\n\nSie können jederzeit dazukommen. Bringen Sie gern Freunde oder Familie mit.\n"
        "Bei Fragen rufen Sie uns an oder schreiben Sie uns.",
        "text_language": "de",
        "offer_type": kind.offer_type,
        "attendance_mode": mode,
        "contact_email": f"info@{organisation}.example",
        "contact_phone": f"+49203555{chance.randint(1000, 9999)}" if chance.random() < 0.8 else None,
        "url": f"https://{organisation}.example",
        "status": "full" if kind.values.get("places_free") == 0 else "active",
        "last_confirmed": str(confirmed) if chance.random() < 0.7 else None,
        "rights": "open",
        "licence": LICENCES[SOURCES[source][2]],
        "attribution": SOURCES[source][1],
        "source_modified": datetime(2026, 3, 2, 16, tzinfo=ZONE).isoformat(),
        **kind.values,
    }
    if kind.title.startswith("Familienpatenschaft"):
        row["area_served"] = "100;200"
    if kind.offer_type in ("event", "holiday"):
        row["start_date"] = str(first)
        row["end_date"] = str(first + timedelta(days=4 if kind.offer_type == "holiday" else 0))
    if chance.random() < 0.03:
        row |= {"rights": "facts_only", "summary": None, "description": None}
    if chance.random() < 0.02:
        row["status"] = "inactive"
    rows["offers"].append(row)
    rows["sessions"] += _sessions(row, kind, first, today, chance)
    for language, (title, summary) in kind.texts.items():
        origin = "machine" if language == "tr" else "partner"
        rows["translations"].append(
            {
                "offer_id": offer_id,
                "language": language,
                "title": title,
                "summary": summary,
                "description": None,
                "origin": origin,
            }
        )


def _sessions(row: dict[str, Any], kind: Kind, first: date, today: date, chance: random.Random) -> list[dict[str, Any]]:
    offer_id = row["offer_id"]
    if kind.offer_type in ("event", "holiday"):
        days = range(5) if kind.offer_type == "holiday" else (0,)
        hours = ("09:00", "15:00") if kind.offer_type == "holiday" else ("18:00", "20:00")
        return [_dated(offer_id, first + timedelta(days=day), *hours) for day in days]
    form = chance.random()
    found = []
    for weekday, start, end in kind.times:
        if form < 0.4:
            found.append({"session_id": f"{offer_id}@{weekday}-{start}", "offer_id": offer_id, "weekday": weekday,
                          "start_time": start, "end_time": end, "status": "scheduled"})  # fmt: skip
            continue
        day = first + timedelta(days=(DAYS.index(weekday) - first.weekday()) % 7)
        if form < 0.7:
            rule = {"rrule": "FREQ=WEEKLY;BYDAY=" + weekday.upper(), "until": str(day + timedelta(weeks=20))}
            found.append(_dated(offer_id, day, start, end) | rule)
        else:
            found += [_dated(offer_id, day + timedelta(weeks=week), start, end) for week in range(6)]
    if found and chance.random() < 0.1:
        found[-1]["status"] = "cancelled"
    return found


def _dated(offer_id: str, day: date, start: str, end: str) -> dict[str, Any]:
    begin, finish = (datetime.fromisoformat(f"{day}T{time}:00").replace(tzinfo=ZONE).isoformat() for time in (start, end))
    return {"session_id": f"{offer_id}@{begin}", "offer_id": offer_id, "start": begin, "end": finish, "status": "scheduled"}


def _locations(shapes: dict[str, tuple[str, str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"location_id": "mh-kirchenkreis:" + "0" * 16, "name": "Frauenberatung", "location_type": "physical",
         "place_quality": "none", "city": "Musterhafen", "address_protected": True}
    ]  # fmt: skip
    for code, (name, district, shape) in shapes.items():
        for number in range(2):
            west, south, east, north = shape.bounds
            while True:
                point = Point(chance.uniform(west, east), chance.uniform(south, north))
                if shape.contains(point):
                    break
            quality = chance.choice(("exact", "exact", "exact", "street", "area"))
            house = chance.choice(HOUSES)
            exact = quality != "area"
            found.append(
                {
                    "location_id": f"mh-ki-angebote:{hashlib.sha256(f'{code}{number}'.encode()).hexdigest()[:16]}",
                    "name": f"{house} {name}",
                    "location_type": "physical",
                    "street": chance.choice(STREETS) if exact else None,
                    "house_number": str(chance.randint(1, 140)) if quality == "exact" else None,
                    "postal_code": f"990{district[0]}1",
                    "city": "Musterhafen",
                    "latitude": round(point.y, 6) if exact else None,
                    "longitude": round(point.x, 6) if exact else None,
                    "place_quality": quality,
                    "district_code": district,
                    "subdistrict_code": code if exact else None,
                    "address_protected": False,
                    "wheelchair": chance.choice(("yes", "limited", "no", "unknown")),
                    "public_transport": chance.choice((None, "Tram 901, Haltestelle Altmarkt", "Bus 928, Haltestelle Deich")),
                    "opening_hours": chance.choice((None, "Mo-Fr 09:00-17:00", "Tu,Th 10:00-18:00")),
                }
            )
    return found


def _organisations() -> list[dict[str, Any]]:
    return [
        {"organisation_id": key, "name": name, "organisation_types": kinds, "website": f"https://{key}.example",
         "email": f"info@{key}.example", "city": "Musterhafen"}
        for key, (name, kinds, _) in ORGANISATIONS.items()
    ]  # fmt: skip


def _sources(offers: list[dict[str, Any]], today: date) -> list[dict[str, Any]]:
    at = datetime(today.year, today.month, today.day, 4, 30, tzinfo=ZONE).isoformat()
    return [
        {"source_key": key, "title": title, "publisher": publisher, "publisher_url": f"https://{key}.example",
         "licence": LICENCES[licence], "attribution": publisher, "kind": kind, "completeness": completeness,
         "records": sum(offer["source_key"] == key for offer in offers), "last_success": at, "last_change": at}
        for key, (title, publisher, licence, kind, completeness) in SOURCES.items()
    ]  # fmt: skip


def _vocabularies() -> bytes:
    """Take the project's own word lists, as the publication does."""
    rows = []
    for file in sorted((tables.FOLDER.parent / "vocabularies").glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as lines:
            first = lines.readline()
            lines.seek(0)
            for row in csv.DictReader(lines, delimiter=";" if ";" in first else ","):
                rows.append({"vocabulary": file.stem, **row})
    return to_csv(("vocabulary", "code", *(f"label_{language}" for language in LANGUAGES)), rows)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
