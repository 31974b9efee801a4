"""A batch of rows comes in; the same batch without what belongs to single persons goes out, each removal named as a problem.

Withheld are mobile numbers, mail addresses that look like a person's, persons' names where an institution should stand, and what
free text says about a single person. What was removed stands in the problem's value alone, which goes to the ledger and to the
partner, never to the public. What a registry or the source names as a function address stays.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from schemas.mentions import Removed, may_mention, redact
from schemas.persons import is_function_mail, is_mobile, is_person
from schemas.problems import Problem
from schemas.rows import Batch, Row

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
PREFIX = {"organisations": "organisation.", "locations": "location.", "sessions": "session.", "translations": "translation."}


def shield(batch: Batch, *, known: Collection[str] = frozenset()) -> Batch:
    """Withhold what belongs to single persons. `known` holds function addresses: mails in small letters and E.164 numbers.

    See schemas/persons.py, `known_addresses`, for collecting them.
    """
    problems: list[Problem] = []
    changed: dict[str, list[Row]] = {}
    for table in TEXT_FIELDS:
        rows: list[Row] = getattr(batch, table)
        if not rows:
            continue
        shielded = [_shield_row(table, row, batch, known, problems) for row in rows]
        if any(new is not old for new, old in zip(shielded, rows, strict=True)):
            changed[table] = shielded
    if not problems:
        return batch
    return replace(batch, problems=[*batch.problems, *problems], **changed)  # type: ignore[arg-type]  # the keys are tables of a batch


def _shield_row(table: str, row: Row, batch: Batch, known: Collection[str], problems: list[Problem]) -> Row:
    """Give the row itself where nothing is withheld, else a copy without it."""
    if not _is_suspect(table, row):
        return row
    changes = dict(_changes(table, row, known))
    if not changes:
        return row
    locator = batch.locators.get(str(row.get("offer_id")))
    for field, (_, removed) in changes.items():
        problems += [Problem(code, locator, PREFIX.get(table, "") + field, text) for code, text in removed]
    return row | {field: value for field, (value, _) in changes.items()}


def _is_suspect(table: str, row: Row) -> bool:
    """Look once at everything a row says; most rows hold nothing to withhold."""
    if may_mention("\n".join([str(row[field]) for field in READ[table] if row[field]])):
        return True
    mail, phone = row.get(MAIL_FIELDS.get(table, "")), row.get(PHONE_FIELDS.get(table, ""))
    if (mail and not is_function_mail(str(mail))) or (phone and is_mobile(str(phone))):
        return True
    return any(is_person(str(row[field])) for field in NAME_FIELDS.get(table, ()) if row[field])


def _changes(table: str, row: Row, known: Collection[str]) -> Iterator[tuple[str, tuple[str | None, list[tuple[str, str]]]]]:
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
            else:
                text, removed = redact(str(value), known, title=field == "title")
            if removed:
                yield field, (text, [*removed])


def _redact_list(text: str, known: Collection[str]) -> tuple[str | None, list[Removed]]:
    """Take words that name a person out of a list, whole."""
    judged = [(item, redact(item, known)[1]) for item in text.split(";")]
    kept = ";".join(item for item, removed in judged if not removed)
    return kept or None, [Removed(removed[0].code, item) for item, removed in judged if removed]
