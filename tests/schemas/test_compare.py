"""What becomes of an offer: the rules in polars against the same rules said plainly, and the laws over many nights."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from schemas.compare import WATCH, Rules, compare, decide, ended, to_watch

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
IDS = [f"du-a:{number}" for number in range(8)]
ids = st.sets(st.sampled_from(IDS))


def digests(offers: dict[str, int]) -> pl.LazyFrame:
    """Give digests as a snapshot has them."""
    return pl.LazyFrame(
        {"offer_id": [*offers], "digest": [*offers.values()]}, schema={"offer_id": pl.String, "digest": pl.UInt64}
    )


def named(offer_ids: Any) -> pl.LazyFrame:
    """Give ids as a frame."""
    return pl.LazyFrame({"offer_id": [*offer_ids]}, schema={"offer_id": pl.String})


def changes(old: dict[str, int], new: dict[str, int], rejected: Any = ()) -> dict[str, str]:
    """Compare, and give the change of each offer that is not as it was."""
    return dict(compare(digests(old), digests(new), named(rejected)).collect().iter_rows())


def absent(offer_ids: Any, over: Any = ()) -> pl.DataFrame:
    """Give absent offers; those in `over` have ended."""
    order = sorted(offer_ids)
    return pl.DataFrame(
        {"offer_id": order, "ended": [each in over for each in order]}, schema={"offer_id": pl.String, "ended": pl.Boolean}
    )


def watched(**kinds: Any) -> pl.DataFrame:
    """Give a watch: offer ids without their prefix, each with (days ago, runs, held)."""
    rows = [(f"du-a:{name[1:]}", NOW - timedelta(days=days), runs, held) for name, (days, runs, held) in kinds.items()]
    return pl.DataFrame(rows, schema=WATCH, orient="row")


def fates(frame: pl.DataFrame) -> dict[str, str]:
    """Give the fate of each offer."""
    return dict(frame.select("offer_id", "fate").iter_rows())


def test_an_offer_is_new_changed_kept_or_absent_and_else_not_spoken_of():
    """The digest decides; a rejected record keeps its last good version."""
    old = {"du-a:0": 1, "du-a:1": 1, "du-a:2": 1, "du-a:3": 1}
    new = {"du-a:0": 1, "du-a:1": 2, "du-a:4": 1}
    expected = {"du-a:4": "new", "du-a:1": "changed", "du-a:2": "kept", "du-a:3": "absent"}
    assert expected == changes(old, new, rejected=["du-a:2", "du-a:9"])


def test_a_record_that_came_twice_and_was_rejected_once_is_there():
    """An offer of this run is not kept from the last one, whatever else was rejected under its id."""
    assert changes({"du-a:0": 1}, {"du-a:0": 1}, rejected=["du-a:0"]) == {}


@given(st.dictionaries(st.sampled_from(IDS), st.integers(0, 2)), st.dictionaries(st.sampled_from(IDS), st.integers(0, 2)), ids)
def test_nothing_is_lost_between_two_snapshots(old, new, rejected):
    """Every old offer is unchanged, changed, kept or absent; every new one is unchanged, changed or new."""
    found = changes(old, new, rejected)
    kinds = {kind: {each for each, change in found.items() if change == kind} for kind in ("new", "changed", "kept", "absent")}
    unchanged = {each for each in old.keys() & new.keys() if old[each] == new[each]}
    assert old.keys() == unchanged | kinds["changed"] | kinds["kept"] | kinds["absent"]
    assert new.keys() == unchanged | kinds["changed"] | kinds["new"]
    assert kinds["kept"] == (old.keys() - new.keys()) & rejected
    assert len(found) == sum(map(len, kinds.values()))


def test_a_vanished_offer_is_missing_first_and_withdrawn_with_the_third_run():
    """Two runs of absence are a glitch, three are a fact."""
    watch = pl.DataFrame(schema=WATCH)
    seen = []
    for _ in range(3):
        decided = decide(absent(["du-a:1"]), watch, was=10, now=NOW, rules=Rules())
        seen.append(fates(decided)["du-a:1"])
        watch = to_watch(decided)
    assert seen == ["missing", "missing", "withdrawn"]
    assert watch.is_empty()


def test_a_vanished_offer_is_withdrawn_after_seven_days_whatever_the_number_of_runs():
    """A weekly feed does not keep a dead offer for three weeks."""
    decided = decide(absent(["du-a:1", "du-a:2"]), watched(x1=(7, 1, False), x2=(6.9, 1, False)), was=10, now=NOW, rules=Rules())
    assert fates(decided) == {"du-a:1": "withdrawn", "du-a:2": "missing"}


def test_a_clock_set_back_withdraws_nothing():
    """Negative days are no days; the runs still count."""
    decided = decide(absent(["du-a:1"]), watched(x1=(-400, 1, False)), was=10, now=NOW, rules=Rules())
    assert fates(decided) == {"du-a:1": "missing"}


def test_a_great_loss_is_held_whole_and_waits_for_somebody():
    """More than the allowed share at once: nothing goes, also not what was missing before."""
    decided = decide(absent(IDS[:4]), watched(x0=(1, 2, False)), was=10, now=NOW, rules=Rules(max_drop=0.3))
    assert {"held"} == set(fates(decided).values())
    assert to_watch(decided)["held"].all()


def test_exactly_the_allowed_share_may_go():
    """`max_drop` is what may go, more than that is held."""
    assert {"missing"} == set(fates(decide(absent(IDS[:3]), watched(), was=10, now=NOW, rules=Rules(max_drop=0.3))).values())


def test_a_loss_in_small_bites_is_held_too():
    """What is missing already counts: ten per cent a night do not slip through in four nights."""
    watch, offers, seen = watched(), [f"du-a:{number}" for number in range(100)], []
    for night in range(1, 5):
        decided = decide(absent(offers[: 12 * night]), watch, was=100, now=NOW + timedelta(days=night), rules=Rules(max_drop=0.3))
        seen.append({*fates(decided).values()})
        watch = to_watch(decided)
    assert [{"missing"}, {"missing"}, {"held"}, {"held"}] == seen


def test_held_stays_held_until_it_comes_back_although_the_loss_has_become_small():
    """Only somebody, or the partner, ends a hold."""
    watch = to_watch(decide(absent(IDS), watched(), was=10, now=NOW, rules=Rules()))
    later = decide(absent(IDS[:1]), watch, was=10, now=NOW + timedelta(days=30), rules=Rules())
    assert {IDS[0]: "held"} == fates(later)


def test_from_a_window_what_is_over_drops_out_and_is_not_counted_as_a_loss():
    """Yesterday's events leave a calendar every night, however many they are."""
    decided = decide(absent(IDS, over=IDS[1:]), watched(), was=10, now=NOW, rules=Rules("window"))
    assert {IDS[0]: "held"} | dict.fromkeys(IDS[1:], "expired") == fates(decided)  # one of the three that are not over
    assert {IDS[0]: "missing"} == {
        each: fate
        for each, fate in fates(decide(absent(IDS, over=IDS[1:]), watched(), was=20, now=NOW, rules=Rules("window"))).items()
        if fate != "expired"
    }


def test_from_a_full_snapshot_nothing_expires():
    """There, also a past offer is missing first: the partner may have lost it by mistake."""
    assert {IDS[0]: "missing"} == fates(decide(absent(IDS[:1], over=IDS), watched(), was=10, now=NOW, rules=Rules("snapshot")))


def test_from_a_stream_nothing_is_ever_removed():
    """A stream shows the newest; absence means nothing."""
    decided = decide(absent(IDS, over=IDS), watched(), was=8, now=NOW, rules=Rules("stream"))
    assert {"stayed"} == set(fates(decided).values())
    assert to_watch(decided).is_empty()


def test_a_replay_is_no_new_evidence_of_absence():
    """Reading last week's answer three times over withdraws nothing."""
    decided = decide(absent(["du-a:1"]), watched(x1=(1, 2, False)), was=10, now=NOW, rules=Rules(), counts=False)
    assert decided.select("offer_id", "fate", "runs").rows() == [("du-a:1", "missing", 2)]


def plainly(
    offer: str,
    gone: set[str],
    over: set[str],
    watch: dict[str, tuple[datetime, int, bool]],
    was: int,
    now: datetime,
    rules: Rules,
) -> str:
    """Say the fate of one absent offer in plain words: the model the columns are held against."""
    if rules.completeness == "stream":
        return "stayed"
    expired = gone & over if rules.completeness == "window" else set()
    if offer in expired:
        return "expired"
    since, runs, held = watch.get(offer, (now, 0, False))
    if held or len(gone - expired) / (was - len(expired)) > rules.max_drop:
        return "held"
    return "withdrawn" if runs + 1 >= rules.runs or now - since >= rules.time else "missing"


nights = st.lists(st.tuples(ids, ids, ids, st.integers(-2, 9)), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(nights, st.sampled_from(["snapshot", "window", "stream"]), st.sampled_from([0.2, 0.3, 0.5, 1.0]))
def test_over_many_nights_the_laws_hold(nights, completeness, max_drop):
    """Columns and plain words agree; nothing goes too early, too much at once, or while its record is there."""
    rules = Rules(completeness, max_drop)
    snapshot, watch, now, streak = set(IDS), pl.DataFrame(schema=WATCH), NOW, dict.fromkeys(IDS, 0)
    for feed, rejected, over, days in nights:
        now += timedelta(days=days)
        found = changes(dict.fromkeys(sorted(snapshot), 1), dict.fromkeys(sorted(feed), 1), rejected)
        gone = {each for each, change in found.items() if change == "absent"}
        kept = {each for each, change in found.items() if change == "kept"}
        known = {row[0]: row[1:] for row in watch.iter_rows()}
        decided = decide(absent(gone, over), watch, was=len(snapshot), now=now, rules=rules)
        fate = fates(decided)
        assert {each: plainly(each, gone, over, known, len(snapshot), now, rules) for each in gone} == fate

        for each in IDS:
            streak[each] = streak[each] + 1 if each in gone else 0
        withdrawn = {each for each, word in fate.items() if word == "withdrawn"}
        expired = {each for each, word in fate.items() if word == "expired"}
        assert not (withdrawn | expired) & (feed | rejected)
        assert all(streak[each] >= rules.runs or now - known[each][0] >= rules.time for each in withdrawn)
        assert not withdrawn or len(withdrawn) / (len(snapshot) - len(expired)) <= max_drop
        assert not withdrawn & {each for each, entry in known.items() if entry[2]}
        assert not expired or completeness == "window"
        assert not (withdrawn or expired) or completeness != "stream"

        watch = to_watch(decided)
        assert {each for each, word in fate.items() if word in ("missing", "held")} == set(watch["offer_id"])
        snapshot = feed | kept | (gone - withdrawn - expired)


def session(offer_id: str, **values: Any) -> dict[str, Any]:
    """Give a session row as far as time goes."""
    names = ("start", "end", "all_day", "rrule", "until")
    return {"offer_id": offer_id} | dict.fromkeys(names) | values


def test_an_offer_has_ended_when_all_its_dates_have_passed():
    """The end counts, else the beginning; whole days last until midnight; what repeats lasts until its last day, or for ever."""
    past, future = "2026-03-01T09:00:00+01:00", "2026-03-03T09:00:00+01:00"
    rows = {
        "one past": [session("", start=past)],
        "past and future": [session("", start=past), session("", start=future)],
        "still on": [session("", start=past, end=future)],
        "an hour ago elsewhere": [session("", start="2026-03-02T03:30:00+01:00")],  # 02:30 UTC
        "today, all day": [session("", start="2026-03-02T00:00:00+01:00", all_day=True)],
        "yesterday, all day": [session("", start=past, all_day=True)],
        "repeats for ever": [session("", start=past, rrule="FREQ=WEEKLY")],
        "repeated until yesterday": [session("", start=past, rrule="FREQ=WEEKLY", until="2026-03-01")],
        "weekly": [session("", weekday="mo")],
        "unreadable": [session("", start="bald")],
    }
    offers = pl.LazyFrame(
        {
            "offer_id": [*rows, "no dates", "over by its own date", "until today"],
            "end_date": [None] * len(rows) + [None, "2026-03-01", "2026-03-02"],
        }
    )
    sessions = pl.LazyFrame(
        [{**row, "offer_id": name} for name, some in rows.items() for row in some],
        schema={
            "offer_id": pl.String,
            "start": pl.String,
            "end": pl.String,
            "all_day": pl.Boolean,
            "rrule": pl.String,
            "until": pl.String,
        },
    )
    over = {"one past", "an hour ago elsewhere", "yesterday, all day", "repeated until yesterday", "over by its own date"}
    assert over == {name for name, is_over in ended(offers, sessions, NOW).collect().iter_rows() if is_over}


def test_the_watch_keeps_its_form_when_nothing_is_on_it():
    """An empty watch can be written and read like any other."""
    assert_frame_equal(pl.DataFrame(schema=WATCH), to_watch(decide(absent([]), watched(), was=0, now=NOW, rules=Rules())))
