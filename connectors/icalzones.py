"""The name of a time zone as calendars write it comes in; the zone goes out, or None where nobody can know it.

Outlook names zones like Windows does ("W. Europe Standard Time"), Evolution puts a maker before the name, and some programs
invent a name and describe the zone inside the file. A described zone is recognised where its offsets are those of the city.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from connectors.icaltext import Block

IANA = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")  # Europe/Berlin, UTC, America/Argentina/Ushuaia
OFFSET = re.compile(r"([+-])(\d{2})(\d{2})(?:\d{2})?")  # +0100


@cache
def zone_by_name(name: str) -> ZoneInfo | None:
    """Find a zone by its IANA or Windows name, also behind a maker's prefix: /freeassociation.sourceforge.net/Europe/Berlin."""
    plain = name.strip().strip("/")
    candidates = [WINDOWS_TO_OLSON.get(plain, plain)]
    pieces = plain.split("/")
    candidates += ["/".join(pieces[-count:]) for count in (2, 3) if len(pieces) > count]
    for candidate in candidates:
        if len(candidate) <= 60 and IANA.fullmatch(candidate):
            try:
                return ZoneInfo(candidate)
            except (OSError, ValueError, LookupError):  # unknown; a folder of the zone database; a file that is no zone
                continue
    return None


def described_zones(blocks: Iterable[Block], city: ZoneInfo, year: int) -> Mapping[str, ZoneInfo]:
    """Read the VTIMEZONE blocks of a file; give the zone of each invented name that can be recognised."""
    offsets = {at.utcoffset() for at in (datetime(year, month, 1, tzinfo=UTC).astimezone(city) for month in (1, 7))}
    zones: dict[str, ZoneInfo] = {}
    for block in blocks:
        name, location = block.get("TZID"), block.get("X-LIC-LOCATION")
        if name is None or zone_by_name(name.text) is not None:
            continue
        known = zone_by_name(location.text) if location else None
        if known is None and {_to_offset(found.value) for found in block.all("TZOFFSETTO")} == offsets:
            known = city
        if known is not None:
            zones[name.text] = known
    return zones


def _to_offset(text: str) -> timedelta | None:
    found = OFFSET.fullmatch(text.strip())
    if found is None:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -offset if found[1] == "-" else offset
