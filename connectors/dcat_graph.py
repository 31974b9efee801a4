"""A page of a DCAT catalogue comes in, as JSON-LD, Turtle or RDF/XML; its datasets and the address of the next page go out.

DCAT-AP and DCAT-AP.de (https://www.dcat-ap.de/def/). The parser never asks the network: contexts that lie elsewhere are left out, and
XML that brings entities of its own is refused. It is pure Python, so a page has a ceiling.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from connectors.contract import SourceError
from connectors.distributions import Distribution
from connectors.jsontext import check_json, read_document
from connectors.licensing import known_licence
from connectors.text import first_bytes, read_text
from schemas.problems import Problem
from schemas.record import Capture

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

LARGEST = 10_000_000  # bytes of a page: some 100,000 statements, which take 30 seconds
DEEPEST = 100  # elements in elements, brackets in brackets
RDF_XML = re.compile(rb"<(?:[\w.-]+:)?RDF[\s>]")
DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>")
TURTLE = re.compile(rb"^\s*(@prefix|@base|PREFIX\s|BASE\s)", re.I | re.M)
TOKEN = re.compile(r'"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*+"|<[^<>\s]*>|#[^\n]*|[\[({]|[\])}]', re.S)

DCAT, DCT, FOAF = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/", "http://xmlns.com/foaf/0.1/"
HYDRA, TYPE = "http://www.w3.org/ns/hydra/core#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
CREDIT = "http://dcat-ap.de/def/dcatde/licenseAttributionByText"


@dataclass(frozen=True, slots=True)
class Entry:
    """A dataset as a catalogue describes it. `names` are all the words by which a source file may ask for it."""

    iri: str
    identifier: str
    title: str
    keywords: frozenset[str]
    distributions: tuple[Distribution, ...]
    licence: str | None
    attribution: str | None

    def is_named(self, name: str) -> bool:
        """Tell whether a source file means this one."""
        names = (self.iri, self.identifier, self.title, self.iri.rstrip("/").rpartition("/")[2])
        return name.casefold() in (one.casefold() for one in names if one)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page of a catalogue holds. `home` is the catalogue's own address, "" where it says none."""

    entries: tuple[Entry, ...]
    home: str
    following: str


def is_catalogue(capture: Capture) -> bool:
    """Tell from its first bytes whether a capture may be a DCAT catalogue."""
    head = first_bytes(capture)
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return b"dcat" in head and (begin in (b"{", b"[") or bool(RDF_XML.search(head) or TURTLE.search(head)))


def read_page(capture: Capture) -> Page:
    """Read a page; raise SourceError where it is none, too large or hostile."""
    graph = _read_graph(capture)
    described = _Graph(graph)
    found = tuple(sorted(described.datasets(), key=lambda entry: (entry.identifier, entry.iri, entry.title)))
    return Page(found, described.home(), described.following())


def _read_graph(capture: Capture) -> "Graph":
    from rdflib import Graph  # takes a quarter of a second, which only this kind needs
    from rdflib.plugins.parsers.jsonld import to_rdf

    logging.getLogger("rdflib").setLevel(logging.ERROR)  # it writes whole values of strangers into the log
    if capture.size > LARGEST:
        raise SourceError(Problem("too_large", note=f"mehr als {LARGEST // 1_000_000} MB auf einer Seite des Katalogs"))
    head = first_bytes(capture)
    graph, base = Graph(), capture.final_url or capture.url
    try:
        if RDF_XML.search(head):
            body = DECLARATION.sub("", read_text(capture)).encode("utf-8", "replace")
            _check_xml(body)
            graph.parse(data=body, format="xml", publicID=base)
        elif TURTLE.search(head):
            text = read_text(capture).removeprefix("\ufeff")
            _check_depth(text)
            graph.parse(data=text, format="turtle", publicID=base)
        else:
            check_json(capture)
            document = read_document(capture)
            if any(problem.code == "truncated" for problem in document.problems):
                raise SourceError(Problem("broken_file", note="das JSON bricht ab"))
            if not isinstance(document.value, dict | list):
                raise SourceError(Problem("wrong_content", note="Dort liegt JSON, aber kein Katalog (DCAT)"))
            to_rdf(_without_remote(document.value), graph, base=base)
    except SourceError:
        raise
    except MemoryError:
        raise
    # Broad on purpose: rdflib raises whatever its three parsers, expat and its literals raise; the page is not readable then
    except Exception as error:
        what = " ".join(str(error).split())[:120]
        raise SourceError(Problem("broken_file", note=f"kein gültiges RDF ({type(error).__name__}: {what})")) from error
    return graph


def _without_remote(value: Any, deep: int = 0) -> Any:
    """Leave out contexts that lie elsewhere: nobody asks a stranger what the words of this catalogue mean."""
    if isinstance(value, Mapping):
        return {
            name: _local(one) if name == "@context" else _without_remote(one) for name, one in value.items() if name != "@import"
        }
    return [_without_remote(one) for one in value] if isinstance(value, list) else value


def _local(context: Any) -> Any:
    if isinstance(context, list):
        return [kept for one in context if (kept := _local(one)) is not None]
    return _without_remote(context) if isinstance(context, Mapping) else None


def _check_xml(body: bytes) -> None:
    """Raise SourceError for XML that brings entities of its own, or is nested deeper than any catalogue."""
    deep = 0

    def start(*_: object) -> None:
        nonlocal deep
        deep += 1
        if deep > DEEPEST:
            raise SourceError(Problem("broken_file", note="das XML ist zu tief verschachtelt"))

    def end(*_: object) -> None:
        nonlocal deep
        deep -= 1

    def refuse(*_: object) -> None:
        raise SourceError(Problem("broken_file", note="das XML bringt eine DOCTYPE mit, die wir nicht auflösen"))

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.StartDoctypeDeclHandler = start, end, refuse
    parser.Parse(body, True)


def _check_depth(text: str) -> None:
    deep = 0
    for token in TOKEN.finditer(text):
        if token[0] in "[({":
            deep += 1
            if deep > DEEPEST:
                raise SourceError(Problem("broken_file", note="das Turtle ist zu tief verschachtelt"))
        elif token[0] in "])}":
            deep -= 1


class _Graph:
    """What a graph says, in our words."""

    def __init__(self, graph: "Graph") -> None:
        from rdflib import URIRef

        self._graph, self._name = graph, URIRef

    def datasets(self) -> Iterator[Entry]:
        """Yield every dataset that has files."""
        for node in set(self._graph.subjects(self._name(TYPE), self._name(f"{DCAT}Dataset"))):
            files = tuple(self._distribution(one) for one in self._all(node, f"{DCAT}distribution"))
            licences = (known_licence(str(one)) for one in self._all(node, f"{DCT}license"))
            publisher = self._one(node, f"{DCT}publisher")
            yield Entry(
                iri=str(node) if isinstance(node, self._name) else "",
                identifier=str(self._one(node, f"{DCT}identifier") or ""),
                title=self._text(node, f"{DCT}title"),
                keywords=frozenset(str(one).casefold() for one in self._all(node, f"{DCAT}keyword")),
                distributions=tuple(sorted(files, key=lambda one: (one.name, one.url))),
                licence=next(filter(None, licences), None),
                attribution=self._credit(node)
                or (self._text(publisher, f"{FOAF}name") if publisher is not None else None)
                or None,
            )

    def home(self) -> str:
        """The address of the catalogue itself."""
        for node in sorted(self._graph.subjects(self._name(TYPE), self._name(f"{DCAT}Catalog")), key=str):
            said = str(self._one(node, f"{FOAF}homepage") or node)
            if said.startswith(("http://", "https://")):
                return said
        return ""

    def following(self) -> str:
        """The address of the next page."""
        for name in ("next", "nextPage"):
            for said in sorted(map(str, self._graph.objects(None, self._name(f"{HYDRA}{name}")))):
                return said
        return ""

    def _distribution(self, node: "Node") -> Distribution:
        url = self._one(node, f"{DCAT}downloadURL") or self._one(node, f"{DCAT}accessURL")
        said = [str(one) for name in (f"{DCT}format", f"{DCAT}mediaType") for one in self._all(node, name)]
        labels = [str(label) for one in self._all(node, f"{DCT}format") for label in self._labels(one)]
        licence = next((found for one in self._all(node, f"{DCT}license") if (found := known_licence(str(one)))), None)
        return Distribution(self._text(node, f"{DCT}title"), str(url or ""), (*said, *labels), "", licence)

    def _labels(self, node: "Node") -> Iterator[Any]:
        for name in ("http://www.w3.org/2000/01/rdf-schema#label", "http://www.w3.org/1999/02/22-rdf-syntax-ns#value"):
            yield from self._graph.objects(node, self._name(name))

    def _credit(self, node: "Node") -> str:
        said = (self._one(one, CREDIT) for one in (node, *self._all(node, f"{DCAT}distribution")))
        return next((str(one) for one in said if one is not None), "")[:500]

    def _all(self, node: "Node", name: str) -> list[Any]:
        return sorted(self._graph.objects(node, self._name(name)), key=str)

    def _one(self, node: "Node", name: str) -> Any:
        return next(iter(self._all(node, name)), None)

    def _text(self, node: "Node", name: str) -> str:
        """One text, the German one where there are several."""
        found = self._all(node, name)
        return str(min(found, key=lambda one: (getattr(one, "language", None) or "") not in ("de", ""), default=""))[:500]
