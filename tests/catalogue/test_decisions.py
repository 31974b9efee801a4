"""What an operator says is not the same: remembered, taken back, and heeded by the next publication."""

import zipfile
from pathlib import Path

import polars as pl
import pytest

from catalogue.decisions import Decisions
from catalogue.disk import LedgerError, Places, read_json, write_json
from catalogue.publication import Publications
from schemas.city import City, load_city
from tests import rows
from tests.catalogue.contributions import NOW, contribution, one_of_each, source

CITY = Path(__file__).parents[2] / "cities" / "duisburg"


@pytest.fixture(scope="module")
def city() -> City:
    """The city of the example rows."""
    return load_city(CITY)


def test_a_decision_is_remembered_and_taken_back(tmp_path: Path) -> None:
    """Two offers told apart stay apart in whatever order they are named, until somebody takes it back."""
    decisions = Decisions(tmp_path)
    assert decisions.not_the_same() == set()
    decisions.differ("bsp-b:1", "bsp-a:1")
    assert Decisions(tmp_path).not_the_same() == {frozenset({"bsp-a:1", "bsp-b:1"})}
    decisions.forget("bsp-a:1", "bsp-b:1")
    assert Decisions(tmp_path).not_the_same() == set()


def test_a_broken_file_is_said_and_not_guessed(tmp_path: Path) -> None:
    """Decisions are people's: a damaged file stops publishing rather than forgetting them."""
    decisions = Decisions(tmp_path)
    decisions.differ("bsp-b:1", "bsp-a:1")
    decisions.path.write_text("[[", encoding="utf-8")
    with pytest.raises(LedgerError):
        decisions.not_the_same()


def test_the_publication_names_the_same_offers_until_told_apart(tmp_path: Path, city: City) -> None:
    """matches.csv and the ZIP hold the group, whose higher source stands for it; told apart it is gone, taken back it returns."""
    publications = Publications(tmp_path / "p")
    other = source("du-zweite-kurse", priority=90)
    again = one_of_each("du-zweite-kurse:K-7", source_key="du-zweite-kurse", location_id="du-zweite-kurse:fedcba9876543210")
    again["locations"] = [rows.location(location_id="du-zweite-kurse:fedcba9876543210")]
    items = [contribution(tmp_path / "a", one_of_each()), contribution(tmp_path / "b", again, other)]

    first = publications.build(city, items, NOW)
    found = pl.read_parquet(first.work / "matches.parquet")
    assert found["offer_id"].to_list() == ["du-zweite-kurse:K-7", rows.OFFER_ID]
    assert found["primary"].to_list() == [True, False]
    with zipfile.ZipFile(first.folder / "datapackage.zip") as bundle:
        assert bundle.read("matches.csv") == (first.folder / "matches.csv").read_bytes()

    apart = publications.build(city, items, NOW, not_the_same={frozenset(found["offer_id"])})
    assert apart.rows["matches"] == 0
    assert publications.build(city, items, NOW).id == first.id


def test_a_source_may_be_named_like_a_decision(tmp_path: Path) -> None:
    """The file of a source `not-the-same` and the pairs told apart do not share a name; pairs from before are still heeded."""
    places = Places(tmp_path)
    places.operator("not-the-same").parent.mkdir()
    write_json(places.operator("not-the-same"), {"paused": "Umbau"})
    decisions = Decisions(tmp_path)
    assert decisions.not_the_same() == set()
    decisions.differ("bsp-b:1", "bsp-a:1")
    assert read_json(places.operator("not-the-same")) == {"paused": "Umbau"}

    before = Decisions(tmp_path / "before")
    before.former.parent.mkdir(parents=True)
    write_json(before.former, [["bsp-a:1", "bsp-b:1"]])
    assert before.not_the_same() == {frozenset({"bsp-a:1", "bsp-b:1"})}
    before.forget("bsp-a:1", "bsp-b:1")
    assert before.not_the_same() == set()
