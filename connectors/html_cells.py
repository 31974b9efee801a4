"""A cell of a table on a web page comes in; its text and the addresses it links to go out, without what the page hides.

A link whose text only points („mehr“, „hier“) says nothing by its text; a mail address behind a name says more than the name.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from connectors.webpage import Page, to_address
from schemas.converters.markup import element_to_text
from schemas.converters.text import plain
from schemas.headers import to_meanings

LINK, MAIL, PHONE = "Link", "E-Mail", "Telefon"  # the headings of ours that say the same
# A sort key for a script: <span style="display:none">20261201</span>
HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))", re.I)
# „mehr …“, „» zur Anmeldung“, „hier klicken“
POINTER = re.compile(
    r"\W*(?:(?:mehr|weitere)(?: (?:infos?|informationen|erfahren|details?))?|hier(?: klicken)?|link|details?|infos?|weiter(?:lesen)?"
    r"|(?:zur |jetzt )?(?:anmeldung|anmelden|buchen)|(?:zum )?(?:kurs|angebot|flyer|pdf)|(?:zur )?(?:web)?(?:seite|site)|homepage"
    r"|e-?mail|mail|more|read more)?\W*",
    re.I,
)
PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg)$", re.I)
ADDRESSED = frozenset({"url", "registration_url", "contact_email", "organisation.website", "organisation.email"})
MOST_LINKS = 50  # of one cell
FEW, SHORT = 50, 300  # elements and letters of a heading


def is_hidden(element: Any) -> bool:
    """Say whether the page hides an element by itself; what a style sheet or a script does is not known."""
    return element.get("hidden") is not None or HIDDEN.search(element.get("style", "")) is not None


def to_label(cell: Any) -> str | None:
    """Read a cell that may be a heading: its text, cut where it is too long for one. Costs little, however much lies in the cell."""
    if is_hidden(cell):
        return None
    small = sum(1 for _ in islice(cell.iter(), FEW + 1)) <= FEW
    text = to_text(cell) if small else plain("".join(islice(cell.itertext(), FEW)))
    return (text or "")[:SHORT] or None


def to_text(cell: Any) -> str | None:
    """Read a cell as a person sees it, its lines as lines; None where nothing stands in it."""
    if is_hidden(cell):
        return None
    if not len(cell):
        return plain(cell.text or "") or None
    for part in [part for part in cell.iterdescendants() if isinstance(part.tag, str) and is_hidden(part)]:
        part.clear(keep_tail=True)
    return element_to_text(cell) or None


def links_of(cell: Any, page: Page) -> tuple[str, ...]:
    """Give the addresses a cell links to, each once: pages, `mailto:` and `tel:`; neither pictures nor places on the same page."""
    found: dict[str, None] = {}
    for link in islice(cell.iter("a"), MOST_LINKS):
        href = link.get("href", "").strip()
        if href.lower().startswith(("mailto:", "tel:")):
            scheme, _, rest = href.partition(":")
            if target := rest.partition("?")[0].strip():
                found.setdefault(f"{scheme.lower()}:{target}")
        elif (address := to_address(page, href) if href else None) and address != page.url and not PICTURE.search(address):
            found.setdefault(address)
    return tuple(found)


def addressed(names: Sequence[str | None]) -> frozenset[int]:
    """Find the columns that by their heading hold addresses: there the address counts, and not the words it stands behind."""
    wanted = (
        place
        for place, name in enumerate(names)
        if name and any(meaning.target in ADDRESSED and meaning.score >= 0.9 for meaning in to_meanings([name]))
    )
    return frozenset(wanted)


def to_value(text: str | None, links: Sequence[str], *, wanted: bool, named: bool) -> str | None:
    """Give what a cell says: its text, or its one address where that is wanted, or where the text only points to it."""
    if len(links) != 1 or (text and links[0].partition(":")[2] in text):
        return text
    if wanted:
        return to_bare(links[0])
    if text is not None and not POINTER.fullmatch(text):
        return text
    return to_bare(links[0]) if named and text else None


def to_bare(link: str) -> str:
    """Give a mail address or a number without `mailto:` or `tel:`; a page's address as it is."""
    return link.partition(":")[2] if link.startswith(("mailto:", "tel:")) else link


def beside(cells: Sequence[str | None], read: Sequence[tuple[str | None, Sequence[str]]]) -> Iterator[tuple[str, str]]:
    """Yield what the links of a row tell beside its words, as (Link, E-Mail or Telefon; address).

    `cells` are what was read of the row, `read` the texts and links of the cells whose links say something of the offer.

    Of several pages the one counts that the first cell leads to, else a cell that only points; where neither is clear, "" is given.
    """
    every = list(dict.fromkeys(link for _, links in read for link in links))
    pages = [link for link in every if not link.startswith(("mailto:", "tel:"))]
    pointing = [links for place, (text, links) in enumerate(read) if place == 0 or POINTER.fullmatch(text or "")]
    clear = [found[0] for links in pointing if len(found := [link for link in links if link in pages]) == 1]
    if pages:
        yield LINK, pages[0] if len(pages) == 1 else clear[0] if clear else ""
    mails = [to_bare(link) for link in every if link.startswith("mailto:")]
    if len(mails) == 1 and not any(mails[0].casefold() in cell.casefold() for cell in cells if cell):
        yield MAIL, mails[0]
    phones = [to_bare(link) for link in every if link.startswith("tel:")]
    if len(phones) == 1 and not any(_digits(phones[0])[-6:] in _digits(cell) for cell in cells if cell):
        yield PHONE, phones[0]


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())
