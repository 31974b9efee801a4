"""A request for data comes in; a source's page, the page of all datasets, or one file of the package goes out."""

from collections.abc import Sequence
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from landkarte.package import DESCRIPTOR, Resource
from landkarte.web.details import licence, moment
from landkarte.web.query import Query
from landkarte.web.render import Asked, asked, page

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "geojson": "application/geo+json",
    "ics": "text/calendar; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "zip": "application/zip",
}


def source_page(request: Request) -> Response:
    """A source: who publishes it, under which licence, when it was last read, and its offers."""
    ask = asked(request)
    index, key = ask.view.index, request.path_params["key"]
    source = index.sources.get(key)
    if source is None:
        return page(ask, "error.html", {"code": 404, "heading": ask.say("Diese Quelle gibt es hier nicht.")}, status=404)
    chosen = Query(chosen={"source": (key,)}, lang=ask.query.lang)
    values = {
        "source": source,
        "licence": licence(ask, source["licence"]),
        "read": moment(ask, source["last_success"]),
        "moved": moment(ask, source["last_change"]),
        "offers": (index.masks["source"].get(key, 0) & index.listed).bit_count(),
        "completeness": ask.tongue.label(index.labels, "completeness", source["completeness"]),
        "chosen": chosen,
        "catalogue": f"{ask.site.catalogue}/dataset/{key}" if ask.site.catalogue else "",
    }
    return page(ask, "source.html", values)


def data_page(request: Request) -> Response:
    """The datasets: every file with size, format and licence, and where they are in the catalogue."""
    ask = asked(request)
    package = ask.view.index.package
    stated = package.descriptor.get("licenses")
    common = [one for one in stated if isinstance(one, dict)] if isinstance(stated, list) else []
    counts = {
        key: (ask.view.index.masks["source"].get(key, 0) & ask.view.index.listed).bit_count() for key in ask.view.index.sources
    }
    values = {
        "resources": [
            (resource, package.address(resource) or f"/daten/{quote(resource.path)}") for resource in _in_order(package.resources)
        ],
        "archive": _archive(ask),
        "descriptor": package.location if package.folder is None else f"/daten/{DESCRIPTOR}",
        "created": moment(ask, str(package.descriptor.get("created") or "")) or _newest(ask),
        "common": common if len(common) == 1 else [],
        "size": lambda number: size(ask, number),
        "sources": sorted(ask.view.index.sources.values(), key=lambda source: source["title"] or source["source_key"]),
        "licence": lambda address: licence(ask, address),
        "moment": lambda text: moment(ask, text),
        "counts": counts,
        "catalogue": f"{ask.site.catalogue}/dataset/{package.name}" if ask.site.catalogue and package.name else "",
    }
    return page(ask, "data.html", values)


def _in_order(resources: Sequence[Resource]) -> list[Resource]:
    """Put what people ask for first: the offers in all forms, then the rest as the package has it."""
    return sorted(resources, key=lambda resource: not resource.path.startswith("offers."))


def _newest(ask: Asked) -> str:
    """Say when the freshest source was read."""
    return moment(ask, max((source["last_success"] or "" for source in ask.view.index.sources.values()), default=""))


def _archive(ask: Asked) -> tuple[str, int] | None:
    """Find the ZIP of the whole package beside its files."""
    folder = ask.view.index.package.folder
    found = sorted(folder.glob("*.zip")) if folder else []
    return (found[0].name, found[0].stat().st_size) if found else None


def size(ask: Asked, number: int | None) -> str:
    """Write a number of bytes for people: 129 kB."""
    if number is None:
        return ""
    for limit, unit in ((1_000_000, "MB"), (1_000, "kB")):
        if number >= limit:
            return f"{ask.tongue.number(round(number / limit, 1 if number < 10 * limit else 0))} {unit}"
    return f"{number} B"


def data_file(request: Request) -> Response:
    """One file of the package, from its folder; nothing else in that folder."""
    ask = asked(request)
    package, name = ask.view.index.package, request.path_params["name"]
    resource = next((one for one in package.resources if one.path == name), None)
    archive = _archive(ask)
    allowed = name == DESCRIPTOR or resource is not None or (archive is not None and archive[0] == name)
    if package.folder is None or not allowed or not (package.folder / name).is_file():
        return page(ask, "error.html", {"code": 404, "heading": ask.say("Diese Datei gibt es hier nicht.")}, status=404)
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}
    media = (resource.mediatype if resource else "") or MEDIA.get(name.rpartition(".")[2], "application/octet-stream")
    return FileResponse(package.folder / name, headers=headers, media_type=media)
