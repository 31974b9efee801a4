"""The text of a JSON-LD script comes in; the objects it holds go out (https://www.w3.org/TR/json-ld11/#embedding-json-ld-in-html-documents).

Written by hand and by plug-ins, so: line breaks inside strings are let through, wrappers around a script are taken off.
"""

import json
import re
from html import unescape
from typing import Any

WRAPPER = re.compile(  # <!-- … -->, //<![CDATA[ … //]]>, and a semicolon behind
    r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)?\s*|\s*(?://\s*)?(?:-->|\]\]>|/\*\s*\]\]>\s*\*/)?[;\s]*$"
)
MAX_DIGITS = 400  # of one number


def read_script(text: str) -> Any:
    """Read one script; raise ValueError where it is no JSON, or nested without end."""
    bare = WRAPPER.sub("", text)
    try:
        return _DECODER.decode(bare)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except ValueError:
        if not bare.startswith(("{&quot;", "[{&quot;", "[&quot;")):
            raise
    return read_script(unescape(bare))


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= MAX_DIGITS else None


_DECODER = json.JSONDecoder(strict=False, parse_constant=lambda name: None, parse_int=_integer)
