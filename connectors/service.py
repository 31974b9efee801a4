"""A service an operator chose comes in; a function that asks it goes out: guarded, paced and bounded, but without robots.txt.

Robots rules speak to those who crawl pages. A geocoder's search, or the city's own file, is offered to be asked; what its server
wants instead (an honest name, a pause) every request has.
"""

from collections.abc import Callable
from datetime import datetime

from connectors.ask import Answer, Asker, FetchSettings, Hop
from connectors.contract import Limits, SourceError
from connectors.transport import Deadline
from schemas.problems import Problem
from schemas.record import Capture

LIMITS = Limits(max_bytes=500_000_000, max_seconds=300.0)


def open_service(settings: FetchSettings, clock: Callable[[], datetime], limits: Limits = LIMITS) -> Callable[[str], Capture]:
    """Give a function that fetches an address of the service; it raises SourceError where nothing answers or a redirect leads away."""
    asker = Asker(settings, limits)

    def fetch(url: str) -> Capture:
        def take(answer: Answer) -> Capture:
            if answer.next_url is not None:
                raise SourceError(Problem("http_error", value=url, note="die Adresse leitet weiter"))
            return Capture.of(b"".join(answer.pieces(limits)), url=url, fetched_at=clock())

        with Deadline(limits.max_seconds) as deadline:
            return asker.ask(Hop(url, url, {"Accept": "*/*"}), take, deadline=deadline)

    return fetch
