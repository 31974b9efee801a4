"""A seed and a number come in; a partner's records as partners write them go out, as JSON and as CSV, always the same bytes.

German texts, ten spellings of a date, streets abbreviated or misspelt, telephone numbers as one says them, a person's name here
and there: most of it is fine for us. One record of a hundred is not: its title is missing, its end lies before its beginning …
Each block of records has its own random stream, so a longer feed begins like a shorter one.
"""

import csv
import io
import random
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

SEED = 7
BLOCK = 1_000
TODAY = date(2026, 11, 23)
NAMES = (
    "Ahornstraße", "Am Buchenbaum", "Bahnhofstraße", "Beethovenstraße", "Brückenstraße", "Dahlienweg", "Eschenallee", "Flachsmarkt",
    "Friedenstraße", "Gärtnerweg", "Goethestraße", "Grünstraße", "Hafenstraße", "Hochfelder Markt", "Höhenweg", "Industriestraße",
    "Jägerstraße", "Kantstraße", "Kirchstraße", "Königsallee", "Lindenplatz", "Marktstraße", "Mühlenweg", "Neumarkt",
    "Obermauerstraße", "Parkallee", "Querstraße", "Ringstraße", "Rosenweg", "Schillerstraße", "Schulstraße", "Südring", "Talstraße",
    "Uferstraße", "Vogelsangweg", "Wallstraße", "Weberplatz", "Wiesenstraße", "Zechenweg",
)  # fmt: skip
STREETS = [f"{front}{name}" for front in ("", "Alte ", "Kleine ", "Obere ") for name in NAMES]
POSTCODES = ("47051", "47053", "47055", "47057", "47058", "47059", "47119", "47137", "47138", "47166", "47169", "47226", "47228")
BOX = (6.66, 51.36, 6.80, 51.53)  # degrees, within the city
KINDS = ("Deutschkurs", "Beratung", "Offener Treff", "Hausaufgabenhilfe", "Patenschaft", "Veranstaltung", "Ferienprogramm")
TOPICS = (
    "Deutsch lernen",
    "Schule",
    "Frühe Bildung",
    "Arbeit",
    "Gesundheit",
    "Wohnen",
    "Familie",
    "Sport",
    "Kultur",
    "Digitales",
)
FOR = ("Frauen", "Eltern", "Kinder", "Jugendliche", "Erwachsene", "Geflüchtete", "Ältere", "Alle")
LANGUAGES = ("Deutsch", "Arabisch", "Ukrainisch", "Türkisch", "Englisch", "Bulgarisch", "Rumänisch", "Farsi", "Französisch")
LEVELS = ("A1", "A2", "A1–A2", "B1", "A2–B1", "B1.2", "B2", "Niveau B2")
AGES = ("6–10 Jahre", "ab 16", "bis 12 J.", "12-18", "ab 18 Jahren", "0–3 Jahre")
COSTS = ("kostenlos", "0 €", "25,00 €", "12,50 EUR", "kostenfrei", "1,95 € je Stunde", "auf Anfrage", "49 Euro")
NOUNS = (
    "Deutschkurs", "Sprachcafé", "Beratung", "Nähwerkstatt", "Bewerbungstraining", "Elterncafé", "Lernhilfe", "Fahrradkurs",
    "Rechtsberatung", "Begegnungsabend", "Computerkurs", "Mentoring", "Hausaufgabenhilfe", "Schwimmkurs", "Müttertreff",
)  # fmt: skip
ADJECTIVES = ("Offener", "Kostenloser", "Wöchentlicher", "Mehrsprachiger", "Neuer", "Intensiver", "Freier", "Digitaler")
WHO = (
    "für Frauen",
    "für Familien",
    "für Geflüchtete",
    "für Jugendliche",
    "für alle",
    "mit Kinderbetreuung",
    "am Abend",
    "A1",
    "B1",
)
HOUSES = (
    "Verein",
    "Bildungswerk",
    "Nachbarschaftszentrum",
    "Kirchengemeinde",
    "Bücherhalle",
    "Jugendmigrationsdienst",
    "Bürgerhaus",
)
SENTENCES = (
    "Wir bieten einen Kurs an, in dem Sie Deutsch lernen und üben können.", "Die Teilnahme ist kostenlos.",
    "Bitte melden Sie sich vorher per E-Mail oder telefonisch an.", "Kinder sind herzlich willkommen, es gibt Kaffee, Tee und Gebäck.",
    "Der Raum ist barrierefrei zugänglich.", "Unsere Ehrenamtlichen helfen bei Anträgen, Formularen und Fragen zum Alltag.",
    "Das Angebot findet jede Woche statt, außer in den Schulferien.", "Mitzubringen sind gute Laune, ein Heft und ein Stift.",
    "Die Gruppe ist klein, damit alle zu Wort kommen.", "Wer möchte, kann am Ende eine Prüfung ablegen.",
    "Die Beratung ist vertraulich und auf Wunsch auch anonym.", "Übersetzt wird bei Bedarf ins Arabische, Türkische und Ukrainische.",
    "Eine Bescheinigung über die Teilnahme stellen wir gern aus.", "Der Einstieg ist jederzeit möglich.",
    "Für die Kinderbetreuung während des Kurses ist gesorgt.", "Sie erreichen uns mit der Straßenbahn, Haltestelle Marktplatz.",
    "Größere Gruppen melden sich bitte zwei Wochen vorher.", "Gefördert wird das Angebot vom Land Nordrhein-Westfalen.",
)  # fmt: skip
MENTIONS = (
    "Ansprechpartnerin: Frau Beispiel.", "Rückfragen bitte mobil unter 0171 5550123.", "Anmeldung bei Herrn Mustermann.",
    "Schreiben Sie an anna.beispiel@web.example.",
)  # fmt: skip
INVALID = ("title", "date", "order", "email", "url", "twice", "age", "kind")


def records(count: int, *, seed: int = SEED, invalid: float = 0.01, changed: float = 0.0) -> Iterator[dict[str, Any]]:
    """Yield a partner's records, nested as a JSON API gives them. Of `changed` of them the text is another than it was."""
    for start in range(0, count, BLOCK):
        rnd = random.Random(f"{seed}:{start}")
        broken = {place: INVALID[rnd.randrange(len(INVALID))] for place in rnd.sample(range(BLOCK), round(BLOCK * invalid))}
        new = set(random.Random(f"new {seed}:{start}").sample(range(BLOCK), round(BLOCK * changed)))
        before = f"a-{start:08d}"
        for place in range(min(BLOCK, count - start)):
            record = _record(rnd, start + place)
            if place in new:
                record["beschreibung"] = f"{record['beschreibung'] or ''} Neu: mit Anmeldung."
            if place in broken:
                _break(record, broken[place], before)
            before = record["id"]
            yield record


def _record(rnd: random.Random, number: int) -> dict[str, Any]:
    one, pick, below = rnd.random, rnd.choice, rnd.randrange
    venue = below(2_000)
    house = f"{HOUSES[venue % 7]} {STREETS[venue % 156]} e. V."
    slug = f"haus-{venue % 400}"
    first = TODAY + timedelta(days=below(200) - 20)
    begin = _day(first, below(10)) if one() < 0.85 else pick(("laufend", "k.A.", None))
    lasts = timedelta(days=below(120))
    title = f"{pick(ADJECTIVES)} {pick(NOUNS)} {pick(WHO)}"
    noun = pick(NOUNS)
    return {
        "id": f"a-{number:08d}",
        "titel": title if one() < 0.9 else f" {title}  ({number % 90 + 1}) ",
        "art": pick(KINDS),
        "themen": rnd.sample(TOPICS, 1 + below(2)),
        "kurztext": pick(SENTENCES),
        "beschreibung": _text(rnd),
        "zielgruppen": ", ".join(rnd.sample(FOR, 1 + below(2))),
        "sprachen": " / ".join(rnd.sample(LANGUAGES, 1 + below(3))),
        "niveau": pick(LEVELS) if one() < 0.4 else None,
        "alter": pick(AGES) if one() < 0.5 else "",
        "kosten": pick(COSTS),
        "beginn": begin,
        "ende": _day(first + lasts, below(10)) if one() < 0.6 else None,
        "anmeldeschluss": _day(first - timedelta(days=3), 0) if one() < 0.3 else None,
        "plaetze": 8 + below(20) if one() < 0.6 else None,
        "frei": below(8) if one() < 0.5 else None,
        "kinderbetreuung": pick(("ja", "nein", None)),
        "veranstalter": {"name": house, "email": f"info@{slug}.example", "web": f"https://www.{slug}.example/"},
        "ort": _place(rnd, venue, house),
        "kontakt": {
            "email": f"kurse@{slug}.example" if one() < 0.7 else None,
            "telefon": pick(("0203 ", "0203/", "+49 203 ", "(0203) ")) + f"5550{venue % 1000:03d}" if one() < 0.8 else None,
        },
        "link": f"https://www.{slug}.example/angebote/{noun.lower().replace('é', 'e').replace('ä', 'ae').replace('ü', 'ue')}?id={number}",
        "geaendert": f"2026-11-{1 + below(22):02d}T{8 + below(10):02d}:{below(60):02d}:00+01:00",
        "intern": below(1000),
        "termine": [_meeting(rnd, first + timedelta(days=7 * week)) for week in range(below(4))],
    }


def _text(rnd: random.Random) -> str | None:
    if rnd.random() < 0.04:
        return None
    said = rnd.sample(SENTENCES, 2 + rnd.randrange(6))
    if rnd.random() < 0.03:
        said.insert(1, rnd.choice(MENTIONS))
    if rnd.random() < 0.3:
        return f"<p>{' '.join(said[:2])}</p><p>{'<br>'.join(said[2:])}</p>"
    return " ".join(said)


def _place(rnd: random.Random, venue: int, house: str) -> dict[str, Any]:
    street, number = STREETS[venue % 156], 1 + venue % 90
    spelt = (street, street.replace("straße", "str."), street.replace("straße", "strasse"), f"{street} ")[rnd.randrange(4)]
    fixed = random.Random(venue)
    west, south, east, north = BOX
    point = venue % 5 == 0
    return {
        "name": house if venue % 3 else f"Haus {venue}",
        "strasse": f"{spelt} {number}",
        "plz": POSTCODES[venue % 13] if rnd.random() < 0.97 else f"D-{POSTCODES[venue % 13]}",
        "stadt": "Duisburg",
        "lat": round(fixed.uniform(south, north), 6) if point else None,
        "lon": round(fixed.uniform(west, east), 6) if point else None,
    }


def _meeting(rnd: random.Random, day: date) -> dict[str, Any]:
    hour = 9 + rnd.randrange(10)
    return {
        "datum": _day(day, 0),
        "von": (f"{hour}:00", f"{hour:02d}.00 Uhr", f"{hour} Uhr")[rnd.randrange(3)],
        "bis": f"{hour + 2:02d}:30",
        "raum": f"Raum {1 + rnd.randrange(20)}" if rnd.random() < 0.6 else None,
    }


def _day(day: date, spelling: int) -> str:
    """Spell a day as partners do, mostly the German way."""
    months = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ]
    match spelling:
        case 7:
            return day.isoformat()
        case 8:
            return f"{day.day}. {months[day.month - 1]} {day.year}"
        case 9:
            return f"{day:%d.%m.%Y} "
    return f"{day:%d.%m.%Y}"


def _break(record: dict[str, Any], kind: str, before: str) -> None:
    match kind:
        case "title":
            record["titel"] = None
        case "date":
            record["beginn"] = "31.02.2027"
        case "order":
            record["beginn"], record["ende"] = "02.03.2027", "01.02.2027"
        case "email":
            record["kontakt"] = {**record["kontakt"], "email": "info bei verein.example"}
        case "url":
            record["link"] = "http://"
        case "twice":
            record["id"] = before
        case "age":
            record["alter"] = "16–10 Jahre"
        case "kind":
            record["art"] = "Zirkus"


CSV_COLUMNS = (
    "Nr", "Titel", "Art", "Themen", "Kurztext", "Beschreibung", "Zielgruppen", "Sprachen", "Niveau", "Alter", "Kosten", "Beginn",
    "Ende", "Anmeldeschluss", "Plätze", "Frei", "Kinderbetreuung", "Veranstalter", "Web", "Ort", "Straße", "PLZ", "Stadt", "Lat",
    "Lon", "E-Mail", "Telefon", "Link", "Geändert", "Intern", "Datum", "Von", "Bis", "Raum",
)  # fmt: skip


def to_csv_row(record: Mapping[str, Any]) -> list[Any]:
    """Flatten a record into the cells of a table: one meeting, lists joined."""
    place, own, meeting = record["ort"], record["veranstalter"], (record["termine"] or [{}])[0]
    return [
        *(record[name] for name in ("id", "titel", "art")),
        "; ".join(record["themen"]),
        *(record[name] for name in ("kurztext", "beschreibung", "zielgruppen", "sprachen", "niveau", "alter", "kosten")),
        *(record[name] for name in ("beginn", "ende", "anmeldeschluss", "plaetze", "frei", "kinderbetreuung")),
        own["name"],
        own["web"],
        *(place[name] for name in ("name", "strasse", "plz", "stadt", "lat", "lon")),
        *(record["kontakt"][name] for name in ("email", "telefon")),
        *(record[name] for name in ("link", "geaendert", "intern")),
        *(meeting.get(name) for name in ("datum", "von", "bis", "raum")),
    ]


def csv_lines(count: int, *, every_cell_quoted: bool = False, **how: Any) -> Iterator[str]:
    """Yield the lines of the feed as CSV with semicolons, its header first."""
    out = io.StringIO()
    writer = csv.writer(
        out, delimiter=";", lineterminator="\n", quoting=csv.QUOTE_ALL if every_cell_quoted else csv.QUOTE_MINIMAL
    )
    writer.writerow(CSV_COLUMNS)
    for record in records(count, **how):
        writer.writerow(to_csv_row(record))
        yield out.getvalue()
        out.seek(0)
        out.truncate()
