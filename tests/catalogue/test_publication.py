"""A publication is whole, valid, the same for the same rows, and nearly free where nothing changed."""

import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from icalendar import Calendar
from python_calamine import CalamineWorkbook

from catalogue.publication import Publications
from schemas.city import City, load_city
from tests import rows
from tests.catalogue.contributions import NOW, contribution, one_of_each, source

CITY = Path(__file__).parents[2] / "cities" / "duisburg"


@pytest.fixture(scope="module")
def city() -> City:
    return load_city(CITY)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_plain_frictionless_accepts_the_package_and_its_zip(tmp_path: Path, city: City) -> None:
    """What is published passes `frictionless validate datapackage.json` untouched, city, source and ZIP alike."""
    done = Publications(tmp_path / "p").build(city, [contribution(tmp_path / "s", one_of_each())], NOW)
    with zipfile.ZipFile(done.folder / "datapackage.zip") as bundle:
        bundle.extractall(tmp_path / "zip")
    for folder in (done.folder, done.folder / "sources" / rows.SOURCE_KEY, tmp_path / "zip"):
        command = [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"]
        report = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, env=os.environ | {"PYTHONWARNINGS": "ignore"}
        )
        assert report.returncode == 0, report.stdout


def test_the_same_rows_give_the_same_bytes(tmp_path: Path, city: City) -> None:
    """Two publications of equal snapshots are equal in every file and have the same name."""
    first, second = (
        Publications(tmp_path / name).build(city, [contribution(tmp_path / "s", one_of_each())], NOW) for name in "ab"
    )

    assert first.id == second.id
    assert files(first.folder) == files(second.folder)


def test_an_unchanged_night_writes_only_the_sources(tmp_path: Path, city: City) -> None:
    """Where only the time of the last harvest moved, all files but sources.csv and the descriptor are the same files."""
    publications = Publications(tmp_path / "p")
    item = contribution(tmp_path / "s", one_of_each())
    first = publications.build(city, [item], NOW)
    later = NOW + timedelta(hours=5)
    second = publications.build(city, [_fresher(item, later)], later)

    assert first.content == second.content and first.id != second.id
    moved = [name for name, data in files(second.folder).items() if data != (first.folder / name).read_bytes()]
    assert moved == ["datapackage.json", "sources.csv"]
    assert (first.folder / "offers.csv").stat().st_ino == (second.folder / "offers.csv").stat().st_ino


def test_ended_sessions_leave_and_their_offer_becomes_inactive(tmp_path: Path, city: City) -> None:
    """After the last session the clock alone changes the publication: the session is gone, the offer stays as inactive."""
    publications = Publications(tmp_path / "p")
    item = contribution(tmp_path / "s", one_of_each())
    publications.build(city, [item], NOW)
    later = publications.build(city, [item], datetime(2026, 3, 3, tzinfo=UTC))

    assert later.rows["sessions"] == 0
    assert pl.read_parquet(later.work / "offers.parquet")["status"].to_list() == ["inactive"]


def test_a_vanished_offer_is_listed_as_withdrawn(tmp_path: Path, city: City) -> None:
    """An offer that was published once and is not any more stands in withdrawn.csv; one that comes back does not."""
    publications = Publications(tmp_path / "p")
    both = one_of_each()
    both["offers"] = [*both["offers"], rows.offer(offer_id=f"{rows.SOURCE_KEY}:K-102", record_id="K-102")]
    publications.build(city, [contribution(tmp_path / "a", both, digest="a")], NOW)
    without = publications.build(city, [contribution(tmp_path / "b", one_of_each(), digest="b")], NOW)
    again = publications.build(city, [contribution(tmp_path / "a", both, digest="a")], NOW)

    assert pl.read_parquet(without.work / "withdrawn.parquet")["offer_id"].to_list() == [f"{rows.SOURCE_KEY}:K-102"]
    assert again.rows["withdrawn"] == 0


def test_every_format_says_the_same(tmp_path: Path, city: City) -> None:
    """GeoJSON, workbook, calendar and Parquet carry the offer of the CSV, readable by other programs."""
    tables = one_of_each(title="=SUM(A1) & <Kurs>", contact_phone="+492035550101")
    done = Publications(tmp_path / "p").build(city, [contribution(tmp_path / "s", tables)], NOW)

    feature = json.loads((done.folder / "offers.geojson").read_bytes())["features"][0]
    assert feature["geometry"] == {"type": "Point", "coordinates": [6.7655, 51.4335]}
    sheet = CalamineWorkbook.from_path(str(done.folder / "offers.xlsx")).get_sheet_by_name("Angebote").to_python()
    row = dict(zip(sheet[0], sheet[1], strict=True))
    assert row["Titel"] == "=SUM(A1) & <Kurs>"
    assert "+492035550101" in row.values() and "Sprachkurs" in row.values()
    calendar = Calendar.from_ical((done.folder / "sessions.ics").read_bytes())
    event = calendar.walk("VEVENT")[0]
    assert event.decoded("dtstart").isoformat() == "2026-03-02T09:00:00+01:00"
    assert pl.read_parquet(done.folder / "offers.parquet")["start_date"].dtype == pl.Date


def test_a_killed_build_leaves_the_old_publication(tmp_path: Path, city: City) -> None:
    """What a killed build left aside is swept by the next one; the pointer names a whole publication all the time."""
    publications = Publications(tmp_path / "p")
    first = publications.build(city, [contribution(tmp_path / "s", one_of_each())], NOW)
    (tmp_path / "p" / ".building-1").mkdir()
    (tmp_path / "p" / ".building-1" / "offers.csv").write_text("half")

    assert publications.current() == first
    second = publications.build(city, [contribution(tmp_path / "s", one_of_each(), digest="2")], NOW)
    assert second.id == first.id
    assert not (tmp_path / "p" / ".building-1").exists()


def test_only_what_changed_is_made_anew_and_comes_out_the_same(tmp_path: Path, city: City) -> None:
    """The part of an unchanged source is the same files; the publication is the one that a fresh start would have made."""
    quiet = source("du-ruhig", title="Ruhige Quelle")
    own = {"offer_id": "du-ruhig:1", "record_id": "1", "source_key": "du-ruhig", "location_id": None}
    still = contribution(
        tmp_path / "still", {**one_of_each(), "offers": [rows.offer(**own)], "locations": [], "sessions": []}, quiet
    )
    a, b = (contribution(tmp_path / name, one_of_each(title=f"Kurs {name}"), digest=name) for name in "ab")
    publications = Publications(tmp_path / "p")
    first = publications.build(city, [a, still], NOW)
    second = publications.build(city, [b, still], NOW)
    fresh = Publications(tmp_path / "q").build(city, [b, still], NOW)

    assert second.id == fresh.id
    assert files(second.folder) == files(fresh.folder)
    name = "sources/du-ruhig/offers.csv"
    assert (first.folder / name).stat().st_ino == (second.folder / name).stat().st_ino


@pytest.mark.parametrize("harm", ["gone", "damaged"])
def test_a_part_that_is_not_whole_is_made_anew(tmp_path: Path, city: City, harm: str) -> None:
    """What the last publication left is never trusted without its check sum; it may be deleted at any time."""
    quiet = source("du-ruhig", title="Ruhige Quelle")
    still = contribution(tmp_path / "still", {**one_of_each(), "sessions": [], "locations": []}, quiet)
    a, b = (contribution(tmp_path / name, one_of_each(title=f"Kurs {name}"), digest=name) for name in "ab")
    publications = Publications(tmp_path / "p")
    first = publications.build(city, [a, still], NOW)
    piece = first.work / "parts" / "du-ruhig" / "offers.geojson"
    if harm == "gone":
        piece.unlink()
    else:
        piece.write_bytes(b"x" + piece.read_bytes()[1:])
    second = publications.build(city, [b, still], NOW)

    assert files(second.folder) == files(Publications(tmp_path / "q").build(city, [b, still], NOW).folder)


def test_rights_of_a_source_stand_beside_its_rows(tmp_path: Path, city: City) -> None:
    """Each source has its own package with its own licence; the city's names all of them."""
    free = source("du-frei", licence="dl-zero-de/2.0")
    other = contribution(
        tmp_path / "b", {"offers": [], "organisations": [], "locations": [], "sessions": [], "translations": []}, free
    )
    done = Publications(tmp_path / "p").build(city, [contribution(tmp_path / "a", one_of_each()), other], NOW)

    def named(path: Path) -> list[str]:
        return [entry["name"] for entry in json.loads(path.read_bytes())["licenses"]]

    assert named(done.folder / "datapackage.json") == ["dl-by-de/2.0", "dl-zero-de/2.0"]
    assert named(done.folder / "sources" / "du-frei" / "datapackage.json") == ["dl-zero-de/2.0"]


def test_old_publications_go_and_the_current_one_stays(tmp_path: Path, city: City) -> None:
    """Only as many publications as asked for are kept, and always the one the public sees."""
    publications = Publications(tmp_path / "p")
    for number in range(4):
        tables = one_of_each(title=f"Kurs {number}")
        publications.build(
            city, [contribution(tmp_path / f"s{number}", tables, digest=str(number))], NOW + timedelta(hours=number)
        )
    publications.retain(2)

    assert len(publications.history()) == 2
    current = publications.current()
    assert current is not None and current.folder.is_dir() and current.work.is_dir()


def _fresher(item: object, now: datetime) -> object:
    from dataclasses import replace

    return replace(item, last_success=now)  # type: ignore[type-var]  # a Contribution


def test_a_publication_killed_between_two_changes_is_old_or_new(tmp_path: Path) -> None:
    """A small seed of `python -m tests.catalogue.killed_publication`, which kills at every boundary and many instants."""
    command = [sys.executable, "-m", "tests.catalogue.killed_publication", str(tmp_path), "--every", "17", "--random", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=CITY.parents[1])
    assert done.returncode == 0, done.stdout + done.stderr
