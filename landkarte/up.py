"""Everything together on one machine: the local CKAN, Prefect's server, the schedules and the pages, until stopped."""

import signal
import threading
from contextlib import ExitStack

import uvicorn
from rich.console import Console

from flows.house import open_house
from flows.outlet import local_ckan
from flows.server import Child, ServerError, environment, prefect_server, schedules
from landkarte.web.app import create_app
from landkarte.where import catalogue_address, check_space
from landkarte.words import t
from landkarte.work import check_port, progress
from schemas.settings import Settings

LOOK = 2.0  # seconds between two looks at the children


def run(settings: Settings, out: Console) -> int:
    """Start all, say where everything is, and watch; one that ends ends all. Gives the exit code."""
    house = open_house(settings)
    check_port(settings.host, settings.port)
    check_port("127.0.0.1", settings.prefect_port, "LANDKARTE_PREFECT_PORT")
    check_space(settings.data)
    for sentence in house.broken.values():
        out.print(sentence, style="red", soft_wrap=True, markup=False)
    logs = house.ledger.places.root / "logs"
    env = environment(settings, settings.prefect_port)
    with ExitStack() as stack:
        with progress(out) as bar:
            task = bar.add_task(t("Katalog …", "Catalogue …"), total=None)
            if settings.catalogue == "local":
                local_ckan(house, lambda text: bar.update(task, description=text)).up()
            bar.update(task, description=t("Prefect …", "Prefect …"))
            try:
                server = stack.enter_context(prefect_server(env, settings.prefect_port, logs / "prefect.log"))
            except ServerError as error:
                out.print(str(error), style="red", soft_wrap=True, markup=False)
                return 1
        children = [server, stack.enter_context(schedules(env, logs / "schedules.log"))]
        for label, address in {
            t("Karte", "Map"): f"http://{settings.host}:{settings.port}",
            t("Katalog", "Catalogue"): catalogue_address(settings),
            t("Läufe", "Runs"): f"http://127.0.0.1:{settings.prefect_port}",
        }.items():
            if address:
                out.print(f"{label:8} {address}")
        return watch(settings, children, out)


def watch(settings: Settings, children: list[Child], out: Console) -> int:
    """Serve the pages until a signal or until a child has ended."""
    app = create_app(
        settings.data.resolve() / "publications", catalogue_url=catalogue_address(settings), address=settings.site_url
    )
    config = uvicorn.Config(app, settings.host, settings.port, access_log=False, server_header=False, log_level="warning")
    pages = uvicorn.Server(config)
    ended: list[str] = []

    def look() -> None:
        while not pages.should_exit:
            try:
                for child in children:
                    child.check()
            except ServerError as error:
                ended.append(str(error))
                pages.should_exit = True
            stop.wait(LOOK)

    stop = threading.Event()
    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    signal.signal(signal.SIGTERM, lambda *_: setattr(pages, "should_exit", True))
    pages.run()
    stop.set()
    thread.join()
    for sentence in ended:
        out.print(sentence, style="red", soft_wrap=True, markup=False)
    return 1 if ended else 0
