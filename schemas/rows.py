"""The rows of a few thousand records on their way from normalise to a snapshot, and the books that must balance."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.problems import Problem

Value = str | int | float | bool | None
Row = dict[str, Value]  # exactly the columns of schemas/tables/<table>.json, in that order; nobody edits a row, steps replace it

ROW_TABLES = ("organisations", "locations", "offers", "sessions", "translations")


@dataclass(frozen=True, slots=True)
class Batch:
    """What some records became.

    Every raw record of the feed ends in exactly one of: an offer, `rejected`, `filtered` (the source's `where` leaves it out) or
    `merged` (a further session of an offer seen before). A step that rejects an offer takes its sessions and translations with
    it, adds a problem with severity "rejected" and the offer's locator, and moves the offer's id to `rejected`.

    `locators` maps offer_id to the place a person finds the record again. `rejected` holds the offer_ids of rejected records, ""
    where not even an id could be found. An organisation or location appears in the first batch that needs it, once a run.
    """

    organisations: list[Row] = field(default_factory=list)
    locations: list[Row] = field(default_factory=list)
    offers: list[Row] = field(default_factory=list)
    sessions: list[Row] = field(default_factory=list)
    translations: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    locators: Mapping[str, str] = field(default_factory=dict)
    rejected: tuple[str, ...] = ()
    filtered: int = 0
    merged: int = 0

    @property
    def read(self) -> int:
        """Raw records this batch stands for."""
        return len(self.offers) + len(self.rejected) + self.filtered + self.merged
