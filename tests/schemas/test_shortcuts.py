"""Shortcuts answer as the converters they spare, whatever comes in."""

from zoneinfo import ZoneInfo

import phonenumbers
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import shortcuts
from schemas.converters import contact, markup
from schemas.converters.answer import Setting

SETTING = Setting(zone=ZoneInfo("Europe/Berlin"))
AREAS = st.sampled_from(
    ["203", "30", "89", "800", "180", "900", "700", "32", "15", "151", "176", "177", "49", "4931", "116", "137", "64"]
)
DIGITS = st.text("0123456789", min_size=1, max_size=11)
FORMS = st.sampled_from(
    ["0{} {}", "0{}/{}", "+49 {} {}", "(0{}) {}", "(0{}){}", "0{}-{}", "+49{} {}", "0{}{}", "{} {}", "0{} / {}"]
)
PIECES = st.sampled_from([
    "<p>", "</p>", "<br>", "<br/>", "<br />", "<P>", "<b>", "</b>", "<p >", "</br>", "<!", "Ein Kurs.", "für alle",
    " ", "\n", "\t", "-", "- ", "–", "&", "&amp;", "k.A.", "\u00a0", "\u00ad", "\u200b", "\x00", "\u2028", "1 > 2",
    "e\u0301", "مرحبا",
])  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(FORMS, AREAS, DIGITS)
def test_a_number_written_plainly_is_the_number_its_converter_reads(form: str, area: str, rest: str) -> None:
    """The same number, and the same doubt."""
    text = form.format(area, rest)
    assert contact.to_phone(None, SETTING)(text) == shortcuts.to_phone(None, SETTING)(text)


@settings(max_examples=500, deadline=None)
@given(AREAS, DIGITS)
def test_a_german_number_is_valid_where_phonenumbers_says_so(area: str, rest: str) -> None:
    """The pattern knows neither more numbers nor fewer."""
    number = phonenumbers.PhoneNumber(country_code=49, national_number=int(area + rest))
    assert phonenumbers.is_valid_number(number) == bool(shortcuts.german_numbers().fullmatch(area + rest))


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=9), st.booleans())
def test_paragraphs_alone_become_the_text_their_parser_gives(pieces: list[str], wrapped: bool) -> None:
    """The same lines, and nothing where nothing is left."""
    html = "".join(pieces)
    html = f"<p>{html}</p><p>Freitags</p>" if wrapped else html
    assert markup.to_html_text(None, SETTING)(html) == shortcuts.to_html_text(None, SETTING)(html)
