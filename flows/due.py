"""A source and the instant in, whether its time has come out: for those who harvest by their own clock, without a server."""

from datetime import datetime, timedelta

from cronsim import CronSim

from flows.house import House
from schemas.source import Source

EVERY = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(days=7), "monthly": timedelta(days=30)}
SLACK = timedelta(minutes=10)  # a nightly call some minutes early still finds yesterday's source due


def is_due(house: House, source: Source, now: datetime) -> bool:
    """Whether the last try lies a whole period back; a source never tried is due."""
    last = house.ledger.source(source.key).last_run()
    if source.schedule == "manual":
        return False
    if last is None:
        return True
    if period := EVERY.get(source.schedule):
        return now - last.started >= period - SLACK
    return next(CronSim(source.schedule, last.started.astimezone(house.city.zone))) <= now
