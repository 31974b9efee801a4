"""A clock that jumps: nothing is lost, stuck or let go by a jump alone, and what comes after it is in order."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from catalogue.captures import Captures
from catalogue.disk import Places
from catalogue.lease import Busy, Holder, Lease, LeaseLost, Machine, birth, this_machine
from catalogue.publication import Publications
from connectors.ask import FetchSettings
from connectors.context import RunContext
from flows.due import is_due
from flows.outlet import publish
from schemas.city import load_city
from tests.catalogue.contributions import NOW, contribution, one_of_each
from tests.connectors.site import Site
from tests.flows.town import DUISBURG, SOURCE, Town, kurse
from tests.ledger import batch, ledger, many, night, same, titles

YEAR, HOUR, DAY = timedelta(days=365), timedelta(hours=1), timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")


def test_runs_stay_in_order_whatever_the_clock_does(tmp_path: Path) -> None:
    """Ahead by a year, back by days, back by hours: ids are unique and sorted as the runs were, and the newest rows count."""
    _, source = ledger(tmp_path)
    for number, day in enumerate((1, 366, 2, 1.5, 400, 3)):
        night(source, day, batch(many(10, title=f"Stand {number}")))

    found = [run.id for run in source.runs()]
    assert len(set(found)) == 6 and found == sorted(found, reverse=True)
    assert titles(source)["000"] == "Stand 5 0"
    assert source.busy() is None


@pytest.mark.parametrize("jump", [365, -365, 0.01], ids=["a year ahead", "a year back", "minutes"])
def test_a_jump_alone_withdraws_nothing(tmp_path: Path, jump: float) -> None:
    """What is absent for the first time is missing, however far the clock has jumped since the last night."""
    _, source = ledger(tmp_path)
    night(source, 1, batch(many(10)))
    run = night(source, 1 + jump, batch(many(9)))

    assert (run.books.missing, run.books.withdrawn) == (1, 0)
    assert "009" in titles(source)


def test_what_was_missing_before_a_jump_back_leaves_after_three_runs(tmp_path: Path) -> None:
    """Missing since next year would be missing for ever by days; by runs it is not."""
    _, source = ledger(tmp_path)
    night(source, 1, batch(many(10)))
    fates = [night(source, day, batch(many(9))).books for day in (366, 2, 3)]

    assert [(books.missing, books.withdrawn) for books in fates] == [(1, 0), (1, 0), (0, 1)]


def test_a_jump_holds_what_would_go_at_once(tmp_path: Path) -> None:
    """Also by a clock a year ahead most of a source does not leave without an operator."""
    _, source = ledger(tmp_path)
    night(source, 1, batch(many(10)))
    night(source, 2, batch(many(3)))
    run = same(source, 367)

    assert (run.books.held, run.books.withdrawn) == (7, 0)


def test_a_living_run_in_another_container_keeps_its_lock(tmp_path: Path) -> None:
    """It runs on the same machine: the seconds since its start count for both, the clock on the wall for none."""
    lock, me = tmp_path / "lock", this_machine()
    other = Holder("abcd1234", replace(me, space="1", boot="b"), os.getpid(), birth(os.getpid()), int(NOW.timestamp()), 5000, "a")
    here = replace(me, boot="b")

    assert not other.is_gone(here, NOW + YEAR, 4999)
    assert other.is_gone(here, NOW - YEAR, 5001)
    assert not lock.exists()


def test_a_clock_ahead_may_take_a_lock_of_another_machine_but_two_never_write(tmp_path: Path) -> None:
    """Nobody can see whether that machine lives. Its run notices at its next step, and ends."""
    lock = tmp_path / "lock"
    with Lease(lock, "a", NOW) as lease:
        held = Holder.of(next(path.name for path in lock.iterdir()))
        assert held is not None
        away = replace(held, at=Machine("elsewhere", "m", "b", "1"))
        (lock / held.name).rename(lock / away.name)
        lease._held = away
        with pytest.raises(Busy), Lease(lock, "b", NOW):
            pass
        with Lease(lock, "b", NOW + YEAR), pytest.raises(LeaseLost, match="Ein anderer Lauf hat übernommen"):
            lease.keep()


def test_a_source_is_due_again_after_a_clock_ahead_was_put_right(tmp_path: Path, site: Site) -> None:
    """A try that lies in the future says nothing; and the next one counts as usual."""
    town = Town(tmp_path, site, {"du-verein": SOURCE % site.url, "du-plan": SOURCE % site.url + "schedule: '0 4 * * *'\n"})
    site.pages["/kurse.csv"] = kurse(3)
    today = town.now
    for key in town.open().sources:
        town.now = today + YEAR
        town.harvest(key)
        house = town.open()
        assert is_due(house, house.sources[key], today)
        town.now = today
        town.harvest(key)
        assert not is_due(house, house.sources[key], today + HOUR)
        assert is_due(house, house.sources[key], today + DAY)


@pytest.mark.parametrize("day", [datetime(2027, 3, 27, 4, tzinfo=BERLIN), datetime(2026, 10, 24, 4, tzinfo=BERLIN)])
def test_a_night_of_23_or_25_hours_is_a_night(tmp_path: Path, site: Site, day: datetime) -> None:
    """Who asks every night at four harvests a daily source every night, also where the clock is put forward or back."""
    town = Town(tmp_path, site)
    site.pages["/kurse.csv"] = kurse(3)
    town.now = day
    town.harvest()
    house = town.open()
    for later in (1, 2):
        night_after = datetime.combine(day.date() + timedelta(days=later), day.time(), BERLIN)
        assert is_due(house, house.sources["du-verein"], night_after)
    assert not is_due(house, house.sources["du-verein"], day + timedelta(hours=12))


def test_a_jump_makes_no_capture_old_that_a_run_has_just_stored(tmp_path: Path) -> None:
    """What nobody names yet belongs to a run at work; a publisher with a clock a year ahead leaves it alone."""
    captures = Captures(Places(tmp_path))
    stored = captures.put([b"eben abgerufen"])
    captures.sweep(set(), datetime.now(UTC) + YEAR)

    assert stored.path.exists()


def test_retention_keeps_the_newest_publications_by_order_not_by_clock(tmp_path: Path) -> None:
    """After a clock that was ahead, what was published last stays, and what was published in "the future" goes first."""
    publications, city = Publications(tmp_path / "p"), load_city(DUISBURG)
    made = [
        publications.build(city, [contribution(tmp_path / str(n), one_of_each(title=f"Kurs {n}"), digest=str(n))], NOW + jump)
        for n, jump in enumerate((YEAR, YEAR, timedelta(), HOUR))
    ]
    publications.retain(2)

    assert [item.id for item in publications.history()] == [item.id for item in made[2:]]


def test_what_is_over_by_a_clock_ahead_is_back_when_it_is_put_right(tmp_path: Path, site: Site) -> None:
    """Published a year ahead, the dated offers are withdrawn; published with the right clock, all is as before, to the row."""
    town = Town(tmp_path, site)
    site.pages["/kurse.csv"] = kurse(3)
    town.harvest()
    house = town.open()
    before = publish(house, town.now).publication
    publish(house, town.now + YEAR)
    after = publish(house, town.now).publication

    assert {name: count for name, count in after.rows.items()} == dict(before.rows)
    assert (after.folder / "offers.csv").read_bytes() == (before.folder / "offers.csv").read_bytes()


def test_an_answer_from_the_future_is_asked_for_again(tmp_path: Path, site: Site) -> None:
    """What was fetched while the clock was a year ahead is not taken as fresh for a year: the whole is asked for."""
    site.pages["/a.csv"] = (200, {"ETag": '"1"'}, b"Titel\nKurs\n")

    def fetch(now: datetime, state: dict[str, object]) -> dict[str, object]:
        settings = FetchSettings(contact="info@stadt.example", allow_loopback=True, min_interval=0.0)
        with_store = Captures(Places(tmp_path))
        ctx = RunContext(now=now, zone=BERLIN, store=with_store, settings=settings, secrets={}, state=state)
        try:
            ctx.fetch(f"{site.url}/a.csv")
            return dict(ctx.http_state())
        finally:
            ctx.close()

    ahead = fetch(NOW + YEAR, {})
    fetch(NOW, ahead)
    asked = [request for request in site.requests if request.path == "/a.csv"]
    assert "if-none-match" not in asked[-1].headers
    fetch(NOW + HOUR, fetch(NOW, ahead))
    assert "if-none-match" in [request for request in site.requests if request.path == "/a.csv"][-1].headers
