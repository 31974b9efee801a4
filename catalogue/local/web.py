"""The website of the local CKAN: gunicorn on one loopback port, the only thing of all this that listens on the network.

`ckan jobs worker` is left out: nothing we call leaves work to it except the clock of a resource, which the publisher sets itself.
"""

import http.client
import json
import signal
import socket
import time

from catalogue.local.account import Account
from catalogue.local.environment import Environment
from catalogue.local.errors import LocalCkanError, does_not_start
from catalogue.local.processes import marked, recorded, start, stop
from catalogue.local.site import INSIDE, Site

START_SECONDS = 90.0
WORKERS, THREADS = 2, 4


class Web:
    """gunicorn with CKAN of one site."""

    def __init__(self, site: Site, environment: Environment, account: Account, variables: dict[str, str], port: int) -> None:
        self.site, self.environment, self.account, self.variables, self.port = site, environment, account, variables, port
        self.log = site.logs / "web.log"
        self.number = site.run / "web.pid"
        self.mark = ("--pid", str(self.number))  # only our own gunicorn and its workers carry it

    def pid(self) -> int | None:
        """Return gunicorn's process number if it runs and CKAN answers."""
        pid = recorded(self.number, self.mark)
        return pid if pid and self.answers() else None

    def answers(self) -> bool:
        """Say whether CKAN answers on our port."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request("GET", "/api/3/action/status_show")
            answer = line.getresponse()
            return answer.status == 200 and json.loads(answer.read())["success"] is True
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
            return False
        finally:
            line.close()

    def up(self) -> None:
        """Start gunicorn unless CKAN answers; wait until it does."""
        if self.pid():
            return
        self.vacate()
        command = self.account.command(
            *(self.environment.python, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", *self.mark),
            *("--workers", str(WORKERS), "--threads", str(THREADS), "--timeout", "300", "--graceful-timeout", "5"),
            *("--no-control-socket", "--preload", "--capture-output", "--log-level", "warning"),
            *("--chdir", INSIDE, "wsgi:application"),
        )
        server = start(command, self.log, self.variables)
        until = time.monotonic() + START_SECONDS
        while not self.pid():
            if server.poll() is not None and not self.free():
                raise self.taken()
            if server.poll() is not None or time.monotonic() > until:
                raise does_not_start("CKAN", self.log, "Error")
            time.sleep(0.05)

    def vacate(self) -> None:
        """See that our port can be had: stop what is left of us unless it answers; raise where a stranger has it."""
        if self.pid():
            return
        self.down()
        self.number.unlink(missing_ok=True)
        if not self.free():
            raise self.taken()

    def free(self) -> bool:
        """Say whether our port can be had."""
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", self.port))
            except PermissionError:
                raise LocalCkanError(
                    f"Der Anschluss 127.0.0.1:{self.port} ist dem System vorbehalten;"
                    " bitte mit LANDKARTE_CKAN_PORT einen über 1023 einstellen."
                ) from None
            except OSError:
                return False
        return True

    def taken(self) -> LocalCkanError:
        """Make the error for a port in other hands."""
        return LocalCkanError(
            f"Der Anschluss 127.0.0.1:{self.port} ist von einem anderen Programm belegt, vielleicht vom CKAN eines anderen"
            " Datenordners (anhalten: landkarte --data ORDNER ckan down); bitte dieses beenden oder mit LANDKARTE_CKAN_PORT"
            " einen freien Anschluss einstellen."
        )

    def down(self) -> None:
        """Stop gunicorn and any worker that lost its master."""
        stop(marked(self.mark), self.mark, gently=signal.SIGTERM)
