"""An offer's id comes in; where else the same offer is told of goes out: the pages of the others, by the names of their partners."""

from landkarte.web.cards import offer_path
from landkarte.web.index import Index


def also(index: Index, offer_id: str) -> list[tuple[str, str]]:
    """Give path and partner of the same offer elsewhere, the one that stands in the list first."""
    found = []
    for other in index.alike.get(offer_id, ()):
        key = other.partition(":")[0]
        found.append((offer_path(other), str((index.sources.get(key) or {}).get("publisher") or key)))
    return found
