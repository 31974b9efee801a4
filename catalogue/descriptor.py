"""Files of a publication in, its datapackage.json out: what each file holds, whose it is, its licence, its checksum.

What the files are stands in schemas/datapackage.json. Specification: Data Package 1, https://specs.frictionlessdata.io/data-package/
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

from schemas.city import City
from schemas.source import Source
from schemas.tables import package_template
from schemas.vocabulary import licences


def digest_of(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _template() -> dict[str, Any]:
    """Give a copy of what all packages say: read anew from its text, which is the quickest way to copy it."""
    copy: dict[str, Any] = orjson.loads(_template_text())
    return copy


@cache
def _template_text() -> bytes:
    return orjson.dumps(package_template())


def resources(folder: Path, digests: Mapping[str, str] = MappingProxyType({})) -> list[dict[str, Any]]:
    """Describe the files of a folder that the template knows; a table refers only to tables that are there, too.

    `digests` are those of the files that are known already.
    """
    found = [entry for entry in _template()["resources"] if (folder / entry["path"]).exists()]
    names = {"", *(entry["name"] for entry in found)}
    for entry in found:
        path = folder / entry["path"]
        entry |= {"bytes": path.stat().st_size, "hash": f"sha256:{digests.get(entry['path']) or digest_of(path)}"}
        if keys := entry.get("schema", {}).pop("foreignKeys", None):
            entry["schema"]["foreignKeys"] = [key for key in keys if key["reference"]["resource"] in names]
    return found


def city_package(
    folder: Path,
    city: City,
    sources: Sequence[Source],
    content: str,
    credits: Sequence[str] = (),
    digests: Mapping[str, str] = MappingProxyType({}),
    remarks: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Describe the city's package: `content` names its rows, `credits` whose data placed the addresses.

    `digests` are those of the files that are known already, `remarks` what is to be said about some of them.
    """
    described = resources(folder, digests)
    for entry in described:
        if remark := remarks.get(entry["path"]):
            entry["description"] = f"{entry['description']} {remark}"
    return {
        **_template(),
        "name": city.key,
        "title": city.catalogue_title,
        "description": city.catalogue_description,
        "version": content,
        "catalogue": city.catalogue_id,
        "licenses": to_licences(*{source.licence for source in sources} or {city.licence}),
        "contributors": [city.contributor, *to_contributors(sources)],
        "sources": [{"title": credit} for credit in credits],
        "city": city.public,
        "resources": described,
    }


def source_package(folder: Path, source: Source, city: City, digests: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """Describe the package of one source of a city; `digests` as above."""
    return {
        **_template(),
        "name": source.key,
        "catalogue": city.catalogue_id,
        "city": {"key": city.key, "name": city.name, "ags": city.ags},
        "title": source.title,
        "description": f"Angebote aus der Quelle „{source.title}“ ({source.publisher.name}), geprüft und vereinheitlicht.",
        "licenses": to_licences(source.licence),
        "contributors": to_contributors([source]),
        "resources": resources(folder, digests),
    }


def write_descriptor(path: Path, descriptor: dict[str, Any]) -> None:
    """Write a descriptor as a person can read it."""
    path.write_bytes(orjson.dumps(descriptor, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def to_licences(*names: str) -> list[dict[str, str]]:
    """Licences as a data package names them: DCAT-AP.de short name, address, title."""
    known = licences()
    return [{"name": name, "path": known[name].url, "title": known[name].title} for name in sorted(names)]


def to_contributors(sources: Sequence[Source]) -> list[dict[str, str]]:
    """Who gave data, each once, with the attribution the licence asks for."""
    found = []
    for source in sources:
        entry = {"title": source.attribution or source.publisher.name, "role": "contributor"}
        if source.publisher.url:
            entry["path"] = source.publisher.url
        if entry not in found:
            found.append(entry)
    return found
