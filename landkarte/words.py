"""Two sentences in, the one the reader's locale asks for out: German, or English where LANG says so."""

import os


def english() -> bool:
    """Whether the locale asks for English; anything else reads German."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return locale.lower().startswith("en")


def t(de: str, en: str) -> str:
    """The sentence in the reader's language."""
    return en if english() else de


def language() -> str:
    """The language code for labels and problem sentences."""
    return "en" if english() else "de"
