"""An entry of a feed comes in, as feedparser or JSON Feed gives it; its data under our names goes out, and the map for it.

Dates become ISO 8601 where they can be read, else they stay as they are and the map tells of them. Feeds of events carry their
times in extensions: RSS 1.0 event module (ev:), xCal (xcal:), Modern Events Calendar for WordPress (mec:).
"""

import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.schemaorg_values import SURROGATE

DEEP = 6
LONGEST_LIST = 200
# What feedparser adds beside the partner's words, what is taken up under another name below, and persons, who stay outside
TAKEN = frozenset({
    "title", "title_detail", "link", "links", "id", "guidislink", "summary", "summary_detail", "content", "subtitle_detail",
    "published", "published_parsed", "updated", "updated_parsed", "created", "created_parsed", "expired_parsed", "tags",
    "enclosures", "image", "where", "geo_lat", "geo_long", "media_thumbnail", "media_content", "language", "href",
    "author", "authors", "author_detail", "contributors", "publisher", "publisher_detail", "rights_detail",
})  # fmt: skip
JSON_TAKEN = frozenset({
    "id", "url", "title", "content_html", "content_text", "summary", "image", "banner_image", "date_published", "date_modified",
    "tags", "attachments", "language", "author", "authors",
})  # fmt: skip
START = ("ev_startdate", "xcal_dtstart", "event_startdate", "start_date", "startdate", "dtstart")
END = ("ev_enddate", "xcal_dtend", "event_enddate", "end_date", "enddate", "dtend")
PLACE = ("ev_location", "xcal_location", "mec_location", "event_location", "location")
EVENT = frozenset({*START, *END, *PLACE, "mec_startdate", "mec_starthour", "mec_enddate", "mec_endhour"})

FEED_MAP: Mapping[str, Any] = {
    "map": {
        "title": {"from": "title", "as": "text"},
        "description": {"from": ["content", "summary"], "as": "text"},
        "url": {"from": ["external_url", "link"], "as": "url"},
        "record_url": {"from": "link", "as": "url"},
        "image_url": {"from": "image", "as": "url"},
        "keywords": "categories",
        "text_language": "language",
        "source_modified": {"from": ["updated", "published"], "as": "datetime"},
        "cost": "mec_cost",
        "location.address": "place",
        "location.point": "point",
        "session.start": {"from": "start", "as": "datetime"},
        "session.end": {"from": "end", "as": "datetime"},
    },
    "ignore": [
        "id", "summary", "published", "enclosures", "comments", "slash_comments", "external_url",
        "wfw_commentrss", "source", "rights", "license", "post-id", "post_id", "ev_organizer", "ev_type", "mec_category", "dc_*",
        "thr_*", "media_*", "itunes_*", "atom_*", "sy_*", "feedburner_*", "webfeeds_*", "expired", "created", "_*",
    ],
}  # fmt: skip


def to_data(entry: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Give the data of an entry that feedparser has read; `language` is the feed's."""
    content = next((str(part["value"]) for part in _dicts(entry.get("content")) if part.get("value")), "")
    summary = entry.get("summary") or ""
    data: dict[str, Any] = {
        "id": entry.get("id"),
        "link": entry.get("link"),
        "title": entry.get("title"),
        "content": content or summary,
        "summary": summary if content and summary != content else None,
        "published": _to_iso(entry, "published") or _to_iso(entry, "created"),
        "updated": _to_iso(entry, "updated"),
        "language": entry.get("language")
        or next((part["language"] for part in _dicts(entry.get("content")) if part.get("language")), language),
        "categories": [tag.get("label") or tag.get("term") for tag in _dicts(entry.get("tags"))],
        "enclosures": [
            {"url": link.get("href"), "type": link.get("type")}
            for link in _dicts(entry.get("links"))
            if link.get("rel") == "enclosure"
        ],
    }
    data["image"] = _image(entry, data["enclosures"])
    data["point"] = _point(entry)
    data |= {str(name): value for name, value in entry.items() if name not in TAKEN and name not in EVENT}
    return _filled(data | _event(entry))


def to_json_data(item: Mapping[str, Any], language: Any) -> dict[str, Any]:
    """Give the data of an item of a JSON Feed."""
    content = item.get("content_html") or item.get("content_text") or item.get("summary")
    data: dict[str, Any] = {
        "id": item.get("id"),
        "link": item.get("url"),
        "title": item.get("title"),
        "content": content,
        "summary": item.get("summary") if item.get("summary") != content else None,
        "published": item.get("date_published"),
        "updated": item.get("date_modified"),
        "language": item.get("language") or language,
        "categories": item.get("tags") if isinstance(item.get("tags"), list) else None,
        "image": item.get("image") or item.get("banner_image"),
        "enclosures": [{"url": part.get("url"), "type": part.get("mime_type")} for part in _dicts(item.get("attachments"))],
    }
    data |= {name: value for name, value in item.items() if name not in JSON_TAKEN and name not in EVENT}
    return _filled(data | _event(item))


def _event(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Take the times and the place of an event out of whichever extension names them."""
    ends = {}
    for name, known in (("start", START), ("end", END)):
        found = next((entry[key] for key in known if isinstance(entry.get(key), str) and entry[key].strip()), None)
        if found is None and isinstance(day := entry.get(f"mec_{name}date"), str):
            found = f"{day} {entry.get(f'mec_{name}hour') or ''}".strip()
        ends[name] = found
    return {**ends, "place": next((entry[key] for key in PLACE if isinstance(entry.get(key), str)), None)}


def _to_iso(entry: Mapping[str, Any], name: str) -> Any:
    """Write a date that feedparser could read; else give the partner's own words."""
    # not .get: feedparser answers for `updated` with `published`, and warns of it
    parsed = dict.get(entry, f"{name}_parsed") if isinstance(entry, dict) else None
    if not isinstance(parsed, time.struct_time):
        return dict.get(entry, name) if isinstance(entry, dict) else None
    try:
        return datetime(*parsed[:6], tzinfo=UTC).isoformat()
    except ValueError:  # the 61st second, the year 0
        return dict.get(entry, name) if isinstance(entry, dict) else None


def _image(entry: Mapping[str, Any], enclosures: list[dict[str, Any]]) -> str | None:
    pictures = [part.get("url") for part in _dicts(entry.get("media_thumbnail"))]
    pictures += [
        part.get("url") for part in _dicts(entry.get("media_content"))
        if part.get("medium") == "image" or str(part.get("type")).startswith("image/")
    ]  # fmt: skip
    pictures += [part["url"] for part in enclosures if str(part["type"]).startswith("image/")]
    own = entry.get("image")
    pictures.append(own.get("href") if isinstance(own, Mapping) else None)
    return next((picture for picture in pictures if isinstance(picture, str) and picture), None)


def _point(entry: Mapping[str, Any]) -> str | None:
    """Give the point of GeoRSS or W3C geo as "lat,lon"."""
    where = entry.get("where")
    if isinstance(where, Mapping) and where.get("type") == "Point" and len(where.get("coordinates") or ()) == 2:
        longitude, latitude = where["coordinates"]
        return f"{latitude},{longitude}"
    latitude, longitude = entry.get("geo_lat"), entry.get("geo_long")
    return f"{latitude},{longitude}" if latitude and longitude else None


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []


def _filled(data: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what says something, as plain JSON."""
    plain = {name: _plain(value, DEEP) for name, value in data.items()}
    return {name: value for name, value in plain.items() if value not in (None, "", [], {})}


def _plain(value: Any, depth: int) -> Any:
    match value:
        case str():
            return SURROGATE.sub("\ufffd", value).strip()
        case bool() | None:
            return value
        case int():
            return value if abs(value) < 2**53 else str(value)[:400]
        case float():
            return value if math.isfinite(value) else None
        case Mapping():
            return {str(name): _plain(part, depth - 1) for name, part in value.items()} if depth > 0 else None
        case list() | tuple():
            return [_plain(part, depth - 1) for part in value[:LONGEST_LIST]] if depth > 0 else None
    return None
