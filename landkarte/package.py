"""A folder or an address comes in; a whole and checked Data Package goes out, or one German sentence that says why not.

A folder is a package (it holds `datapackage.json`) or holds packages and a pointer `current`, which names one of them.
An address is that of a `datapackage.json`. Specification: https://specs.frictionlessdata.io/data-package/
"""

import hashlib
import io
import json
import logging
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urljoin, urlsplit

import polars as pl
import requests

from schemas import tables

DESCRIPTOR = "datapackage.json"
POINTER = "current"
TIMEOUT = (5, 60)  # seconds to connect, seconds without a byte
MAX_BYTES = 1_000_000_000  # one resource, from an address

# What the pages read besides the tables; everything else is only listed for download.
FURTHER = ("vocabularies", "withdrawn", "matches")
DRAWINGS = ("districts", "subdistricts")  # GeoJSON resources beside the tables of the same name
REQUIRED = {"offers": ("offer_id", "source_key", "title")}
HASHES = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
TYPES = {"integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}
LARGEST = 10**9  # no price, no age and no capacity is larger; NaN lies nowhere
FORMATS = {"uri": r"^https?://[^\s]+$", "email": r"^[^\s@:?&]+@[^\s@:?&]+$"}
TRUE, FALSE = ("true", "True", "TRUE", "1"), ("false", "False", "FALSE", "0")

log = logging.getLogger(__name__)


class PackageError(Exception):
    """The location holds no package, or not a whole one. The text is one German sentence."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One file of the package, as the descriptor announces it."""

    name: str
    path: str
    title: str
    description: str
    format: str
    mediatype: str
    bytes: int | None
    hash: str
    licences: tuple[Mapping[str, str], ...]
    sources: tuple[Mapping[str, str], ...]
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Package:
    """One publication in memory. `stamp` differs whenever the location offers another one; `folder` is None for an address."""

    location: str
    stamp: tuple[str, ...]
    descriptor: Mapping[str, Any]
    resources: tuple[Resource, ...]
    tables: Mapping[str, pl.DataFrame]
    drawings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def title(self) -> str:
        return str(self.descriptor.get("title") or self.descriptor.get("name") or "Integrationslandkarte")

    @property
    def name(self) -> str:
        return str(self.descriptor.get("name") or "")

    @property
    def publication(self) -> str:
        """The name of these contents: the descriptor's id or version."""
        return str(self.descriptor.get("id") or self.descriptor.get("version") or "")

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Give a table as row dicts; a table the package does not have is empty."""
        return self.tables[table].to_dicts() if table in self.tables else []

    def address(self, resource: Resource) -> str | None:
        """Where the file can be fetched from elsewhere; None where it lies in a folder and we hand it out ourselves."""
        return None if self.folder else urljoin(self.location, resource.path)


def load(location: str | Path) -> Package:
    """Load the package at a folder or an address; raise PackageError where it is missing, broken or only half there."""
    if _is_address(location):
        return _load_address(str(location))
    for _ in range(3):  # the pointer may turn, and an old package may be swept away, while we read
        folder = _folder(Path(location))
        before = _folder_stamp(folder)
        try:
            package = _load_folder(folder, str(location), before)
        except PackageError:
            if _folder_stamp(_folder(Path(location))) == before:
                raise
            continue
        if _folder_stamp(_folder(Path(location))) == before:
            return package
    raise PackageError(f"{location}: Das Datenpaket ändert sich gerade. Bitte gleich noch einmal versuchen.")


def changed(package: Package) -> bool:
    """Say whether the location now offers something else: one look at two files, or one conditional request."""
    if _is_address(package.location):
        etag, modified, digest = package.stamp
        asked = {name: value for name, value in (("If-None-Match", etag), ("If-Modified-Since", modified)) if value}
        status, _, content = _fetch(package.location, asked)
        return status != 304 and hashlib.sha256(content).hexdigest() != digest
    return _folder_stamp(_folder(Path(package.location))) != package.stamp


def _is_address(location: str | Path) -> bool:
    return isinstance(location, str) and urlsplit(location).scheme in ("http", "https")


def _folder(location: Path) -> Path:
    """Follow the pointer, if there is one: a file with a sub-folder's name, or a symbolic link to it."""
    if location.name == DESCRIPTOR:
        return location.parent
    pointer = location / POINTER
    if pointer.is_dir():
        return pointer.resolve()
    try:
        name = pointer.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return location
    except (OSError, UnicodeDecodeError) as error:
        raise PackageError(f"{pointer}: Der Zeiger auf die Veröffentlichung ist nicht lesbar ({error}).") from error
    if not name or name in (".", "..") or "/" in name or "\\" in name:
        raise PackageError(f"{pointer}: ‚{name[:80]}‘ ist kein Name eines Ordners daneben.")
    return location / name


def _folder_stamp(folder: Path) -> tuple[str, ...]:
    try:
        about = (folder / DESCRIPTOR).stat()
    except OSError:
        return (str(folder),)
    return (str(folder), str(about.st_mtime_ns), str(about.st_size), str(about.st_ino))


def _load_folder(folder: Path, location: str, stamp: tuple[str, ...]) -> Package:
    def read(path: str) -> bytes:
        try:
            return (folder / path).read_bytes()
        except OSError as error:
            raise PackageError(f"{folder / path}: Die Datei des Datenpakets fehlt oder ist nicht lesbar.") from error

    if not (folder / DESCRIPTOR).is_file():
        raise PackageError(f"{folder}: Hier liegt kein Datenpaket ({DESCRIPTOR} fehlt). Bitte zuerst veröffentlichen.")
    descriptor = _descriptor(read(DESCRIPTOR), str(folder / DESCRIPTOR))
    resources = _resources(descriptor, str(folder))
    for resource in resources:
        file = folder / resource.path
        if not file.is_file():
            raise PackageError(f"{file}: Die Datei steht im Datenpaket, ist aber nicht da.")
        if resource.bytes is not None and file.stat().st_size != resource.bytes:
            raise PackageError(f"{file}: Die Datei ist {file.stat().st_size} statt {resource.bytes} Bytes groß.")
    return _package(descriptor, resources, read, location=location, stamp=stamp, folder=folder)


def _load_address(address: str) -> Package:
    _, headers, content = _fetch(address, {})
    stamp = (headers.get("ETag", ""), headers.get("Last-Modified", ""), hashlib.sha256(content).hexdigest())
    descriptor = _descriptor(content, address)
    resources = _resources(descriptor, address)

    def read(path: str) -> bytes:
        return _fetch(urljoin(address, path), {})[2]

    try:
        return _package(descriptor, resources, read, location=address, stamp=stamp, folder=None)
    except PackageError:
        archive = descriptor.get("archive")
        if not isinstance(archive, str) or not _belongs(archive, address):
            raise
    # the loose files are being renewed at the moment, or somebody died while doing it: the archive is old or new, never half
    return _package(*_archive(read(archive), archive, resources, read), location=address, stamp=stamp, folder=None)


def _archive(
    content: bytes, address: str, loose: tuple[Resource, ...], read: Callable[[str], bytes]
) -> tuple[dict[str, Any], tuple[Resource, ...], Callable[[str], bytes]]:
    """Give descriptor and resources of a package in a ZIP, and how to read them; the drawings, which it lacks, as they lie outside."""
    try:
        bundle = zipfile.ZipFile(io.BytesIO(content))
        descriptor = _descriptor(bundle.read(DESCRIPTOR), address)
    except (zipfile.BadZipFile, KeyError) as error:
        raise PackageError(f"{address}: Das ist kein Datenpaket als ZIP ({error}).") from error
    tables_inside = tuple(item for item in _resources(descriptor, address) if item.path in bundle.namelist())
    drawings = tuple(item for item in loose if PurePosixPath(item.path).name in {f"{name}.geojson" for name in DRAWINGS})

    def read_inside(path: str) -> bytes:
        return bundle.read(path) if path in bundle.namelist() else read(path)

    return descriptor, (*tables_inside, *drawings), read_inside


def _fetch(address: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
    """Fetch an address the operator named; give status, headers and body, capped."""
    try:
        with requests.get(address, headers=dict(headers), timeout=TIMEOUT, stream=True) as response:
            response.raise_for_status()
            body = bytearray()
            for piece in response.iter_content(1 << 16):
                body += piece
                if len(body) > MAX_BYTES:
                    raise PackageError(f"{address}: Die Datei ist größer als {MAX_BYTES} Bytes.")
            return response.status_code, response.headers, bytes(body)
    except requests.RequestException as error:
        raise PackageError(f"{address}: Das Datenpaket ist nicht erreichbar ({error}).") from error


def _descriptor(content: bytes, where: str) -> dict[str, Any]:
    try:
        descriptor = json.loads(content)
    except ValueError as error:
        raise PackageError(f"{where}: Das ist kein gültiges JSON ({error}).") from error
    if not isinstance(descriptor, dict) or not isinstance(descriptor.get("resources"), list):
        raise PackageError(f"{where}: Das ist keine Beschreibung eines Datenpakets, die Liste resources fehlt.")
    return descriptor


def _resources(descriptor: Mapping[str, Any], where: str) -> tuple[Resource, ...]:
    found = []
    for raw in descriptor["resources"]:
        if not isinstance(raw, dict) or not isinstance(raw.get("path"), str):
            continue  # inline data and multipart files are allowed there, but not ours
        path = PurePosixPath(raw["path"])
        if not _belongs(raw["path"], where):
            raise PackageError(f"{where}: Der Pfad ‚{raw['path'][:80]}‘ führt aus dem Datenpaket hinaus.")
        found.append(
            Resource(
                name=str(raw.get("name") or path.stem),
                path=raw["path"],
                title=str(raw.get("title") or raw.get("name") or path.name),
                description=str(raw.get("description") or ""),
                format=str(raw.get("format") or path.suffix.lstrip(".")).lower(),
                mediatype=str(raw.get("mediatype") or ""),
                bytes=raw["bytes"] if isinstance(raw.get("bytes"), int) else None,
                hash=str(raw.get("hash") or ""),
                licences=_mappings(raw.get("licenses")),
                sources=_mappings(raw.get("sources")),
                raw=raw,
            )
        )
    return tuple(found)


def _belongs(path: str, where: str) -> bool:
    """Whether a path stays inside the package; a catalogue's package names its files by addresses on the same server."""
    if urlsplit(path).scheme:
        return _is_address(where) and urlsplit(path)[:2] == urlsplit(where)[:2]
    parts = PurePosixPath(path)
    return not parts.is_absolute() and ".." not in parts.parts and "\\" not in path


def _mappings(value: object) -> tuple[Mapping[str, str], ...]:
    items = value if isinstance(value, list) else []
    return tuple({str(key): str(text) for key, text in item.items()} for item in items if isinstance(item, dict))


def _package(
    descriptor: Mapping[str, Any],
    resources: tuple[Resource, ...],
    read: Callable[[str], bytes],
    *,
    location: str,
    stamp: tuple[str, ...],
    folder: Path | None,
) -> Package:
    by_path = {PurePosixPath(resource.path).name: resource for resource in resources}
    frames: dict[str, pl.DataFrame] = {}
    for table in (*tables.TABLES, *FURTHER):
        if (resource := by_path.get(f"{table}.csv")) is not None:
            frames[table] = _table(table, resource, _checked(read(resource.path), resource, location), location)
    for table, columns in REQUIRED.items():
        if table not in frames:
            raise PackageError(f"{location}: Im Datenpaket fehlt die Tabelle {table}.csv.")
        if absent := [column for column in columns if column not in frames[table].columns]:
            raise PackageError(f"{location}: In {table}.csv fehlt die Spalte {', '.join(absent)}.")
    drawings: dict[str, Mapping[str, Any]] = {}
    for name in DRAWINGS:
        if (resource := by_path.get(f"{name}.geojson")) is not None:
            drawings[name] = _drawing(_checked(read(resource.path), resource, location), resource, location)
    return Package(
        location=location,
        stamp=stamp,
        descriptor=descriptor,
        resources=resources,
        tables={name: _whole(name, frame) for name, frame in frames.items()},
        drawings=drawings,
        folder=folder,
    )


def _checked(content: bytes, resource: Resource, where: str) -> bytes:
    """Hold the bytes against the announced hash (`sha256:…`, or a bare one whose length tells its kind)."""
    kind, _, digest = resource.hash.rpartition(":")
    kind = kind or HASHES.get(len(digest), "")
    if not digest:
        log.warning("%s: %s hat keine Prüfsumme im Datenpaket", where, resource.path)
    elif kind not in HASHES.values():
        raise PackageError(f"{where}: Die Prüfsumme von {resource.path} ist von unbekannter Art (‚{resource.hash[:20]}‘).")
    elif hashlib.new(kind, content, usedforsecurity=False).hexdigest() != digest.lower():
        raise PackageError(f"{where}: {resource.path} passt nicht zu seiner Prüfsumme, die Datei ist unvollständig.")
    return content


def _drawing(content: bytes, resource: Resource, where: str) -> Mapping[str, Any]:
    try:
        drawing = json.loads(content)
    except ValueError as error:
        raise PackageError(f"{where}: {resource.path} ist kein gültiges GeoJSON ({error}).") from error
    if not isinstance(drawing, dict) or not isinstance(drawing.get("features"), list):
        raise PackageError(f"{where}: {resource.path} enthält keine GeoJSON-Features.")
    return drawing


def _table(table: str, resource: Resource, content: bytes, where: str) -> pl.DataFrame:
    """Read a CSV with the dialect of its resource; every column as text, empty cells as null."""
    dialect = resource.raw.get("dialect") or {}
    dialect = {**dialect, **dialect.get("csv", {})} if isinstance(dialect, dict) else {}
    try:
        frame = pl.read_csv(
            io.BytesIO(content),
            separator=str(dialect.get("delimiter", ",")),
            quote_char=str(dialect.get("quoteChar", '"')),
            infer_schema=False,
        )
    except (pl.exceptions.PolarsError, ValueError, TypeError) as error:
        raise PackageError(f"{where}: {resource.path} ist keine lesbare CSV-Datei ({error}).") from error
    return frame.rename({column: column.lstrip("\ufeff") for column in frame.columns})


def _whole(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Give a table the columns and types we know it by; a column the package lacks is empty, a further one stays text."""
    if table not in tables.TABLES:
        return frame
    for spec in tables.load(table)["fields"]:
        column, kind = spec["name"], spec["type"]
        if column not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=TYPES.get(kind, pl.String)).alias(column))
        elif kind == "boolean":
            text = pl.col(column)
            frame = frame.with_columns(
                pl.when(text.is_in(TRUE)).then(True).when(text.is_in(FALSE)).then(False).otherwise(None).alias(column)
            )
        elif kind in TYPES:
            bounds = spec.get("constraints", {})
            number = pl.col(column).cast(TYPES[kind], strict=False)
            meant = number.is_between(bounds.get("minimum", -LARGEST), min(bounds.get("maximum", LARGEST), LARGEST))
            frame = frame.with_columns(pl.when(meant).then(number).alias(column))
        elif (wanted := FORMATS.get(spec.get("format", ""))) is not None:
            # what is no address never becomes a link
            frame = frame.with_columns(pl.when(pl.col(column).str.contains(wanted)).then(pl.col(column)).alias(column))
    key = tables.load(table).get("primaryKey")
    return frame.drop_nulls(key).unique(subset=key, keep="first", maintain_order=True) if key else frame
