"""A visitor's wish comes in; a language goes out that knows every sentence of the pages, dates, numbers and plurals.

The sentences of the pages are German in the code; the other languages are files: `locales/<language>/LC_MESSAGES/landkarte.po`.
A further file is a further language, as soon as the package has the words of its vocabularies in it, too.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, get_day_names
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from babel.support import Translations

from landkarte.web.occurrences import WEEKDAYS

LOCALES = Path(__file__).parent / "locales"
DOMAIN = "landkarte"
FIRST = "de"  # the language of the sentences in the code
COUNTRY = "DE"  # how dates and hours are written here also in other languages: 24 hours, day before month
Labels = Mapping[str, Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language of the pages."""

    code: str
    name: str
    direction: str
    locale: Locale
    texts: Translations

    def gettext(self, text: str) -> str:
        return str(self.texts.gettext(text))

    def ngettext(self, one: str, many: str, n: int) -> str:
        return str(self.texts.ngettext(one, many, n))

    def label(self, labels: Labels, vocabulary: str, code: str | None) -> str:
        """Give a vocabulary's word for a code, in German where this language has none, else the code."""
        words = labels.get(vocabulary, {}).get(code or "", {})
        return words.get(self.code) or words.get(FIRST) or code or ""

    def language_name(self, labels: Labels, tag: str) -> str:
        """Give the name of a language by its BCP 47 tag."""
        known = self.label(labels, "languages", tag)
        if known != tag:
            return known
        return str(self.locale.languages.get(tag.partition("-")[0]) or tag)

    def apart(self, text: str) -> str:
        """Keep a partner's words from being mixed up with a sentence of this language, where that runs right to left."""
        return f"\u2068{text}\u2069" if self.direction == "rtl" else text

    def number(self, value: float) -> str:
        return str(format_decimal(value, locale=self.locale))

    def money(self, amount: float, currency: str | None) -> str:
        """Write a sum: 15 €, 2,29 €."""
        if not float(amount).is_integer():
            return str(format_currency(amount, currency or "EUR", locale=self.locale))
        whole = self.locale.currency_formats["standard"].pattern.replace(".00", "")
        return str(format_currency(amount, currency or "EUR", whole, locale=self.locale, currency_digits=False))

    def day(self, value: date) -> str:
        """Write a near date: Fr., 27. Nov."""
        return str(format_skeleton("MMMEd", value, locale=self.locale))

    def day_year(self, value: date) -> str:
        """Write a date with its year: 27. Nov. 2026."""
        return str(format_skeleton("yMMMd", value, locale=self.locale))

    def full_day(self, value: date) -> str:
        """Write a date in full: Freitag, 27. November 2026."""
        return str(format_date(value, "full", locale=self.locale))

    def hour(self, value: time) -> str:
        """Write a time of the day: 08:30; in German 8:30, and 16 for the full hour."""
        if self.code == FIRST:
            return f"{value.hour}:{value.minute:02}" if value.minute else str(value.hour)
        return str(format_skeleton("Hm", value, locale=self.locale))

    def weekday(self, code: str, width: str = "abbreviated") -> str:
        return str(get_day_names(width, "stand-alone", self.locale)[WEEKDAYS.index(code)])  # type: ignore[arg-type]  # babel names the widths

    def several(self, items: Sequence[str]) -> str:
        """Join words: a, b und c."""
        return str(format_list(items, locale=self.locale))


@cache
def tongues() -> Mapping[str, Tongue]:
    """Read the catalogues that lie here: language code to language, German first."""
    found = {}
    for file in sorted(LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"), key=lambda file: _order(file.parts[-3])):
        tongue = read_tongue(file.parts[-3], file.read_bytes())
        found[tongue.code] = tongue
    return found


def read_tongue(code: str, catalogue: bytes) -> Tongue:
    """Read one gettext catalogue."""
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(catalogue), locale=code, domain=DOMAIN))
    compiled.seek(0)
    try:
        locale = Locale.parse(f"{code}_{COUNTRY}")
    except UnknownLocaleError:
        locale = Locale.parse(code)
    name = Locale.parse(code).display_name or code
    return Tongue(code, name[:1].upper() + name[1:], locale.text_direction, locale, Translations(compiled, domain=DOMAIN))


def _order(code: str) -> tuple[int, str]:
    """The order of the language switch: the languages there are most readers for first, then by code."""
    known = (FIRST, "en", "uk", "ar", "tr", "bg", "ro", "ru", "fr")
    return (known.index(code) if code in known else len(known), code)


def available(labels: Labels) -> dict[str, Tongue]:
    """Give the languages that have both a catalogue and words in the package's vocabularies."""
    spoken = {language for codes in labels.values() for words in codes.values() for language in words}
    found = {code: tongue for code, tongue in tongues().items() if code in spoken or code == FIRST}
    return found if spoken else dict(tongues())


def choose(wanted: str, accepted: str, offered: Iterable[str]) -> str:
    """Choose a language: the one the address fixes, else the best of an Accept-Language header, else German."""
    codes = list(offered)
    if wanted in codes:
        return wanted
    ranked: list[tuple[float, int, str]] = []
    for number, part in enumerate(accepted.split(",")[:20]):
        tag, _, weight = part.strip().partition(";q=")
        try:
            ranked.append((-float(weight or 1), number, tag.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    return next((code for quality, _, code in sorted(ranked) if code in codes and quality < 0), FIRST)


def direction(tag: str | None) -> str:
    """Give the direction a language (BCP 47) is written in."""
    parts = (tag or FIRST).replace("_", "-").split("-")
    if any(part.lower() == "latn" for part in parts[1:]):
        return "ltr"
    return "rtl" if parts[0].lower() in ("ar", "fa", "prs", "ps", "ckb", "ur", "he", "yi", "sd", "ug", "dv") else "ltr"


def with_values(text: str, **values: Any) -> str:
    """Fill the places of a translated sentence."""
    return text % values
