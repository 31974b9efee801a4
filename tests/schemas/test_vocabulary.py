"""Every code speaks nine languages, and a word in any of them finds its code."""

from pathlib import Path

import pytest

from schemas.problems import SchemaError
from schemas.vocabulary import (
    COLUMNS,
    LANGUAGES,
    LICENCE_BASE,
    Vocabulary,
    all_vocabularies,
    fold,
    licences,
    load,
    read_vocabulary,
)

ALL = all_vocabularies()
HEAD = ",".join(COLUMNS) + "\n"
ROW = "course," + ",".join(f"Kurs {language}" for language in LANGUAGES) + ",Man lernt etwas.\n"


@pytest.mark.parametrize("vocabulary", ALL, ids=lambda vocabulary: vocabulary.name)
def test_every_code_has_a_label_in_nine_languages(vocabulary: Vocabulary) -> None:
    """No page ever falls back to a foreign word because of us."""
    for language in LANGUAGES:
        assert set(vocabulary.labels[language]) == set(vocabulary.codes)
    assert all(vocabulary.definition(code).endswith(".") for code in vocabulary)


@pytest.mark.parametrize("vocabulary", ALL, ids=lambda vocabulary: vocabulary.name)
def test_every_label_finds_its_code(vocabulary: Vocabulary) -> None:
    """In all nine languages, in capitals and with odd blanks: no two codes share a word."""
    for language in LANGUAGES:
        for code in vocabulary:
            assert code == vocabulary.find(f"  {vocabulary.label(code, language).upper()} "), (language, code)


def test_labels_use_the_script_of_their_language() -> None:
    """A label that got into the wrong column shows by its letters: Arabic, Cyrillic and Latin stay apart."""
    names = {"komm_an", "esf", "cc-zero", "cc-by/4.0", "cc-by-de/3.0", "odby", "odcpddl"}  # proper names may stay as they are
    scripts = {"ar": ("\u0600", "\u06ff"), "uk": ("\u0400", "\u04ff"), "bg": ("\u0400", "\u04ff"), "ru": ("\u0400", "\u04ff")}
    for vocabulary in ALL:
        for code in vocabulary:
            for language in LANGUAGES:
                label = vocabulary.label(code, language)
                first, last = scripts.get(language, ("a", "z"))
                foreign = ("\u0400", "\u04ff") if language == "ar" else ("\u0600", "\u06ff")
                assert code in names or any(first <= sign <= last for sign in label.lower()), (vocabulary.name, language, code)
                assert not any(foreign[0] <= sign <= foreign[1] for sign in label), (vocabulary.name, language, code)
                if language not in scripts:
                    assert not any("\u0400" <= sign <= "\u06ff" for sign in label), (vocabulary.name, language, code)


def test_ukrainian_russian_and_bulgarian_are_not_mixed_up() -> None:
    """Letters that only one of the three languages has never stand in a column of another."""
    only = {"uk": "іїєґ", "ru": "ыэё", "bg": ""}
    for vocabulary in ALL:
        for language in only:
            foreign = "".join(signs for other, signs in only.items() if other != language)
            for code in vocabulary:
                assert not set(vocabulary.label(code, language).lower()) & set(foreign), (vocabulary.name, language, code)


def test_the_programmes_of_the_education_conference_are_there() -> None:
    """What the city's education conference works on can be said with our codes."""
    assert {"aufholen_corona", "willkommenskurs", "ukraine", "seu_programm", "quartier", "vorbilder"} <= set(load("programmes"))
    assert {"no_school_place", "newly_arrived", "ukraine", "seu", "multipliers", "volunteers"} <= set(load("target_groups"))
    assert "toleration" in load("residence_status")
    assert load("residence_status").label("toleration") == "Duldung"


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("Sprachkurs", "language_course"),
        ("SPRACHKURS", "language_course"),
        ("language_course", "language_course"),
        ("мовний курс", "language_course"),
        ("Patenschaft / Mentoring", "mentoring"),
        ("Lern und Hausaufgabenhilfe", "tutoring"),
        ("Kurse", None),
        ("", None),
        ("–", None),
    ],
)
def test_a_word_finds_its_code_or_none(word: str, code: str | None) -> None:
    """Case, punctuation and language do not matter; a word that is not in the list is not guessed at."""
    assert code == load("offer_types").find(word)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Frühe Bildung", "FRUEHE  BILDUNG"),
        ("Straße", "STRASSE"),
        ("Multiplikator*innen", "Multiplikator:innen"),
        ("Română", "romana"),
        ("Fru\u0308he", "Frühe"),
        ("Zugewanderte aus Südosteuropa", "zugewanderte\u00a0aus Suedosteuropa"),
    ],
)
def test_spellings_of_one_word_meet(one: str, other: str) -> None:
    """Umlauts or ae, ß or ss, gender signs, accents, composed or not, any blanks."""
    assert fold(one) == fold(other)


def test_folding_keeps_different_words_apart() -> None:
    """Folding is not guessing: an umlaut is not its bare letter, a code is not its neighbour."""
    assert fold("schon") != fold("schön")
    assert fold("B1") != fold("B2")


def test_a_label_falls_back_to_german_and_then_to_the_code() -> None:
    """A page always shows something: the region of a language tag does not matter, a missing language reads German."""
    types = load("offer_types")
    assert types.label("course", "ar") == types.label("course", "ar-SY") == "دورة"
    assert types.label("course", "fa") == "Kurs"
    assert types.label("unheard_of", "de") == "unheard_of"


def test_a_foreign_word_with_two_meanings_means_nothing(tmp_path: Path) -> None:
    """Where two languages use one word for two codes, German decides, else nobody does."""
    path = tmp_path / "kinds.csv"
    path.write_text(
        HEAD
        + "a,Eins,Same,a,a,a,a,a,a,a,Erstes.\n"
        + "b,Zwei,b,Same,b,b,b,b,b,b,Zweites.\n"
        + "c,Drei,Eins,c,c,c,c,c,c,c,Drittes.\n",
        encoding="utf-8",
    )
    kinds = read_vocabulary(path)
    assert kinds.find("same") is None
    assert kinds.find("eins") == "a"


def test_a_licence_has_its_address() -> None:
    """Source files write the short name, rows carry the address of DCAT-AP.de."""
    licence = licences()["dl-by-de/2.0"]
    assert licence.uri == LICENCE_BASE + "dl-by-de/2.0" == "http://dcat-ap.de/def/licenses/dl-by-de/2.0"
    assert licence.url == "https://www.govdata.de/dl-de/by-2-0"


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("", 1, "Die Spalten müssen"),
        ("code,label\n", 1, "Die Spalten müssen"),
        (HEAD, 2, "leer"),
        (HEAD + ROW + "course,zu,kurz\n", 3, "3 statt 11 Spalten"),
        (HEAD + ROW + ROW, 3, "zweimal"),
        (HEAD + ROW.replace("Kurs ar", " "), 2, "label_ar ist leer"),
        (HEAD + ROW.replace("course", "zwei Wörter"), 2, "kein Code"),
        (HEAD + ROW + ROW.replace("course", "other"), 3, "steht in label_de zweimal"),
        (HEAD + '"course,\n', 2, "kein gültiges CSV"),
    ],
)
def test_a_broken_list_is_one_german_sentence(tmp_path: Path, content: str, line: int, says: str) -> None:
    """File and line are named, and what is wrong there."""
    path = tmp_path / "kinds.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SchemaError, match=rf"^kinds\.csv, Zeile {line}: .*{says}.*Bitte"):
        read_vocabulary(path)


def test_an_unknown_list_is_one_german_sentence() -> None:
    """The names that exist are listed; a path is not a name."""
    with pytest.raises(SchemaError, match=r"‚\.\./problems‘ gibt es nicht\. Bekannt sind: accessibility"):
        load("../problems")
