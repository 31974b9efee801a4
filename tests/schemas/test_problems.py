"""Every problem is one sentence for the person who can mend it, and no value breaks it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.problems import (
    COLUMNS,
    PLACEHOLDER,
    PLACEHOLDERS,
    Problem,
    SchemaError,
    problem_codes,
    problem_kinds,
    read_problem_kinds,
    visible,
)
from schemas.vocabulary import load

HEAD = ",".join(COLUMNS) + "\n"


def test_every_code_speaks_german_and_english() -> None:
    """Both sentences are whole ones: capital letter, full stop, nothing left of the placeholders."""
    for code in problem_codes():
        for language in ("de", "en"):
            for problem in (Problem(code), Problem(code, "Zeile 17", "end_date", "31.02.2027", "mehr dazu")):
                said = problem.message(language)
                assert said[0].isupper() or said[0] in "‚“", (code, said)
                assert said.endswith("."), (code, said)
                assert not set(said) & set("[]{}|"), (code, said)
                assert "  " not in said and " ." not in said and " ," not in said, (code, said)


def test_both_sentences_of_a_code_use_the_same_placeholders() -> None:
    """Who reads English learns as much as who reads German; no placeholder is unknown."""
    for code, kind in problem_kinds().items():
        german, english = (
            {name for piece in kind.sentences[own] for _, needs in piece for name in needs} for own in ("de", "en")
        )
        assert german == english <= PLACEHOLDERS, code


def test_partners_and_operators_are_told_what_to_do() -> None:
    """A problem somebody owns ends in a request, one that nobody owns does not."""
    for code, kind in problem_kinds().items():
        asks = "Bitte" in Problem(code).message()
        assert asks == (kind.owner != "nobody"), code


def test_the_sentence_names_place_field_and_value() -> None:
    """The example of the house: line, value, what is wrong, what to write."""
    problem = Problem("bad_date", locator="Zeile 17", field="end_date", value="31.02.2027")
    assert problem.message() == "Zeile 17: ‚31.02.2027‘ im Feld ‚Ende‘ ist kein Datum. Bitte TT.MM.JJJJ schreiben."
    assert problem.message("en") == "Zeile 17: “31.02.2027” in the field “end_date” is not a date. Please write DD.MM.YYYY."


def test_what_is_not_known_is_left_out() -> None:
    """Without place, field and value the sentence is still one."""
    assert Problem("bad_date").message() == "Ein Wert ist kein Datum. Bitte TT.MM.JJJJ schreiben."
    assert Problem("bad_date").message("ar") == Problem("bad_date").message("de")


def test_strangers_do_not_read_the_value() -> None:
    """The public file says what is wrong and where, never the partner's words; a note may quote them and stays out too."""
    problem = Problem("schema", "Zeile 3", "contact_email", "mia@web.example", note="‚mia@web.example‘ ist keine Adresse")
    assert "mia" not in problem.message(show_value=False)
    assert "mia" not in problem.message("en", show_value=False)
    assert "Zeile 3" in problem.message(show_value=False)


def test_a_guessed_encoding_is_named_only_where_its_value_is_told() -> None:
    """Without its value the sentence is neutral: a file read as Mac Roman was not read as Windows-1252."""
    problem = Problem("encoding_guess", value="Mac Roman")
    start = "Die Zeichenkodierung der Datei ist nicht eindeutig"
    assert problem.message() == f"{start} und wurde als Mac Roman gelesen. Bitte als UTF-8 speichern."
    assert problem.message(show_value=False) == f"{start}. Bitte als UTF-8 speichern."
    assert problem.message("en", show_value=False) == "The character encoding of the file is unclear. Please save it as UTF-8."


def test_owner_and_severity_come_from_the_list_unless_overruled() -> None:
    """The code decides who mends it; a caller may know better what became of the record."""
    assert (Problem("bad_date").owner, Problem("bad_date").severity_or_default) == ("partner", "remark")
    assert Problem("bad_date", severity="rejected").severity_or_default == "rejected"
    assert Problem("timeout").owner == "nobody"
    assert Problem("unexpected").owner == "operator"


def test_unknown_codes_and_severities_are_mistakes_of_ours() -> None:
    """A misspelt code shows at once, where it is written."""
    with pytest.raises(ValueError, match="odd_date"):
        Problem("odd_date")
    with pytest.raises(ValueError, match="severity"):
        Problem("bad_date", severity="fatal")


def test_owners_and_severities_are_those_of_the_vocabularies() -> None:
    """Pages label them, so the lists must agree."""
    assert {kind.owner for kind in problem_kinds().values()} <= set(load("problem_owners"))
    assert {kind.severity for kind in problem_kinds().values()} <= set(load("problem_severities"))


def test_a_long_value_is_cut_and_a_hidden_sign_is_shown() -> None:
    """A sentence stays one line, whatever a partner wrote."""
    assert len(visible("x" * 500)) == 80
    assert visible("a\nb\x00\u202ec") == "a\\nb\\x00\\u202ec"
    assert visible(None) == ""


@given(st.sampled_from(problem_codes()), st.text(), st.text(), st.text(), st.text(), st.sampled_from(["de", "en", "uk", ""]))
def test_no_words_of_a_partner_break_a_sentence(
    code: str, locator: str, field: str, value: str, note: str, language: str
) -> None:
    """For all texts: one printable line, and placeholders in the partner's own words stay his words."""
    said = Problem(code, locator, field, value, note).message(language)
    assert said.isprintable()


def test_placeholders_in_a_value_are_only_text() -> None:
    """A partner who writes {locator} or [x|y] reads exactly that."""
    said = Problem("bad_date", "Zeile 1", None, "{locator} [a|{note}]", note="geheim").message()
    assert said == "Zeile 1: ‚{locator} [a|{note}]‘ ist kein Datum. Bitte TT.MM.JJJJ schreiben."
    assert PLACEHOLDER.search(said)


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("code,owner\n", 1, "Die Spalten müssen"),
        (HEAD + "odd,partner,remark,Seltsam.\n", 2, "fünf ausgefüllte Spalten"),
        (HEAD + "odd,partner,remark,Seltsam.,\n", 2, "fünf ausgefüllte Spalten"),
        (HEAD + "odd,wir,remark,Seltsam.,Odd.\n", 2, "keine Zuständigkeit"),
        (HEAD + "odd,partner,fatal,Seltsam.,Odd.\n", 2, "keine Folge"),
        (HEAD + "odd,partner,remark,Seltsam[ {was}].,Odd.\n", 2, "{was} gibt es nicht"),
        (HEAD + "odd,partner,remark,Seltsam {value}.,Odd.\n", 2, "eckigen Klammern"),
        (HEAD + "odd,partner,remark,Seltsam[ {Value}].,Odd.\n", 2, "eckigen Klammern"),
        (HEAD + "odd,partner,remark,Seltsam.,Odd.\n" * 2, 3, "zweimal"),
    ],
)
def test_a_broken_list_is_one_german_sentence(tmp_path: Path, content: str, line: int, says: str) -> None:
    """File and line are named, and what is wrong there."""
    path = tmp_path / "problems.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        read_problem_kinds(path)
    assert str(caught.value).startswith(f"problems.csv, Zeile {line}: ")
    assert says in str(caught.value)
