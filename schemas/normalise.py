"""Raw records of a source come in; batches of rows with balanced books go out.

Every record ends in exactly one place: an offer, rejected, filtered (as our own offers are that come back), or merged into an
offer seen before. Fields of the partner that nobody mapped, and mapped ones that never came, are told once a run. How one record
becomes rows stands in drafts.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.city import City
from schemas.converters.answer import Setting, shown
from schemas.drafts import Draft, Drafts, Rejected
from schemas.identity import to_session_id
from schemas.mapping import Plan, compile_plan
from schemas.problems import Problem
from schemas.reading import Found
from schemas.record import RawRecord
from schemas.rows import Batch, Row
from schemas.source import Source
from schemas.vocabulary import fold

SIZE = 2000  # records a batch
MOST_COLUMNS = 500  # fields of a partner that are looked at; a feed whose keys are data has no end of them


class Normaliser:
    """Turns the records of one source into rows. Made once for a source file; `batches` may be called for every run.

    `default_map` and `nested` are the connector's. Raises SchemaError where the source file's map is wrong.
    """

    def __init__(self, source: Source, city: City, default_map: Mapping[str, Any], *, nested: bool = False) -> None:
        self.source, self.city = source, city
        self.plan: Plan = compile_plan(source, default_map, to_setting(source, city), nested=nested)

    def batches(self, records: Iterable[RawRecord | Problem], *, size: int = SIZE) -> Iterator[Batch]:
        """Normalise records in order; yield a batch for every `size` of them.

        Problems among them pass through. One that says "rejected" stands for a record that could not even be read.
        """
        run = _Run(self.source, self.city, self.plan, Drafts(self.source, self.city, self.plan))
        for record in records:
            if isinstance(record, Problem):
                run.note(record)
            else:
                run.take(record)
            if run.books.read >= size:
                yield run.close()
        run.books.problems += run.missing_columns()
        if run.echoes:
            run.books.problems.append(Problem("echo", value=str(run.echoes)))
        if run.books.read or run.books.problems:
            yield run.close()


def to_setting(source: Source, city: City) -> Setting:
    """Give converters what they may know of a city and a source."""
    areas: dict[str, dict[str, str]] = {"city": {fold(city.name): city.ags, fold(city.ags): city.ags}}
    for table in ("districts", "subdistricts", "quarters"):
        areas[table] = {fold(str(row[name])): str(row["code"]) for row in getattr(city, table) for name in ("name", "code")}
    address = str(source.source.get("url") or "")
    return Setting(
        zone=city.zone, city=city.name, base_url=address, lookups=source.lookups, postcodes=frozenset(city.postcodes), areas=areas
    )


@dataclass(slots=True)
class _Books:
    """A batch while it grows."""

    organisations: list[Row] = field(default_factory=list)
    locations: list[Row] = field(default_factory=list)
    offers: list[Row] = field(default_factory=list)
    sessions: list[Row] = field(default_factory=list)
    translations: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    locators: dict[str, str] = field(default_factory=dict)
    rejected: list[str] = field(default_factory=list)
    filtered: int = 0
    merged: int = 0
    read: int = 0


class _Run:
    """One pass over a source's records: what was seen so far."""

    def __init__(self, source: Source, city: City, plan: Plan, drafts: Drafts) -> None:
        self.source, self.plan, self.drafts = source, plan, drafts
        self.books = _Books()
        self.columns: set[str] = set()
        # Hashes instead of ids: a million ids weigh 100 MB. That two of a million share one happens once in 10^7 runs.
        self.offers: set[int] = set()
        self.sessions: set[int] = set()  # only where later records may bring further sessions
        self.told: set[int] = set()  # organisations and locations that went out already
        self.own = city.own_origins
        self.echoes = 0  # offers that another catalogue has from us

    def take(self, record: RawRecord) -> None:
        """Add one record to the books, whatever it is."""
        books, data = self.books, record.data
        books.read += 1
        if not data.keys() <= self.columns:
            self._note_columns(data)
        if not self.plan.belongs(data):
            books.filtered += 1
            return
        found: Found = []
        try:
            draft = self.drafts.make(record, found)
        except Rejected as error:
            books.problems += _to_problems(found, record.locator)
            self._reject(Problem(error.code, record.locator, severity="rejected"), error.offer_id)
        # Broad on purpose: a mistake of ours in one record must not cost the partner all others. It is told as our own problem.
        except Exception as error:
            note = shown(f"{type(error).__name__}: {error}")
            self._reject(Problem("unexpected", record.locator, note=note, severity="rejected"), "")
        else:
            if self._is_echo(draft.offer):
                books.filtered += 1
                self.echoes += 1
                return
            self._book(draft, record.locator, found)

    def _is_echo(self, offer: Row) -> bool:
        """Whether an offer of another catalogue began here, or came through here: cities in a circle would keep it for ever."""
        first, path = offer["origin_catalogue"], offer["origin_path"]
        return first in self.own or (path is not None and not self.own.isdisjoint(str(path).split()))

    def note(self, problem: Problem) -> None:
        """Add what the reader tells to the books, and the record that it says is lost."""
        if problem.severity_or_default == "rejected":
            self.books.read += 1
            self._reject(problem, "")
        else:
            self.books.problems.append(problem)

    def close(self) -> Batch:
        """Give what the books hold as a batch, and open new ones."""
        its, self.books = self.books, _Books()
        return Batch(
            its.organisations, its.locations, its.offers, its.sessions, its.translations, its.problems,
            its.locators, tuple(its.rejected), its.filtered, its.merged,
        )  # fmt: skip

    def _reject(self, problem: Problem, offer_id: str) -> None:
        self.books.problems.append(problem)
        self.books.rejected.append(offer_id)

    def _book(self, draft: Draft, locator: str, found: Found) -> None:
        books, offer_id = self.books, str(draft.offer["offer_id"])
        mark = hash(offer_id)
        if mark not in self.offers:
            self.offers.add(mark)
            books.offers.append(draft.offer)
            books.translations += draft.translations
            for row in draft.organisations:
                self._tell(row, "organisation_id", books.organisations)
        elif self.source.same_id == "sessions":
            books.merged += 1
            found = [(target, finding) for target, finding in found if target.startswith("session.")]
        else:
            # The offer of this id lives, so the id is not among the rejected.
            self._reject(Problem("duplicate_id", locator, value=str(draft.offer["record_id"]), severity="rejected"), "")
            return
        books.locators.setdefault(offer_id, locator)
        for site in draft.sites:
            self._tell(site.row, "location_id", books.locations)
        self._name_sessions(draft.sessions, offer_id)
        books.sessions += draft.sessions
        if found:
            books.problems += _to_problems(found, locator)

    def _tell(self, row: Row, key: str, rows: list[Row]) -> None:
        """Add an organisation or a location when it is needed for the first time."""
        mark = hash(row[key])
        if mark not in self.told:
            self.told.add(mark)
            rows.append(row)

    def _name_sessions(self, sessions: list[Row], offer_id: str) -> None:
        """Give sessions their ids; ~2, ~3 to those that begin at the same time."""
        over_records = self.source.same_id == "sessions"
        seen = self.sessions if over_records else set()
        for row in sessions:
            base = session_id = to_session_id(offer_id, row)
            number = 1
            while (mark := hash(session_id)) in seen:
                number += 1
                session_id = f"{base}~{number}"
            if over_records or len(sessions) > 1:
                seen.add(mark)
            row["session_id"], row["offer_id"] = session_id, offer_id

    def _note_columns(self, data: Mapping[str, Any]) -> None:
        """Note fields seen for the first time, and tell of those that nobody mapped or ignored."""
        for column in data:
            if column not in self.columns and len(self.columns) < MOST_COLUMNS:
                self.columns.add(column)
                if not self.plan.is_known(column):
                    self.books.problems.append(Problem("unmapped_column", value=column))

    def missing_columns(self) -> list[Problem]:
        """Tell of fields that the source file maps and that no record of this run had."""
        if not self.columns or len(self.columns) >= MOST_COLUMNS:
            return []
        missing = [text for text, roots in self.plan.wanted if not roots & self.columns]
        return [Problem("missing_column", value=text, severity="remark") for text in dict.fromkeys(missing)]


def _to_problems(found: Found, locator: str) -> list[Problem]:
    return [Problem(finding.code, locator, target, finding.value, finding.note, "remark") for target, finding in found]
