"""How much of a map `landkarte sources new` guesses rightly without help: feeds with a map a person wrote, beside the guess.

    python -m tests.landkarte.mapped        prints a table

The example partners and the sources of Duisburg carry their truth in their source files; that of the further real files stands here.
A line of a person's map counts as right where the guess reads the same field of the partner into the same target.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.context import StoredContext
from connectors.registry import connector
from landkarte.partner_pages import Pages
from schemas.city import load_city
from schemas.guess import guess
from schemas.guessed import Guess, Guessed
from schemas.normalise import to_setting
from schemas.record import Capture, RawRecord
from schemas.source import Part, Source, load_source, read_source
from schemas.survey import survey

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
NOW = datetime(2026, 11, 23, 8, tzinfo=ZoneInfo("Europe/Berlin"))
EXAMPLES = {
    "bsp-brueckenschlag-projekte": "brueckenschlag/projekte.csv",
    "bsp-familienwerkstatt": "familienwerkstatt/programm.csv",
    "bsp-freiwilligenboerse": "freiwilligenboerse/patenschaften.csv",
    "bsp-musterwerk-kurse": "musterwerk/kurse.csv",
    "bsp-willkommenskurse": "willkommen/kurse.json",
    "bsp-lernbruecke-angebote": "lernbruecke/angebote.xlsx",
    "bsp-hilfebruecke-ukraine": "hilfebruecke/angebote.json",
}
REAL = {
    "du-schulen": "nrw_schools/schuldaten_duisburg.csv",
    "du-ba-integrationskurse": "ba_kursnet/weiterbildungssuche_response.json",
}
PAGES = Pages(ROOT / "examples" / "partners", url="http://127.0.0.1:8765", now=NOW, harvests=0)
HEAD = "title: Probe\npublisher: {name: Probe}\nlicence: other-closed\n"
TRUTH = {
    "csv_german/kitas_in_flensburg.csv": """
        source: {kind: csv, url: "https://x.example/a.csv"}
        map: {title: facility, organisation.name: institution, location.street_line: address, location.postal_code: postal_code,
              contact_phone: phone_number, location.opening_hours: opening_hours, capacity_max: childcare_places, description: comments}
        """,
    "json_feeds/il_adcrc.json": """
        source: {kind: json, url: "https://x.example/a.json", records: eventFeedItemList}
        map: {title: eventTitle, description: description, url: eventPath, location.name: "physicalList[0].locationName",
              location.street_line: "physicalList[0].streetLineOne", location.city: "physicalList[0].city",
              location.postal_code: "physicalList[0].zipcode", image_url: image}
        sessions: {map: {start: start, end: end}}
        """,
    "json_feeds/cook_landbank.json": """
        source: {kind: json, url: "https://x.example/a.json", records: eventList}
        map: {title: event_title}
        sessions: {map: {start: event_start_unix, end: event_end_unix}}
        """,
    "vhs_openvhs/berlin_vhs_sample-raw.json": """
        source: {kind: json, url: "https://x.example/a.json", records: veranstaltungen.veranstaltung}
        map: {title: name, summary: untertitel, description: "text[0].text", start_date: beginn_datum, end_date: ende_datum,
              target_groups: zielgruppe, keywords: schlagwort, capacity_max: maximale_teilnehmerzahl, location.name: veranstaltungsort.name,
              location.street_line: veranstaltungsort.adresse.strasse, location.postal_code: veranstaltungsort.adresse.plz,
              location.city: veranstaltungsort.adresse.ort, location.wheelchair: veranstaltungsort.barrierefrei, cost: preis.betrag,
              cost_note: preis.zusatz, url: webadresse.uri}
        """,
    "sf_directories/locations.csv": """
        source: {kind: csv, url: "https://x.example/a.csv"}
        map: {title: name, description: notes, contact_phone: phone, location.address: address, source_modified: updatedAt}
        """,
    "hsds_30/services.csv": """
        source: {kind: csv, url: "https://x.example/a.csv"}
        map: {title: name, description: description, url: url, contact_email: email, status: status, cost: fees_description,
              age_min: minimum_age, age_max: maximum_age, source_modified: last_modified}
        """,
}
# the same said in two ways
SAME = {
    "location.latitude": "location.point", "location.longitude": "location.point", "period": "start_date", "cost_amount": "cost",
    "session.date": "session.start", "sessions.each": "sessions", "location.street": "location.street_line",
    "location.house_number": "location.street_line",
}  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """One feed: the lines a person wrote, those the guess has too, and those only the guess has."""

    name: str
    wanted: frozenset[tuple[str, str]]
    right: frozenset[tuple[str, str]]
    further: frozenset[tuple[str, str]]

    @property
    def share(self) -> float:
        return len(self.right) / len(self.wanted)


def measures() -> Iterator[Measure]:
    """Measure every feed that is here."""
    for key, name in EXAMPLES.items():
        body = PAGES.answer(name).body
        yield measure(load_source(ROOT / "examples" / "sources" / f"{key}.yml"), body, name)
    if SHARED.is_dir():
        for key, name in REAL.items():
            yield measure(
                load_source(ROOT / "cities" / "duisburg" / "sources" / f"{key}.yml"), (SHARED / name).read_bytes(), name
            )
        for name, text in TRUTH.items():
            lines = "\n".join(line.removeprefix("        ") for line in text.splitlines())
            yield measure(read_source(HEAD + lines, key="probe", name=name), (SHARED / name).read_bytes(), name)


def measure(source: Source, body: bytes, name: str) -> Measure:
    """Guess the map of a feed and compare it with the one a person wrote."""
    kind = connector(source.kind)
    options = {name: value for name, value in source.source.items() if name not in ("kind", "paginate", "auth")}
    capture = Capture.of(body, url=str(options["url"]), fetched_at=NOW)
    ctx = StoredContext([capture], now=NOW, zone=ZoneInfo("Europe/Berlin"))
    items = kind().read(kind.options.model_validate(options), ctx)
    records = [item.data for item in islice((item for item in items if isinstance(item, RawRecord)), 500)]
    city = load_city(ROOT / "cities" / "duisburg")
    found = guess(survey(records, nested=kind.nested), to_setting(source, city), known=kind.default_map)
    wanted, made = _written(source), _guessed(found)
    return Measure(name, wanted, wanted & made, made - wanted)


def _written(source: Source) -> frozenset[tuple[str, str]]:
    pairs = {(_same(target), field) for target, made in source.map.items() for field in made.from_}
    part: Part | None = source.sessions
    if part is not None:
        above = f"{part.each}/" if part.each else ""
        pairs |= {(_same(f"session.{target}"), above + field) for target, made in part.map.items() for field in made.from_}
    return frozenset(pairs)


def _guessed(found: Guess) -> frozenset[tuple[str, str]]:
    above = f"{found.each}/" if found.each else ""
    return frozenset(_pairs(found.map, "", "")) | frozenset(_pairs(found.sessions, "session.", above))


def _pairs(lines: list[Guessed], group: str, above: str) -> Iterator[tuple[str, str]]:
    for one in lines:
        for field in one.from_:
            yield _same(group + one.target), above + field


def _same(target: str) -> str:
    return SAME.get(target, target)


def main() -> None:
    """Print the table."""
    right = wanted = 0
    for one in measures():
        right, wanted = right + len(one.right), wanted + len(one.wanted)
        print(f"{one.name:60} {len(one.right):3} of {len(one.wanted):3}  {one.share:5.0%}")
        if "-v" in sys.argv:
            print("   missed ", sorted(one.wanted - one.right))
            print("   further", sorted(one.further))
    print(f"{'all':60} {right:3} of {wanted:3}  {right / wanted:5.0%}")


if __name__ == "__main__":
    main()
