"""A data folder that another version of the program wrote is read on: columns come and go, no offer does."""

from pathlib import Path

import polars as pl
import pytest

from flows.outlet import publish
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


def shown(town: Town) -> list[tuple[str, str | None]]:
    """Title and attribution of the published offers."""
    publication = town.open().publications.current()
    assert publication is not None
    return sorted(pl.read_parquet(publication.work / "offers.parquet").select("title", "attribution").iter_rows())
