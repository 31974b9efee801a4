"""A real CKAN shows exactly what was published; a second time costs nothing, a change costs what changed."""

import csv
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import requests

from catalogue.ckan import BUSY, CatalogueError, Ckan, resource_id
from catalogue.datasets import publish
from catalogue.datastore import fields
from catalogue.local.server import Endpoint, LocalCkan
from catalogue.publication import Publication, Publications
from schemas.city import City, load_city
from tests import rows
from tests.catalogue.contributions import NOW, contribution, one_of_each, source

pytestmark = pytest.mark.ckan
CITY = Path(__file__).parents[2] / "cities" / "duisburg"
SECOND = f"{rows.SOURCE_KEY}:K-102"


@pytest.fixture(scope="module")
def city() -> City:
    return load_city(CITY)


@pytest.fixture
def endpoint(empty_ckan: tuple[LocalCkan, Endpoint]) -> Endpoint:
    return empty_ckan[1]


@pytest.fixture
def ckan(endpoint: Endpoint) -> Ckan:
    return Ckan(endpoint.url, endpoint.token, agent="tests")


def publication(folder: Path, city: City, name: str, tables: dict[str, Any], hours: int = 0) -> Publication:
    item = contribution(folder / name, tables, digest=name)
    return Publications(folder / "p").build(city, [item], NOW + timedelta(hours=hours))


def two(**changes: Any) -> dict[str, Any]:
    tables = one_of_each()
    return tables | {"offers": [*tables["offers"], rows.offer(offer_id=SECOND, record_id="K-102", **changes)]}


def stored(ckan: Ckan, table: str) -> list[dict[str, Any]]:
    found = ckan.read("datastore_search", resource_id=resource_id("duisburg", f"datastore-{table}"), sort="offer_id")
    return list(found["records"])


def test_a_published_offer_is_found_in_every_form(tmp_path: Path, city: City, ckan: Ckan) -> None:
    """Dataset, licence, files, DataStore rows with German labels, and the ZIP say the same as the publication."""
    shown = publication(tmp_path, city, "a", one_of_each())
    publish(ckan, shown, city, [source()], None)

    dataset = ckan.read("package_show", id="duisburg")
    assert dataset["title"] == "Integrationslandkarte Duisburg"
    assert dataset["license_id"] == "dl-by-de/2.0"
    by_name = {entry["name"]: entry for entry in dataset["resources"]}
    body = requests.get(by_name["offers.csv"]["url"], timeout=30).content
    assert body == (shown.folder / "offers.csv").read_bytes()
    assert {entry["publication"] for entry in dataset["resources"]} == {shown.content}
    with zipfile.ZipFile(io.BytesIO(requests.get(by_name["datapackage.zip"]["url"], timeout=30).content)) as bundle:
        text = bundle.read("offers.csv").decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(text), delimiter=";"))["offer_id"] == rows.OFFER_ID
    assert [row["title"] for row in stored(ckan, "offers")] == ["Deutsch am Vormittag"]
    info = ckan.read("datastore_info", id=resource_id("duisburg", "datastore-offers"))
    assert {field["id"]: field["info"]["label"] for field in info["fields"]}["title"] == "Titel"
    assert ckan.read("package_show", id=rows.SOURCE_KEY)["organization"]["title"] == "Bildungswerk Beispiel e. V."


def test_the_descriptor_in_the_catalogue_points_at_the_catalogue(tmp_path: Path, city: City, ckan: Ckan) -> None:
    """The loose files read through datapackage.json's addresses are those of the publication."""
    shown = publication(tmp_path, city, "a", one_of_each())
    publish(ckan, shown, city, [source()], None)

    dataset = ckan.read("package_show", id="duisburg")
    address = next(entry["url"] for entry in dataset["resources"] if entry["name"] == "datapackage.json")
    descriptor = requests.get(address, timeout=30).json()
    for entry in descriptor["resources"]:
        assert len(requests.get(entry["path"], timeout=30).content) == entry["bytes"]


def test_publishing_the_same_again_writes_nothing(tmp_path: Path, city: City, ckan: Ckan) -> None:
    """A second publish of the same publication asks, and changes nothing."""
    shown = publication(tmp_path, city, "a", one_of_each())
    publish(ckan, shown, city, [source()], None)
    again = Ckan(ckan.url, ckan._remote.apikey, agent="tests")
    publish(again, shown, city, [source()], shown)

    assert dict(again.report.writes) == {}


def test_an_unchanged_night_writes_only_the_sources(tmp_path: Path, city: City, ckan: Ckan) -> None:
    """Only sources.csv and the descriptor that carries its hash are uploaded where no row changed."""
    publications = Publications(tmp_path / "p")
    item = contribution(tmp_path / "s", one_of_each())
    first = publications.build(city, [item], NOW)
    publish(ckan, first, city, [source()], None)
    from dataclasses import replace

    later = publications.build(city, [replace(item, last_success=NOW + timedelta(days=1))], NOW + timedelta(days=1))
    night = Ckan(ckan.url, ckan._remote.apikey, agent="tests")
    publish(night, later, city, [source()], first)

    assert dict(night.report.writes) == {"resource_patch": 2}


def test_rows_travel_as_a_delta(tmp_path: Path, city: City, ckan: Ckan) -> None:
    """One new, one changed and one removed offer are one insert, one update, one delete; searching finds the new words only."""
    gone = f"{rows.SOURCE_KEY}:K-103"
    before = two(title="Altes Wort")
    before["offers"] = [*before["offers"], rows.offer(offer_id=gone, record_id="K-103")]
    first = publication(tmp_path, city, "a", before)
    publish(ckan, first, city, [source()], None)
    after = two(title="Neues Wort")
    after["offers"] = [*after["offers"], rows.offer(offer_id=f"{rows.SOURCE_KEY}:K-104", record_id="K-104")]
    second = publication(tmp_path, city, "b", after, hours=1)
    ckan.report.rows.clear()
    publish(ckan, second, city, [source()], first)

    assert dict(ckan.report.rows) == {"inserted": 1, "updated": 1, "deleted": 1}
    ident = resource_id("duisburg", "datastore-offers")
    assert ckan.read("datastore_search", resource_id=ident, q="Neues")["total"] == 1
    assert ckan.read("datastore_search", resource_id=ident, q="Altes")["total"] == 0


def test_a_write_that_was_cut_off_is_mended(tmp_path: Path, city: City, ckan: Ckan) -> None:
    """Where a process died between two writes, the next publish reads what is there and makes it right."""
    first = publication(tmp_path, city, "a", two())
    publish(ckan, first, city, [source()], None)
    ident = resource_id("duisburg", "datastore-offers")
    ckan.write("resource_patch", {"id": ident, "publication": BUSY})
    ckan.write("datastore_delete", {"resource_id": ident, "filters": {"offer_id": [SECOND]}, "force": True})
    second = publication(tmp_path, city, "b", two(title="Neues Wort"), hours=1)
    publish(ckan, second, city, [source()], first)

    wanted = pl.read_parquet(second.work / "offers.parquet").sort("offer_id")["title"].to_list()
    assert [row["title"] for row in stored(ckan, "offers")] == wanted


def test_a_column_that_the_schema_has_got_is_added(tmp_path: Path, city: City, ckan: Ckan) -> None:
    """An older program made the table and the last publication: the next one brings the column, for old rows and new ones."""
    first = publication(tmp_path, city, "a", two())
    publish(ckan, first, city, [source()], None)
    ident = resource_id("duisburg", "datastore-offers")
    there = [{"id": field["id"]} for field in fields("offers") if field["id"] != "attribution"]
    ckan.write("datastore_create", {"resource_id": ident, "fields": there, "delete_fields": True, "force": True})
    for path in (first.work / "offers.parquet").iterdir():
        pl.read_parquet(path).drop("attribution").write_parquet(path)
    assert "attribution" not in stored(ckan, "offers")[0]
    second = publication(tmp_path, city, "b", two(attribution="Bildungswerk"), hours=1)
    publish(ckan, second, city, [source()], first)

    assert [row["attribution"] for row in stored(ckan, "offers")] == [rows.offer()["attribution"], "Bildungswerk"]
    info = ckan.read("datastore_info", id=ident)["fields"]
    assert "attribution" == info[-1]["id"] and info[-1]["info"]["label"] and info[0]["info"]["label"]


def test_addresses_stay_the_same_over_publications(tmp_path: Path, city: City, ckan: Ckan) -> None:
    """A link to a file outlives every publication."""
    first = publication(tmp_path, city, "a", one_of_each())
    publish(ckan, first, city, [source()], None)
    before = {entry["id"]: entry["url"] for entry in ckan.read("package_show", id="duisburg")["resources"]}
    second = publication(tmp_path, city, "b", two(), hours=1)
    publish(ckan, second, city, [source()], first)

    assert {entry["id"]: entry["url"] for entry in ckan.read("package_show", id="duisburg")["resources"]} == before


def test_a_source_that_was_let_go_is_not_shown_any_more(tmp_path: Path, city: City, ckan: Ckan) -> None:
    """Its dataset leaves the catalogue with its offers, once; back again, it is the same dataset."""
    first = publication(tmp_path, city, "a", one_of_each())
    publish(ckan, first, city, [source()], None)
    ident = ckan.read("package_show", id=rows.SOURCE_KEY)["id"]
    without = Publications(tmp_path / "p").build(city, [], NOW + timedelta(hours=1))
    for _ in range(2):
        publish(ckan, without, city, [], first)
    assert ckan.read("package_list") == ["duisburg"]
    assert ckan.report.writes["package_delete"] == 1
    again = publication(tmp_path, city, "a", one_of_each(), hours=2)
    publish(ckan, again, city, [source()], without)
    assert ckan.read("package_show", id=rows.SOURCE_KEY)["id"] == ident
    assert sorted(ckan.read("package_list")) == sorted(["duisburg", rows.SOURCE_KEY])


def test_a_dry_run_counts_and_changes_nothing(tmp_path: Path, city: City, endpoint: Endpoint) -> None:
    """A dry run says what it would write; the catalogue stays empty."""
    trial = Ckan(endpoint.url, endpoint.token, agent="tests", dry_run=True)
    publish(trial, publication(tmp_path, city, "a", one_of_each()), city, [source()], None)

    assert trial.report.writes["package_create"] == 2
    assert trial.read("package_list") == []


def test_a_wrong_token_is_said_in_german(tmp_path: Path, city: City, endpoint: Endpoint) -> None:
    """The operator reads which setting to check."""
    stranger = Ckan(endpoint.url, "falsch", agent="tests")
    with pytest.raises(CatalogueError, match="LANDKARTE_CATALOGUE_TOKEN"):
        publish(stranger, publication(tmp_path, city, "a", one_of_each()), city, [source()], None)


def test_an_address_without_ckan_is_said_in_german() -> None:
    """Nothing listens there: one sentence, no trace."""
    with pytest.raises(CatalogueError, match=r"http://127\.0\.0\.1:9"):
        Ckan("http://127.0.0.1:9", "", agent="tests").read("status_show")
