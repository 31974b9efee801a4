"""One site and its three servers, put together with the account and the variables they run under."""

import os
from dataclasses import dataclass

from catalogue.local.account import Account
from catalogue.local.environment import Environment
from catalogue.local.postgres import Postgres
from catalogue.local.redis import Redis
from catalogue.local.site import PLUGINS, Site
from catalogue.local.web import Web

PASSED_ON = ("PATH", "TZ", "TMPDIR", "LD_LIBRARY_PATH")  # nothing else: CKAN, PostgreSQL and Python read settings from there


@dataclass(frozen=True, slots=True)
class Pieces:
    """One site with its three servers."""

    site: Site
    environment: Environment
    account: Account
    postgres: Postgres
    redis: Redis
    web: Web
    variables: dict[str, str]

    def numbers(self) -> dict[str, int | None]:
        """Return the process number of each server that is well."""
        return {"postgres": self.postgres.pid(), "redis": self.redis.pid(), "web": self.web.pid()}

    def down(self) -> None:
        """Stop all three, who asks before who answers."""
        self.web.down()
        self.redis.down()
        self.postgres.down()


def assembled(site: Site, environment: Environment, account: Account, port: int) -> Pieces:
    """Put the three servers of a site together; nothing is started."""
    variables = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    variables |= {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": str(site.run), "CKAN_INI": str(site.ini)}
    variables |= {"PYTHONPATH": str(PLUGINS), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    postgres = Postgres(site, environment, account, variables)
    redis = Redis(site, environment, account, variables)
    web = Web(site, environment, account, variables, port)
    return Pieces(site, environment, account, postgres, redis, web, variables)
