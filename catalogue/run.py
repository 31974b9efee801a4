"""What is remembered of one harvest of one source: when, from what, with which result, and books that balance."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

VERSION = 1
RUN_ID = re.compile(r"^\d{4}-\d\d-\d\dT\d{6}Z-[a-z0-9-]{1,40}$")  # 2026-03-01T030000Z-7f3a
STAMP = "%Y-%m-%dT%H%M%SZ"
RESULTS = ("ok", "not_modified", "ok_with_problems", "held", "failed")


@dataclass(frozen=True, slots=True)
class Books:
    """Where every record of a run and every offer of the last snapshot ended.

    `read` counts raw records. `missing`, `held` and `kept` offers stand in the snapshot with their last good version, `stayed`
    ones too (absent from a stream); `withdrawn` and `expired` ones left it.
    """

    read: int = 0
    filtered: int = 0
    merged: int = 0
    seen: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    kept: int = 0
    missing: int = 0
    held: int = 0
    stayed: int = 0
    withdrawn: int = 0
    expired: int = 0

    @property
    def accepted(self) -> int:
        """Offers of this run that are in its snapshot."""
        return self.new + self.changed + self.unchanged

    @property
    def carried(self) -> int:
        """Offers that are in the snapshot although this run did not give them."""
        return self.kept + self.missing + self.held + self.stayed

    @property
    def moved(self) -> bool:
        """Whether the public sees something else than before."""
        return bool(self.new + self.changed + self.withdrawn + self.expired)

    def fault(self, before: int) -> str | None:
        """Say where the books do not balance, with `before` offers in the last snapshot; None where they do."""
        if self.seen != self.accepted + self.rejected:
            return f"gesehen {self.seen}, aber angenommen {self.accepted} und abgelehnt {self.rejected}"
        if self.read != self.seen + self.filtered + self.merged:
            return f"gelesen {self.read}, aber gesehen {self.seen}, ausgelassen {self.filtered} und zusammengeführt {self.merged}"
        if before != (found := self.changed + self.unchanged + self.carried + self.withdrawn + self.expired):
            return f"vorher {before} Angebote, wiedergefunden {found}"
        return None


@dataclass(frozen=True, slots=True)
class Run:
    """One run, as its run.json says.

    `snapshot` names the run whose folder holds the rows that count after this one: its own, or an earlier one's where nothing
    changed. `accepted` says that they may become public. `digest` stands for the snapshot's content. `rows` counts the rows of
    each table, `problems` each code. `expectations` are the broken ones, a sentence each; kinds
    are harvest, replay, release and rename.
    """

    source: str
    id: str
    started: datetime
    finished: datetime
    result: str
    kind: str = "harvest"
    accepted: bool = False
    snapshot: str | None = None
    digest: str = ""
    completeness: str = "snapshot"
    connector: str = ""
    fingerprint: str = ""
    books: Books = Books()
    rows: Mapping[str, int] = field(default_factory=dict)
    problems: Mapping[str, int] = field(default_factory=dict)
    expectations: tuple[str, ...] = ()
    captures: int = 0
    note: str = ""

    @property
    def duration(self) -> timedelta:
        """How long it took; nothing where the clock was set back meanwhile."""
        return max(self.finished - self.started, timedelta())

    def to_json(self) -> dict[str, Any]:
        """Give the run as run.json has it."""
        return {"version": VERSION, **asdict(self)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Run":
        """Read a run.json. What a later version added is left out; raises KeyError, TypeError or ValueError where it is none."""
        known = {item.name for item in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        books = {name: value for name, value in values["books"].items() if name in Books.__slots__}
        return cls(
            **values
            | {
                "started": datetime.fromisoformat(values["started"]),
                "finished": datetime.fromisoformat(values["finished"]),
                "books": Books(**books),
                "expectations": tuple(values.get("expectations", ())),
            }
        )


def new_run_id(now: datetime, suffix: str = "", *, after: str | None = None) -> str:
    """Make a run id that sorts by time and after the id `after`, also where the clock was set back: 2026-03-01T030000Z-7f3a.

    `suffix` tells runs of the same second on different machines apart; without one it comes from the moment itself.
    """
    moment = now.astimezone(UTC)
    stamp = moment.strftime(STAMP)
    if after is not None and stamp <= (last := after[: len(stamp)]):
        stamp = (datetime.strptime(last, STAMP) + timedelta(seconds=1)).strftime(STAMP)
    return f"{stamp}-{suffix or format(crc32(moment.isoformat().encode()) & 0xFFFF, '04x')}"
