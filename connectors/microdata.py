"""A web page comes in; the objects its microdata describes go out in JSON-LD's shape. https://html.spec.whatwg.org/#microdata"""

from collections.abc import Iterator
from typing import Any

from connectors.webpage import Page, to_address

MAX_DEPTH = 30  # objects inside one another
ATTRIBUTES = {
    "meta": "content", "time": "datetime", "data": "value", "meter": "value", "object": "data", "a": "href", "area": "href",
    "link": "href", "audio": "src", "embed": "src", "iframe": "src", "img": "src", "source": "src", "video": "src",
}  # fmt: skip
LINKS = frozenset({"src", "href", "data"})


def read_microdata(page: Page) -> list[dict[str, Any]]:
    """Read the outermost objects of a page, in their order."""
    tops = page.root.root.xpath("//*[@itemscope and @itemtype and not(ancestor::*[@itemscope])]")
    inner = page.root.root.xpath("//*[@itemscope and @itemtype and not(@itemprop) and ancestor::*[@itemscope]]")
    return [_to_object(element, page, 0) for element in [*tops, *inner]]


def _to_object(element: Any, page: Page, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": element.get("itemtype", "").split()}
    if name := element.get("itemid", "").strip():
        found["@id"] = name
    for child in _properties(element):
        is_object = child.get("itemscope") is not None and depth < MAX_DEPTH
        value = _to_object(child, page, depth + 1) if is_object else _value(child, page)
        for name in child.get("itemprop", "").split()[:10]:
            if name in found and not name.startswith("@"):
                known = found[name]
                found[name] = [*known, value] if isinstance(known, list) else [known, value]
            elif not name.startswith("@"):
                found[name] = value
    return found


def _properties(element: Any) -> Iterator[Any]:
    """Yield the elements that carry a property of this object, and not of one inside it."""
    waiting = list(reversed(element))
    while waiting:
        child = waiting.pop()
        if child.get("itemprop") is not None:
            yield child
        if child.get("itemscope") is None:
            waiting += reversed(child)


def _value(element: Any, page: Page) -> str:
    attribute = ATTRIBUTES.get(element.tag)
    value = element.get(attribute) if attribute else element.get("content")
    if value is None:
        return " ".join(element.xpath("string()").split())
    return (to_address(page, value) or value) if attribute in LINKS else value.strip()
