"""A batch of rows comes in; the same batch without what belongs to single persons goes out, each removal named as a problem.

Withheld are mobile numbers, mail addresses that look like a person's, persons' names where an institution should stand, and what
free text says about a single person. What was removed stands in the problem's value alone, which goes to the ledger and to the
partner, never to the public. What a registry or the source names as a function address stays.

A title loses only the name, not its other words, and is never left empty. A name in the title of an event stays: artists and
speakers stand on the poster, and their names are what the partner announces. Whom to ask and what is sensitive goes there, too.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from operator import itemgetter

from schemas.mentioning import mentioning
from schemas.mentions import Removed, redact, redact_title
from schemas.persons import is_function_mail, is_mobile, is_person
from schemas.problems import Problem
from schemas.rows import Batch, Row, Value
from schemas.vocabulary import load

MAIL_FIELDS = {"offers": "contact_email", "organisations": "email"}
PHONE_FIELDS = {"offers": "contact_phone", "organisations": "phone"}
NAME_FIELDS = {"offers": ("attribution",), "organisations": ("short_name",), "locations": ("name",)}
TEXT_FIELDS = {
    "organisations": ("description",),
    "locations": ("opening_hours", "public_transport"),
    "offers": ("title", "summary", "description", "cost_note", "funding", "keywords"),
    "sessions": ("room", "note"),
    "translations": ("title", "summary", "description"),
}
READ = {table: (*fields, *NAME_FIELDS.get(table, ())) for table, fields in TEXT_FIELDS.items()}
OWN_KEY = {"organisations": "organisation_id", "locations": "location_id"}
PREFIX = {"organisations": "organisation.", "locations": "location.", "sessions": "session.", "translations": "translation."}


def shield(batch: Batch, *, known: Collection[str] = frozenset()) -> Batch:
    """Withhold what belongs to single persons. `known` holds function addresses: mails in small letters and E.164 numbers.

    See schemas/persons.py, `known_addresses`, for collecting them.
    """
    shielder = _Shielder(batch, known)
    changed: dict[str, list[Row]] = {}
    for table in TEXT_FIELDS:
        rows: list[Row] = getattr(batch, table)
        suspects = _suspects(table, rows)
        if not any(suspects):
            continue
        shielded = [shielder.shield(table, row) if suspect else row for row, suspect in zip(rows, suspects, strict=True)]
        if any(new is not old for new, old in zip(shielded, rows, strict=True)):
            changed[table] = shielded
    if not shielder.problems:
        return batch
    return replace(batch, problems=[*batch.problems, *shielder.problems], **changed)  # type: ignore[arg-type]  # the keys are tables of a batch


class _Shielder:
    """What is known of a batch while its rows are shielded, and what was taken out of them."""

    def __init__(self, batch: Batch, known: Collection[str]) -> None:
        self.batch, self.known = batch, known
        self.events = {row["offer_id"] for row in batch.offers if row["offer_type"] == "event"}
        self.problems: list[Problem] = []

    def shield(self, table: str, row: Row) -> Row:
        """Give the row itself where nothing is withheld, else a copy without it."""
        changes = dict(_changes(table, row, self.known, row.get("offer_id") in self.events))
        if not changes:
            return row
        locator = self._locator(table, row)
        for field, (_, removed) in changes.items():
            self.problems += [Problem(code, locator, PREFIX.get(table, "") + field, text) for code, text in removed]
        return row | {field: value for field, (value, _) in changes.items()}

    def _locator(self, table: str, row: Row) -> str | None:
        """Say where a person finds the record again; an institution or a place belongs to the first offer that needs it."""
        if "offer_id" in row:
            return self.batch.locators.get(str(row["offer_id"]))
        return self._places[table].get(row[OWN_KEY[table]])

    @cached_property
    def _places(self) -> Mapping[str, Mapping[Value, str]]:
        places: dict[str, dict[Value, str]] = {table: {} for table in OWN_KEY}
        for row in (*self.batch.offers, *self.batch.sessions):
            locator = self.batch.locators.get(str(row["offer_id"]))
            for table, column in OWN_KEY.items():
                if locator is not None and row.get(column) is not None:
                    places[table].setdefault(row[column], locator)
        return places


def _suspects(table: str, rows: Sequence[Row]) -> list[bool]:
    """Look once at everything rows say; most of them hold nothing to withhold."""
    said = itemgetter(*READ[table])
    found = mentioning(["\n".join(filter(None, said(row))) for row in rows])
    mail, phone, names = MAIL_FIELDS.get(table), PHONE_FIELDS.get(table), NAME_FIELDS.get(table, ())
    if not (mail or phone or names):
        return found
    return [
        suspect
        or bool(mail and (address := row[mail]) and not is_function_mail(str(address)))
        or bool(phone and (number := row[phone]) and is_mobile(str(number)))
        or any(is_person(str(name)) for field in names if (name := row[field]))
        for row, suspect in zip(rows, found, strict=True)
    ]


def _changes(
    table: str, row: Row, known: Collection[str], event: bool
) -> Iterator[tuple[str, tuple[str | None, list[tuple[str, str]]]]]:
    """Yield each field that changes, with its new value and what was taken out under which code."""
    mail, phone = MAIL_FIELDS.get(table), PHONE_FIELDS.get(table)
    if mail and (address := row[mail]) and str(address).lower() not in known and not is_function_mail(str(address)):
        yield mail, (None, [("private_email_withheld", str(address))])
    if phone and (number := row[phone]) and number not in known and is_mobile(str(number)):
        yield phone, (None, [("private_phone_withheld", str(number))])
    for field in NAME_FIELDS.get(table, ()):
        if (name := row[field]) and is_person(str(name)):
            yield field, (None, [("person_name_withheld", str(name))])
        elif name:
            text, removed = redact(str(name), known)
            if removed:
                yield field, (text, [*removed])
    for field in TEXT_FIELDS[table]:
        if value := row[field]:
            if field == "keywords":
                text, removed = _redact_list(str(value), known)
            elif field == "title":
                text, removed = redact_title(str(value), known, event=event)
                text = text or _kind(row)
            else:
                text, removed = redact(str(value), known)
            if removed:
                yield field, (text, [*removed])


def _kind(row: Row) -> str | None:
    """Give what stands for the title of an offer that was nothing but a person: what kind of offer it is. None for a translation."""
    return load("offer_types").label(str(row["offer_type"]), str(row["text_language"])) if "offer_type" in row else None


def _redact_list(text: str, known: Collection[str]) -> tuple[str | None, list[Removed]]:
    """Take words that name a person out of a list, whole."""
    judged = [(item, redact(item, known)[1]) for item in text.split(";")]
    kept = ";".join(item for item, removed in judged if not removed)
    return kept or None, [Removed(removed[0].code, item) for item, removed in judged if removed]
