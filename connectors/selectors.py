"""One short line of a source file comes in, like `a.kurs@href`; the strings it finds in an element go out.

h2             the text of the first h2; lines where the page breaks them
a@href         its attribute; addresses are made absolute
div.text@html  its markup
ul.themen li*  all of them, as a list
@data-id       an attribute of the element itself; . is its own text
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from parsel import Selector
from parsel.csstranslator import HTMLTranslator

from connectors.webpage import Page, to_address
from schemas.converters.markup import html_to_text

LINE = re.compile(r"(?P<css>.*?)(?:@(?P<attribute>[A-Za-z_][\w:.-]*))?(?P<all>(?<![\s>+~(])(?<!^)\*)?", re.DOTALL)
CONTACT = ("mailto:", "tel:")
ADDRESSES = frozenset({"href", "src", "data-href", "data-url", "action", "poster"})
MAX_LENGTH = 300
MAX_FOUND = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """A checked line: where to look (`css`, "" the element itself), what to take of it, and whether of all or of the first."""

    css: str
    attribute: str
    every: bool


@lru_cache(maxsize=1_000)
def read_selection(line: str) -> Selection:
    """Read one line; raise ValueError with a German sentence where it is no selector."""
    found = LINE.fullmatch(line.strip())
    if found is None or not line.strip() or len(line) > MAX_LENGTH:
        raise ValueError(f"‚{line[:60]}‘ ist keine Auswahl; richtig ist zum Beispiel h2 oder a.kurs@href")
    css = found["css"].strip()
    return Selection("" if css == "." else check_css(css), found["attribute"] or "", bool(found["all"]))


def check_css(css: str) -> str:
    """Give a CSS selector back; raise ValueError where it is none. An empty one is none, but stands for the element itself."""
    if not css:
        return css
    try:
        if len(css) > MAX_LENGTH:
            raise ValueError("zu lang")
        HTMLTranslator().css_to_xpath(css)
    except (ValueError, SyntaxError, RuntimeError) as error:  # cssselect's own errors are kinds of the two last
        raise ValueError(f"‚{css[:60]}‘ ist keine CSS-Auswahl ({error})") from error
    return css


def select(element: Selector, selection: Selection, page: Page) -> list[str]:
    """Give what a selection finds in an element: no empty strings, the first one only, or all.

    A link that writes a mail or calls (`a[href^=mailto]@href`) is given only by a selection that asks for such links.
    """
    found: list[str] = []
    contact = "mailto" in selection.css or "tel:" in selection.css
    for part in element.css(selection.css) if selection.css else [element]:
        text = _value(part, selection.attribute, page, contact=contact)
        if text:
            found.append(text)
            if not selection.every or len(found) >= MAX_FOUND:
                break
    return found


def _value(element: Selector, attribute: str, page: Page, *, contact: bool) -> str:
    if not hasattr(element.root, "tag"):  # ::text or ::attr() found a string
        return str(element.root).strip()
    if not attribute:
        if not len(element.root):
            return " ".join((element.root.text or "").split())
        return html_to_text(str(element.get()))
    if attribute == "html":
        return str(element.get()).strip()
    value = str(element.root.get(attribute, "")).strip()  # parsel's attrib stumbles over names like "{x"
    if attribute not in ADDRESSES or not value:
        return value
    return to_address(page, value) or (value if contact and value.lower().startswith(CONTACT) else "")
