"""The memory of a source over many nights: what counts, what is missing, held, released, rolled back, and never half."""

import hashlib
import os
import subprocess
import sys
import threading
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import snapshot as module
from catalogue.disk import LedgerError
from catalogue.lease import Busy, LeaseLost
from catalogue.ledger import Pause
from catalogue.run import RUN_ID, Books, Run, new_run_id
from schemas.problems import Problem
from schemas.rows import Batch
from schemas.source import Expectation
from tests.ledger import KEY, at, batch, capture, content, ledger, many, night, offers, same, titles
from tests.rows import location, organisation


@pytest.fixture
def data(tmp_path):
    """The folder of a ledger."""
    return tmp_path / "data"


@pytest.fixture
def source(data):
    """A source that was never harvested."""
    return ledger(data)[1]


def kinds(source, run):
    """Give what a run changed, by record."""
    return {offer_id.removeprefix(f"{KEY}:"): change for offer_id, change in source.changes(run.id).iter_rows()}


# A night


def test_before_the_first_night_there_is_nothing(source):
    """Everything can be asked, and nothing is made by asking."""
    assert source.current() is None
    assert source.last_run() is source.last_success() is source.last_change() is source.standing() is source.busy() is None
    assert source.runs() == source.run_ids() == []
    assert source.http_state() == {}
    assert source.watch().is_empty()
    assert source.problems().is_empty()
    assert not source.folder.exists()


def test_the_first_night_is_all_new(source):
    """The books say so, the rows are there, and the pointer names the run."""
    run = night(source, 1, batch(offers("a b")), batch(offers("c"), rejected=["d", ""], filtered=4, merged=2))
    assert run.result == "ok"
    assert run.books == Books(read=11, seen=5, filtered=4, merged=2, new=3, rejected=2)
    assert titles(source) == offers("a b c")
    assert (source.folder / "current").read_text() == f"{run.id}\n"
    assert source.current().run == source.last_run() == source.last_success() == source.last_change() == run
    assert run.rows == {"organisations": 1, "locations": 1, "offers": 3, "sessions": 3, "translations": 3}
    assert kinds(source, run) == dict.fromkeys("abc", "new")


def test_the_second_night_says_what_changed(source):
    """New, changed, unchanged and missing are told apart, and the missing one is still there."""
    night(source, 1, batch(offers("a b c d e")))
    run = night(source, 2, batch(offers("a b c") | offers("d", title="Anders") | offers("f")))
    assert asdict(run.books) | {"seen": 5, "new": 1, "changed": 1, "unchanged": 3, "missing": 1} == asdict(run.books)
    assert kinds(source, run) == {"d": "changed", "f": "new", "e": "missing"}
    assert titles(source) == offers("a b c e f") | offers("d", title="Anders")
    assert source.watch().select("offer_id", "runs", "held").rows() == [(f"{KEY}:e", 1, False)]


def test_a_run_is_remembered_as_it_was(source):
    """run.json gives back every field, and what a later version adds does not disturb."""
    run = night(source, 1, batch(offers("a")), note="zur Probe", fingerprint="f", connector="csv/1", completeness="window")
    assert source.run(run.id) == run
    assert run.duration == timedelta(minutes=1)
    newer = run.to_json() | {"finished": run.started - timedelta(days=400), "added": 1}
    newer["books"] = newer["books"] | {"added": 2}
    old = Run.of({name: value.isoformat() if isinstance(value, datetime) else value for name, value in newer.items()})
    assert old.duration == timedelta()
    assert replace(old, finished=run.finished) == run


def test_a_night_without_any_change_writes_no_rows(source):
    """The run names the snapshot that is there; freshness moves, content does not."""
    first = night(source, 1, batch(offers("a b")))
    second = night(source, 2, batch(offers("b a")))
    assert (second.result, second.snapshot, second.digest) == ("ok", first.id, first.digest)
    assert second.books.unchanged == 2
    assert not second.books.moved
    assert source.current().id == first.id
    assert source.last_success() == second
    assert source.last_change() == first
    assert not (source.runs_folder / second.id / "offers.parquet").exists()


def test_equal_rows_have_an_equal_digest_however_they_came_about(tmp_path):
    """Two sources' ledgers, one disturbed and one not, can be compared."""
    one, two = ledger(tmp_path / "1")[1], ledger(tmp_path / "2")[1]
    night(one, 1, batch(offers("a b c")))
    night(two, 1, batch(offers("a b", title="Alt")))
    night(two, 2, batch(offers("c b")), batch(offers("a")))
    assert one.current().digest == two.current().digest
    assert content(one) == content(two)


def test_an_organisation_nobody_names_directly_may_change_too(source):
    """A parent's new address is news, although no offer's own row changed."""
    parents = [organisation(parent_organisation_id="up"), organisation(organisation_id="up", phone="+492031")]
    night(source, 1, replace(batch(offers("a")), organisations=parents))
    parents[1] = organisation(organisation_id="up", phone="+492032")
    run = night(source, 2, replace(batch(offers("a")), organisations=parents))
    assert run.snapshot == run.id
    assert "+492032" in source.current().frame("organisations").collect()["phone"].to_list()


def test_a_rejected_record_keeps_its_last_good_version(source):
    """A partner's slip of the pen takes no offer off the map, for as long as it lasts."""
    night(source, 1, batch(offers("a b")))
    for day in range(2, 12):
        run = night(source, day, batch(offers("a"), rejected=["b", "x"]))
    assert (run.books.kept, run.books.rejected, run.books.missing) == (1, 2, 0)
    assert titles(source) == offers("a b")
    assert len(content(source)["sessions"]) == 2


def test_what_is_carried_over_brings_its_place_and_organisation(source):
    """No row points to something that is not there."""
    far = f"{KEY}:00000000000000ff"
    gone = replace(
        batch(offers("b")),
        organisations=[organisation(organisation_id="far")],
        locations=[location(location_id=far, organisation_id="far")],
    )
    gone = replace(gone, offers=[gone.offers[0] | {"location_id": far, "organisation_id": "far"}])
    night(source, 1, batch(offers("a c d")), gone)
    night(source, 2, batch(offers("a c") | offers("d", title="Anders")))
    rows = content(source)
    assert {row["location_id"] for row in rows["locations"]} == {far, f"{KEY}:0000000000000001"}
    assert {row["organisation_id"] for row in rows["organisations"]} == {"far", organisation()["organisation_id"]}
    for day in (3, 4):
        night(source, day, batch(offers("a c") | offers("d", title="Anders")))
    rows = content(source)
    assert [len(rows[table]) for table in ("offers", "sessions", "translations", "locations", "organisations")] == [3, 3, 3, 1, 1]


# What is missing


def test_a_vanished_offer_is_withdrawn_not_deleted(source):
    """Missing, missing, withdrawn; an earlier snapshot still has it."""
    first = night(source, 1, batch(many(10)))
    runs = [night(source, day, batch(many(9))) for day in (1.1, 1.2, 1.3)]
    assert [(run.books.missing, run.books.withdrawn) for run in runs] == [(1, 0), (1, 0), (0, 1)]
    assert [kinds(source, run) for run in runs] == [{"009": "missing"}, {"009": "missing"}, {"009": "withdrawn"}]
    assert titles(source) == many(9)
    assert source.watch().is_empty()
    assert source.snapshot(first.id).frame("offers").collect().height == 10
    assert [run.problems for run in runs] == [{"missing_from_feed": 1}, {}, {"withdrawn": 1}]
    assert [run.result for run in runs] == ["ok"] * 3


def test_an_offer_that_comes_back_was_never_away(source):
    """A glitch leaves no trace, and the count starts anew."""
    night(source, 1, batch(many(10)))
    for _ in range(2):
        night(source, 1.1, batch(many(9)))
        night(source, 1.2, batch(many(9)))
        back = night(source, 1.3, batch(many(10)))
        assert back.books.unchanged == 10
        assert source.watch().is_empty()
    assert len({run.snapshot for run in source.runs()}) == 1


def test_a_source_that_shrinks_by_most_is_held(source):
    """What is new goes out, what vanished stays, night after night, until somebody looks."""
    night(source, 1, batch(many(10)))
    for day in range(2, 20):
        run = night(source, day, batch(many(2) | offers("x", title=f"Tag {day}")))
        assert (run.result, run.books.held, run.books.withdrawn) == ("held", 8, 0)
    assert titles(source) == many(10) | {"x": "Tag 19 x"}
    assert run.accepted
    (sentence,) = source.problems(run.id).filter(code="held_removals")["message"]
    assert "Bitte die Löschung freigeben" in sentence


def test_releasing_withdraws_what_is_held_at_once(source):
    """The operator has asked the partner: the offers are gone. The next night has nothing to hold."""
    night(source, 1, batch(many(10)), http={"etag": "1"}, fingerprint="f")
    night(source, 2, batch(many(2)), http={"etag": "2"}, fingerprint="f")
    run = source.release(at(2.5), owner="operator")
    assert (run.kind, run.result, run.books) == ("release", "ok", Books(withdrawn=8, stayed=2))
    assert titles(source) == many(2)
    assert [len(rows) for rows in content(source).values()] == [1, 1, 2, 2, 2]
    assert (source.http_state(), source.standing().fingerprint) == ({"etag": "2"}, "f")
    assert night(source, 3, batch(many(2))).result == "ok"
    with pytest.raises(LedgerError, match="Hier wird nichts zurückgehalten"):
        source.release(at(4), owner="operator")


def test_releasing_leaves_alone_what_is_only_missing(source):
    """What is still on probation is nobody's decision."""
    night(source, 1, batch(many(10)))
    night(source, 2, batch(many(5)))
    night(source, 3, batch(many(10) | {}))
    night(source, 4, batch({name: title for name, title in many(10).items() if name != "003"}))
    night(source, 5, batch({name: title for name, title in many(5).items() if name != "003"}))
    assert source.watch()["held"].all()  # the small loss became part of the great one
    source.release(at(6), owner="operator")
    assert titles(source) == {name: title for name, title in many(5).items() if name != "003"}


def test_what_is_held_is_released_by_itself_when_it_comes_back(source):
    """The partner repaired the feed before anybody looked."""
    first = night(source, 1, batch(many(10)))
    night(source, 2, batch(many(2)))
    run = night(source, 3, batch(many(10)))
    assert (run.result, run.books.unchanged, run.snapshot) == ("ok", 10, first.id)


def test_a_window_lets_go_of_what_is_over_and_a_stream_of_nothing(tmp_path):
    """The sessions of the tests are on 2 March: on the 3rd they are over."""
    window, stream = ledger(tmp_path / "w")[1], ledger(tmp_path / "s")[1]
    for source, kind in ((window, "window"), (stream, "stream")):
        night(source, 1, batch(many(10)), completeness=kind)
        run = night(source, 3, batch(many(1)), completeness=kind)
    assert titles(window) == many(1)
    assert window.last_run().books.expired == 9
    assert titles(stream) == many(10)
    assert (run.books.stayed, run.result) == (9, "ok")


def test_no_record_at_all_is_never_a_success(source):
    """An empty feed fails, what was there stays, and the reason is said."""
    night(source, 1, batch(offers("a b")))
    run = night(source, 2, expect={"min_records": 1})
    assert (run.result, run.snapshot, run.accepted, run.problems) == ("failed", None, False, {"too_few_records": 1})
    assert "0 statt mindestens 1" in run.note
    run = night(source, 3, batch({}, rejected="ab"), expect={"min_records": 1})
    assert run.result == "failed"
    assert titles(source) == offers("a b")
    assert night(source, 4, expect={"min_records": 0}).result == "held"  # the file says it may be empty; still nobody loses all


def test_broken_expectations_are_told_and_hold_the_run_where_the_file_says_so(source):
    """With `hold` nothing of the night goes out until somebody releases it; then it does."""
    night(source, 1, batch(offers("a b")), http={"etag": "1"})
    told = night(source, 2, batch(offers("a b c")), expect={"filled": {"cost_note": 0.5}})
    assert (told.result, told.problems) == ("ok_with_problems", {"not_filled": 1})
    assert "0 % statt 50 %" in told.expectations[0]
    held = night(source, 3, batch(offers("a b c d")), expect={"filled": {"cost_note": 0.5}, "hold": True}, http={"etag": "3"})
    assert (held.result, held.accepted) == ("held", False)
    assert titles(source) == offers("a b c")
    assert source.last_success() == told
    assert source.http_state() == {}  # of the run that counts: what was held is asked for again
    run = source.release(at(4), owner="operator")
    assert titles(source) == offers("a b c d")
    assert (run.kind, run.accepted) == ("release", True)
    assert source.http_state() == {"etag": "3"}


# Nothing modified


def test_a_night_that_found_all_unmodified_leaves_a_trace_and_no_rows(source):
    """The pointer stays, the freshness moves, state and fingerprint are those of the newest word."""
    first = night(source, 1, batch(offers("a b"), problems=[Problem("bad_date")]), http={"etag": "1"})
    run = same(source, 2, http={"etag": "2"})
    assert (run.result, run.snapshot, run.books) == ("not_modified", first.id, Books(stayed=2))
    assert source.current().id == first.id
    assert source.last_success() == source.standing() == run
    assert source.last_change() == first
    assert source.http_state() == {"etag": "2"}
    assert source.problems()["code"].to_list() == ["bad_date"]  # of the last night that read
    assert sorted(path.name for path in (source.runs_folder / run.id).iterdir()) == ["fetched.json", "run.json"]


def test_what_is_missing_is_withdrawn_although_nothing_is_read_any_more(source):
    """An unmodified feed still does not have it: absence goes on counting."""
    night(source, 1, batch(many(10)))
    night(source, 2, batch(many(9)))
    assert same(source, 3).result == "not_modified"
    run = same(source, 4)
    assert (run.result, run.books) == ("ok", Books(withdrawn=1, stayed=9))
    assert titles(source) == many(9)
    assert same(source, 5).result == "not_modified"


def test_what_is_held_stays_visible_although_nothing_is_read_any_more(source):
    """An unmodified feed does not make a hold look healthy."""
    night(source, 1, batch(many(10)))
    night(source, 2, batch(many(2)))
    run = same(source, 3)
    assert (run.result, run.books) == ("held", Books(held=8, stayed=2))
    source.release(at(4), owner="operator")
    assert titles(source) == many(2)


def test_nothing_is_unmodified_before_there_is_something(source):
    """A 304 to a first question is a mistake of ours, not a success."""
    with pytest.raises(ValueError, match="before there is a snapshot"):
        same(source, 1)


def test_a_failed_night_changes_nothing_but_is_remembered(source):
    """The state that counts is that of the last good night: a 304 next time means what it says."""
    night(source, 1, batch(offers("a")), http={"etag": "1"})
    with source.lock("test", at(2)) as lease, source.begin(lease, source.next_run_id(at(2)), at(2)) as writer:
        writer.write(batch(offers("a b")))
        run = writer.fail(Problem("timeout", value="https://partner.example"), finished=at(2), http={"etag": "2"})
    assert (run.result, run.problems, run.books) == ("failed", {"timeout": 1}, Books())
    assert source.last_run() == run
    assert source.http_state() == {"etag": "1"}
    assert titles(source) == offers("a")


# Rollback


def test_a_rollback_turns_the_pointer_back_and_stays(source):
    """Later nights are recorded and wait; lifting the pin brings the newest of them."""
    first = night(source, 1, batch(offers("a")), http={"etag": "1"})
    bad = night(source, 2, batch(offers("a b")), http={"etag": "2"})
    assert source.rollback(at(2.5), owner="operator").id == first.id
    assert source.pinned() == first.id
    assert (titles(source), source.http_state()) == (offers("a"), {"etag": "1"})
    run = night(source, 3, batch(offers("a c")), http={"etag": "3"})
    assert run.books.new == 1  # compared with what counts
    assert source.current().id == (source.folder / "current").read_text().strip() == first.id
    assert same(source, 4).snapshot == first.id
    assert source.last_run().accepted
    last = night(source, 5, batch(offers("a d")))
    assert source.unpin(at(6), owner="operator").id == last.id
    assert titles(source) == offers("a d")
    assert source.pinned() is None
    assert source.snapshot(bad.id).frame("offers").collect().height == 2


def test_a_rollback_goes_further_back_each_time_or_where_it_is_told(source):
    """One step a call, or any run that is kept; a run without rows of its own means the snapshot it confirmed."""
    runs = [night(source, day, batch(offers(name))) for day, name in enumerate("abc", start=1)]
    quiet = night(source, 3.5, batch(offers("c")))
    source.rollback(at(4), owner="operator")
    assert source.current().id == runs[1].id
    source.rollback(at(4), owner="operator")
    assert source.current().id == runs[0].id
    with pytest.raises(LedgerError, match="Einen früheren Stand gibt es nicht"):
        source.rollback(at(4), owner="operator")
    source.rollback(at(4), owner="operator", run_id=quiet.id)
    assert source.current().id == runs[2].id


def test_no_rollback_to_what_is_not_there(source):
    """An unknown run and a failed one are told apart, and nothing changes."""
    night(source, 1, batch(offers("a")))
    failed = night(source, 2, expect={"min_records": 1})
    for run_id, why in ((failed.id, "ist gescheitert und hat keinen Stand"), ("2020-01-01T000000Z-x", "gibt es nicht")):
        with pytest.raises(LedgerError, match=why):
            source.rollback(at(3), owner="operator", run_id=run_id)
    assert source.pinned() is None


def test_a_pinned_source_is_not_released(source):
    """One decision after the other: first the pin, then what is held."""
    night(source, 1, batch(many(10)))
    night(source, 2, batch(many(2) | offers("x")))
    source.rollback(at(3), owner="operator")
    with pytest.raises(LedgerError, match="Bitte zuerst die Festlegung aufheben"):
        source.release(at(3), owner="operator")
    source.unpin(at(3), owner="operator")
    source.release(at(3), owner="operator")
    assert titles(source) == many(2) | offers("x")


def test_a_rollback_helps_where_the_newest_snapshot_is_damaged(source):
    """A damaged disk is said, and does not stop the way back."""
    night(source, 1, batch(offers("a")))
    bad = night(source, 2, batch(offers("a b")))
    (source.runs_folder / bad.id / "run.json").write_text("{")
    with pytest.raises(LedgerError, match="beschädigt"):
        source.current()
    source.rollback(at(3), owner="operator")
    assert titles(source) == offers("a")


# Two at once, and killed


def test_two_runs_of_one_source_at_once_are_one(source):
    """The second is told who works, and nothing of it is on disk."""
    with source.lock("erster", at(1)) as lease, source.begin(lease, source.next_run_id(at(1)), at(1)) as writer:
        writer.write(batch(offers("a")))
        with pytest.raises(Busy, match="erster"):
            night(source, 1, batch(offers("b")))
        with pytest.raises(Busy):
            source.release(at(1), owner="operator")
        with pytest.raises(Busy):
            source.rollback(at(1), owner="operator")
        assert "erster" in source.busy()
        writer.finish(finished=at(1), expect=Expectation())
    assert titles(source) == offers("a")


def test_many_sources_are_harvested_side_by_side(data):
    """Locks are one a source; captures are shared."""
    whole, _ = ledger(data)

    def work(key):
        source = whole.source(key)
        for day in range(1, 4):
            night(source, day, batch(many(20, title=f"Tag {day}"), key=key), captures=[capture(whole, b"same bytes", at(day))])

    crowd = [threading.Thread(target=work, args=(f"du-{name}",)) for name in "abcdef"]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    keys = whole.keys()
    assert keys == [f"du-{name}" for name in "abcdef"]
    assert all(titles(whole.source(key)) == many(20, title="Tag 3") for key in keys)
    assert len([path for path in (data / "captures").rglob("*") if path.is_file()]) == 1


def test_a_run_left_early_leaves_nothing(source):
    """An error in the middle, and the night is as if it had not been."""
    night(source, 1, batch(offers("a")))
    before = content(source)
    with (
        pytest.raises(RuntimeError),
        source.lock("test", at(2)) as lease,
        source.begin(lease, source.next_run_id(at(2)), at(2)) as writer,
    ):
        writer.write(batch(offers("b")))
        raise RuntimeError
    assert content(source) == before
    assert len([*source.runs_folder.iterdir()]) == 1
    assert source.busy() is None


def test_a_run_that_lost_its_lock_does_not_finish(source):
    """It was silent too long and somebody else took over: what the other wrote stays."""
    with source.lock("langsam", at(1)) as lease:
        slow = source.begin(lease, "2026-03-01T030000Z-slow", at(1))
        slow.write(batch(offers("a")))
        for path in (source.folder / "lock").iterdir():
            path.rename(path.with_name("free"))
        night(source, 1.5, batch(offers("b")))
        with pytest.raises(LeaseLost):
            slow.finish(finished=at(2), expect=Expectation())
    assert titles(source) == offers("b")
    assert len([*source.runs_folder.iterdir()]) == 1


def test_whatever_is_killed_or_runs_out_of_disk_leaves_the_old_state_or_the_new(tmp_path):
    """A small seed of `python -m tests.catalogue.killed`, which kills at every boundary and many instants."""
    options = ["--every", "9", "--random", "1", "--full-disk", "1"]
    command = [sys.executable, "-m", "tests.catalogue.killed", str(tmp_path), *options]
    done = subprocess.run(command, cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 7


def test_a_run_between_its_two_renames_is_finished_by_the_next(source):
    """The folder is in place, the pointer is not turned: the old state counts, and the next night goes on from the new one."""
    first = night(source, 1, batch(offers("a")), http={"etag": "1"})
    second = night(source, 2, batch(offers("a b")), http={"etag": "2"})
    (source.folder / "current").write_text(f"{first.id}\n")  # as if killed there
    assert (titles(source), source.http_state()) == (offers("a"), {"etag": "1"})
    run = same(source, 3)
    assert (run.snapshot, titles(source)) == (second.id, offers("a b"))


# Ids and clocks


moments = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1))


@given(moments, moments)
def test_run_ids_sort_as_they_are_made_whatever_the_clock_does(one, two):
    """A later run has a later id, also after a jump back by years."""
    first = new_run_id(one.replace(tzinfo=UTC), "z")
    second = new_run_id(two.replace(tzinfo=UTC), "a", after=first)
    assert second > first
    assert RUN_ID.match(first)
    assert RUN_ID.match(second)
    assert new_run_id(one.replace(tzinfo=UTC)) == new_run_id(one.replace(tzinfo=UTC))


def test_a_clock_set_back_does_not_put_a_run_before_its_elders(source):
    """The nights go on in their order, and so do missing, withdrawn and the pointer."""
    night(source, 100, batch(many(10)))
    books = [night(source, day, batch(many(9))).books for day in (99, 50, 3)]
    assert [book.withdrawn for book in books] == [0, 0, 1]
    assert source.run_ids() == sorted(source.run_ids(), reverse=True)
    assert titles(source) == many(9)
    with source.lock("test", at(1)) as lease, pytest.raises(LedgerError, match="stünde nicht hinter den früheren"):
        source.begin(lease, "2026-03-01T030000Z-x", at(1))


# Books


def test_books_that_do_not_balance_end_the_run(source):
    """The same offer twice is a mistake of the program, and no snapshot."""
    night(source, 1, batch(offers("a")))
    run = night(source, 2, batch(offers("a b")), batch(offers("b c")))
    assert (run.result, run.problems) == ("failed", {"unexpected": 1})
    assert "Die Bücher gehen nicht auf: gesehen 4, aber angenommen 3 und abgelehnt 0" in run.note
    assert titles(source) == offers("a")


@pytest.mark.parametrize(
    ("books", "before", "why"),
    [
        (Books(read=3, seen=2, filtered=1, new=1, rejected=1), 0, None),
        (Books(read=3, seen=2, new=2), 0, "gelesen 3"),
        (Books(read=2, seen=2, new=1), 0, "gesehen 2"),
        (Books(read=1, seen=1, unchanged=1), 2, "vorher 2 Angebote, wiedergefunden 1"),
    ],
)
def test_the_balance_is_checked_line_by_line(books, before, why):
    """Records in, offers out, and nobody of yesterday forgotten."""
    assert (books.fault(before) or "").startswith(why or "")
    assert (books.fault(before) is None) is (why is None)


feeds = st.dictionaries(st.sampled_from([f"{number:03}" for number in range(6)]), st.sampled_from(["Alt", "Neu"]), max_size=6)
nights = st.lists(
    st.tuples(feeds, st.sets(st.sampled_from(["000", "003", "x"])), st.integers(0, 3), st.booleans()), min_size=1, max_size=6
)


@settings(max_examples=25, deadline=None)
@given(nights, st.sampled_from(["snapshot", "window", "stream"]))
def test_over_many_nights_the_books_balance_and_no_row_is_orphaned(tmp_path_factory, nights, completeness):
    """Whatever partners do: the books balance, what was given is there, what is there belongs together."""
    _, source = ledger(tmp_path_factory.mktemp("data"))
    before: dict[str, str] = {}
    for day, (feed, rejected, extra, held) in enumerate(nights):
        half = len(feed) // 2
        items = [*feed.items()]
        run = night(
            source,
            day,
            batch(dict(items[:half]), rejected=rejected - feed.keys(), filtered=extra),
            batch(dict(items[half:])),
            completeness=completeness,
        )
        books, now = run.books, titles(source)
        assert books.fault(len(before)) is None
        assert books.read == len(feed) + len(rejected - feed.keys()) + extra
        assert feed.items() <= now.items()
        assert now.items() <= (before | feed).items()
        assert len(now) == books.accepted + books.carried == run.rows["offers"]
        assert books.kept == len(before.keys() & (rejected - feed.keys()))
        assert not books.withdrawn or books.withdrawn / (len(before) - books.expired) <= 0.3
        rows = content(source)
        ids = {row["offer_id"] for row in rows["offers"]}
        assert {row["offer_id"] for row in rows["sessions"]} == {row["offer_id"] for row in rows["translations"]} == ids
        assert {row["location_id"] for row in rows["offers"]} == {row["location_id"] for row in rows["locations"]}
        known = source.current().digests().collect()
        assert set(known["offer_id"]) == ids
        if held and run.result == "held":
            source.release(at(day + 0.5), owner="operator")
            assert titles(source).keys() <= feed.keys() | rejected | now.keys()
        before = titles(source)


# Captures, replays, retention


def test_a_run_can_be_read_again_from_its_captures(data):
    """All that reading needs is remembered: bytes, address, media type, headers, time."""
    whole, source = ledger(data)
    taken = capture(whole, b"Titel;Beginn\n", at(1))
    run = night(source, 1, batch(offers("a")), captures=[taken])
    (again,) = source.captures_of(run.id)
    assert again == taken
    assert again.read() == b"Titel;Beginn\n"
    assert source.run(run.id).captures == 1
    again.path.unlink()
    with pytest.raises(LedgerError, match="wird nicht mehr aufbewahrt"):
        source.captures_of(run.id)


def test_a_replay_is_a_run_that_proves_no_absence(source):
    """An old answer read with a new mapping changes offers, and withdraws none."""
    night(source, 1, batch(many(10)))
    night(source, 2, batch(many(9)))
    for hour in range(1, 5):
        run = night(source, 2 + hour / 24, batch(many(9, title=f"Neu {hour}")), kind="replay")
        assert (run.books.changed, run.books.missing, run.books.withdrawn) == (9, 1, 0)


def test_old_runs_go_and_what_counts_stays(data):
    """The newest runs, the rows that count and the last good night stay; captures go with the last run that named them."""
    whole, source = ledger(data)
    now = datetime.now(UTC) + timedelta(days=9)  # captures are as old as their files
    runs = [night(source, 1, batch(offers("a")), captures=[capture(whole, b"1", at(1))])]
    runs += [night(source, 2, batch(offers("b c d e f")), captures=[capture(whole, b"2", at(2))])]
    runs += [
        night(source, day, batch(offers("b c d e f")), captures=[capture(whole, str(day).encode(), at(day))])
        for day in range(3, 8)
    ]
    runs += [night(source, day, expect={"min_records": 1}) for day in range(8, 12)]
    for day in range(1, 8):  # two days between them: younger ones are left alone
        stamp = (now - timedelta(days=30 - 2 * day)).timestamp()
        os.utime(whole.captures.path(hashlib.sha256(str(day).encode()).hexdigest()), (stamp, stamp))
    freed = whole.sweep(now, keep_runs=2)
    assert source.problems()["code"].to_list() == ["too_few_records"]
    kept = {runs[1].id, runs[6].id, runs[9].id, runs[10].id}  # the rows, the last good night, the newest two
    assert set(source.run_ids()) == kept
    assert freed.files == 5
    assert source.current().id == runs[1].id
    assert source.last_success() == runs[6]
    assert source.captures_of(runs[6].id)[0].read() == b"7"
    assert whole.sweep(now, keep_runs=2).files == 0


def test_the_problems_of_a_feed_are_kept_however_long_it_is_unmodified(data):
    """A partner who changes nothing for months still finds what is wrong with his feed."""
    whole, source = ledger(data)
    night(source, 1, batch(offers("a"), problems=[Problem("bad_date")]))
    night(source, 2, batch(offers("a"), problems=[Problem("bad_money")]))
    for day in range(3, 8):
        same(source, day)
    whole.sweep(at(9), keep_runs=2)
    assert source.problems()["code"].to_list() == ["bad_money"]
    assert len(source.run_ids()) == 4


def test_a_sweep_leaves_alone_what_is_pinned_and_who_is_at_work(data):
    """The pinned snapshot is as safe as the current one; a source being harvested is left for next time."""
    whole, source = ledger(data)
    runs = [night(source, day, batch(offers("a", title=str(day)))) for day in range(1, 6)]
    source.rollback(at(6), owner="operator", run_id=runs[0].id)
    with source.lock("test", at(6)):
        whole.sweep(at(7), keep_runs=2)
    assert len(source.run_ids()) == 5
    whole.sweep(at(7), keep_runs=2)
    assert source.run_ids() == [runs[4].id, runs[3].id, runs[0].id]
    assert titles(source) == offers("a", title="1")


def test_a_memory_in_parts_gives_the_same_rows(tmp_path, monkeypatch):
    """Large sources go through parts on disk; nobody sees a difference."""
    small, large = ledger(tmp_path / "small")[1], ledger(tmp_path / "large")[1]

    def nights(source):
        night(source, 1, *(batch({f"{number:03}": "Alt"}) for number in range(40)))
        night(source, 2, *(batch({f"{number:03}": "Neu" if number % 3 else "Alt"}) for number in range(5, 45)))

    nights(small)
    monkeypatch.setattr(module, "SPILL", 7)
    nights(large)
    assert content(small) == content(large)
    assert small.current().digest == large.current().digest
    assert small.last_run().books == large.last_run().books


# Operator and names


def test_an_operator_may_pause_a_source(source):
    """With a reason, and until he resumes it."""
    assert source.paused() is None
    source.pause("Der Partner zieht um.", at(1))
    assert source.paused() == Pause(at(1), "Der Partner zieht um.")
    source.resume()
    source.resume()
    assert source.paused() is None


def test_a_renamed_source_takes_over_its_past(data):
    """Runs, captures and what is missing go along; the ids follow the key, and nothing vanishes on the way."""
    whole, source = ledger(data)
    night(source, 1, batch(many(10)), http={"etag": "1"})
    night(source, 2, batch(many(9)), http={"etag": "2"})
    whole.take_over("du-neu", ["du-nie", KEY], at(3))
    whole.take_over("du-neu", ["du-nie", KEY], at(3))
    renamed = whole.source("du-neu")
    run = night(renamed, 3, batch(many(9), key="du-neu"))
    assert (run.books.changed, run.books.new, run.books.missing) == (9, 0, 1)
    assert renamed.runs()[1].kind == "rename"
    rows = content(renamed)
    assert {row["offer_id"] for row in rows["offers"]} == {f"du-neu:{name}" for name in many(10)}
    assert {row["source_key"] for row in rows["offers"]} == {"du-neu"}
    assert all(row["session_id"].startswith("du-neu:") and row["offer_id"].startswith("du-neu:") for row in rows["sessions"])
    assert [row["location_id"] for row in rows["locations"]] == ["du-neu:0000000000000001"]
    assert renamed.watch()["offer_id"].to_list() == ["du-neu:009"]
    assert night(renamed, 4, batch(many(9), key="du-neu")).books.withdrawn == 1
    assert whole.keys() == ["du-neu"]


def test_a_sources_words_are_not_its_key(data):
    """Only ids follow a rename: a title that begins with the old key stays."""
    whole, source = ledger(data)
    night(source, 1, batch({"a": f"{KEY}: Titel"}))
    whole.take_over("du-neu", [KEY], at(2))
    renamed = whole.source("du-neu")
    with renamed.lock("test", at(2)) as lease:
        renamed.begin(lease, renamed.next_run_id(at(2)), at(2))
    assert titles(renamed) == {"a": f"{KEY}: Titel"}


def test_a_source_at_work_is_not_renamed(data):
    """The run goes on under the name it began with."""
    whole, source = ledger(data)
    night(source, 1, batch(offers("a")))
    with source.lock("test", at(2)), pytest.raises(Busy):
        whole.take_over("du-neu", [KEY], at(2))
    assert whole.keys() == [KEY]


def test_no_key_leads_out_of_the_ledger(data):
    """A key is a name, not a path."""
    with pytest.raises(LedgerError, match="kein gültiger Name"):
        ledger(data)[0].source("../du-a")


def test_an_empty_batch_is_nothing(source):
    """Connectors may yield nothing for a while."""
    run = night(source, 1, Batch(), batch(offers("a")), Batch())
    assert run.books == Books(read=1, seen=1, new=1)


@pytest.mark.parametrize("change", [{"capacity_max": 10**30}, {"title": "half a pair \ud83d"}, {"age_min": "zehn"}])
def test_what_fits_into_no_column_costs_its_own_offer_only(source, change):
    """One mad value in a feed is a rejected record with its place, and the last good version stays."""
    night(source, 1, batch(offers("a b c")))
    rows = batch(offers("a b c", title="Neu"))
    rows = replace(rows, offers=[rows.offers[0], rows.offers[1] | change, rows.offers[2]], locators={f"{KEY}:b": "Zeile 17"})
    run = night(source, 2, rows)
    assert (run.result, run.books) == ("ok_with_problems", Books(read=3, seen=3, changed=2, rejected=1, kept=1))
    assert titles(source) == offers("a c", title="Neu") | offers("b")
    assert source.problems()["locator"].to_list() == ["Zeile 17"]
    assert [len(rows) for rows in content(source).values()] == [1, 1, 3, 3, 3]


def test_the_digests_on_disk_are_those_of_the_rows(source):
    """What is carried over keeps the digest of the night that gave it."""
    night(source, 1, batch(offers("a b c d")))
    before = dict(source.current().digests().collect().iter_rows())
    night(source, 2, batch(offers("a b") | offers("c", title="Anders")))
    after = dict(source.current().digests().collect().iter_rows())
    assert {name: after[name] == before[name] for name in before} == {f"{KEY}:{name}": name != "c" for name in "abcd"}
    assert source.current().frame("digests").select(pl.col("id").is_unique().all()).collect().item()
