"""Calendars, schema.org and Integreat say what their fields mean: a source file without a map is enough."""

from pathlib import Path

import pytest

from connectors.registry import connector
from schemas.city import City, load_city
from schemas.normalise import Normaliser
from schemas.record import RawRecord
from schemas.source import read_source
from tests.connectors.test_cases import CASES, read_case

KINDS = ("ical", "jsonld", "integreat")
ROOT = Path(__file__).parents[2]
FOLDERS = [path for kind in KINDS for path in sorted((CASES / kind).iterdir())]


@pytest.fixture(scope="module")
def city() -> City:
    return load_city(ROOT / "cities" / "duisburg")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_every_record_of_a_case_becomes_an_offer_without_a_map(folder: Path, city: City) -> None:
    """Each has a title and each of its sessions a time; only a partner's own fields may be left over, and no value is misread."""
    source = read_source((folder / "source.yml").read_text(encoding="utf-8"), key=folder.name, name="source.yml")
    kind = connector(source.kind)
    records = [
        RawRecord(record["data"], record["locator"], "0" * 64, record["id"]) for record in read_case(folder).get("records", [])
    ]
    batches = list(Normaliser(source, city, kind.default_map, nested=kind.nested).batches(records))
    offers = [offer for batch in batches for offer in batch.offers]
    assert len(records) == len(offers) + sum(batch.filtered for batch in batches)
    assert all(offer["title"] for offer in offers)
    assert sum(len(record.data.get("sessions", ())) for record in records) == sum(len(batch.sessions) for batch in batches)
    codes = {(problem.code, problem.value) for batch in batches for problem in batch.problems}
    assert {code for code, _ in codes} <= {"unmapped_column"}
    assert {value for _, value in codes} <= {"courseCode", "educationalLevel"}
