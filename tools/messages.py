"""Bring the catalogues of the pages up to date: every sentence marked in code and templates, in every language that has a file.

    python tools/messages.py            add new sentences, drop old ones, keep translations; say how many are missing
    python tools/messages.py fr         begin a catalogue for a further language

Sentences are German in the code, so the German catalogue fills itself.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "landkarte" / "web"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}}
DATE = datetime(2026, 11, 1, tzinfo=UTC)  # always the same, so that a file changes only with its sentences
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "say": None}


def template() -> Catalog:
    """Collect all marked sentences."""
    catalog = Catalog(project="Integrationslandkarte", charset="utf-8")
    for name, line, message, comments, context in extract_from_dir(WEB, METHODS, OPTIONS, KEYWORDS):
        if message and message != ("", ""):
            catalog.add(message, None, [(f"landkarte/web/{name}", line)], auto_comments=comments, context=context)
    return catalog


def path_of(language: str) -> Path:
    return WEB / "locales" / language / "LC_MESSAGES" / "landkarte.po"


def update(language: str, sentences: Catalog) -> int:
    """Write one catalogue; give the number of sentences it lacks."""
    path = path_of(language)
    catalog = Catalog(locale=language, project="Integrationslandkarte", charset="utf-8")
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
    catalog.update(sentences, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    missing = 0
    for message in catalog:
        if message.id and language == "de":
            message.string = message.id if isinstance(message.id, str) else tuple(message.id)
        if message.id:
            message.locations = [(name, 0) for name in sorted({name for name, _ in message.locations})]
            words = message.string or ""
            missing += not (words if isinstance(words, str) else all(words))
    catalog.revision_date = catalog.creation_date = DATE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, sort_output=True, include_lineno=False, width=130)
    return missing


def main() -> int:
    """Update every catalogue, and begin those named."""
    sentences = template()
    languages = sorted({file.parts[-3] for file in WEB.glob("locales/*/LC_MESSAGES/landkarte.po")} | {"de", *sys.argv[1:]})
    for language in languages:
        print(f"{language}: {update(language, sentences)} von {len(sentences)} Sätzen fehlen")
    return 0


if __name__ == "__main__":
    sys.exit(main())
