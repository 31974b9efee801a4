"""A city folder with partners on loopback, for the tests of whole nights: feeds come in, an open house goes out."""

import shutil
import textwrap
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from catalogue.run import Run
from flows.house import House, open_house
from flows.night import harvest
from schemas.settings import Settings
from tests.connectors.site import Site

DUISBURG = Path(__file__).parents[2] / "cities" / "duisburg"
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=ZoneInfo("Europe/Berlin"))
SOURCE = """
title: Kurse des Beispielvereins
publisher: {name: Beispielverein e. V., url: https://verein.example}
licence: dl-by-de/2.0
source: {kind: csv, url: "%s/kurse.csv", id: Nr}
defaults: {offer_type: course}
map:
  title: Titel
  start_date: {from: Beginn, as: date}
  contact_email: {from: Mail, as: email}
"""


def table(*rows: str) -> str:
    """A CSV feed: number, title, begin, mail."""
    return "\n".join(["Nr;Titel;Beginn;Mail", *rows]) + "\n"


def kurse(count: int, mail: str = "info@verein.example") -> str:
    """A feed of so many good courses."""
    return table(*(f"{number};Kurs Nummer {number};01.12.2026;{mail}" for number in range(1, count + 1)))


class Town:
    """A city folder and its data folder below `folder`; `clock` is moved by hand."""

    def __init__(self, folder: Path, site: Site, sources: Mapping[str, str] | None = None, **settings: object) -> None:
        self.site, self.now = site, NOW
        self.city = folder / "city"
        shutil.copytree(DUISBURG, self.city, ignore=shutil.ignore_patterns("sources"))
        (self.city / "sources").mkdir()
        for key, text in (sources or {"du-verein": SOURCE % site.url}).items():
            self.write(key, text)
        given = {"city": self.city, "data": folder / "data", "catalogue": "none", "allow_loopback": True, "pause": 0.0}
        self.settings = Settings(**(given | settings))  # type: ignore[arg-type]  # pydantic checks

    def write(self, key: str, text: str) -> None:
        """Write a source file."""
        (self.city / "sources" / f"{key}.yml").write_text(textwrap.dedent(text), encoding="utf-8")

    def open(self) -> House:
        """Open the house anew, as every command does."""
        return open_house(self.settings)

    def harvest(self, key: str = "du-verein", *, after: timedelta = timedelta(days=1)) -> Run:
        """Harvest a source; the next time is a day later."""
        house = self.open()
        run = harvest(house, house.source(key), lambda: self.now)
        self.now += after
        return run

    def titles(self, key: str = "du-verein") -> list[str]:
        """The titles of the snapshot that counts."""
        current = self.open().ledger.source(key).current()
        return [] if current is None else sorted(current.frame("offers").collect()["title"].to_list())
