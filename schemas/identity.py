"""What names a thing comes in; the id that stays the same from run to run goes out.

Ids never hold what changes: an offer without an id of its own is known by title, organisation and place, not by dates or text.
"""

import re
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

from schemas.vocabulary import fold

SAFE = re.compile(r"[A-Za-z0-9._~-]+")  # what percent-encoding leaves alone
LONGEST_RECORD_ID = 500
LONGEST_ENCODED = 600  # leaves room for the source key and, in a session's id, for the start
NO_SLUG = re.compile(r"[^a-z0-9]+")


def to_hash(parts: Iterable[object]) -> str:
    """Give 16 hex digits for some values; None and "None" are different. ASCII, so that no Unicode version changes an id."""
    return blake2b(ascii(tuple(parts)).encode("ascii"), digest_size=8).hexdigest()


def to_record_id(given: str) -> str:
    """Give the partner's own id, or its hash where it is too long to be part of an address."""
    if len(given) <= LONGEST_RECORD_ID and (SAFE.fullmatch(given) or len(quote(given, safe="")) <= LONGEST_ENCODED):
        return given
    return to_hash([given])


def to_offer_id(source_key: str, record_id: str) -> str:
    """Give the id of an offer: du-vhs-kurse:K%2F101."""
    return f"{source_key}:{record_id if SAFE.fullmatch(record_id) else quote(record_id, safe='')}"


def to_ids(source_key: str, given: str) -> tuple[str, str]:
    """Give the record_id and the offer_id of what a partner calls `given`."""
    if len(given) <= LONGEST_RECORD_ID and SAFE.fullmatch(given):
        return given, f"{source_key}:{given}"
    record_id = to_record_id(given)
    return record_id, to_offer_id(source_key, record_id)


def to_location_id(source_key: str, content: Iterable[object]) -> str:
    """Give the id of a place by what it is. A protected address must be gone before: a city's streets can be tried out."""
    return f"{source_key}:{to_hash(content)}"


def to_organisation_id(name: str) -> str:
    """Give the id of an institution that no registry knows: awo-integration. Names in other scripts become a hash."""
    slug = NO_SLUG.sub("-", fold(name)).strip("-")[:100].strip("-")
    return slug or f"org-{to_hash([fold(name) or name])}"


def to_session_id(offer_id: str, row: Mapping[str, Any]) -> str:
    """Give the id of a session: its offer and its start, or weekday and time where it has no date."""
    if row["start"]:
        return f"{offer_id}@{row['start']}"
    return f"{offer_id}@{row['weekday']}-{row['start_time']}" if row["start_time"] else f"{offer_id}@{row['weekday']}"
