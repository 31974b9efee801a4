"""Directories of services after Open Referral: pages of an API, data packages, archives."""

import contextlib
import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Limits, SourceError
from connectors.hsds import HsdsConnector
from connectors.hsds_records import to_record
from schemas.problems import Problem
from tests.connectors.normalised import normalise
from tests.connectors.pages import Page, capture, read

URL = "https://verzeichnis.example/services"
FULL_ID = "ac148810-d857-441c-9679-408f346de14b"  # of the one service in the standard's examples


def dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def service(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"s{number}", "name": f"Dienst {number}", "status": "active", "schedules": [], **more}


def page(*services: Any, number: int = 1, of: int = 1) -> bytes:
    return dump({"total_items": 9, "total_pages": of, "page_number": number, "last_page": number == of, "contents": services})


def archive(**tables: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in tables.items():
            made.writestr(f"daten/{name}.csv", text)
    return out.getvalue()


TABLES = {
    "services": f"id,organization_id,name,status\n{FULL_ID},o1,Beratung,active\n",
    "organizations": "id,name\no1,Lernhaus\n",
    "cost_options": f"id,service_id,amount,currency\nc1,{FULL_ID},0,EUR\n",
}


def test_all_pages_are_read_and_short_answers_completed() -> None:
    """A list with the least is followed into each service; an API that knows its list only is believed."""
    short = {"id": "a/1", "name": "Kurz", "status": "active"}
    pages: dict[str, Page] = {
        URL: page(service(1), short, of=2),
        f"{URL}/a%2F1": dump({**short, "name": "Ganz", "phones": []}),
        f"{URL}?page=2": page({**short, "id": "b"}, number=2, of=2),
    }
    assert [record.data["name"] for record in read(HsdsConnector(), pages).records] == ["Dienst 1", "Ganz", "Kurz"]
    assert len(read(HsdsConnector(), {URL: page(short)}, details=False).asked) == 1


def test_a_site_that_is_down_is_no_list_of_empty_services() -> None:
    """One service that fails is told; five in a row end the run."""
    shorts = [{"id": number, "name": f"Dienst {number}"} for number in range(6)]
    some: dict[str, Page] = {f"{URL}/{number}": dump(service(number)) for number in range(6)}
    reading = read(HsdsConnector(), {URL: page(*shorts), **some, f"{URL}/2": Problem("timeout")})
    assert (len(reading.records), reading.codes) == (5, ["timeout"])
    with pytest.raises(SourceError, match="nswer"):
        read(HsdsConnector(), {URL: page(*shorts), **dict.fromkeys(some, Problem("timeout"))})


def test_an_answer_that_breaks_off_is_told() -> None:
    """Of a list the whole services are read; of one service half is none."""
    first = page(service(1), of=2)
    second = page(service(2), service(3), number=2, of=2)
    reading = read(HsdsConnector(), {URL: first, f"{URL}?page=2": second[: second.index(b"Dienst 3")]})
    assert ([record.record_id for record in reading.records], reading.codes) == (["s1", "s2"], ["truncated"])
    short = {"id": "a", "name": "Kurz", "status": "active"}
    reading = read(HsdsConnector(), {URL: page(short), f"{URL}/a": dump(service(1, terms=["x"], languages=[{}, {}]))[:-20]})
    assert (reading.records, reading.codes) == ([], ["broken_file"])


def test_pages_that_come_again_are_no_pages() -> None:
    """Older UK answers name their pages differently; a page that repeats itself ends the run."""
    old = dump({"totalElements": 1, "last": False, "content": [service(1)]})
    with pytest.raises(SourceError, match="circles"):
        read(HsdsConnector(), {URL: old, f"{URL}?page=2": old})
    assert len(read(HsdsConnector(), {URL: dump({"last": True, "content": [service(1)]})}).records) == 1


def test_the_root_of_an_api_leads_to_its_services() -> None:
    """It names its version and profile; what it holds is beneath."""
    root = dump({"version": "3.0", "profile": "x", "openapi_url": "https://openreferral.example/openapi.json"})
    assert len(read(HsdsConnector(), {"https://verzeichnis.example/": root, URL: page(service(1))}).records) == 1


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ({"freq": "WEEKLY", "byday": "MO,TH", "opens_at": "10:00:00"}, {"weekday": ["mo", "th"], "start_time": "10:00"}),
        ({"byday": "TU", "opens_at": "10:00:00Z"}, {"weekday": ["tu"], "start_time": "10:00"}),
        ({"freq": "WEEKLY", "byday": "TU", "valid_to": "2026-11-22"}, None),
        ({"freq": "WEEKLY", "byday": "TU", "until": "2026-11-23"}, {"weekday": ["tu"]}),
        ({"dtstart": "2026-12-05", "opens_at": "09:00"}, {"date": "2026-12-05", "start_time": "09:00"}),
        ({"dtstart": "2026-11-22"}, None),
        (
            {"freq": "WEEKLY", "interval": 2, "byday": "FR", "dtstart": "2026-11-06"},
            {"date": "2026-11-06", "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"},
        ),
        (
            {"freq": "MONTHLY", "byday": "2tu", "dtstart": "2026-12-01", "until": "2027-06-30"},
            {"date": "2026-12-01", "rrule": "FREQ=MONTHLY;BYDAY=2TU", "until": "2027-06-30"},
        ),
        (
            {"freq": "MONTHLY", "bymonthday": "1,15", "dtstart": "2026-12-01"},
            {"date": "2026-12-01", "rrule": "FREQ=MONTHLY;BYMONTHDAY=1,15"},
        ),
        ({"description": "nach Absprache"}, None),
        ({"freq": "WEEKLY"}, None),
    ],
)  # fmt: skip
def test_schedules_become_sessions(schedule: dict[str, Any], expected: dict[str, Any] | None) -> None:
    """Weekly ones are days of the week, others a date with a rule; what is over or has no time is none."""
    data = to_record({"id": "1", "name": "A", "schedules": [schedule]}, date(2026, 11, 23))
    assert data.get("sessions") == ([expected] if expected else None)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([{"amount": 35, "currency": "eur"}], ("paid", 35.0, "EUR")),
        ([{"amount": "0"}], ("free", None, None)),
        ([{"amount": 10}, {"amount": 5}], ("paid", None, None)),
        ([{"amount": 10}, {"option": "ermäßigt"}], ("paid", None, None)),
        ([{"option": "nach Einkommen"}], (None, None, None)),
        ([{"amount": "NaN"}, "x"], (None, None, None)),
    ],
)  # fmt: skip
def test_a_price_is_one_where_there_is_one(options: list[Any], expected: tuple[Any, ...]) -> None:
    """Several prices stay words."""
    data = to_record({"id": "1", "name": "A", "cost_options": options}, date(2026, 11, 23))
    assert tuple(data.get(name) for name in ("cost_type", "cost_amount", "cost_currency")) == expected


def test_contacts_are_not_taken_up() -> None:
    """They are persons, wherever they hang."""
    person = [{"name": "Eva Beispiel", "email": "eva@x.example", "phones": [{"number": "4711"}]}]
    full = service(1, contacts=person, organization={"name": "Lernhaus", "contacts": person}, assurer_email="eva@x.example",
                   service_at_locations=[{"contacts": person, "location": {"name": "Haus", "contacts": person}}])  # fmt: skip
    text = json.dumps(read(HsdsConnector(), {URL: page(full)}).data)
    assert not any(word in text for word in ("Eva", "eva@", "4711"))


def test_the_rows_need_no_map() -> None:
    """Title, text, age, status, contact, place and weekly hours fill their columns by themselves."""
    case = Path(__file__).parents[1] / "cases" / "hsds" / "uk-api"
    full = {**json.loads((case / "dienst1.json").read_text(encoding="utf-8"))}
    batch = normalise(
        HsdsConnector(),
        read(HsdsConnector(), {URL: page(full, service(2, status="temporarily closed", url="https://x.example"))}),
    )
    assert {
        "title": "Sprachmittlung", "age_min": 16, "languages": "ar;uk", "keywords": "Dolmetschen", "attendance_mode": "blended",
        "cost_type": "paid", "cost_amount": 12.5, "cost_currency": "EUR", "contact_phone": "+49203123456", "status": "active",
    }.items() <= batch.offers[0].items()  # fmt: skip
    assert batch.offers[1]["status"] == "temporarily_closed"
    assert {"name": "Zentrum", "street": "Sonnenwall", "house_number": "73", "postal_code": "47051"}.items() <= batch.locations[
        0
    ].items()
    assert [(row["weekday"], row["start"], row["start_time"], row["rrule"]) for row in batch.sessions] == [
        ("mo", None, "10:00", None),
        ("th", None, "10:00", None),
        (None, "2026-12-05T09:00:00+01:00", None, None),
        (None, "2026-12-01T18:00:00+01:00", None, "FREQ=MONTHLY;BYDAY=1TU"),
    ]
    assert batch.problems == []


def test_an_archive_is_a_package() -> None:
    """Tables in any folder; those that are not there leave their fields empty."""
    (record,) = read(HsdsConnector(), {URL: archive(**TABLES)}).records
    assert (record.record_id, record.locator) == (FULL_ID, "service, Zeile 2")
    assert (record.data["organization"]["name"], record.data["cost_type"]) == ("Lernhaus", "free")
    found = HsdsConnector.detect(capture(archive(**TABLES), URL))
    assert found is not None
    assert found.reason == "Datenpaket nach Open Referral (ZIP)"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "empty_feed"),
        (page(), "empty_feed"),
        (b"<html>Wartung</html>", "wrong_content"),
        (b'{"data": 1}', "wrong_content"),
        (b'{"contents": ', "broken_file"),
        (b"PK\x03\x04xxxx", "broken_file"),
        (archive(kurse="a,b\n1,2\n"), "wrong_content"),
        (archive(services="x" * 60_000_000), "too_large"),
        (dump({"resources": [{"name": "organization", "path": "o.csv"}, {"name": "service", "path": 1}]}), "not_found"),
    ],
)
def test_what_is_no_directory_is_told(body: bytes, expected: str) -> None:
    """Empty, another format, a bomb, a package without its files."""
    with pytest.raises(SourceError) as raised:
        read(HsdsConnector(), {URL: body})
    assert raised.value.problem.code == expected


def test_a_broken_service_spares_its_neighbours() -> None:
    """Without identifier or name it is none."""
    reading = read(HsdsConnector(), {URL: page(service(1), {"name": "ohne Kennung"}, "x", service(2))})
    assert ([record.record_id for record in reading.records], reading.codes) == (["s1", "s2"], ["bad_record", "bad_record"])


def test_a_broken_row_is_a_lost_service_only_among_the_services() -> None:
    """A row of another table leaves fields empty, nothing more."""
    tables = {name: f"{text}1,2,3,4,5,6,7\n" for name, text in TABLES.items()}
    reading = read(HsdsConnector(), {URL: archive(**tables)})
    told = {(problem.locator or "").partition(",")[0]: problem.severity_or_default for problem in reading.problems}
    assert (len(reading.records), told) == (1, {"service": "rejected", "organization": "remark", "cost_option": "remark"})


def test_the_limit_of_records_holds() -> None:
    """What is more is told."""
    reading = read(HsdsConnector(), {URL: page(*(service(number) for number in range(5)))}, limits=Limits(max_records=2))
    assert (len(reading.records), reading.codes) == (2, ["record_limit"])


def test_the_standards_own_examples_are_read_whole(shared_data: Path) -> None:
    """The same service from the API, the tables, an organisation and the data package: five files, one and the same record."""
    folder = shared_data / "hsds_30"
    full, listed = ((folder / f"service_{name}.json").read_bytes() for name in ("full", "list"))
    package = "https://verzeichnis.example/datapackage.json"
    tables: dict[str, Page] = {f"https://verzeichnis.example/{file.name}": file.read_bytes() for file in folder.glob("*.csv")}
    worlds: list[dict[str, Page]] = [
        {URL: full},
        {URL: listed, f"{URL}/{FULL_ID}": full},
        {URL: (folder / "organization_full.json").read_bytes()},
        {URL: (folder / "tabular.json").read_bytes()},
        {package: (folder / "datapackage.json").read_bytes(), **tables},
    ]
    rows = []
    for world in worlds:
        reading = read(HsdsConnector(), world, max_pages=1)
        assert len(reading.records) == 1
        assert set(reading.codes) <= {"too_many_pages"}
        batch = normalise(HsdsConnector(), reading)
        assert (len(batch.offers), len(batch.rejected)) == (1, 0)
        assert "unmapped_column" not in [problem.code for problem in batch.problems]
        rows.append({name: value for name, value in batch.offers[0].items() if name != "keywords"})  # its terms are of another id
    assert all(row == rows[0] for row in rows)
    assert (rows[0]["title"], rows[0]["age_min"], rows[0]["cost_amount"]) == ("Community Counselling", 12, 35.0)
    reasons = [
        found.reason for file in sorted(folder.glob("*.json")) if (found := HsdsConnector.detect(capture(file.read_bytes())))
    ]
    assert reasons == [
        "Schnittstelle nach Open Referral (HSDS)",
        "Datenpaket nach Open Referral (HSDS)",
        "Verzeichnis nach Open Referral mit einem Dienst",
        "Verzeichnis nach Open Referral mit einem Dienst",
        "Verzeichnis nach Open Referral mit 10 Diensten",
        "Tabellen nach Open Referral mit einem Dienst",
    ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "location", "schedules", "addresses", "byday", "freq", "dtstart", "amount"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
NAMES = ("organization", "service_at_locations", "schedules", "languages", "phones", "cost_options", "attributes", "status")


@given(values=st.lists(VALUES, min_size=8, max_size=8), rows=st.lists(VALUES, max_size=4))
@settings(max_examples=150, deadline=None)
def test_no_service_raises_anything_but_a_source_error(values: list[Any], rows: list[Any]) -> None:
    """Whatever stands in the fields, neighbours are spared and records are JSON."""
    odd = {**service(5), **dict(zip(NAMES, values, strict=True))}
    reading = read(HsdsConnector(), {URL: page(service(900), odd, service(901))}, details=False)
    json.dumps(reading.data, allow_nan=False).encode()
    assert {"s900", "s901"} <= {record.record_id for record in reading.records}
    tables = {
        name: rows
        for name in ("organizations.csv", "locations.csv", "service_at_location.csv", "attributes.csv", "addresses.csv")
    }
    with contextlib.suppress(SourceError):
        json.dumps(read(HsdsConnector(), {URL: dump({"services.csv": [odd, *values], **tables})}).data, allow_nan=False)


@given(tail=st.binary(max_size=200), place=st.integers(0, 600))
@settings(max_examples=80, deadline=None)
def test_no_bytes_raise_anything_but_a_source_error(tail: bytes, place: int) -> None:
    """The same for whatever a server may answer, archives included."""
    whole = archive(**TABLES)
    for body in (tail, whole[:place] + tail, whole[:place] + tail + whole[place + len(tail) :], page(service(1))[:place] + tail):
        HsdsConnector.detect(capture(body))
        with contextlib.suppress(SourceError):
            read(HsdsConnector(), {URL: body})
