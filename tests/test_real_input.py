"""Real files of real partners go the whole way over loopback HTTP: all their records are read, their books balance, nobody is named.

The files stand beside the checkout (fixture `shared_data`); the source files written for them are in tests/real/.
"""

import csv
import html
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from pyproj import Transformer
from python_calamine import CalamineWorkbook
from shapely import Point
from shapely.geometry import shape

from catalogue.run import Run
from flows.house import House, open_house
from flows.night import harvest
from schemas.problems import problem_codes
from schemas.settings import Settings
from schemas.source import Expectation, load_source
from tests.connectors.site import Answer, Request, Site

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=ZoneInfo("Europe/Berlin"))
SCHOOLS = "https://www.schulministerium.nrw.de/BiPo/OpenData/Schuldaten/schuldaten.csv"

# What a source may be told, beside nothing at all. Points and addresses outside Duisburg are outside the city that harvests here.
ELSEWHERE = {"outside_city", "no_address", "address_not_found"}
PRIVATE = {"person_name_withheld", "person_statement_withheld", "private_email_withheld", "private_phone_withheld"}
PLAUSIBLE: dict[str, set[str]] = {
    "du-schulen": set(),
    "echt-appendix": set(),
    "echt-ba-weiterbildung": ELSEWHERE | {"bad_url"},  # a blank in an address
    "echt-bibliothek": {"bad_date"},  # „Tuesday, January 26, 9 a.m.“ has no year
    "echt-integreat-ort": ELSEWHERE,
    "echt-integreat-seiten": PRIVATE,
    "echt-integreat-termine": set(),
    "echt-integreat-termine-verbunden": set(),
    "echt-jena-daten": ELSEWHERE | PRIVATE,
    "echt-jena-seite": set(),
    "echt-kalender-burg": {"no_address"},
    "echt-kalender-universitaet": set(),
    "echt-kitas": ELSEWHERE | PRIVATE | {"bad_phone"},  # numbers without area code
    "echt-muenster": ELSEWHERE | PRIVATE | {"unmapped_column"},
    "echt-san-francisco": ELSEWHERE | PRIVATE | {"encoding_guess", "duplicate_id"},  # 13 lines stand there twice
    "echt-zensus": {"too_long"},
    "echt-zensus-excel": {"too_long"},
}


def read_csv(path: Path, encoding: str, delimiter: str = ",") -> list[list[str]]:
    """Read a CSV with nothing but the standard library."""
    with path.open(encoding=encoding, newline=None) as stream:
        return [row for row in csv.reader(stream, delimiter=delimiter) if row]


def read_sheet(path: Path, name: str) -> Sequence[Sequence[object]]:
    """Read a sheet with nothing but calamine."""
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python()


def read_json(path: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))
    return found


# How many records a file holds, counted without any code of ours
COUNTS: dict[str, Callable[[Path], int]] = {
    "du-schulen": lambda data: len(read_csv(data / "nrw_schools/schuldaten_duisburg.csv", "utf-8-sig", ";")) - 2,
    "echt-appendix": lambda data: len(read_sheet(data / "sf_directories/appendix_a.xlsx", "Secured Credit Card Master")) - 1,
    "echt-ba-weiterbildung": lambda data: len(answer_of_the_agency(data)),
    "echt-bibliothek": lambda data: (data / "html_pages/chi_library.html").read_text().count("<p><strong>"),
    "echt-integreat-ort": lambda data: len(read_json(data / "integreat_api/augsburg_de_locations.json")),
    "echt-integreat-seiten": lambda data: len(read_json(data / "integreat_live_pages/rems-murr-kreis_de_pages.json")),
    "echt-integreat-termine": lambda data: len(series(data / "integreat_api/augsburg_de_events.json")),
    "echt-integreat-termine-verbunden": lambda data: len(
        series(data / "integreat_api/augsburg_de_events_combine_recurring.json")
    ),
    "echt-jena-daten": lambda data: (data / "html_pages/uni_jena_event_fragment.html").read_text().count("application/ld+json"),
    "echt-jena-seite": lambda data: (data / "html_pages/uni_jena_event_fragment.html").read_text().count('class="entry_wrapper'),
    "echt-kalender-burg": lambda data: (data / "ics/burg_wilhelmstein.ics").read_text().count("BEGIN:VEVENT"),
    "echt-kalender-universitaet": lambda data: (data / "ics/usal_sac_google.ics").read_text().count("BEGIN:VEVENT"),
    "echt-kitas": lambda data: len(read_csv(data / "csv_german/kitas_in_flensburg.csv", "utf-8")) - 1,
    "echt-muenster": lambda data: len(lines_of_muenster(data)),
    "echt-san-francisco": lambda data: len(read_csv(data / "sf_directories/locations.csv", "mac_roman")) - 1,
    "echt-zensus": lambda data: sum(line[:1] == '"' for line in lines_of_the_census(data)) - 1,
    "echt-zensus-excel": lambda data: len(read_sheet(data / "csv_german/zensus_stadtteile.xls", "Stichprobenfehler")) - 1,
}


def answer_of_the_agency(data: Path) -> list[dict[str, object]]:
    whole = json.loads((data / "ba_kursnet/weiterbildungssuche_response.json").read_text(encoding="utf-8"))
    found: list[dict[str, object]] = whole["_embedded"]["termine"]
    return found


def series(path: Path) -> set[str]:
    """The events of a list; a date behind the path is one of its recurrences."""
    return {str(entry["path"]).partition("$")[0].strip("/") for entry in read_json(path)}


def lines_of_muenster(data: Path) -> list[str]:
    return [line for line in (data / "schemaorg_json/events.jsonl").read_text(encoding="utf-8").split("\n") if line.strip()]


def lines_of_the_census(data: Path) -> list[str]:
    return (data / "csv_german/zensus_stadtteile_latin1.csv").read_text(encoding="latin-1").splitlines()


class Nights:
    """All sources harvested twice: the house, the first runs and the second ones."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.first = self._night(0)
        self.second = self._night(1)

    def _night(self, number: int) -> dict[str, Run]:
        clock = partial(NOW.__add__, timedelta(minutes=number))
        return {key: harvest(self.house, source, clock) for key, source in self.house.sources.items()}

    def table(self, key: str, name: str) -> pl.DataFrame:
        """The rows of a source's snapshot."""
        run = self.house.ledger.source(key).standing()
        assert run is not None and run.snapshot is not None
        return pl.read_parquet(self.house.settings.data / "harvest" / key / "runs" / run.snapshot / f"{name}.parquet")

    def text(self, key: str) -> str:
        """Everything that stands in a source's snapshot."""
        return "".join(self.table(key, name).write_csv() for name in ("offers", "organisations", "locations", "sessions"))


@pytest.fixture(scope="module")
def nights(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    """The real files as feeds of Duisburg, harvested twice."""
    folder = tmp_path_factory.mktemp("real")
    city = folder / "city"
    shutil.copytree(ROOT / "cities" / "duisburg", city, ignore=shutil.ignore_patterns("sources"))
    (city / "sources").mkdir()

    def page(request: Request) -> Answer:
        file = shared_data / request.path.lstrip("/").partition("?")[0]
        return file.read_bytes() if file.is_file() else (404, {}, b"")

    with Site({"*": page}) as site:
        for file in (*(ROOT / "tests" / "real").glob("*.yml"), ROOT / "cities/duisburg/sources/du-schulen.yml"):
            text = file.read_text(encoding="utf-8").replace("http://daten.example", site.url)
            text = text.replace(SCHOOLS, f"{site.url}/nrw_schools/schuldaten_duisburg.csv")
            (city / "sources" / file.name).write_text(text, encoding="utf-8")
        settings = Settings(city=city, data=folder / "data", catalogue="none", allow_loopback=True, pause=0.0)
        yield Nights(open_house(settings))


@pytest.mark.parametrize("key", sorted(PLAUSIBLE))
def test_every_record_of_a_real_file_is_read(nights: Nights, shared_data: Path, key: str) -> None:
    """What another program counts in the file is what we read, and every record ends in exactly one place."""
    run = nights.first[key]
    assert run.books.read == COUNTS[key](shared_data)
    assert run.books.fault(0) is None
    assert run.result in ("ok", "ok_with_problems")


@pytest.mark.parametrize("key", sorted(PLAUSIBLE))
def test_the_problems_of_a_real_file_are_plausible_and_german(nights: Nights, key: str) -> None:
    """Only problems that are really there, each as one whole German sentence or two."""
    run = nights.first[key]
    assert set(run.problems) <= PLAUSIBLE[key]
    told = nights.house.ledger.source(key).problems(run.id)
    for message in told["message"]:
        assert message.endswith(".")
        assert "{" not in message and "None" not in message
    assert set(told["code"]) <= set(problem_codes())


@pytest.mark.parametrize("key", sorted(PLAUSIBLE))
def test_a_second_run_finds_nothing_new(nights: Nights, key: str) -> None:
    """The same bytes are not modified, or all their offers unchanged."""
    run = nights.second[key]
    assert (run.books.new, run.books.changed, run.books.missing) == (0, 0, 0)
    assert run.result == "not_modified" or run.books.unchanged == nights.first[key].books.new


def test_every_school_is_in_its_district(nights: Nights, shared_data: Path) -> None:
    """The Bezirk of each school is that of the exact borders, and all seven have schools."""
    borders = json.loads((shared_data / "geo_duisburg/derived/duisburg_stadtbezirke.geojson").read_text(encoding="utf-8"))
    polygons = {feature["properties"]["code"]: shape(feature["geometry"]) for feature in borders["features"]}
    to_degrees = Transformer.from_crs("EPSG:25832", "EPSG:4326", always_xy=True).transform
    rows = read_csv(shared_data / "nrw_schools/schuldaten_duisburg.csv", "utf-8-sig", ";")[2:]
    expected = {}
    for row in rows:
        point = Point(*to_degrees(float(row[21]), float(row[22])))
        (expected[f"du-schulen:{row[0]}"],) = [code for code, polygon in polygons.items() if polygon.contains(point)]
    joined = nights.table("du-schulen", "offers").join(nights.table("du-schulen", "locations"), on="location_id")
    assert dict(joined.select("offer_id", "district_code").iter_rows()) == expected
    assert set(expected.values()) == set(polygons)
    assert set(joined["place_quality"]) == {"exact"}


def test_nobody_who_leads_a_kita_is_named(nights: Nights, shared_data: Path) -> None:
    """Heads of Kitas are withheld, also where somebody maps them to a provider or a text."""
    rows = list(csv.DictReader(io.StringIO((shared_data / "csv_german/kitas_in_flensburg.csv").read_text(encoding="utf-8"))))
    text = nights.text("echt-kitas")
    elsewhere = " ".join(value for row in rows for name, value in row.items() if name != "director" and value)
    names = {word for row in rows for word in row["director"].split()[-1:] if word not in elsewhere}
    assert len(names) > 50
    assert sorted(name for name in names if name in text) == []
    assert "015150731788"[1:] not in text


def test_artists_keep_their_names_on_the_poster(nights: Nights) -> None:
    """„Frau Jahnke hat eingeladen“ is a play: every event of the calendar is there with its whole title."""
    titles = nights.table("echt-kalender-burg", "offers")["title"]
    assert (len(titles), sum("Frau Jahnke hat eingeladen" in title for title in titles)) == (135, 2)


def test_offices_and_projects_keep_their_mailboxes_and_persons_do_not(nights: Nights, shared_data: Path) -> None:
    """In the texts of a district: the mailbox of a project stays; a name below „Ansprechpartner“ goes, and every Frau and Herr."""
    text = (nights.text("echt-integreat-seiten") + nights.text("echt-ba-weiterbildung")).casefold()
    functions = ("kursnet-wolfsburg@", "kursnet-sk@", "waiblingen.biz@", "jobcenter-rems-murr@", "queer-refugees@", "pfl-wn@",
                 "ankommen.winterbach@")  # fmt: skip
    assert [name for name in functions if name not in text] == []
    pages = read_json(shared_data / "integreat_live_pages/rems-murr-kreis_de_pages.json")
    lines = html.unescape(re.sub(r"<[^>]+>", "\n", " \n ".join(str(page["content"]) for page in pages)))
    plain = re.sub(r"\s*\n\s*", "\n", lines.replace("\xa0", " "))
    persons = re.findall(
        r"\nAnsprechpartner(?:in)?:?\n\w+ (\w+)\n|(?:Frau|Herr) (?:Dr\. (?:med\. )?)?(?:\w+ )?([A-Z]\S+)\n", plain
    )
    names = {name.strip(":").casefold() for found in persons for name in found if name}
    assert len(names) > 20
    assert sorted(name for name in names if re.search(rf"(?:frau|herr|\n) ?(?:\w+ )?{name}\b|@.*{name}|{name}.*@", text)) == []


def test_nobody_an_agency_names_is_read(nights: Nights) -> None:
    """The contact persons of the Bundesagentur's answer are in no row."""
    assert "REDACTED" not in nights.text("echt-ba-weiterbildung")
    assert nights.table("echt-ba-weiterbildung", "sessions").height == 12  # eight of twenty have no date


def test_a_table_and_its_twin_say_the_same(nights: Nights) -> None:
    """The census as Latin-1 text with remarks and as an old Excel sheet: same names, same numbers."""
    text, sheet = (
        nights.table(key, "offers").select("title", pl.col("cost_amount").round(6)).sort("title", "cost_amount")
        for key in ("echt-zensus", "echt-zensus-excel")
    )
    plain = [title.removesuffix(" -").rstrip() for title in text["title"]]
    assert [title.removesuffix(" -").rstrip() for title in sheet["title"]] == plain
    assert text["cost_amount"].to_list() == sheet["cost_amount"].to_list()


def test_a_time_in_utc_without_saying_so_is_not_believed(nights: Nights) -> None:
    """Integreat's event begins at one o'clock in Germany, whether its recurrences come one by one or together."""
    starts = [
        set(nights.table(key, "sessions")["start"]) for key in ("echt-integreat-termine", "echt-integreat-termine-verbunden")
    ]
    assert starts[0] == starts[1] != set()
    assert {start[11:] for start in starts[0]} == {"13:00:00+01:00"}


def test_the_series_of_real_calendars_keep_their_time(nights: Nights) -> None:
    """20 o'clock in summer stands in the calendar of the Burg as 18:00 UTC."""
    sessions = nights.table("echt-kalender-burg", "sessions")
    assert "2025-06-08T20:00:00+02:00" in set(sessions["start"])
    assert "2025-06-08T22:00:00+02:00" in set(sessions["end"])


def test_sources_that_could_not_be_tried_are_off_and_say_so() -> None:
    """What is not known to work at its real address harvests nothing until somebody has tried it."""
    sources = [load_source(path) for path in sorted((ROOT / "cities" / "duisburg" / "sources").glob("*.yml"))]
    assert [source.key for source in sources] == ["du-ba-berufssprachkurse", "du-ba-integrationskurse", "du-schulen"]
    for source in sources:
        assert not source.enabled and not source.tried_live
        assert "konnte" in source.note and "erprobt" in source.note


def test_the_agency_s_courses_elsewhere_are_left_out(nights: Nights, shared_data: Path) -> None:
    """The city's own source file reads the real answer; of its twenty courses none is in Duisburg."""
    with Site({"*": (shared_data / "ba_kursnet/weiterbildungssuche_response.json").read_bytes()}) as site:
        source = load_source(ROOT / "cities/duisburg/sources/du-ba-integrationskurse.yml")
        options = {"kind": "json", "url": site.url, "records": source.source["records"], "id": source.source["id"]}
        run = harvest(
            nights.house, source.model_copy(update={"source": options, "expect": Expectation(min_records=0)}), lambda: NOW
        )
    assert (run.books.read, run.books.filtered) == (20, 20)
