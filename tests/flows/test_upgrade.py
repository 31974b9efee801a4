"""A data folder that another version of the program wrote is read on: columns come and go, no offer does."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

from flows.outlet import publish
from schemas.tables import columns
from tests.connectors.site import Site
from tests.flows.town import SOURCE, Town, kurse, table


def test_offers_of_another_version_stay(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are published, compared, and carried over while they are missing; a column that version did not know is empty."""
    town = Town(tmp_path, site)
    site.pages["/kurse.csv"] = kurse(3)
    town.harvest()
    publish(town.open(), town.now)
    for path in town.open().ledger.source("du-verein").runs_folder.rglob("offers.parquet"):
        pl.read_parquet(path).drop("attribution").with_columns(einst=pl.lit("alt")).write_parquet(path)
    monkeypatch.setattr("catalogue.publication.LAYOUT", 0)  # with another schema, all is made anew
    town.write("du-verein", SOURCE % site.url + "expect: {max_drop: 0.9}")

    publish(town.open(), town.now)
    assert shown(town) == [("Kurs Nummer 1", None), ("Kurs Nummer 2", None), ("Kurs Nummer 3", None)]

    site.pages["/kurse.csv"] = table(
        "1;Anderer Titel;01.12.2026;info@verein.example", "2;Kurs Nummer 2;01.12.2026;info@verein.example"
    )
    run = town.harvest()
    assert (run.books.unchanged, run.books.missing) == (1, 1), run.note
    publish(town.open(), town.now)
    assert [title for title, _ in shown(town)] == ["Anderer Titel", "Kurs Nummer 2", "Kurs Nummer 3"]


def test_a_column_the_last_version_did_not_know_makes_no_offer_changed(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first night with a new program says what partners changed, and not that all they have is different."""
    town = Town(tmp_path, site)
    site.pages["/kurse.csv"] = kurse(3)
    place = columns("offers").index("origin_path")

    def as_before(table: str, rows: Iterable[tuple[Any, ...]]) -> Iterator[int]:
        rows = [row[:place] + row[place + 1 :] for row in rows] if table == "offers" else rows
        for row in rows:
            yield int.from_bytes(hashlib.blake2b(orjson.dumps(row), digest_size=8, person=table.encode()).digest(), "little")

    with monkeypatch.context() as older:
        older.setattr("catalogue.snapshot.to_digests", as_before)
        older.setattr("flows.house.House.fingerprint", "another program")
        town.harvest()
    run = town.harvest()
    assert (run.books.read, run.books.changed, run.books.unchanged) == (3, 0, 3)


def shown(town: Town) -> list[tuple[str, str | None]]:
    """Title and attribution of the published offers."""
    publication = town.open().publications.current()
    assert publication is not None
    return sorted(pl.read_parquet(publication.work / "offers.parquet").select("title", "attribution").iter_rows())
