"""The text of a JSON-LD script, or the bytes of a file of JSON objects, come in; the objects go out, broken ones as problems.

Written by hand and by plug-ins, so: line breaks inside strings are let through, wrappers around a script are taken off, and of a
file with one broken object the others are read (https://www.w3.org/TR/json-ld11/#embedding-json-ld-in-html-documents).
"""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from schemas.problems import Problem

WRAPPER = re.compile(r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)?\s*|\s*(?://\s*)?(?:-->|\]\]>|/\*\s*\]\]>\s*\*/)?[;\s]*$")
MAX_DIGITS = 400  # of one number
MAX_BAD = 1_000  # broken objects told one by one


def read_script(text: str) -> Any:
    """Read one script; raise ValueError where it is no JSON. Line breaks in strings are let through (strict=False)."""
    bare = WRAPPER.sub("", text)
    try:
        return _loads(bare)
    except ValueError:
        if bare.startswith(("{&quot;", "[{&quot;", "[&quot;")):
            return _loads(unescape(bare))
        raise


def read_objects(body: bytes) -> Iterator[Any | Problem]:
    """Read a file of JSON; yield its objects, those of a list or of lines one by one, and a problem for each that is broken."""
    text = _decode(body)
    try:
        whole = _loads(text)
    except ValueError:
        yield from _one_by_one(text)
        return
    yield from whole if isinstance(whole, list) else [whole]


def _loads(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _one_by_one(text: str) -> Iterator[Any | Problem]:
    """Read object by object; after a broken one go on at the next line that begins like an object at the same depth."""
    at, bad, reached = 0, 0, 0
    line = 1
    while True:
        at = _skip(text, at)
        if at >= len(text):
            return
        line += text.count("\n", reached, at)
        reached = at
        try:
            value, at = _DECODER.raw_decode(text, at)
            yield value
        except (ValueError, RecursionError):
            indent = text[text.rfind("\n", 0, at) + 1 : at]
            indent = indent if not indent.strip() else ""
            following = text.find(f"\n{indent}{{", at)
            bad += 1
            if following < 0:
                broken = Problem("bad_record", f"Zeile {line}", note="kein gültiges JSON")
                yield Problem("truncated", f"Zeile {line}") if bad == 1 else broken
                return
            if bad > MAX_BAD:
                yield Problem("broken_file", note=f"mehr als {MAX_BAD} Einträge sind kein gültiges JSON", severity="remark")
                return
            yield Problem("bad_record", f"Zeile {line}", note="kein gültiges JSON")
            at = following + 1 + len(indent)


def _skip(text: str, at: int) -> int:
    """Skip what stands between objects: blanks, commas, the brackets of the list, record separators (RFC 7464)."""
    found = BETWEEN.match(text, at)
    return found.end() if found else at


BETWEEN = re.compile(r"[\s,\[\]\x1e]*")


def _decode(body: bytes) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, errors="replace")
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= MAX_DIGITS else None


_DECODER = json.JSONDecoder(strict=False, parse_constant=lambda name: None, parse_int=_integer)
