"""A CKAN comes in, with the name of a dataset or a search; the offers of these datasets go out.

A dataset that carries a data package of ours, as every city with this program publishes it, is read whole and without a map. Of any
other its best table is read, or its rows in the DataStore where no file can be downloaded; the source file maps them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from pydantic import Field

from connectors.ckan_api import Portal, to_place
from connectors.contract import API_VERSION, Completeness, Context, Detection, SourceError, never_empty
from connectors.datapackage_map import PACKAGE_MAP
from connectors.datasets import passed_over, read_distribution
from connectors.distributions import Dataset, Distribution, FileOptions, choose
from connectors.jsontext import check_json, read_document
from connectors.licensing import known_licence
from connectors.origin import once, with_id, with_origin
from connectors.text import first_bytes
from connectors.words import to_german_count
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

HTML_SIGNS = (b'content="ckan ', b"data-site-root=")  # <meta name="generator" content="ckan 2.12.0">, <body data-site-root="…">
ONLY_ROWS = "_datastore_only_resource"  # stands where others have the address of their file
FIRST_HAND = (
    "metadata_original_portal",
    "harvest_catalogue_url",
    "source_catalog_homepage",
)  # extras that name where it was first


class CkanOptions(FileOptions):
    url: str = Field(
        description="Adresse des Katalogs oder die Seite eines Datensatzes darin",
        examples=["https://opendata.example/dataset/kurse"],
    )
    dataset: str | None = Field(default=None, description="Name des Datensatzes, wenn die Adresse ihn nicht nennt")
    query: str = Field(default="", description="Suche nach mehreren Datensätzen (package_search)", examples=["Sprachkurse"])
    organization: str | None = Field(default=None, description="Nur Datensätze dieser Organisation", pattern=r"^[\w.-]+$")
    group: str | None = Field(default=None, description="Nur Datensätze dieser Gruppe", pattern=r"^[\w.-]+$")
    tag: str | None = Field(default=None, description="Nur Datensätze mit diesem Schlagwort", pattern=r'^[^"\\]+$')
    max_datasets: int = Field(default=100, ge=1, le=2_000, description="Höchstens so viele Datensätze einer Suche")

    @property
    def filters(self) -> str:
        """The search filters as CKAN wants them."""
        given = {"organization": self.organization, "groups": self.group, "tags": self.tag}
        return " ".join(f'+{name}:"{value}"' for name, value in given.items() if value)


class CkanConnector:
    kind: ClassVar[str] = "ckan"
    title: ClassVar[str] = "Datensätze eines Open-Data-Portals mit CKAN, auch die einer anderen Integrationslandkarte."
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[CkanOptions]] = CkanOptions
    completeness: ClassVar[Completeness] = Completeness.SNAPSHOT
    nested: ClassVar[bool] = False
    depends_on_day: ClassVar[bool] = False
    default_map: ClassVar[Mapping[str, Any]] = PACKAGE_MAP

    def entries(self, options: CkanOptions) -> Sequence[str]:
        return ()

    def read(self, options: CkanOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Yield the offers of all datasets asked for; raise SourceError where a dataset that is there cannot be read."""
        base, named = to_place(options.url)
        portal, name = Portal(base, options, ctx), options.dataset or named
        yield from never_empty(once(_read_one(portal, name, options) if name else _read_all(portal, options)))

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise an answer of the Action API, and the page of a dataset."""
        base, name = to_place(capture.final_url or capture.url)
        head = first_bytes(capture)
        if name and any(sign in head for sign in HTML_SIGNS):
            return Detection(0.8, {"url": base, "dataset": name}, f"Datensatz ‚{name}‘ in einem CKAN")
        try:
            check_json(capture)
            answer = read_document(capture).value
        except SourceError:
            return None
        if not isinstance(answer, Mapping) or answer.get("success") is not True or not isinstance(answer.get("result"), Mapping):
            return None
        result = answer["result"]
        if isinstance(result.get("resources"), list) and isinstance(result.get("name"), str):
            reason = f"Datensatz ‚{result['name'][:80]}‘ in einem CKAN"
            return Detection(0.97, {"url": base, "dataset": result["name"]}, reason)
        if isinstance(result.get("results"), list) and isinstance(result.get("count"), int):
            count = to_german_count(result["count"], "einem Datensatz", "Datensätzen")
            query = parse_qs(urlsplit(capture.url).query).get("q", [""])[0]
            return Detection(0.9, {"url": base, "query": query or "*:*"}, f"Suche in einem CKAN mit {count}")
        return None


def _read_one(portal: Portal, name: str, options: CkanOptions) -> Iterator[RawRecord | Problem]:
    yield from _read(portal, portal.dataset(name), options, alone=True)


def _read_all(portal: Portal, options: CkanOptions) -> Iterator[RawRecord | Problem]:
    if not (options.query or options.filters):
        note = "Bitte dataset angeben, oder query, organization, group oder tag"
        raise SourceError(Problem("bad_config", note=note))
    for dataset in portal.search(options.query, options.filters, options.max_datasets):
        if isinstance(dataset, Problem):
            yield dataset
            continue
        try:
            yield from _read(portal, dataset, options, alone=False)
        except SourceError as error:
            yield passed_over(error, str(dataset.get("name")))


def _read(portal: Portal, found: Mapping[str, Any], options: CkanOptions, *, alone: bool) -> Iterator[RawRecord | Problem]:
    dataset = to_dataset(found, portal.base, alone=alone)
    chosen = choose(dataset, options.resource)
    if chosen.url:
        yield from read_distribution(dataset, chosen, options, portal.ctx)
    else:
        yield from with_origin(with_id(portal.rows(chosen.table), options.id), dataset)


def to_dataset(found: Mapping[str, Any], base: str, *, alone: bool = True) -> Dataset:
    """Say in our words what package_show says of a dataset."""
    extras = {
        str(one.get("key")): str(one.get("value") or "") for one in _listed(found.get("extras")) if isinstance(one, Mapping)
    }
    organization = found.get("organization")
    publisher = organization.get("title") if isinstance(organization, Mapping) else None
    credit = extras.get("attribution") or found.get("author") or publisher
    return Dataset(
        name=str(found.get("name") or found.get("id") or ""),
        catalogue=next((extras[name] for name in FIRST_HAND if extras.get(name)), base),
        distributions=tuple(_to_distribution(one) for one in _listed(found.get("resources")) if isinstance(one, Mapping)),
        licence=known_licence(str(extras.get("licence") or found.get("license_id") or "")),
        attribution=str(credit)[:500] if credit else None,
        alone=alone,
    )


def _to_distribution(resource: Mapping[str, Any]) -> Distribution:
    url = str(resource.get("url") or "")
    rows = resource.get("datastore_active") is True or url == ONLY_ROWS or resource.get("url_type") == "datastore"
    return Distribution(
        name=str(resource.get("name") or ""),
        url=url if url.startswith(("http://", "https://")) and resource.get("url_type") != "datastore" else "",
        said=tuple(str(resource[name]) for name in ("format", "mimetype") if resource.get(name)),
        table=str(resource.get("id") or "") if rows else "",
        licence=known_licence(str(resource.get("license") or "")),
    )


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
