"""The sources of a city in, one Prefect deployment a source out, each with its own schedule; and one that publishes.

`serve` runs them all in this process, beside a Prefect server. An operator sees partners there, not plumbing.
"""

from collections.abc import Coroutine, Iterable
from datetime import timedelta
from typing import Any
from zlib import crc32

from prefect import serve as serve_all
from prefect.deployments.runner import RunnerDeployment
from prefect.events import DeploymentEventTrigger
from prefect.schedules import Cron, Interval, Schedule
from prefect.types.entrypoint import EntrypointType

from flows.harvest import CHANGED, harvest
from flows.house import House, here
from flows.publish import publish
from schemas.source import Source


def to_schedule(source: Source, time_zone: str) -> Schedule | None:
    """When a source is harvested. Those without a time of their own are spread over the small hours, each at its fixed minute."""
    minute = crc32(source.key.encode()) % 240
    clock = f"{minute % 60} {1 + minute // 60}"
    match source.schedule:
        case "manual":
            return None
        case "hourly":
            return Interval(timedelta(hours=1), timezone=time_zone)
        case "daily":
            return Cron(f"{clock} * * *", timezone=time_zone)
        case "weekly":
            return Cron(f"{clock} * * 1", timezone=time_zone)
        case "monthly":
            return Cron(f"{clock} 1 * *", timezone=time_zone)
        case cron:
            return Cron(cron, timezone=time_zone)


def deployments(house: House) -> Iterable[RunnerDeployment]:
    """Yield a deployment for each source that is switched on, then the one that publishes after a harvest changed something."""
    for source in house.sources.values():
        if not source.enabled:
            continue
        schedule = to_schedule(source, house.city.time_zone)
        yield made(
            harvest.to_deployment(
                name=source.key,
                parameters={"key": source.key, "scheduled": True},
                schedules=[schedule] if schedule else [],
                tags=[source.kind, source.publisher.name],
                description=f"{source.title} ({source.publisher.name})",
                concurrency_limit=1,
                entrypoint_type=EntrypointType.MODULE_PATH,  # a path would put flows/ first on sys.path
            )
        )
    yield made(
        publish.to_deployment(
            name="publish",
            schedules=[Cron("15 5 * * *", timezone=house.city.time_zone)],  # the net below the events
            triggers=[DeploymentEventTrigger(expect={CHANGED}, match={"prefect.resource.id": "landkarte.source.*"})],
            description="Alle Stände veröffentlichen",
            concurrency_limit=1,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
    )


def made(deployment: RunnerDeployment | Coroutine[Any, Any, RunnerDeployment]) -> RunnerDeployment:
    """Prefect's types allow for a coroutine where there is no running loop to give one."""
    assert isinstance(deployment, RunnerDeployment)
    return deployment


def serve(house: House) -> None:
    """Run all deployments here until stopped."""
    serve_all(*deployments(house), limit=house.settings.at_once, pause_on_shutdown=False)


if __name__ == "__main__":
    serve(here())
