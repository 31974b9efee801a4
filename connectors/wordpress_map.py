"""Records of connectors/wordpress_records.py come in; this map, in the language of a source file, says which columns they fill.

Beside it the names of what WordPress adds for itself and no partner means.
"""

from collections.abc import Mapping
from typing import Any

EVENT_TAKEN = frozenset({
    "id", "title", "description", "excerpt", "url", "website", "image", "categories", "tags", "cost", "start_date", "end_date",
    "all_day", "timezone", "venue", "organizer", "modified", "modified_utc", "json_ld", "is_virtual", "virtual_url",
})  # fmt: skip
EVENT_TECHNICAL = frozenset({
    "global_id", "global_id_lineage", "author", "status", "date", "date_utc", "rest_url", "slug", "start_date_details",
    "end_date_details", "utc_start_date", "utc_start_date_details", "utc_end_date", "utc_end_date_details", "timezone_abbr",
    "cost_details", "show_map", "show_map_link", "hide_from_listings", "sticky", "featured", "custom_fields", "_links",
    "ticketed", "virtual_event_type", "virtual_video_source", "virtual_embed_video", "virtual_linked_button_text",
    "virtual_show_embed_at",
    "virtual_show_embed_to", "virtual_show_on_event", "virtual_show_on_views", "virtual_is_linkable", "virtual_is_immediate",
    "virtual_should_show_embed", "virtual_should_show_link", "virtual_meetings",
})  # fmt: skip
POST_TAKEN = frozenset(
    {"id", "title", "content", "excerpt", "link", "type", "modified_gmt", "modified", "_embedded", "categories", "tags"}
)
POST_TECHNICAL = frozenset({
    "date", "date_gmt", "guid", "slug", "status", "author", "featured_media", "comment_status", "ping_status", "sticky",
    "template", "format", "_links", "parent", "menu_order", "class_list", "yoast_head", "yoast_head_json",
    "jetpack_featured_media_url",
    "jetpack_sharing_enabled", "jetpack_shortlink", "jetpack-related-posts",
})  # fmt: skip
VENUE = {
    "name": "venue", "address": "address", "city": "city", "zip": "zip", "country": "country", "phone": "phone",
    "website": "website", "latitude": "geo_lat", "longitude": "geo_lng",
}  # fmt: skip

WORDPRESS_MAP: Mapping[str, Any] = {
    "map": {
        "title": {"from": "title", "as": "text"},
        "description": {"from": ["content", "excerpt"], "as": "text"},
        "offer_type": {"from": "kind", "as": [{"lookup": "wordpress_kinds"}]},
        "url": {"from": ["website", "url"], "as": "url"},
        "record_url": {"from": "url", "as": "url"},
        "image_url": {"from": "image", "as": "url"},
        "keywords": "[categories, tags][]",
        "cost": "cost",
        "status": "status",
        "attendance_mode": "attendance",
        "source_modified": {"from": "modified", "as": "datetime"},
        "contact_email": "organizer.email",
        "contact_phone": "organizer.phone",
        "organisation.name": {"from": "organizer.name", "as": "text"},
        "organisation.website": {"from": "organizer.website", "as": "url"},
        "partner_organisations": "further_organizers",
        "location.address": "place",
        "location.point": "point",
        "location.name": {"from": "venue.name", "as": "text"},
        "location.street_line": {"from": "venue.address", "as": "text"},
        "location.postal_code": "venue.zip",
        "location.city": "venue.city",
        "location.latitude": "venue.latitude",
        "location.longitude": "venue.longitude",
    },
    "sessions": {
        "each": "sessions",
        "map": {
            "start": {"from": "start", "as": "datetime"},
            "end": {"from": "end", "as": "datetime"},
            "all_day": "all_day",
            "status": "status",
            "online_url": {"from": "online_url", "as": "url"},
        },
    },
    "lookups": {"wordpress_kinds": {"event": "event"}},
    "ignore": ["id", "type", "excerpt", "terms", "meta"],
}
