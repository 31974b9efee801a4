"""Figures come in, German tables in Markdown go out; and the lines that say when, where and with what they were measured."""

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import metadata
from pathlib import Path

from benchmarks.measure import Took

PACKAGES = ("frictionless", "polars", "orjson", "prefect", "shapely", "requests", "ckanapi")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: records, runs a candidate, and the records of the runs that look at memory."""

    name: str
    rows: int
    times: int
    memory: tuple[int, ...]


SIZES = {"small": Size("small", 10_000, 1, (10_000, 30_000)), "full": Size("full", 100_000, 3, (100_000, 300_000, 1_000_000))}


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table; numbers stand right."""
    lines = [f"| {' | '.join(heads)} |", f"| {' | '.join(['---', *['---:'] * (len(heads) - 1)])} |"]
    lines += [f"| {' | '.join(map(str, row))} |" for row in rows]
    return "\n".join(lines)


def costs(results: dict[str, Took], reference: str) -> str:
    """Write what each took, and how many times quicker than the reference it is, by CPU seconds."""
    base = results.get(reference)
    rows = [
        (name, seconds(took.cpu), seconds(took.wall), number(took.rate), times(base, took), f"{took.peak_mb:.0f}", took.runs)
        for name, took in results.items()
    ]
    return table(("", "CPU s", "Uhr s", "Zeilen je CPU-s", f"× {reference}", "Spitze MB", "Läufe"), rows)


def times(base: Took | None, took: Took) -> str:
    """How many times as many rows a CPU second as the reference."""
    return (
        f"**{decimal(took.rate / base.rate)}**" if base is not None and base.rate and took is not base else "1" if base else "–"
    )


def seconds(value: float) -> str:
    return decimal(value, 2 if value < 10 else 1)


def decimal(value: float, digits: int = 1) -> str:
    """A number as German writes it."""
    return f"{value:,.{digits}f}".replace(",", " ").replace(".", ",")


def number(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")


def percent(part: float, whole: float) -> str:
    return f"{decimal(100 * part / whole)} %" if whole else "–"


def head(size: Size, day: date) -> str:
    """Say when, where and with what."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    return (
        f"# Gemessen am {day:%d.%m.%Y}, Größe {size.name}\n\n"
        f"{_processor()}, {_cores()} Kerne, die sich alle Arbeiten auf der Maschine teilen; Python {platform.python_version()}; "
        f"{versions}.\n\n"
        "Jeder Lauf ist ein eigener Prozess mit einem Rechenfaden je Bibliothek, beide Seiten abwechselnd; Mediane. Verglichen werden "
        "CPU-Sekunden, denn die Uhr misst auf einer geteilten Maschine auch die Nachbarn. „Spitze MB“ ist der höchste Speicher des "
        "Prozesses während der Arbeit, samt Python und Bibliotheken. Die Daten sind erzeugt (`feeds.py`): deutsche Texte, Daten und "
        "Adressen in vielen Schreibweisen, ein Prozent der Datensätze ist falsch.\n"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
