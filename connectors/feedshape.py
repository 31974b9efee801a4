"""The bytes of an XML feed come in; a SourceError goes out where their shape would cost its reader more than a feed may cost.

feedparser takes time by the square of the depth and of the attributes of one element, and a kilobyte for each element. None of this
is a feed: 300,000 elements are 20,000 entries.
"""

import re

from connectors.contract import SourceError
from schemas.problems import Problem
from schemas.record import Capture

MOST_TAGS = 600_000  # beginnings and ends, outside CDATA
MOST_DEEP = 2_000  # also a feed that left its HTML as it was, paragraphs without end
MOST_ATTRIBUTES = 300  # of one element
# What is left open reaches to the end: then no sign is looked at twice
ASIDE = re.compile(rb"<!\[CDATA\[(?:.*?\]\]>|.*)|<!--(?:.*?-->|.*)|<[!?][^>]*>?", re.S)
TAG = re.compile(rb"<(?!(?:br|hr|img|wbr|input)\b)(/?)[A-Za-z_][^<>]*>?")  # <item>, </item>, <i a='1' b='2'/>
# "<" may be written otherwise in these
TEXTLESS = re.compile(rb"(?:encoding|charset)\s*=\s*[\"']?\s*(?:utf[-_]?7|(?:raw_)?unicode_escape|punycode|idna)\b", re.I)
# An entity made of others: nine of them make a billion
ENTITIES = re.compile(rb"<!ENTITY[^<>]{0,1000}&(?!amp;|lt;|gt;|quot;|apos;|#)", re.I)


def check_shape(body: bytes, capture: Capture) -> None:
    """Raise SourceError `too_large` for too many tags, too deep nesting, too many attributes, or entities within entities."""
    bare = body.replace(b"\0", b"") if b"\0" in body[:1_000] else body
    if TEXTLESS.search(bare[:1_000] + b" " + capture.headers.get("content-type", "").encode("utf-8", "replace")):
        raise SourceError(Problem("wrong_content", note="die Datei nennt eine Kodierung, in der es keine Feeds gibt"))
    if ENTITIES.search(bare):
        raise _too_large(capture, "Entitäten, die aufeinander verweisen")
    plain = ASIDE.sub(b"", bare)
    if plain.count(b"<") > MOST_TAGS:
        raise _too_large(capture, f"mehr als {MOST_TAGS // 2_000}.000 Elemente")
    depth = 0
    for tag in TAG.finditer(plain):
        if tag[1]:
            depth -= depth > 0
            continue
        text = tag[0]
        if len(text) > MOST_ATTRIBUTES and text.count(b"=") > MOST_ATTRIBUTES:
            raise _too_large(capture, f"ein Element mit mehr als {MOST_ATTRIBUTES} Attributen")
        depth += not text.endswith(b"/>")
        if depth > MOST_DEEP:
            raise _too_large(capture, "die Elemente sind zu tief verschachtelt")


def _too_large(capture: Capture, note: str) -> SourceError:
    return SourceError(Problem("too_large", value=capture.url, note=note))
