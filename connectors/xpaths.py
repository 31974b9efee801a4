"""One line of a source file comes in, an XPath 1.0; what it finds in an element goes out, as text, number or list.

No functions that open files, no regular expressions, and at most one step that may visit a whole item: a stranger's line must not
cost a night. https://www.w3.org/TR/1999/REC-xpath-19991116/
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from connectors.xmlitems import to_text

EVERY = re.compile(r"(?<=[^\s/:@*(\[,|=+-])\*$")  # thema*, but not adresse/* or @*
WIDE = re.compile(r"//|descendant|following|preceding")  # steps that may visit a whole item
MAX_LENGTH = 300
MAX_FOUND = 500


@dataclass(frozen=True, slots=True)
class Path:
    """A compiled XPath, and whether all or the first of what it finds is wanted."""

    find: Any
    every: bool


def to_path(line: str, namespaces: Mapping[str, str]) -> Path:
    """Compile one line; raise ValueError with a German sentence where it is no XPath."""
    text = line.strip()
    every = EVERY.search(text) is not None
    text = text[:-1] if every else text
    if not text or len(text) > MAX_LENGTH or len(WIDE.findall(text)) > 1:
        raise ValueError(f"‚{line[:60]}‘ ist zu lang oder zu umständlich; richtig ist zum Beispiel name oder ort/@plz")
    try:
        return Path(etree.XPath(text, namespaces=dict(namespaces), regexp=False), every)
    except (etree.XPathError, ValueError, TypeError) as error:
        raise ValueError(f"‚{line[:60]}‘ ist kein XPath ({error})") from error


def find(element: Any, path: Path) -> Any:
    """Give what an XPath finds: a text, a number, true or false; a list of texts where all are wanted; None where nothing is."""
    found = path.find(element)
    if isinstance(found, bool):
        return found
    if isinstance(found, float):
        return None if found != found or abs(found) > 1e15 else int(found) if found.is_integer() else found
    parts = found if isinstance(found, list) else [found]
    texts: list[str] = []
    for part in parts:
        text = to_text(part) if isinstance(part, etree._Element) else str(part[1] if isinstance(part, tuple) else part).strip()
        if text:
            texts.append(text)
            if not path.every or len(texts) >= MAX_FOUND:
                break
    return (texts or None) if path.every else texts[0] if texts else None
