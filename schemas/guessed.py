"""What a guess consists of: lines of a map, words to be decided, fields that want a target, and how well values fit one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.convert import chain
from schemas.converters.answer import Doubt, Setting
from schemas.headers import to_meanings
from schemas.select import is_filled
from schemas.source import Converter
from schemas.survey import Field
from schemas.targets import to_last_step

LOOKED_AT = 200  # values of a field that are tried


@dataclass(frozen=True, slots=True)
class Guessed:
    """One line of a map: the target, where it comes from, its converters as YAML writes them, why, how much of it is readable."""

    target: str
    from_: tuple[str, ...]
    as_: tuple[Any, ...] = ()
    join: str | None = None
    why: str = "Überschrift"
    share: float | None = None  # None: there was no value to try
    example: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the partner: our code if a list of ours knows it, and how often it came."""

    code: str | None
    count: int


@dataclass
class Guess:
    """A whole first mapping."""

    map: list[Guessed] = field(default_factory=list)
    each: str | None = None
    sessions: list[Guessed] = field(default_factory=list)
    lookups: dict[str, dict[str, Word]] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)  # field of the top level: why
    record_id: str | None = None
    sheet_in_id: bool = False  # the name of the sheet is the id's first part
    decide: list[str] = field(default_factory=list)  # German sentences: what a person must decide

    def targets(self) -> set[str]:
        return {one.target for one in self.map}


@dataclass(frozen=True, slots=True)
class Claim:
    """A field that wants a target."""

    field: Field
    score: float
    as_: tuple[Any, ...] = ()
    share: float | None = None
    why: str = "Überschrift"


def fit(target: str, as_: Sequence[Any], values: Sequence[Any], setting: Setting) -> float:
    """Give the share of values that a target's converters read, half a point for those in part, a whole one for Excel's numbers."""
    converters = tuple(Converter(name=one) if isinstance(one, str) else _to_converter(one) for one in as_)
    convert = chain(converters, to_last_step(target, setting), setting)
    tried = [value for value in values[:LOOKED_AT] if is_filled(value)]
    points = 0.0
    for value in tried:
        answer = convert(value)
        if isinstance(answer, Doubt):
            counted = all(finding.code == "excel_number" for finding in answer.findings)
            points += 0 if answer.value is None else 1 if counted else 0.5
        else:
            points += answer is not None
    return points / len(tried) if tried else 0.0


def _to_converter(one: Mapping[str, Any]) -> Converter:
    ((name, argument),) = one.items()
    return Converter(name=name, argument=argument)


def means(one: Field, role: str) -> bool:
    return any(meaning.target == role for meaning in to_meanings(one.keys[-1:]))


def share_of(one: Field, form: re.Pattern[str]) -> float:
    """Give the share of a field's texts in which a form is found."""
    texts = one.texts[:LOOKED_AT]
    return sum(bool(form.search(text)) for text in texts) / len(texts) if texts else 0.0
