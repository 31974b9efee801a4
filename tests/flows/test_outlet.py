"""From snapshots to a publication, without a catalogue: the folder alone is a whole publication."""

import json
from datetime import timedelta

import pytest

from catalogue.lease import Busy
from flows.outlet import publish
from tests.connectors.site import Site
from tests.flows.town import Town, kurse


def test_what_was_harvested_is_published(town: Town, site: Site) -> None:
    """The package holds the offers of all snapshots, and the pointer names it."""
    site.pages["/kurse.csv"] = kurse(3)
    town.harvest()
    outcome = publish(town.open(), town.now)

    assert outcome.fresh and outcome.report is None
    assert outcome.publication.rows["offers"] == 3
    descriptor = json.loads((outcome.publication.folder / "datapackage.json").read_bytes())
    assert descriptor["contributors"][1]["title"] == "Beispielverein e. V."


def test_an_unchanged_night_keeps_the_content(town: Town, site: Site) -> None:
    """Harvesting the same feed again moves the time of the last success and nothing else."""
    site.pages["/kurse.csv"] = kurse(3)
    town.harvest()
    first = publish(town.open(), town.now).publication
    town.harvest()
    second = publish(town.open(), town.now + timedelta(minutes=5)).publication

    assert first.content == second.content and first.id != second.id


def test_a_failing_source_stays_published(town: Town, site: Site) -> None:
    """A partner who is down tonight is still on the map."""
    site.pages["/kurse.csv"] = kurse(3)
    town.harvest()
    publish(town.open(), town.now)
    site.pages.clear()
    town.harvest()

    assert publish(town.open(), town.now).publication.rows["offers"] == 3


def test_two_publishers_at_once_are_refused(town: Town, site: Site) -> None:
    """While one process publishes, another ends with a sentence that says who has it."""
    site.pages["/kurse.csv"] = kurse(3)
    town.harvest()
    house = town.open()
    with house.publications.lock("anderer", town.now), pytest.raises(Busy, match="anderer"):
        publish(house, town.now)
