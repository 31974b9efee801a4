"""What a record says of its provider comes in; the organisation row goes out: the registry's, the partner's, or the publisher's.

A person is no institution: where a name is a person's, the publisher of the feed is the provider and the name goes no further.
"""

from collections.abc import Mapping
from typing import Any

from schemas.city import City
from schemas.converters.answer import Finding
from schemas.identity import to_organisation_id
from schemas.mapping import Reader
from schemas.persons import is_person
from schemas.reading import Found
from schemas.rows import Row
from schemas.select import Unreadable
from schemas.source import Source
from schemas.tables import columns

COLUMNS = columns("organisations")
REMEMBERED = 10_000


class Organisations:
    """Finds the provider of a record. The same institution under two names of the registry is one."""

    def __init__(self, reader: Reader, source: Source, city: City) -> None:
        self.reader, self.source, self.city = reader, source, city
        self.registry: dict[str, Row] = {str(row["organisation_id"]): row for row in city.organisations}
        self.constants = {name: value for name, value in reader.constants.items() if name in COLUMNS}
        self.publisher = self._of(source.publisher.name, {"website": source.publisher.url})
        self.known: dict[tuple[Any, ...], tuple[Row, Found]] = {}

    def find(self, record: Mapping[str, Any], found: Found) -> Row:
        """Give the provider of a record; the publisher where it names none."""
        if not self.reader.entries and "name" not in self.constants:
            return self.publisher
        try:
            raw = self.reader.raw(record)
            known = self.known.get(raw)
        except (TypeError, Unreadable):
            known, raw = None, ()
        if known is None:
            told: Found = []
            known = self._make(record, told), told
            if raw:
                if len(self.known) >= REMEMBERED:
                    self.known.clear()
                self.known[raw] = known
        row, told = known
        if told:
            found += told
        return row

    def named(self, name: str, target: str, found: Found) -> Row | None:
        """Give an institution by name alone; None where the name is a person's."""
        if is_person(name):
            found.append((target, Finding("person_name_withheld", name)))
            return None
        return self._of(name, {})

    def _make(self, record: Mapping[str, Any], found: Found) -> Row:
        values = dict(self.constants)
        self.reader.read(record, values, found)
        name = values.pop("name", None)
        if name is None:
            return self.publisher
        if self.named(str(name), "organisation.name", found) is None:
            return self.publisher
        return self._of(str(name), values)

    def _of(self, name: str, values: Mapping[str, Any]) -> Row:
        """Make the row of an institution; what the registry holds is the city's word and stays as it is."""
        known = self.city.find_organisation(name)
        if known is not None and known in self.registry:
            return self.registry[known]
        row: Row = dict.fromkeys(COLUMNS)
        row |= {"organisation_id": to_organisation_id(name), "name": name[:200]}
        row |= {column: value for column, value in values.items() if column in row and column not in ("organisation_id", "name")}
        if self.source.rights == "facts_only":
            row["description"] = None
        return row
