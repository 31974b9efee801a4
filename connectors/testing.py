"""A connector and a folder of its cases come in; a class of tests goes out that every connector must pass. One line a package:

    from connectors.testing import conformance_suite
    TestMine = conformance_suite(MyConnector, cases="tests/cases/mine")

What a case is stands in connectors/recorded.py; LANDKARTE_WRITE_CASES=1 writes its `records.json`. At least one case must hold two
records. What is tested: connectors/promises.py and connectors/hardships.py. Needs pytest, which only the tests of a package need.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Connector
from connectors.hardships import Hardships, answers
from connectors.promises import Change, Promises
from connectors.recorded import Case

Endless = tuple[Mapping[str, Any], Callable[[int], bytes]]


class Conformance(Promises, Hardships):
    """The tests. A package does not derive from this: `conformance_suite` does."""


def conformance_suite(
    connector: type[Connector[Any]],
    *,
    cases: str | Path,
    empty: bytes | None = None,
    reorder: Change | None = None,
    spoil: Change | None = None,
    best: str = "",
    records_at: int = 0,
    endless: Endless | None = None,
    encodings: Sequence[str] = (),
    reads_pages: bool = False,
    example: bytes | None = None,
    line: int = 100_000,
    deep: int = 10_000,
    memory: int = 400_000_000,
    seconds: float = 10.0,
) -> type[Conformance]:
    """Make the class of tests. What a format has no way to show is left out and its test skips.

    `empty` is a whole feed without a record. `best` names the case that is changed in many ways, else the first with two records
    is; `reorder` and `spoil` change its bytes: its records in another order; one record broken; `records_at` says in which of its
    answers, from 0. `endless`: options, and a function that makes page 1, 2, 3 … of a list that never ends. `encodings` are
    further encodings the format may come in. `reads_pages`: any web page is a feed of this kind. `example` is recognised by
    `detect` where no case is. `line`, `deep`: the longest line and the deepest nesting that are tried; `memory` (bytes beyond what
    the program holds) and `seconds` (of computing): what one answer may cost.
    """
    given = {
        "connector": connector, "cases": Path(cases), "empty": empty, "reorder": staticmethod(reorder) if reorder else None,
        "spoil": staticmethod(spoil) if spoil else None, "best": best, "records_at": records_at, "endless": endless,
        "encodings": tuple(encodings), "reads_pages": reads_pages,
        "example": example, "line": line, "deep": deep, "memory": memory, "seconds": seconds,
    }  # fmt: skip
    folders = sorted(path.parent for path in Path(cases).glob("*/source.yml"))
    suite = type(f"Test{connector.kind.title()}", (Conformance,), given)
    walk = pytest.mark.parametrize("folder", folders, ids=[folder.name for folder in folders])

    def test_a_case_reads_as_recorded(self: Conformance, folder: Path) -> None:
        """The partner's words, where they stand, and what was wrong with them."""
        self.check_case(folder)

    def test_hostile_answers_end_in_a_problem(self: Conformance, name: str) -> None:
        """No exception, no more memory and time than there is, and a sentence for each that says who can mend it."""
        self.check_hostile(name)

    suite.test_a_case_reads_as_recorded = walk(test_a_case_reads_as_recorded)  # type: ignore[attr-defined]  # made here
    if folders:
        names = [
            name
            for name, _ in answers(Case(Path(cases) / best if best else _good(folders), connector), records_at, line=100, deep=10)
        ]
        bad = pytest.mark.parametrize("name", names)
        suite.test_hostile_answers_end_in_a_problem = bad(test_hostile_answers_end_in_a_problem)  # type: ignore[attr-defined]  # made here
    return suite


def _good(folders: Sequence[Path]) -> Path:
    """The case that is grown: the one the tests take, or any while none is recorded yet."""
    recorded = [folder for folder in folders if (folder / "records.json").exists()]
    return next(
        (one for one in recorded if (one / "records.json").read_text(encoding="utf-8").count('"locator"') >= 2), folders[0]
    )
