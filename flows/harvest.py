"""One partner's night as a Prefect flow: fetch, read, store, report. The work itself is flows/night.py's."""

from datetime import datetime
from typing import TypeVar

from prefect import Task, flow, get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event
from prefect.settings import PREFECT_LOCAL_STORAGE_PATH

from catalogue.disk import LedgerError
from catalogue.ledger import Pause
from catalogue.run import Run
from connectors.contract import SourceError
from flows.house import House, here
from flows.night import Night
from flows.words import books, to_sentence
from schemas.problems import Problem

CHANGED = "landkarte.harvest.changed"  # events: publish waits for the first, an operator's automations for the others
WELL = "landkarte.harvest.well"
UNWELL = "landkarte.harvest.unwell"

NOWHERE_ELSE = PREFECT_LOCAL_STORAGE_PATH.value()  # said here, or each run asks the server three times where results go
MANY = 10_000  # offers; below that, telling a server of three tasks takes longer than a person would watch them


R = TypeVar("R")


class HarvestFailed(Exception):
    """A source gave nothing this time; the text is one German sentence."""


@flow(name="harvest", flow_run_name="{key}", persist_result=False, result_storage=NOWHERE_ELSE)
def harvest(key: str, scheduled: bool = False) -> str:
    """Harvest one source: what its partner offers today becomes the source's current snapshot.

    By its schedule a source that rests is left alone; who names it harvests it.
    """
    house = here()
    if scheduled and (pause := house.ledger.source(key).paused()):
        return resting(key, pause)
    run = harvest_in(house, key)
    report(run)
    if run.result == "failed":
        raise HarvestFailed(to_sentence(run))
    return to_sentence(run)


def resting(key: str, pause: Pause) -> str:
    """Say that a source was left alone, and why."""
    sentence = f"{key}: ruht ({pause.reason}). Weiter mit: landkarte resume {key}"
    get_run_logger().info(sentence)
    return sentence


def harvest_in(house: House, key: str) -> Run:
    """The arrows of the drawing; of a large source each is a task that an operator can watch."""
    source = house.source(key)
    with Night(house, source, clock=lambda: datetime.now(house.city.zone)) as night:
        try:
            step(fetch, night)
            if not night.unchanged:
                step(read, night)
            return step(store, night)
        except SourceError as error:
            return night.fail(error.problem)
        except LedgerError:  # the disk is full, or another run took over: its sentence says so, and nothing can be noted
            raise
        except Exception as error:  # a bug of ours ends this source's run; the run says so and the log has the trace
            get_run_logger().exception("unexpected")
            return night.fail(Problem("unexpected", note=f"{type(error).__name__}: {error}"))


def step(arrow: Task[[Night], R], night: Night) -> R:
    """Go along an arrow: as a task where the source had many offers the last time."""
    last = night.own.standing()
    many = last is not None and last.rows.get("offers", 0) >= MANY
    return arrow(night) if many else arrow.fn(night)


@task(cache_policy=NO_CACHE)
def fetch(night: Night) -> None:
    """Fetch the addresses that hold the whole feed. What may help is repeated inside, politely."""
    night.fetch()


@task(cache_policy=NO_CACHE)
def read(night: Night) -> None:
    """Read, normalise, shield, place and validate, batch by batch."""
    night.read()


@task(cache_policy=NO_CACHE)
def store(night: Night) -> Run:
    """Compare with the last snapshot and turn the pointer."""
    return night.store()


def report(run: Run) -> None:
    """Leave the run's books where an operator looks: as an artifact, in the log, and as an event."""
    rows = [{"Was": label, "Anzahl": count} for label, count in books(run)]
    rows += [{"Was": f"Hinweis {code}", "Anzahl": count} for code, count in run.problems.items()]
    create_table_artifact(key=f"bericht-{run.source}", table=rows, description=to_sentence(run))
    get_run_logger().info(to_sentence(run))
    resource = {"prefect.resource.id": f"landkarte.source.{run.source}"}
    if run.books.moved:
        emit_event(CHANGED, resource)
    emit_event(UNWELL if run.result in ("failed", "held") else WELL, resource, payload={"result": run.result, "note": run.note})
