"""A cell that frictionless refuses comes in; what becomes of it, and the problem a partner can mend, go out.

An unfit value never takes its offer along where the column may be empty: a list keeps its fit items, a long text is cut, anything
else is left out. Where the column is required and nothing fit remains, the row is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from schemas.problems import Problem
from schemas.readers import Reading
from schemas.rows import Value
from schemas.verdict import TableValidator

# Texts for people to read, which may be cut; a key or an address may not
CUT = frozenset({"title", "summary", "description", "name", "short_name", "cost_note", "funding", "note", "room"})
# More than their type or format tells: what is no address of a page at all, and what is none for us
WEB = frozenset({"url", "record_url", "registration_url", "image_url", "website", "online_url", "publisher_url"})
OF_COLUMN: Mapping[str, str] = {
    "age_min": "bad_age",
    "age_max": "bad_age",
    "phone": "bad_phone",
    "contact_phone": "bad_phone",
    "postal_code": "bad_postcode",
    "cefr_from": "bad_level",
    "cefr_to": "bad_level",
    "weekday": "bad_weekday",
    "start_time": "bad_time",
    "end_time": "bad_time",
    "latitude": "bad_coordinates",
    "longitude": "bad_coordinates",
    "rrule": "bad_recurrence",
    "text_language": "bad_language",
    "taught_language": "bad_language",
    "language": "bad_language",
}
OF_TYPE: Mapping[str, str] = {
    "date/default": "bad_date",
    "datetime/default": "bad_date",
    "integer/default": "bad_number",
    "number/default": "bad_number",
    "boolean/default": "bad_boolean",
    "string/email": "bad_email",
    "string/uri": "bad_url",
}
DEMANDS: Mapping[str, str] = {  # what a constraint of a Table Schema demands, for schema's {note}
    "minimum": "mindestens {}",
    "maximum": "höchstens {}",
    "minLength": "mindestens {} Zeichen",
    "maxLength": "höchstens {} Zeichen",
    "enum": "nur Werte der Liste",
    "pattern": "andere Form",
    "type": "andere Art von Wert",
}


@dataclass(frozen=True, slots=True)
class Remedy:
    """What is left of a cell, and the problem to tell, if there is one. `refused`: the row cannot stand with it."""

    value: Value
    problem: Problem | None = None
    refused: bool = False


def remedy(table: TableValidator, position: int, cell: Any, locator: str | None) -> Remedy:
    """Decide about a cell that the compiled check did not vouch for."""
    reading = table.readers.read(position, cell)
    if not reading.notes:
        return Remedy(_plain(reading.value, cell))
    required = table.plans[position].required
    left, problem = _left(table, position, cell, reading, locator)
    if required and left is None:
        return Remedy(None, replace(problem, severity="rejected"), refused=True)
    return Remedy(left, replace(problem, severity="remark"))


def _left(table: TableValidator, position: int, cell: Any, reading: Reading, locator: str | None) -> tuple[Value, Problem]:
    column, rules = table.names[position], table.descriptor["fields"][position].get("constraints", {})
    if reading.value is None and "required" in reading.notes:
        return None, Problem("missing_title" if column == "title" else "missing_required", locator, column)
    if table.descriptor["fields"][position].get("list") and isinstance(cell, str):
        items = cell.split(";")
        fit = [item for item in items if item and not table.readers.read(position, item).notes]
        left = ";".join(sorted(set(fit))) or None
        if left is None or not table.readers.read(position, left).notes:
            unfit = ", ".join(item for item in items if item not in fit) or cell
            return left, Problem("unknown_value", locator, column, unfit)
    if set(reading.notes) == {"maxLength"} and column in CUT:
        longest = rules["maxLength"]
        return _cut(cell, longest), Problem("too_long", locator, column, note=f"{len(cell)} statt höchstens {longest} Zeichen")
    name = next(iter(reading.notes))
    code = OF_COLUMN.get(column) or (OF_TYPE.get(table.readers.form(position)) if name == "type" or column in WEB else None)
    if code is None and "enum" in reading.notes:
        code = "unknown_value"
    note = DEMANDS.get(name, "").format(rules.get(name)) if code is None else ""
    return None, Problem(code or "schema", locator, column, reading.shown, note)


def _plain(value: Any, cell: Any) -> Value:
    """Give a value frictionless accepts as our rows write it: a number as a number, a day as text."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    if value is None or isinstance(value, (str, int, float)):
        return value
    return str(cell)


def _cut(text: str, longest: int) -> str:
    """Shorten a text, at a blank where there is one near the end."""
    head = text[: longest - 1]
    blank = head.rfind(" ")
    return (head[:blank] if blank > longest * 0.8 else head).rstrip() + "…"
