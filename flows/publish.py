"""The publication as a Prefect flow: all snapshots into the data package, the data package into the catalogue."""

from datetime import datetime

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from flows.house import House, here
from flows.outlet import Outcome, contributions
from flows.outlet import publish as publish_in

ROUNDS = 5  # a harvest that ends while we publish is taken along; what comes after that many waits for the next event


@flow(name="publish", flow_run_name="publish")
def publish() -> str:
    """Publish what the snapshots hold now, and again while harvests change them meanwhile."""
    house = here()
    for _ in range(ROUNDS):
        before = digests(house)
        outcome = publish_round(house)
        report(outcome)
        if before == digests(house):
            break
    return outcome.publication.id


@task(cache_policy=NO_CACHE, retries=2, retry_delay_seconds=[5, 30])
def publish_round(house: House) -> Outcome:
    """Build, turn the pointer, bring the catalogue up to date. A catalogue that is down is tried again."""
    return publish_in(house, datetime.now(house.city.zone), say=get_run_logger().info)


def digests(house: House) -> dict[str, str]:
    """What each snapshot holds, as digests."""
    return {item.source.key: item.digest for item in contributions(house)}


def report(outcome: Outcome) -> None:
    """Leave what was published where an operator looks."""
    rows = [{"Tabelle": table, "Zeilen": count} for table, count in outcome.publication.rows.items()]
    if outcome.report is not None:
        rows += [{"Tabelle": f"Katalog: {action}", "Zeilen": count} for action, count in outcome.report.writes.items()]
    words = "neu veröffentlicht" if outcome.fresh else "unverändert"
    create_table_artifact(key="veroeffentlichung", table=rows, description=f"Veröffentlichung {outcome.publication.id}: {words}")
