"""A capture comes in; the JSON it holds goes out, also where it is not quite JSON, or breaks off.

orjson reads what is right, the standard library what only nearly is: raw line breaks in texts, NaN (taken as empty), half of a
surrogate pair, other encodings. Of a document that breaks off, the entries that are whole are kept.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from connectors.contract import SourceError
from connectors.text import find_encoding, first_bytes, open_text, read_lines, read_text, what_is
from schemas.problems import Problem
from schemas.record import Capture

LARGEST_DOCUMENT = 100_000_000  # bytes; as Python objects it takes five to ten times as much
MOST_VALUES = 8_000_000  # by their commas, those in texts included: an empty list takes three bytes there and 64 here
LONGEST_LINE = 10_000_000  # signs of one line of JSON Lines
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|["\[\]{}]', re.S)  # a whole string, a bracket, or the beginning of a string without end
SURROGATE = re.compile("[\ud800-\udfff]")
TOO_DEEP = Problem("broken_file", note="das JSON ist zu tief verschachtelt")


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON document and what is to be said about it."""

    value: Any
    problems: list[Problem] = field(default_factory=list)


def check_json(capture: Capture) -> None:
    """Raise SourceError where a capture is empty or clearly something else."""
    head = first_bytes(capture)
    if not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise SourceError(Problem("empty_feed"))
    other = what_is(head)
    if other and other != "eine JSON-Datei":
        raise SourceError(Problem("wrong_content", note=f"Dort liegt {other}, kein JSON"))


def is_lines(capture: Capture) -> bool:
    """Tell whether a capture is JSON Lines: its first line is a value of its own, and something follows it."""
    with open_text(capture, find_encoding(capture)) as stream:
        lines = (line for line, _ in read_lines(stream, LONGEST_LINE) if not line.isspace())
        first, second = next(lines, ""), next(lines, "")
    if first.lstrip().startswith("{") and first.rstrip().endswith("}") and second.lstrip().startswith("{"):
        return _is_value(first) or _is_value(second)  # the first line may be the broken one
    return bool(second) and _is_value(first)


def _is_value(line: str) -> bool:
    try:
        return isinstance(orjson.loads(line), dict | list)
    except ValueError:
        return False


def read_json_lines(capture: Capture) -> Iterator[tuple[int, Any | Problem]]:
    """Yield (line, value) for each line of JSON Lines; a problem for each that is none."""
    with open_text(capture, find_encoding(capture)) as stream:
        for number, (line, whole) in enumerate(read_lines(stream, LONGEST_LINE), start=1):
            if line.isspace():
                continue
            try:
                yield number, _parse(line) if whole else Problem("bad_record", note="die Zeile ist zu lang")
            except (ValueError, RecursionError):
                yield number, Problem("bad_record", note="die Zeile ist kein gültiges JSON")


def read_at_once(capture: Capture) -> Document | None:
    """Read a capture that is as it should be; None where it needs a closer look. JSON Lines are never read like this."""
    if capture.size > LARGEST_DOCUMENT:
        return None
    body = capture.read()
    if body.count(b",") > MOST_VALUES:
        return None
    try:
        return Document(_writable(orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))))
    except (ValueError, RecursionError):
        return None


def read_document(capture: Capture) -> Document:
    """Read a capture as one document; raise SourceError where nothing of it can be read."""
    if capture.size > LARGEST_DOCUMENT:
        note = f"ein JSON-Dokument mit mehr als {LARGEST_DOCUMENT // 1_000_000} MB; JSON Lines dürfen größer sein"
        raise SourceError(Problem("too_large", note=note))
    body = capture.read()
    if body.count(b",") > MOST_VALUES:
        raise SourceError(
            Problem("too_large", note=f"ein JSON-Dokument mit mehr als {MOST_VALUES // 1_000_000} Millionen Werten")
        )
    try:
        return Document(_writable(orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))))
    except RecursionError:
        raise SourceError(TOO_DEEP) from None
    except ValueError:
        pass
    encoding = find_encoding(capture)
    text = read_text(capture, encoding)
    problems = [Problem("encoding_guess", value=encoding.shown)] if encoding.guessed else []
    constants: list[str] = []
    try:
        try:
            value = _parse(text, constants)
        except json.JSONDecodeError as error:
            closed = close_open(text)
            if closed is None:
                note = f"in Zeile {error.lineno}, Stelle {error.colno} endet das gültige JSON"
                raise SourceError(Problem("broken_file", note=note)) from error
            value = _parse(closed, constants)
            problems.append(Problem("truncated"))
    except RecursionError:
        raise SourceError(TOO_DEEP) from None
    except ValueError as error:  # still no JSON, or a number of thousands of digits
        raise SourceError(Problem("broken_file", note="das ist kein gültiges JSON")) from error
    if constants:
        problems.append(Problem("odd_record", locator="Datei", note=f"{constants[0]} ist kein JSON und gilt als leer"))
    return Document(value, problems)


def close_open(text: str) -> str | None:
    """Cut a document that breaks off behind the last whole entry of its outermost list, and close it; None where it is whole."""
    open_: list[str] = []
    end, left_open = 0, ""
    for token in TOKEN.finditer(text):
        sign = token[0]
        if sign == '"':
            open_.append(sign)
            break
        if sign in "[{":
            open_.append(sign)
        elif sign in "]}":
            if not open_ or open_.pop() + sign not in ("[]", "{}"):
                return None
            if open_ and open_[-1] == "[" and open_.count("[") == 1:  # not inside a record: half of one is none
                end, left_open = token.end(), "".join(open_)
    if not open_ or not end:
        return None
    return text[:end] + "".join("]" if sign == "[" else "}" for sign in reversed(left_open))


def _parse(text: str, constants: list[str] | None = None) -> Any:
    try:
        return _writable(orjson.loads(text))
    except ValueError:
        found: list[str] = [] if constants is None else constants
        value = json.loads(text.lstrip("\ufeff"), strict=False, parse_constant=found.append)  # append gives None
        return _writable(_clean(value))


def _writable(value: Any) -> Any:
    """Give a value that can be written down again; raise RecursionError where it is nested deeper than orjson writes (254)."""
    try:
        orjson.dumps(value)
    except TypeError:
        raise RecursionError from None
    return value


def _clean(value: Any) -> Any:
    """Replace what cannot be written down again: halves of surrogate pairs, 1e999, integers of more than 64 bits."""
    match value:
        case bool():
            return value
        case int() if not -(2**63) <= value < 2**64:
            return str(value)
        case str():
            return SURROGATE.sub("\ufffd", value)
        case float() if value in (float("inf"), float("-inf")):
            return None
        case list():
            return [_clean(item) for item in value]
        case dict():
            return {_clean(key): _clean(item) for key, item in value.items()}
    return value
