"""Cities that harvest each other: real nodes, their publications served on loopback, night after night."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pytest

from catalogue.local.server import Endpoint, LocalCkan
from catalogue.run import Run
from connectors.context import RunContext
from connectors.detect import detect
from flows.left import let_go
from flows.outlet import publish
from tests.catalogue.conftest import empty_ckan, local_ckan  # noqa: F401  the fixtures of a real CKAN
from tests.connectors.site import Request, Site, Whole
from tests.flows.town import SOURCE, Town, table

FEDERATED = """
title: Angebote der Stadt {name}
publisher: {{name: Stadt {name}}}
licence: dl-by-de/2.0
source: {{{source}}}
"""


def kurse(word: str, numbers: range, **titles: str) -> str:
    """A feed of courses; `k7="Neuer Titel"` renames number 7."""
    return table(*(f"{n};{titles.get(f'k{n}', f'{word} Kurs {n}')};01.12.2026;info@verein.example" for n in numbers))


class Node(Town):
    """A city with one partner of its own; its publication is served under /daten/ of its site."""

    def __init__(self, folder: Path, site: Site, name: str, count: int, **settings: object) -> None:
        super().__init__(folder / name, site, {f"{name}-verein": SOURCE % site.url}, **settings)
        self.name, self.own = name, f"{name}-verein"
        path = self.city / "city.toml"
        text = path.read_text(encoding="utf-8").replace('key = "duisburg"', f'key = "{name}"')
        path.write_text(text.replace('id = ""', f'id = "https://{name}.example#karte"'), encoding="utf-8")
        self.feed(range(1, count + 1))
        self.change: Callable[[str, bytes], bytes] = lambda path, body: body
        site.pages["*"] = self._serve

    def _serve(self, request: Request) -> Whole:
        publication = self.open().publications.current()
        path = unquote(request.path.removeprefix("/daten/"))
        if publication is None or not (publication.folder / path).is_file():
            return 404, {}, b""
        return 200, {}, self.change(path, (publication.folder / path).read_bytes())

    def feed(self, numbers: range, **titles: str) -> None:
        """What the city's own partner sends from now on."""
        self.site.pages["/kurse.csv"] = kurse(self.name.title(), numbers, **titles)

    def follow(self, other: "Node", source: str = "") -> None:
        """Take another city's offers from now on."""
        source = source or f"kind: datapackage, url: '{other.site.url}/daten/datapackage.json'"
        self.write(f"von-{other.name}", FEDERATED.format(name=other.name.title(), source=source))

    def night(self) -> dict[str, Run]:
        """Harvest all sources and publish; a day passes."""
        runs = {key: self.harvest(key, after=timedelta()) for key in self.open().sources}
        publish(self.open(), self.now)
        self.now += timedelta(days=1)
        return runs

    def offers(self) -> pl.DataFrame:
        """The offers this city shows."""
        publication = self.open().publications.current()
        assert publication is not None
        return pl.read_parquet(publication.work / "offers.parquet")


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    """Two cities that follow each other: Aue with ten courses, Bach with eight."""
    with Site() as one, Site() as other:
        a, b = Node(tmp_path, one, "aue", 10), Node(tmp_path, other, "bach", 8)
        a.follow(b)
        b.follow(a)
        yield a, b


def test_two_cities_that_harvest_each_other_keep_their_counts(nodes: tuple[Node, Node]) -> None:
    """Every offer is there once in each city, with its first origin; what comes back is dropped and told; then nothing moves."""
    a, b = nodes
    assert "failed" == a.night()["von-bach"].result  # Bach has not published yet
    b.night()
    run = a.night()["von-bach"]
    assert (18, 8, 10, 0) == (run.books.read, run.books.new, run.books.filtered, run.books.rejected)
    assert (1, "ok") == (run.problems["echo"], run.result)
    b.night()
    before = a.offers()
    runs = a.night() | b.night()
    assert {"not_modified"} == {runs[key].result for key in ("von-aue", "von-bach")}
    assert before.equals(a.offers())
    for node, other in ((a, b), (b, a)):
        offers = node.offers()
        assert (18, 18) == (offers.height, offers["title"].n_unique())
        strangers = offers.filter(source_key=f"von-{other.name}")
        assert {f"https://{other.name}.example#karte"} == set(strangers["origin_catalogue"])
        theirs = other.offers().filter(source_key=other.own)
        assert sorted(theirs["offer_id"]) == sorted(strangers["origin_id"])
        assert offers["origin_catalogue"].null_count() == offers.height - strangers.height


def test_an_edit_and_a_withdrawal_pass_on_within_one_cycle(nodes: tuple[Node, Node]) -> None:
    """A new title in Aue is the title in Bach, under the same id; what Aue has withdrawn is gone there, not three runs later."""
    a, b = nodes
    a.night()
    b.night()
    before = set(b.offers()["offer_id"])
    a.feed(range(1, 10), k7="Tanzen")
    a.night()
    run = b.night()["von-aue"]
    assert (1, 0, 0) == (run.books.changed, run.books.new, run.books.missing)
    assert "Tanzen" in b.offers()["title"].to_list() and before == set(b.offers()["offer_id"])
    while a.offers().filter(source_key=a.own).height == 10:
        a.night()
    run = b.night()["von-aue"]
    assert (1, 0, 9) == (run.books.withdrawn, run.books.missing, b.offers().filter(source_key="von-aue").height)
    assert "Aue Kurs 10" not in b.offers()["title"].to_list()
    assert 1 == run.problems["withdrawn"]
    a.night()
    assert 17 == a.offers().height


def test_many_removals_at_once_are_held(nodes: tuple[Node, Node]) -> None:
    """Aue's operator released the loss of half its offers; Bach's operator is asked all the same."""
    a, b = nodes
    a.night()
    b.night()
    a.feed(range(1, 6))
    a.night()
    a.open().ledger.source(a.own).release(a.now, owner="test")
    a.night()
    assert 5 == a.offers().filter(source_key=a.own).height
    run = b.night()["von-aue"]
    assert ("held", 5, 10) == (run.result, run.books.held, b.offers().filter(source_key="von-aue").height)
    b.open().ledger.source("von-aue").release(b.now, owner="test")
    b.night()
    assert 5 == b.offers().filter(source_key="von-aue").height


def test_half_a_package_loses_nothing(nodes: tuple[Node, Node]) -> None:
    """A file that is not the one the descriptor announces ends the run; the next whole package goes on."""
    a, b = nodes
    a.night()
    b.night()
    a.change = lambda path, body: body[: len(body) // 2] if path == "offers.csv" else body
    run = b.night()["von-aue"]
    assert ("failed", 18) == (run.result, b.offers().height)
    assert "bricht ab" in run.note
    a.change = lambda path, body: body.replace(b"Kurs 3", b"Kurs X") if path == "offers.csv" else body
    assert "failed" == b.night()["von-aue"].result
    a.change = lambda path, body: body
    assert "failed" != b.night()["von-aue"].result


def test_cities_in_a_circle_show_every_offer_once_and_keep_no_ghost(nodes: tuple[Node, Node], tmp_path: Path) -> None:
    """Offers come to Ceder from their city and through the other: the first way counts, and one withdrawn there is gone everywhere."""
    a, b = nodes
    with Site() as site:
        c = Node(tmp_path, site, "ceder", 3)
        c.follow(a)
        c.follow(b)
        a.follow(c)
        for _ in range(2):
            for node in (a, b, c):
                node.night()
        a.night()
        for node in (a, c):
            assert (21, 21) == (node.offers().height, node.offers()["title"].n_unique())
            assert 0 == node.offers().filter(source_key="von-bach")["origin_catalogue"].ne("https://bach.example#karte").sum()
        b.feed(range(1, 8))
        for _ in range(3):
            b.night()
        for node in (a, c, a):
            node.night()
        assert "Bach Kurs 8" not in a.offers()["title"].to_list()
        assert (20, 20) == (a.offers().height, c.offers().height)


def test_cities_that_have_an_offer_only_from_each_other_let_it_go(nodes: tuple[Node, Node], tmp_path: Path) -> None:
    """Bach's offers reach Aue, then Ceder through Aue, then Aue again through Ceder: then Aue no longer reads Bach."""
    a, b = nodes
    with Site() as site:
        c = Node(tmp_path, site, "ceder", 3)
        c.follow(a)
        a.follow(c)
        for node in (b, a, c, a, c):
            node.night()
        theirs = c.offers().filter(origin_catalogue="https://bach.example#karte")
        assert (8, {"https://aue.example#karte"}) == (theirs.height, set(theirs["origin_path"]))
        assert (21, 21, 21) == (a.offers().height, c.offers().height, c.offers()["title"].n_unique())
        (a.city / "sources" / "von-bach.yml").unlink()
        a.night()
        assert 8 == let_go(a.open(), "von-bach", a.now)
        a.night()
        assert 13 == a.offers().height
        assert 8 == c.night()["von-aue"].books.held
        c.open().ledger.source("von-aue").release(c.now, owner="test")
        for node in (c, a, c):
            node.night()
        assert (13, 13) == (a.offers().height, c.offers().height)


@pytest.mark.ckan
def test_a_publication_in_a_real_ckan_is_read_whole(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    empty_ckan: tuple[LocalCkan, Endpoint],  # noqa: F811  the fixture
) -> None:
    """Bach reads Aue from the CKAN it publishes to: by its dataset, by a search without doubles, and row by row from the DataStore."""
    endpoint = empty_ckan[1]
    monkeypatch.setattr("connectors.robots.LONGEST_DELAY", 0.0)  # CKAN's robots.txt asks for ten seconds between two requests
    with Site() as one, Site() as other:
        a = Node(tmp_path, one, "aue", 10, catalogue=endpoint.url, catalogue_token=endpoint.token)
        b = Node(tmp_path, other, "bach", 8)
        a.follow(b)
        b.follow(a, f"kind: ckan, url: '{endpoint.url}', dataset: aue")
        rows = f"kind: ckan, url: '{endpoint.url}/dataset/aue', resource: offers (DataStore), id: offer_id"
        b.write(
            "zeilen",
            FEDERATED.format(name="Aue", source=rows) + "map: {title: title, contact_email: contact_email}\nenabled: false\n",
        )
        search = f"kind: ckan, url: '{endpoint.url}', query: '*:*'"
        b.write("suche", FEDERATED.format(name="Aue", source=search) + "enabled: false\n")
        a.night()
        house = b.open()
        with RunContext(now=b.now, zone=house.city.zone, store=house.ledger.captures, settings=house.fetching) as ctx:
            best = detect(f"{endpoint.url}/dataset/aue", ctx)[0]
        assert ("ckan", {"url": endpoint.url, "dataset": "aue"}) == (best.kind, best.options)
        assert 10 == b.harvest("von-aue", after=timedelta()).books.new
        found = b.harvest("suche", after=timedelta())
        assert (10, 0) == (found.books.new, found.books.rejected), found.note
        assert 10 == b.harvest("zeilen", after=timedelta()).books.new
        for key in ("zeilen", "suche"):
            (b.city / "sources" / f"{key}.yml").unlink()
        a.feed(range(1, 10), k7="Tanzen")
        for _ in range(3):
            a.night()
        run = b.harvest("von-aue")
        assert (1, 1, 8) == (run.books.changed, run.books.withdrawn, run.books.unchanged)
        assert "Tanzen" in b.titles("von-aue")
