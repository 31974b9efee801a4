"""A web page comes in; what it seems to list goes out: a selector of the entries, their fields and an example.

A guess for a person to look at, never more: the largest group of like elements that each hold a link and a few words, outside of
navigation, header and footer.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.webpage import Page
from schemas.persons import are_persons

ENTRIES = "//article | //li | //tr | //div[@class] | //section[@class]"
ASIDE = frozenset({"nav", "header", "footer", "aside", "form", "select"})
MENU = re.compile(r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|menue|footer|header|sidebar)(?:$|[\s_-])", re.I)  # "main-menu"
NAME = re.compile(r"[A-Za-z_][\w-]*")  # a class that needs no escaping
HEADING = ".//*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5][normalize-space()]"
DAY = re.compile(r"\b\d{1,2}\.\s?(?:\d{1,2}\.|[A-ZÄ][a-zä]+)\s?\d{2,4}|\b\d{4}-\d{2}-\d{2}")  # 26.11.2026, 26. November 2026
LEAST, SHORT, LONG = 3, 20, 5_000  # entries; letters of one
LOOKED_AT = 50  # entries of a group
MAX_TEXT = 20_000_000  # letters looked at in all


@dataclass(frozen=True, slots=True)
class Repeats:
    """What a page lists: how many, where, an example's title, and whether days stand in it."""

    item: str
    count: int
    fields: Mapping[str, str]
    example: str
    dates: bool


def find_repeats(page: Page) -> Repeats | None:
    """Find the list of a page; None where nothing is listed."""
    groups: dict[str, list[Any]] = defaultdict(list)
    for element in page.root.root.xpath(ENTRIES):
        if item := _item(element):
            groups[item].append(element)
    best: tuple[int, str, bool] = (0, "", False)
    left = MAX_TEXT
    for item, elements in groups.items():
        if len(elements) < LEAST or left <= 0 or _is_aside(elements[0]):
            continue
        texts = [" ".join(element.xpath("string()").split()) for element in elements[:LOOKED_AT]]
        left -= sum(map(len, texts))
        good = [text for text in texts if SHORT <= len(text) <= LONG]
        linked = sum(element.find(".//a[@href]") is not None for element in elements[:LOOKED_AT])
        if len(good) < LEAST or linked < len(texts) * 0.8:
            continue
        dates = sum(bool(DAY.search(text)) for text in good)
        if not dates and are_persons([title for element in elements[:LOOKED_AT] if (title := _title(element))]):  # the team
            continue
        points = (min(sum(map(len, good)) // len(good), 300) + 200 * dates // len(good)) * len(elements)
        if points > best[0]:
            best = (points, item, dates > len(good) / 2)
    return _repeats(best[1], groups[best[1]], best[2]) if best[0] else None


def _is_aside(element: Any) -> bool:
    return any(above.tag in ASIDE or MENU.search(above.get("class", "")) for above in (element, *element.iterancestors()))


def _item(element: Any) -> str:
    """Write a selector for an element: its class, else its parent's; "" where neither tells it from others."""
    if name := _class(element):
        return f"{element.tag}.{name}"
    parent = element.getparent()
    if element.tag == "article":
        return "article"
    if element.tag == "div" or parent is None or not (name := _class(parent)):
        return ""
    return f"{parent.tag}.{name} > {element.tag}"


def _class(element: Any) -> str:
    return next((part for part in element.get("class", "").split() if NAME.fullmatch(part)), "")


def _repeats(item: str, elements: list[Any], dates: bool) -> Repeats:
    first = elements[0]
    heading = first.xpath(f"({HEADING})[1]")
    fields = {"title": heading[0].tag if heading else "a", "url": "a@href", "text": "."}
    if first.find(".//time[@datetime]") is not None:
        fields["date"] = "time@datetime"
    return Repeats(item, len(elements), fields, _title(first)[:60], dates)


def _title(element: Any) -> str:
    """Give the heading of an entry, or the words of its first link."""
    heading = element.xpath(f"({HEADING})[1]")
    shown = heading[0] if heading else element.find(".//a[@href]")
    return " ".join(shown.xpath("string()").split()) if shown is not None else ""
