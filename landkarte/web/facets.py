"""A query and its counts come in; what the filter form shows goes out: groups of choices, removable chips, help at zero."""

from collections.abc import Sequence
from dataclasses import dataclass

from landkarte.web.i18n import Tongue
from landkarte.web.index import Index
from landkarte.web.query import AGE_SILENT, BY_NAME, FACETS, NEEDS, Facet, Query
from landkarte.web.select import Selection


@dataclass(frozen=True, slots=True)
class Choice:
    """One value one may tick."""

    code: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """One facet as the form shows it. `more` offers say nothing about it; `with_silent` tells whether they are taken in."""

    name: str
    label: str
    choices: Sequence[Choice]
    chosen: int
    silent: str
    more: int
    with_silent: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """One active filter and the address without it."""

    label: str
    facet: str
    url: str


@dataclass(frozen=True, slots=True)
class Way:
    """A way out of an empty result: what to leave out, how many offers there are then, and where."""

    label: str
    count: int
    url: str


def groups(tongue: Tongue, index: Index, query: Query, selection: Selection) -> list[Group]:
    """Give the facets of the form."""
    found = []
    for facet in FACETS:
        if facet.hidden and not (
            facet.name == "subdistrict" and (query.chosen.get("district") or query.chosen.get("subdistrict"))
        ):
            continue
        chosen = query.chosen.get(facet.name, ())
        counts = selection.counts.get(facet.name, {})
        codes = [
            code
            for code in _ordered(tongue, index, facet, query)
            if code in chosen or (index.masks[facet.name][code] & index.listed)
        ]
        choices = [Choice(code, label(tongue, index, facet.name, code), counts.get(code, 0), code in chosen) for code in codes]
        choices += [Choice(code, code, 0, True) for code in chosen if code not in codes]
        found.append(
            Group(
                name=facet.name,
                label=tongue.gettext(facet.label),
                choices=choices,
                chosen=len(chosen),
                silent=tongue.gettext(facet.silent) if facet.silent else "",
                more=selection.silent.get(facet.name, 0),
                with_silent=facet.name in query.unstated,
            )
        )
    return [group for group in found if group.choices]


def _ordered(tongue: Tongue, index: Index, facet: Facet, query: Query) -> list[str]:
    """Put values in the order of their vocabulary; languages: the reader's own, then by number of offers."""
    masks = index.masks[facet.name]
    if facet.name == "language":
        return sorted(masks, key=lambda code: (code != tongue.code, -masks[code].bit_count(), code))
    if facet.name == "need":
        return [code for code in NEEDS if code in masks]
    if facet.name == "subdistrict":
        wanted = {
            *query.chosen.get("district", ()),
            *(index.subdistricts.get(code, ("", ""))[1] for code in query.chosen.get("subdistrict", ())),
        }
        return sorted(code for code in masks if index.subdistricts[code][1] in wanted)
    known = list(index.labels.get(facet.vocabulary, {})) if facet.vocabulary else sorted(masks)
    return [code for code in known if code in masks] + sorted(masks.keys() - set(known))


def label(tongue: Tongue, index: Index, name: str, code: str) -> str:
    """Give the word for one value of a facet."""
    facet = BY_NAME[name]
    if name == "need":
        return tongue.gettext(NEEDS[code]) if code in NEEDS else code
    if name == "district":
        return index.districts.get(code, code)
    if name == "subdistrict":
        return index.subdistricts.get(code, (code, ""))[0]
    if name == "organisation":
        return str(index.organisations.get(code, {}).get("name") or code)
    if name == "source":
        return str(index.sources.get(code, {}).get("title") or code)
    if name == "place":
        number = index.places.numbers.get(code)
        return index.places.pins[number].name if number is not None else code
    if name == "language":
        return tongue.language_name(index.labels, code)
    return tongue.label(index.labels, facet.vocabulary, code)


def chips(tongue: Tongue, index: Index, query: Query, path: str) -> list[Chip]:
    """Give the active filters, each with the address without it."""
    found = [
        Chip(label(tongue, index, name, code), tongue.gettext(BY_NAME[name].label), query.toggle(name, code).url(path))
        for name in (facet.name for facet in FACETS)
        for code in query.chosen.get(name, ())
    ]
    if query.age is not None:
        found.append(Chip(_age(tongue, query.age), tongue.gettext("Alter"), query.without("age").url(path)))
    if query.q:
        found.append(
            Chip(tongue.gettext("„%(words)s“") % {"words": query.q}, tongue.gettext("Suche"), query.without("q").url(path))
        )
    for name in query.unstated:
        words = tongue.gettext("auch: %(words)s") % {"words": tongue.gettext(silence(name))}
        found.append(Chip(words, "", query.excluding(name).url(path)))
    return found


def silence(name: str) -> str:
    """Give the German words for offers that say nothing about a facet or the age."""
    return AGE_SILENT if name == "age" else BY_NAME[name].silent


def _age(tongue: Tongue, age: int) -> str:
    return tongue.ngettext("%(n)s Jahr", "%(n)s Jahre", age) % {"n": age}


def ways_out(tongue: Tongue, index: Index, query: Query, selection: Selection, path: str) -> list[Way]:
    """Say which filter to leave out, and what would be found then; the most helpful first."""
    found = []
    for name, count in selection.without.items():
        if name == "age":
            words = _age(tongue, query.age or 0)
        elif name == "q":
            words = tongue.gettext("„%(words)s“") % {"words": query.q}
        else:
            words = tongue.several([label(tongue, index, name, code) for code in query.chosen[name]])
        if count:
            found.append(Way(tongue.gettext("ohne %(filter)s") % {"filter": words}, count, query.without(name).url(path)))
    for name, more in selection.silent.items():
        if more and name not in query.unstated:
            words = tongue.gettext("auch: %(words)s") % {"words": tongue.gettext(silence(name))}
            found.append(Way(words, more, query.including(name).url(path)))
    return sorted(found, key=lambda way: -way.count)
