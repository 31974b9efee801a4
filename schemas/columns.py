"""The plans of a table's fields and a frame of its cells come in; a column goes out that is true where a row is suspect.

The same promise as schemas/compile.py: in a row that is not suspect frictionless finds no type or constraint error. Columns are
text (as read from a CSV file) or typed (as in a snapshot). Values that repeat are looked at once, and a column without a suspect
value costs no more than that.
"""

import re
from collections.abc import Callable, Sequence

import polars as pl

from schemas.fields import BOOLEANS, CLOCK, EMAIL, EMAIL_LENGTH, FARTHEST, INTEGER, NUMBER, REST, URI, Plan, has_scheme

DAY = (  # 2026-03-02; the 29th of February is left to the row by row check
    r"[12][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
SHAPES = {"integer": INTEGER, "number": NUMBER, "date": DAY, "datetime": DAY + CLOCK + REST}

SAMPLE = 1000  # values that show whether a column repeats itself

Settle = Callable[[int, str], bool]

# What Python's and Rust's regular expressions read alike
_TOKEN = re.compile(
    r"[A-Za-z0-9 _;:@=,~%<>/!#&'\"-]"  # a character that means itself
    r"|\\[.+*?^$(){}|/\[\]\\rntS-]"  # an escaped one; \S is translated
    r"|\[\^?(?:[^\[\]\\&~^-]|&(?!&)|~(?!~)|-(?!-)|\\[.+*?^$(){}|/\[\]\\rnt-])+\]"  # a class without Rust's set operations
    r"|\(\?:|\((?!\?)|[)|*+?.]|\{[0-9]+(?:,[0-9]*)?\}"  # groups and repeats
)
_NONBLANK = r"[^\s\x1c-\x1f]"  # \S as Python means it: Rust does not count the four separators as blank


def suspect_rows(plans: Sequence[Plan], frame: pl.DataFrame, *, settle: Settle | None = None) -> pl.Series:
    """Say of each row whether it is suspect. The columns of the frame are the fields of the plans.

    `settle` is asked about each different text that is not surely valid: the position of its field, the text, and whether that
    is valid all the same. With it, only rows with an error are suspect.
    """
    suspect = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    for position, plan in enumerate(plans):
        column = frame.get_column(plan.name)
        values = column.unique() if _repeats(plan, column) else column
        fine = values.to_frame().select(_test(plan, pl.col(plan.name), column.dtype)).to_series()
        if fine.all():
            continue
        unfit = values.filter(~fine).unique().drop_nulls()
        if settle is not None and column.dtype == pl.String:
            unfit = pl.Series([text for text in unfit if not settle(position, text)], dtype=pl.String)
        if settle is None and values is column:
            suspect |= ~fine
        else:
            suspect |= column.is_in(unfit.implode()).fill_null(plan.required)
    return suspect


def to_rust(pattern: str) -> str | None:
    """Translate a pattern of Python's to one of Rust's that matches the same texts; None where that is not certain."""
    tokens, end = [], 0
    while end < len(pattern):
        found = _TOKEN.match(pattern, end)
        if found is None:
            return None
        tokens.append(_NONBLANK if found[0] == r"\S" else found[0])
        end = found.end()
    return "".join(tokens)


def _repeats(plan: Plan, column: pl.Series) -> bool:
    """Whether looking at each different value once is cheaper than looking at all of them."""
    return column.dtype == pl.String and not plan.free and column.head(SAMPLE).n_unique() < SAMPLE / 2


def _test(plan: Plan, cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Say of each cell whether it is surely valid."""
    tests = _text_tests(plan, cell) if dtype == pl.String else _typed_tests(plan, cell, dtype)
    never = cell.is_null() & cell.is_not_null()
    fine = never if tests is None else pl.all_horizontal([cell.is_not_null(), *tests]).fill_null(False)
    if dtype == pl.String:
        null = cell == "" if plan.missing == {""} else cell.is_in(list(plan.missing))
        return fine & ~null.fill_null(True) if plan.required else fine | null.fill_null(True)
    if plan.required:  # frictionless compares the written value with the missing ones
        return fine if plan.missing <= {""} else never
    return fine | cell.is_null()


def _typed_tests(plan: Plan, cell: pl.Expr, dtype: pl.DataType) -> list[pl.Expr] | None:
    """Give what must hold for a typed cell; None where nothing is certain."""
    if dtype == pl.Boolean and plan.kind == "boolean":
        return []
    if (dtype == pl.Int64 and plan.kind in ("integer", "number")) or (dtype == pl.Float64 and plan.kind == "number"):
        low, high = (-FARTHEST if plan.low is None else plan.low), (FARTHEST if plan.high is None else plan.high)
        return [cell.is_finite(), cell.is_between(low, high)]  # NaN lies between any two numbers for polars
    return None


def _text_tests(plan: Plan, cell: pl.Expr) -> list[pl.Expr] | None:
    """Give what must hold for a text cell; None where nothing is certain."""
    if plan.kind == "never":
        return None
    if plan.kind == "boolean":
        return [cell.is_in(list(BOOLEANS))]
    tests = []
    if plan.shortest:
        tests.append(cell.str.len_chars() >= plan.shortest)
    if plan.longest is not None:
        tests.append(cell.str.len_chars() <= plan.longest)
    if plan.words is not None:
        tests.append(cell.is_in(list(plan.words)))
    shapes: list[str | None] = [SHAPES[plan.kind]] if plan.kind in SHAPES else []
    if plan.pattern is not None:
        shapes.append(to_rust(plan.pattern))
    if plan.email:
        shapes.append(EMAIL)
        tests.append(cell.str.len_chars() <= EMAIL_LENGTH)
    if plan.uri and not (plan.pattern is not None and has_scheme(plan.pattern)):
        shapes.append(URI + r"(?s:.)*")
    if None in shapes:
        return None
    tests += [cell.str.contains(f"^(?:{shape})$") for shape in shapes]
    if plan.low is not None or plan.high is not None:
        number = cell.cast(pl.Int64 if plan.kind == "integer" else pl.Float64, strict=False)
        tests += [number >= plan.low] if plan.low is not None else []
        tests += [number <= plan.high] if plan.high is not None else []
    return tests
