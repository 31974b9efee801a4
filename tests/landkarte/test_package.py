"""A data package is taken whole or not at all, from a folder as from an address."""

import functools
import hashlib
import http.server
import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from landkarte import package
from landkarte.package import PackageError
from landkarte.web.live import Live
from tests.landkarte import demo_package
from tests.landkarte.served import MOMENT, TODAY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return demo_package.write(tmp_path / "paket", today=TODAY)


@pytest.fixture
def serving() -> Iterator[Callable[[Path], str]]:
    """Serve a folder over HTTP, with Last-Modified and conditional requests, as any web server does."""
    servers = []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    def serve(where: Path) -> str:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(where)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/datapackage.json"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def rewrite(folder: Path, name: str, content: bytes) -> None:
    """Replace a file of a package and its hash: a publication of other content."""
    (folder / name).write_bytes(content)
    file = folder / "datapackage.json"
    descriptor = json.loads(file.read_bytes())
    for resource in descriptor["resources"]:
        if resource["path"] == name:
            resource |= {"bytes": len(content), "hash": "sha256:" + hashlib.sha256(content).hexdigest()}
    file.write_text(json.dumps(descriptor), encoding="utf-8")


def test_a_folder_is_read_whole_and_typed(folder: Path) -> None:
    """Tables have the columns of their schema; empty cells are None; numbers and truth values have their types."""
    found = package.load(folder)
    offers = found.rows("offers")
    assert found.title == "Integrationslandkarte Musterhafen"
    assert len(offers) > 150
    assert {type(offer["age_min"]) for offer in offers} == {int, type(None)}
    assert {type(offer["childcare"]) for offer in offers} == {bool, type(None)}
    assert {type(place["latitude"]) for place in found.rows("locations")} == {float, type(None)}
    assert "" not in {value for offer in offers for value in offer.values()}
    assert set(found.drawings) == {"districts", "subdistricts"}


def test_an_address_gives_the_same_tables_as_the_folder(folder: Path, serving: Callable[[Path], str]) -> None:
    """Pages do not care where the package lies."""
    near, far = package.load(folder), package.load(serving(folder))
    assert {name: table.to_dicts() for name, table in near.tables.items()} == {
        name: table.to_dicts() for name, table in far.tables.items()
    }
    assert far.folder is None
    assert far.address(far.resources[0]) == far.location.replace("datapackage.json", far.resources[0].path)


def test_the_pointer_names_the_publication(tmp_path: Path) -> None:
    """`current` is a file with the name of a folder beside it, or a link to that folder."""
    demo_package.write(tmp_path / "a1", today=TODAY)
    demo_package.write(tmp_path / "b2", today=TODAY, copies=2)
    (tmp_path / "current").write_text("a1\n", encoding="utf-8")
    first = package.load(tmp_path)
    assert not package.changed(first)
    (tmp_path / "current").write_text("b2\n", encoding="utf-8")
    assert package.changed(first)
    assert package.load(tmp_path).tables["offers"].height == 2 * first.tables["offers"].height
    (tmp_path / "current").unlink()
    (tmp_path / "current").symlink_to(tmp_path / "a1")
    assert package.load(tmp_path).folder == (tmp_path / "a1").resolve()


@pytest.mark.parametrize("name", ["../elsewhere", "a/b", "..", ""])
def test_the_pointer_cannot_lead_outside(tmp_path: Path, name: str) -> None:
    """Only a sub-folder's plain name is a pointer."""
    (tmp_path / "current").write_text(name, encoding="utf-8")
    with pytest.raises(PackageError, match="kein Name eines Ordners"):
        package.load(tmp_path)


def broken(folder: Path) -> dict[str, Callable[[], object]]:
    """The ways in which a package may be half there or damaged."""
    descriptor = folder / "datapackage.json"
    table = folder / "offers.csv"
    return {
        "no descriptor": descriptor.unlink,
        "half a descriptor": lambda: descriptor.write_bytes(descriptor.read_bytes()[:500]),
        "no list of resources": lambda: descriptor.write_text('{"name": "x"}'),
        "a missing file": table.unlink,
        "a file cut short": lambda: table.write_bytes(table.read_bytes()[:-100]),
        "a changed byte": lambda: table.write_bytes(table.read_bytes().replace(b"Sprachcaf", b"Sprachkaf", 1)),
        "a path that leads outside": lambda: descriptor.write_bytes(
            descriptor.read_bytes().replace(b'"offers.csv"', b'"../offers.csv"')
        ),
        "no offers": lambda: descriptor.write_bytes(
            descriptor.read_bytes().replace(b'"path": "offers.csv"', b'"path": "angebote.csv"')
        ),
        "a table without ids": lambda: rewrite(folder, "offers.csv", b"titel;wann\nKurs;morgen\n"),
        "a drawing that is none": lambda: rewrite(folder, "districts.geojson", b"[]"),
    }


@pytest.mark.parametrize("what", broken(Path()))
def test_a_broken_package_is_refused_in_one_german_sentence(folder: Path, what: str) -> None:
    """Nothing half-written, damaged or foreign is shown."""
    broken(folder)[what]()
    with pytest.raises(PackageError, match=r"^\S.*\.$"):
        package.load(folder)


def test_an_address_that_does_not_answer_is_refused_in_one_sentence() -> None:
    """A dead catalogue is an ordinary event."""
    with pytest.raises(PackageError, match="nicht erreichbar"):
        package.load("http://127.0.0.1:9/datapackage.json")


def test_unknown_columns_stay_and_missing_ones_are_empty(folder: Path) -> None:
    """A package of another city or another year is read as far as it goes."""
    rewrite(folder, "offers.csv", b"offer_id;source_key;title;farbe\nq-1:a;q-1;Kurs;blau\nq-1:a;q-1;Doppelt;rot\n")
    (offer,) = package.load(folder).rows("offers")
    assert (offer["title"], offer["farbe"], offer["age_min"], offer["status"]) == ("Kurs", "blau", None, None)


def test_what_is_new_replaces_what_was_and_what_is_broken_does_not(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A broken publication changes nothing but the log, and says it there once."""
    demo_package.write(tmp_path / "a", today=TODAY)
    demo_package.write(tmp_path / "b", today=TODAY, copies=2)
    (tmp_path / "current").write_text("a")
    live = Live(tmp_path, now=lambda: MOMENT, every=0)
    assert live.refresh()
    assert not live.refresh()
    assert live.view is not None
    before = live.view.index.offers.height
    (tmp_path / "current").write_text("missing")
    assert [live.refresh(), live.refresh()] == [False, False]
    assert before == live.view.index.offers.height
    assert sum("Es bleiben die bisherigen Daten" in record.message for record in caplog.records) == 1
    (tmp_path / "current").write_text("b")
    assert live.refresh()
    assert 2 * before == live.view.index.offers.height


def test_the_address_is_asked_conditionally(folder: Path, serving: Callable[[Path], str]) -> None:
    """An unchanged package costs one small request; a changed one is noticed."""
    found = package.load(serving(folder))
    assert not package.changed(found)
    rewrite(folder, "quarters.csv", b"code;name;parent_code\n1;Deich;100\n")
    # the web server's clock counts whole seconds
    later = (folder / "datapackage.json").stat().st_mtime + 2
    os.utime(folder / "datapackage.json", (later, later))
    assert package.changed(found)


def test_the_pages_grow_older_with_the_clock(folder: Path) -> None:
    """Dates pass even where nothing new is published: the index is made again."""
    moment = MOMENT
    live = Live(folder, now=lambda: moment, every=0)
    live.refresh()
    assert live.view is not None
    first = live.view.index
    moment = MOMENT + timedelta(hours=1)
    assert live.refresh()
    assert live.view.index is not first
    assert live.view.index.package is first.package
