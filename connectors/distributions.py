"""What a catalogue says of a dataset and its files comes in; the one file that holds its offers goes out. Nothing is fetched here.

What ckan, dcat and datapackage share; how the file is read stands in datasets.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, Field

from connectors.contract import Options, SourceError
from connectors.datapackage_files import DESCRIPTOR
from connectors.together import SheetWish
from schemas.problems import Problem

# What portals call a format, in lower case, and what we read it with; the first that a dataset has is taken
FORMATS = {
    "csv": "csv", "tsv": "csv", "text/csv": "csv", "text/tab-separated-values": "csv",
    "xlsx": "xlsx", "xls": "xlsx", "ods": "xlsx", "excel": "xlsx", "application/vnd.ms-excel": "xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx", "application/vnd.oasis.opendocument.spreadsheet": "xlsx",
    "json": "json", "jsonl": "json", "ndjson": "json", "application/json": "json", "geojson": "json", "application/geo+json": "json",
    "application/x-ndjson": "json", "ics": "ical", "ical": "ical", "icalendar": "ical", "text/calendar": "ical",
}  # fmt: skip
PREFERRED = ("csv", "xlsx", "json", "ical")
PACKAGES = ("datapackage.zip", DESCRIPTOR)  # the ZIP first: it is whole or not there


def _to_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class FileOptions(Options):
    """What can be said about a file of another catalogue."""

    resource: str | None = Field(
        default=None, description="Name der Datei im Datensatz; ohne Angabe die erste Tabelle", examples=["angebote.csv"]
    )
    id: Annotated[tuple[str, ...], BeforeValidator(_to_tuple, json_schema_input_type=str | tuple[str, ...])] = Field(
        default=(), description="Feld oder Felder der Datei mit der Kennung eines Angebots", examples=["Kursnummer"]
    )
    sheet: SheetWish = Field(
        default=None, description="Blatt, wenn die Datei eine Excel-Tabelle ist: Name, Nummer, Liste davon oder * für alle"
    )
    records: str = Field(
        default="", description="JMESPath der Liste der Angebote, wenn die Datei JSON ist", examples=["data.items"]
    )


@dataclass(frozen=True, slots=True)
class Distribution:
    """One file of a dataset: its name, its address ("" where it cannot be downloaded), and what the catalogue says of its format."""

    name: str
    url: str
    said: tuple[str, ...] = ()
    table: str = ""  # the id of its rows in a CKAN's DataStore
    licence: str | None = None

    @property
    def file(self) -> str:
        """The name of the file in its address."""
        try:
            return unquote(urlsplit(self.url).path).rpartition("/")[2]
        except ValueError:
            return ""

    @property
    def package(self) -> int | None:
        """How welcome it is as a data package, the lower the better; None where it is none."""
        return next((rank for rank, name in enumerate(PACKAGES) if name in (self.name.casefold(), self.file.casefold())), None)

    @property
    def format(self) -> str:
        """The kind that reads it; "" where none does."""
        return to_format(*self.said, self.file.rpartition(".")[2] if "." in self.file else "")

    def is_named(self, name: str) -> bool:
        """Tell whether a source file means this one."""
        return name.casefold() in (self.name.casefold(), self.file.casefold(), self.table.casefold())


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset of another catalogue. `alone`: it stands for the whole source, so ids need no more than its own."""

    name: str
    catalogue: str
    distributions: Sequence[Distribution]
    licence: str | None = None
    attribution: str | None = None
    alone: bool = True


def to_format(*said: str) -> str:
    """Find the kind that reads a format, by its name, media type or address in the EU's list of file types."""
    for text in said:
        word = text.strip().casefold().partition(";")[0].removeprefix(".")
        parts = word.rsplit("/", 2)
        for name in (word, "/".join(parts[-2:]), parts[-1]):
            if name in FORMATS:
                return FORMATS[name]
    return ""


def choose(dataset: Dataset, wish: str | None) -> Distribution:
    """Choose the file of a dataset that holds its offers; raise SourceError with the names of all where none does."""
    there = dataset.distributions
    if wish is not None:
        if found := next((one for one in there if one.is_named(wish)), None):
            return found
    elif packages := sorted((one for one in there if one.package is not None), key=lambda one: one.package or 0):
        return packages[0]
    else:
        usable = [one for one in there if one.format and (one.url or one.table)] + [one for one in there if one.table]
        if usable:  # rows without a file are the last resort
            return min(usable, key=lambda one: (not one.url, PREFERRED.index(one.format) if one.format else len(PREFERRED)))
    names = ", ".join(f"‚{one.name or one.file}‘" for one in there[:10]) or "nichts"
    what = f"resource ‚{wish[:40]}‘ gibt es nicht" if wish is not None else "keine Tabelle, die wir lesen können"
    raise SourceError(Problem("bad_config", note=f"{what}; vorhanden: {names}"))


def to_said(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """What a descriptor says of the format of a resource; rows that stand in it are JSON."""
    inline = ("json",) if isinstance(entry.get("data"), list) else ()
    return (*(str(entry[name]) for name in ("format", "mediatype") if entry.get(name)), *inline)
