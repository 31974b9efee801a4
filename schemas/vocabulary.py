"""A vocabulary's name comes in; its codes, their labels in nine languages and a lookup by any of these words go out.

Each list is `schemas/vocabularies/<name>.csv`: code, a label per language, a German definition; licences also have title and url.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from schemas.problems import SchemaError

FOLDER = Path(__file__).parent / "vocabularies"
LANGUAGES = ("de", "en", "uk", "ar", "tr", "bg", "ro", "ru", "fr")
COLUMNS = ("code", *(f"label_{language}" for language in LANGUAGES), "definition_de")
LICENCE_COLUMNS = (*COLUMNS, "title", "url")
LICENCE_BASE = "http://dcat-ap.de/def/licenses/"

CODE = re.compile(r"[A-Za-z0-9]+(?:[._/-][A-Za-z0-9]+)*")  # language_course, dl-by-de/2.0
LONGEST_REMEMBERED = 80  # characters of a word that may come again
LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ı": "i"})  # ı: Turkish Salı in capitals is SALI
GENDER_SIGN = re.compile(r"(?<=[^\W\d_])[*:_·](?=[^\W\d_])")  # Multiplikator*innen, Lehrer:innen, Schüler_innen
NO_WORD = re.compile(r"[\W_]+")  # "Patenschaft / Mentoring" and "Patenschaft/Mentoring" are the same words


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """One closed list. `codes` keeps the order of the file, which is the order people see."""

    name: str
    codes: tuple[str, ...]
    labels: Mapping[str, Mapping[str, str]]  # language -> code -> label
    definitions: Mapping[str, str]  # code -> German sentence
    words: Mapping[str, str]  # folded code or label -> code

    def __contains__(self, code: object) -> bool:
        return code in self.definitions

    def __iter__(self) -> Iterator[str]:
        return iter(self.codes)

    def __len__(self) -> int:
        return len(self.codes)

    def label(self, code: str, language: str = "de") -> str:
        """Give the label in a language (`ar`, also `ar-SY`), else the German one, else the code itself."""
        for spoken in (language.partition("-")[0], "de"):
            found = self.labels.get(spoken, {}).get(code)
            if found:
                return found
        return code

    def definition(self, code: str) -> str:
        """Give the German definition of a code; empty where the code is not in the list."""
        return self.definitions.get(code, "")

    def find(self, text: str) -> str | None:
        """Find the code a word means: the code itself or its label in any language. None where no code or more than one fits."""
        return self.words.get(fold(text))


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence of DCAT-AP.de: `code` as source files write it, `uri` as rows carry it, `url` its text (may be empty)."""

    code: str
    uri: str
    title: str
    url: str


def fold(text: str) -> str:
    """Fold a word for comparing: case, umlauts, accents, gender signs, punctuation and runs of blanks make no difference.

    ä and ae meet (both become ae, as in DIN 5007-2), ß and ss meet. Every other accent is dropped: `Română` meets `Romana`, but
    `Türkce` meets `Tuerkce` and not `Turkce`. Punctuation counts as a blank, and blanks at the ends go.
    """
    return _fold_remembered(text) if len(text) <= LONGEST_REMEMBERED else _fold(text)


def _fold(text: str) -> str:
    if text.isascii():
        bare = text.lower()
    else:
        bare = unicodedata.normalize("NFC", text).casefold().translate(LETTERS)
        if not bare.isascii():  # German letters are letters of ASCII by now
            bare = "".join([sign for sign in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(sign)])
    return NO_WORD.sub(" ", GENDER_SIGN.sub("", bare)).strip()


_fold_remembered = lru_cache(maxsize=10_000)(_fold)


@cache
def load(name: str) -> Vocabulary:
    """Give the vocabulary of that name; raise SchemaError where there is none or its file is broken."""
    if not re.fullmatch(r"[a-z_]+", name) or not (FOLDER / f"{name}.csv").is_file():
        raise SchemaError(f"Eine Liste ‚{name}‘ gibt es nicht. Bekannt sind: {', '.join(vocabulary_names())}.")
    return read_vocabulary(FOLDER / f"{name}.csv")


@cache
def vocabulary_names() -> tuple[str, ...]:
    """Give the names of all vocabularies, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.csv")))


def all_vocabularies() -> tuple[Vocabulary, ...]:
    """Give all vocabularies, sorted by name."""
    return tuple(load(name) for name in vocabulary_names())


@cache
def licences() -> Mapping[str, Licence]:
    """Give the known licences by code, `dl-by-de/2.0`; their URI is the code behind LICENCE_BASE."""
    rows = _rows(FOLDER / "licences.csv", LICENCE_COLUMNS)
    return {row[0]: Licence(row[0], LICENCE_BASE + row[0], row[-2], row[-1]) for _, row in rows}


def read_vocabulary(path: Path) -> Vocabulary:
    """Read one list; raise SchemaError, one German sentence with file and line, where it is broken."""
    labels: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    definitions: dict[str, str] = {}
    for number, row in _rows(path, LICENCE_COLUMNS if path.stem == "licences" else COLUMNS):
        code = row[0]
        if not CODE.fullmatch(code):
            raise _broken(path, number, f"‚{code}‘ ist kein Code (Buchstaben, Ziffern, dazwischen . _ / -)")
        if code in definitions:
            raise _broken(path, number, f"Der Code ‚{code}‘ kommt zweimal vor")
        for column, text in zip(COLUMNS, row, strict=False):
            if not text.strip():
                raise _broken(path, number, f"Die Spalte {column} ist leer")
        for language, label in zip(LANGUAGES, row[1:], strict=False):
            if label in labels[language].values():
                raise _broken(path, number, f"Das Wort ‚{label}‘ steht in label_{language} zweimal")
            labels[language][code] = label
        definitions[code] = row[len(COLUMNS) - 1]
    if not definitions:
        raise _broken(path, 2, "Die Liste ist leer")
    return Vocabulary(path.stem, tuple(definitions), labels, definitions, _to_words(tuple(definitions), labels))


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except (OSError, ValueError) as error:
        raise _broken(path, 1, f"Die Liste ist nicht lesbar ({error})") from error
    reader = csv.reader(lines, strict=True)
    try:
        if tuple(next(reader, ())) != columns:
            raise _broken(path, 1, f"Die Spalten müssen {', '.join(columns)} heißen")
        for row in reader:
            if len(row) != len(columns):
                raise _broken(path, reader.line_num, f"Die Zeile hat {len(row)} statt {len(columns)} Spalten")
            yield reader.line_num, row
    except csv.Error as error:
        raise _broken(path, reader.line_num, f"Die Zeile ist kein gültiges CSV ({error})") from error


def _to_words(codes: tuple[str, ...], labels: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Map folded words to codes. A code and a German label decide; a foreign word that means two codes means none."""
    words = {fold(labels["de"][code]): code for code in codes} | {fold(code): code for code in codes}
    foreign: dict[str, set[str]] = {}
    for language in LANGUAGES:
        for code, label in labels[language].items():
            foreign.setdefault(fold(label), set()).add(code)
    return {word: min(meant) for word, meant in foreign.items() if len(meant) == 1} | words


def _broken(path: Path, line: int, what: str) -> SchemaError:
    return SchemaError(f"{path.name}, Zeile {line}: {what}. Bitte die Datei berichtigen.")
