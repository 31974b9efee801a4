"""Words and dates as the index keeps them, and the error for what the index does not understand."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta

import pysolr
from dateutil.parser import parse as parse_date

NOW = re.compile(r"NOW((?:[+-]\d+(?:DAY|HOUR|MINUTE)S?)*)(/DAY)?")  # NOW-1DAY/DAY
SHIFT = re.compile(r"([+-]\d+)(DAY|HOUR|MINUTE)")


def bad(complaint: str) -> pysolr.SolrError:
    """Make the error CKAN expects from Solr."""
    return pysolr.SolrError("pgsolr: " + complaint)


def fold(text: object) -> str:
    """Return the words of a text in lower case, without accents and punctuation."""
    parts = unicodedata.normalize("NFKD", str(text).replace("ß", "ss"))
    bare = "".join(sign for sign in parts if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[^\W_]+", bare.lower()))


def to_date(value: str) -> str:
    """Return a date as Solr does: UTC, milliseconds, Z."""
    try:
        time = parse_date(value)
    except (ValueError, OverflowError):
        raise bad(f"Invalid Date String:{value!r}") from None
    if time.tzinfo:
        time = time.astimezone(UTC)
    fraction = f".{time.microsecond // 1000:03}" if time.microsecond else ""
    return f"{time:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def to_moment(value: str) -> str:
    """Return a date, or Solr's arithmetic with the present (`NOW-7DAYS`), as a date."""
    found = NOW.fullmatch(value)
    if not found:
        return to_date(value)
    time = datetime.now(UTC)
    for number, unit in SHIFT.findall(found[1]):
        time += timedelta(**{unit.lower() + "s": int(number)})
    return time.strftime("%Y-%m-%dT00:00:00Z" if found[2] else "%Y-%m-%dT%H:%M:%S.%fZ")
