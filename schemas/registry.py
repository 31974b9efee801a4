"""A city's list of institutions comes in; their rows and every name they go by go out.

The file is a CSV with columns of the table organisations, of which organisation_id and name are needed, and `aliases`: further
names, joined with `;`. So the same institution from two sources becomes one row.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from schemas.problems import SchemaError
from schemas.tables import columns, load
from schemas.vocabulary import fold

Row = dict[str, Any]


def read_registry(path: Path) -> tuple[tuple[Row, ...], Mapping[str, str]]:
    """Read the rows, with exactly the columns of organisations, and folded names to ids; raise SchemaError with file and line."""
    rules = {
        field["name"]: re.compile(field["constraints"]["pattern"])
        for field in load("organisations")["fields"]
        if "pattern" in field.get("constraints", {})
    }
    rows: dict[str, Row] = {}
    names: dict[str, str] = {}
    for line, cells in read_lines(path, required=("organisation_id", "name"), known=(*columns("organisations"), "aliases")):
        own = cells["organisation_id"]
        for column, rule in rules.items():
            if cells.get(column) and not rule.fullmatch(cells[column]):
                raise broken(path, line, f"‚{cells[column]}‘ passt nicht in die Spalte {column}")
        if own in rows:
            raise broken(path, line, f"Die Kennung ‚{own}‘ kommt zweimal vor")
        for name in (own, cells["name"], cells.get("short_name", ""), *cells.get("aliases", "").split(";")):
            if fold(name) and names.setdefault(fold(name), own) != own:
                raise broken(path, line, f"‚{name.strip()}‘ gehört schon zu ‚{names[fold(name)]}‘")
        rows[own] = {column: cells.get(column) or None for column in columns("organisations")}
    for row in rows.values():
        parent = row["parent_organisation_id"]
        if parent and parent not in rows:
            raise SchemaError(f"{path}: Die übergeordnete Organisation ‚{parent}‘ fehlt. Bitte in die Datei aufnehmen.")
    return tuple(rows.values()), names


def read_lines(path: Path, *, required: tuple[str, ...], known: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Read a CSV of a city folder (UTF-8, comma); yield line number and cells by column name, blanks at the ends cut off."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    except (OSError, ValueError) as error:
        raise SchemaError(f"{path}: Die Datei ist nicht lesbar ({error}). Bitte als CSV in UTF-8 speichern.") from error
    reader = csv.reader(lines, strict=True)
    try:
        head = next(reader, [])
        unknown = [column for column in head if column not in known]
        missing = [column for column in required if column not in head]
        if unknown or missing or len(set(head)) != len(head):
            raise broken(path, 1, f"Nötig sind die Spalten {', '.join(required)}, erlaubt sind außerdem {', '.join(known)}")
        for cells in reader:
            if len(cells) != len(head):
                raise broken(path, reader.line_num, f"Die Zeile hat {len(cells)} statt {len(head)} Spalten")
            row = {column: cell.strip() for column, cell in zip(head, cells, strict=True)}
            for column in required:
                if not row[column]:
                    raise broken(path, reader.line_num, f"Die Spalte {column} ist leer")
            yield reader.line_num, row
    except csv.Error as error:
        raise broken(path, reader.line_num, f"Die Zeile ist kein gültiges CSV ({error})") from error


def broken(path: Path, line: int, what: str) -> SchemaError:
    """Say what is wrong in a line of a file."""
    return SchemaError(f"{path}, Zeile {line}: {what}. Bitte die Zeile berichtigen.")
