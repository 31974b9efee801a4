"""A number, or a yes or no, in a partner's words comes in; int, float or bool goes out. What could be two numbers is none."""

import math
import re
from typing import Any

from schemas.converters.answer import Convert, Setting, doubt
from schemas.converters.text import one_text
from schemas.vocabulary import fold

DIGITS = re.compile(r"[+-]?[0-9]{1,18}")
PLAIN = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,12})?")  # 12.5, 1234.56
GERMAN = re.compile(r"[+-]?(?:[0-9]{1,3}(?:[. '’][0-9]{3})+|[0-9]{1,15}),[0-9]{1,12}")  # 1.234,56
ENGLISH = re.compile(r"[+-]?(?:[0-9]{1,3}(?:[, '’][0-9]{3})+|[0-9]{1,15})\.[0-9]{1,12}")  # 1,234.56
TWO_WAYS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")  # 1.234 and 1,234: thousands or thousandths
THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:(?P<sign>[., '’])[0-9]{3})(?:(?P=sign)[0-9]{3})*")  # 1.234.567
GROUP = re.compile(r"[. '’]")
ENGLISH_GROUP = re.compile(r"[, '’]")

YES = "ja j yes y true wahr x 1 ✓ ✔ vorhanden evet oui так да نعم"
NO = "nein n no false falsch 0 ✗ ✘ keine hayır non ні нет لا"
TRUE, FALSE = (frozenset(fold(word) or word for word in words.split()) for words in (YES, NO))


def read_number(text: str, decimal: str | None = None) -> float | None:
    """Read a number; None where it is none or could be two: 1.234 is read only where `decimal` says "," or "."."""
    if decimal is None:
        if TWO_WAYS.fullmatch(text):
            return None
        if PLAIN.fullmatch(text):
            return float(text)
        if GERMAN.fullmatch(text):
            return float(GROUP.sub("", text).replace(",", "."))
        if ENGLISH.fullmatch(text):
            return float(ENGLISH_GROUP.sub("", text))
        found = THOUSANDS.fullmatch(text)
        if found and (found["sign"] not in ".," or text.count(found["sign"]) > 1):
            return float(re.sub(r"[., '’]", "", text))
        return None
    group = GROUP if decimal == "," else ENGLISH_GROUP
    whole = THOUSANDS.fullmatch(text)
    if DIGITS.fullmatch(text) or (whole and whole["sign"] != decimal):
        return float(group.sub("", text))
    pattern = GERMAN if decimal == "," else ENGLISH
    return float(group.sub("", text).replace(",", ".")) if pattern.fullmatch(text) else None


def _decimal(argument: Any, name: str) -> str | None:
    if argument is None:
        return None
    if argument not in ("de", "en"):
        raise ValueError(f"{name} kennt nur die Angaben de (1.234,5) und en (1,234.5)")
    return "," if argument == "de" else "."


def to_number(argument: Any, setting: Setting) -> Convert:
    """Make `number`: a finite number. `number: de` reads 1.234 as 1234."""
    decimal = _decimal(argument, "number")

    def number(value: Any) -> Any:
        if type(value) is int or type(value) is float:
            return value if abs(value) < 1e15 else doubt("bad_number" if math.isfinite(value) else "not_finite", value)
        text = one_text(value)
        if type(text) is not str:
            return text
        read = read_number(text, decimal)
        if read is None:
            return doubt("bad_number", text)
        return int(read) if DIGITS.fullmatch(text) else read

    return number


def to_integer(argument: Any, setting: Setting, code: str = "bad_number") -> Convert:
    """Make `integer`: a whole number; 12.0 is one, 12.5 is none."""
    decimal = _decimal(argument, "integer")

    def integer(value: Any) -> Any:
        if type(value) is int:
            return value if abs(value) < 10**15 else doubt(code, value)
        if type(value) is float:
            return int(value) if value.is_integer() and abs(value) < 1e15 else doubt(code, value)
        text = one_text(value)
        if type(text) is not str:
            return text
        read = read_number(text, decimal)
        return int(read) if read is not None and read.is_integer() and abs(read) < 1e15 else doubt(code, text)

    return integer


def to_boolean(argument: Any, setting: Setting) -> Convert:
    """Make `boolean`: yes or no."""
    if argument is not None:
        raise ValueError("boolean braucht keine Angabe")

    def boolean(value: Any) -> Any:
        if type(value) is bool:
            return value
        text = one_text(value)
        if type(text) is not str:
            return text
        word = fold(text) or text
        if word in TRUE:
            return True
        return False if word in FALSE else doubt("bad_boolean", text)

    return boolean
