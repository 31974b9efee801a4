"""The first page of a list comes in; it and the pages behind it go out, until they end, repeat themselves or are too many."""

from collections.abc import Iterator
from dataclasses import replace

from connectors.contract import Context, Options
from connectors.selectors import Selection, read_selection, select
from connectors.webpage import Page, fetch_linked, read_page, to_address
from schemas.problems import Problem
from schemas.record import Capture


def list_pages(first: Capture, following: str | None, most: int, options: Options, ctx: Context) -> Iterator[Page | Problem]:
    """Yield the pages of a list in their order; a problem where they lead in a circle or do not end.

    Raises SourceError where a page cannot be read: half a list would look as if the other half had been removed.
    """
    selection = _to_link(following) if following else None
    most = min(most, ctx.limits.max_pages)
    capture, url = first, options.url
    asked, bodies = {url, first.final_url}, {first.sha256}
    for number in range(1, most + 1):
        page = read_page(capture)
        yield page
        link = next(iter(select(page.root, selection, page)), None) if selection else None
        target = to_address(page, link) if link else None
        if target is None or target in (url, capture.final_url):  # the last page may name itself
            return
        if target in asked:
            yield Problem("loop_detected", value=target, severity="remark")
            return
        if number == most:
            yield Problem("too_many_pages", value=str(most))
            return
        url = target
        asked.add(url)
        capture = fetch_linked(ctx, options, url)
        if capture.sha256 in bodies:  # the same page under ever new addresses
            yield Problem("loop_detected", value=url, severity="remark")
            return
        bodies.add(capture.sha256)


def _to_link(line: str) -> Selection:
    """Read the selection of a link; its address is meant where nothing else is said."""
    selection = read_selection(line)
    return replace(selection, attribute=selection.attribute or "href", every=False)
