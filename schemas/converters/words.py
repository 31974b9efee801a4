"""Words of a partner come in; codes of ours go out: vocabularies, the source's own tables of words, districts, languages.

A text is taken whole first, then divided at signs that divide lists, coarse before fine, until every piece is a known word; so
"Ausbildung und Beruf" stays one topic and "Gesundheit und Sport" becomes two. Known pieces stay, each unknown one is a finding.
"""

import csv
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale

from schemas.converters.answer import Convert, Doubt, Finding, Setting, doubt, shown
from schemas.converters.text import LINE_END, one_text, to_text
from schemas.problems import SchemaError
from schemas.vocabulary import fold, load

SIGNS = (re.compile(r"\s*[;|\n]\s*"), re.compile(r"\s*,\s*"), re.compile(r"\s+(?:und|and|&|\+)\s+"), re.compile(r"\s*/\s*"))
COMMENT = re.compile(r"(.+?)\s*\([^()]*\)")  # "Arabisch (syrisch)"
TAG = re.compile(r"(?P<language>[A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{2,8})*")  # de-DE, zh_Hans
LANGUAGE_WORDS = Path(__file__).with_name("language_words.csv")

Find = Callable[[str], str | None]
IGNORED = ""  # a word the source knows and wants left out


def to_codes(value: Any, find: Find, code: str) -> list[str] | Doubt | None:
    """Find the codes of a text or list; sorted, each once. Unknown words become findings with this problem code."""
    texts = value if isinstance(value, list | tuple) else [value]
    codes: set[str] = set()
    unknown: list[str] = []
    for item in texts:
        text = to_text(LINE_END.sub(";", item).replace("\n", ";") if isinstance(item, str) else item)
        if text is not None:
            known, missed = _divide(text, find, 0)
            codes.update(known)
            unknown += missed
        elif item is not None and isinstance(item, list | tuple | dict) and item:
            unknown.append(shown(item))
    codes.discard(IGNORED)
    found = sorted(codes) or None
    return Doubt(found, tuple(Finding(code, shown(word)) for word in unknown)) if unknown else found


def _divide(text: str, find: Find, level: int) -> tuple[list[str], list[str]]:
    code = find(text)
    if code is not None:
        return [code], []
    for finer in range(level, len(SIGNS)):
        pieces = [piece for piece in SIGNS[finer].split(text) if piece]
        if len(pieces) > 1:
            divided = [_divide(piece, find, finer + 1) for piece in pieces]
            known = [word for part, _ in divided for word in part]
            # a comma always divides a list; "und" and "/" may belong to a name, so they divide only where a piece is known
            if known or finer < 2:
                return known, [word for _, part in divided for word in part]
    return [], [text]


def code_list(find: Find, code: str = "unknown_value") -> Convert:
    """Make a converter into a sorted list of codes, joined with ;."""

    def codes(value: Any) -> Any:
        found = to_codes(value, find, code)
        if isinstance(found, Doubt):
            return Doubt(";".join(found.value) if found.value else None, found.findings)
        return ";".join(found) if found else None

    return codes


def one_code(find: Find, code: str = "unknown_value") -> Convert:
    """Make a converter into exactly one code."""

    def one(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        found = find(text)
        return (found or None) if found is not None else doubt(code, text)

    return one


def to_vocabulary(argument: Any, setting: Setting) -> Convert:
    """Make `vocabulary: name`: the code of a word, which is a code or a label in any language."""
    if not isinstance(argument, str):
        raise ValueError("vocabulary braucht den Namen einer Liste, zum Beispiel vocabulary: topics")
    try:
        return _joined(load(argument).find)
    except SchemaError as error:
        raise ValueError(str(error).rstrip(".")) from error


def to_lookup(argument: Any, setting: Setting) -> Convert:
    """Make `lookup: name`: the value that the source's own table gives for a word; null there leaves the word out."""
    table = setting.lookups.get(argument) if isinstance(argument, str) else None
    if table is None:
        known = ", ".join(setting.lookups) or "keine"
        raise ValueError(f"die Tabelle ‚{argument}‘ steht nicht unter lookups; dort steht: {known}")
    return _joined(finder(table))


def finder(table: Mapping[str, str | None]) -> Find:
    """Make a search in a source's table of words."""
    words = {fold(word) or word: IGNORED if value is None else value for word, value in table.items()}
    return lambda text: words.get(fold(text) or text)


def _joined(find: Find) -> Convert:
    """One word stays text, a list stays a list, so that further converters may follow."""

    def convert(value: Any) -> Any:
        text = one_text(value) if not isinstance(value, list | tuple) else None
        if type(text) is str and (code := find(text)) is not None:
            return code or None
        found = to_codes(value, find, "unknown_value")
        codes = found.value if isinstance(found, Doubt) else found
        kept = codes[0] if codes is not None and len(codes) == 1 else codes
        return Doubt(kept, found.findings) if isinstance(found, Doubt) else kept

    return convert


def to_areas(argument: Any, setting: Setting) -> Convert:
    """Make `areas`: codes of districts, subdistricts, quarters or the city, by code or name; the larger area wins a name."""
    if argument is not None:
        raise ValueError("areas braucht keine Angabe")
    known: dict[str, str] = {}
    for table in ("quarters", "subdistricts", "districts", "city"):
        known |= setting.areas.get(table, {})
    return code_list(lambda text: known.get(fold(text)))


def to_own_areas(argument: Any, setting: Setting) -> Convert:
    """Make `own_areas`: of codes that name their city (`05112000:100;05112000:200`) those of this city; others mean nothing here."""
    if argument is not None:
        raise ValueError("own_areas braucht keine Angabe")
    known = {code for table in setting.areas.values() for code in table.values()}
    mine = tuple(f"{code}:" for code in set(setting.areas.get("city", {}).values()))

    def own(value: Any) -> Any:
        codes = [code.partition(":")[2] for code in (to_text(value) or "").split(";") if code.startswith(mine)]
        return ";".join(code for code in codes if code in known) or None

    return own


def to_languages(argument: Any, setting: Setting) -> Convert:
    """Make `languages`: languages spoken, by name or code, as codes of the vocabulary."""
    if argument is not None:
        raise ValueError("languages braucht keine Angabe")
    return code_list(find_language, "bad_language")


def to_language(argument: Any, setting: Setting) -> Convert:
    """Make `language`: exactly one language as BCP 47, also one that the vocabulary does not hold."""
    if argument is not None:
        raise ValueError("language braucht keine Angabe")
    return one_code(find_any_language, "bad_language")


def find_language(text: str) -> str | None:
    """Find a language of the vocabulary by code, tag (de-DE) or name in German, English, its own or a language of the pages."""
    found = _find_word(text)
    if found is None and (comment := COMMENT.fullmatch(text)):
        found = _find_word(comment[1])
    if found is None and (tag := TAG.fullmatch(text)):
        found = _find_word(tag["language"])
    return found if found in load("languages") else None


def find_any_language(text: str) -> str | None:
    """Find any language that Unicode's CLDR names in German or English, the vocabulary's first."""
    tag = TAG.fullmatch(text)
    if tag and "-" in text and tag["language"].lower() in _world():
        return _canonical(text)
    return find_language(text) or _find_word(text) or _world().get(fold(text))


def _find_word(text: str) -> str | None:
    return _language_words().get(fold(text))


def _canonical(tag: str) -> str:
    """Write a tag the BCP 47 way: zh-Hans, pt-BR."""
    language, *rest = tag.split("-")
    styled = {2: str.upper, 4: str.title}
    return "-".join([language.lower(), *(styled.get(len(part), str.lower)(part) for part in rest)])


@cache
def _language_words() -> dict[str, str]:
    """Read further names of the city's languages: their own, older ones, three letters."""
    with LANGUAGE_WORDS.open(encoding="utf-8", newline="") as file:
        return {fold(word): code for word, code in csv.reader(file)} | dict(load("languages").words)


@cache
def _world() -> dict[str, str]:
    words: dict[str, str] = {}
    for spoken in ("en", "de"):
        names = {str(code): str(name) for code, name in Locale(spoken).languages.items() if str(code).isalpha()}
        words |= {fold(name): code for code, name in names.items()}
        words |= {code: code for code in names if len(code) <= 3}
    return words
