"""What a converter is told and what it answers: a setting comes in once; a value, None or a Doubt goes out for every value."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

SHOWN = 500  # characters of an offending value that a finding keeps


class Finding(NamedTuple):
    """What is wrong with a value: a code of schemas/problems.csv, the value in the partner's words, what else is known."""

    code: str
    value: str | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A converter's answer where something is unclear: what may be kept of the value (mostly nothing), and what was found."""

    value: Any
    findings: tuple[Finding, ...]


Convert = Callable[[Any], Any]  # a value in; a value, None or a Doubt out


@dataclass(frozen=True, slots=True)
class Setting:
    """What a converter may know beside the value: the city's zone, telephone region and names, the source's tables of words."""

    zone: ZoneInfo
    region: str = "DE"  # telephone numbers without country code
    city: str = ""  # "Duisburg": a place that says no more than this says nothing
    base_url: str = ""  # what relative addresses are relative to
    lookups: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    postcodes: Collection[str] = ()  # of the city: five digits that are no day
    areas: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # table of the city: folded name or code -> code


def doubt(code: str, value: object, note: str = "", kept: Any = None) -> Doubt:
    """Answer with one finding; `kept` is what may stand all the same."""
    return Doubt(kept, (Finding(code, shown(value), note),))


def shown(value: object) -> str:
    """Give an offending value as text that fits a problem."""
    text = value if isinstance(value, str) else str(value)
    text = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be written anywhere
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
