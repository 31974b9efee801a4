"""A Table Schema and the rows of a table come in; the errors frictionless 5.21 finds go out, word by word and in its order.

Rows the compiled acceptor (schemas/compile.py, schemas/columns.py) vouches for are passed over. The others are judged as
frictionless' Row and its row stream do: unique cells, primary key, foreign keys, then the other cells.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from schemas.compile import compile_native, compile_text
from schemas.fields import plans
from schemas.judge import ForeignKey, Lookups, Table, TableError
from schemas.readers import Readers

if TYPE_CHECKING:
    import polars as pl


class TableValidator:
    """Judges tables of one Table Schema.

    `lookups` holds the values that foreign keys are looked up in. A foreign key into a resource that is not there is not judged;
    one into the table itself needs no entry.
    """

    def __init__(self, descriptor: Mapping[str, Any], *, lookups: Lookups | None = None) -> None:
        self.descriptor = deepcopy(dict(descriptor))
        self.names: tuple[str, ...] = tuple(item["name"] for item in self.descriptor["fields"])
        self.plans = plans(self.descriptor)
        self.readers = Readers(self.descriptor)
        self.lookups = lookups or {}
        self.uniques = tuple(i for i, item in enumerate(self.descriptor["fields"]) if item.get("constraints", {}).get("unique"))
        key = _names(self.descriptor.get("primaryKey", ()))
        self.key = tuple(map(self.names.index, key)) if set(key) <= set(self.names) else ()
        self.foreign_keys = tuple(self._foreign_keys())
        self._compiled_text, self._compiled_native = compile_text(self.plans), compile_native(self.plans)
        self._all = tuple(range(len(self.names)))
        # the last bare name makes the getter give a tuple for one field, too
        getter: Callable[[Mapping[str, Any]], tuple[Any, ...]] = operator.itemgetter(*self.names, self.names[0])
        self._get = operator.itemgetter(*self.names) if len(self.names) > 1 else lambda row: getter(row)[:1]

    def accepts(self, row: Mapping[str, Any] | Sequence[Any]) -> bool:
        """Whether the row surely has no type or constraint error; False only means that it must be looked at."""
        return not self.suspects(self.cells(row))

    def cells(self, row: Mapping[str, Any] | Sequence[Any]) -> Sequence[Any]:
        """Give the cells of a row in the order of the fields; what a mapping lacks is None, what it has beside is left out."""
        if row.__class__ is not dict and not isinstance(row, Mapping):
            return row
        try:
            return self._get(row)
        except KeyError:
            return tuple(map(row.get, self.names))

    def suspects(self, cells: Sequence[Any]) -> tuple[int, ...]:
        """Give the positions of the cells that must be looked at."""
        try:
            return self._compiled_native(cells)
        except (TypeError, ValueError):  # a cell that is neither text nor number; too many or too few cells
            return self._all

    def _settle(self, suspects: Sequence[int], cells: Sequence[Any]) -> bool:
        """Whether all suspect cells are valid: unusual, but nothing to tell."""
        return len(cells) == len(self.names) and not any(
            self.readers.read(position, cells[position]).notes for position in suspects
        )

    def _settles(self, position: int, text: str) -> bool:
        return not self.readers.read(position, text).notes

    def is_missing(self, position: int, cell: Any) -> bool:
        """Whether a cell stands for no value."""
        return cell is None or str(cell) in self.plans[position].missing

    def errors(
        self,
        rows: Iterable[Mapping[str, Any] | Sequence[Any]],
        *,
        labels: Sequence[str] | None = None,
        first_row: int = 2,
    ) -> Iterator[TableError]:
        """Yield the errors of a table in frictionless' order. `labels` is its header, where it has one of its own."""
        if labels is not None and tuple(labels) != self.names:
            yield from self._errors_under(labels, rows, first_row)
            return
        if any(key.resource == "" for key in self.foreign_keys):
            rows = list(rows)
        table = Table(self, self._lookups(rows))
        passes, judge, compiled, get, join, text = table.passes, table.judge, self._compiled_text, self._get, "".join, True
        for number, row in enumerate(rows, first_row):
            try:
                cells = row if row.__class__ is list else get(row) if row.__class__ is dict else self.cells(row)
            except KeyError:
                cells = self.cells(row)
            if text:
                try:
                    join(cells)  # the quickest way to see that all cells are text
                except TypeError:
                    compiled, text = self._compiled_native, False
            try:
                suspects = compiled(cells)
            except (TypeError, ValueError):
                suspects = self._all
            if (suspects and not self._settle(suspects, cells)) or not passes(cells, number):
                yield from judge(cells, number, suspects)

    def errors_of_frame(self, frame: "pl.DataFrame", *, null: str | None = "", first_row: int = 2) -> Iterator[TableError]:
        """Yield the errors of a table that is a polars frame, in frictionless' order.

        `null` is what a null of the frame stands for: the empty text of a CSV file, or None of inline rows.
        """
        import polars as pl

        from schemas.columns import suspect_rows

        keyed = {*self.key, *(i for key in self.foreign_keys for i in key.positions)}
        if (
            tuple(frame.columns) != self.names
            or self.uniques
            or not any(plan.required for plan in self.plans)
            or any(len(key.positions) > 1 for key in self.foreign_keys)
            or any(self.plans[i].kind != "text" or frame.dtypes[i] != pl.String for i in keyed)
        ):  # what only rows can tell
            rows = ([null if cell is None else cell for cell in row] for row in frame.iter_rows())
            yield from self.errors(rows, labels=frame.columns, first_row=first_row)
            return
        lookups = self._lookups(frame.iter_rows())
        suspect = suspect_rows(self.plans, frame, settle=self._settles)
        if self.key:
            key = frame[:, list(self.key)]
            suspect |= key.is_duplicated() | key.select(pl.any_horizontal(pl.all().is_null() | (pl.all() == ""))).to_series()
        for foreign in self.foreign_keys:
            (position,) = foreign.positions
            values = lookups[foreign.resource].get(foreign.target, ())
            known = [*(value for (value,) in values), *self.plans[position].missing]
            suspect |= ~frame.to_series(position).is_in(known).fill_null(True)
        table = Table(self, lookups)
        text = null == "" and set(frame.dtypes) == {pl.String}
        for number, *row in frame.with_row_index("\x00", offset=first_row).filter(suspect).iter_rows():
            cells = [null if cell is None else cell for cell in row]
            yield from table.judge(cells, number, self._compiled_text(cells) if text else self.suspects(cells))

    def _errors_under(self, labels: Sequence[str], rows: Iterable[Any], first_row: int) -> Iterator[TableError]:
        """Judge a table whose header is not the fields in their order, under the fields frictionless then expects."""
        from frictionless import FrictionlessException, Header

        schema = self.readers.schema
        header = Header(list(labels), fields=schema.fields, row_numbers=[1], fields_match=schema.fields_match)
        try:
            expected = [item.name for item in header.get_expected_fields()]
        except FrictionlessException as error:
            yield TableError(error.error.type, None, "", error.error.note, error.error.message)
            return
        for found in header.errors:
            yield TableError(found.type, None, getattr(found, "field_name", ""), found.note, found.message)
        fields = {item["name"]: item for item in self.descriptor["fields"]}
        described = [fields.get(name, {"name": name, "type": "any", "missingValues": [""]}) for name in expected]
        expecting = TableValidator({**self.descriptor, "fields": described}, lookups=self.lookups)
        yield from expecting.errors(rows, first_row=first_row)

    def _foreign_keys(self) -> Iterator[ForeignKey]:
        for key in self.descriptor.get("foreignKeys", ()):
            fields, resource = _names(key["fields"]), key["reference"].get("resource", "")
            if set(fields) <= set(self.names) and (not resource or resource in self.lookups):
                yield ForeignKey(tuple(map(self.names.index, fields)), fields, resource, _names(key["reference"]["fields"]))

    def _lookups(self, rows: Iterable[Mapping[str, Any] | Sequence[Any]]) -> Lookups:
        """Add this table's own values for the foreign keys into itself."""
        own = {key.target: [self.names.index(name) for name in key.target] for key in self.foreign_keys if key.resource == ""}
        if not own or "" in self.lookups:
            return self.lookups
        values: dict[tuple[str, ...], set[tuple[Any, ...]]] = {target: set() for target in own}
        for row in rows:
            cells = [*self.cells(row), *[None] * len(self.names)]
            for target, positions in own.items():
                found = tuple(self.readers.read(position, cells[position]).value for position in positions)
                if set(found) != {None}:
                    values[target].add(found)
        return {**self.lookups, "": values}


def _names(names: Any) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
