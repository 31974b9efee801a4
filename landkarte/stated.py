"""The records of a catalogue or a data package come in; the open licence they all are under goes out, and what a person should know.

Only kinds that hand on the origin's licence with every record are asked (ckan, dcat, datapackage). A licence counts where the origin
names it: a record that names none, or one that is not open, leaves the decision to a person.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.vocabulary import LICENCE_BASE, licences

FIELD = "offer.licence"
# DCAT-AP.de lists them, but they forbid what we do with a text, or do not say what they allow
NOT_OPEN = frozenset({"other-closed", "other-open", "cc-by-nc/4.0", "cc-by-nd/4.0"})


@dataclass(frozen=True, slots=True)
class Stated:
    """What the origin says of its licence: the code of an open one, or None; a German sentence where there is something to say."""

    licence: str | None = None
    note: str = ""


def stated(records: Iterable[Mapping[str, Any]], default_map: Mapping[str, Any]) -> Stated:
    """Find the open licence that records state. Offers that say of themselves that only their facts are free may be under any."""
    if default_map.get("map", {}).get("licence") != FIELD:
        return Stated()
    named: Counter[str | None] = Counter()
    for data in records:
        if data.get("offer.rights") != "facts_only":
            named[_code(data.get(FIELD))] += 1
    said = [code for code, _ in named.most_common() if code is not None]
    if not said:
        return Stated(None, "Der Ursprung nennt keine Lizenz, die wir kennen.")
    closed = [code for code in said if code in NOT_OPEN]
    if closed:
        return Stated(None, f"Der Ursprung nennt die Lizenz ‚{closed[0]}‘. Sie ist nicht offen, oder wir kennen sie nicht.")
    if None in named:
        return Stated(None, f"Der Ursprung nennt die Lizenz ‚{said[0]}‘ nur für einen Teil der Einträge.")
    more = f", bei einzelnen Angeboten {', '.join(said[1:])}" if len(said) > 1 else ""
    return Stated(
        said[0], f"Die Lizenz nennt der Ursprung selbst: {said[0]}{more}. Bitte ansehen, ob sie für Texte und Bilder gilt."
    )


def _code(value: Any) -> str | None:
    """Give our short code of a licence as records carry it; None where it is none we know."""
    code = str(value or "").removeprefix(LICENCE_BASE)
    return code if code in licences() else None
