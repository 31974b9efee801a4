"""A cell of weekdays in a partner's words comes in; weekday codes go out, and what else it says is told and kept in his words."""

from typing import Any

from schemas.converters.answer import Convert, Setting, doubt
from schemas.converters.clock import WORKDAYS, read_weekdays
from schemas.converters.text import one_text
from schemas.converters.whenwords import read_remarks
from schemas.vocabulary import fold


def to_weekday(argument: Any, setting: Setting) -> Convert:
    """Make `weekday`: weekday codes; one as text, several as a list."""
    if argument is not None:
        raise ValueError("weekday braucht keine Angabe")

    def weekday(value: Any) -> Any:
        if isinstance(value, list | tuple):
            value = ", ".join(map(str, value))
        text = one_text(value)
        if type(text) is not str:
            return text
        days, note = read_weekdays(text), ""
        if days is None:
            remarked = read_remarks(text)  # "Mo–Fr außer Feiertage"
            days = read_weekdays(remarked[0]) if remarked and remarked[1] and remarked[0] else None
            note = "Die Ausnahme steht nur als Hinweis beim Termin"
        elif not {*fold(text).split()}.isdisjoint(WORKDAYS):
            note = "Gelesen als Montag bis Freitag"
        if days is None:
            return doubt("bad_weekday", text)
        codes = days[0] if len(days) == 1 else list(days)
        return doubt("partly_taken", text, note, kept=codes) if note else codes

    return weekday
