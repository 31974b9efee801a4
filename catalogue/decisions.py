"""What an operator decided comes in and goes out again: which offers only look like the same one, which sources are let go.

`data/operator/decisions/not-the-same.json` is a list of pairs of offer ids, `let-go.json` says since when a source whose file was
removed is not published any more. People write both through the command; they are small.
"""

from datetime import datetime
from pathlib import Path

from catalogue.disk import read_json, write_json

Pair = frozenset[str]


class Decisions:
    """The files of an installation, beside its ledger."""

    def __init__(self, root: Path) -> None:
        self.path = root / "operator" / "decisions" / "not-the-same.json"  # beside it stand files named like sources
        self.former = root / "operator" / "not-the-same.json"  # until 2026-11; a source may have that key
        self.gone_path = root / "operator" / "decisions" / "let-go.json"

    def not_the_same(self) -> set[Pair]:
        """All pairs of offers somebody told apart; raises LedgerError where the file cannot be read."""
        pairs = read_json(self.path)
        if pairs is None and isinstance(former := read_json(self.former), list):
            pairs = former
        return {frozenset(pair) for pair in pairs or ()}

    def differ(self, one: str, other: str) -> None:
        """Remember that two offers are not the same."""
        self._write(self.not_the_same() | {frozenset((one, other))})

    def forget(self, one: str, other: str) -> None:
        """Let two offers be matched again."""
        self._write(self.not_the_same() - {frozenset((one, other))})

    def gone(self) -> dict[str, str]:
        """The sources that were let go, each with the instant; raises LedgerError where the file cannot be read."""
        return dict(read_json(self.gone_path) or {})

    def let_go(self, key: str, now: datetime) -> None:
        """Remember that a source without a file is not to be published any more."""
        self._write_gone(self.gone() | {key: now.isoformat(timespec="seconds")})

    def take_back(self, key: str) -> None:
        """Forget that: its file is there again."""
        if key in (gone := self.gone()):
            self._write_gone({other: since for other, since in gone.items() if other != key})

    def _write_gone(self, gone: dict[str, str]) -> None:
        self.gone_path.parent.mkdir(parents=True, exist_ok=True)
        write_json(self.gone_path, dict(sorted(gone.items())))

    def _write(self, pairs: set[Pair]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_json(self.path, sorted(sorted(pair) for pair in pairs))
