"""A request comes in; one of the three views goes out: list, map, districts. All three have the same filter and address line."""

from collections.abc import Mapping

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from landkarte.web import exports, facets
from landkarte.web.cards import card
from landkarte.web.query import Query
from landkarte.web.render import FRESH, Asked, asked, etag, page, unchanged
from landkarte.web.select import Selection, select

OPEN = {"Access-Control-Allow-Origin": "*"}  # public data, readable from any page
VIEWS = ("/", "/karte", "/stadtteile")


def offers_page(request: Request) -> Response:
    """The list: the page everything begins with."""
    return _view(asked(request), "list.html")


def map_page(request: Request) -> Response:
    """The map beside the list; without JavaScript or WebGL the districts are drawn instead."""
    return _view(asked(request), "map.html")


def districts_page(request: Request) -> Response:
    """The districts with their counts, as a drawing and as a list."""
    ask = asked(request)
    selection = select(ask.view.index, ask.query)
    if ask.query.page > 1 or "" in dict(request.query_params.multi_items()).values():
        return RedirectResponse(ask.query.on(1).url(ask.path), 303)
    index = ask.view.index
    nested: dict[str, list[tuple[str, str, int]]] = {code: [] for code in index.districts}
    # only where a border is known anybody could have been counted: without one, 0 would be said of a quarter full of offers
    bordered = {shape.code for shape in ask.view.drawing.subdistricts} if ask.view.drawing else set(index.subdistricts)
    for code, (name, upper) in index.subdistricts.items():
        if upper in nested and code in bordered:
            nested[upper].append((code, name, selection.counts["subdistrict"].get(code, 0)))
    values = _common(ask, selection) | {
        "nested": {code: sorted(parts, key=lambda part: part[1]) for code, parts in nested.items()}
    }
    return page(ask, "districts.html", values)


def _view(ask: Asked, template: str) -> Response:
    if "" in dict(ask.request.query_params.multi_items()).values():
        # a form sends its empty fields, too; the address one shares should not
        return RedirectResponse(ask.query.url(ask.path), 303)
    selection = select(ask.view.index, ask.query)
    if ask.query.page > selection.pages:
        return RedirectResponse(ask.query.on(selection.pages).url(ask.path), 303)
    rows = selection.rows(ask.query.page)
    values = _common(ask, selection) | {
        "cards": [card(ask.tongue, ask.view.index, row) for row in rows],
        "pages": _pages(ask.query, selection),
        "ways": facets.ways_out(ask.tongue, ask.view.index, ask.query, selection, ask.path) if not selection.total else (),
    }
    return page(ask, template, values)


def _common(ask: Asked, selection: Selection) -> dict[str, object]:
    index = ask.view.index
    counts = selection.counts["district"]
    return {
        "selection": selection,
        "groups": facets.groups(ask.tongue, index, ask.query, selection),
        "chips": facets.chips(ask.tongue, index, ask.query, ask.path),
        "view": ask.path,
        "credit": _credit(ask),
        "district_counts": counts,
        "steps": _steps(counts),
        "unplaced": (selection.mask & index.silent["district"]).bit_count(),
        "age_more": selection.silent.get("age", 0),
        "all_offers": index.listed.bit_count(),
    }


def _credit(ask: Asked) -> str:
    """Say whose boundaries are drawn: as the city says, else as their file does."""
    package = ask.view.index.package
    city = package.descriptor.get("city")
    areas = city.get("areas") if isinstance(city, dict) else None
    area = areas.get("districts") if isinstance(areas, dict) else None
    if isinstance(area, dict):
        named = ask.tongue.label(ask.view.index.labels, "licences", area.get("licence"))
        return ", ".join(str(text) for text in (area.get("attribution"), named) if text)
    resource = next((one for one in package.resources if one.path == "districts.geojson"), None)
    found = [*resource.sources, *resource.licences] if resource else []
    return ", ".join(one.get("title") or one.get("name") or one.get("path", "") for one in found)


def _steps(counts: Mapping[str, int]) -> dict[str, int]:
    """Give each district its shade: 0 without offers, else 1 for the fewest to 4 for the most."""
    some = [count for count in counts.values() if count]
    least, most = min(some, default=0), max(some, default=0)
    return {code: 1 + round(3 * (count - least) / ((most - least) or 1)) if count else 0 for code, count in counts.items()}


def _pages(query: Query, selection: Selection) -> list[int]:
    """Give the page numbers to offer: the first, the last and those around; 0 for a gap."""
    near = {1, selection.pages, *range(query.page - 1, query.page + 2)}
    found: list[int] = []
    for number in sorted(number for number in near if 1 <= number <= selection.pages):
        if found and number > found[-1] + 1:
            found.append(0)
        found.append(number)
    return found


def points(request: Request) -> Response:
    """The pins of a query, column by column: what the map draws. One pin may stand for several offers."""
    ask = asked(request)
    tag = etag(ask)
    if unchanged(request, tag):
        return Response(status_code=304, headers={**FRESH, "ETag": tag})
    index, places = ask.view.index, ask.view.index.places
    rows: dict[int, list[int]] = {}
    for row in select(index, ask.query.only("place")).rows():
        if (pin := places.pin_of[row]) >= 0:
            rows.setdefault(pin, []).append(row)
    single = {pin: card(ask.tongue, index, found[0]) for pin, found in rows.items() if len(found) == 1}
    columns = {
        "id": [places.pins[pin].location_id for pin in rows],
        "lng": [places.pins[pin].longitude for pin in rows],
        "lat": [places.pins[pin].latitude for pin in rows],
        "n": [len(found) for found in rows.values()],
        "name": [places.pins[pin].name if pin not in single else single[pin].title.text for pin in rows],
        "icon": [single[pin].icon if pin in single else "" for pin in rows],
    }
    return Response(orjson.dumps(columns), headers={**FRESH, "ETag": tag}, media_type="application/json")


def borders(request: Request) -> Response:
    """The districts, and the subdistricts, as GeoJSON: what the map draws below its pins."""
    ask = asked(request)
    drawing = ask.view.index.package.drawings.get(request.path_params["which"])
    if drawing is None:
        return Response("Diese Grenzen gibt es hier nicht.\n", 404, media_type="text/plain; charset=utf-8")
    tag = etag(ask)
    if unchanged(request, tag):
        return Response(status_code=304, headers={**FRESH, "ETag": tag})
    return Response(orjson.dumps(drawing), headers={**FRESH, **OPEN, "ETag": tag}, media_type="application/geo+json")


def download(request: Request) -> Response:
    """The offers of a query as CSV, GeoJSON or iCalendar: the same address line as the list."""
    ask = asked(request)
    kind = request.path_params["kind"]
    tag = etag(ask)
    headers = {**FRESH, **OPEN, "ETag": tag}
    if unchanged(request, tag):
        return Response(status_code=304, headers=headers)
    index = ask.view.index
    rows = select(index, ask.query).rows()
    if kind == "csv":
        content, media = exports.to_csv(index, rows), "text/csv; charset=utf-8"
    elif kind == "geojson":
        content, media = exports.to_geojson(index, rows, ask.address), "application/geo+json"
    elif kind == "ics":
        content, media = exports.to_ics(index, rows, ask.address), "text/calendar; charset=utf-8"
    else:
        return Response("Es gibt angebote.csv, angebote.geojson und angebote.ics.\n", 404, media_type="text/plain; charset=utf-8")
    headers["Content-Disposition"] = f'attachment; filename="angebote.{kind}"'
    return Response(content, headers=headers, media_type=media)
