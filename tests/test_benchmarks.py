"""The benchmarks measure what they say: the same feed each time, both sides alike, a small run of each part."""

from itertools import islice

import pytest

from benchmarks import feeds, measure, report, town, unchanged, validation
from benchmarks.tables import tables
from benchmarks.town import Town

ROWS = 1_000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town of a thousand records, its files written and its server not running."""
    small = Town(tmp_path_factory.mktemp("town"), ROWS, town.free_port())
    town.write_feeds(small)
    town.write_city(small)
    return small


def test_a_longer_feed_begins_like_a_shorter_one() -> None:
    """The same seed gives the same records, however many are asked for."""
    assert list(feeds.records(500)) == list(islice(feeds.records(2_500), 500))


def test_one_record_of_a_hundred_is_changed() -> None:
    """The changed feed has the same records, ten of a thousand with another text."""
    pairs = zip(feeds.records(ROWS), feeds.records(ROWS, changed=0.01), strict=True)
    different = [before["id"] for before, after in pairs if before != after]
    assert 10 == len(different)


def test_every_row_of_the_table_has_its_cells() -> None:
    """The CSV feed holds one cell a column for every record."""
    assert {len(feeds.CSV_COLUMNS)} == {len(feeds.to_csv_row(record)) for record in feeds.records(200)}


def test_both_validators_find_the_same_errors(place: Town) -> None:
    """frictionless and ours give the same verdicts on the tables that are measured, also on unusual rows."""
    house = town.open_town(place.folder, place.folder / "data")
    folder = str(tables(place, house, 0.2))
    csv = {"theirs": validation.frictionless_csv(folder), "rows": validation.ours_csv(folder)}
    csv["columns"] = validation.ours_columns(folder)
    assert validation.same(csv)
    assert csv["rows"].more["errors"] > 3
    assert validation.same({"theirs": validation.frictionless_objects(folder), "ours": validation.ours_objects(folder)})
    keyed = {"theirs": validation.frictionless_package(folder), "rows": validation.ours_package(folder)}
    assert validation.same(keyed)


def test_a_measured_run_says_what_it_took(place: Town) -> None:
    """A candidate runs in a process of its own and comes back with time, memory and rows."""
    folder = str(tables(place, town.open_town(place.folder, place.folder / "data")))
    took = measure.run(measure.Candidate("ours", "benchmarks.validation:ours_csv", {"folder": folder}))
    assert took is not None
    assert took.rows > 900
    assert took.cpu > 0
    assert took.peak_mb > 30


def test_a_second_night_finds_what_changed(place: Town) -> None:
    """The night that is measured does what its line says; the tenth changed record is one we reject."""
    with town.serving(place):
        changed = unchanged.second_night(str(place.folder), ROWS, "du-datei", "geaendert.jsonl")
        same = unchanged.second_night(str(place.folder), ROWS, "du-datei", "angebote.jsonl")
    assert (9, True) == (changed.more["changed"], changed.more["fresh"])
    assert ("not_modified", False) == (same.more["result"], same.more["fresh"])


def test_figures_are_written_as_german_writes_them() -> None:
    """Decimal comma, thin groups, shares in percent."""
    assert "1 234,5" == report.decimal(1234.5).replace("\u2009", " ")
    assert "25,0 %" == report.percent(1, 4)
