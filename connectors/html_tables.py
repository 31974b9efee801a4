"""A web page comes in; its tables go out, each with its number, its name and its headings, and those that a source file means.

Headings are looked for in the first rows alone, in cells cut short: on a page of nested tables every table lies in another's cell.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.contract import SourceError
from connectors.html_cells import to_label
from connectors.html_grid import Line, lines_of
from connectors.table import Header, Row, TableOptions, find_header
from connectors.webpage import Page
from schemas.problems import Problem

SAMPLE = 40  # rows in which headings are looked for
MOST_HEADS = 3  # rows of headings; where more say so by th, it says nothing
SHARE = 2 / 3  # of the headings asked for: a table with one renamed is still the one that is meant
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
LONGEST_NAME = 120


class TableChoice(BaseModel):
    """Which table of a page is meant. Of several that fit, all are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    columns: tuple[str, ...] = Field(
        default=(), max_length=100, description="Überschriften der Spalten, an denen die Tabelle zu erkennen ist"
    )
    caption: str | None = Field(default=None, min_length=1, description="Beschriftung der Tabelle oder die Überschrift über ihr")
    html_id: str | None = Field(default=None, min_length=1, description="id der Tabelle im HTML", examples=["tablepress-3"])
    number: int | None = Field(default=None, ge=1, description="Die wievielte Tabelle der Seite")
    hidden_rows: bool = Field(default=False, description="Zeilen mitlesen, die die Seite ausblendet")

    @model_validator(mode="after")
    def _says_which(self) -> "TableChoice":
        if not (self.columns or self.caption or self.html_id or self.number):
            raise ValueError("bitte sagen, welche Tabelle gemeint ist: columns, caption, html_id oder number")
        return self

    def __str__(self) -> str:
        said = [f"mit {_few(self.columns)}"] if self.columns else []
        said += [f"‚{self.caption}‘"] if self.caption else []
        said += [f"mit der id ‚{self.html_id}‘"] if self.html_id else []
        said += [f"Nummer {self.number}"] if self.number else []
        return " ".join(said)


def _few(columns: Sequence[str]) -> str:
    return ", ".join(columns[:3]) + (" …" if len(columns) > 3 else "")


@dataclass(frozen=True, slots=True)
class Head:
    """The headings of a table: the names of its columns, the words in each of their rows, and whether the page marks them as such."""

    header: Header
    texts: frozenset[tuple[str | None, ...]]
    marked: bool

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in self.header.names if name)


@dataclass(frozen=True, slots=True)
class PageTable:
    """One table: its place on the page from 1, its name, its element; the headings, or None where no row looks like that."""

    number: int
    name: str
    element: Any
    head: Head | None

    @property
    def shown(self) -> str:
        """How a person finds it."""
        return f"Tabelle {self.number}" + (f" ‚{self.name}‘" if self.name else "")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns; none where it has no headings."""
        return self.head.names if self.head else ()

    def has(self, columns: Sequence[str]) -> bool:
        """Whether it has the columns, or most of them."""
        return sum(column in self.names for column in columns) >= SHARE * len(columns)


def tables_of(page: Page) -> list[PageTable]:
    """List the tables of a page in the order they begin, nested ones too."""
    found: list[PageTable] = []
    above: Any = None
    for element in page.root.root.iter(*HEADINGS, "table"):
        if element.tag in HEADINGS:
            above = element
        else:
            found.append(PageTable(len(found) + 1, _name(element, above), element, _head(element)))
    return found


def choose(page: Page, choice: TableChoice) -> list[PageTable]:
    """Find the tables that are meant; raise SourceError `selector_stale` where there is none, and say what is there instead."""
    every = tables_of(page)
    if meant := meant_by(choice, every):
        return meant
    there = "; ".join(f"{f'‚{one.name}‘' if one.name else one.shown} ({_few(one.names)})" for one in every[:20] if one.head)
    note = f"keine Tabelle {choice}" + (f"; dort steht {there}" if there else "")  # a sentence shows its beginning
    raise SourceError(Problem("selector_stale", value=page.url, note=note))


def meant_by(choice: TableChoice, tables: Sequence[PageTable]) -> list[PageTable]:
    """Find the tables of a page that a choice means: of tables inside of each other the innermost."""
    return innermost([one for one in tables if one.head and _is_meant(one, choice)])


def innermost(tables: Sequence[PageTable]) -> list[PageTable]:
    """Leave out tables that hold another of these: what lies in two would be read twice, and the outer one only holds a page together."""
    around = {above for one in tables for above in one.element.iterancestors("table")}
    return [one for one in tables if one.element not in around]


def _is_meant(one: PageTable, choice: TableChoice) -> bool:
    return (
        (choice.number is None or choice.number == one.number)
        and (choice.caption is None or _plain(choice.caption) == _plain(one.name))
        and (choice.html_id is None or choice.html_id == one.element.get("id"))
        and (not choice.columns or one.has(choice.columns))
    )


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _name(table: Any, above: Any) -> str:
    """Find what a table is called: its caption, that of the figure around it, the bold line before it, the heading above."""
    named = table.find("caption")
    figure = table.getparent()
    if named is None and figure is not None and figure.tag == "figure":
        named = figure.find("figcaption")
    before = (figure if figure is not None and figure.tag == "figure" else table).getprevious()
    if named is None and before is not None and before.tag == "p" and len(before) == 1 and before[0].tag in ("b", "strong"):
        named = before if not (before.text or "").strip() and not (before[0].tail or "").strip() else None
    named = above if named is None else named
    text = " ".join((to_label(named) or "").split()) if named is not None else ""
    return text if len(text) <= LONGEST_NAME else ""


def _head(table: Any) -> Head | None:
    """Find the headings: in thead, in rows of th, in a bold first row, else in the first row that looks like it."""
    lines: list[Line] = []
    with suppress(SourceError):  # of rows that cannot be read whoever reads them tells
        lines.extend(line for line in islice(lines_of(table), SAMPLE) if not line.hidden)
    labels = {line.number: tuple(to_label(cell) if cell is not None else None for cell in line.cells) for line in lines}
    width = max((len(line.cells) for line in lines if len(line.own) > 1), default=0)
    filled = [line for line in lines if sum(map(bool, labels[line.number])) > 1 and not line.spans(width)]
    heads = _heads(filled)
    spread = [Row(line.number, [_label(cell, line, labels) for cell in line.spread()]) for line in heads]
    others = [Row(line.number, labels[line.number]) for line in filled if line not in heads]
    told = TableOptions(url="", header_row=heads[0].number, header_rows=len(heads)) if heads else TableOptions(url="")
    header = find_header([*spread, *others], told)
    if header is None or header.width < 2:
        return None
    first, last = header.rows
    return Head(header, frozenset(labels[line.number] for line in filled if first <= line.number <= last), bool(heads))


def _label(cell: Any, line: Line, labels: dict[int, tuple[str | None, ...]]) -> str | None:
    return labels[line.number][line.cells.index(cell)] if cell is not None else None


def _heads(lines: list[Line]) -> list[Line]:
    """Give the rows of headings that say so themselves; [] where none does."""
    told = [line for line in lines if line.part == "thead"] or list(takewhile(lambda line: line.is_head, lines))
    if 0 < len(told) <= MOST_HEADS and len(told) < len(lines):
        return told
    return lines[:1] if len(lines) > 1 and lines[0].is_bold and not lines[1].is_bold else []
