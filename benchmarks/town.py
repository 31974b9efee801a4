"""A number of records comes in; a town to harvest goes out: its folder, its houses, a partner's feeds, and a server for them.

The server is a process of its own, so that its work is nobody's. Below `/ohne/` it gives no ETag and no date.
"""

import gzip
import hashlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from benchmarks import feeds
from benchmarks.measure import ROOT, say
from flows.house import House, open_house
from schemas.settings import Settings

WORK = ROOT / "benchmarks" / ".work"
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=ZoneInfo("Europe/Berlin"))
PAGE = 1_000  # records a page of the API
HEAVY = 150_000  # records from which files are sent compressed: as sent, a response may have 200 MB

ABOUT = """
title: Angebote eines großen Trägers
publisher: {name: Großer Träger e. V., url: "https://traeger.example"}
licence: dl-by-de/2.0
defaults: {topics: [language], location.city: Duisburg}
lookups:
  art: {Deutschkurs: language_course, Beratung: counselling, Offener Treff: open_meeting, Hausaufgabenhilfe: tutoring,
        Patenschaft: mentoring, Veranstaltung: event, Ferienprogramm: holiday}
  themen: {Deutsch lernen: language, Schule: school, Frühe Bildung: early_education, Arbeit: work, Gesundheit: health, Wohnen: housing,
           Familie: family, Sport: sport, Kultur: culture, Digitales: digital}
  gruppen: {Frauen: women, Eltern: parents, Kinder: children, Jugendliche: youth, Erwachsene: adults, Geflüchtete: refugees,
            Ältere: seniors, Alle: general}
"""
JSON_MAP = """
map:
  title: titel
  offer_type: {from: art, as: [{lookup: art}]}
  topics: {from: themen, as: [{lookup: themen}]}
  summary: kurztext
  description: {from: beschreibung, as: text}
  target_groups: {from: zielgruppen, as: [{split: ","}, {lookup: gruppen}]}
  languages: {from: sprachen, as: [{split: "/"}, languages]}
  cefr: niveau
  age: alter
  cost: kosten
  start_date: {from: beginn, as: [{empty: [laufend]}, date]}
  end_date: {from: ende, as: date}
  registration_deadline: {from: anmeldeschluss, as: date}
  capacity_max: plaetze
  places_free: frei
  childcare: kinderbetreuung
  organisation.name: veranstalter.name
  organisation.email: veranstalter.email
  organisation.website: veranstalter.web
  location.name: ort.name
  location.street_line: ort.strasse
  location.postal_code: ort.plz
  location.city: ort.stadt
  location.point: {from: [ort.lat, ort.lon], as: coordinates}
  contact_email: kontakt.email
  contact_phone: {from: kontakt.telefon, as: phone}
  url: link
  source_modified: {from: geaendert, as: datetime}
sessions: {each: termine, map: {date: {from: datum, as: date}, start_time: von, end_time: bis, room: raum}}
ignore: [intern]
"""
CSV_MAP = """
map:
  title: Titel
  offer_type: {from: Art, as: [{lookup: art}]}
  topics: {from: Themen, as: [{split: ";"}, {lookup: themen}]}
  summary: Kurztext
  description: {from: Beschreibung, as: text}
  target_groups: {from: Zielgruppen, as: [{split: ","}, {lookup: gruppen}]}
  languages: {from: Sprachen, as: [{split: "/"}, languages]}
  cefr: Niveau
  age: Alter
  cost: Kosten
  start_date: {from: Beginn, as: [{empty: [laufend]}, date]}
  end_date: {from: Ende, as: date}
  registration_deadline: {from: Anmeldeschluss, as: date}
  capacity_max: Plätze
  places_free: Frei
  childcare: Kinderbetreuung
  organisation.name: Veranstalter
  organisation.website: Web
  location.name: Ort
  location.street_line: Straße
  location.postal_code: PLZ
  location.city: Stadt
  location.point: {from: [Lat, Lon], as: coordinates}
  contact_email: E-Mail
  contact_phone: {from: Telefon, as: phone}
  url: Link
  source_modified: {from: Geändert, as: datetime}
sessions: {map: {date: {from: Datum, as: date}, start_time: Von, end_time: Bis, room: Raum}}
ignore: [Intern]
"""


@dataclass(frozen=True, slots=True)
class Town:
    """A city folder with its sources, the folder its partner's server shows, and the port of that server."""

    folder: Path
    rows: int
    port: int

    @property
    def site(self) -> Path:
        return self.folder / "site"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def arguments(self, **more: Any) -> dict[str, Any]:
        """What a measured function needs to find this town again."""
        return {"folder": str(self.folder), "rows": self.rows, **more}


def open_town(folder: Path, data: Path, **settings: Any) -> House:
    """Open the house of a town with a data folder of its own."""
    given: dict[str, Any] = {"catalogue": "none", "allow_loopback": True, "pause": 0.0} | settings
    return open_house(Settings(city=folder / "city", data=data, **given))


@contextmanager
def town(rows: int) -> Iterator[Town]:
    """Build a town with this many records a feed, if it is not there yet, and run its server."""
    folder = WORK / f"{rows}"
    place = Town(folder, rows, free_port())
    stamp = folder / "made"
    made = hashlib.sha256(b"".join(Path(module).read_bytes() for module in (__file__, feeds.__file__))).hexdigest()
    if not stamp.exists() or stamp.read_text() != made:
        say(f"Die Feeds mit {rows} Datensätzen entstehen …")
        shutil.rmtree(folder, ignore_errors=True)
        write_feeds(place)
        stamp.write_text(made)
    write_city(place)
    with serving(place):
        yield place


@contextmanager
def serving(place: Town) -> Iterator[Town]:
    """Run the server of a town."""
    command = [sys.executable, "-m", "benchmarks.server", str(place.site), str(place.port)]
    with subprocess.Popen(command, cwd=ROOT) as server:
        try:
            _wait(place.port)
            yield place
        finally:
            server.terminate()


def free_port() -> int:
    """Give a loopback port nobody uses at the moment."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def document(records: Iterable[Mapping[str, Any]], when: str) -> Iterator[bytes]:
    """Yield the pieces of the JSON document that holds the records."""
    yield b'{"stand":"' + when.encode() + b'","angebote":['
    for number, record in enumerate(records):
        yield (b"," if number else b"") + orjson.dumps(record)
    yield b"]}"


def lines(rows: int, *, turned: bool = False, changed: float = 0.0) -> Iterator[bytes]:
    """Yield the records as JSON Lines; `turned` has the fields of each the other way round: other bytes, the same records."""
    for record in feeds.records(rows, changed=changed):
        yield orjson.dumps(dict(reversed(record.items())) if turned else record) + b"\n"


def write_feeds(place: Town) -> None:
    """Write the files of the partner's site: pages, a table, and the file on three days."""
    (place.site / "seiten").mkdir(parents=True)
    page: list[dict[str, Any]] = []
    for number, record in enumerate(feeds.records(place.rows), 1):
        page.append(record)
        if len(page) == PAGE or number == place.rows:
            _put(place.site / "seiten" / f"{(number - 1) // PAGE + 1}", document(page, "heute"))
            page = []
    _put(place.site / "seiten" / f"{-(-place.rows // PAGE) + 1}", document([], "heute"))  # behind the end
    heavy = place.rows > HEAVY
    _put(place.site / "angebote.csv", (line.encode() for line in feeds.csv_lines(place.rows)), packed=heavy)
    if not heavy:
        days: dict[str, dict[str, Any]] = {"angebote": {}, "neue-bytes": {"turned": True}, "geaendert": {"changed": 0.01}}
        for name, how in days.items():
            _put(place.site / f"{name}.jsonl", lines(place.rows, **how))


def _put(path: Path, pieces: Iterable[bytes], *, packed: bool = False) -> None:
    with gzip.open(f"{path}.gz", "wb", compresslevel=1) if packed else path.open("wb") as out:
        out.writelines(pieces)


def write_city(place: Town) -> None:
    """Write the city folder: Duisburg's districts, invented houses, and the sources at the port of the server."""
    city = place.folder / "city"
    shutil.rmtree(city, ignore_errors=True)
    shutil.copytree(ROOT / "cities" / "duisburg", city, ignore=shutil.ignore_patterns("sources"))
    settings = (city / "city.toml").read_text(encoding="utf-8")
    head, _, _ = settings.partition("[addresses]")
    (city / "city.toml").write_text(
        f'{head}\n[addresses]\nfile = "houses.csv"\nattribution = "Erfundene Häuser"\n', encoding="utf-8"
    )
    west, south, east, north = feeds.BOX
    houses = [
        f"{street};{number};{west + (east - west) * ((place * 61) % 157) / 157:.6f};{south + (north - south) * number / 91:.6f}"
        for place, street in enumerate(feeds.STREETS)
        if place % 20  # every twentieth street is one the office does not know
        for number in range(1, 91)
    ]
    (city / "houses.csv").write_text("\n".join(["Straße;Hausnummer;lon;lat", *houses]) + "\n", encoding="utf-8")
    (city / "sources").mkdir()
    pages = (
        f"paginate: {{by: page, param: seite, max: {place.rows // PAGE + 2}, stop: short, size: {{param: je, value: {PAGE}}}}}"
    )
    sources = {
        "du-seiten": (JSON_MAP, f'{{kind: json, url: "{place.url}/seiten", records: angebote, id: id, {pages}}}'),
        "du-datei": (JSON_MAP, f'{{kind: json, url: "{place.url}/heute.jsonl", id: id}}'),
        "du-ohne": (JSON_MAP, f'{{kind: json, url: "{place.url}/ohne/heute.jsonl", id: id}}'),
        "du-tabelle": (CSV_MAP, f'{{kind: csv, url: "{place.url}/angebote.csv", id: Nr}}'),
    }
    for key, (mapping, source) in sources.items():
        (city / "sources" / f"{key}.yml").write_text(f"version: 1{ABOUT}source: {source}\n{mapping}", encoding="utf-8")


def _wait(port: int) -> None:
    for _ in range(200):
        with socket.socket() as trial:
            trial.settimeout(0.1)
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("der Server der Feeds antwortet nicht")
