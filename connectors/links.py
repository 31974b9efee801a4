"""An address as people copy it comes in: a page for sharing, for looking at, for editing; the address of the data goes out.

Google Sheets → CSV, Google Calendar → iCalendar, Nextcloud shares → the file, Nextcloud calendars → iCalendar, Dropbox → the file,
webcal: → https:. Every other address comes back as it is. What Google and Nextcloud answer there is theirs to change.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit, urlunsplit

SHEET = re.compile(r"/spreadsheets/(?:u/\d+/)?d/(?P<id>[\w-]{20,})(?:/.*)?")  # /spreadsheets/d/1AbC…/edit
PUBLISHED_SHEET = re.compile(r"/spreadsheets/(?:u/\d+/)?d/e/(?P<id>[\w-]{20,})/pub(?:html)?")
GID = re.compile(r"(?:^|[#&?])gid=(?P<gid>\d+)")
CALENDAR_ID = re.compile(r"[^\s/@]+@[^\s/@]+\.[^\s/@]+")  # abc@group.calendar.google.com
SHARE = re.compile(
    r"(?P<start>(?:/[\w.-]+)*?/s/(?=[^/]*[A-Z0-9])[A-Za-z0-9_-]{10,64})/?"
)  # /s/…, /index.php/s/…, /nextcloud/index.php/s/…
CALENDAR_SHARE = re.compile(
    r"(?P<start>(?:/[\w.-]+)*?)(?:/index\.php)?/apps/calendar/(?:p|embed)/(?P<id>[A-Za-z0-9]{8,64})(?:[/-].*)?"
)


def to_feed_address(url: str) -> str:
    """Give the address of the data behind an address; the same where there is none to be known. Raises nothing."""
    text = url.strip()
    scheme, found, rest = text.partition("://")
    if found and scheme.lower() in ("webcal", "webcals"):
        text = f"https://{rest}"
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").lower()
        query = parse_qs(parts.query)
    except ValueError:
        return text
    if parts.scheme not in ("http", "https") or not host:
        return text
    if host == "docs.google.com":
        return _sheet(parts.path, query, f"{parts.query}#{parts.fragment}") or text
    if host in ("calendar.google.com", "www.google.com") and parts.path.startswith("/calendar/"):
        return _google_calendar(parts.path, query) or text
    if host in ("www.dropbox.com", "dropbox.com") and parts.path.startswith(("/s/", "/scl/")):
        kept = [(name, value) for name, values in query.items() if name != "dl" for value in values]
        return urlunsplit(("https", parts.netloc, parts.path, urlencode([*kept, ("dl", "1")]), ""))
    if share := CALENDAR_SHARE.fullmatch(parts.path):
        return urlunsplit(
            (parts.scheme, parts.netloc, f"{share['start']}/remote.php/dav/public-calendars/{share['id']}", "export", "")
        )
    if share := SHARE.fullmatch(parts.path):
        folder: dict[str, str] = {name: query[name][0] for name in ("path", "files") if name in query}
        return urlunsplit((parts.scheme, parts.netloc, f"{share['start']}/download", urlencode(folder), ""))
    return text


def _sheet(path: str, query: Mapping[str, list[str]], where: str) -> str | None:
    """Give the CSV of the sheet that is open; of a published table, that which is published."""
    gid = GID.search(where)
    if found := PUBLISHED_SHEET.fullmatch(path):
        kept = {name: query[name][0] for name in ("gid", "single") if name in query}
        return f"https://docs.google.com/spreadsheets/d/e/{found['id']}/pub?{urlencode({**kept, 'output': 'csv'})}"
    found = SHEET.fullmatch(path)
    if found is None or found["id"] == "e":
        return None
    if "/export" in path and "format" in query:
        return None  # it is the address of data already
    return f"https://docs.google.com/spreadsheets/d/{found['id']}/export?format=csv" + (f"&gid={gid['gid']}" if gid else "")


def _google_calendar(path: str, query: Mapping[str, list[str]]) -> str | None:
    """Give the calendar file of an embedded or shared calendar."""
    name = query.get("src", [""])[0]
    if not name and (coded := query.get("cid", [""])[0]):
        name = coded if "@" in coded else _decoded(coded)
    if "/calendar/ical/" in path or not CALENDAR_ID.fullmatch(name):
        return None
    return f"https://calendar.google.com/calendar/ical/{quote(unquote(name), safe='')}/public/basic.ics"


def _decoded(coded: str) -> str:
    """Decode the name of a calendar in a link "add to my calendars"."""
    try:
        return base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
