"""A path of the example partners' sites comes in; status, media type and bytes go out, with dates set relative to one day.

`site.toml` beside the pages says what is special about a path:

    ["musterwerk/kurse.csv"]
    encoding = "cp1252"           # else UTF-8
    newline = "\\r\\n"            # else as in the file
    content_type = "text/csv"     # else by its ending
    second = "musterwerk/2.csv"   # this file instead, once the partners have been harvested
    from = "musterwerk/k.txt"     # this file makes the path: an .xlsx from lines of cells (partner_workbook.py)
    sheet = "Angebote"            # the name of that sheet
    down = true                   # 503

Dates stand in the files as marks: ⟦+7⟧ is in a week, ⟦mo+0⟧ the Monday of this week, ⟦fr+1⟧ the Friday of the next, with a time
if one follows and in the form that is named last: ⟦mo+1 18:00 iso⟧ ⟦+7 de⟧ ⟦fr-2 ics⟧ ⟦di+1 09:30 ms⟧ ⟦+3 long⟧. ⟦url⟧ is the
address of the site.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from landkarte.partner_workbook import to_workbook
from schemas.problems import SchemaError

SITE = "site.toml"
INDEXES = ("index.html", "index.json")  # what the address of a folder answers
MARK = re.compile(  # ⟦mo+1 18:00 iso⟧
    r"⟦(?P<day>url|(?:(?P<weekday>mo|di|mi|do|fr|sa|so))?(?P<count>[+-]\d+))(?: (?P<time>\d\d:\d\d))?(?: (?P<form>[a-z]+))?⟧"
)
WEEKDAYS = ("mo", "di", "mi", "do", "fr", "sa", "so")
MONTHS = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember")
TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".html": "text/html",
    ".ics": "text/calendar",
    ".xml": "application/xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CLOSED = "Wartungsarbeiten. Bitte versuchen Sie es später noch einmal.\n"
KNOWN = {"encoding", "newline", "content_type", "second", "from", "sheet", "down"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a path answers."""

    status: int
    content_type: str
    body: bytes


class Pages:
    """The answers of one day. Only files below `folder` are ever read, and none that another path is made from."""

    def __init__(self, folder: Path, *, url: str, now: datetime, harvests: int) -> None:
        self._folder, self._url, self._harvests = folder.resolve(), url, harvests
        self._now = now
        self._rules = read_site(folder / SITE)
        self._inner = {name for rule in self._rules.values() for name in (rule.get("second"), rule.get("from")) if name} | {SITE}

    def answer(self, path: str) -> Answer:
        """Answer one path, without a slash in front."""
        rule = self._rules.get(path, {})
        if rule.get("down"):
            return Answer(503, "text/plain; charset=utf-8", CLOSED.encode())
        second = rule.get("second") if self._harvests else None
        file = self._folder / (second or rule.get("from") or path)
        if file.is_dir():
            file = next((file / name for name in INDEXES if (file / name).is_file()), file)
        if path in self._inner or not file.resolve().is_relative_to(self._folder) or not file.is_file():
            return Answer(404, "text/plain; charset=utf-8", b"Diese Seite gibt es nicht.\n")
        text = fill(file.read_text(encoding="utf-8"), now=self._now, url=self._url)
        kind = rule.get("content_type") or TYPES.get(Path(path).suffix or file.suffix, "text/plain; charset=utf-8")
        if rule.get("sheet"):
            return Answer(200, kind, to_workbook(text, rule["sheet"]))
        if newline := rule.get("newline"):
            text = text.replace("\n", newline)
        return Answer(200, kind, text.encode(rule.get("encoding", "utf-8")))


def read_site(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """Read site.toml; raise SchemaError, one German sentence, where it is missing or says what we do not know."""
    try:
        rules = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SchemaError(f"{path}: Hier sind keine Beispielseiten zu finden. Bitte den Ordner der Beispiele angeben.") from error
    except ValueError as error:
        raise SchemaError(f"{path}: Das ist kein gültiges TOML ({error}). Bitte die Datei berichtigen.") from error
    for name, rule in rules.items():
        if not isinstance(rule, dict) or rule.keys() - KNOWN:
            raise SchemaError(f"{path}: Für ‚{name}‘ sind nur {', '.join(sorted(KNOWN))} möglich. Bitte berichtigen.")
    return rules


def fill(text: str, *, now: datetime, url: str) -> str:
    """Replace the marks in a text."""

    def replaced(found: re.Match[str]) -> str:
        if found["day"] == "url":
            return url
        day = to_day(found["weekday"], int(found["count"]), now.date())
        return written(day, found["time"], found["form"] or "iso", now)

    return MARK.sub(replaced, text)


def to_day(weekday: str | None, count: int, today: date) -> date:
    """Find the day of a mark: so many days on, or that weekday so many weeks on from this week, which begins on a Monday."""
    if weekday is None:
        return today + timedelta(days=count)
    return today + timedelta(days=WEEKDAYS.index(weekday) - today.weekday() + 7 * count)


def written(day: date, clock: str | None, form: str, now: datetime) -> str:
    """Write a day, with a time where there is one, in one of the forms partners use."""
    at = datetime.combine(day, time.fromisoformat(clock or "00:00"), now.tzinfo)
    match form:
        case "iso":
            return at.isoformat(timespec="seconds") if clock else day.isoformat()
        case "de":
            return f"{day:%d.%m.%Y}" + (f" {clock}" if clock else "")
        case "ics":
            return f"{at:%Y%m%dT%H%M%S}" if clock else f"{day:%Y%m%d}"
        case "ms":
            return str(int(at.timestamp() * 1000))
        case "long":
            return f"{day.day}. {MONTHS[day.month - 1]} {day.year}" + (f", {clock} Uhr" if clock else "")
        case _:
            raise SchemaError(f"Die Form ‚{form}‘ einer Datumsmarke gibt es nicht; möglich sind iso, de, ics, ms und long.")
