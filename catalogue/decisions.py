"""What an operator decided comes in and goes out again: which offers only look like the same one.

`data/operator/not-the-same.json` is a list of pairs of offer ids. People write it through the command; it is small.
"""

from pathlib import Path

from catalogue.disk import read_json, write_json

Pair = frozenset[str]


class Decisions:
    """The file of an installation, beside its ledger."""

    def __init__(self, root: Path) -> None:
        self.path = root / "operator" / "not-the-same.json"

    def not_the_same(self) -> set[Pair]:
        """All pairs of offers somebody told apart; raises LedgerError where the file cannot be read."""
        return {frozenset(pair) for pair in read_json(self.path) or ()}

    def differ(self, one: str, other: str) -> None:
        """Remember that two offers are not the same."""
        self._write(self.not_the_same() | {frozenset((one, other))})

    def forget(self, one: str, other: str) -> None:
        """Let two offers be matched again."""
        self._write(self.not_the_same() - {frozenset((one, other))})

    def _write(self, pairs: set[Pair]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_json(self.path, sorted(sorted(pair) for pair in pairs))
