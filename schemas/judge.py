"""The rows of one table come in, one after the other; what frictionless' row stream says about each goes out, in its order.

frictionless reads a row lazily: unique cells first, then the primary key, then the foreign keys, and the rest as soon as an error
is added or at the end. A row all of whose cells are blank has one error instead of those of its cells. Wording: the templates of
frictionless.errors.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from schemas.compile import Passes, compile_keys
from schemas.readers import Reading

if TYPE_CHECKING:
    from schemas.verdict import TableValidator

Lookups = Mapping[str, Mapping[tuple[str, ...], AbstractSet[tuple[Any, ...]]]]  # resource -> its fields -> their values


@dataclass(frozen=True, slots=True)
class TableError:
    """One finding, as frictionless reports it. A finding about the header has no row, one about a whole row no field."""

    type: str
    row_number: int | None
    field_name: str
    note: str
    message: str


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Fields of a table whose values must be found in other fields; resource "" is the table itself."""

    positions: tuple[int, ...]
    fields: tuple[str, ...]
    resource: str
    target: tuple[str, ...]


class Table:
    """The memory of one table while its rows pass: which keys were seen, and what the foreign keys may name."""

    def __init__(self, rules: "TableValidator", lookups: Lookups) -> None:
        self.rules = rules
        self.known = [lookups[key.resource].get(key.target, frozenset()) for key in rules.foreign_keys]
        self.primary: dict[Any, int] = {}
        self.unique: dict[int, dict[Any, int]] = {position: {} for position in rules.uniques}
        self.passes = self._compiled_passes()

    def _compiled_passes(self) -> Passes:
        """Compile what takes note of a row without suspect cells, or refuses it, and nothing noted, where it must be judged."""
        rules, plans = self.rules, self.rules.plans
        keyed = [*rules.key, *(position for key in rules.foreign_keys for position in key.positions)]
        if rules.uniques or not any(plan.required for plan in plans) or any(plans[i].kind != "text" for i in keyed):
            return lambda cells, number: False
        missing = frozenset({None}).union(*(plans[i].missing for i in keyed))
        foreign = [(key.positions, known) for key, known in zip(rules.foreign_keys, self.known, strict=True)]
        return compile_keys(rules.key, self.primary, foreign, missing)

    def judge(self, cells: Sequence[Any], number: int, suspects: Sequence[int]) -> list[TableError]:
        """Give the errors of one row; cells that are not suspect are taken to be valid."""
        row, rules = _Row(self.rules, cells, number, suspects), self.rules
        for position, seen in self.unique.items():
            value = row.value(position)
            if value is not None:
                before, seen[value] = seen.get(value), number
                if before:
                    row.add("unique-error", f"the same as in the row at position {before}", position)
        if rules.key:
            values = tuple(map(row.value, rules.key))
            if set(values) == {None}:
                row.add("primary-key", 'cells composing the primary keys are all "None"')
            else:
                noted = values if len(values) > 1 else values[0]
                before, self.primary[noted] = self.primary.get(noted), number
                if before:
                    row.add("primary-key", f"the same as in the row at position {before}")
        for key, known in zip(rules.foreign_keys, self.known, strict=True):
            values = tuple(map(row.value, key.positions))
            if set(values) != {None} and values not in known:
                row.add(
                    "foreign-key",
                    f'for "{", ".join(key.fields)}": values "{", ".join(map(str, values))}" not found in the lookup table '
                    f'"{key.resource}" as "{", ".join(key.target)}"',
                )
        return row.finish()


class _Row:
    """One row while it is judged. Reading a cell adds its errors, the first time."""

    def __init__(self, rules: "TableValidator", cells: Sequence[Any], number: int, suspects: Sequence[int]) -> None:
        self.rules, self.cells, self.number, self.suspects = rules, cells, number, suspects
        self.errors: list[TableError] = []
        self.readings: dict[int, Reading] = {}
        self.finished = False

    def value(self, position: int) -> Any:
        """Read a cell, if it was not read yet, and give its value."""
        if position in self.suspects or self.rules.plans[position].kind != "text":
            return self._read(position).value
        cell = self.cells[position]  # a text that was accepted is its own value
        return None if self.rules.is_missing(position, cell) else cell

    def add(self, kind: str, note: str, position: int | None = None) -> None:
        """Add an error about the whole row, behind those of all its cells."""
        self.finish().append(self._error(kind, note, position))

    def finish(self) -> list[TableError]:
        """Read what was not read yet; give the errors."""
        if not self.finished:
            self.finished = True
            width = len(self.rules.names)
            for position in self.suspects:
                self._read(position)
            for position in range(width, len(self.cells)):
                self.errors.append(self._error("extra-cell", "", position))
            for position in range(len(self.cells), width):
                self.errors.append(self._error("missing-cell", "", position))
            if all(map(self._is_blank, range(width))):
                self.errors = [self._error("blank-row", "")]
        return self.errors

    def _read(self, position: int) -> Reading:
        if position in self.readings:
            return self.readings[position]
        cell = self.cells[position] if position < len(self.cells) else None
        reading = self.readings[position] = self.rules.readers.read(position, cell)
        if "type" in reading.notes:
            self.errors.append(self._error("type-error", reading.notes["type"], position, reading.shown))
        for name, note in reading.notes.items():
            if name != "type":
                self.errors.append(self._error("constraint-error", note, position, reading.shown))
        return reading

    def _is_blank(self, position: int) -> bool:
        if position in self.readings:
            return self.readings[position].blank
        return self.rules.is_missing(position, self.cells[position])

    def _error(self, kind: str, note: str, position: int | None = None, cell: str = "") -> TableError:
        name = self.rules.names[position] if position is not None and position < len(self.rules.names) else ""
        place = {"rowNumber": self.number, "fieldName": name, "fieldNumber": 0 if position is None else position + 1}
        return TableError(kind, self.number, name, note, _templates()[kind].format(**place, cell=cell, note=note))


@cache
def _templates() -> Mapping[str, str]:
    from frictionless import errors

    kinds = (
        *(errors.TypeError, errors.ConstraintError, errors.UniqueError, errors.ExtraCellError, errors.MissingCellError),
        *(errors.BlankRowError, errors.PrimaryKeyError, errors.ForeignKeyError),
    )
    return {kind.type: kind.template for kind in kinds}
