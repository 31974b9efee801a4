"""Data packages, CKAN and DCAT as sources: what their golden cases do not show."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from connectors.ckan import CkanConnector
from connectors.ckan_api import to_place
from connectors.contract import SourceError
from connectors.datafile import flatten
from connectors.datapackage import DatapackageConnector
from connectors.dcat import DcatConnector
from connectors.dcat_graph import read_page
from connectors.distributions import Dataset, Distribution, choose, to_format
from connectors.licensing import known_licence
from connectors.registry import connectors
from connectors.robots import Robots
from schemas.city import load_city
from schemas.drift import Watch
from schemas.normalise import Normaliser
from schemas.source import Source
from schemas.tables import columns
from schemas.targets import DERIVED
from tests.connectors.pages import Page, capture, read

CASES = Path(__file__).parents[1] / "cases"
CITY = load_city(Path(__file__).parents[2] / "cities" / "duisburg")
URL = "https://stadt-anderswo.example/daten/datapackage.json"
API = "https://katalog.example/api/3/action"
OWN = {"offer_id", "source_key", "record_id", "organisation_id", "location_id", "partner_organisation_ids"}


def dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def ours() -> dict[str, Page]:
    """The pages of the case with our own tables."""
    folder = CASES / "datapackage" / "our-tables"
    listed = json.loads((folder / "captures.json").read_text())
    return {URL: (folder / "input.json").read_bytes()} | {url: (folder / name).read_bytes() for url, name in listed.items()}


def to_batch(pages: dict[str, Page]) -> Any:
    """Read the package as a source of Duisburg's."""
    reading = read(DatapackageConnector(), pages, url=URL)
    given = {"key": "von-anderswo", "title": "Von Anderswo", "publisher": {"name": "Stadt Anderswo"}, "licence": "cc-zero"}
    source = Source.model_validate(given | {"source": {"kind": "datapackage", "url": URL}})
    normaliser = Normaliser(source, CITY, DatapackageConnector.default_map)
    (batch,) = normaliser.batches(Watch().over(iter([*reading.records, *reading.problems])))
    return batch


def cells(name: str) -> list[dict[str, str]]:
    """The rows of a table of the package, as text."""
    import csv

    text = (CASES / "datapackage" / "our-tables" / name).read_text("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def shown(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_every_published_column_returns_to_its_place() -> None:
    """Offers, sessions, places and translations of a package are the rows they were, but for ids that are this city's own."""
    batch = to_batch(ours())
    assert ["proven_whole"] == [problem.code for problem in batch.problems]
    for row, offer in zip(cells("offers.csv"), batch.offers, strict=True):
        mine = {name: shown(offer[name]) for name in columns("offers") if name not in OWN}
        theirs = {name: row.get(name, "") for name in mine}
        theirs["attribution"] = theirs["attribution"] or "Bildungswerk Beispiel e. V."
        if not theirs["origin_catalogue"]:
            theirs |= {"origin_catalogue": "https://stadt-anderswo.example#anderswo", "origin_id": row["offer_id"]}
        else:
            theirs["origin_path"] = "https://stadt-anderswo.example#anderswo"
        assert theirs == mine
    for table, rows in (("sessions", batch.sessions), ("translations", batch.translations)):
        for row, made in zip(cells(f"{table}.csv"), rows, strict=True):
            names = [name for name in columns(table) if name not in DERIVED]
            assert [row[name] for name in names] == [shown(made[name]) for name in names]
    for table, rows in (("locations", batch.locations), ("organisations", batch.organisations[:1])):
        names = [name for name in columns(table) if name not in DERIVED | {"organisation_id"}]
        assert [[row[name] for name in names] for row in cells(f"{table}.csv")[:1]] == [
            [shown(made[name]) for name in names] for made in rows
        ]


def test_another_citys_districts_are_not_ours() -> None:
    """The code 100 of a city with another key means nothing here, and nobody is told about it."""
    pages = ours()
    pages[URL] = bytes(pages[URL]).replace(b'"ags": "05112000"', b'"ags": "05113000"')  # type: ignore[arg-type]  # bytes
    batch = to_batch(pages)
    assert (None, {None}) == (batch.offers[0]["area_served"], {row["district_code"] for row in batch.locations})
    assert ["proven_whole"] == [problem.code for problem in batch.problems]


@pytest.mark.parametrize("place", ["bytes", "hash"])
def test_a_file_that_is_not_the_announced_one_ends_the_run(place: str) -> None:
    """Size and hash are checked; nothing is read of a package half of which is new."""
    pages = ours()
    descriptor = json.loads(bytes(pages[URL]))  # type: ignore[arg-type]  # bytes
    descriptor["resources"][0][place] = 1 if place == "bytes" else f"sha256:{'0' * 64}"
    with pytest.raises(SourceError) as failed:
        read(DatapackageConnector(), pages | {URL: dump(descriptor)}, url=URL)
    assert "broken_file" == failed.value.problem.code


def test_without_hashes_nothing_is_proven() -> None:
    """A package that announces no hash is read, but what is missing in it waits as in any other feed."""
    pages = ours()
    descriptor = json.loads(bytes(pages[URL]))  # type: ignore[arg-type]  # bytes
    for entry in descriptor["resources"]:
        del entry["hash"]
    reading = read(DatapackageConnector(), pages | {URL: dump(descriptor)}, url=URL)
    assert (3, []) == (len(reading.records), reading.codes)


def test_a_row_that_cannot_be_read_proves_nothing() -> None:
    """An offer lost on the way must not look withdrawn."""
    pages = ours()
    body = bytes(pages[URL.replace("datapackage.json", "offers.csv")])  # type: ignore[arg-type]  # bytes
    body += b'"x";"y"' + b';"z"' * 80 + b"\n"
    descriptor = json.loads(bytes(pages[URL]))  # type: ignore[arg-type]  # bytes
    entry = next(entry for entry in descriptor["resources"] if entry["name"] == "offers")
    entry |= {"bytes": len(body), "hash": hashlib.sha256(body).hexdigest()}
    reading = read(
        DatapackageConnector(), pages | {URL: dump(descriptor), URL.replace("datapackage.json", "offers.csv"): body}, url=URL
    )
    assert (3, ["bad_record"]) == (len(reading.records), reading.codes)


def test_a_zip_bomb_is_refused() -> None:
    """What a ZIP says of its size is checked before it is unpacked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("datapackage.json", b" " * 100_000_000)
    with pytest.raises(SourceError) as failed:
        read(DatapackageConnector(), {"https://a.example/p.zip": out.getvalue()})
    assert "too_large" == failed.value.problem.code


def test_a_folder_is_its_descriptor() -> None:
    """The address of the folder, as a person would paste it."""
    assert 3 == len(read(DatapackageConnector(), ours(), url=URL.removesuffix("datapackage.json")).records)


def test_a_datastore_that_gives_less_than_it_says_ends_the_run() -> None:
    """Half a table must not look like a whole one; the same page again is no next one."""
    show = dump({"success": True, "result": {"name": "a", "resources": [{"id": "r", "url": "", "datastore_active": True}]}})
    ask = f"{API}/datastore_search?resource_id=r&sort=_id&limit=5000&offset="
    first = {"success": True, "result": {"records": [{"_id": 1, "a": "x"}], "total": 2}}
    for second in ({"success": True, "result": {"records": [], "total": 2}}, first):
        pages: dict[str, Page] = {f"{API}/package_show?id=a": show, f"{ask}0": dump(first), f"{ask}1": dump(second)}
        with pytest.raises(SourceError) as failed:
            read(CkanConnector(), pages)
        assert failed.value.problem.code in ("broken_file", "loop_detected")


def test_offers_in_two_datasets_of_a_portal_are_taken_once() -> None:
    """The city's dataset and that of each source hold the same offers."""
    body = (CASES / "ckan" / "our-publication" / "paket.zip").read_bytes()
    datasets = [
        {"name": name, "resources": [{"name": "datapackage.zip", "url": f"https://katalog.example/{name}.zip"}]}
        for name in ("alle", "eine")
    ]
    search = f"{API}/package_search?q=karte&fq=&sort=name%20asc&rows=100&start=0"
    pages: dict[str, Page] = {search: dump({"success": True, "result": {"count": 2, "results": datasets}})}
    pages |= {f"https://katalog.example/{name}.zip": body for name in ("alle", "eine")}
    reading = read(CkanConnector(), pages, url="https://katalog.example/", query="karte")
    assert (3, ["odd_record"]) == (len(reading.records), reading.codes)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://k.example/", ("https://k.example", None)),
        ("https://k.example/dataset/kurse", ("https://k.example", "kurse")),
        ("https://k.example/de/dataset/kurse/resource/1", ("https://k.example/de", "kurse")),
        ("https://k.example/daten/api/3/action/package_show?id=kurse", ("https://k.example/daten", "kurse")),
        ("https://k.example/api/3/action/package_search?q=a", ("https://k.example", None)),
    ],
)
def test_an_address_names_portal_and_dataset(url: str, place: tuple[str, str | None]) -> None:
    """What people copy from their browser."""
    assert place == to_place(url)


def test_the_interface_of_a_ckan_is_asked_unless_the_portal_says_no() -> None:
    """CKAN brings `Disallow: /api/` for search engines; what a portal writes itself, and where it names us, holds."""
    shipped = b"User-agent: *\nDisallow: /dataset/rate/\nDisallow: /api/\nCrawl-Delay: 10\n"
    asked = f"{API}/package_show?id=a"
    assert 10 == Robots(lambda url: (200, shipped)).check(asked)
    for text in (
        b"User-agent: *\nDisallow: /\nDisallow: /api/\n",
        b"User-agent: *\nDisallow: /api/3/\n",
        shipped + b"User-agent: Integrationslandkarte\nDisallow: /api/\n",
    ):
        with pytest.raises(SourceError):
            Robots(lambda url, text=text: (200, text)).check(asked)  # type: ignore[misc]  # text is bound
    with pytest.raises(SourceError):
        Robots(lambda url: (200, shipped)).check("https://katalog.example/api/3/action/user_list")


def test_a_catalogue_never_asks_for_contexts_that_lie_elsewhere() -> None:
    """A remote context is left out; the words of the page itself are read."""
    page = {
        "@context": [
            "https://fremd.example/context.jsonld",
            {"dcat": "http://www.w3.org/ns/dcat#", "@import": "https://fremd.example/"},
        ],
        "@graph": [
            {
                "@id": "https://k.example/d",
                "@type": "dcat:Dataset",
                "dcat:distribution": {"@type": "dcat:Distribution", "dcat:downloadURL": {"@id": "https://k.example/a.csv"}},
            }
        ],
    }
    pages: dict[str, Page] = {"https://k.example/catalog.jsonld": dump(page), "https://k.example/a.csv": b"Nr;Titel\n1;A\n2;B\n"}
    reading = read(DcatConnector(), pages)
    assert (2, list(pages)) == (len(reading.records), reading.asked)


def test_pages_that_lead_in_a_circle_come_to_an_end() -> None:
    """The last page names the first one: read once."""
    head = "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix hydra: <http://www.w3.org/ns/hydra/core#> .\n"
    one = f"{head}<#p> hydra:next <https://k.example/b.ttl> . <https://k.example/1> a dcat:Dataset ."
    two = f"{head}<#p> hydra:next <https://k.example/a.ttl> . <https://k.example/2> a dcat:Dataset ."
    pages: dict[str, Page] = {"https://k.example/a.ttl": one.encode(), "https://k.example/b.ttl": two.encode()}
    with pytest.raises(SourceError) as failed:
        read(DcatConnector(), pages)
    assert "bad_config" == failed.value.problem.code  # two datasets, and none was named


def test_formats_and_licences_are_known_by_their_many_names() -> None:
    """By name, media type, the EU's list of file types, IANA's addresses; by DCAT-AP.de, CKAN and GovData."""
    eu, iana = "http://publications.europa.eu/resource/authority/file-type/", "https://www.iana.org/assignments/media-types/"
    said = ("CSV", ".csv", "text/csv; charset=utf-8", f"{eu}CSV", f"{iana}text/csv")
    assert {"csv"} == {to_format(one) for one in said}
    assert ["xlsx", "json", "ical", ""] == [to_format(one) for one in ("XLS", "GeoJSON", f"{iana}text/calendar", "PDF")]
    by = "http://dcat-ap.de/def/licenses/dl-by-de/2.0"
    assert {by} == {known_licence(one) for one in (by, "dl-by-de/2.0", "dl-by-de-2.0", "dl-de-by-2.0")}
    others = ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/", "http://creativecommons.org/licenses/by/4.0/deed.de")
    assert {by.replace("dl-by-de/2.0", "cc-by/4.0")} == {known_licence(one) for one in others}
    assert {by.replace("dl-by-de/2.0", "odbl")} == {known_licence(one) for one in ("ODbL-1.0", "odc-odbl")}
    assert {None} == {known_licence(one) for one in ("", "/", "irgendwas", "cc-by", "cc-by/3.0")}  # a version is not guessed


def test_the_file_is_chosen_by_what_reads_best() -> None:
    """Our package before all, then CSV before XLSX before JSON; rows without a file last; a name before everything."""
    files = [
        Distribution("Rows", "", (), "r1"),
        Distribution("Karte", "https://k.example/k.json", ("JSON",)),
        Distribution("Tabelle", "https://k.example/t.csv", ("CSV",)),
        Distribution("datapackage.json", "https://k.example/x", ("JSON",)),
        Distribution("datapackage.zip", "https://k.example/y", ("ZIP",)),
    ]
    picked = [choose(Dataset("d", "", files[: place + 1]), None).name for place in range(len(files))]
    assert ["Rows", "Karte", "Tabelle", "datapackage.json", "datapackage.zip"] == picked
    assert "Karte" == choose(Dataset("d", "", files), "k.json").name


def test_objects_in_objects_are_named_by_their_path() -> None:
    """As JMESPath would name them; lists stay lists."""
    assert {"a.b": 1, "c": [{"d": 2}]} == flatten({"a": {"b": 1}, "c": [{"d": 2}]})


@pytest.mark.parametrize(
    ("kind", "body", "url", "options"),
    [
        ("ckan", b'<meta name="generator" content="ckan 2.12.0"><p>', "https://k.example/dataset/kurse", {"dataset": "kurse"}),
        (
            "ckan",
            dump({"success": True, "result": {"count": 3, "results": []}}),
            f"{API}/package_search?q=kurse",
            {"query": "kurse"},
        ),
        ("dcat", (CASES / "dcat" / "turtle" / "input.ttl").read_bytes(), "https://k.example/catalog.ttl", {"dataset": "kurse"}),
        ("datapackage", (CASES / "datapackage" / "our-tables" / "input.json").read_bytes(), URL, {"url": URL}),
    ],
)
def test_what_people_paste_is_recognised(kind: str, body: bytes, url: str, options: dict[str, str]) -> None:
    """The kind that knows it best says so, with options that are valid."""
    found = connectors()[kind].detect(capture(body, url))  # type: ignore[union-attr]  # it is available
    assert found is not None and found.score >= 0.8
    assert options.items() <= found.options.items()


@pytest.mark.parametrize(("name", "datasets", "files"), [("dcatapde2_simple.jsonld", 1, 1), ("dcatapde2_advanced.ttl", 2, 3)])
def test_the_examples_of_dcat_ap_de_are_read(shared_data: Path, name: str, datasets: int, files: int) -> None:
    """Titles, files, licences and who is to be named, as the makers of the standard write them."""
    page = read_page(capture((shared_data / "dcat" / name).read_bytes(), f"https://k.example/{name}"))
    found = [one for entry in page.entries for one in entry.distributions]
    assert (datasets, files) == (len(page.entries), len(found))
    assert all(entry.title and entry.attribution for entry in page.entries)
    assert {"http://dcat-ap.de/def/licenses/dl-by-de/2.0"} == {one.licence for one in found}
