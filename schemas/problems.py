"""A code, a place and a value come in; one sentence for the person who can mend it goes out.

The closed list of codes is `schemas/problems.csv`. A code never changes its meaning and never leaves the list: ledgers hold it.
Sentences hold the placeholders {locator}, {field}, {value} and {note}, each in a piece in square brackets. A piece is left out
where its placeholder is not known, or gives way to its next wording behind a bar: `[{locator}: ][„{value}“|Das] ist kein Datum.`
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "problems.csv"
COLUMNS = ("code", "owner", "severity", "sentence_de", "sentence_en")
OWNERS = ("partner", "operator", "nobody")
SEVERITIES = ("rejected", "remark")
PLACEHOLDERS = frozenset({"locator", "field", "value", "note"})
SHOWN = 80  # characters of a value that stand in a sentence

PIECE = re.compile(r"\[([^\[\]]*)\]")  # "[{locator}: ]", "[„{value}“|Ein Wert]"
PLACEHOLDER = re.compile(r"\{([a-z]+)\}")  # "{value}"


class SchemaError(Exception):
    """A file of the project or of a city is broken: table, vocabulary, city or source file. The text is one German sentence."""


Wording = tuple[str, tuple[str, ...]]  # a text and the placeholders it needs
Piece = tuple[Wording, ...]  # a part of a sentence: the first wording whose needs are known is said


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One line of the closed list: who can mend it, what becomes of the record, how it is said."""

    code: str
    owner: str
    severity: str
    sentences: Mapping[str, tuple[Piece, ...]]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing somebody can mend. Unknown codes are a mistake of ours and raise ValueError at once.

    `locator` is the place in the source („Zeile 17“), `field` a column of our tables or of the partner, `value` the offending
    value in the partner's own words, `note` what else is known, `severity` overrules the default of the code.
    """

    code: str
    locator: str | None = None
    field: str | None = None
    value: str | None = None
    note: str = ""
    severity: str | None = None

    def __post_init__(self) -> None:
        if self.code not in problem_kinds():
            raise ValueError(f"schemas/problems.csv knows no problem code {self.code!r}")
        if self.severity is not None and self.severity not in SEVERITIES:
            raise ValueError(f"a problem's severity is one of {', '.join(SEVERITIES)}, not {self.severity!r}")

    @property
    def owner(self) -> str:
        """Who can mend it: partner, operator or nobody."""
        return problem_kinds()[self.code].owner

    @property
    def severity_or_default(self) -> str:
        """What becomes of the record: rejected, or taken with a remark."""
        return self.severity or problem_kinds()[self.code].severity

    def message(self, language: str = "de", *, show_value: bool = True) -> str:
        """Say it in one German or English sentence; without the value where strangers read it. Other languages read German."""
        sentences = problem_kinds()[self.code].sentences
        spoken = language if language in sentences else "de"
        known = {
            "locator": visible(self.locator),
            "field": visible(_title(self.field, spoken)),
            "value": visible(self.value) if show_value else "",
            "note": visible(self.note) if show_value else "",  # a note may quote the value
        }
        words = "".join(_say(piece, known) for piece in sentences[spoken])
        return words[:1].upper() + words[1:]


def problem_codes() -> tuple[str, ...]:
    """Give all codes in the order of the list."""
    return tuple(problem_kinds())


@cache
def problem_kinds() -> Mapping[str, ProblemKind]:
    """Give the closed list by code; raise SchemaError where its file is broken."""
    return read_problem_kinds(FILE)


def read_problem_kinds(path: Path) -> dict[str, ProblemKind]:
    """Read a list of problem codes; raise SchemaError, one German sentence with file and line, where it is broken."""
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines(keepends=True), strict=True))
    except (OSError, ValueError, csv.Error) as error:
        raise SchemaError(f"{path.name}: Die Liste ist nicht lesbar ({error}). Bitte die Datei berichtigen.") from error
    if not rows or tuple(rows[0]) != COLUMNS:
        raise SchemaError(f"{path.name}, Zeile 1: Die Spalten müssen {', '.join(COLUMNS)} heißen. Bitte die Datei berichtigen.")
    kinds: dict[str, ProblemKind] = {}
    for number, row in enumerate(rows[1:], start=2):
        what = _fault(row, kinds)
        if what:
            raise SchemaError(f"{path.name}, Zeile {number}: {what}. Bitte die Zeile berichtigen.")
        code, owner, severity, german, english = row
        kinds[code] = ProblemKind(code, owner, severity, {"de": to_pieces(german), "en": to_pieces(english)})
    return kinds


def to_pieces(sentence: str) -> tuple[Piece, ...]:
    """Cut a sentence of the list into its pieces: `PIECE.split` gives fixed text and bracketed text in turn."""
    return tuple(
        tuple((wording, tuple(PLACEHOLDER.findall(wording))) for wording in (text.split("|") if place % 2 else [text]))
        for place, text in enumerate(PIECE.split(sentence))
        if text
    )


def visible(text: str | None) -> str:
    """Make a partner's words fit for a sentence: 80 characters at most, control and direction marks written out."""
    if not text:
        return ""
    if len(text) > SHOWN:
        text = text[: SHOWN - 1] + "…"
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text)


def _say(piece: Piece, known: Mapping[str, str]) -> str:
    for text, needs in piece:
        if all(known[name] for name in needs):
            return PLACEHOLDER.sub(lambda found: known[found[1]], text) if needs else text
    return ""


def _fault(row: list[str], kinds: Mapping[str, ProblemKind]) -> str | None:
    if len(row) != len(COLUMNS) or not all(row):
        return "Es müssen fünf ausgefüllte Spalten sein"
    code, owner, severity, *sentences = row
    if code in kinds:
        return f"Der Code ‚{code}‘ kommt zweimal vor"
    if owner not in OWNERS:
        return f"‚{owner}‘ ist keine Zuständigkeit ({', '.join(OWNERS)})"
    if severity not in SEVERITIES:
        return f"‚{severity}‘ ist keine Folge ({', '.join(SEVERITIES)})"
    for sentence in sentences:
        unknown = set(PLACEHOLDER.findall(sentence)) - PLACEHOLDERS
        if unknown:
            return f"Den Platzhalter {{{min(unknown)}}} gibt es nicht"
        outside, inside = PIECE.sub("", sentence), "".join(PIECE.findall(sentence))
        if re.search(r"[\[\]{}|]", outside + PLACEHOLDER.sub("", inside).replace("|", "")):
            return "Platzhalter stehen immer in eckigen Klammern, zum Beispiel [{locator}: ]"
    return None


def _title(field: str | None, language: str) -> str | None:
    from schemas.tables import field_title  # here, because tables needs SchemaError

    if field is None or language != "de":
        return field
    return field_title(field) or field
