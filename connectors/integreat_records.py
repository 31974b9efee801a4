"""Entries of Integreat in several languages come in; groups of what belongs together, and each group's record, go out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from connectors.integreat_dates import event_sessions
from connectors.opening import to_opening_hours
from connectors.schemaorg_values import to_literal
from connectors.series import Budget, Window
from schemas.problems import Problem

LANGUAGES = {"de-si": "de-simple"}  # Integreat's code for plain German is Slovenia's German elsewhere
COPIED = (
    "id", "url", "path", "title", "excerpt", "meta_description", "content", "last_updated", "published_at", "thumbnail",
    "appointment_url", "embedded_offers", "location_url", "location_path", "meeting_url", "recurrence_rule",
)  # fmt: skip
CONTACT = ("email", "phone_number", "website", "appointment_url", "area_of_responsibility")
READ = frozenset({
    *COPIED, *CONTACT, "parent", "category", "organization", "location", "barrier_free", "temporarily_closed", "opening_hours",
    "event", "contacts", "available_languages", "modified_gmt", "order", "hash", "icon",
})  # fmt: skip
PLACE = ("name", "address", "town", "postcode", "country", "latitude", "longitude")
TAG = re.compile(r"<[^>]*>")
MAX_PARENTS = 20
DATED = re.compile(r"\$\d{4}-\d{2}-\d{2}(?=/?$)")  # …/treff$2030-01-03/


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of one list: what it is, in which language, its place in the list."""

    kind: str
    language: str
    data: Mapping[str, Any]
    capture: str
    number: int

    @property
    def key(self) -> str:
        """What tells entries of one language apart: the id, else the path without a date (spread out recurrences have no id)."""
        name = self.data.get("id")
        return f"#{name}" if isinstance(name, int | str) and not isinstance(name, bool) else _bare(self.path)

    @property
    def path(self) -> str:
        path = self.data.get("path")
        return path if isinstance(path, str) else ""

    @property
    def locator(self) -> str:
        return unquote(_bare(self.path)) or f"Eintrag {self.number}"

    @property
    def languages(self) -> Mapping[str, Any]:
        found = self.data.get("available_languages")
        return found if isinstance(found, Mapping) else {}

    def text(self, name: str) -> str:
        value = to_literal(self.data.get(name))
        return value if isinstance(value, str) else ""


@dataclass(slots=True)
class Group:
    """One offer: its entry in the first language, its further dates, its other languages, the titles of the pages above it."""

    main: Entry
    dates: list[Entry] = field(default_factory=list)
    others: list[Entry] = field(default_factory=list)
    sections: Sequence[str] = ()

    @property
    def record_id(self) -> str | None:
        key = self.main.key
        name = key[1:] if key.startswith("#") else unquote(key.strip("/").rpartition("/")[2])
        return f"{self.main.kind}-{name}"[:500] if name else None


def kind_of(entry: Any) -> str:
    """Say what an entry is by its shape: event, location, page; "" where it is none of them."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("path"), str):
        return ""
    if not isinstance(entry.get("available_languages"), Mapping):
        return ""
    if isinstance(entry.get("event"), Mapping):
        return "event"
    return "location" if "opening_hours" in entry or isinstance(entry.get("location"), Mapping) else "page"


def group(entries: Mapping[str, Sequence[Entry]]) -> Iterator[Group]:
    """Group the entries of all languages, the first language first; yield each group once, in the order of its list."""
    found = {language: _by_key(listed) for language, listed in entries.items()}
    paths = {language: {_bare(dates[0].path): key for key, dates in keyed.items()} for language, keyed in found.items()}
    taken: dict[str, set[str]] = {language: set() for language in entries}
    for language, keyed in found.items():
        titles = {entry.path: entry for entry in entries[language]}
        for key, dates in keyed.items():
            if key in taken[language]:
                continue
            made = Group(dates[0], dates, sections=_sections(dates[0], titles))
            for other, link in dates[0].languages.items():
                if other == language or other not in found or not isinstance(link, Mapping):
                    continue
                name = link.get("id")
                path = _bare(str(link.get("path") or ""))
                other_key = f"#{name}" if isinstance(name, int | str) else paths[other].get(path, "")
                if other_key in found[other] and other_key not in taken[other]:
                    taken[other].add(other_key)
                    made.others.append(found[other][other_key][0])
            yield made


def is_signpost(made: Group) -> bool:
    """Say whether a page only leads to others: it has no text of its own, and nothing is embedded in it."""
    data = made.main.data
    texts = (made.main.text(name) for name in ("content", "excerpt", "meta_description"))
    return made.main.kind == "page" and not data.get("embedded_offers") and not any(_has_words(text) for text in texts)


def _has_words(text: str) -> bool:
    return "<img" in text or bool(TAG.sub(" ", text).replace("&nbsp;", " ").strip())


def to_record(made: Group, window: Window, budget: Budget) -> tuple[dict[str, Any], list[Problem]]:
    """Give the record of a group, and what is odd about it."""
    main, problems = made.main, list[Problem]()
    data: dict[str, Any] = {"kind": main.kind, "language": LANGUAGES.get(main.language, main.language)}
    data |= {name: to_literal(main.data.get(name)) for name in COPIED}
    data |= {name: _bare(data[name]) for name in ("url", "path") if isinstance(data[name], str)}  # else the next date's, each day
    parent = main.data.get("parent")
    data["parent"] = to_literal(parent.get("path")) if isinstance(parent, Mapping) else None
    data["sections"] = list(made.sections)
    data["category"] = _names(main.data.get("category"))
    data["organization"] = _names(main.data.get("organization"))
    data["location"] = _location(main.data.get("location"))
    data["contact"] = _contact(main.data)
    data["barrier_free"] = main.data.get("barrier_free") if isinstance(main.data.get("barrier_free"), bool) else None
    data["status"] = "temporarily_closed" if main.data.get("temporarily_closed") is True else None
    hours, sound = to_opening_hours(main.data.get("opening_hours"))
    data["opening_hours"] = hours
    if not sound:
        problems.append(Problem("bad_opening_hours", main.locator, "opening_hours"))
    if main.kind == "event":
        data["sessions"], found = event_sessions(made.dates, window, budget)
        problems += found
        data["attendance"] = "onsite" if data["location"] else "online" if data["meeting_url"] else None
    elif main.kind == "location":
        data["attendance"] = "onsite"
    data["signpost"] = True if is_signpost(made) else None
    data["translations"] = [text for other in made.others if (text := _translation(other, main))]
    data |= {name: to_literal(value) for name, value in main.data.items() if name not in READ and name not in data}
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}, problems


def _by_key(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """Gather the entries of one language by their key; further dates of an event join its first, other doubles stay apart."""
    keyed: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.key.startswith("#") or entry.kind != "event":
            key = entry.key if entry.key not in keyed else f"{entry.key} ({entry.number})"
            keyed[key] = [entry]
        else:
            keyed.setdefault(entry.key, []).append(entry)
    return keyed


def _sections(entry: Entry, pages: Mapping[str, Entry]) -> list[str]:
    """Give the titles of the pages above a page, the outermost first."""
    titles: list[str] = []
    seen: set[str] = set()
    parent = entry.data.get("parent")
    while isinstance(parent, Mapping) and isinstance(path := parent.get("path"), str) and path in pages and path not in seen:
        seen.add(path)
        if len(seen) > MAX_PARENTS:
            break
        titles.append(pages[path].text("title"))
        parent = pages[path].data.get("parent")
    return [title for title in reversed(titles) if title]


def _translation(other: Entry, main: Entry) -> dict[str, Any] | None:
    """Give the texts of an entry in another language; None where they are the first language's, which Integreat then shows."""
    texts = {name: other.text(name) for name in ("title", "meta_description", "content")}
    if all(texts[name] == main.text(name) for name in ("title", "content")):
        return None
    filled = {name: text for name, text in texts.items() if text}
    return {"language": LANGUAGES.get(other.language, other.language), **filled, "url": other.text("url")} if filled else None


def _location(value: Any) -> dict[str, Any] | None:
    """Give a place; None where all its fields are empty. Coordinates of 0, 0 are none."""
    if not isinstance(value, Mapping):
        return None
    place = {name: to_literal(value.get(name)) for name in PLACE}
    if not place["latitude"] and not place["longitude"]:
        place |= {"latitude": None, "longitude": None}
    filled = {name: item for name, item in place.items() if item not in (None, "") and not isinstance(item, Mapping | list)}
    return filled or None


def _contact(data: Mapping[str, Any]) -> dict[str, str] | None:
    """Give a way to reach the place: of the newer `contacts` those without a person's name first, else the older flat fields."""
    listed = data.get("contacts")
    contacts = [contact for contact in listed if isinstance(contact, Mapping)] if isinstance(listed, list) else []
    contacts.sort(key=lambda contact: bool(contact.get("name")))
    found: dict[str, str] = {}
    for contact in (*contacts, data):
        for name in CONTACT:
            if isinstance(value := to_literal(contact.get(name)), str) and value:
                found.setdefault(name, value)
    return found or None


def _names(value: Any) -> dict[str, Any] | None:
    """Keep what a person reads of a category or organisation."""
    if not isinstance(value, Mapping):
        return None
    kept = {name: to_literal(value.get(name)) for name in ("name", "website", "slug")}
    return {name: found for name, found in kept.items() if isinstance(found, str) and found} or None


def _bare(path: str) -> str:
    """Take the date from the path of one date of a repeating event: …/treff$2030-01-03/ is …/treff/."""
    return DATED.sub("", path)
