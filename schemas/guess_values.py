"""A field of a guess comes in; what its values say of it goes out: the converters that read it best, or a target without any telling name.

Without a name only what looks like nothing else is taken: a mail address, a weekday, a span of times, a price with its sign. A bare
number, a bare day or a bare language may mean anything.
"""

import re
from collections.abc import Callable
from typing import Any

from schemas.guess_words import all_known, vocabulary_of
from schemas.guessed import LOOKED_AT, Claim, fit, share_of
from schemas.guessing import Guessing
from schemas.headers import means_group
from schemas.survey import Field

FITS, SURELY, HALF = 0.6, 0.9, 0.5  # share of values that must be readable, and must be without a telling name
LEAST = 3  # values without a name that tell anything
BY_VALUE = 0.4  # score of a claim without a name
FORMS = ("DD/MM/YYYY", "MM/DD/YYYY", "DD-MM-YYYY", "YYYYMMDD")
DATES = ("start_date", "end_date", "registration_deadline", "last_confirmed", "source_modified")
TEXTS = ("title", "summary", "description", "cost_note", "funding", "organisation.description")
PROSE = (*TEXTS, "location.name", "location.city", "organisation.name")  # never an address on the web, a phone number, a day
PHONES = ("contact_phone", "organisation.phone")
WIDE = {  # a wide name means the first of these that the values fit
    "<contact>": ("contact_email", "contact_phone", "url"),
    "<registration>": ("registration_url", "contact_email", "contact_phone", "registration"),
}
MARKUP = re.compile(r"</?[a-z][a-z0-9]*\b[^>]*>|&(?:[a-z]+|#\d+);", re.I)
PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg)(?:[?#]|$)", re.I)
SPAN = re.compile(r"\d\s*(?:uhr)?\s*(?:[-–—]|bis)\s*\d", re.I)  # "15 - 17 Uhr"
CLOCK = re.compile(r":\d\d|uhr|\d\.\d\d\b", re.I)
PHONE = re.compile(r"(?:\+|00?[1-9(]|\(0).*(?:\D*\d){6}")  # "0203 5551201"
ADDRESS = re.compile(r"[^\W\d_].*\s\d{1,4}\s?[a-zA-Z]?\s*,.*\b\d{5}\s+[^\W\d_]")  # "Weseler Str. 12, 47169 Duisburg"
PRICE = re.compile(r"(?:€|\beuro?\b)|^(?:kostenlos|kostenfrei|frei|gratis|free)$", re.I)
MOBILE = re.compile(r"^\D*(?:(?:00)?49\D*(?:0\D*)?|0)1[567]")  # "0170 0000001", "+49 (0) 151 …"
LEVEL = re.compile(r"\b[ABC][12]\b")
DEGREES = re.compile(r"\d{1,2}[.,]\d{3,}")


def converters(guessing: Guessing, target: str, one: Field) -> tuple[tuple[Any, ...], float | None]:
    """Find the converters that read a field best, and the share of values they read; None where there is no value to try."""
    if not one.values:
        return (), None
    if vocabulary_of(target):
        return (), 1.0  # words are looked at one by one
    variants: list[tuple[Any, ...]] = [()]
    if target in DATES:
        name = "datetime" if target == "source_modified" else "date"
        variants = [(name,), *(({name: form},) for form in FORMS), ("epoch_ms",), ("epoch_s",)]
    elif target in TEXTS and any(MARKUP.search(text) for text in one.texts[:LOOKED_AT]):
        variants = [("text",)]
    if target in PROSE and max(share_of(one, form) for form in NO_PROSE) > HALF:
        return (), 0.0
    shares = [fit(target, as_, one.values, guessing.setting) for as_ in variants]
    best = max(shares)
    return variants[shares.index(best)], best


def narrow(guessing: Guessing, role: str, one: Field) -> str | None:
    """Say which target a field with a wide name means, by its values; None where they fit none."""
    return next((target for target in WIDE[role] if fit(target, (), one.values, guessing.setting) >= FITS), None)


def claim_by_value(guessing: Guessing, one: Field) -> None:
    """Let a field without a telling name want what its values surely are."""
    if one.filled < guessing.survey.count / 2:
        return
    texts = one.texts[:LOOKED_AT]
    for target, form, test in FORM_OF:
        if (form in (MAIL, WEB) or len(texts) >= LEAST) and share_of(one, form) >= SURELY and test(guessing, one):
            guessing.claim(target, Claim(one, BY_VALUE, (), 1.0, "Inhalt"))
            return


def phones(guessing: Guessing) -> None:
    """A prefix in a field of its own belongs before the number beside it."""
    for prefix in guessing.roles.get("<phone prefix>", []):
        above = prefix.field.keys[:-1]
        target = "organisation.phone" if any(means_group(part, "organisation") for part in above) else "contact_phone"
        for number in (*guessing.roles.get("<number>", []), *guessing.claims.get(target, [])):
            if number.field.keys[:-1] == above and prefix.field.filled and number.field.filled:
                guessing.put(target, Claim(prefix.field, prefix.score), number, join=" ")
                break


def _fits(target: str) -> Callable[[Guessing, Field], bool]:
    return lambda guessing, one: fit(target, (), one.values, guessing.setting) >= SURELY


def _is_office(guessing: Guessing, one: Field) -> bool:
    return _fits("contact_phone")(guessing, one) and share_of(one, MOBILE) == 0


def _is_weekday(guessing: Guessing, one: Field) -> bool:
    return not all(text.isdigit() for text in one.texts) and _fits("session.weekday")(guessing, one)


def _between(low: float, high: float) -> Callable[[Guessing, Field], bool]:
    def test(guessing: Guessing, one: Field) -> bool:
        numbers = [text.replace(",", ".") for text in one.texts[:LOOKED_AT]]
        try:
            return all(low <= float(number) <= high for number in numbers)
        except ValueError:
            return False

    return test


def _known(target: str) -> Callable[[Guessing, Field], bool]:
    return lambda guessing, one: all_known(target, one)


NO_PROSE = (
    re.compile(r"^\S+@\S+$"),
    re.compile(r"^https?://\S+$"),
    re.compile(r"^[\d\s/()+-]{7,}$"),
    re.compile(r"^[\d.:\s-]{5,}$"),
)
ANY, MAIL, WEB = re.compile(""), re.compile("@"), re.compile("^https?://")
# the form that nearly all values must have, and what is asked further, the surest first
FORM_OF: tuple[tuple[str, re.Pattern[str], Callable[[Guessing, Field], bool]], ...] = (
    ("contact_email", MAIL, _fits("contact_email")),
    ("image_url", WEB, lambda guessing, one: share_of(one, PICTURE) == 1),
    ("url", WEB, lambda guessing, one: True),
    ("<weekday>", ANY, _is_weekday),
    ("<time>", SPAN, lambda guessing, one: share_of(one, CLOCK) >= SURELY and _fits("session.time")(guessing, one)),
    ("<place>", ADDRESS, _fits("location.address")),
    ("cost", PRICE, _fits("cost")),
    ("cefr", LEVEL, _fits("cefr")),
    ("contact_phone", PHONE, _is_office),
    ("<latitude>", DEGREES, _between(47.0, 55.5)),
    ("<longitude>", DEGREES, _between(5.5, 15.5)),
    ("target_groups", ANY, _known("target_groups")),
    ("<category>", ANY, _known("topics")),
)
