"""A feed of our own invention with the map that a person would write, and how a guess is judged by it."""

import csv
import io
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter

from flows.house import House
from landkarte.proposal import Proposal, Wishes, proposed

# the same said in two ways
SAME = {
    "period": "start_date", "cost_amount": "cost", "session.date": "start_date", "session.end_date": "end_date",
    "location.street": "location.street_line",
}  # fmt: skip


@dataclass(frozen=True)
class Feed:
    """A file, and the target of each of its fields; None where a field has none."""

    name: str
    body: str
    truth: Mapping[str, str | None]

    def content(self) -> bytes:
        """Give the file as it lies on a server."""
        return _workbook(self.body) if self.name.endswith(".xlsx") else self.body.encode()


@dataclass(frozen=True)
class Judged:
    """What became of the fields of a feed: rightly mapped, wrongly mapped, not mapped though they have a target."""

    name: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    unmapped: tuple[str, ...]

    @property
    def wanted(self) -> int:
        return len(self.right) + len(self.unmapped) + sum("≠" in one for one in self.wrong)


def table(text: str) -> str:
    """Take the indent from a table."""
    return textwrap.dedent(text).strip() + "\n"


def judge(feed: Feed, house: House, now: datetime) -> Judged:
    """Guess the map of a feed the way `sources new` does, and compare it with the truth."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / feed.name
        path.write_bytes(feed.content())
        with proposed(house, str(path), Path(folder), now, Wishes()) as (proposal, _):
            made = dict(_lines(proposal))
    right, wrong, unmapped = [], [], []
    for field in [*feed.truth, *(field for field in made if field not in feed.truth)]:
        wanted = {_same(one) for one in (feed.truth.get(field) or "").split("|") if one}
        got = {_same(one) for one in made.get(field, ())}
        if got - wanted:
            wrong.append(f"{field}: {'|'.join(sorted(got))}" + (f" ≠ {'|'.join(sorted(wanted))}" if wanted else ""))
        elif got:
            right.append(field)
        elif wanted:
            unmapped.append(f"{field}: {'|'.join(sorted(wanted))}")
    return Judged(feed.name, tuple(right), tuple(wrong), tuple(unmapped))


def _lines(proposal: Proposal) -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    guess = proposal.guess
    for group, above, lines in (("", "", guess.map), ("session.", f"{guess.each}/" if guess.each else "", guess.sessions)):
        for one in lines:
            for field in one.from_:
                found.setdefault(above + field, []).append(group + one.target)
    if guess.record_id:
        found.setdefault(guess.record_id, []).append("id")
    yield from found.items()


def _same(target: str) -> str:
    return SAME.get(target, target)


def _workbook(body: str) -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet("Angebote")
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    for number, row in enumerate(csv.reader(io.StringIO(body), delimiter=";")):
        for column, cell in enumerate(row):
            try:
                sheet.write_datetime(number, column, datetime.strptime(cell, "%Y-%m-%d"), day)
            except ValueError:
                if cell.isdigit() and len(cell) < 5:
                    sheet.write_number(number, column, int(cell))
                else:
                    sheet.write_string(number, column, cell)
    book.close()
    return made.getvalue()
