"""The shape of a feed in this run and in the last come in; what changed without anybody saying so goes out as problems.

A column that is gone or renamed, one that is suddenly empty, dates that are written in another form, words nobody has mapped: seen
before anything is published, because a run that reads a rebuilt feed looks healthy and is not.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from schemas.problems import Problem
from schemas.record import RawRecord
from schemas.select import is_filled

FIRST, EVERY = 2_000, 25  # records looked at: all of the first, then one of so many
MOST_COLUMNS = 300
LONGEST = 40  # characters of a value whose form is looked at
MOST_FORMS = 50  # of one column
WELL, HARDLY = 0.5, 0.1  # shares of records that fill a column
LIKE = 0.2  # a renamed column is filled about as often
MOSTLY = 0.8  # of the values have one form
FREE_TEXT = 20  # unknown words of a field beyond which it holds no categories: there every night brings new ones
MOST_UNKNOWN = 500
LEAST = 10  # records below which nothing is said
SIGNS = re.compile(r"[0-9]")
WORDS = re.compile(r"[^\W\d_]+")
DATED = re.compile(r"9+(?:[./:-]9+)+|9+\. ?a+ 9+")  # 99.99.9999, 9999-99-99, 99:99, 9. a 9999

Shape = Mapping[str, Any]  # {"records": 120, "columns": {"Beginn": {"filled": 0.98, "form": "99.99.9999"}}}, JSON-able


class Watch:
    """Looks at records as they pass: `for record in watch.over(records)`; then `watch.shape()`."""

    def __init__(self) -> None:
        self._seen = self._looked_at = 0
        self._filled: Counter[str] = Counter()
        self._forms: dict[str, Counter[str]] = {}
        self._unknown: Counter[str] = Counter()  # words that no list knows, by "field: word"

    def over(self, items: Iterable[RawRecord | Problem]) -> Iterator[RawRecord | Problem]:
        """Hand everything through, and look at the records."""
        for item in items:
            if isinstance(item, RawRecord):
                self._seen += 1
                if self._seen <= FIRST or self._seen % EVERY == 0:
                    self._look(item.data)
            yield item

    def heed(self, problems: Iterable[Problem]) -> None:
        """Note the words that no list knows, as the run tells of them."""
        for problem in problems:
            if problem.code == "unknown_value" and problem.value:
                both = f"{problem.field or ''}: {problem.value}"
                if both in self._unknown or len(self._unknown) < MOST_UNKNOWN:
                    self._unknown[both] += 1

    def shape(self) -> dict[str, Any]:
        """Give what was seen."""
        columns = {
            name: {"filled": round(count / self._looked_at, 3), "form": _main_form(self._forms.get(name, Counter()))}
            for name, count in self._filled.items()
        }
        return {"records": self._seen, "columns": columns, "unknown": dict(self._unknown)}

    def _look(self, data: Mapping[str, Any]) -> None:
        self._looked_at += 1
        for name, value in data.items():
            if name not in self._filled and len(self._filled) >= MOST_COLUMNS:
                continue
            filled = is_filled(value)
            self._filled[name] += filled
            if filled and isinstance(value, str | int) and len(text := str(value)) <= LONGEST:
                forms = self._forms.setdefault(name, Counter())
                form = to_form(text)
                if form in forms or len(forms) < MOST_FORMS:
                    forms[form] += 1


def to_form(text: str) -> str:
    """Give the form of a short text: every number with its digits as 9, every word as a. "5. März 2026" is "9. a 9999"."""
    return WORDS.sub("a", SIGNS.sub("9", text))


def compare_shapes(before: Shape, now: Shape) -> list[Problem]:
    """Tell what changed since the last good run; of columns nothing where either run had too few records to say so."""
    words = new_words(before["unknown"], now["unknown"]) if "unknown" in before and "unknown" in now else []
    if min(before.get("records", 0), now.get("records", 0)) < LEAST:
        return words
    old, new = before["columns"], now["columns"]
    problems = []
    fresh = [name for name in new if name not in old]
    for name, was in old.items():
        is_now = new.get(name)
        if is_now is None:
            if was["filled"] > 0:
                heir = next((one for one in fresh if _alike(was, new[one])), None)
                note = f"vielleicht heißt sie jetzt ‚{heir}‘" if heir else ""
                problems.append(Problem("column_gone", value=name, note=note))
        elif was["filled"] >= WELL and is_now["filled"] <= HARDLY:
            note = f"bisher in {was['filled']:.0%} der Einträge, jetzt in {is_now['filled']:.0%}".replace("%", " %")
            problems.append(Problem("column_empty", value=name, note=note))
        elif _dated(was["form"]) and is_now["form"] and was["form"] != is_now["form"] and not _same(was["form"], is_now["form"]):
            problems.append(Problem("form_changed", value=name, note=f"bisher {was['form']}, jetzt {is_now['form']}"))
    return [*problems, *words]


def new_words(before: Mapping[str, int], now: Mapping[str, int]) -> list[Problem]:
    """Tell of unknown words that were not there in the last run; both count problems `unknown_value` by "field: word"."""
    found = []
    fields = Counter(both.partition(": ")[0] for both in before)
    for both, count in sorted(now.items(), key=lambda item: -item[1]):
        field, _, word = both.partition(": ")
        if both not in before and fields[field] <= FREE_TEXT:
            found.append(Problem("new_value", field=field, value=word, note=f"{count}-mal"))
    return found


def _main_form(forms: Counter[str]) -> str:
    if not forms:
        return ""
    form, count = forms.most_common(1)[0]
    return form if count >= MOSTLY * forms.total() else ""


def _dated(form: str) -> bool:
    return DATED.search(form) is not None


def _same(one: str, other: str) -> bool:
    """5.11.2026 and 05.11.2026 are the same form: how many digits a day or month has says nothing."""
    return re.sub(r"9{1,2}(?!9)", "9", one) == re.sub(r"9{1,2}(?!9)", "9", other)


def _alike(was: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    return bool(abs(was["filled"] - one["filled"]) <= LIKE and was["form"] == one["form"])
