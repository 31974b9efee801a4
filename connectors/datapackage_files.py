"""The address of a data package comes in; its descriptor and its files go out, each checked against what the descriptor says of it.

A package is a datapackage.json with files beside it or elsewhere on the web, or all of it in one ZIP.
Specification: https://specs.frictionlessdata.io/data-package/, https://specs.frictionlessdata.io/data-resource/
"""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import orjson

from connectors.contract import Context, Options, SourceError
from connectors.jsontext import check_json, read_document
from connectors.text import first_bytes
from connectors.webpage import fetch_linked
from schemas.problems import Problem
from schemas.record import Capture

DESCRIPTOR = "datapackage.json"
ZIP = b"PK\x03\x04"
LARGEST = 1_000_000_000  # bytes of all files of a ZIP together
SPARED = 50_000_000  # unpacked bytes below which nobody asks for the ratio
MAX_RATIO = 200
MOST_MEMBERS = 10_000
HASH = re.compile(r"(?:(?P<name>md5|sha1|sha256|sha512):)?(?P<hex>[0-9a-f]{32,128})", re.I)  # without a name it is md5
LENGTHS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}


class _Archive:
    """A ZIP whose files are unpacked within bounds."""

    def __init__(self, capture: Capture, ctx: Context) -> None:
        self._capture, self._left = capture, min(LARGEST, ctx.limits.max_decompressed)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(capture.read()))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise _broken_zip() from error
        parts = self._zip.infolist()
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MOST_MEMBERS or (unpacked > SPARED and unpacked > MAX_RATIO * capture.size):
            raise SourceError(Problem("too_large", note="entpackt zu groß"))
        names = sorted((part.filename for part in parts), key=lambda name: (name.count("/"), name))
        self.descriptor = next((name for name in names if name.rpartition("/")[2] == DESCRIPTOR), "")

    def unpack(self, name: str) -> Capture:
        """Unpack one file; raise SourceError where it is missing, broken or too large."""
        try:
            part = self._zip.getinfo(name)
            self._left -= part.file_size
            if self._left < 0:
                raise SourceError(Problem("too_large", note="entpackt zu groß"))
            with self._zip.open(part) as stream:
                body = stream.read(part.file_size + 1)  # what it says of its own size is checked by reading no more
        except KeyError:
            raise SourceError(Problem("broken_file", note=f"im ZIP fehlt ‚{name[:80]}‘")) from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as error:
            raise _broken_zip() from error
        if len(body) > part.file_size:
            raise SourceError(Problem("too_large", note="entpackt größer als angegeben"))
        return Capture.of(body, url=f"{self._capture.url}#{name}", fetched_at=self._capture.fetched_at)


@dataclass(frozen=True, slots=True)
class Package:
    """A descriptor, the capture it came in, and the way to its files. `archive` is set where they lie in the same ZIP."""

    descriptor: Mapping[str, Any]
    capture: Capture
    options: Options
    ctx: Context
    archive: _Archive | None = None

    @property
    def name(self) -> str:
        """What the package calls itself."""
        return str(self.descriptor.get("title") or self.descriptor.get("name") or "")[:80]

    @property
    def catalogue(self) -> str:
        """The address by which others name the origin of its records."""
        for key in ("catalogue", "id", "homepage"):
            if isinstance(said := self.descriptor.get(key), str) and said.strip():
                return said.strip()[:500]
        return (self.capture.final_url or self.capture.url)[:500]

    @property
    def resources(self) -> Iterator[Mapping[str, Any]]:
        """The files it announces."""
        return (entry for entry in self.descriptor["resources"] if isinstance(entry, Mapping))

    def fetch(self, resource: Mapping[str, Any]) -> Capture:
        """Fetch a file and check it: its size and hash, as far as they are announced. Raises SourceError where it is not whole."""
        capture = self._fetch(resource)
        size = resource.get("bytes")
        name = str(resource.get("path") or resource.get("name") or "")[:80]
        if isinstance(size, int) and not isinstance(size, bool) and size != capture.size:
            how = "bricht ab" if capture.size < size else "ist nicht die angekündigte"
            note = f"‚{name}‘ {how}: {capture.size} statt {size} Bytes"
            raise SourceError(Problem("broken_file", note=note))
        if (expected := to_hash(resource)) and digest(capture, expected[0]) != expected[1]:
            raise SourceError(
                Problem("broken_file", note=f"‚{name}‘ ist nicht die angekündigte Datei, die Prüfsumme ist eine andere")
            )
        return capture

    def _fetch(self, resource: Mapping[str, Any]) -> Capture:
        if "data" in resource:
            body = resource["data"]
            text = body.encode("utf-8", "replace") if isinstance(body, str) else orjson.dumps(body)
            return Capture.of(text, url=f"{self.capture.url}#data", fetched_at=self.capture.fetched_at)
        given = resource.get("path", resource.get("url"))
        paths = [path for path in (given if isinstance(given, list) else [given]) if isinstance(path, str) and path]
        if not paths:
            raise SourceError(Problem("broken_file", note="eine Datei des Datenpakets hat keinen Pfad (path)"))
        parts = [self._fetch_path(path) for path in paths]
        if len(parts) == 1:
            return parts[0]
        whole = b"".join(part.read() for part in parts)
        return Capture.of(whole, url=f"{self.capture.url}#parts", fetched_at=parts[0].fetched_at, media_type=parts[0].media_type)

    def _fetch_path(self, path: str) -> Capture:
        if self.archive is not None and "://" not in path:
            return self.archive.unpack(f"{self.archive.descriptor.rpartition('/')[0]}/{path}".lstrip("/"))
        try:
            address = urljoin(self.capture.final_url or self.capture.url, path)
        except ValueError as error:
            raise SourceError(Problem("unsafe_url", value=path[:200])) from error
        return fetch_linked(self.ctx, self.options, address)


def open_package(capture: Capture, options: Options, ctx: Context) -> Package:
    """Open what lies at an address as a data package; raise SourceError where it is none."""
    archive = None
    described = capture
    if first_bytes(capture, 4) == ZIP:
        archive = _Archive(capture, ctx)
        if not archive.descriptor:
            raise SourceError(Problem("wrong_content", note=f"in dem ZIP liegt keine {DESCRIPTOR}"))
        described = archive.unpack(archive.descriptor)
    check_json(described)
    document = read_document(described)
    if any(problem.code == "truncated" for problem in document.problems):
        raise SourceError(Problem("broken_file", note=f"die {DESCRIPTOR} bricht ab"))
    if not is_package(document.value):
        raise SourceError(Problem("wrong_content", note="Dort liegt JSON, aber kein Datenpaket"))
    return Package(document.value, capture, options, ctx, archive)


def is_package(document: Any) -> bool:
    """Tell whether a document is a datapackage.json."""
    return (
        isinstance(document, Mapping)
        and isinstance(found := document.get("resources"), list)
        and any(isinstance(entry, Mapping) and ("path" in entry or "data" in entry or "url" in entry) for entry in found)
        and "success" not in document
    )


def to_hash(resource: Mapping[str, Any]) -> tuple[str, str] | None:
    """Read the hash of a resource as (algorithm, hex); None where none is announced, or in a form nobody knows."""
    found = HASH.fullmatch(str(resource.get("hash") or "").strip())
    if found is None or not (name := found["name"] or LENGTHS.get(len(found["hex"]))):
        return None
    return name.lower(), found["hex"].lower()


def digest(capture: Capture, algorithm: str) -> str:
    """Hash the bytes of a capture."""
    if algorithm == "sha256":
        return capture.sha256
    with capture.open() as stream:
        whole = hashlib.new(algorithm)
        while chunk := stream.read(1 << 20):
            whole.update(chunk)
    return whole.hexdigest()


def _broken_zip() -> SourceError:
    return SourceError(Problem("broken_file", note="das ZIP ist beschädigt oder mit einem Kennwort geschützt"))
