"""The bytes of a workbook come in on standard input; its sheets go out on standard output, one after the other, a line of JSON per row.

This runs as a process of its own, with a ceiling on memory and time: a file of a few hundred bytes with one cell in A1 and one in
XFD1048576 makes the library ask for 400 GB and end the process, and no check of ours knows every such file. It imports nothing of
the project, so that it starts in 20 ms.

First line: {"sheets": [names of all]}. Then for each sheet a line {"sheet": name, "hidden": bool, "offset": columns left of the
first, "merged": [[[row, column], [row, column]]]}, its rows from the first on, as lists, and {"end":true}; at last {"done":true}. Or,
anywhere, a line {"error": code, …}.
"""

import datetime
import io
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import orjson
import python_calamine

LARGEST_INT = 10**15  # beyond it Excel itself no longer knows the last digit


def main(memory: int, seconds: int, wishes: list[int | str] | None, most: int | None) -> None:
    """Read standard input, write standard output."""
    for what, limit in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):  # macOS does not limit memory
            resource.setrlimit(what, (limit, limit))
    out = sys.stdout.buffer
    try:
        for line in read_sheets(sys.stdin.buffer.read(), wishes, most):
            out.write(orjson.dumps(line) + b"\n")
            if isinstance(line, dict):  # whoever reads may decide by it, while the next sheet is being opened
                out.flush()
    except MemoryError:
        out.write(b'{"error": "memory"}\n')
    except python_calamine.PasswordError:
        out.write(b'{"error": "password"}\n')
    except BaseException as error:  # also the panics of the Rust library, which are no Exceptions
        out.write(orjson.dumps({"error": "broken", "note": f"{type(error).__name__}: {error}"[:200]}) + b"\n")
    out.flush()


def read_sheets(data: bytes, wishes: list[int | str] | None, most: int | None) -> Iterator[Any]:
    """Yield the lines of the sheets of these numbers or names; without a wish, of all that hold anything, in their order.

    `most` rows of each, all where that is None; only then hidden sheets are passed over.
    """
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    kinds, visible = python_calamine.SheetTypeEnum, python_calamine.SheetVisibleEnum
    hidden = {sheet.name: sheet.visible != visible.Visible for sheet in book.sheets_metadata if sheet.typ == kinds.WorkSheet}
    names = [*hidden]
    if wishes is None:
        chosen = [name for name in names if most is not None or not hidden[name]]
    else:
        chosen = [found for wish in wishes for found in _named(names, wish)]
    if not chosen or (wishes is not None and len(chosen) < len(wishes)):
        yield {"error": "sheet", "sheets": names}
        return
    yield {"sheets": names}
    for name in dict.fromkeys(chosen):
        sheet = book.get_sheet_by_name(name)
        if wishes is None and (sheet.start is None or not sheet.height):
            continue
        offset, merged = sheet.start[1] if sheet.start else 0, sheet.merged_cell_ranges or []
        yield {"sheet": name, "hidden": hidden[name], "offset": offset, "merged": merged}
        for row in islice(sheet.iter_rows(), most):
            yield [to_cell(value) for value in row]
        yield {"end": True}
    yield {"done": True}


def _named(names: list[str], wish: int | str) -> list[str]:
    if isinstance(wish, int):
        return names[wish - 1 : wish]
    return [name for name in names if name.strip().casefold() == wish.strip().casefold()][:1]


def to_cell(value: Any) -> str | int | float | bool | None:
    """Make of a cell what a person sees: 12 not 12.0, 0.3 not 0.30000000000000004, dates as 2026-03-02, times as 16:00."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    if isinstance(value, int | float):
        if value != value or value in (float("inf"), float("-inf")):
            return None
        return int(value) if value == int(value) and abs(value) < LARGEST_INT else float(f"{value:.15g}")
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return value.date().isoformat()
        return value.replace(microsecond=0).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        return value.isoformat("minutes") if not value.second else value.isoformat("seconds")
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *orjson.loads(sys.argv[3]))
