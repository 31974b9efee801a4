"""A DCAT catalogue comes in, with the name of a dataset or a keyword; the offers of these datasets go out.

DCAT-AP.de as JSON-LD, Turtle or RDF/XML, page after page (hydra), as ckanext-dcat and every open data portal publish it. What is in
the files is read as connectors/ckan.py reads it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urljoin

from pydantic import Field

from connectors.contract import API_VERSION, Completeness, Context, Detection, SourceError, never_empty
from connectors.datapackage_map import PACKAGE_MAP
from connectors.datasets import passed_over, read_distribution
from connectors.dcat_graph import Entry, is_catalogue, read_page
from connectors.distributions import Dataset, FileOptions, choose
from connectors.origin import once
from connectors.webpage import fetch_linked
from connectors.words import to_german_count
from schemas.problems import Problem
from schemas.record import Capture, RawRecord


class DcatOptions(FileOptions):
    url: str = Field(
        description="Adresse des Katalogs (DCAT-AP.de): JSON-LD, Turtle oder RDF/XML",
        examples=["https://opendata.example/catalog.jsonld"],
    )
    dataset: str | None = Field(
        default=None, description="Kennung, Titel oder Adresse des Datensatzes; ohne Angabe der einzige des Katalogs"
    )
    keyword: str | None = Field(default=None, description="Alle Datensätze mit diesem Schlagwort")
    max_pages: int = Field(default=200, ge=1, le=2_000, description="Höchstens so viele Seiten des Katalogs")


class DcatConnector:
    kind: ClassVar[str] = "dcat"
    title: ClassVar[str] = "Datensätze eines Katalogs nach DCAT-AP.de (JSON-LD, Turtle oder RDF/XML), auch mit mehreren Seiten."
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[DcatOptions]] = DcatOptions
    completeness: ClassVar[Completeness] = Completeness.SNAPSHOT
    nested: ClassVar[bool] = False
    depends_on_day: ClassVar[bool] = False
    default_map: ClassVar[Mapping[str, Any]] = PACKAGE_MAP

    def entries(self, options: DcatOptions) -> Sequence[str]:
        return ()

    def read(self, options: DcatOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Yield the offers of the datasets asked for; raise SourceError where a dataset that is there cannot be read."""
        yield from never_empty(once(_read(options, ctx)))

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise a catalogue; name its dataset where there is only one with a table."""
        if not is_catalogue(capture):
            return None
        try:
            page = read_page(capture)
        except SourceError:
            return None
        if not page.entries:
            return None
        usable = [entry for entry in page.entries if any(one.format or one.package is not None for one in entry.distributions)]
        more = {"dataset": usable[0].identifier or usable[0].iri or usable[0].title} if usable else {}
        count = to_german_count(len(page.entries), "einem Datensatz", "Datensätzen")
        reason = f"Katalog (DCAT) mit {count}{' auf der ersten Seite' if page.following else ''}"
        return Detection(0.9 if usable else 0.5, {"url": capture.url, **more}, reason)


def _read(options: DcatOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
    problems: list[Problem] = []
    entries, home = _entries(options, ctx, problems)
    yield from problems
    alone = len(entries) == 1 and options.keyword is None and not problems
    for entry in entries:
        files = [one for one in entry.distributions if one.url.startswith(("http://", "https://"))]
        name = entry.identifier or entry.iri or entry.title
        dataset = Dataset(name, home or options.url, files, entry.licence, entry.attribution, alone)
        try:
            yield from read_distribution(dataset, choose(dataset, options.resource), options, ctx)
        except SourceError as error:
            if alone:
                raise
            yield passed_over(error, entry.title or name)


def _entries(options: DcatOptions, ctx: Context, problems: list[Problem]) -> tuple[list[Entry], str]:
    """Collect the datasets asked for from all pages, and the catalogue's own address; raise SourceError where there are none."""
    wanted: dict[str, Entry] = {}
    titles: list[str] = []
    url, home = options.url, ""
    asked, read = {url}, set[str]()
    while url:
        capture = fetch_linked(ctx, options, url)
        if capture.sha256 in read:
            raise SourceError(Problem("loop_detected", value=url))
        read.add(capture.sha256)
        page = read_page(capture)
        home = home or page.home
        titles += [entry.title or entry.identifier for entry in page.entries]
        for entry in page.entries:
            if options.dataset is not None and entry.is_named(options.dataset):
                return [entry], home
            if options.dataset is None and (options.keyword is None or options.keyword.casefold() in entry.keywords):
                wanted.setdefault(entry.iri or entry.identifier or entry.title, entry)
        url = _following(page.following, capture)
        if url in asked:
            break  # the last page of some portals names itself
        if url and len(asked) >= options.max_pages:
            problems.append(Problem("too_many_pages", value=str(len(asked))))
            break
        asked.add(url)
    if not titles:
        raise SourceError(Problem("wrong_content", note="Dort liegt kein Katalog (DCAT) mit Datensätzen"))
    if not wanted or (options.keyword is None and len(wanted) > 1):
        names = ", ".join(f"‚{title[:60]}‘" for title in titles[:10])
        raise SourceError(Problem("bad_config", note=f"Bitte dataset angeben: {names}"))
    return list(wanted.values()), home


def _following(link: str, capture: Capture) -> str:
    try:
        return urljoin(capture.final_url or capture.url, link) if link else ""
    except ValueError:
        return ""
