"""The problems of a run in; an exact count by code and a bounded table out."""

from collections import Counter
from pathlib import Path

import polars as pl

from catalogue.disk import explained
from catalogue.snapshot import polars_schema
from schemas.problems import Problem

STORED = 10_000  # rows a run; the counts are exact beyond it
RESERVED = 1_000  # of them, for codes that come late: the first few of each are always there
FIRST = 10
LONGEST = 1_000  # characters of a partner's value that are kept
LOCATOR, FIELD = 500, 100  # as the table of problems allows


class ProblemTable:
    """Collects the problems of one run.

    The stored table is the public one, whose sentences quote nobody's values, plus the columns `value` and `note`, which never
    leave the ledger: with them the partner's page says the whole sentence.
    """

    def __init__(self, run_id: str, source_key: str) -> None:
        self._run_id, self._source_key = run_id, source_key
        self._rows: list[dict[str, str | None]] = []
        self._counts: Counter[str] = Counter()
        self._somebody = False

    @property
    def counts(self) -> dict[str, int]:
        """How many there were of each code, also of those not stored."""
        return dict(sorted(self._counts.items()))

    @property
    def for_somebody(self) -> bool:
        """Whether one of them is somebody's to mend."""
        return self._somebody

    def add(self, problem: Problem) -> None:
        """Count a problem, and store it while there is room."""
        self._counts[problem.code] += 1
        self._somebody = self._somebody or problem.owner != "nobody"
        late = self._counts[problem.code] <= FIRST
        if len(self._rows) < (STORED if late else STORED - RESERVED):
            self._rows.append(
                {
                    "run_id": self._run_id,
                    "source_key": self._source_key,
                    "code": problem.code,
                    "owner": problem.owner,
                    "severity": problem.severity_or_default,
                    "locator": problem.locator[:LOCATOR] if problem.locator else None,
                    "field": problem.field[:FIELD] if problem.field else None,
                    "message": problem.message("de", show_value=False)[:LONGEST],
                    "value": problem.value[:LONGEST] if problem.value else None,
                    "note": problem.note[:LONGEST] or None,
                }
            )

    def write(self, path: Path) -> None:
        """Write what is stored as Parquet."""
        with explained(path):
            pl.DataFrame(self._rows, schema=problem_schema()).write_parquet(path)


def problem_schema() -> dict[str, pl.DataType]:
    """Give the columns of a run's problems: the public ones and those that stay here."""
    return {**polars_schema("problems"), "value": pl.String(), "note": pl.String()}


def to_problem(row: dict[str, str | None]) -> Problem:
    """Give the problem a stored row stands for, ready to be said in any language."""
    return Problem(
        code=row["code"] or "",
        locator=row["locator"],
        field=row["field"],
        value=row["value"],
        note=row["note"] or "",
        severity=row["severity"],
    )
