"""The types and flags of the index's fields, read from the schema.xml that CKAN ships for Solr."""

import fnmatch
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import ckan

NUMERIC = {"int", "long", "float", "double", "pint", "plong", "pfloat", "pdouble"}
TREE = ET.parse(Path(ckan.__file__).parent / "config" / "solr" / "schema.xml").getroot()


@dataclass(frozen=True, slots=True)
class Field:
    """What Solr would know of a field."""

    kind: str
    stored: bool
    many: bool

    @property
    def is_text(self) -> bool:
        """Is it searched by words (else as a whole value)?"""
        return self.kind.startswith("text")

    @property
    def cast(self) -> str:
        """The SQL that makes a text value comparable in the field's own order."""
        return "::numeric" if self.kind in NUMERIC else ' collate "C"'


def read(tag: str) -> dict[str, Field]:
    """Read all fields declared with `tag`."""
    declared = [found for found in TREE.find("fields") if found.tag == tag]
    return {d.get("name"): Field(d.get("type"), d.get("stored") == "true", d.get("multiValued") == "true") for d in declared}


FIELDS, PATTERNS = read("field"), read("dynamicField")
# pattern of the field that is searched along when one asks `text` without naming a field
SEARCHED_ALONG = [copy.get("source") for copy in TREE.iter("copyField") if copy.get("dest") in ("text", "urls")]


@cache
def field(name: str) -> Field:
    """Return what the schema says of `name`; its last pattern is `*`, so every name has an answer."""
    return FIELDS.get(name) or next(found for pattern, found in PATTERNS.items() if fnmatch.fnmatchcase(name, pattern))
