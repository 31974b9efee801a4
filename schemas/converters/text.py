"""Any value comes in; clean text goes out: NFC, no control signs, single blanks, no markup; or pieces of a text.

`plain` makes one line, `lines` keeps paragraphs, `html` reads markup (https://html.spec.whatwg.org/) into paragraphs and dashes.
"""

import re
from typing import Any
from unicodedata import is_normalized, normalize

from schemas.converters.answer import Convert, Doubt, Setting, doubt
from schemas.vocabulary import fold

# control signs, soft hyphens, byte order marks, zero width blanks, direction overrides, halves of surrogate pairs, non-characters
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
LINE_END = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
SEPARATOR = re.compile(r"[;,/|\n]|\s+und\s+")  # "Arabisch, Türkisch und Deutsch"
# cells that say in words that they are empty
BLANKS = frozenset({
    "", "-", "–", "—", "--", "---", "null", "NULL", "Null", "None", "nan", "NaN", "n/a", "N/A", "k.A.", "k. A.", "N.N.", "n.n.", "N. N.",
    "#NV", "#N/A", "#BEZUG!", "#REF!", "#WERT!", "#VALUE!", "#DIV/0!", "#NAME?", "#ZAHL!", "#NUM!", "#NULL!",
})  # fmt: skip


def plain(text: str) -> str:
    """Clean a text into one line."""
    if not (text.isprintable() and (text.isascii() or is_normalized("NFC", text))):
        text = normalize("NFC", INVISIBLE.sub("", text))
    elif "  " not in text and text[:1] != " " and text[-1:] != " ":
        return text  # a printable text has no other blanks
    return " ".join(text.split())


def lines(text: str) -> str:
    """Clean a text and keep its lines, with at most one empty line between two paragraphs."""
    if text.isprintable():  # line ends are not
        return plain(text)
    text = LINE_END.sub("\n", text)
    kept: list[str] = []
    for line in map(plain, text.split("\n")):
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()


def to_text(value: object) -> str | None:
    """Give a value as one clean line; None where it is empty, says so, or is no single value."""
    if type(value) is not str:
        value = written(value)
        if value is None:
            return None
    text = plain(value)
    return None if text in BLANKS else text


def written(value: object) -> str | None:
    """Write a number or boolean the way a person would; None for lists and mappings. Excel's 24939.0 is the text 24939."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) < 10**300:  # Python refuses to write longer ones
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
    return None


def one_text(value: object) -> str | Doubt | None:
    """Give a value as one line; a list of one item is that item, anything bigger is a Doubt."""
    if isinstance(value, list | tuple):
        texts = list(dict.fromkeys(filled for item in value if (filled := to_text(item)) is not None))
        if len(texts) > 1:
            return doubt("ambiguous_value", "; ".join(texts), "mehrere Werte für ein Feld")
        return texts[0] if texts else None
    if isinstance(value, dict):
        return doubt("ambiguous_value", value, "dort steht eine Gruppe von Angaben") if value else None
    return to_text(value)


def one_line(limit: int = 0) -> Convert:
    """Make a converter into one line of at most `limit` characters (0: any)."""

    def convert(value: Any) -> Any:
        text = plain(value) if type(value) is str else one_text(value)
        if type(text) is not str:
            return text
        if text in BLANKS:
            return None
        return cut(text, limit) if limit and len(text) > limit else text

    return convert


def paragraphs(limit: int = 0, *, cleaned: bool = False) -> Convert:
    """Make a converter into text with lines; a list becomes one line per item. `cleaned`: `text` has seen the value already."""

    def convert(value: Any) -> Any:
        if cleaned and type(value) is str:
            return cut(value, limit) if limit and len(value) > limit else value
        if isinstance(value, list | tuple):
            value = "\n".join(item for item in map(written, value) if item is not None)
        raw = written(value)
        if raw is None:
            return doubt("ambiguous_value", value, "dort steht eine Gruppe von Angaben") if value else None
        text = lines(raw)
        if text in BLANKS:
            return None
        return cut(text, limit) if limit and len(text) > limit else text

    return convert


def cut(text: str, limit: int) -> Doubt:
    """Shorten a text that is too long, at a word where one ends near, and say so."""
    head = text[: limit - 1]
    at = max(head.rfind(" "), head.rfind("\n"))
    kept = (head[:at] if at > limit * 0.8 else head).rstrip(" \n,;:–-") + "…"
    return doubt("too_long", text, f"{len(text)} statt höchstens {limit} Zeichen", kept)


def to_split(argument: Any, setting: Setting) -> Convert:
    """Make `split`: one text into several, at the given signs, else at ; , / | line ends and the word und."""
    if argument is None:
        pattern = SEPARATOR
    else:
        signs = [argument] if isinstance(argument, str) else argument
        if not isinstance(signs, list) or not signs or not all(isinstance(sign, str) and sign for sign in signs):
            raise ValueError('split braucht ein Trennzeichen oder eine Liste davon, zum Beispiel split: ","')
        pattern = re.compile("|".join(map(re.escape, signs)))

    def split(value: Any) -> Any:
        raw = written(value)
        if raw is None:
            return value
        return [text for piece in pattern.split(raw) if (text := to_text(piece)) is not None] or None

    return split


def to_join(argument: Any, setting: Setting) -> Convert:
    """Make `join`: several values into one text."""
    sign = " " if argument is None else argument
    if not isinstance(sign, str):
        raise ValueError('join braucht einen Text, zum Beispiel join: ", "')

    def join(value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        return sign.join(text for item in value if (text := to_text(item)) is not None) or None

    return join


def to_first(argument: Any, setting: Setting) -> Convert:
    """Make `first`: the first filled item of a list."""
    if argument is not None:
        raise ValueError("first braucht keine Angabe")

    def first(value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        return next((item for item in value if item is not None and item != ""), None)

    return first


def to_before(argument: Any, setting: Setting) -> Convert:
    """Make `before`: what stands before the first such sign; the whole text where the sign is missing."""
    sign = _sign("before", argument)
    return lambda value: value if (raw := written(value)) is None else to_text(raw.partition(sign)[0])


def to_after(argument: Any, setting: Setting) -> Convert:
    """Make `after`: what stands behind the first such sign; nothing where the sign is missing."""
    sign = _sign("after", argument)
    return lambda value: value if (raw := written(value)) is None else to_text(raw.partition(sign)[2])


def to_part(argument: Any, setting: Setting) -> Convert:
    """Make `part: [sign, n]`: the n-th piece between the signs, from 1; nothing where there are fewer."""
    if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[1], int) or argument[1] < 1:
        raise ValueError('part braucht Trennzeichen und Nummer, zum Beispiel part: [",", 2]')
    sign, number = _sign("part", argument[0]), argument[1]

    def part(value: Any) -> Any:
        raw = written(value)
        if raw is None:
            return value
        pieces = raw.split(sign, number)
        return to_text(pieces[number - 1]) if len(pieces) >= number else None

    return part


def to_prefix(argument: Any, setting: Setting) -> Convert:
    """Make `prefix`: a fixed text set before the value, for addresses built from an id."""
    sign = _sign("prefix", argument)
    return lambda value: None if (text := to_text(value)) is None else sign + text


def to_empty(argument: Any, setting: Setting) -> Convert:
    """Make `empty`: these words mean that nothing is said (laufend, nach Vereinbarung)."""
    words = [argument] if isinstance(argument, str) else argument
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError("empty braucht ein Wort oder eine Liste von Wörtern, zum Beispiel empty: [laufend, offen]")
    folded = frozenset(map(fold, words))
    return lambda value: None if (text := to_text(value)) is not None and fold(text) in folded else value


def _sign(name: str, argument: Any) -> str:
    if not isinstance(argument, str) or not argument:
        raise ValueError(f'{name} braucht einen Text, zum Beispiel {name}: ":"')
    return argument
