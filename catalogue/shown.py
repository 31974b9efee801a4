"""What one catalogue was told, on our own disk: the publication it shows, and those it was being brought to when that was cut off.

CKAN gives a file its new bytes before it notes their hash. A publisher or a CKAN that dies in between leaves a file that is newer
than its hash says; a later publish of another publication must not trust such a hash. So what was begun is written down first.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from catalogue import disk
from catalogue.descriptor import digest_of


@dataclass(frozen=True, slots=True)
class State:
    """`shown` is the id of the publication a catalogue shows whole, `begun` are ids of cut-off ones since, `error` says why."""

    shown: str | None = None
    begun: tuple[str, ...] = ()
    since: str = ""
    error: str = ""


class Shown:
    """The note about one catalogue."""

    def __init__(self, publications: Path, url: str) -> None:
        name = "".join(char if char.isalnum() else "-" for char in url)
        self.path = publications / f"shown-{name}"

    def read(self) -> State:
        """Give what is known; nothing where this catalogue was never told anything, or the note is damaged."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return State()
        if not text.startswith("{"):  # until November 2026 the note was the id alone
            return State(shown=text.strip() or None)
        try:
            known = json.loads(text)
            return State(known["shown"], tuple(known["begun"]), str(known["since"]), str(known["error"]))
        except (ValueError, KeyError, TypeError):
            return State()

    def begin(self, publication: str, now: datetime) -> State:
        """Note that this publication is on its way; give what was known before."""
        before = self.read()
        if before.shown != publication or before.begun:
            begun = tuple(dict.fromkeys((*before.begun, publication)))
            since = before.since if before.begun else now.isoformat(timespec="seconds")
            self._write(replace(before, begun=begun, since=since))
        return before

    def fail(self, error: str) -> None:
        """Note why it did not arrive."""
        self._write(replace(self.read(), error=error))

    def finish(self, publication: str) -> None:
        """Note that it is there, whole."""
        if self.read() != (done := State(shown=publication)):
            self._write(done)

    def _write(self, state: State) -> None:
        disk.write_text(self.path, json.dumps(asdict(state), ensure_ascii=False, indent=1) + "\n")


def doubts(folder: Path, unfinished: Sequence[Path]) -> Callable[[Path], bool]:
    """Give the question whether a file of the publication in `folder` may lie in the catalogue as one of an unfinished one.

    What an unfinished publication has in the same bytes is in no doubt; what is not on disk any more is in doubt whole.
    """

    def doubted(path: Path) -> bool:
        if not path.is_relative_to(folder):
            return bool(unfinished)
        others = [other / path.relative_to(folder) for other in unfinished]
        return any(not other.is_file() or not (other.samefile(path) or digest_of(other) == digest_of(path)) for other in others)

    return doubted
