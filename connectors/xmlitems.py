"""An XML file comes in, however long; its items go out one by one as elements, also where the file is broken or breaks off.

The file is cut at the tags of the items and each is parsed alone: a slip in one costs the others nothing, memory holds one item, and
a document type with its entities (bombs, files, addresses) never reaches a parser. https://www.w3.org/TR/xml/
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from connectors.contract import SourceError
from connectors.text import Encoding, find_encoding, first_bytes, is_codec, open_text, what_is
from schemas.problems import Problem
from schemas.record import Capture

LARGEST_ITEM = 5_000_000  # signs
MOST_ATTRIBUTES = 300  # of one element: lxml takes time by their square
HEADER = 20_000  # signs before the first item that are kept: name spaces, who made the export
CHUNK = 1 << 18
DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)")
NAMESPACE = re.compile(r"\sxmlns(?::[\w.-]+)?\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*')")
AMPERSAND = re.compile(r"&(?!(?:[A-Za-z][\w.-]*|#\d+|#[xX][0-9A-Fa-f]+);)")  # "Nähen & Stricken"
CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.S)
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
OPTIONS: dict[str, Any] = {
    "encoding": "utf-8", "no_network": True, "resolve_entities": False, "huge_tree": False, "load_dtd": False,
    "remove_comments": True, "remove_pis": True,
}  # fmt: skip


@dataclass(slots=True)
class Items:
    """The items of a file; `header` is what stands before the first of them, once it was asked for."""

    capture: Capture
    name: str
    nests: bool = True  # an item may hold another one; else a second beginning means that an end is missing
    header: str = ""
    found: int = 0
    problems: list[Problem] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[int, Any] | Problem]:
        """Yield (number from 1, element) for each item, a problem for each that cannot be read, and at last what is odd at all."""
        encoding = xml_encoding(self.capture)
        if encoding.guessed:
            yield Problem("encoding_guess", value=encoding.shown)
        wrapper = ""
        for text in self._cut(encoding):
            if not self.found:
                declared = dict.fromkeys(found[0].strip() for found in NAMESPACE.finditer(self.header))
                unique = {
                    line.partition("=")[0].strip(): line for line in declared
                }  # the outermost would be undone by an inner one
                wrapper = f"<items {' '.join(unique.values())}>"
            self.found += 1
            element, fault = _parse(text, wrapper)
            if element is None:
                yield Problem("bad_record", f"Eintrag {self.found}", note=fault)
                continue
            if text.count("=") > MOST_ATTRIBUTES and any(
                len(part.attrib) > MOST_ATTRIBUTES for part in element.iter(etree.Element)
            ):
                yield Problem(
                    "bad_record", f"Eintrag {self.found}", note=f"ein Element mit mehr als {MOST_ATTRIBUTES} Attributen"
                )
                continue
            if fault:
                yield Problem("odd_record", f"Eintrag {self.found}", note=fault)
            yield self.found, element
        yield from self.problems

    def _cut(self, encoding: Encoding) -> Iterator[str]:
        tag = re.compile(rf"<!\[CDATA\[|<!--|<(/?)(?:[\w.-]+:)?{re.escape(self.name)}(?=[\s/>])")
        with open_text(self.capture, encoding) as stream:
            text, at, start, depth, ended = "", 0, -1, 0, False
            while not ended:
                piece = stream.read(CHUNK)
                ended = not piece
                text += piece
                while (found := tag.search(text, at)) is not None:
                    sign = "]]>" if found[0] == "<![CDATA[" else "-->" if found[0] == "<!--" else ">"
                    end = text.find(sign, found.end())
                    if end < 0:
                        at = found.start()
                        break
                    at = end + len(sign)
                    if sign != ">":
                        continue
                    if not self.found and start < 0:
                        self.header = text[: found.start()][:HEADER]
                    if found[1]:
                        depth -= 1
                    elif text[end - 1] != "/":
                        if depth > 0 and not self.nests:
                            yield text[start : found.start()]
                            depth = 0
                        start = found.start() if depth <= 0 else start
                        depth = max(depth, 0) + 1
                    elif depth <= 0:
                        yield text[found.start() : at]
                    if found[1] and depth == 0 and start >= 0:
                        yield text[start:at]
                        start = -1
                else:
                    at = max(at, len(text) - 200)  # a tag may be cut in two
                keep = start if depth > 0 and start >= 0 else at
                if len(text) - keep > LARGEST_ITEM + CHUNK:
                    note = f"Eintrag {self.found + 1} hat mehr als {LARGEST_ITEM // 1_000_000} Millionen Zeichen"
                    raise SourceError(Problem("too_large", note=note))
                if not self.found and start < 0 and len(self.header) < HEADER:
                    self.header += text[:keep][: HEADER - len(self.header)]
                text, at = text[keep:], at - keep
                start = 0 if depth > 0 and start >= 0 else -1
            if not self.found:
                self.header = (self.header + text)[:HEADER]
            if depth > 0 or (self.found and "</" not in text):
                self.problems.append(Problem("truncated"))


def check_xml(capture: Capture) -> None:
    """Raise SourceError where a capture is empty or clearly no XML."""
    head = first_bytes(capture)
    if not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise SourceError(Problem("empty_feed"))
    other = what_is(head)
    if other != "eine XML-Datei":
        raise SourceError(Problem("wrong_content", note=f"Dort liegt {other or 'etwas anderes'}, kein XML"))


def xml_encoding(capture: Capture) -> Encoding:
    """Find the encoding: what the file declares, where its bytes agree, else what connectors/text.py finds."""
    declared = DECLARED.search(first_bytes(capture, 400))
    name = declared[1].decode("ascii") if declared else ""
    wish = name if name and is_codec(name) and not name.lower().startswith(("utf-16", "utf16", "utf-32")) else None
    return find_encoding(capture, wish)


def _parse(text: str, wrapper: str) -> tuple[Any, str]:
    """Parse one item; give the element, None where there is none, and what is wrong with it."""
    try:
        return _inside(etree.fromstring(f"{wrapper}{text}</items>".encode(), etree.XMLParser(**OPTIONS))), ""
    except (etree.LxmlError, UnicodeEncodeError):
        pass
    parts = CDATA.split(UNWRITABLE.sub(" ", text))
    mended = "".join(part if part.startswith("<![CDATA[") else AMPERSAND.sub("&amp;", part) for part in parts)
    parser = etree.XMLParser(recover=True, **OPTIONS)
    try:
        element = _inside(etree.fromstring(f"{wrapper}{mended}</items>".encode("utf-8", "replace"), parser))
    except etree.LxmlError:
        return None, "das ist kein XML"
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        return None, "das XML ist zu tief verschachtelt"
    return (element, "das XML ist nicht wohlgeformt") if element is not None else (None, "das ist kein XML")


def _inside(root: Any) -> Any:
    return next((child for child in root if isinstance(child.tag, str)), None) if root is not None else None


def local_name(element: Any) -> str:
    """Give the name of an element without its name space."""
    return str(element.tag).rpartition("}")[2]


def to_text(element: Any) -> str | None:
    """Give the text of an element with that of its children; entities that nobody declared stay as they are written."""
    parts: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end", "comment", "pi")):
        if event == "start" and node.text:
            parts.append(node.text)
        elif event == "end" and node is not element and node.tail:
            parts.append(node.tail)
    return "".join(parts).strip() or None


def to_value(element: Any) -> Any:
    """Give an element as JSON: text, or an object of its children; attributes as @name, text beside them as #text.

    Names come without prefix; of children with the same name a list is made, as is usual where XML becomes JSON.
    """
    if not len(element) and not element.keys():  # most elements are leaves
        return (element.text or "").strip() or None
    data: dict[str, Any] = {
        f"@{name.rpartition('}')[2]}": value
        for name, value in element.attrib.items()
        if not name.startswith("{http://www.w3.org/2001/XMLS")
    }
    texts = [element.text or ""]
    for child in element:
        tag = child.tag
        if isinstance(tag, str):
            name = tag.rpartition("}")[2] if tag[0] == "{" else tag
            value = to_value(child) if len(child) or child.keys() else (child.text or "").strip() or None
            if name in data:
                known = data[name]  # a list is always ours: no value is one
                if isinstance(known, list):
                    known.append(value)
                else:
                    data[name] = [known, value]
            else:
                data[name] = value
        elif tag is etree.Entity:
            texts.append(child.text or "")
        if tail := child.tail:
            texts.append(tail)
    text = "".join(texts).strip()
    if not data:
        return text or None
    return data | {"#text": text} if text else data
