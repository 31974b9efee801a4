"""A publication in, a CKAN that shows it out: the city's dataset, and one for each source in its partner's organization.

The ZIP of the data package is the one file that is whole or not there: it goes first, the descriptor of the loose files last.
"""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from catalogue.ckan import Ckan, Report
from catalogue.descriptor import write_descriptor
from catalogue.publication import Publication
from catalogue.shown import doubts
from schemas.city import City
from schemas.identity import to_organisation_id
from schemas.source import KEY, Source

DATASTORE = ("offers", "sessions", "organisations", "locations")
NAME = re.compile(KEY)
TAGS = ("Bildung", "Integration", "Neuzugewanderte")  # sorted, as CKAN gives them
FORMATS = {"geojson": "GeoJSON"}  # as CKAN spells them
ZIPPED = {"name": "datapackage.zip", "description": "Alle Tabellen in einer Datei (Data Package)", "format": "ZIP"}


def publish(
    ckan: Ckan,
    publication: Publication,
    city: City,
    sources: Sequence[Source],
    last: Publication | None,
    say: Callable[[str], None] = lambda text: None,
    unfinished: Sequence[Path] = (),
) -> Report:
    """Make the catalogue show a publication: the city's dataset and one for each source. `last` was shown before.

    `unfinished` are the folders of other publications whose showing was cut off since.
    """
    ckan.doubted = doubts(publication.folder, unfinished)
    publisher = to_organisation_id(city.publisher)
    ckan.organization(publisher, city.publisher)
    say(f"Katalog: {city.catalogue_title}")
    _city_dataset(ckan, publication, city, publisher, sources, last)
    for source in sources:
        say(f"Katalog: {source.title}")
        _source_dataset(ckan, publication, city, source)
    for key in (last.inputs if last is not None else {}).keys() - {source.key for source in sources}:
        if NAME.fullmatch(key):  # the other inputs are no sources
            ckan.remove(key)
    return ckan.report


def _city_dataset(
    ckan: Ckan, publication: Publication, city: City, publisher: str, sources: Sequence[Source], last: Publication | None
) -> None:
    names = sorted({source.licence for source in sources})
    licence = names[0] if len(names) == 1 else city.licence
    credits = "\n".join(f"- {source.attribution or source.publisher.name} ({source.licence})" for source in sources)
    dataset = ckan.dataset(
        city.key,
        {
            "title": city.catalogue_title,
            "notes": f"{city.catalogue_description}\n\nNamensnennung je Quelle:\n\n{credits}",
            "owner_org": publisher,
            "license_id": ckan.licence(licence),
            "maintainer": city.publisher,
            "maintainer_email": city.contact,
            "url": city.site_url,
            "extras": _extras(city, licence),
            "tags": [{"name": tag} for tag in TAGS],
        },
    )
    descriptor = orjson.loads((publication.folder / "datapackage.json").read_bytes())
    # who finds the loose files half renewed takes the tables from here
    descriptor["archive"] = ckan.file(dataset, ZIPPED, publication.folder / "datapackage.zip", publication.content)
    for entry in descriptor["resources"]:
        path = publication.folder / entry["path"]
        wanted = {
            "name": entry["path"],
            "description": entry["title"],
            "format": FORMATS.get(entry["format"], entry["format"].upper()),
        }
        entry["path"] = ckan.file(dataset, wanted, path, publication.content, entry["hash"])
    for table in DATASTORE:
        old = last.work / f"{table}.parquet" if last is not None and last.work.is_dir() else None
        ckan.table(dataset, table, publication.work / f"{table}.parquet", old, publication.content, publication.created[:19])
    _descriptor_resource(ckan, dataset, descriptor, publication)


def _descriptor_resource(ckan: Ckan, dataset: Mapping[str, Any], descriptor: dict[str, Any], publication: Publication) -> None:
    """The datapackage.json whose paths are addresses in this catalogue: what the map reads from a CKAN. Written last."""
    wanted = {"name": "datapackage.json", "description": "Beschreibung aller Dateien (Data Package)", "format": "JSON"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "datapackage.json"
        write_descriptor(path, descriptor)
        ckan.file(dataset, wanted, path, publication.content)


def _source_dataset(ckan: Ckan, publication: Publication, city: City, source: Source) -> None:
    publisher = to_organisation_id(source.publisher.name)
    ckan.organization(publisher, source.publisher.name)
    folder = publication.folder / "sources" / source.key
    dataset = ckan.dataset(
        source.key,
        {
            "title": source.title,
            "notes": f"Angebote aus der Quelle „{source.title}“ ({source.publisher.name}), geprüft und vereinheitlicht.",
            "owner_org": publisher,
            "license_id": ckan.licence(source.licence),
            "author": source.publisher.name,
            "url": source.publisher.url or "",
            "maintainer": city.publisher,
            "maintainer_email": city.contact,
            "extras": _extras(city, source.licence, source.attribution or source.publisher.name),
        },
    )
    descriptor = orjson.loads((folder / "datapackage.json").read_bytes())
    content = publication.inputs[source.key]
    ckan.file(dataset, ZIPPED, folder / "datapackage.zip", content)
    for entry in descriptor["resources"]:
        wanted = {
            "name": entry["path"],
            "description": entry["title"],
            "format": FORMATS.get(entry["format"], entry["format"].upper()),
        }
        ckan.file(dataset, wanted, folder / entry["path"], content, entry["hash"])


def _extras(city: City, licence: str, attribution: str = "") -> list[dict[str, str]]:
    values = {"city": city.key, "licence": licence, "attribution": attribution, "spatial_code": city.ags}
    return [{"key": key, "value": value} for key, value in values.items() if value]
