"""A number comes in; the offers of twelve partners as published tables go out, five of a hundred disguised copies of another's.

A copy has another source, slips of the pen in its title, capitals or another order of words, another legal form of its
institution, a place up to sixty metres away or an address written otherwise, and half of the contacts. Fifty offers share a house.
What is a copy of what is in truth.parquet: all pairs of one offer's tellings that have different sources.
"""

import hashlib
import random
import shutil
from itertools import combinations
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks import feeds
from benchmarks.measure import say
from benchmarks.town import WORK
from catalogue.snapshot import GROUP, polars_schema

BLOCK = 10_000
SHARE = 0.05
HOUSE = 50  # offers that share one
SOURCES = [f"du-partner-{letter}" for letter in "abcdefghijkl"]
TABLES = ("offers", "sessions", "locations", "organisations")
DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
MORE = (
    "Alltag", "Arztbesuch", "Garten", "Märchen", "Theater", "Kochen", "Malen", "Musik", "Smartphone", "Formulare", "Führerschein",
    "Miete", "Pflege", "Handwerk", "Nachbarn", "Lesen", "Schreiben", "Rechnen", "Brücke", "Kompass", "Regenbogen", "Zukunft",
    "Familie", "Ausbildung", "Grammatik", "Aussprache", "Bewegung", "Ernährung", "Trommeln", "Gesundheit", "Sterne", "Wegweiser",
)  # fmt: skip
FORMS = ("Kurs", "Treff", "Werkstatt", "Gruppe", "Beratung", "Café", "Nachmittag")
Row = dict[str, Any]


def tables(rows: int) -> Path:
    """Write the tables, if they are not there yet; give their folder."""
    folder = WORK / f"copies-{rows}"
    made = hashlib.sha256(b"".join(Path(module).read_bytes() for module in (__file__, feeds.__file__))).hexdigest()
    stamp = folder / "made"
    if stamp.exists() and stamp.read_text() == made:
        return folder
    say(f"Die Tabellen mit {rows} Angeboten und Kopien entstehen …")
    shutil.rmtree(folder, ignore_errors=True)
    for table in (*TABLES, "truth"):
        (folder / table).mkdir(parents=True)
    for start in range(0, rows, BLOCK):
        found = _block(random.Random(f"{feeds.SEED}:{start}"), start, min(BLOCK, rows - start), max(1, rows // HOUSE))
        for table in TABLES:
            schema = polars_schema(table)
            frame = pl.DataFrame({name: [row.get(name) for row in found[table]] for name in schema}, schema)
            frame.write_parquet(folder / table / f"{start:08}.parquet")
        truth = pl.DataFrame(found["truth"], {"one": pl.String(), "other": pl.String()}, orient="row")
        truth.write_parquet(folder / "truth" / f"{start:08}.parquet")
    for table in (*TABLES, "truth"):
        frame = pl.scan_parquet(folder / table / "*.parquet")
        if table == "organisations":
            frame = frame.unique("organisation_id").sort("organisation_id")
        frame.sink_parquet(folder / f"{table}.parquet", row_group_size=GROUP)
        shutil.rmtree(folder / table)
    (folder / "rows").write_text(str(rows))
    stamp.write_text(made)
    return folder


def _block(rnd: random.Random, start: int, count: int, houses: int) -> dict[str, list[Any]]:
    originals = round(count * (1 - SHARE))
    told: dict[int, list[Row]] = {}
    found: dict[str, list[Any]] = {table: [] for table in (*TABLES, "truth")}
    for number in range(count):
        if number < originals:
            told[number] = [_offer(rnd, start + number, houses)]
        else:
            one = rnd.randrange(originals)
            told[one].append(_copy(rnd, told[one][0], start + number))
    for tellings in told.values():
        for told_one in tellings:
            found["offers"].append(told_one)
            for table in ("sessions", "locations", "organisations"):
                found[table] += [told_one[table]] if told_one[table] else []
        found["truth"] += [
            sorted((a["offer_id"], b["offer_id"])) for a, b in combinations(tellings, 2) if a["source_key"] != b["source_key"]
        ]
    return found


def _offer(rnd: random.Random, number: int, houses: int) -> Row:
    below, pick, one = rnd.randrange, rnd.choice, rnd.random
    venue = below(houses)
    place = random.Random(venue)
    west, south, east, north = feeds.BOX
    east += (east - west) * (houses // 2_000)  # as many houses a square kilometre, however many offers
    noun = pick(feeds.NOUNS) if one() < 0.4 else f"{pick(MORE)}-{pick(FORMS)}"
    title = f"{pick(feeds.ADJECTIVES)} {noun} {pick(feeds.WHO)}"
    if one() < 0.5:
        title += f": {pick(MORE)} und {pick(MORE)}"
    located = one() > 0.02
    location = {
        "street": feeds.STREETS[venue % len(feeds.STREETS)], "house_number": str(venue // len(feeds.STREETS) + 1), "city": "Duisburg",
        "longitude": round(place.uniform(west, east), 6), "latitude": round(place.uniform(south, north), 6), "place_quality": "exact",
        "name": None,
    }  # fmt: skip
    house = venue if one() < 0.7 else below(houses)
    return _told(
        rnd,
        number,
        source=pick(SOURCES),
        title=title,
        provider=f"{feeds.HOUSES[house % 7]} {feeds.STREETS[house % 156]} {house // 156 + 1} e. V.",
        contact_email=f"info@haus-{house}.example" if one() < 0.8 else None,
        location=location if located else None,
        session={
            "weekday": pick(DAYS),
            "start_time": f"{8 + below(12):02}:{15 * below(4):02}",
        }
        if one() < 0.85
        else None,
    )


def _copy(rnd: random.Random, first: Row, number: int) -> Row:
    one, below, pick = rnd.random, rnd.randrange, rnd.choice
    title = first["title"]
    for _ in range(pick((0, 0, 1, 1, 2))):
        place = below(len(title) - 1)
        title = title[:place] + pick(("", title[place + 1], title[place] * 2, "e")) + title[place + 1 :]
    if one() < 0.3:
        title = title.upper()
    if one() < 0.15:
        words = title.split()
        title = " ".join((*words[1:], words[0]))
    location = first["locations"] and dict(first["locations"])
    if location and one() < 0.5:
        location |= {"street": None, "house_number": None}
        location["longitude"] += rnd.uniform(-0.0006, 0.0006)
        location["latitude"] += rnd.uniform(-0.0004, 0.0004)
    elif location:
        location |= {
            "street": location["street"].replace("straße", "str."),
            "latitude": None,
            "longitude": None,
            "place_quality": None,
        }
    if one() < 0.05:
        location = None
    return _told(
        rnd,
        number,
        source=pick([key for key in SOURCES if key != first["source_key"]]),
        title=title,
        provider=first["provider"].replace(" e. V.", pick((" e.V.", "", " e. V.", " eV"))),
        contact_email=first["contact_email"] if one() < 0.5 else None,
        location=location,
        session=first["sessions"] if one() < 0.85 else None,
    )


def _told(
    rnd: random.Random,
    number: int,
    *,
    source: str,
    title: str,
    provider: str,
    contact_email: str | None,
    location: Row | None,
    session: Row | None,
) -> Row:
    offer_id = f"{source}:{number:08}"
    organisation_id = provider.lower().replace(" ", "-").replace(".", "")
    sentences = feeds.SENTENCES
    return {
        "offer_id": offer_id, "source_key": source, "record_id": f"{number:08}", "record_url": f"https://{source}.example/{number}",
        "title": title, "summary": rnd.choice(sentences), "description": " ".join(rnd.choice(sentences) for _ in range(6)),
        "text_language": "de", "topics": "language", "target_groups": "general", "cost_type": "free", "contact_email": contact_email,
        "organisation_id": organisation_id, "location_id": location and f"{source}:{number:016x}", "status": "active", "rights": "open",
        "provider": provider, "source_modified": f"2026-{1 + number % 10:02}-{1 + number % 28:02}T09:00:00+01:00",
        "organisations": {"organisation_id": organisation_id, "name": provider, "city": "Duisburg"},
        "locations": location and location | {"location_id": f"{source}:{number:016x}"},
        "sessions": session and session | {"session_id": f"{offer_id}@{session['weekday']}", "offer_id": offer_id,
                                           "status": "scheduled", "all_day": False},
    }  # fmt: skip
