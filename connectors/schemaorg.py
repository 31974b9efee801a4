"""The objects of a JSON-LD document come in; the events, courses and services among them go out as flat records (schema.org).

Objects stand in lists, under @graph, inside one another, or elsewhere in the document by their @id. Words stay the partner's;
only the shape becomes one: a list of one is that one, a type loses its address, places and providers get plain names. Persons
(speakers, instructors, organisers who are people) are left out: no column of ours may hold them.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.schemaorg_parts import to_image, to_offers, to_organisation, to_place, to_places
from connectors.schemaorg_sessions import split_runs, to_sessions
from connectors.schemaorg_values import PEOPLE, Node, as_list, to_identifier, to_literal, to_local, to_name, to_types
from schemas.marks import to_bytes
from schemas.notices import read_notice

EVENTS = frozenset({
    "BroadcastEvent", "BusinessEvent", "ChildrensEvent", "ComedyEvent", "ConferenceEvent", "CourseInstance", "DanceEvent",
    "DeliveryEvent", "EducationEvent", "EventSeries", "ExhibitionEvent", "Festival", "FoodEvent", "Hackathon", "LiteraryEvent",
    "MusicEvent", "OnDemandEvent", "PerformingArtsEvent", "PublicationEvent", "SaleEvent", "ScreeningEvent", "SocialEvent",
    "SportsEvent", "TheaterEvent", "VisualArtsEvent",
})  # fmt: skip
KINDS: Mapping[str, frozenset[str]] = {
    "Event": EVENTS,
    "Course": frozenset({"EducationalOccupationalProgram", "WorkBasedProgram"}),
    "Service": frozenset({"GovernmentService", "BroadcastService", "FinancialProduct", "Taxi", "WebAPI"}),
}
KNOWN = frozenset({kind for name, kinds in KINDS.items() for kind in (name, *kinds)})
LOCAL = frozenset({"eventStatus", "eventAttendanceMode", "courseMode", "availability", "dayOfWeek", "byDay"})
NAMES = frozenset({  # of these objects the name is what counts
    "inLanguage", "availableLanguage", "about", "areaServed", "keywords", "audience", "category", "teaches", "serviceType",
    "educationalCredentialAwarded", "educationalLevel", "courseMode", "coursePrerequisites", "funder", "sponsor", "superEvent",
    "isPartOf",
})  # fmt: skip
LISTS = frozenset({"inLanguage", "availableLanguage", "about", "keywords", "audience", "category", "courseMode", "sameAs"})
LEVEL = re.compile(r"\b[ABC][012]\b")
MAX_NODES = 200_000
MAX_DEPTH = 60
SKIPPED = frozenset({  # read elsewhere, or said about the page and not about the offer
    "location", "organizer", "provider", "offers", "image", "identifier", "subEvent", "subEvents", "hasCourseInstance",
    "eventSchedule", "courseSchedule", "potentialAction", "mainEntityOfPage", "mainEntity", "logo",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """The objects of one page or file, and where each @id stands."""

    roots: Sequence[Any]
    by_id: Mapping[str, Node] = field(default_factory=dict)

    def resolve(self, value: Any) -> Any:
        """Give the object that a reference {"@id": …} means; everything else as it is."""
        if isinstance(value, Mapping) and "@id" in value and not set(value) - {"@id", "@type"}:
            return self.by_id.get(str(value["@id"]), value)
        return value


def to_document(roots: Sequence[Any]) -> Document:
    """Index the objects of a document by their @id; the fuller one counts where two share one."""
    by_id: dict[str, Node] = {}
    for node in _walk(roots):
        name = node.get("@id")
        if isinstance(name, str) and len(node) > len(by_id.get(name, ())) and set(node) - {"@id", "@type"}:
            by_id[name] = node
    return Document(roots, by_id)


def find_nodes(document: Document, types: Iterable[str], *, untyped: bool) -> list[Node]:
    """Find the objects that are offers, in their order, without those that are dates of another.

    With `untyped` objects without a type count too, where they have a name and a date: that is all some files are.
    """
    wanted = {kind for name in types for kind in (name, *KINDS.get(name, ()))}
    found: list[Node] = []
    for node in _walk(document.roots, stop=lambda node: bool(wanted & set(to_types(node)))):
        kinds = set(to_types(node))
        if kinds & wanted or (untyped and not kinds and "name" in node and "startDate" in node):
            found.append(node)
    parts = {
        id(document.resolve(part))
        for node in found
        for name in ("hasCourseInstance", "subEvent", "subEvents")
        for part in as_list(node.get(name))
    }
    return [run for node in found if id(node) not in parts for run in split_runs(node, document.resolve)]


def to_record(node: Node, document: Document) -> dict[str, Any]:
    """Flatten one object into a record; what is empty is left out."""
    types = sorted(to_types(node), key=lambda kind: kind not in KNOWN)  # [Thing, Event] is an Event
    data: dict[str, Any] = {"id": to_literal(node.get("@id")), "type": types[0] if types else None}
    data["types"] = types if len(types) > 1 else None
    for name, value in node.items():
        if name in SKIPPED or name in PEOPLE or name.startswith("@") or not isinstance(name, str):
            continue
        data[name] = _flat(name, value, document)
    level = data.get("educationalLevel")
    data["cefr"] = level if isinstance(level, str) and LEVEL.search(level) else None  # "Beginner" is no level of ours
    data["notice"] = read_notice(str(data.get("name") or ""))
    data["identifier"] = to_identifier(node.get("identifier"))
    data["image"] = to_image(node.get("image"), document.resolve)
    data |= to_places(node, document.resolve)
    data["organizer"] = to_organisation(node, document.resolve)
    data |= to_offers(node, document.resolve)
    sessions, dates = to_sessions(node, document.resolve, to_place=lambda value: to_place(value, document.resolve))
    data["sessions"] = sessions
    for name, value in dates.items():
        data[name] = data.get(name) or value
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}


def node_id(node: Node, page: str) -> str | None:
    """Find the partner's own identifier of an object: @id, identifier; blank nodes (_:b0) have none."""
    name = to_literal(node.get("@id"))
    if isinstance(name, str) and name and not name.startswith("_:"):
        return (page.partition("#")[0] + name if name.startswith("#") else name)[:500]
    identifier = to_identifier(node.get("identifier"))
    return identifier[:500] if identifier else None


def digest(data: Mapping[str, Any]) -> str:
    """Hash a record, to know it again on another page."""
    return hashlib.sha256(to_bytes(data)).hexdigest()


def _walk(roots: Sequence[Any], stop: Any = None) -> Iterator[Node]:
    """Yield the objects of a document from the outside in, in their order; not what lies inside those where `stop` says so."""
    waiting: list[tuple[Any, int]] = [(root, 0) for root in reversed(roots)]
    count = 0
    while waiting and count < MAX_NODES:
        value, depth = waiting.pop()
        count += 1
        if isinstance(value, Mapping):
            yield value
            inner = [] if stop is not None and stop(value) else [child for name, child in value.items() if name != "@context"]
        else:
            inner = value if isinstance(value, list) else []
        if depth < MAX_DEPTH:
            waiting += [(child, depth + 1) for child in reversed(inner) if isinstance(child, Mapping | list)]


def _flat(name: str, value: Any, document: Document) -> Any:
    """Give one property: a text, number or list of them; of objects that only carry a name, the name."""
    values = [to_literal(item) if name not in NAMES else to_name(document.resolve(item)) for item in as_list(value)[:200]]
    values = [to_local(item) if name in LOCAL and isinstance(item, str) else item for item in values if item not in (None, "")]
    if name == "keywords" and len(values) == 1 and isinstance(values[0], str):
        values = [word.strip() for word in values[0].split(",") if word.strip()]
    if name in LISTS:
        return values
    return values[0] if len(values) == 1 else values
