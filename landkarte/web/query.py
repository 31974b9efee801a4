"""An address line comes in; a checked query goes out, and back into an address line: all state of the pages stands there.

`?topic=language&language=ar&language=uk&age=9&q=lesen&unstated=age&page=2&lang=ar`
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

MAX_TEXT = 200
MAX_VALUES = 60
MAX_AGE = 120


def N_(text: str) -> str:
    """Mark a text for the catalogues; it is translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing to filter by. `every` asks for all chosen values instead of any; a hidden facet has no field in the form."""

    name: str
    label: str
    column: str = ""
    vocabulary: str = ""
    listed: bool = False
    hidden: bool = False
    every: bool = False
    silent: str = ""


FACETS = (
    Facet("topic", N_("Thema"), "topics", "topics", listed=True, silent=N_("ohne Thema")),
    Facet("type", N_("Art"), "offer_type", "offer_types"),
    Facet("language", N_("Gesprochene Sprache"), "languages", "languages", listed=True, silent=N_("Sprache nicht angegeben")),
    Facet("target_group", N_("Für wen"), "target_groups", "target_groups", listed=True, silent=N_("Zielgruppe nicht angegeben")),
    Facet("district", N_("Stadtbezirk"), silent=N_("ohne Ort in der Stadt: online, aufsuchend oder nicht angegeben")),
    Facet("need", N_("Wichtig für mich"), every=True),
    Facet("residence_status", N_("Aufenthaltsstatus"), "residence_status", "residence_status", listed=True,
          silent=N_("Aufenthaltsstatus nicht angegeben")),
    Facet("programme", N_("Programm"), "programmes", "programmes", listed=True, silent=N_("ohne Programm")),
    Facet("attendance", N_("Teilnahme"), "attendance_mode", "attendance_modes", silent=N_("Teilnahme nicht angegeben")),
    Facet("subdistrict", N_("Ortsteil"), hidden=True, silent=N_("ohne Ortsteil")),
    Facet("organisation", N_("Anbieter"), hidden=True),
    Facet("source", N_("Quelle"), hidden=True),
    Facet("place", N_("Ort"), hidden=True),
)  # fmt: skip
BY_NAME = {facet.name: facet for facet in FACETS}
AGE_SILENT = N_("Alter nicht angegeben")
NEEDS = {
    "free": N_("kostenlos"),
    "no_registration": N_("ohne Anmeldung"),
    "places_free": N_("freie Plätze"),
    "childcare": N_("Kinderbetreuung"),
    "interpreter": N_("mit Dolmetschen"),
    "wheelchair": N_("mit Rollstuhl erreichbar"),
}


@dataclass(frozen=True, slots=True)
class Query:
    """What a visitor asks for.

    `unstated` names the facets (or `age`) whose silent offers are wanted too; `lang` is the fixed page language.
    """

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    age: int | None = None
    q: str = ""
    unstated: tuple[str, ...] = ()
    page: int = 1
    lang: str = ""

    @property
    def active(self) -> int:
        """How many values are chosen, the search text and the age included."""
        return sum(map(len, self.chosen.values())) + (self.age is not None) + bool(self.q)

    def pairs(self) -> list[tuple[str, str]]:
        """Give the filter as pairs of an address line, without page and language."""
        found = [(facet.name, code) for facet in FACETS for code in self.chosen.get(facet.name, ())]
        found += [("age", str(self.age))] if self.age is not None else []
        found += [("q", self.q)] if self.q else []
        return found + [("unstated", name) for name in self.unstated]

    def url(self, path: str) -> str:
        """Give the address of this query at a path."""
        pairs = (
            self.pairs() + ([("page", str(self.page))] if self.page > 1 else []) + ([("lang", self.lang)] if self.lang else [])
        )
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def on(self, page: int) -> "Query":
        return replace(self, page=page)

    def speaking(self, lang: str) -> "Query":
        return replace(self, lang=lang)

    def only(self, facet: str, *codes: str) -> "Query":
        """The query with exactly these values of one facet."""
        chosen = {name: values for name, values in self.chosen.items() if name != facet}
        return replace(
            self, chosen=chosen | ({facet: codes} if codes else {}), page=1, unstated=self._silent_without(facet, codes)
        )

    def toggle(self, facet: str, code: str) -> "Query":
        """The query with one value more, or with it taken away."""
        now = self.chosen.get(facet, ())
        return self.only(facet, *(value for value in now if value != code), *(() if code in now else (code,)))

    def without(self, criterion: str) -> "Query":
        """The query without a facet, without the age (`age`) or without the search text (`q`)."""
        if criterion == "age":
            return replace(self, age=None, page=1, unstated=self._silent_without("age", ()))
        if criterion == "q":
            return replace(self, q="", page=1)
        return self.only(criterion)

    def including(self, criterion: str) -> "Query":
        """The query that takes the offers in, too, which are silent about a facet or about the age."""
        return replace(self, unstated=tuple(sorted({*self.unstated, criterion})), page=1)

    def excluding(self, criterion: str) -> "Query":
        return replace(self, unstated=tuple(name for name in self.unstated if name != criterion), page=1)

    def bare(self) -> "Query":
        """The query without any filter, in the same page language."""
        return Query(lang=self.lang)

    def _silent_without(self, facet: str, codes: tuple[str, ...]) -> tuple[str, ...]:
        return self.unstated if codes else tuple(name for name in self.unstated if name != facet)


def read(pairs: Iterable[tuple[str, str]]) -> Query:
    """Read the pairs of an address line; what makes no sense there is left out."""
    chosen: dict[str, dict[str, None]] = {}
    single: dict[str, str] = {}
    unstated: set[str] = set()
    for name, value in pairs:
        value = "".join(letter for letter in value if letter.isprintable()).strip()[:MAX_TEXT]
        if not value:
            continue
        if name in BY_NAME:
            values = chosen.setdefault(name, {})
            if len(values) < MAX_VALUES:
                values[value] = None
        elif name == "unstated":
            unstated.add(value)
        else:
            single[name] = value
    age, page = _number(single.get("age")), _number(single.get("page"))
    age = age if age is not None and age <= MAX_AGE else None
    asked = {*chosen, *(("age",) if age is not None else ())}
    return Query(
        chosen={name: tuple(values) for name, values in chosen.items()},
        age=age,
        q=" ".join(single.get("q", "").split()),
        unstated=tuple(sorted(unstated & asked)),
        page=max(page or 1, 1),
        lang=single.get("lang", "")[:12],
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else None
