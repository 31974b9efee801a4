"""Rows into the local CKAN's DataStore, against COPY into the same database; and 1 % of them changed, against all of them.

The work is done by CKAN and PostgreSQL, so here the clock counts, not our CPU seconds. COPY alone is the physical limit; the way
of ckanext-xloader is COPY into a table of the DataStore, then the full text of every row and its index.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import polars as pl

from benchmarks.measure import ROOT, clocked
from benchmarks.path import data_folder
from benchmarks.report import Size, decimal, number, percent, seconds, table
from benchmarks.town import NOW, Town, free_port, open_town, town
from benchmarks.unchanged import show_feed
from catalogue.ckan import Ckan
from catalogue.datasets import publish as show
from catalogue.datastore import fields
from catalogue.local.errors import LocalCkanError
from catalogue.local.server import LocalCkan
from catalogue.publication import Publication
from flows.house import House
from flows.night import harvest
from flows.outlet import publish

TEXT = """
set datestyle = iso;
create table {name}_rows ({columns}, primary key ({key}));
copy {name}_rows from stdin with (format csv, header true);
"""
FULL_TEXT = """
alter table {name}_rows add column _id serial, add column _full_text tsvector;
update {name}_rows set _full_text = to_tsvector('german', {words});
create index on {name}_rows using gin (_full_text);
"""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A local CKAN with a state folder of its own, and the command that speaks with its database."""

    ckan: LocalCkan
    url: str
    token: str
    psql: tuple[str, ...]

    def client(self) -> Ckan:
        return Ckan(self.url, self.token, agent="Integrationslandkarte/benchmarks")

    def sql(self, text: str, rows: Path | None = None) -> None:
        """Run a script; where it copies from stdin, the file stands behind it."""
        command = [*self.psql, "-c", text] if rows is None else [*self.psql, *(w for s in _statements(text) for w in ("-c", s))]
        with open(rows or "/dev/null", "rb") as stdin:
            subprocess.run(command, stdin=stdin, check=True, capture_output=True)


def report(size: Size) -> str:
    """Measure, and write the table."""
    title = f"## Veröffentlichen: {number(size.rows)} Angebote in den DataStore des lokalen CKAN\n\n"
    with town(size.rows) as place, data_folder(str(place.folder)) as data:
        try:
            with catalogue(data / "ckan") as running:
                return title + _measured(size, place, data, running)
        except LocalCkanError as why:
            return f"{title}Nicht gemessen: {why}\n"


@contextmanager
def catalogue(state: Path) -> Iterator[Catalogue]:
    """Bring up a CKAN for the measurement, and down again."""
    ckan = LocalCkan(state, ROOT / ".venv-ckan", title="Messung", port=free_port())
    try:
        endpoint = ckan.up()
        words = [str(word) for word in ckan.laid_out().postgres.psql]
        words[words.index("-d") + 1] = "ckan_ds"
        yield Catalogue(ckan, endpoint.url, endpoint.token, tuple(words))
    finally:
        ckan.down()


def _measured(size: Size, place: Town, data: Path, running: Catalogue) -> str:
    house = open_town(place.folder, data)
    first = _publication(house, place, "angebote.jsonl", 0)
    offers = first.work / "offers.parquet"
    rows = pl.scan_parquet(offers).select(pl.len()).collect().item()
    sheet = data / "offers.csv"
    pl.read_parquet(offers).write_csv(sheet)
    copied = _copied(running, "bare", sheet)
    indexed = copied + clocked(lambda: running.sql(_full_text("bare")))
    client = running.client()
    dataset = client.dataset("messung", {"title": "Messung", "owner_org": _organization(client)})
    full = clocked(lambda: client.table(dataset, "offers", offers, None, first.content, first.created[:19]))
    second = _publication(house, place, "geaendert.jsonl", 1)
    dataset = client.dataset("messung", {"title": "Messung"})
    client.report.rows.clear()
    client.report.writes.clear()
    delta = clocked(lambda: client.table(dataset, "offers", second.work / "offers.parquet", offers, second.content, "2026-11-23"))
    changed = dict(client.report.rows)
    calls = sum(client.report.writes.values())
    client.close()
    lines = [
        ("COPY in eine leere Tabelle mit Schlüssel", seconds(copied), number(rows / copied), "–"),
        ("COPY, dann Volltext und Index (der Weg von XLoader)", seconds(indexed), number(rows / indexed), "–"),
        ("wir über CKANs Action API, alle Zeilen", seconds(full), number(rows / full), "100 %"),
        ("wir, 1 % geändert", seconds(delta), number(sum(changed.values()) / delta), percent(delta, full)),
    ]
    text = table(("", "Uhr s", "Zeilen je s", "Anteil"), lines)
    told = f"Geändert: {number(sum(changed.values()))} Zeilen mit {calls} schreibenden Aufrufen. "
    told += f"Alle Zeilen brauchen {decimal(full / indexed)}-mal so lange wie COPY mit Volltext."
    return f"{text}\n\n{told}\n\n{_whole(running, house, place)}"


def _whole(running: Catalogue, house: House, place: Town) -> str:
    """The whole catalogue: all files, datasets and rows, the first time and again with nothing new."""
    publication = house.publications.current()
    assert publication is not None
    sources = [house.sources[key] for key in publication.inputs if key in house.sources]
    rows = []
    last = None
    for what in ("der ganze Katalog, zum ersten Mal", "noch einmal, nichts Neues"):
        client = running.client()
        took = clocked(partial(show, client, publication, house.city, sources, last))
        written = client.report
        rows.append((what, seconds(took), number(sum(written.writes.values())), f"{written.uploaded / 1e6:.0f}"))
        client.close()
        last = publication
    return table(("", "Uhr s", "schreibende Aufrufe", "MB hochgeladen"), rows) + "\n"


def _publication(house: House, place: Town, feed: str, hour: int) -> Publication:
    show_feed(place.site, feed)
    now = NOW + timedelta(hours=hour)
    run = harvest(house, house.source("du-datei"), lambda: now)
    assert run.accepted, run
    return publish(house, now).publication


def _organization(client: Ckan) -> str:
    client.organization("messung", "Messung")
    return "messung"


def _copied(running: Catalogue, name: str, sheet: Path) -> float:
    columns = ", ".join(f'"{field["id"]}" {field["type"]}' for field in fields("offers"))
    text = TEXT.format(name=name, columns=columns, key="offer_id")
    return clocked(lambda: running.sql(text, sheet))


def _full_text(name: str) -> str:
    words = " || ' ' || ".join(f"coalesce(\"{field['id']}\"::text, '')" for field in fields("offers"))
    return FULL_TEXT.format(name=name, words=words)


def _statements(text: str) -> list[str]:
    return [statement.strip() for statement in text.split(";") if statement.strip()]
