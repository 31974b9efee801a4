"""What should be in a CKAN in, the calls that make it so out: organizations, datasets, files, DataStore rows; by ckanapi alone.

Safe to repeat at any point. Resource ids are derived from names, so they and their addresses stay for ever. A file is uploaded
only where its sha256 differs from the one CKAN was told; rows travel as a delta. Every resource says in `publication` which
publication its content belongs to.
"""

import contextlib
import mimetypes
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import requests
from ckanapi import RemoteCKAN
from ckanapi.errors import CKANAPIError, NotAuthorized, NotFound, SearchError, SearchQueryError, ServerIncompatibleError
from ckanapi.errors import ValidationError as Invalid

from catalogue.datastore import Delta, difference, fields, from_answer, inserts, key_of, updates
from catalogue.descriptor import digest_of
from catalogue.snapshot import scan_table

NAMESPACE = uuid.UUID("6f1d5f0e-8d1b-4a53-9f6c-4f3f7c1f2a10")  # of the ids of our resources
DATASTORE = ("offers", "sessions", "organisations", "locations")
PAGE = 32_000  # the most rows datastore_search gives at once
BUSY = "writing"  # stands in `publication` of a DataStore resource while its rows change


class CatalogueError(Exception):
    """The catalogue does not do what it should. The text is one German sentence: what, where, what to do."""


@dataclass(slots=True)
class Report:
    """What was written: calls an action, rows a way, and bytes uploaded."""

    writes: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    uploaded: int = 0
    datasets: list[str] = field(default_factory=list)


class Ckan:
    """One CKAN, local or a city's; the same calls to both."""

    def __init__(self, url: str, token: str, *, agent: str, timeout: float = 120.0, dry_run: bool = False) -> None:
        self.url = url.rstrip("/")
        self.report = Report()
        self.doubted: Callable[[Path], bool] = lambda path: False  # whether CKAN may hold other bytes than its hash says
        self._dry_run = dry_run
        self._session = requests.Session()
        self._remote = RemoteCKAN(self.url, apikey=token, user_agent=agent, session=self._session)
        self._timeout = timeout
        self._licences: frozenset[str] | None = None

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    # -- calls ---------------------------------------------------------------------------------------------------

    def read(self, action: str, **data: Any) -> Any:
        """Ask; raises NotFound as ckanapi does, everything else as CatalogueError."""
        return self._call(action, data)

    def write(self, action: str, data: Mapping[str, Any], files: Mapping[str, Any] | None = None) -> Any:
        """Change something, count it, and change nothing in a dry run."""
        self.report.writes[action] += 1
        return None if self._dry_run else self._call(action, dict(data), files)

    def _call(self, action: str, data: dict[str, Any], files: Mapping[str, Any] | None = None, tries: int = 3) -> Any:
        silence = ""
        for attempt in range(1, tries + 1):
            try:
                return self._remote.call_action(action, data, files=files, requests_kwargs={"timeout": self._timeout})
            except NotFound:
                raise
            except NotAuthorized as error:
                raise CatalogueError(
                    f"CKAN ({self.url}) erlaubt ‚{action}‘ nicht. Bitte den Zugang prüfen (LANDKARTE_CATALOGUE_TOKEN)."
                ) from error
            except Invalid as error:
                if silence:  # the call before may have been done all the same, and doing it twice is what is refused
                    raise CatalogueError(f"{silence} Der nächste Lauf holt es nach.") from error
                if "deadlock" not in str(error.error_dict) or attempt == tries:
                    raise CatalogueError(f"CKAN ({self.url}) lehnt ‚{action}‘ ab: {_finding(error.error_dict)}.") from error
            except (SearchError, SearchQueryError) as error:
                raise CatalogueError(f"CKAN ({self.url}) versteht ‚{action}‘ nicht: {error}.") from error
            except ServerIncompatibleError as error:
                raise CatalogueError(f"Unter {self.url} antwortet kein CKAN. Bitte LANDKARTE_CATALOGUE prüfen.") from error
            except (CKANAPIError, requests.RequestException) as error:
                silence = self._silence(action, error)
                if attempt == tries or files:  # a stream that was read cannot be sent again here
                    raise CatalogueError(f"{silence} Der nächste Lauf holt es nach.") from error
            time.sleep(attempt)
        raise AssertionError("unreachable")

    def _silence(self, action: str, error: Exception) -> str:
        """Say how a CKAN does not answer, for people; what a library says about it only where we know no better."""
        match error:
            case requests.Timeout():
                return f"CKAN ({self.url}) antwortet auf ‚{action}‘ nicht innerhalb von {self._timeout:.0f} s."
            case requests.ConnectionError() if "Failed to resolve" in str(error):
                return f"CKAN ({self.url}) ist nicht zu finden: Den Namen gibt es nicht. Bitte LANDKARTE_CATALOGUE prüfen."
            case requests.ConnectionError():
                return f"CKAN ({self.url}) ist nicht erreichbar. Bitte nachsehen, ob es läuft und ob LANDKARTE_CATALOGUE stimmt."
        return f"CKAN ({self.url}) antwortet nicht richtig auf ‚{action}‘ ({_short(error)})."

    # -- the pieces ----------------------------------------------------------------------------------------------

    def organization(self, name: str, title: str, **more: str) -> None:
        """See that an organization is there; a title a person changed in CKAN stays."""
        try:
            self.read("organization_show", id=name, include_datasets=False)
        except NotFound:
            with self._created("organization_show", name):
                self.write("organization_create", {"name": name, "title": title, **more})

    def dataset(self, name: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """See that a dataset is there and says what we want; give it with its resources by id."""
        try:
            found: dict[str, Any] = self.read("package_show", id=name)
        except NotFound:
            with self._created("package_show", name):
                self.write("package_create", {"name": name, **wanted})
            return {"name": name, "resources": []} if self._dry_run else dict(self.read("package_show", id=name))
        if found.get("state") == "deleted" or any(_plain(found, key) != value for key, value in wanted.items()):
            self.write("package_patch", {"id": found["id"], "state": "active", **wanted})
        return found

    def remove(self, name: str) -> None:
        """See that a dataset is not shown any more. What it held stays where an administrator of CKAN can bring it back."""
        with contextlib.suppress(NotFound):
            if self.read("package_show", id=name).get("state") != "deleted":
                self.write("package_delete", {"id": name})

    @contextlib.contextmanager
    def _created(self, show: str, name: str) -> Iterator[None]:
        """A create that answers with an error may have created all the same: look before giving up."""
        try:
            yield
        except CatalogueError:
            with contextlib.suppress(NotFound):
                self.read(show, id=name)
                return
            raise

    def file(self, dataset: Mapping[str, Any], wanted: Mapping[str, Any], path: Path, content: str, digest: str = "") -> str:
        """See that a resource holds exactly this file; upload it only where its sha256 differs. Gives its address.

        `digest` is "sha256:" and the file's, where it is known.
        """
        ident = resource_id(dataset["name"], wanted["name"])
        found = next((item for item in dataset["resources"] if item["id"] == ident), None)
        digest = digest or f"sha256:{digest_of(path)}"
        meta = {**wanted, "hash": digest, "publication": content, "size": path.stat().st_size}
        if found is None or found.get("hash") != digest or self.doubted(path):
            with path.open("rb") as stream:
                upload = {"upload": (path.name, stream, mimetypes.guess_type(path.name)[0] or "application/octet-stream")}
                if found is None:
                    made = self.write("resource_create", {"package_id": dataset["name"], "id": ident, "url": "", **meta}, upload)
                else:
                    made = self.write("resource_patch", {"id": ident, **meta}, upload)
            self.report.uploaded += path.stat().st_size
            found = made or {"url": f"{self.url}/dataset/{dataset['name']}/resource/{ident}/download/{path.name}"}
        elif any(found.get(key) != value for key, value in meta.items()):
            self.write("resource_patch", {"id": ident, **meta})
        return str(found["url"])

    def table(self, dataset: Mapping[str, Any], table: str, new: Path, old: Path | None, content: str, stamp: str) -> None:
        """See that a DataStore resource holds exactly the rows of `new`; `old` are those it held when we last saw to it."""
        ident = resource_id(dataset["name"], f"datastore-{table}")
        found = next((item for item in dataset["resources"] if item["id"] == ident), None)
        if found is not None and found.get("publication") == content:
            return
        wanted = {"name": f"{table} (DataStore)", "format": "CSV", "description": "Dieselben Zeilen für Abfragen (DataStore-API)"}
        if found is None:
            place = {"package_id": dataset["name"], "id": ident, "url": "_datastore_only_resource", "url_type": "datastore"}
            self.write("resource_create", {**place, **wanted, "publication": BUSY})
        known = found is not None and found.get("datastore_active")
        rows = pl.scan_parquet(new)
        before = self._rows_before(ident, table, old, found) if known else rows.limit(0)
        delta = difference(table, before, rows)
        if found is not None and delta.size:
            self.write("resource_patch", {"id": ident, "publication": BUSY})
        if not known:
            make = {"resource_id": ident, "fields": fields(table), "primary_key": [key_of(table)], "force": True}
            self.write("datastore_create", make)
        elif delta.insert.height or delta.update.height:
            self._add_columns(ident, table)
        self._send(ident, delta)
        cut_off = found is not None and found.get("publication") == BUSY
        if (cut_off or not known) and not self._dry_run:  # a table to look at, where the catalogue has such a view
            package = self.read("package_show", id=dataset["name"])
            self.write("package_create_default_resource_views", {"package": package, "create_datastore_views": True})
        self.write("resource_patch", {"id": ident, **wanted, "publication": content, "last_modified": stamp})

    def _add_columns(self, ident: str, table: str) -> None:
        """Add the columns that the schema has got since the table was made; CKAN wants them behind those that are there."""
        there = [
            entry["id"] for entry in self.read("datastore_search", resource_id=ident, limit=0)["fields"] if entry["id"] != "_id"
        ]
        wanted = {field["id"]: field for field in fields(table)}
        if new := [field for name, field in wanted.items() if name not in there]:
            now = [wanted.get(name, {"id": name}) for name in there]
            self.write("datastore_create", {"resource_id": ident, "fields": [*now, *new], "force": True})

    def _rows_before(self, ident: str, table: str, old: Path | None, found: Mapping[str, Any] | None) -> pl.LazyFrame:
        """The rows the DataStore holds: known from our own disk, or read back where a write was cut off."""
        if old is not None and found is not None and found.get("publication") == old.parent.name.removesuffix(".rows"):
            return scan_table(old, table)
        records: list[dict[str, Any]] = []
        while True:
            window = {"limit": PAGE, "offset": len(records), "sort": "_id", "include_total": False}
            page = self.read("datastore_search", resource_id=ident, **window)
            records += page["records"]
            if len(page["records"]) < PAGE:
                return from_answer(table, records).lazy()

    def _send(self, ident: str, delta: Delta) -> None:
        gone = delta.delete.to_list()
        for start in range(0, len(gone), 2_000):
            part = gone[start : start + 2_000]
            self.write("datastore_delete", {"resource_id": ident, "filters": {delta.key: part}, "force": True})
            self.report.rows["deleted"] += len(part)
        for method, lists, count in (
            ("update", updates(delta), delta.update.height),
            ("insert", inserts(delta), delta.insert.height),
        ):
            sent = 0
            for rows in lists:
                sent += len(rows)
                last = sent == count
                call = {"resource_id": ident, "method": method, "records": rows, "force": True, "calculate_record_count": last}
                self.write("datastore_upsert", call)
                self.report.rows[f"{method}d" if method == "update" else "inserted"] += len(rows)

    def licence(self, name: str) -> str:
        """The id this CKAN knows a DCAT-AP.de licence by; "notspecified" where it knows none."""
        if self._licences is None:
            self._licences = frozenset(entry["id"] for entry in self.read("license_list"))
        spellings = (name, name.replace("/", "-"), name.replace("/", "-").replace("-de-", "-"), name.split("/")[0])
        return next((spelling for spelling in spellings if spelling in self._licences), "notspecified")


def resource_id(dataset: str, name: str) -> str:
    """The id of a resource: the same in every publication and every CKAN."""
    return str(uuid.uuid5(NAMESPACE, f"{dataset}/{name}"))


def _plain(found: Mapping[str, Any], key: str) -> Any:
    """A value of package_show in the form we send it."""
    value = found.get(key)
    if key == "owner_org":
        return (found.get("organization") or {}).get("name")
    if key in ("extras", "tags") and isinstance(value, list):
        names = ("key", "value") if key == "extras" else ("name",)
        return [{name: item[name] for name in names} for item in value]
    return value


def _finding(errors: Any) -> str:
    """The first finding of a validation error, short."""
    if not isinstance(errors, Mapping):
        return _short(errors)
    return _short("; ".join(f"{name}: {text}" for name, text in errors.items() if name != "__type"))


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 200 else f"{text[:200]}…"
