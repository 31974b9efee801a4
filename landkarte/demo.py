"""The main job on the example partners: harvest, publish, serve; and a closing summary that says where to look next."""

import shlex
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from time import monotonic

import orjson
from rich.console import Console
from rich.table import Table

from catalogue import disk
from catalogue.local.errors import LocalCkanError
from catalogue.local.server import Endpoint
from catalogue.run import Run
from flows.direct import prepare
from flows.house import House, open_house
from flows.outlet import local_ckan
from flows.outlet import publish as publish_in
from landkarte.partners import PORT, PartnerSites
from landkarte.where import check_space
from landkarte.words import t
from landkarte.work import check_port, harvest_all, progress, to_lines
from landkarte.work import serve as serve_pages
from schemas.problems import SchemaError
from schemas.settings import Settings, bundled
from schemas.source import Source


def run(settings: Settings, out: Console, *, serve: bool) -> int:
    """Run the main job for the example city; serve its pages in the end, unless told not to. Gives the exit code."""
    started = monotonic()
    if serve:
        check_port(settings.host, settings.port)
    example = {"city": bundled("examples"), "data": settings.data.resolve() / "demo", "allow_loopback": True, "pause": 0.0}
    house = open_house(settings.model_copy(update=example))
    check_space(house.settings.data)
    prepare(house.settings.data)
    with ThreadPoolExecutor(1) as beside:
        catalogue = beside.submit(local_ckan(house, lambda text: None).up) if settings.catalogue == "local" else None
        runs = harvest_examples(house, out)
        house = wait_for(catalogue, house, out)
    with progress(out) as bar:
        task = bar.add_task(t("Veröffentlichung …", "Publication …"), total=None)
        outcome = publish_in(house, datetime.now(house.city.zone), say=lambda text: bar.update(task, description=text))
    show_summary(runs, out)
    for line in to_lines(outcome):
        out.print(line, soft_wrap=True)
    out.print(t(f"Fertig nach {monotonic() - started:.0f} s.", f"Done after {monotonic() - started:.0f} s."), style="bold")
    where = told_again(house.settings, "city", "data", "catalogue", "ckan_port")
    said = t("Was zu tun ist, sagt: ", "What is to be done: ") + f"{where} landkarte status"
    out.print(said, style="dim", soft_wrap=True, markup=False)
    if serve:
        if outcome.catalogue_url:
            out.print(t(f"Katalog: {outcome.catalogue_url}", f"Catalogue: {outcome.catalogue_url}"))
        serve_pages(house.settings, None, out)
        if outcome.catalogue_url:
            stop = told_again(house.settings, "data") + " landkarte ckan down"
            said = t(f"CKAN läuft weiter. Anhalten: {stop}", f"CKAN goes on running. Stop it: {stop}")
            out.print(said, soft_wrap=True, markup=False)
    return 0


def told_again(settings: Settings, *names: str) -> str:
    """What another command must be told to speak of this demo, as a shell reads it; what is as preset need not be told."""
    given = {name: getattr(settings, name) for name in names}
    told = {name: value for name, value in given.items() if value != Settings.model_fields[name].default}
    return " ".join(f"LANDKARTE_{name.upper()}={shlex.quote(str(value))}" for name, value in told.items())


def harvest_examples(house: House, out: Console) -> list[Run]:
    """Serve the partners' sites on loopback and harvest them; they know how often that has happened."""
    counter = house.settings.data / "harvests.json"
    harvests = int(disk.read_json(counter) or 0)
    now = datetime.now(house.city.zone)
    with open_sites(now, harvests) as sites:
        house = moved(house, sites.url)
        runs = harvest_all(house, [source.key for source in house.wanted()], out)
    disk.write_json(counter, harvests + 1)
    return runs


def open_sites(now: datetime, harvests: int) -> PartnerSites:
    """Open the partners' sites where their source files say; at a free port where another program has that one."""
    folder = bundled("examples") / "partners"
    try:
        return PartnerSites(folder, now=now, harvests=harvests, port=PORT)
    except SchemaError:
        return PartnerSites(folder, now=now, harvests=harvests, port=0)


def moved(house: House, url: str) -> House:
    """The house with the partners at another address."""
    written = f"http://127.0.0.1:{PORT}".encode()

    def moved_one(source: Source) -> Source:
        options = orjson.loads(orjson.dumps(source.source).replace(written, url.encode()))
        return source.model_copy(update={"source": options})

    return replace(house, sources={key: moved_one(source) for key, source in house.sources.items()})


def wait_for(catalogue: "Future[Endpoint] | None", house: House, out: Console) -> House:
    """Wait for the local CKAN; where it cannot run here, say why and go on with the folder alone."""
    if catalogue is None:
        return house
    with progress(out) as bar:
        bar.add_task(t("CKAN startet …", "CKAN starts …"), total=None)
        try:
            catalogue.result()
        except LocalCkanError as error:
            out.print(
                t(f"Ohne Katalog weiter: {error}", f"Going on without a catalogue: {error}"), style="yellow", soft_wrap=True
            )
            return replace(house, settings=house.settings.model_copy(update={"catalogue": "none"}))
    return house


def show_summary(runs: list[Run], out: Console) -> None:
    """Print what became of all sources together."""
    table = Table(box=None, show_header=False, pad_edge=False)
    results = [run.result for run in runs]
    rows = {
        t("Quellen", "Sources"): len(runs),
        t("  davon gescheitert", "  of them failed"): results.count("failed"),
        t("  davon angehalten", "  of them held"): results.count("held"),
        t("Angebote neu", "Offers new"): sum(run.books.new for run in runs),
        t("  geändert", "  changed"): sum(run.books.changed for run in runs),
        t("  unverändert", "  unchanged"): sum(run.books.unchanged + run.books.stayed for run in runs),
        t("  abgelehnt", "  rejected"): sum(run.books.rejected for run in runs),
        t("Hinweise an Partner und Betrieb", "Problems for partners and operator"): sum(
            sum(run.problems.values()) for run in runs
        ),
    }
    for label, count in rows.items():
        table.add_row(label, str(count))
    out.print(table)
