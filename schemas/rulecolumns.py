"""A frame of a table's rows comes in; what they break of our own rules goes out, found column by column.

Most rows break nothing, and columns show that at once; only the others are read row by row (schemas/rules.py), so both ways find
the same. Columns may be text, as read from a CSV file, or typed, as in a snapshot.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import polars as pl

from schemas.rules import Breach, breaches
from schemas.tables import load

READABLE = r"[0-9A-Za-z\u{c0}-\u{24f}]"  # a text with one of these is not blank
# The everyday part of schemas.rules.WEB: a host of ASCII labels with a dot; the rest is read row by row
PAGE = r'^https?://(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}(?::[0-9]{1,5})?(?:[/?#][^\s\x00-\x1f\x7f<>"\\]*)?$'
CASTS: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "number": float,
    "boolean": lambda text: {"true": True, "1": True, "false": False, "0": False}[text.lower()],
}


def breaches_of_frame(table: str, frame: pl.DataFrame, *, first_row: int = 2) -> Iterator[tuple[int, Breach]]:
    """Yield what the rows of a frame break, with the number of the row, in the order of rows and rules."""
    kinds = {field["name"]: field.get("type", "string") for field in load(table)["fields"]}
    numbered = frame.with_row_index("\x00", offset=first_row)
    for number, *cells in numbered.filter(may_break(table, frame)).iter_rows():
        row = {name: _value(kinds[name], cell) for name, cell in zip(frame.columns, cells, strict=True)}
        for breach in breaches(table, row):
            yield number, breach


def may_break(table: str, frame: pl.DataFrame) -> pl.Series:
    """Say of each row whether it may break a rule; where it may not, it surely breaks none."""
    frame = frame.with_columns(pl.col(pl.Null).cast(pl.String))  # a column without any value
    if table == "offers":
        fine = _offers()
    elif table == "sessions":
        fine = _sessions()
    elif table in ("organisations", "sources", "locations"):  # short tables, read row by row
        return pl.repeat(True, frame.height, dtype=pl.Boolean, eager=True)
    else:
        return pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    return frame.select(~pl.all_horizontal([test.fill_null(False) for test in fine])).to_series()


def _offers() -> list[pl.Expr]:
    start, end = _text("start_date"), _text("end_date")
    lowest, highest = _text("cefr_from"), _text("cefr_to")
    youngest, oldest = _number("age_min"), _number("age_max")
    cost, most, free = _number("cost_amount"), _number("capacity_max"), _number("places_free")
    return [
        *(pl.col(column).str.contains(READABLE) for column in ("title", "record_id")),
        *(
            _empty(column) | pl.col(column).str.contains(PAGE)
            for column in ("url", "record_url", "registration_url", "image_url")
        ),
        pl.any_horizontal(_text(column).is_not_null() for column in ("contact_email", "contact_phone", "url")),
        start.is_null() | end.is_null() | ((start.str.len_bytes() == 10) & (end.str.len_bytes() == 10) & (start <= end)),
        _empty("age_min") | _empty("age_max") | (youngest <= oldest),
        _empty("cost_amount") | cost.is_finite(),
        _empty("places_free") | _empty("capacity_max") | (free <= most),
        lowest.is_null() | highest.is_null() | (_level("cefr_to", "9") >= _level("cefr_from", "0")),
    ]


def _sessions() -> list[pl.Expr]:
    start, end = _text("start"), _text("end")
    return [
        _empty("online_url"),
        start.is_not_null() | _text("weekday").is_not_null(),
        start.is_null() | end.is_null() | ((start.str.slice(19) == end.str.slice(19)) & (start <= end)),
    ]


def _text(column: str) -> pl.Expr:
    return pl.when(pl.col(column) != "").then(pl.col(column))


def _level(column: str, whole: str) -> pl.Expr:
    level = pl.col(column)
    return pl.when(level.str.contains(".", literal=True)).then(level).otherwise(level + f".{whole}")


def _number(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Float64, strict=False)


def _empty(column: str) -> pl.Expr:
    return pl.col(column).is_null() | (pl.col(column).cast(pl.String) == "")


def _value(kind: str, cell: Any) -> Any:
    """Give a cell as our rows hold it; None where the table's verdict is that it is none."""
    if cell == "":
        return None
    if cell.__class__ is str and kind in CASTS:
        try:
            return CASTS[kind](cell)
        except (KeyError, ValueError):
            return None
    return cell
