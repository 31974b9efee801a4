"""A cell and its field come in; what frictionless' own reader makes of it goes out: the value, and notes on what is wrong.

frictionless writes into the lists it is given, so it gets copies, and prints them as it left them. Where it would crash (sNaN
against a bound, half a surrogate pair in a URI, an integer of 5,000 digits) the cell is a type error instead.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from frictionless import Schema

_CRASHES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_REMEMBERED = 2048  # texts a field whose reading is kept


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell says: its value, the notes by "type" or name of the constraint, and the cell as an error shows it."""

    value: Any
    notes: Mapping[str, str]
    shown: str

    @property
    def blank(self) -> bool:
        """There is nothing in the cell; it may be missing or not."""
        return self.value is None and "type" not in self.notes


class Readers:
    """frictionless' readers of the fields of one Table Schema. Loaded at the first cell that needs one."""

    def __init__(self, descriptor: Mapping[str, Any]) -> None:
        self.descriptor = descriptor
        self._known: tuple[dict[str, Reading], ...] = tuple({} for _ in descriptor["fields"])

    @cached_property
    def schema(self) -> "Schema":
        """The descriptor as frictionless' Schema."""
        from frictionless import Schema  # late, because it takes long to import and most tables need none of it

        return Schema.from_descriptor(deepcopy(dict(self.descriptor)))

    @cached_property
    def _readers(self) -> tuple[Callable[[Any], tuple[Any, dict[str, str] | None]], ...]:
        return tuple(item.create_cell_reader() for item in self.schema.fields)

    def read(self, position: int, cell: Any) -> Reading:
        """Read one cell. Texts are remembered, because the same unusual value comes again and again."""
        if cell.__class__ is not str:
            return self._read(position, cell)
        known = self._known[position]
        reading = known.get(cell)
        if reading is None:
            if len(known) >= _REMEMBERED:
                known.clear()
            reading = known[cell] = self._read(position, cell)
        return reading

    def _read(self, position: int, cell: Any) -> Reading:
        if cell.__class__ in (list, dict):
            cell = deepcopy(cell)
        try:
            value, notes = self._readers[position](cell)
            return Reading(value, notes or {}, str(cell))
        except _CRASHES:
            return Reading(None, {"type": f'type is "{self.form(position)}"'}, _shown(cell))

    def form(self, position: int) -> str:
        """Give type and format of a field as frictionless names them."""
        item = self.schema.fields[position]
        return f"{item.type}/{item.format}"


def _shown(cell: Any) -> str:
    try:
        return str(cell)
    except _CRASHES:  # an integer too long to be written
        return f"<{type(cell).__name__}>"
