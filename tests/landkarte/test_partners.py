"""The example partners: their sites give the same bytes all day, and cause exactly the problems that were planted in them."""

from collections import Counter
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from catalogue.run import Run
from flows.house import House, open_house
from flows.night import harvest
from landkarte.partner_pages import Pages, fill, read_site, to_day
from landkarte.partner_workbook import to_workbook
from landkarte.partners import PORT, PartnerSites
from schemas.place import Placer
from schemas.problems import SchemaError
from schemas.settings import load_settings
from schemas.source import Source
from schemas.vocabulary import load

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BERLIN = ZoneInfo("Europe/Berlin")
WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=BERLIN)
DAYS = {
    "a Sunday on which the clocks change": datetime(2027, 3, 28, 10, 0, tzinfo=BERLIN),
    "a leap day": datetime(2028, 2, 29, 23, 30, tzinfo=BERLIN),
}
# Every problem a source causes on its first harvest. What is not here was not planted and is a mistake.
PLANTED = {
    "bsp-ankommen": {},
    "bsp-beratungshaus": {"bad_phone": 1, "private_email_withheld": 1, "protected_address": 1},
    "bsp-brueckenschlag-projekte": {
        "person_name_withheld": 1, "person_statement_withheld": 1, "protected_address": 1, "unknown_value": 2,
    },
    "bsp-familienwerkstatt": {"session_without_time": 1, "unmapped_column": 1},
    "bsp-freiwilligenboerse": {"unknown_value": 1},
    "bsp-hilfebruecke-ukraine": {"address_not_found": 1, "too_long": 1},
    "bsp-lernbruecke-angebote": {
        "private_email_withheld": 1, "private_phone_withheld": 1, "unknown_value": 1, "unmapped_column": 1,
    },
    "bsp-musterkiez-kalender": {"bad_record": 1, "person_statement_withheld": 1},
    "bsp-musterwerk-kurse": {
        "bad_date": 1, "end_before_start": 1, "no_address": 1, "session_rejected_with_offer": 1, "unknown_value": 1,
        "unmapped_column": 1,
    },
    "bsp-nachbarschaftstreff": {"http_5xx": 1},
    "bsp-vorbilder-angebote": {"bad_script": 2},
    "bsp-willkommenskurse": {"capacity_order": 1, "end_before_start": 1, "missing_title": 1, "no_address": 1},
}  # fmt: skip
# Records in the feeds, counted by hand from the files; an event that cannot be read is one, too
RECORDS = {
    "bsp-ankommen": 21, "bsp-beratungshaus": 19, "bsp-brueckenschlag-projekte": 18, "bsp-familienwerkstatt": 14,
    "bsp-freiwilligenboerse": 20, "bsp-hilfebruecke-ukraine": 18, "bsp-lernbruecke-angebote": 24, "bsp-musterkiez-kalender": 27,
    "bsp-musterwerk-kurse": 32, "bsp-nachbarschaftstreff": 0, "bsp-vorbilder-angebote": 15, "bsp-willkommenskurse": 16,
}  # fmt: skip
PRIVATE = (
    "Stiller Winkel", "Geheimer Weg", "Musterfrau", "Dragana", "Petra Muster", "3920012", "3920045", "jan.beispiel",
    "sabine.beispiel",
)  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The example city with an empty ledger."""
    return open_example(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def runs(house: House) -> dict[str, Run]:
    """One harvest of every source."""
    return harvest_all(house, WEDNESDAY)


@pytest.fixture
def pages() -> Pages:
    """The pages of one day."""
    return Pages(EXAMPLES / "partners", url="http://127.0.0.1:1", now=WEDNESDAY, harvests=0)


def open_example(data: Path) -> House:
    return open_house(load_settings(city=EXAMPLES, data=data, allow_loopback=True, pause=0, contact="pruefung@beispiel.example"))


def harvest_all(house: House, now: datetime, *, nights: int = 1) -> dict[str, Run]:
    """Harvest every source so many times, on one port, and give the runs of the last time."""
    runs: dict[str, Run] = {}
    port = 0
    for night in range(nights):
        with PartnerSites(EXAMPLES / "partners", now=now, harvests=night, port=port) as sites:
            port = int(sites.url.rpartition(":")[2])
            for key, source in house.sources.items():
                runs[key] = harvest(house, moved(source, sites.url), partial(now.__add__, timedelta(minutes=night)))
    return runs


def moved(source: Source, url: str) -> Source:
    """The source with its feed on the port the sites got, so that tests and a demo may run at once."""
    feed = str(source.source["url"]).replace(f"http://127.0.0.1:{PORT}", url)
    return source.model_copy(update={"source": {**source.source, "url": feed}})


def table(house: House, name: str) -> pl.DataFrame:
    """The rows of a table over the snapshots of all sources."""
    frames = []
    for key in house.sources:
        run = house.ledger.source(key).standing()
        if run is not None and run.snapshot is not None:
            frames.append(pl.read_parquet(house.settings.data / "harvest" / key / "runs" / run.snapshot / f"{name}.parquet"))
    return pl.concat(frames, how="vertical_relaxed")


def values(frame: pl.DataFrame, column: str) -> set[str]:
    """The values of a list column, each by itself."""
    return {item for text in frame[column].drop_nulls() for item in str(text).split(";")}


def test_every_record_of_the_feeds_is_read(runs: dict[str, Run]) -> None:
    """As many records come out as stand in the files, and the books balance."""
    assert {key: run.books.read for key, run in runs.items()} == RECORDS
    assert [key for key, run in runs.items() if run.books.fault(0)] == []


def test_the_problems_are_those_that_were_planted(runs: dict[str, Run]) -> None:
    """No source causes a problem that nobody planted."""
    assert {key: dict(run.problems) for key, run in runs.items()} == PLANTED


@pytest.mark.parametrize("now", DAYS.values(), ids=DAYS.keys())
def test_the_day_of_the_run_makes_no_other_problems(now: datetime, tmp_path: Path) -> None:
    """Whatever the weekday, dates lie in the right order and no session is lost."""
    runs = harvest_all(open_example(tmp_path), now)
    assert {key: dict(run.problems) for key, run in runs.items()} == PLANTED


def test_the_examples_show_what_the_map_can_do(house: House, runs: dict[str, Run]) -> None:
    """All kinds, programmes, districts, kinds of offer, ten languages and several hundred sessions are there."""
    offers, locations, sessions = table(house, "offers"), table(house, "locations"), table(house, "sessions")
    assert {"csv", "xlsx", "json", "ical", "jsonld", "html", "integreat"} == {source.kind for source in house.sources.values()}
    assert offers.height >= 180
    assert sessions.height >= 500
    assert {"100", "200", "300", "400", "500", "600", "700"} == set(
        locations.filter(pl.col("place_quality").is_in(["exact", "street"]))["district_code"]
    )
    assert set(load("programmes")) - values(offers, "programmes") == {"sonstige"}
    assert set(load("offer_types")) == values(offers, "offer_type")
    assert set(load("topics")) == values(offers, "topics")
    assert set(load("school_forms")) == values(offers, "school_form")
    assert len(values(offers, "languages")) >= 10
    assert {"A1", "A2", "B1", "B2", "C1"} <= values(offers, "cefr_from")
    assert {"uk", "ar", "en"} == values(table(house, "translations"), "language")


def test_nothing_private_reaches_a_snapshot(house: House, runs: dict[str, Run]) -> None:
    """Names, private numbers and protected addresses that stand in the feeds stand in no row."""
    for name in ("offers", "locations", "sessions", "organisations", "translations"):
        text = table(house, name).write_csv()
        assert [word for word in PRIVATE if word in text] == []
    feeds = "".join(path.read_text(encoding="utf-8") for path in (EXAMPLES / "partners").rglob("*.*"))
    assert [word for word in PRIVATE if word.replace("3920012", "0171 3920012") not in feeds] == []


def test_a_second_night_changes_nothing_but_holds_the_feed_that_shrank(tmp_path: Path) -> None:
    """Feeds are not modified or all unchanged; four of five lost offers are held and stay."""
    second = harvest_all(open_example(tmp_path), WEDNESDAY, nights=2)
    shrunk = second.pop("bsp-freiwilligenboerse")
    assert (shrunk.result, shrunk.books.read, shrunk.books.held) == ("held", 4, 16)
    assert second.pop("bsp-nachbarschaftstreff").result == "failed"
    assert {(run.books.new, run.books.changed, run.books.missing) for run in second.values()} == {(0, 0, 0)}


def test_every_address_of_the_feeds_is_in_its_district(house: House, runs: dict[str, Run]) -> None:
    """Every house of addresses.csv is found again, and none lies outside the city."""
    houses = pl.read_csv(EXAMPLES / "addresses.csv", separator=";", infer_schema=False)
    assert houses.height > 150
    assert isinstance(house.placer, Placer)
    located = table(house, "locations")
    lost = located.filter(pl.col("street").is_not_null() & pl.col("latitude").is_null())
    assert lost["street"].to_list() == ["Unbekannte Straße"]


def test_the_same_day_gives_the_same_bytes() -> None:
    """In the morning and at night a feed is the same, so a conditional request is answered with 304."""
    with PartnerSites(EXAMPLES / "partners", now=WEDNESDAY, port=0) as morning:
        first = requests.get(morning.url + "/musterkiez/kalender.ics", timeout=5)
    with PartnerSites(EXAMPLES / "partners", now=WEDNESDAY.replace(hour=23), port=0) as night:
        again = requests.get(night.url + "/musterkiez/kalender.ics", timeout=5, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert first.headers["Content-Type"] == "text/calendar"


def test_a_taken_port_is_said_in_german() -> None:
    """Who starts the demo twice learns why the second does not start."""
    with PartnerSites(EXAMPLES / "partners", now=WEDNESDAY, port=0) as sites:
        port = int(sites.url.rpartition(":")[2])
        with pytest.raises(SchemaError, match=rf"Anschluss {port} .* belegt"):
            PartnerSites(EXAMPLES / "partners", now=WEDNESDAY, port=port)


def test_only_the_partners_pages_are_answered(pages: Pages) -> None:
    """Neither the files pages are made from nor anything outside the folder can be asked for."""
    assert pages.answer("lernbruecke/angebote.txt").status == 404
    assert pages.answer("site.toml").status == 404
    assert pages.answer("../city.toml").status == 404
    assert pages.answer("gibt/es/nicht").status == 404
    assert pages.answer("nachbarschaftstreff/angebote.csv").status == 503


def test_files_come_as_partners_save_them(pages: Pages) -> None:
    """Old encodings, marks of order and line ends are in the bytes."""
    assert "für".encode("cp1252") in pages.answer("musterwerk/kurse.csv").body
    assert b"\r\n" in pages.answer("musterwerk/kurse.csv").body
    assert pages.answer("brueckenschlag/projekte.csv").body.startswith(b"\xef\xbb\xbf")
    assert pages.answer("ankommen/api/v3/duisburg-beispiel/uk/pages/").content_type == "application/json"


def test_a_workbook_has_dates_numbers_and_merged_cells(tmp_path: Path) -> None:
    """What is written as lines of cells opens as an Excel sheet."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(to_workbook("Banner;<;<\nNr;Tag;Ort\n1;2026-11-25;Haus & Hof\n2;;^\n'3';x;<\n", "Blatt"))
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names == ["Blatt"]
    rows = book.get_sheet_by_index(0).to_python()
    assert [1.0, date(2026, 11, 25), "Haus & Hof"] == rows[2]
    assert rows[4][0] == "3"
    assert sorted(book.get_sheet_by_index(0).merged_cell_ranges or []) == [((0, 0), (0, 2)), ((2, 2), (3, 2)), ((4, 1), (4, 2))]


@pytest.mark.parametrize(
    ("mark", "written"),
    [
        ("⟦+0⟧", "2026-11-25"),
        ("⟦+7 de⟧", "02.12.2026"),
        ("⟦mo+0 18:00 iso⟧", "2026-11-23T18:00:00+01:00"),
        ("⟦so+0 long⟧", "29. November 2026"),
        ("⟦fr-1 09:30 ics⟧", "20261120T093000"),
        ("⟦mi+18 12:00 iso⟧", "2027-03-31T12:00:00+02:00"),
        ("⟦+0 00:00 ms⟧", "1795561200000"),
        ("⟦di+1 14:00 long⟧", "1. Dezember 2026, 14:00 Uhr"),
        ("⟦url⟧/a", "http://127.0.0.1:1/a"),
    ],
)
def test_a_mark_becomes_a_date(mark: str, written: str) -> None:
    """Marks are days relative to today, in the form a partner would write."""
    assert written == fill(mark, now=WEDNESDAY, url="http://127.0.0.1:1")


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(-60, 60))
def test_the_days_of_a_week_keep_their_order(today: date, week: int) -> None:
    """Monday to Friday of one mark are five days, whatever today is."""
    days = [to_day(weekday, week, today) for weekday in ("mo", "di", "mi", "do", "fr", "sa", "so")]
    assert [days[0] + timedelta(days=n) for n in range(7)] == days


def test_a_wrong_rule_for_a_page_is_said_in_german(tmp_path: Path) -> None:
    """site.toml knows a few words and no others."""
    (tmp_path / "site.toml").write_text('["a.csv"]\nencodng = "cp1252"\n', encoding="utf-8")
    with pytest.raises(SchemaError, match=r"Für ‚a\.csv‘ sind nur"):
        read_site(tmp_path / "site.toml")


def test_a_duplicate_of_two_partners_is_in_the_examples(house: House, runs: dict[str, Run]) -> None:
    """The same language café comes from the house it is in and from a guest; both are kept, each with its source."""
    titles = Counter(table(house, "offers")["title"])
    assert [title for title, count in titles.items() if count > 1] == ["Sprachcafé Hochfeld"]
