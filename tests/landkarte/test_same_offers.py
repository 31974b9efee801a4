"""The same offer from two partners: one line in the list, both pages reachable, each naming the other; and told apart again."""

import json
import re
from dataclasses import replace

import polars as pl
import pytest
import requests
from rich.console import Console

from flows.house import House
from flows.outlet import publish
from landkarte.matches import show_matches, tell_apart
from landkarte.web.app import create_app
from landkarte.web.cards import offer_path
from schemas.match import find_matches
from tests.landkarte.served import MOMENT, served
from tests.landkarte.test_partners import WEDNESDAY, harvest_all, open_example

TABLES = ("offers", "sessions", "locations", "organisations")
HERE, THERE = "bsp-hilfebruecke-ukraine:HB05", "bsp-musterkiez-kalender:cafe-hochfeld%40musterkiez.example"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The example city, harvested once; it publishes into its folder alone."""
    house = open_example(tmp_path_factory.mktemp("data"))
    house = replace(house, settings=house.settings.model_copy(update={"catalogue": "none"}))
    harvest_all(house, WEDNESDAY)
    return house


def test_the_cafe_of_two_partners_is_one(house: House) -> None:
    """The Sprachcafé Hochfeld stands in two feeds; that is the only offer of the examples told twice."""
    publication = publish(house, WEDNESDAY).publication
    found = pl.read_parquet(publication.work / "matches.parquet")
    assert set(found["offer_id"]) == {HERE, THERE}
    assert found["primary"].to_list() == [True, False]
    assert found["reason"][0].startswith("gleicher Titel, gleiche Adresse, gleiche Zeit")


def test_the_list_shows_it_once_and_every_page_names_the_other(house: House) -> None:
    """One card with a link to the other partner; the other's page answers and leads to the one in the list."""
    folder = publish(house, WEDNESDAY).publication.folder
    matches = pl.read_csv(folder / "matches.csv", separator=";", infer_schema=False)
    first, other = matches["offer_id"].to_list()
    with served(create_app(str(folder), now=lambda: MOMENT)) as site:
        page = requests.get(f"{site}/?q=Hochfeld&lang=de", timeout=20).text
        assert page.count(f'<h3><a href="{offer_path(first)}?lang=de"') == 1
        assert f'<h3><a href="{offer_path(other)}?lang=de"' not in page
        assert "Auch bei:" in page and f'<a href="{offer_path(other)}?lang=de">' in page
        hidden = requests.get(f"{site}{offer_path(other)}?lang=de", timeout=20)
        assert hidden.status_code == 200
        assert "In der Liste steht:" in hidden.text and offer_path(first) in hidden.text
        rows = requests.get(f"{site}/angebote.csv?q=Hochfeld", timeout=20).text
        assert first in rows and other not in rows


def test_an_operator_tells_them_apart_and_takes_it_back(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """After `differ` the next publication shows both, and until then that is said; after `differ --undo` one again."""
    out = Console(width=300)
    publish(house, WEDNESDAY)
    assert tell_apart(house, HERE, THERE, out, undo=False) == 0
    assert re.search("Veröffentlichung|publication", capsys.readouterr().out)
    show_matches(house, out, as_json=True)
    assert {row["offer_id"]: row["told_apart"] for row in json.loads(capsys.readouterr().out)} == {HERE: THERE, THERE: HERE}
    assert publish(house, WEDNESDAY).publication.rows["matches"] == 0
    assert tell_apart(house, HERE, THERE, out, undo=True) == 0
    assert publish(house, WEDNESDAY).publication.rows["matches"] == 2
    assert tell_apart(house, HERE, "bsp-x:1", out, undo=False) == 1


def test_the_groups_are_listed_with_their_reasons(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """`landkarte matches` names both offers, how sure we are, and why."""
    publish(house, WEDNESDAY)
    show_matches(house, Console(width=300), as_json=True)
    said = capsys.readouterr().out
    assert HERE in said and THERE in said and "gleiche Adresse" in said
    show_matches(house, Console(width=40), as_json=False)
    said = capsys.readouterr().out
    assert HERE in said and THERE in said and "gleiche Adresse" in said  # whole, to be typed again


def test_the_source_of_higher_priority_stands_in_the_list_then_the_fresher(house: House) -> None:
    """The list shows the offer of the source with the higher priority, of equals the one confirmed last, with all its sources."""
    publication = publish(house, WEDNESDAY).publication
    tables = {name: pl.read_parquet(publication.work / f"{name}.parquet") for name in TABLES}
    keys = [offer_id.split(":")[0] for offer_id in (HERE, THERE)]
    for high, listed in ((keys[0], HERE), (keys[1], THERE)):
        found = find_matches(*tables.values(), priority={high: 9})
        assert found.filter("primary")["offer_id"].to_list() == [listed]
    for fresh in (HERE, THERE):
        newer = pl.when(pl.col("offer_id") == fresh).then(pl.lit("2027-01-02")).otherwise(pl.lit("2027-01-01"))
        offers = tables["offers"].with_columns(last_confirmed=newer, source_modified=pl.lit(None, pl.String))
        found = find_matches(offers, *(tables[name] for name in TABLES[1:]))
        assert found.filter("primary")["offer_id"].to_list() == [fresh]
        stale = find_matches(offers, *(tables[name] for name in TABLES[1:]), priority={fresh.split(":")[0]: -1})
        assert stale.filter("primary")["offer_id"].to_list() == [THERE if fresh == HERE else HERE]
