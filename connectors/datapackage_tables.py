"""A data package with our own tables comes in, whoever published it; one record per offer goes out, with all that belongs to it.

The names of a record say where a value stood: `offer.title`, `location.street`, `organisation.name`, and the lists `sessions` and
`translations`. connectors/datapackage_map.py puts them back into their columns.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.context import StoredContext
from connectors.contract import SourceError, over_limit
from connectors.csv import DELIMITERS, CsvConnector, CsvOptions
from connectors.datapackage_files import Package, to_hash
from schemas.problems import Problem
from schemas.record import RawRecord

OURS = frozenset({"offer_id", "source_key", "record_id", "title"})  # columns by which our table of offers is known
AREAS = ("district_code", "subdistrict_code", "quarter_code")
KEYS = ("offer_id", "session_id", "location_id")  # of a session, which its place in the record says

Cells = Mapping[str, Any]  # a row without its empty cells


def is_ours(descriptor: Mapping[str, Any]) -> bool:
    """Tell whether a descriptor announces our table of offers."""
    return any(entry.get("name") == "offers" and _columns(entry) >= OURS for entry in _entries(descriptor))


def _entries(descriptor: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (entry for entry in descriptor.get("resources") or () if isinstance(entry, Mapping))


def _columns(resource: Mapping[str, Any]) -> frozenset[str]:
    schema = resource.get("schema")
    fields = schema.get("fields") if isinstance(schema, Mapping) else None
    named = (field.get("name") for field in fields if isinstance(field, Mapping)) if isinstance(fields, list) else ()
    return frozenset(name for name in named if isinstance(name, str))


def read_offers(package: Package, *, proves: bool = True) -> Iterator[RawRecord | Problem]:
    """Yield a record per offer; at the end, where every row could be read and its file was checked, that it was all there is.

    `proves`: the package stands for the whole source, so what is missing in it is gone. Raises SourceError where a table is not
    whole.
    """
    tables = {str(entry.get("name")): entry for entry in package.resources}
    told: list[Problem] = []
    join = _Join(package, tables, told)
    yield from told
    proven, seen = proves and to_hash(tables["offers"]) is not None, 0
    capture = package.fetch(tables["offers"])
    for item in _rows("offers", tables["offers"], capture, package):
        if isinstance(item, Problem):
            proven = proven and item.severity_or_default != "rejected"
            yield item
            continue
        if seen >= package.ctx.limits.max_records:
            yield over_limit(seen)
            return
        offer = {name: value for name, value in item.data.items() if value is not None}
        if not offer.get("offer_id"):
            proven = False
            yield Problem("bad_record", item.locator, note="dem Angebot fehlt die Kennung (offer_id)")
            continue
        seen += 1
        yield RawRecord(join.to_data(offer), item.locator, package.capture.sha256, str(offer["offer_id"]))
    if proven and seen:
        yield Problem("proven_whole", value=package.name or None)


class _Join:
    """Everything of a package but its offers, by the ids that offers and sessions name."""

    def __init__(self, package: Package, tables: Mapping[str, Mapping[str, Any]], told: list[Problem]) -> None:
        city = package.descriptor.get("city")
        self._ags = str(city.get("ags") or "") if isinstance(city, Mapping) else ""
        self._catalogue = package.catalogue
        self._credit = _credit(package.descriptor)
        found = {
            name: list(_read(name, tables[name], package, told)) if name in tables else []
            for name in ("organisations", "locations", "sessions", "translations", "sources")
        }
        self._organisations = {row.get("organisation_id"): _named("organisation", row) for row in found["organisations"]}
        self._locations = {row.get("location_id"): self._with_city(row) for row in found["locations"]}
        self._places = {key: _named("location", row) for key, row in self._locations.items()}
        self._credits = {row.get("source_key"): row.get("attribution") for row in found["sources"]}
        self._sessions = _by_offer(found["sessions"])
        self._translations = _by_offer(found["translations"])

    def to_data(self, offer: Cells) -> dict[str, Any]:
        """Give the record of an offer: its own cells, its place, its institution, its sessions and translations."""
        offer_id, place = offer["offer_id"], offer.get("location_id")
        data = _named("offer", offer)
        data |= self._places.get(place, {})
        data |= self._organisations.get(offer.get("organisation_id"), {})
        data["sessions"] = [self._session(row, place) for row in self._sessions.get(offer_id, ())]
        data["translations"] = self._translations.get(offer_id, [])
        if partners := offer.get("partner_organisation_ids"):
            rows = (self._organisations.get(partner, {}) for partner in str(partners).split(";"))
            data["offer.partner_organisations"] = [row["organisation.name"] for row in rows if "organisation.name" in row]
        if areas := offer.get("area_served"):
            data["offer.area_served"] = self._areas(areas)
        if credit := offer.get("attribution") or self._credits.get(offer.get("source_key")) or self._credit:
            data["offer.attribution"] = credit
        if not offer.get("origin_catalogue"):  # where it was first stays, however many catalogues it came through
            data["offer.origin_catalogue"], data["offer.origin_id"] = self._catalogue, offer_id
        elif self._catalogue:
            data["offer.origin_path"] = f"{offer.get('origin_path') or ''} {self._catalogue}".lstrip()
        return data

    def _session(self, row: Cells, place: Any) -> dict[str, Any]:
        session = {name: value for name, value in row.items() if name not in KEYS}
        own = row.get("location_id")
        if own is not None and own != place and own in self._locations:
            session["location"] = self._locations[own]
        return session

    def _with_city(self, row: Cells) -> Cells:
        """Name the city with the codes of its areas: the same code means another place in another city."""
        return {name: self._areas(value) if name in AREAS else value for name, value in row.items()}

    def _areas(self, codes: Any) -> str | None:
        return ";".join(f"{self._ags}:{code}" for code in str(codes).split(";")) if self._ags else None


def _read(name: str, resource: Mapping[str, Any], package: Package, told: list[Problem]) -> Iterator[Cells]:
    """Yield the rows of a table that is not that of the offers; what cannot be read of it is a remark, for it is no offer."""
    for item in _rows(name, resource, package.fetch(resource), package):
        if isinstance(item, Problem):
            told.append(Problem(item.code, item.locator, item.field, item.value, item.note, "remark"))
        else:
            yield {column: value for column, value in item.data.items() if value is not None}


def _rows(name: str, resource: Mapping[str, Any], capture: Any, package: Package) -> Iterator[RawRecord | Problem]:
    dialect = resource.get("dialect")
    said = dialect.get("delimiter") if isinstance(dialect, Mapping) else None
    options = CsvOptions(url=capture.url, header_row=1, delimiter=said if said in DELIMITERS else None)
    inner = StoredContext([capture], now=package.ctx.now, zone=package.ctx.zone, limits=package.ctx.limits)
    try:
        for item in CsvConnector().read(options, inner):
            where = f"{name}.csv, {item.locator}" if item.locator else f"{name}.csv"
            if isinstance(item, RawRecord):
                yield RawRecord(item.data, where, item.capture, None)
            else:
                yield Problem(item.code, where, item.field, item.value, item.note, item.severity)
    except SourceError as error:
        if name == "offers" or error.problem.code != "empty_feed":
            raise


def _named(group: str, row: Cells) -> dict[str, Any]:
    return {f"{group}.{name}": value for name, value in row.items()}


def _by_offer(rows: list[Cells]) -> dict[Any, list[Cells]]:
    found: dict[Any, list[Cells]] = {}
    for row in rows:
        found.setdefault(row.get("offer_id"), []).append(row)
    return found


def _credit(descriptor: Mapping[str, Any]) -> str | None:
    """The only one who contributed to a package, as its attribution."""
    said = descriptor.get("contributors")
    named = [
        str(one["title"])
        for one in (said if isinstance(said, list) else ())
        if isinstance(one, Mapping) and one.get("role") == "contributor" and isinstance(one.get("title"), str)
    ]
    return named[0] if len(named) == 1 else None
