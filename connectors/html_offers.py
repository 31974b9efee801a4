"""A web page comes in; the table on it that lists offers goes out, with a score and a German reason, or None where there is none.

The headings decide, by the words that csv and xlsx are mapped by (schemas/aliases.yml): what, and when or where. A list of prices,
opening hours, a calendar of weeks, results of matches, or a table that only holds a page together say no such thing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from connectors.contract import SourceError
from connectors.html_rows import read_table
from connectors.html_tables import PageTable, TableChoice, innermost, meant_by, tables_of
from connectors.webpage import Page
from connectors.words import to_german_count
from schemas.headers import to_meanings
from schemas.headings import EXACT, MOMENTS
from schemas.persons import are_persons
from schemas.record import RawRecord
from schemas.vocabulary import fold

LEAST = 2  # records
LOOKED_AT = 200  # records of a table
MOST_COLUMNS = 30
SHOWN = 6  # columns in a reason
LONGEST_HEADING = 60
TELLING = 0.6  # what a heading's word must at least be sure of
DIFFERENT = 0.6  # share of the titles that differ where the headings leave doubt
WHEN = MOMENTS | {"<sessions>"}
WHERE = frozenset({"<place>", "<street>", "location.name", "location.city", "location.postal_code", "location.subdistrict_code"})
CONTACT = frozenset({"<contact>", "<registration>", "contact_email", "contact_phone", "url", "registration_url"})
MORE = frozenset({
    "description", "summary", "target_groups", "languages", "cefr", "age", "age_min", "offer_type", "<category>", "organisation.name",
})  # fmt: skip
WEAK_TITLES = frozenset({"name", "bezeichnung", "leistung"})  # of persons and of prices as well
# What stands beside no offer: the size of a file („120 KB“), the result of a match („2:1“)
FOREIGN = re.compile(r"(?:ca\.\s)?[0-9.,]+\s?(?:[KMG]i?B|Bytes)|[0-9]{1,2}\s?:\s?[0-9]", re.IGNORECASE)
GOOD, BETTER, DOUBTFUL = 0.7, 0.05, 0.35


@dataclass(frozen=True, slots=True)
class Offers:
    """The tables of a page that list offers: the headings they share, how sure we are, and why."""

    columns: tuple[str, ...]
    score: float
    reason: str

    @property
    def sure(self) -> bool:
        """Whether the headings say what, and when or where; a doubtful table gives way to a list."""
        return self.score >= GOOD


def find_offers(page: Page) -> Offers | None:
    """Find the table of offers, with all that have the same headings; None where no table seems to be one."""
    every = tables_of(page)
    inner = innermost([one for one in every if one.head and one.element.get("role") not in ("presentation", "none")])
    alike: dict[tuple[str, ...], list[PageTable]] = {}
    for one in inner:
        alike.setdefault(one.names, []).append(one)
    judged = [(judge(tables, page), tables) for tables in alike.values()]
    good = sorted(((score, tables) for score, tables in judged if score), key=lambda both: (-both[0], both[1][0].number))
    if not good:
        return None
    score, (best, *_) = good[0]
    choice = TableChoice(columns=best.names)
    same = meant_by(choice, every)
    try:
        count = sum(isinstance(item, RawRecord) for one in same for item in read_table(one, page, choice, ()))
    except SourceError:  # too large a table
        return None
    many = to_german_count(count, "einem Angebot", "Angeboten")
    shown = ", ".join(choice.columns[:SHOWN]) + (" …" if len(choice.columns) > SHOWN else "")
    reason = f"{to_german_count(len(same), 'Tabelle', 'Tabellen')} mit {many}, Spalten: {shown}"
    others = [tables[0].shown for _, tables in good if tables[0] not in same]
    if others:
        reason += f"; weitere: {', '.join(others[:3])}"
    return Offers(choice.columns, score, reason)


def judge(tables: Sequence[PageTable], page: Page) -> float:
    """Say how sure we are that tables with the same headings list offers: 0, or up to 0.9."""
    head = tables[0].head
    if head is None or len(head.names) > MOST_COLUMNS:
        return 0
    names = head.names
    means = {name: _meaning(name) for name in names}
    told = set(means.values())
    kinds = sum(bool(told & group) for group in (WHEN, WHERE, CONTACT, MORE))
    titles = [name for name, target in means.items() if target == "title"]
    titled = bool(titles) and not all(fold(name) in WEAK_TITLES for name in titles)
    placed = bool(told & (WHEN | WHERE))
    named = bool(titles) and (titled or placed or bool(told & CONTACT))
    nameless = (head.marked and bool(told & WHEN)) or bool(told & WHERE and told & CONTACT)
    if titled and placed:
        score = round(GOOD + BETTER * kinds, 2)
    elif (named and kinds) or (nameless and kinds > 1):
        score = DOUBTFUL
    else:
        return 0
    names_of = titles or [name for name in names if means[name] is None]
    different = 0.0 if score > DOUBTFUL else DIFFERENT  # a course may stand there with each of its dates
    return score if _holds_offers(tables, page, names_of, different) else 0


def _is_foreign(texts: Sequence[str]) -> bool:
    """Say whether a column tells how large files are, or how matches ended."""
    return 2 * sum(bool(FOREIGN.fullmatch(text)) for text in texts) > len(texts)


@lru_cache(maxsize=1_000)
def _meaning(name: str, sure: float = TELLING) -> str | None:
    return next((one.target for one in to_meanings([name]) if one.score >= sure), None)


def _holds_offers(tables: Sequence[PageTable], page: Page, titles: Sequence[str], different: float) -> bool:
    """Say whether several records stand in tables, and in one of the columns names that differ so much and are no headings."""
    try:
        items = (item for table in tables for item in read_table(table, page, TableChoice(number=table.number), ()))
        records = [item.data for item in islice(items, LOOKED_AT) if isinstance(item, RawRecord)]
    except SourceError:
        return False
    if len(records) < LEAST:
        return False
    if any(_is_foreign([str(value) for data in records if (value := data.get(name))]) for name in tables[0].names):
        return False
    for title in titles:
        texts = [str(data[title]) for data in records if data.get(title)]
        lettered = [text for text in texts if any(sign.isalpha() for sign in text)]
        headings = [text for text in texts if len(text) < LONGEST_HEADING and _meaning(text, EXACT) not in (None, "title")]
        if (
            len(lettered) >= 0.6 * len(records)
            and len(set(lettered)) >= different * len(lettered)
            and 2 * len(headings) < len(texts)
            and not (different and are_persons(texts))  # a course may be called by whoever gives it
        ):
            return True
    return False
