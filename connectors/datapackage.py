"""A data package comes in, by the address of its datapackage.json, its ZIP or its folder; one raw record per offer goes out.

A package with our own tables, as every city with this program publishes it, is read whole and without a map: each column returns to
its place, with sessions, places, institutions and translations. Of any other, one table is read and mapped by the source file.
Specification: https://specs.frictionlessdata.io/data-package/
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pydantic import Field

from connectors.context import StoredContext
from connectors.contract import API_VERSION, Completeness, Context, Detection, SourceError, never_empty
from connectors.datapackage_files import DESCRIPTOR, open_package
from connectors.datapackage_map import PACKAGE_MAP
from connectors.datapackage_tables import is_ours, read_offers
from connectors.datasets import read_resource
from connectors.distributions import FileOptions, to_format, to_said
from connectors.hsds_tables import is_package as is_directory
from connectors.origin import once
from schemas.problems import Problem
from schemas.record import Capture, RawRecord


class DatapackageOptions(FileOptions):
    url: str = Field(
        description=f"Adresse der {DESCRIPTOR}, ihres ZIP, oder des Ordners mit / am Ende",
        examples=["https://example.org/daten/datapackage.json"],
    )


class DatapackageConnector:
    kind: ClassVar[str] = "datapackage"
    title: ClassVar[str] = "Datenpaket (datapackage.json oder ZIP), auch das einer anderen Integrationslandkarte."
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[DatapackageOptions]] = DatapackageOptions
    completeness: ClassVar[Completeness] = Completeness.SNAPSHOT
    nested: ClassVar[bool] = False
    depends_on_day: ClassVar[bool] = False
    default_map: ClassVar[Mapping[str, Any]] = PACKAGE_MAP

    def entries(self, options: DatapackageOptions) -> Sequence[str]:
        return ()

    def read(self, options: DatapackageOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Yield a record per offer; raise SourceError where the package, or a file of it, is not whole."""
        address = f"{options.url}{DESCRIPTOR}" if options.url.endswith("/") else options.url
        package = open_package(ctx.fetch(address, headers=options.headers, auth=options.auth), options, ctx)
        ours = options.resource is None and is_ours(package.descriptor)
        yield from never_empty(once(read_offers(package)) if ours else read_resource(package, options, ctx))

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise a descriptor, alone or in a ZIP; say whether it holds our tables, or which there are."""
        ctx = StoredContext([capture], now=capture.fetched_at, zone=ZoneInfo("UTC"))
        options = {"url": capture.url}
        try:
            package = open_package(capture, DatapackageOptions(url=capture.url), ctx)
        except SourceError:
            return None
        if is_ours(package.descriptor):
            return Detection(0.97, options, f"Datenpaket einer Integrationslandkarte: „{package.name}“")
        if is_directory(package.descriptor):  # hsds knows what its tables mean
            return None
        tables = [str(entry.get("name") or "") for entry in package.resources if _is_table(entry)]
        if not tables:
            return None
        shown = ", ".join(f"‚{name}‘" for name in tables[:5])
        more = {"resource": tables[0]} if len(tables) > 1 else {}
        return Detection(0.85, {**options, **more}, f"Datenpaket „{package.name}“ mit den Tabellen {shown}"[:300])


def _is_table(entry: Mapping[str, Any]) -> bool:
    path = str(entry.get("path") or "")
    return bool(entry.get("name")) and to_format(*to_said(entry), path.rpartition(".")[2]) != ""
