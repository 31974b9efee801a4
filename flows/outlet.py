"""All current snapshots in, a publication and the catalogue that shows it out. No Prefect here.

The catalogue is the local CKAN, a city's CKAN, or none: then the data package in the folder is the whole publication.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata

from catalogue import disk
from catalogue.ckan import CatalogueError, Ckan, Report
from catalogue.datasets import publish as show
from catalogue.decisions import Decisions
from catalogue.local.server import LocalCkan
from catalogue.public import Contribution, each_origin_once
from catalogue.publication import Publication
from catalogue.shown import Shown
from flows.house import House
from flows.left import left_over, remember
from schemas.source import Source

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What publishing did: the publication, whether its rows are new, and what the catalogue was told (None without one)."""

    publication: Publication
    fresh: bool
    report: Report | None
    catalogue_url: str


def contributions(house: House) -> list[Contribution]:
    """What each source gives: the snapshot that counts, also of sources that are paused, switched off, or without a sound file."""
    found = []
    for source in (*house.sources.values(), *left_over(house)):
        own = house.ledger.source(source.key)
        snapshot = own.current()
        if snapshot is None:
            continue
        success, change, problems = own.last_success(), own.last_change(), own.problems_path()
        found.append(
            Contribution(
                source=source,
                kind=source.kind,
                completeness=snapshot.run.completeness,
                digest=snapshot.digest,
                tables=snapshot.paths | ({"problems": problems} if problems else {}),
                last_success=success.finished if success else None,
                last_change=change.finished if change else None,
            )
        )
    return each_origin_once(found)


def publish(house: House, now: datetime, say: Say = lambda text: None, *, dry_run: bool = False) -> Outcome:
    """Build the publication, turn the pointer, and make the catalogue show it. Safe to repeat at any point.

    A dry run builds it, too, but neither the pages nor the catalogue show it.
    One process at a time; a second one gets Busy, which says who has it.
    """
    with house.publications.lock("publish", now) as lease:

        def going_on(text: str) -> None:
            lease.keep()
            say(text)

        return _publish(house, now, going_on, dry_run=dry_run)


def _publish(house: House, now: datetime, say: Say, *, dry_run: bool) -> Outcome:
    before = house.publications.current()
    apart = Decisions(house.ledger.places.root).not_the_same()
    with disk.explained(house.publications.root):
        given = contributions(house)
        publication = house.publications.build(house.city, given, now, house.credits, apart, turn=not dry_run)
    report, url = None, ""
    if house.settings.catalogue != "none":
        ckan = open_catalogue(house, say, dry_run=dry_run)
        try:
            sources = [item.source for item in given]
            report, url = _show(house, publication, sources, ckan, now, say, dry_run=dry_run), ckan.url
        finally:
            ckan.close()
    if not dry_run:
        remember(house)
        house.publications.retain(house.settings.keep_publications)
        house.ledger.sweep(now, keep_runs=house.settings.keep_runs)
    return Outcome(publication, before is None or before.content != publication.content, report, url)


def _show(
    house: House, publication: Publication, sources: Sequence[Source], ckan: Ckan, now: datetime, say: Say, *, dry_run: bool
) -> Report:
    """Make the catalogue show the publication; what was begun is noted before, and that it is whole, or why not, after."""
    note = Shown(house.publications.root, ckan.url)
    known = note.read() if dry_run else note.begin(publication.id, now)
    unfinished = [house.publications.root / begun for begun in known.begun if begun != publication.id]
    try:
        report = show(ckan, publication, house.city, sources, shown_last(house, ckan.url), say, unfinished)
    except CatalogueError as error:
        if not dry_run:
            note.fail(str(error))
        raise
    if not dry_run:
        note.finish(publication.id)
    return report


def open_catalogue(house: House, say: Say, *, dry_run: bool = False) -> Ckan:
    """Open the catalogue of the settings; bring the local one up where it is not."""
    agent = f"Integrationslandkarte/{metadata.version('integrationslandkarte')}"
    if house.settings.catalogue == "local":
        endpoint = local_ckan(house, say).up()
        return Ckan(endpoint.url, endpoint.token, agent=agent, dry_run=dry_run)
    return Ckan(house.settings.catalogue, house.settings.catalogue_token, agent=agent, dry_run=dry_run)


def local_ckan(house: House, say: Say) -> LocalCkan:
    """The CKAN of this installation, with the city's title."""
    return LocalCkan(
        house.ledger.places.root / "ckan",
        house.settings.ckan_environment,
        title=house.city.catalogue_title,
        description=house.city.catalogue_description,
        port=house.settings.ckan_port,
        languages=house.city.languages,
        say=say,
    )


def shown_last(house: House, url: str) -> Publication | None:
    """The publication this catalogue was brought to last, if it is still on disk."""
    shown = Shown(house.publications.root, url).read().shown
    try:
        return house.publications.get(shown) if shown else None
    except OSError:
        return None
