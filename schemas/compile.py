"""The plans of a table's fields come in; a generated function goes out that finds a row's suspect cells.

The function takes the cells of one row, as many as there are fields, and gives the positions of the cells it does not surely
know to be valid: an empty tuple means that frictionless would find no type or constraint error in this row. It is one flat run
of comparisons, because a call a cell would cost more than the checks themselves. Cells that repeat (dates, lists of codes,
identifiers of organisations) are checked once and remembered.
"""

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from schemas.fields import (
    BOOLEANS,
    FARTHEST,
    INTEGER,
    NUMBER,
    Plan,
    has_scheme,
    is_clock,
    is_date,
    is_email,
    is_rest,
    is_uri,
    is_whole,
    to_fast,
)

Suspects = Callable[[Sequence[Any]], tuple[int, ...]]

Passes = Callable[[Sequence[Any], int], bool]

REMEMBERED = 4096  # values a field; a field with more of them is checked value by value


def compile_text(plans: Sequence[Plan]) -> Suspects:
    """Compile for rows of text cells, as csv.reader gives them. Every cell must be a str."""
    return _compile(plans, native=False)


def compile_native(plans: Sequence[Plan]) -> Suspects:
    """Compile for rows of str, int, float, bool and None. Any other value is suspect, or raises TypeError."""
    return _compile(plans, native=True)


def compile_keys(
    key: Sequence[int],
    primary: dict[Any, int],
    foreign: Sequence[tuple[Sequence[int], AbstractSet[tuple[Any, ...]]]],
    missing: AbstractSet[Any],
) -> Passes:
    """Compile the check of a row's keys: true where its foreign keys are known and its primary key is new, which is then noted.

    `key` are the positions of the primary key, `primary` the rows by key, `foreign` the positions of each foreign key and the
    values it may have. False means that somebody must look. Every key cell is a text, or one of `missing`.
    """
    names: dict[str, Any] = {"primary": primary, "missing": missing}
    lines = ["def passes(cells, number):"]
    for i, (positions, known) in enumerate(foreign):
        names[f"known{i}"] = known if len(positions) > 1 else {value for (value,) in known} | missing
        lines.append(f"  if {_cells(positions)} not in known{i}: return False")
    if key:
        nulls = "".join(f" or cells[{position}] in missing" for position in key)
        lines += [f"  key = {_cells(key)}", f"  if key in primary{nulls}: return False", "  primary[key] = number"]
    exec("\n".join([*lines, "  return True"]), names)
    passes: Passes = names["passes"]
    return passes


def _cells(positions: Sequence[int]) -> str:
    cells = [f"cells[{position}]" for position in positions]
    return cells[0] if len(cells) == 1 else f"({', '.join(cells)})"


def source(plans: Sequence[Plan], *, native: bool) -> tuple[str, dict[str, Any]]:
    """Give the generated source and the names it needs."""
    names: dict[str, Any] = {}
    lines = ["def suspects(cells):", f"  {', '.join(f'v{i}' for i in range(len(plans)))}, = cells", "  found = ()"]
    for i, plan in enumerate(plans):
        test = _native_test(i, plan, names) if native else _text_test(i, plan, names)
        if test:
            lines.append(f"  if {test}: found += ({i},)")
    lines.append("  return found")
    return "\n".join(lines), names


def _compile(plans: Sequence[Plan], *, native: bool) -> Suspects:
    text, names = source(plans, native=native)
    exec(compile(text, f"<{'native' if native else 'text'} suspects>", "exec"), names)
    suspects: Suspects = names["suspects"]
    return suspects


def _text_test(i: int, plan: Plan, names: dict[str, Any]) -> str:
    """Give the condition under which text cell i is suspect; "" where no text is."""
    cell = f"v{i}"
    if plan.missing == {""}:
        null = f"not {cell}"
    else:
        names[f"missing{i}"] = plan.missing
        null = f"{cell} in missing{i}"
    if plan.free:
        bad = _length_test(cell, plan)
    elif plan.kind == "never":
        bad = "True"
    elif plan.words is not None or plan.kind == "boolean":
        bad = _word_test(i, plan, names)
    else:
        bad = _value_test(i, plan, names)
    return _with_null(null, bad, plan.required)


def _native_test(i: int, plan: Plan, names: dict[str, Any]) -> str:
    """Give the condition under which native cell i is suspect; "" where no value is."""
    cell, null = f"v{i}", f"v{i} is None"
    # frictionless compares str(cell) with the missing values: where there are odd ones, a required cell of any type may be null
    odd = plan.required and not plan.missing <= {""}
    match plan.kind:
        case "never":
            bad = "True"
        case "boolean":
            bad = "True" if odd else f"{cell} is not True and {cell} is not False"
        case "integer" | "number":
            low = -FARTHEST if plan.low is None else plan.low
            high = FARTHEST if plan.high is None else plan.high
            type_test = f"{cell}.__class__ is not int" + (f" and {cell}.__class__ is not float" if plan.kind == "number" else "")
            bad = "True" if odd else f"{type_test} or not {low!r} <= {cell} <= {high!r}"
        case _ if plan.free:
            length = _length_test(cell, plan)
            bad = f"{cell}.__class__ is not str or not {cell}" + (f" or {length}" if length else "")  # "" is null in other words
        case _ if plan.words is not None:
            bad = f"{cell}.__class__ is not str or {_word_test(i, plan, names)}"
        case _:  # a regular expression raises TypeError where the cell is no text
            bad = _value_test(i, plan, names)
    shaped = "" in plan.words if plan.words is not None else plan.pattern is not None and _check(plan)("")
    if (odd or (plan.required and shaped)) and plan.kind in ("text", "any", "date", "datetime"):
        names[f"missing{i}"] = plan.missing
        bad = f"{cell} in missing{i} or {bad}"
    return _with_null(null, bad, plan.required)


def _with_null(null: str, bad: str, required: bool) -> str:
    if required:
        return f"{null} or {bad}" if bad else null
    return f"not ({null}) and ({bad})" if bad else ""


def _length_test(cell: str, plan: Plan) -> str:
    tests = [f"len({cell}) > {plan.longest}"] if plan.longest is not None else []
    if plan.shortest > 1 or (plan.shortest and not plan.required):
        tests.append(f"len({cell}) < {plan.shortest}")
    return " or ".join(tests)


def _word_test(i: int, plan: Plan, names: dict[str, Any]) -> str:
    words = BOOLEANS if plan.words is None else plan.words
    names[f"words{i}"] = frozenset(filter(_check(plan), words))
    return f"v{i} not in words{i}"


def _value_test(i: int, plan: Plan, names: dict[str, Any]) -> str:
    """Give the test of a cell that has a shape: remembered where values repeat."""
    cell = f"v{i}"
    if plan.kind in ("date", "datetime"):
        parts = [("day", is_date, cell)]
        if plan.kind == "datetime":  # its parts repeat, the whole hardly ever
            parts = [("day", is_date, f"{cell}[:10]"), ("clock", is_clock, f"{cell}[10:16]"), ("rest", is_rest, f"{cell}[16:]")]
        return " or ".join(_remembered_test(name, check, part, names) for name, check, part in parts)
    if plan.once:
        names[f"check{i}"] = _check(plan)
        return f"not check{i}({cell})"
    return _remembered_test(f"check{i}", _check(plan), cell, names)


def _remembered_test(name: str, check: Callable[[str], bool], part: str, names: dict[str, Any]) -> str:
    """Give the test of a part of a cell by a check that remembers; fields share the memory of the same check."""
    if name not in names:
        names[name], names[f"{name}_seen"] = _remembering(check)
    return f"({part} not in {name}_seen and not {name}({part}))"


def _check(plan: Plan) -> Callable[[str], bool]:
    """Give a function that is true only of texts frictionless accepts as a value of this field."""
    names: dict[str, Any] = {"is_email": is_email, "is_uri": is_uri, "is_whole": is_whole}
    tests = []
    if plan.longest is not None:
        tests.append(f"len(cell) <= {plan.longest}")
    if plan.shortest:
        tests.append(f"len(cell) >= {plan.shortest}")
    if plan.kind in ("integer", "number"):
        names["shape"] = re.compile(INTEGER if plan.kind == "integer" else NUMBER).fullmatch
        tests.append("shape(cell) is not None")
        cast = "int" if plan.kind == "integer" else "float"
        tests += [f"{cast}(cell) {sign} {bound!r}" for sign, bound in ((">=", plan.low), ("<=", plan.high)) if bound is not None]
    if plan.pattern is not None:
        names["shape"] = re.compile(to_fast(plan.pattern)).fullmatch
        tests.append("shape(cell) is not None")
    if plan.email:
        tests.append("is_email(cell)")
    if plan.uri:
        tests.append("is_whole(cell)" if plan.pattern is not None and has_scheme(plan.pattern) else "is_uri(cell)")
    check: Callable[[str], bool] = eval(f"lambda cell: {' and '.join(tests) or 'True'}", names)
    return check


def _remembering(check: Callable[[str], bool]) -> tuple[Callable[[str], bool], set[str]]:
    """Give a check that keeps the texts it found good, and where it keeps them."""
    seen: set[str] = set()

    def good(cell: str) -> bool:
        if not check(cell):
            return False
        if len(seen) < REMEMBERED:
            seen.add(cell)
        return True

    return good, seen
