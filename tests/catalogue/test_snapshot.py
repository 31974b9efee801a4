"""Rows to columns and back, digests that see every change, and parts that are one table in the end."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import snapshot as module
from catalogue.disk import LedgerError
from catalogue.problems import FIRST, RESERVED, STORED, ProblemTable, to_problem
from catalogue.run import Run
from catalogue.snapshot import Snapshot, SnapshotWriter, polars_schema, to_digests, write_table
from schemas.problems import Problem
from schemas.rows import ROW_TABLES, Batch
from schemas.tables import columns
from tests.ledger import at
from tests.rows import LOCATION_ID, OFFER_ID, location, offer, organisation, session, translation


def batch(**changes: Any) -> Batch:
    """Give the course of tests/rows.py with all that belongs to it; changes replace whole tables."""
    whole = Batch([organisation()], [location()], [offer()], [session()], [translation()])
    return replace(whole, **changes)


def write(folder: Path, *batches: Batch) -> SnapshotWriter:
    """Write batches, and merge them."""
    folder.mkdir(exist_ok=True)
    writer = SnapshotWriter(folder)
    for each in batches:
        writer.write(each)
    return writer


def digest(folder: Path, *batches: Batch) -> int:
    """Give the digest of the course."""
    found = write(folder, *batches).digests().filter(table="offers", id=OFFER_ID).collect()
    return int(found["digest"].item())


def test_what_is_written_is_read_again(tmp_path):
    """Every table, every column, every type, in the order of the rows."""
    rows = batch(offers=[offer(), offer(offer_id="du-a:2", cost_amount=12.5, childcare=None, age_min=0)])
    counts = write(tmp_path, rows).merge({}, {})
    assert counts == {"organisations": 1, "locations": 1, "offers": 2, "sessions": 1, "translations": 1}
    for table in ROW_TABLES:
        assert pl.read_parquet(tmp_path / f"{table}.parquet").to_dicts() == getattr(rows, table)
        assert pl.read_parquet_schema(tmp_path / f"{table}.parquet") == polars_schema(table)


def test_a_snapshot_without_offers_has_all_its_tables(tmp_path):
    """A reader need not ask which files are there."""
    assert set(write(tmp_path).merge({}, {}).values()) == {0}
    assert [pl.read_parquet(tmp_path / f"{table}.parquet").columns for table in ROW_TABLES] == [
        [*columns(table)] for table in ROW_TABLES
    ]


def test_many_rows_wait_in_parts_and_are_one_table_in_the_end(tmp_path, monkeypatch):
    """Where the parts end nobody can see afterwards, and nothing of them is left."""
    rows = [offer(offer_id=f"du-a:{number}", title=f"Kurs {number}") for number in range(25)]
    monkeypatch.setattr(module, "SPILL", 4)
    writer = write(tmp_path, *(batch(offers=rows[at : at + 3]) for at in range(0, 25, 3)))
    assert len([*tmp_path.glob(".aside-offers-*")]) == 4
    writer.merge({}, writer.repeated())
    assert pl.read_parquet(tmp_path / "offers.parquet").to_dicts() == rows
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"{table}.parquet" for table in ROW_TABLES)


def test_an_offer_is_changed_by_what_belongs_to_it(tmp_path):
    """Its own words, a session, a translation, its place, its organisation, a partner's: each changes its digest."""
    elsewhere = "du-beispiel-kurse:00000000000000ff"
    base = batch(
        offers=[offer(partner_organisation_ids="a;b")],
        organisations=[organisation(), organisation(organisation_id="a"), organisation(organisation_id="b")],
        locations=[location(), location(location_id=elsewhere)],
        sessions=[session(), session(session_id="x", location_id=elsewhere), session(session_id="y", location_id=LOCATION_ID)],
    )
    different = {
        "as it was": base,
        "title": replace(base, offers=[offer(partner_organisation_ids="a;b", title="Anders")]),
        "session": replace(base, sessions=[session(room="1"), *base.sessions[1:]]),
        "one session less": replace(base, sessions=base.sessions[:2]),
        "translation": replace(base, translations=[translation(title="x")]),
        "place": replace(base, locations=[location(name="x"), base.locations[1]]),
        "place of a session": replace(base, locations=[location(), location(location_id=elsewhere, name="x")]),
        "organisation": replace(base, organisations=[organisation(phone="+49203111"), *base.organisations[1:]]),
        "partner": replace(base, organisations=[*base.organisations[:2], organisation(organisation_id="b", phone="+49203111")]),
    }
    found = {name: digest(tmp_path, rows) for name, rows in different.items()}
    assert len({*found.values()}) == len(found), found


def test_what_belongs_to_another_offer_changes_nothing(tmp_path):
    """A neighbour's news is no news."""
    other = offer(offer_id="du-a:2", organisation_id="other", location_id=None)
    more = batch(
        offers=[offer(), other],
        sessions=[session(), session(offer_id="du-a:2", session_id="z")],
        organisations=[organisation(), organisation(organisation_id="other")],
    )
    assert digest(tmp_path, batch()) == digest(tmp_path, more)


def test_the_order_and_the_batches_change_nothing(tmp_path, monkeypatch):
    """The same rows in another order, or a session that comes batches later, give the same digest."""
    one, two = session(), session(session_id="b", start="2026-03-09T09:00:00+01:00")
    together = digest(tmp_path, batch(sessions=[one, two]))
    assert digest(tmp_path, batch(sessions=[two, one])) == together
    monkeypatch.setattr(module, "SPILL", 1)
    late = Batch(locations=[location()], sessions=[two], translations=[translation()])
    assert digest(tmp_path, Batch(organisations=[organisation()], offers=[offer()], sessions=[one]), Batch(), late) == together


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["title", "summary", "room"]), st.none() | st.text(max_size=20)),
    st.integers(0, 120) | st.none(),
)
def test_equal_rows_have_equal_digests_and_different_ones_do_not(tmp_path_factory, texts, age):
    """In any characters, also where a value moves from one column to the next."""
    folder = tmp_path_factory.mktemp("data")
    room = texts.pop("room", None)
    rows = batch(offers=[offer(**texts, age_min=age)], sessions=[session(room=room)])
    assert digest(folder, rows) == digest(folder, batch(offers=[offer(**texts, age_min=age)], sessions=[session(room=room)]))
    same = offer(**texts, age_min=age) == offer() and session(room=room) == session()
    assert (digest(folder, rows) == digest(folder, batch())) is same


def test_a_digest_never_changes_by_itself():
    """It is compared with what an older program wrote on another machine."""
    row = ("du-a:1", "Größe", None, 12.5, True, 2**40)
    assert [f"{each:016x}" for each in to_digests("offers", [row])] == ["c82256523161eacd"]
    assert [f"{each:016x}" for each in to_digests("sessions", [row])] == ["786b7e98de562139"]


def test_a_repeated_key_is_counted_and_its_first_row_stays(tmp_path):
    """The published tables have primary keys."""
    writer = write(
        tmp_path,
        batch(sessions=[session(room="1"), session(room="2")]),
        Batch(translations=[translation(title="x")], organisations=[organisation()]),
    )
    repeated = writer.repeated()
    assert repeated == {"organisations": 1, "sessions": 1, "translations": 1}
    assert writer.merge({}, repeated) == dict.fromkeys(ROW_TABLES, 1)
    assert pl.read_parquet(tmp_path / "sessions.parquet")["room"].to_list() == ["1"]


def test_the_share_of_filled_offers_is_counted(tmp_path):
    """What a source file expects of its columns can be judged; of no offers everything is filled."""
    writer = write(tmp_path, batch(offers=[offer(), offer(offer_id="du-a:2", url=None)]))
    assert writer.filled(["url", "title", "cost_note"]) == {"url": 0.5, "title": 1.0, "cost_note": 0.0}
    assert write(tmp_path).filled(["url"]) == {"url": 1.0}


def test_a_part_of_a_snapshot_has_all_it_needs_and_nothing_else(tmp_path):
    """An offer carried over brings its sessions, translations, places, organisations and their parents."""
    rows = Batch(
        organisations=[
            organisation(organisation_id=name, parent_organisation_id=up)
            for name, up in [
                ("own", "parent"),
                ("parent", None),
                ("partner", None),
                ("house", None),
                ("other", None),
            ]
        ],
        locations=[
            location(location_id=f"du-a:{number}", organisation_id="house" if number == 1 else None) for number in range(3)
        ],
        offers=[
            offer(offer_id="du-a:x", organisation_id="own", partner_organisation_ids="partner", location_id="du-a:1"),
            offer(offer_id="du-a:y", organisation_id="other", location_id="du-a:0"),
        ],
        sessions=[session(session_id="x", offer_id="du-a:x", location_id="du-a:2"), session(session_id="y", offer_id="du-a:y")],
        translations=[translation(offer_id="du-a:x"), translation(offer_id="du-a:y")],
    )
    writer = write(tmp_path, rows)
    write_table(writer.digests(), tmp_path / "digests.parquet")
    writer.merge({}, {})
    run = Run("du-a", "r", at(1), at(1), "ok")
    part = Snapshot(run, tmp_path).part(pl.LazyFrame({"offer_id": ["du-a:x"]}))
    found = {table: sorted(frame.collect().to_series().to_list()) for table, frame in part.items() if table != "digests"}
    assert found == {
        "offers": ["du-a:x"],
        "sessions": ["x"],
        "translations": ["du-a:x"],
        "locations": ["du-a:1", "du-a:2"],
        "organisations": ["house", "own", "parent", "partner"],
    }
    assert sorted(part["digests"].collect()["id"]) == ["du-a:1", "du-a:2", "du-a:x", "house", "own", "parent", "partner"]


def test_a_snapshot_that_cannot_be_written_is_one_sentence(tmp_path):
    """Polars speaks English; an operator reads German."""
    writer = write(tmp_path, batch())
    (tmp_path / "offers.parquet").mkdir()
    with pytest.raises(LedgerError, match=r"offers\.parquet: .*Bitte Datenträger und Rechte prüfen\."):
        writer.merge({}, {})


# Problems of a run


def test_the_public_sentence_quotes_nothing_and_the_ledger_knows_all(tmp_path):
    """What a partner wrote stays here; with it, the partner's page says the whole sentence."""
    table = ProblemTable("2026-03-01T030000Z-a", "du-a")
    problem = Problem("bad_date", locator="Zeile 17", field="end_date", value="31.02.2027", note="so etwas", severity="rejected")
    table.add(problem)
    table.write(tmp_path / "problems.parquet")
    (row,) = pl.read_parquet(tmp_path / "problems.parquet").to_dicts()
    assert "31.02.2027" not in row["message"]
    assert [*row][:8] == [*columns("problems")]
    assert row["severity"] == "rejected"
    assert to_problem(row) == problem


def test_the_table_is_bounded_and_the_counts_are_exact():
    """A million mistakes are counted; late kinds still get their first few rows."""
    table = ProblemTable("r", "du-a")
    for _ in range(STORED + 5):
        table.add(Problem("bad_date"))
    for _ in range(FIRST + 5):
        table.add(Problem("held_removals"))
    assert table.counts == {"bad_date": STORED + 5, "held_removals": FIRST + 5}
    stored = [row["code"] for row in table._rows]
    assert stored.count("bad_date") == STORED - RESERVED
    assert stored.count("held_removals") == FIRST


def test_a_remark_nobody_can_mend_is_no_reason_to_worry():
    """Only what is somebody's to mend makes a run one with problems."""
    table = ProblemTable("r", "du-a")
    table.add(Problem("ended"))
    assert not table.for_somebody
    table.add(Problem("bad_date"))
    assert table.for_somebody
