"""A text comes in; its sentences go out, or the same text with the gaps closed that a removal left."""

import re
from collections.abc import Iterator

SENTENCE_END = re.compile(r"(?<=[.!?…؟])\s+(?![a-zäöüßа-яіїєґ\s])|\n+")
ABBREVIATION = re.compile(  # "Dr.", "am 5.", "Musterstr."
    r"(?:\b(?:Dr|Prof|Dipl|med|dent|vet|phil|jur|rer|nat|Ing|Päd|Hr|Fr|Mr|Mrs|Ms|Nr|Tel|ca|bzw|St|inkl|ggf|max|min|Mo|Di|Mi|Do|Sa|So"
    r"|[A-Za-z])|[Ss]tr|\b[0-9]{1,2})\.$"
)
LONGEST_ABBREVIATION = 8  # signs; looking further back would take the square of a long text
EMPTIED = re.compile(r"\(\s*[,;:]*\s*\)|\[\s*\]")
OPENED = re.compile(r"\(\s*[,;:]+\s*")  # "(, Tel. 0203": who stood there is gone
BEFORE_SIGN = re.compile(r"\s+([,;:.!?)])")
LOST_JOINT = re.compile(r"\b(an|bei|per|unter|mit|von)\s+(?:oder|und)\s")  # "Mail an oder info@": what was joined is gone
LOST_START = re.compile(r"(?:oder|und|sowie)\s|[,;:.–)\s]+")
DOUBLE_SIGN = re.compile(r"([,;:])(?:\s*[,;:])+")
SIGN_AT_END = re.compile(r"\s*[,;:–(-]+\s*(?=[.!?]?$)")


def to_sentences(text: str) -> Iterator[tuple[str, str]]:
    """Divide a text into sentences, each with the blank or line ends behind it; every line is at least one."""
    start = 0
    for found in SENTENCE_END.finditer(text):
        if "\n" not in found[0] and ABBREVIATION.search(text, max(start, found.start() - LONGEST_ABBREVIATION), found.start()):
            continue
        yield text[start : found.start()], found[0]
        start = found.end()
    yield text[start:], ""


def tidy(text: str) -> str:
    """Close the gaps in one line; a dash of a list stays."""
    bullet = "- " if text.startswith("- ") else ""
    text = " ".join(OPENED.sub("(", EMPTIED.sub("", text.removeprefix("- "))).split())
    text = LOST_JOINT.sub(r"\1 ", DOUBLE_SIGN.sub(r"\1", BEFORE_SIGN.sub(r"\1", text)))
    while start := LOST_START.match(text):
        text = text[start.end() :]
    text = SIGN_AT_END.sub("", text).strip()
    return bullet + text if text else ""
