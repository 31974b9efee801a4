"""The conditions of a source file's `where` come in; a test goes out that says of a record whether it belongs to the source.

Words are compared without regard to case; a list in the record fits if one of its items does.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from schemas.converters.text import to_text
from schemas.select import Selector, Unreadable
from schemas.source import Condition

Test = Callable[[Mapping[str, Any]], bool]


def to_test(conditions: Sequence[tuple[Selector, Condition]]) -> Test:
    """Make one test of all conditions; without any, every record belongs."""
    tests = [_to_one(selector, condition) for selector, condition in conditions]
    if not tests:
        return lambda record: True
    return lambda record: all(test(record) for test in tests)


def _to_one(selector: Selector, condition: Condition) -> Test:
    within, without, contains = _folded(condition.in_), _folded(condition.not_in), _folded(condition.contains)

    def test(record: Mapping[str, Any]) -> bool:
        try:
            value = selector.get(record)
        except Unreadable:
            value = None
        items = value if isinstance(value, list | tuple) else [value]
        texts = [text.casefold() for item in items if (text := to_text(item)) is not None]
        if condition.filled is not None and condition.filled != bool(texts or (isinstance(value, Mapping) and value)):
            return False
        if condition.in_ is not None and not any(text in within for text in texts):
            return False
        if any(text in without for text in texts):
            return False
        return condition.contains is None or any(word in text for text in texts for word in contains)

    return test


def _folded(words: Sequence[str] | None) -> frozenset[str]:
    return frozenset(word.strip().casefold() for word in words or ())
