"""How long `landkarte sources new` takes for each real file, served on loopback, and how much of the map is right without help.

    python -m tests.landkarte.registered        prints a table

Seconds are those from the pasted address to a source file that passes its check, in one process that is already running. "Right" is
known where tests/landkarte/mapped.py knows the truth, and for kinds that were made for one format: they need no guess.
"""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from connectors.registry import connector
from landkarte.proposal import Wishes
from landkarte.register import run
from schemas.problems import SchemaError
from schemas.settings import Settings
from schemas.source import load_source
from tests.connectors.site import Site
from tests.landkarte.mapped import ROOT, SHARED, measures

TYPES = {".html": "text/html", ".json": "application/json", ".jsonld": "application/ld+json", ".xml": "application/xml"}
NO_FEEDS = (".txt", ".ttl", ".xsd")


@dataclass(frozen=True)
class Registered:
    """One file: its kind ("" where nothing could be read), seconds, offers among records, and what was told where it failed."""

    name: str
    kind: str
    seconds: float
    lines: int = 0
    offers: str = ""
    said: str = ""
    made_for: bool = False


def registered(city: Path = ROOT / "cities" / "duisburg") -> Iterator[Registered]:
    """Register every file of the folder of real data that could be a feed."""
    files = [path for path in sorted(SHARED.rglob("*")) if path.is_file() and path.suffix not in NO_FEEDS]
    pages = {f"/{path.relative_to(SHARED)}": (200, {"Content-Type": TYPES[path.suffix]}, path.read_bytes())
             if path.suffix in TYPES else path.read_bytes() for path in files}  # fmt: skip
    with TemporaryDirectory() as folder, Site(pages) as site:
        shutil.copytree(city, Path(folder) / "city", ignore=shutil.ignore_patterns("sources", "cases"))
        settings = Settings(
            city=Path(folder) / "city", data=Path(folder) / "data", catalogue="none", allow_loopback=True, pause=0.0
        )
        for number, path in enumerate(files):
            name = str(path.relative_to(SHARED))
            yield _register(settings, f"{site.url}/{name}", name, f"probe-{number}")


def _register(settings: Settings, address: str, name: str, key: str) -> Registered:
    out = Console(file=StringIO(), record=True, width=200)
    began = time.monotonic()
    try:
        code = run(settings, address, out, Wishes(key=key), case=False)
        told = out.export_text().strip()
    except SchemaError as error:
        code, told = 1, str(error)
    seconds = time.monotonic() - began
    if code:
        return Registered(name, "", seconds, said=told.splitlines()[0] if told else "")
    source = load_source(settings.city / "sources" / f"{key}.yml")
    kind = connector(source.kind)
    lines = len(source.map) + (len(source.sessions.map) if source.sessions else 0)
    counts = next(line for line in told.splitlines() if " gelesen, " in line or " read, " in line)
    return Registered(
        name, source.kind, seconds, lines, counts.split(",")[0] + "," + counts.split(",")[1], "", bool(kind.default_map)
    )


def main() -> None:
    """Print the table."""
    known = {one.name: one for one in measures()}
    print(f"{'file':52} {'kind':12} {'s':>5}  {'right':>10}  records")
    found = list(registered())
    for one in found:
        truth = known.get(one.name)
        right = f"{len(truth.right)} of {len(truth.wanted)}" if truth else "by kind" if one.made_for else f"({one.lines} lines)"
        print(
            f"{one.name:52} {one.kind or '–':12} {one.seconds:5.2f}  {right if one.kind else '':>10}  {one.offers or one.said[:90]}"
        )
    read = sorted(one.seconds for one in found if one.kind)
    print(f"{len(read)} of {len(found)} files became a source; median {read[len(read) // 2]:.2f} s, longest {read[-1]:.2f} s")


if __name__ == "__main__":
    main()
