"""Settings in, an open house out: the city, its sources, the ledger, and the way into the catalogue. No Prefect here."""

import hashlib
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from importlib import metadata
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

from catalogue.answers import Answers
from catalogue.disk import write_bytes
from catalogue.ledger import Ledger
from catalogue.publication import Publications
from connectors.ask import FetchSettings
from connectors.geocode import OSM, Geocoder
from connectors.registry import check_options, connector
from connectors.service import open_service
from schemas import tables, vocabulary
from schemas.addresses import AddressIndex, load_addresses
from schemas.city import City, load_city
from schemas.normalise import Normaliser
from schemas.place import Placer
from schemas.problems import SchemaError
from schemas.settings import Settings, bundled, load_settings
from schemas.source import Source, load_source

MONTH = 30 * 24 * 3600  # seconds
SECRET = "LANDKARTE_SECRET_"  # LANDKARTE_SECRET_VHS_TOKEN serves `secret: VHS_TOKEN`


T = TypeVar("T")
TURN = RLock()


class shared(cached_property[T]):
    """What several threads may ask for at once: the first makes it, the others wait."""

    def __get__(self, instance: object, owner: type[Any] | None = None) -> T:  # type: ignore[override]  # never asked of the class
        with TURN:
            return super().__get__(instance, owner)


@dataclass(frozen=True)
class House:
    """Everything a run needs to know about this installation. Sources are checked when the house is opened."""

    settings: Settings
    city: City
    sources: Mapping[str, Source]
    ledger: Ledger
    broken: Mapping[str, str] = field(default_factory=dict)  # source files that cannot be used: a sentence a key; they rest

    def source(self, key: str) -> Source:
        """Find a source by its key or a former one; raise SchemaError where there is none, or its file is broken."""
        if key in self.sources:
            return self.sources[key]
        if key in self.broken:
            raise SchemaError(self.broken[key])
        for source in self.sources.values():
            if key in source.aliases:
                return source
        raise SchemaError(f"Eine Quelle ‚{key}‘ gibt es nicht. Bekannt sind: {', '.join(self.sources) or 'noch keine'}.")

    def wanted(self, keys: Iterable[str] = ()) -> list[Source]:
        """The named sources, else all that are switched on and not paused."""
        if named := [self.source(key) for key in keys]:
            return named
        return [source for source in self.sources.values() if source.enabled and self.ledger.source(source.key).paused() is None]

    @shared
    def secrets(self) -> dict[str, str]:
        """The secrets of the environment, by the names source files use."""
        return {name.removeprefix(SECRET): value for name, value in os.environ.items() if name.startswith(SECRET)}

    @shared
    def fetching(self) -> FetchSettings:
        """How we go out to partners."""
        contact = self.settings.contact or self.city.contact or self.city.site_url
        return FetchSettings(contact=contact, allow_loopback=self.settings.allow_loopback, min_interval=self.settings.pause)

    @shared
    def publications(self) -> Publications:
        """What was published, on disk."""
        return Publications(self.ledger.places.publications)

    @shared
    def placer(self) -> Placer:
        """Puts addresses on the map: the city's house coordinates first, then the geocoder of the settings."""
        return Placer(self.city, self.addresses, self.geocoder)

    @shared
    def addresses(self) -> AddressIndex | None:
        """The city's official house coordinates: a file of its folder, or an address asked for once a month."""
        city, where = self.city, self.city.addresses
        if where is None:
            return None
        if isinstance(where, Path):
            return load_addresses(where, ags=city.ags, attribution=city.addresses_attribution)
        kept = self.ledger.places.root / "addresses"
        if not kept.exists() or abs(time.time() - kept.stat().st_mtime) > MONTH:  # or the clock was ahead
            write_bytes(kept, open_service(self.fetching, self.now)(where).read())
        return load_addresses(kept, name=where, ags=city.ags, attribution=city.addresses_attribution)

    @shared
    def geocoder(self) -> Geocoder | None:
        """The geocoder of the settings, with what it ever answered."""
        if self.settings.geocoder == "none":
            return None
        return Geocoder(
            open_service(self.fetching, self.now),
            kind=self.settings.geocoder,
            url=self.settings.geocoder_url,
            city=self.city,
            answers=Answers(self.ledger.places.answers),
            pace=self.settings.geocoder_pause,
        )

    @property
    def credits(self) -> tuple[str, ...]:
        """Whose data put the addresses on the map, as their licences ask."""
        geocoder = (OSM,) if self.settings.geocoder != "none" else ()
        return (*filter(None, [self.city.addresses_attribution if self.city.addresses else ""]), *geocoder)

    def now(self) -> datetime:
        """This instant in the city's time zone."""
        return datetime.now(self.city.zone)

    @shared
    def fingerprint(self) -> str:
        """Changes where the same bytes of a partner could become other rows: program, tables, word lists, city."""
        whole = hashlib.sha256(f"{metadata.version('integrationslandkarte')} {self.city.fingerprint}".encode())
        for folder in (tables.FOLDER, vocabulary.FOLDER):
            for path in sorted(folder.iterdir()):
                whole.update(path.read_bytes())
        return whole.hexdigest()


def open_house(settings: Settings) -> House:
    """Load the city and its sources. A broken source file only lets its source rest; raises SchemaError for the city's own."""
    folder = settings.city if settings.city.is_dir() else bundled(str(settings.city))
    if not folder.is_dir():
        raise SchemaError(f"{settings.city}: Diesen Ordner gibt es nicht. Bitte --city oder LANDKARTE_CITY prüfen.")
    city = load_city(folder)
    sources, broken = {}, {}
    for path in city.sources:
        try:
            source = load_source(path)
            check_source(source, city)
            sources[path.stem] = source
        except SchemaError as error:
            broken[path.stem] = str(error) if str(path) in str(error) else f"{path}: {error}"
    return House(settings, city, sources, Ledger(settings.data), broken)


_here: House | None = None


def use(house: House) -> None:
    """Let flows of this process work for this house."""
    global _here
    _here = house


def here() -> House:
    """The house of this process: the one it was told to use, else that of the settings."""
    global _here
    if _here is None:
        _here = open_house(load_settings())
    return _here


def check_source(source: Source, city: City) -> None:
    """Check what only the whole house can check: kind and options, mapping, reserved names. Raises SchemaError."""
    if source.key == city.key:
        raise SchemaError(f"{source.key}: Dieser Schlüssel gehört dem Datensatz der Stadt. Bitte einen anderen wählen.")
    check_options(source)
    kind = connector(source.kind)
    Normaliser(source, city, kind.default_map, nested=kind.nested)
