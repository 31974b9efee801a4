"""An address or a file in; a source nobody has written a file for yet out: its kind detected, its map guessed, its captures kept."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from connectors.context import RunContext, StoredContext
from connectors.contract import Auth, Context, Limits, SourceError
from connectors.detect import Candidate, candidates, recognise, said
from connectors.patience import bounded_context
from connectors.registry import connector
from connectors.store import FolderStore
from flows.house import House, check_source
from landkarte.stated import stated
from schemas.guess import guess
from schemas.guessed import Guess
from schemas.mapping import DefaultMap
from schemas.normalise import to_setting
from schemas.problems import Problem, SchemaError
from schemas.record import SHEET, Capture, RawRecord
from schemas.select import to_selector
from schemas.source import Source, read_source
from schemas.sourcetext import Frame, to_text
from schemas.survey import Survey, survey
from schemas.vocabulary import fold, licences

LOOKED_AT = 500  # records a guess is made from
MOST_TRIED = 4  # candidates, the best first
LIMITS = Limits(max_pages=40, max_seconds=60.0, max_records=2_000)  # somebody is waiting


CONTACTS = {"contact_email", "contact_phone", "url", "organisation.email", "organisation.phone", "organisation.website"}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person at the keyboard says beside the address."""

    key: str | None = None
    kind: str | None = None
    title: str | None = None
    publisher: str | None = None
    contact: str | None = None
    licence: str | None = None
    schedule: str = "daily"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A source as it could be registered: its file's text, what was guessed, the captures it was guessed from."""

    source: Source
    text: str
    guess: Guess
    candidate: Candidate
    captures: tuple[Capture, ...]
    records: int
    served: frozenset[str] = frozenset()  # targets that the default map of the kind fills
    licence_note: str = ""  # German: what the origin says of its licence
    passed: tuple[str, ...] = ()  # German: what was tried before and why it was not taken


def is_address(what: str) -> bool:
    """Tell an address from the key of a source: it holds a dot, a colon or a slash."""
    return re.fullmatch(r"[a-z][a-z0-9-]*", what) is None


@contextmanager
def proposed(house: House, what: str, folder: Path, now: datetime, wishes: Wishes) -> Iterator[tuple[Proposal, Context]]:
    """Detect, read and guess; give the proposal and a context that reads the same again. `folder` keeps the captures meanwhile.

    Raises SchemaError where nothing is found, SourceError where nothing can be opened or read.
    """
    if "://" not in what and Path(what).is_file():
        capture = Capture.of(Path(what).read_bytes(), url=f"https://example.org/{Path(what).name}", fetched_at=now)
        stored = StoredContext.of_file(capture, now=now, zone=house.city.zone)
        yield _first_readable(house, _recognised(capture, wishes), stored, wishes)
        return
    store = FolderStore(folder)
    with bounded_context(house.fetching, now=now, zone=house.city.zone, store=store) as first:
        found = candidates(what, first, kind=wishes.kind)
    with RunContext(
        now=now, zone=house.city.zone, store=store, settings=house.fetching, limits=LIMITS, secrets=house.secrets
    ) as ctx:
        yield _first_readable(house, found, Remembering(first.captures, ctx), wishes)


class Remembering:
    """A context that answers from what detection has fetched, and asks for the rest."""

    def __init__(self, known: list[Capture], ctx: RunContext) -> None:
        self.now, self.zone, self.limits = ctx.now, ctx.zone, ctx.limits
        self._known = {capture.url: capture for capture in known}
        self._ctx = ctx
        self._given: dict[str, Capture] = {}

    @property
    def captures(self) -> list[Capture]:
        """Everything that was read, in order."""
        return list(self._given.values())

    def forget(self) -> None:
        """Begin anew: what another reading asked for is no part of this one."""
        self._given.clear()

    def fetch(self, url: str, *, headers: Mapping[str, str] | None = None, auth: Auth | None = None) -> Capture:
        plain = self._known.get(url) if not headers and auth is None else None
        self._given[url] = capture = plain or self._ctx.fetch(url, headers=headers, auth=auth)
        return capture


def _first_readable(
    house: House, found: Sequence[Candidate], ctx: StoredContext | Remembering, wishes: Wishes
) -> tuple[Proposal, Context]:
    """Propose the best candidate that can be read and holds anything; raise the best one's SourceError where none does."""
    passed: list[str] = []
    error: SourceError | None = None
    for candidate in found[:MOST_TRIED]:
        if isinstance(ctx, Remembering):
            ctx.forget()
        try:
            proposal, kept = _propose(house, candidate, ctx, wishes)
        except SourceError as one:
            error = error or one
            passed.append(f"{candidate.reason} ({candidate.kind}): {one.problem.message('de')}")
        else:
            return replace(proposal, passed=tuple(passed)), kept
    assert error is not None  # there is at least one candidate
    raise error


def _recognised(capture: Capture, wishes: Wishes) -> list[Candidate]:
    found = recognise(capture, kind=wishes.kind)
    if not found:
        raise SchemaError(f"{capture.url.rpartition('/')[2]}: Dort liegt {said(capture)}, das können wir nicht lesen.")
    return found


def _propose(house: House, candidate: Candidate, ctx: StoredContext | Remembering, wishes: Wishes) -> tuple[Proposal, Context]:
    kind = connector(candidate.kind)
    options = dict(candidate.options)
    try:
        records = _records(candidate.kind, options, ctx)
    except SourceError as error:
        if error.problem.code != "loop_detected" or "paginate" not in options:
            raise
        del options["paginate"]  # a file that lies on a server answers every page with itself
        records = _records(candidate.kind, options, ctx)
    if not records:
        raise SourceError(Problem("empty_feed", value=candidate.address))
    plain, origin = _frame(house, candidate, options, wishes, ctx.now), stated(records, kind.default_map)
    if plain.licence is None and origin.licence is not None:
        plain = replace(plain, licence=origin.licence, licence_known=False)
    bare = read_source(to_text(plain, Guess()), key=plain.key, name=plain.key)
    looked = survey(records, nested=kind.nested)
    served = served_by_default(looked, kind.default_map, nested=kind.nested)
    # a flat kind knows the tables of a map like ours by their columns; of anybody else's it says nothing, however they are named
    known = kind.default_map
    if not kind.nested and 2 * len(served) < len(looked.roots):
        looked, known = survey(_without(records, known.get("ignore", ())), nested=False), {}
    found = guess(looked, to_setting(bare, house.city), known=known)
    many = candidate.kind in ("csv", "xlsx")
    if found.record_id and "id" in kind.options.model_fields and not options.get("id") and (many or not found.sheet_in_id):
        sheet = [SHEET] if found.sheet_in_id else []
        options["id"] = [*sheet, found.record_id] if many else found.record_id
    frame = replace(plain, source={"kind": candidate.kind, **options})
    if found.map and not (found.targets() | served) & CONTACTS:
        frame = replace(frame, link=candidate.address if candidate.kind == "html" else frame.url)
    if "table" in options and not options.get("id") and found.sessions:
        frame = replace(frame, further=_repeated_title(records, found))
    text = to_text(frame, found)
    source = read_source(text, key=frame.key, name=f"{frame.key}.yml")
    check_source(source, house.city)
    note = origin.note if wishes.licence is None else ""
    return Proposal(source, text, found, candidate, tuple(ctx.captures), len(records), served, note), ctx


def served_by_default(found: Survey, default_map: Mapping[str, Any], *, nested: bool) -> frozenset[str]:
    """Give the targets that the default map of a kind fills from these records, or always."""
    default = DefaultMap.model_validate(default_map)
    filled = {one.root for one in found.fields.values() if one.filled} | {name.split(".")[0] for name in found.lists}
    read = {
        target
        for target, made in default.map.items()
        if any(to_selector(text, nested=nested).roots & filled for text in made.from_)
    }
    return frozenset(read | default.defaults.keys())


def _repeated_title(records: Sequence[Mapping[str, Any]], found: Guess) -> str:
    """Give a title that several rows of a table share, as a cell merged over them does; "" where all differ."""
    fields = [name for one in found.map if one.target == "title" for name in one.from_]
    titles = Counter(tuple(str(record.get(name) or "") for name in fields) for record in records)
    return next((" ".join(title) for title, count in titles.items() if count > 1 and any(title)), "")


def _without(records: Sequence[Mapping[str, Any]], ignored: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Leave out what the kind itself adds to the records of others: the licence, the catalogue they come from."""
    starts = tuple(name[:-1] for name in ignored if name.endswith("*"))
    for record in records:
        yield {name: value for name, value in record.items() if not name.startswith(starts)}


def _records(kind: str, options: Mapping[str, Any], ctx: Context) -> list[Mapping[str, Any]]:
    one = connector(kind)
    items = one().read(one.options.model_validate(options), ctx)
    return [item.data for item in islice((item for item in items if isinstance(item, RawRecord)), LOOKED_AT)]


def _frame(house: House, candidate: Candidate, options: dict[str, object], wishes: Wishes, now: datetime) -> Frame:
    if wishes.licence is not None and wishes.licence not in licences():
        raise SchemaError(f"Die Lizenz ‚{wishes.licence}‘ kennen wir nicht. Möglich sind: {', '.join(licences())}.")
    parts = urlsplit(candidate.address)
    host = (parts.hostname or "").removeprefix("www.")
    return Frame(
        key=wishes.key or _key(house, candidate, host),
        title=wishes.title or f"Angebote von {wishes.publisher or host}",
        publisher=wishes.publisher or host,
        url=f"{parts.scheme}://{parts.netloc}",
        contact=wishes.contact,
        licence=wishes.licence,
        schedule=wishes.schedule,
        source={"kind": candidate.kind, **options},
        day=now.strftime("%d.%m.%Y"),
        publisher_known=wishes.publisher is not None,
    )


def _key(house: House, candidate: Candidate, host: str) -> str:
    """Make a key nobody has: verein-example-ical."""
    stem = host if re.search(r"[a-z]", host) else Path(urlsplit(candidate.address).path).stem
    base = re.sub(r"[^a-z0-9]+", "-", fold(stem)).strip("-")[:45] or "quelle"
    base = f"{base if base[0].isalpha() else f'q-{base}'}-{candidate.kind}"
    number, key = 1, base
    while key in house.sources:
        number += 1
        key = f"{base}-{number}"
    return key
