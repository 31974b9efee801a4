"""An address in, what can be read there out: the command `landkarte detect`."""

import tempfile
from datetime import datetime
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from connectors.contract import SourceError
from connectors.detect import ADVICE, Candidate, detect, what_lies
from connectors.patience import bounded_context
from connectors.store import FolderStore
from flows.house import open_house
from landkarte.words import language, t
from schemas.settings import Settings


def run(settings: Settings, address: str, out: Console, *, as_json: bool) -> int:
    """Say what lies behind an address, the best first; 1 where it cannot be opened or nothing there can be read."""
    house = open_house(settings)
    now = datetime.now(house.city.zone)
    with tempfile.TemporaryDirectory() as folder:
        store = FolderStore(Path(folder))
        with bounded_context(house.fetching, now=now, zone=house.city.zone, store=store) as ctx:
            try:
                found = detect(address, ctx)
                lies = "" if found else what_lies(address, ctx)
            except SourceError as error:
                told = {"problem": {"code": error.problem.code, "message": error.problem.message(language())}, "candidates": []}
                if as_json:
                    out.out(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
                else:
                    out.print(error.problem.message(language()), style="red", soft_wrap=True, markup=False)
                return 1
    if as_json:
        rows = [{"kind": one.kind, "score": one.score, "options": dict(one.options), "reason": one.reason} for one in found]
        out.out(orjson.dumps({"candidates": rows}, option=orjson.OPT_INDENT_2).decode())
    else:
        show(address, found, out, lies)
    return 0 if found else 1


def show(address: str, found: list[Candidate], out: Console, lies: str = "") -> None:
    """Print the candidates, and how to go on with the first."""
    if not found:
        out.print(t("Dort haben wir nichts gefunden, was wir lesen können.", "Nothing there that we can read."), style="yellow")
        if lies:
            out.print(lies, soft_wrap=True, markup=False)
        out.print(ADVICE, soft_wrap=True, markup=False)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in (t("Art", "Kind"), t("sicher", "sure"), t("Was dort liegt", "What is there"), t("Adresse", "Address")):
        table.add_column(heading, overflow="fold")
    for one in found:
        table.add_row(*map(Text, (one.kind, f"{one.score:.0%}", one.reason, one.address)))
    out.print(table)
    kind = f" --kind {found[0].kind}" if len({one.kind for one in found}) > 1 else ""
    word = found[0].address if "&" not in found[0].address else f"'{found[0].address}'"
    out.print(
        t(
            f"Quelldatei anlegen: landkarte sources new {word}{kind}",
            f"Write a source file: landkarte sources new {word}{kind}",
        ),
        style="dim",
        soft_wrap=True,
        markup=False,
    )
