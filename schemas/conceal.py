"""A text and a protected address come in; the text without the address goes out, however its street is written."""

import re
from typing import NamedTuple

from schemas.sentences import tidy, to_sentences


class Address(NamedTuple):
    """A protected address, as far as it is known."""

    street: str | None
    house_number: str | None
    postal_code: str | None


def conceal(text: str, address: Address, *, whole: bool) -> str | None:
    """Take a protected address out of a text, however its street is written: whole sentences, or only the words of it."""
    pattern = _address_pattern(address)
    if pattern is None or not pattern.search(text):
        return text
    if not whole:
        return tidy(pattern.sub(" ", text)) or None
    spans = [found.span() for found in pattern.finditer(text)]
    kept: list[str] = []
    at = 0
    for sentence, gap in to_sentences(text):
        end = at + len(sentence)
        if not any(first < end and last > at for first, last in spans):
            kept.append(sentence + gap)
        at = end + len(gap)
    return "".join(kept).strip() or None


def _address_pattern(address: Address) -> re.Pattern[str] | None:
    pieces = []
    if address.street:
        stem = re.sub(r"(?:str\.?|straße|strasse)$", "", address.street, flags=re.IGNORECASE)
        ending = r"(?:str\.?|straße|strasse)" if stem != address.street else ""
        number = rf"(?:\s*{re.escape(address.house_number)}(?![0-9]))?" if address.house_number else ""
        pieces.append(
            rf"(?:\b(?:in|an|auf)\s(?:der|dem)\s|\b(?:am|im)\s)?(?<!\w){re.escape(stem.strip())}\s?{ending}{number}(?!\w)"
        )
    if address.postal_code:
        pieces.append(rf"(?<!\d){re.escape(address.postal_code)}(?!\d)(?:\s[A-ZÄÖÜ][\w-]+)?")
    return re.compile("|".join(pieces), re.IGNORECASE) if pieces else None
