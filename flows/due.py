"""A source and the instant in, whether its time has come out: for those who harvest by their own clock, without a server."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from flows.house import House
from schemas.source import Source

EVERY = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(days=7), "monthly": timedelta(days=30)}
SLACK = timedelta(minutes=10)  # a nightly call some minutes early still finds yesterday's source due


def is_due(house: House, source: Source, now: datetime) -> bool:
    """Whether the last try lies a whole period back; a source never tried is due, and one whose last try lies in the future.

    Days are days of the city's clock: where it is put forward, the night of 23 hours is a night.
    """
    last = house.ledger.source(source.key).last_run()
    if source.schedule == "manual":
        return False
    if last is None or last.started > now + SLACK:  # the clock was ahead then, and has been put right
        return True
    zone = house.city.zone
    if period := EVERY.get(source.schedule):
        passed, dial = now - last.started, to_dial(now, zone) - to_dial(last.started, zone)
        return max(passed, dial if period >= EVERY["daily"] else passed) >= period - SLACK
    return next(CronSim(source.schedule, last.started.astimezone(zone))) <= now


def to_dial(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall of the city says, without a zone."""
    return moment.astimezone(zone).replace(tzinfo=None)
