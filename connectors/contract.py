"""What a connector is: options in, captures asked from `ctx`, raw records and problems out.

A connector is one class in one file. It never opens a socket or a file itself, never reads the clock, keeps nothing between two
calls, and decides nothing about what a field means. Preview, check, harvest and the conformance suite are all derived from `read`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Literal, Protocol, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from schemas.problems import Problem
from schemas.record import Capture, RawRecord

API_VERSION = 1


class Completeness(StrEnum):
    """What the absence of a record means."""

    SNAPSHOT = "snapshot"  # the whole truth: what is missing was removed
    WINDOW = "window"  # a moving window of time: past entries drop out
    STREAM = "stream"  # only the newest: absence means nothing


class SourceError(Exception):
    """Ends the run of a source: nothing of it can be read. Carries the problem that says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return self.problem.message("en")


def never_empty(items: Iterable[RawRecord | Problem]) -> Iterator[RawRecord | Problem]:
    """Hand on what a feed gives; raise SourceError at its end where there was no record, not even one that could not be read."""
    found = False
    for item in items:
        found = found or isinstance(item, RawRecord) or item.severity_or_default == "rejected"
        yield item
    if not found:
        raise SourceError(Problem("empty_feed"))


def over_limit(most: int) -> Problem:
    """Say that a feed has more records than the `most` that were read."""
    return Problem("record_limit", value=f"{most:,}".replace(",", "."))


class Auth(BaseModel):
    """How to identify ourselves; the secret itself stands in the environment, here stands its name."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Literal["basic", "bearer", "header", "query"]
    secret: str = Field(description="Name der Umgebungsvariable LANDKARTE_SECRET_<NAME>", pattern=r"^[A-Z][A-Z0-9_]{1,60}$")
    name: str = Field(default="", description="Name der Kopfzeile oder des Parameters (kind: header, query)")
    user: str = Field(default="", description="Benutzername (kind: basic)")


class Options(BaseModel):
    """What every kind of feed can be told. Kinds derive from it and add their own."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    url: str = Field(description="Adresse des Feeds", examples=["https://example.org/angebote.csv"])
    auth: Auth | None = Field(default=None, description="Anmeldung, falls der Feed eine verlangt")
    headers: Mapping[str, str] = Field(default_factory=dict, description="Zusätzliche Kopfzeilen, keine Geheimnisse")


@dataclass(frozen=True, slots=True)
class Detection:
    """A connector recognises a capture: how sure (0 to 1), with which options, and one German sentence that explains."""

    score: float
    options: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run of one source may cost."""

    max_bytes: int = 200_000_000  # of one response, as sent
    max_decompressed: int = 1_000_000_000  # of one response, unpacked
    max_seconds: float = 600.0  # for the whole of one response
    max_pages: int = 2_000  # requests in one run
    max_records: int = 2_000_000
    max_redirects: int = 5


class Context(Protocol):
    """What a connector may ask the world for, and nothing else."""

    @property
    def now(self) -> datetime:
        """The instant of the run, with the city's time zone."""

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone: what a time without one means."""

    @property
    def limits(self) -> Limits: ...

    def fetch(self, url: str, *, headers: Mapping[str, str] | None = None, auth: Auth | None = None) -> Capture:
        """Fetch one address politely and store the answer; the same address in the same run is fetched once.

        Raises SourceError with a problem where there is nothing to read.
        """


O_contra = TypeVar("O_contra", bound=Options, contravariant=True)


class Connector(Protocol[O_contra]):
    """One kind of feed."""

    kind: ClassVar[str]
    title: ClassVar[str]  # one German sentence a partner understands
    api_version: ClassVar[int]
    options: ClassVar[type[Options]]
    completeness: ClassVar[Completeness]
    nested: ClassVar[bool]  # selectors are JMESPath into `data`; else they are the names of its keys
    depends_on_day: ClassVar[bool]  # the same bytes mean something else tomorrow (recurrences in a window)
    default_map: ClassVar[
        Mapping[str, Any]
    ]  # `map`, `sessions`, `translations`, `ignore` of a source file, where the format says

    def entries(self, options: O_contra) -> Sequence[str]:
        """The addresses that hold the whole feed; empty where only reading tells (pages, details).

        Where all of them are as they were, nothing has changed and nothing is read.
        """

    def read(self, options: O_contra, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Read the feed; yield its records in order, and a problem for each that cannot be read.

        A problem whose severity is `rejected` (that of its code, or the one it was given) is one lost record: the books count it
        as read and rejected. What concerns no record, or one that is yielded all the same, is yielded as a `remark`.

        Raises SourceError where the whole feed cannot be read.
        """

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise a capture, without any further request; None where it is something else."""
