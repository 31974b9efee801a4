"""Text that may hold HTML comes in; plain text with paragraphs and list dashes goes out. https://html.spec.whatwg.org/"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from lxml import etree

from schemas.converters.answer import Convert, Setting, doubt
from schemas.converters.text import BLANKS, lines, plain, written

TAG = re.compile(r"<(?:/?[a-zA-Z]|!--)[^<>]*>")  # "<p class=x>", "</b>", "<!-- x -->"; not "Kinder < 6 Jahre"
# tags that mean more than the look of a word
STRUCTURE = re.compile(
    r"<(?:br|p|div|li|ul|ol|dl|h[1-6]|hr|t[drh]|table|section|article|blockquote|pre|script|style|template|noscript|iframe|object"
    r"|svg|head|title|select|textarea)\b",
    re.IGNORECASE,
)
SCRIPT = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
SPACES = re.compile(r"[ \t\r\n\f\0]+")
SOFT = re.compile(r"[ \0]*\0[ \0]*")  # where a line must end, however many elements end there
SOFT_BESIDE_HARD = re.compile(r"\0?\n\0?")

SILENT = frozenset({
    "script", "style", "template", "noscript", "iframe", "object", "svg", "math", "head", "title", "select", "textarea", "audio",
    "video",
})  # fmt: skip
PARAGRAPHS = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "section", "article", "figure", "hr",
})  # fmt: skip
LINES = frozenset({
    "div", "li", "tr", "dt", "dd", "header", "footer", "main", "aside", "nav", "address", "form", "fieldset", "figcaption",
    "caption", "details", "summary",
})  # fmt: skip
CELLS = frozenset({"td", "th"})


def to_html_text(argument: Any, setting: Setting) -> Convert:
    """Make `text`: markup into plain text."""
    if argument is not None:
        raise ValueError("text braucht keine Angabe")

    def text(value: Any) -> Any:
        raw = written(value)
        if raw is None:
            return doubt("ambiguous_value", value, "dort steht eine Gruppe von Angaben") if value else None
        cleaned = html_to_text(raw)
        return None if cleaned in BLANKS else cleaned

    return text


def html_to_text(html: str) -> str:
    """Read markup as text; a text without tags keeps its line ends, entities are resolved either way."""
    if "<" not in html or not TAG.search(html):
        return lines(unescape(html) if "&" in html else html)
    if not STRUCTURE.search(html):  # only bold, links and the like: the line ends are the writer's own
        return lines(unescape(TAG.sub("", html)))
    # one parser a text: it remembers the errors of the last one
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(html.replace("\0", "").encode("utf-8", "replace"), parser)
    except etree.LxmlError:  # nothing but a comment, or nothing at all
        root = None
    if root is None or any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        return lines(unescape(TAG.sub(" ", SCRIPT.sub(" ", html))))  # nested thousands deep: libxml2 gives up, the words stay
    return element_to_text(root)


def element_to_text(root: etree._Element) -> str:
    """Read an element of a page as text; what stands behind it does not belong to it."""
    return _tidy("".join(_pieces(root)))


def _pieces(root: etree._Element) -> Iterator[str]:
    """Walk the elements and yield their texts; a NUL stands where a line must end."""
    silent = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if event == "start":
            silent += tag in SILENT
            if silent:
                continue
            if tag in PARAGRAPHS:
                yield "\n\n"
            elif tag == "li":
                yield "\0- "
            elif tag in LINES:
                yield "\0"
            elif tag == "br":
                yield "\n"
            if element.text:
                yield SPACES.sub(" ", element.text)
            continue
        silent -= tag in SILENT
        if silent:
            continue
        if tag in PARAGRAPHS:
            yield "\n\n"
        elif tag in LINES:
            yield "\0"
        elif tag in CELLS:
            yield " "
        if element.tail and element is not root:
            yield SPACES.sub(" ", element.tail)


def _tidy(text: str) -> str:
    """End lines once, bring a dash to the text it belongs to, and let lists stand tight."""
    text = SOFT_BESIDE_HARD.sub("\n", SOFT.sub("\0", text)).replace("\0", "\n")
    kept: list[str] = []
    dash = False
    for raw in text.split("\n"):
        line = plain(raw)
        if line == "-":
            dash = True
        elif line:
            kept.append(f"- {line}" if dash and not line.startswith("- ") else line)
            dash = False
        elif kept and kept[-1] and not dash:
            kept.append(line)
    tight = [line for at, line in enumerate(kept) if line or not _between_dashes(kept, at)]
    return "\n".join(tight).strip()


def _between_dashes(kept: list[str], at: int) -> bool:
    return 0 < at < len(kept) - 1 and kept[at - 1].startswith("- ") and kept[at + 1].startswith("- ")
